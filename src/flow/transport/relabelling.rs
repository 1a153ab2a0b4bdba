//! New labels when a map has deformed too much: maps are composed, and no mass is lost.

use super::TransportFlow;
use super::flow::Relabelled;
use crate::error::Result;
use crate::flow::{Context, Flow, State};
use std::sync::Arc;

impl TransportFlow {
    /// Takes where the labels are for new labels once the map has deformed their surroundings by
    /// the factor of the option `relabel`, and goes on from the identity.
    pub(super) fn relabel(&mut self, cx: &Context, state: &mut State) -> Result<()> {
        let Some(most) = cx.settings.discretization.relabel else {
            return Ok(());
        };
        let now = match &state.observed {
            Some(observed) => Arc::clone(observed),
            None => Arc::new(self.observe(cx, &state.parameters)?),
        };
        let jacobians = self.check_nodes().rho.iter().zip(&now.rho);
        let jacobians = jacobians.map(|(before, now)| before / now);
        let (least, largest) = jacobians.fold((f64::INFINITY, 0.0_f64), |(least, largest), j| {
            (least.min(j), largest.max(j))
        });
        let mut extremes = [-least, largest];
        cx.ranks().max(Ok(()), &mut extremes)?;
        let (least, largest) = (-extremes[0], extremes[1]);
        if largest <= most * least {
            return Ok(());
        }
        log::info!(
            "relabelled at t = {:e}: J from {least:.1e} to {largest:.1e}",
            state.time
        );
        self.take_labels(cx, state)
    }

    /// Takes where the labels are for new labels.
    pub(super) fn take_labels(&mut self, cx: &Context, state: &mut State) -> Result<()> {
        let relabelled = Relabelled {
            map: self.functional.map().clone(),
            parameters: Arc::new(state.parameters.clone()),
            step: state.step,
        };
        let carried = self
            .pushed(cx, &state.parameters)
            .and_then(|pushed| self.carried(cx, pushed, &state.parameters));
        let carried = cx.ranks().settle(carried)?;
        let (parameters, minimizer) = self.commit(carried);
        state.rebase(parameters, minimizer);
        self.relabelled.push(relabelled);
        self.refine_check(cx, state)
    }
}
