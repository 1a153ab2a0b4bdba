//! Another network or other nodes for the field as it is.

use super::L2Flow;
use super::capacity::Capacity;
use super::nodes::Integration;
use crate::error::{Error, ErrorKind, Result};
use crate::flow::rules::Region;
use crate::flow::{Context, Flow, Queries, State};
use crate::initial::Initial;
use crate::minimize::Watch;

impl L2Flow {
    /// See [`Flow::resized`].
    pub(super) fn of_other_size(
        &self,
        cx: &Context,
        before: &Context,
        state: Option<&mut State>,
        watch: &mut Watch<'_>,
    ) -> Result<Self> {
        let (asked, had) = (&cx.settings, &before.settings);
        if self.given.nodes && asked.discretization.nodes != had.discretization.nodes {
            return Err(Error::option(
                "option `nodes` has no use for nodes of the host; accepted is that they are set anew",
            ));
        }
        let other_network = asked.network.hidden != had.network.hidden;
        let capacity = match other_network {
            true => Capacity::new(asked, &self.domain, None)?,
            false => Capacity {
                network: self.network().clone(),
                outputs_only: self.functional.outputs_only(),
                lattice: self.lattice.clone(),
                waves: self.waves.clone(),
            },
        };
        let mut flow = self.clone();
        if matches!(
            self.region(),
            Region::OfOptions | Region::Sided | Region::Sealed
        ) {
            let energies = self.functional.on_boundary();
            let rule = Integration::new(
                asked,
                &self.domain,
                (&capacity, self.non_local.as_deref()),
                energies,
            )?;
            let all = self.region() == Region::Sealed;
            flow.form = self.form_on(asked, &rule.quadrature, all);
        }
        cx.ranks().settle(flow.take(cx, capacity))?;
        let Some(state) = state else {
            return Ok(flow);
        };
        if !other_network {
            let parameters = flow
                .functional
                .at_other_bounds(&self.functional, &state.parameters);
            state.reparametrize(parameters, flow.minimizer.clone());
            state.refinements = 0;
            return Ok(flow);
        }
        let present = state.parameters.clone();
        let mut field = |x: &[f64], u: &mut [f64], grad: Option<&mut [f64]>| {
            self.evaluate(before, &present, x, u, grad)
        };
        let present = Initial::Function {
            field: &mut field,
            has_gradient: true,
        };
        let fitted = flow.fit(cx, present, state.time, watch)?;
        let (error, accept) = (fitted.fit.relative_error, cx.settings.fit.fit_accept);
        if error > accept {
            return Err(Error::new(
                ErrorKind::NotConverged,
                format!(
                    "the network of option `hidden` comes as near as {error:.1e} to the present field; option \
                     `fit_accept` is {accept:e}: use a wider `hidden` or a larger `fit_max_iterations`"
                ),
            ));
        }
        state.reparametrize(fitted.parameters, fitted.minimizer);
        state.fit = fitted.fit;
        state.refinements = 0;
        Ok(flow)
    }
}
