//! What can be asked of a density that a potential drives between steps.

use super::begun::Begun;
use super::flow::DualFlow;
use crate::domain::Domain;
use crate::error::{Error, Result};
use crate::field::Network;
use crate::flow::observed::masses;
use crate::flow::transport::Measure;
use crate::flow::{Context, FieldSpec, Flow, FlowSpec, Lagrangian, Masses, Queries, State};
use crate::quadrature::{Nodes, Quadrature, Stream, generator};

/// Points by which quantiles are found.
const SAMPLE: usize = 1 << 14;

impl Queries for DualFlow {
    fn spec(&self) -> &'static FlowSpec {
        self.named.spec
    }

    fn domain(&self) -> &Domain {
        &self.domain
    }

    fn network(&self) -> &Network {
        self.begun
            .as_ref()
            .map_or(&self.network, |begun| &begun.site.network)
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
        let Begun { dual, site, .. } = begun;
        let state = begun.potential(parameters);
        let found = site.evaluate((&cx.pool, cx.time), dual, &state, x, grad.is_some())?;
        u.copy_from_slice(&found.rho);
        if let Some(grad) = grad {
            grad.copy_from_slice(&found.slope);
        }
        Ok(())
    }

    fn rate_of_change(&self, cx: &Context, parameters: &[f64], x: &[f64]) -> Result<Vec<f64>> {
        self.rate_at(cx, parameters, x)
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
        let begun = self.begun()?;
        let site = &begun.site;
        let state = begun.potential(parameters);
        let w = masses(&site.nodes, &state.rho);
        let whole = Measure {
            d: site.dimension(),
            t: cx.time,
            y: &site.nodes.x,
            w: &w,
            rho: &state.rho,
        };
        self.terms.densities(&cx.pool, &whole, (x, rho, &[]))
    }

    fn masses(&self, cx: &Context, parameters: &[f64]) -> Result<Option<Masses>> {
        let Begun { site, .. } = self.begun()?;
        let rho = self.observe(cx, parameters)?.u;
        let rho: Vec<f64> = rho.into_iter().map(|r| r.max(f64::MIN_POSITIVE)).collect();
        Ok(Some(Masses {
            x: site.check.x.clone(),
            w: masses(&site.check, &rho),
            rho,
        }))
    }

    fn lagrangian(&self) -> Result<&dyn Lagrangian> {
        Err(Error::state(
            "option `transport` is dual, or the library's choice of it, which keeps no transport map of \
             labels; accepted is map",
        ))
    }

    fn sample(&self, cx: &Context, state: &State) -> Result<Nodes> {
        let begun = self.begun()?;
        let Begun { dual, site, .. } = begun;
        let d = site.dimension();
        let rule = match d {
            1 => Quadrature::Gauss {
                per_axis: SAMPLE / 8,
            },
            _ => Quadrature::sobol(SAMPLE, d)?,
        };
        let mut nodes = rule.nodes(&site.region, &mut generator(cx.seed(), Stream::Check, 0, 0))?;
        let potential = begun.potential(&state.parameters);
        let found = site.evaluate((&cx.pool, cx.time), dual, &potential, &nodes.x, false)?;
        nodes
            .w
            .iter_mut()
            .zip(&found.rho)
            .for_each(|(w, r)| *w *= r);
        let mass: f64 = nodes.w.iter().sum();
        nodes.w.iter_mut().for_each(|w| *w /= mass);
        nodes.rho = found.rho;
        Ok(nodes)
    }
}
