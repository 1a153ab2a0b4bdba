//! What can be asked of a density whose potential is known at labels between steps.

use super::begun::Begun;
use super::flow::{CollocationFlow, SPEC};
use crate::domain::Domain;
use crate::error::{Error, Result};
use crate::field::Network;
use crate::flow::transport::Measure;
use crate::flow::{Context, FieldSpec, Flow, FlowSpec, Lagrangian, Masses, Queries, State};
use crate::quadrature::Nodes;

impl Queries for CollocationFlow {
    fn spec(&self) -> &'static FlowSpec {
        &SPEC
    }

    fn domain(&self) -> &Domain {
        &self.domain
    }

    fn network(&self) -> &Network {
        &self.network
    }

    fn parameters(&self) -> usize {
        self.begun.as_ref().map_or(0, Begun::size)
    }

    fn evaluate(
        &self,
        cx: &Context,
        parameters: &[f64],
        x: &[f64],
        u: &mut [f64],
        grad: Option<&mut [f64]>,
    ) -> Result<()> {
        let begun = self.begun()?;
        begun.evaluate((&cx.pool, cx.time), &begun.cloud(parameters)?, x, u, grad)
    }

    fn rate_of_change(&self, cx: &Context, parameters: &[f64], x: &[f64]) -> Result<Vec<f64>> {
        let begun = self.begun()?;
        begun.rate((&cx.pool, cx.time), &begun.cloud(parameters)?, x)
    }

    fn fields(&self) -> &'static [FieldSpec] {
        FieldSpec::OF_DENSITY
    }

    fn energy_densities(
        &self,
        cx: &Context,
        parameters: &[f64],
        (x, rho, _): (&[f64], &[f64], &[f64]),
    ) -> Result<Vec<Vec<f64>>> {
        let observed = self.observe(cx, parameters)?;
        let whole = Measure {
            d: self.domain.dimension(),
            t: cx.time,
            y: &observed.u,
            w: &observed.p,
            rho: &observed.rho,
        };
        self.terms.densities(&cx.pool, &whole, (x, rho, &[]))
    }

    fn masses(&self, cx: &Context, parameters: &[f64]) -> Result<Option<Masses>> {
        let begun = self.begun()?;
        let at = (&*cx.pool, cx.time);
        let Nodes { x, w, rho, .. } = begun.sample(at, &begun.cloud(parameters)?)?;
        Ok(Some(Masses { x, w, rho }))
    }

    fn lagrangian(&self) -> Result<&dyn Lagrangian> {
        Err(Error::state(
            "option `transport` is collocation, or the library's choice of it, which keeps no transport map \
             between labels; accepted is map",
        ))
    }

    fn sample(&self, cx: &Context, state: &State) -> Result<Nodes> {
        let begun = self.begun()?;
        begun.sample((&cx.pool, cx.time), &begun.cloud(&state.parameters)?)
    }
}
