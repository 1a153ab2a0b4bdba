//! The mobility of a field: its metric `<v, w> = int v w / M(t, x, u)`, frozen for a step.

use super::{L2, L2Flow};
use crate::energy::Mobility;
use crate::error::{Error, Result};
use crate::flow::{Context, Frozen};
use crate::quadrature::Nodes;

/// The highest order of a movement scheme that a metric which is frozen in the middle of a step keeps.
const MOST_ORDER: u32 = 2;

impl L2 {
    /// The mobility, if there is one.
    #[must_use]
    pub const fn mobility(&self) -> Option<&Mobility> {
        self.mobility.as_ref()
    }

    /// `1 / M` at nodes where the field is that of a state at a time, 1 at those on the boundary; `None` without a
    /// mobility. Collective.
    ///
    /// # Errors
    /// Errors of the mobility.
    pub(in crate::flow) fn weights(
        &self,
        cx: &Context,
        nodes: &Nodes,
        of: &Frozen<'_>,
    ) -> Result<Option<Vec<f64>>> {
        let Some(mobility) = &self.mobility else {
            return Ok(None);
        };
        let n = nodes.inside();
        let d = self.network().dimension();
        let x = &nodes.x[..n * d];
        let own = || {
            let u = match mobility.depends().value {
                true => self.values(&cx.pool, x, of.parameters)?,
                false => vec![0.0; n],
            };
            let mut weights = mobility.at(of.time, x, &u)?;
            weights.iter_mut().for_each(|m| *m = m.recip());
            weights.resize(nodes.len(), 1.0);
            Ok(weights)
        };
        cx.ranks().settle(own()).map(Some)
    }
}

impl L2 {
    /// `1 / M` at points x (`[n][d]`) where the field is u (`[n]`).
    ///
    /// # Errors
    /// Errors of the mobility.
    pub(super) fn weights_in_state(
        &self,
        time: f64,
        x: &[f64],
        u: &[f64],
    ) -> Result<Option<Vec<f64>>> {
        let at = self.mobility.as_ref().map(|it| it.at(time, x, u));
        let inverse = |m: Vec<f64>| m.into_iter().map(f64::recip).collect();
        at.transpose().map(|m| m.map(inverse))
    }
}

impl L2Flow {
    /// Sets the mobility. Collective.
    pub(super) fn take_mobility(&mut self, cx: &Context, mobility: Mobility) -> Result<()> {
        let (depends, movement) = (mobility.depends(), cx.movement());
        if !depends.is_of_position() && movement.order > MOST_ORDER {
            return Err(Error::option(format!(
                "option `movement` is {}; with a mobility that depends on u or t accepted are euler and second: \
                 it is frozen for each step, which leaves an error of the second order",
                movement.name
            )));
        }
        let mut functional = self.functional.clone();
        functional.mobility = Some(mobility);
        if depends.is_of_position() {
            let parameters = &[];
            let at = Frozen {
                time: 0.0,
                parameters,
            };
            functional.weights(cx, &self.check, &at)?;
        }
        self.functional = functional;
        Ok(())
    }
}
