//! What can be asked of a density that a map carries between steps.

use super::flow::{SPEC, TransportFlow};
use crate::domain::Domain;
use crate::error::Result;
use crate::field::Network;
use crate::flow::{Context, FieldSpec, FlowSpec, Lagrangian, Masses, Queries};

static FIELDS: [FieldSpec; 6] = [
    FieldSpec::DENSITY,
    FieldSpec::VALUE,
    FieldSpec::GRADIENT,
    FieldSpec::VELOCITY,
    FieldSpec::ENERGY_DENSITY,
    FieldSpec::ENERGY_DENSITIES,
];

impl Queries for TransportFlow {
    fn spec(&self) -> &'static FlowSpec {
        &SPEC
    }

    fn domain(&self) -> &Domain {
        &self.domain
    }

    fn network(&self) -> &Network {
        self.functional.map().network()
    }

    fn evaluate(
        &self,
        cx: &Context,
        parameters: &[f64],
        x: &[f64],
        u: &mut [f64],
        grad: Option<&mut [f64]>,
    ) -> Result<()> {
        self.density(cx, parameters, x, u, grad)
    }

    fn rate_of_change(&self, cx: &Context, parameters: &[f64], x: &[f64]) -> Result<Vec<f64>> {
        self.rate_at(cx, parameters, x)
    }

    fn fields(&self) -> &'static [FieldSpec] {
        &FIELDS
    }

    fn is_known_everywhere(&self) -> bool {
        self.labels.as_ref().is_none_or(|labels| {
            let profile = &labels.profile;
            !profile.origin().unwrap_or(&**profile).is_fixed()
        })
    }

    fn energy_densities(
        &self,
        cx: &Context,
        parameters: &[f64],
        points: (&[f64], &[f64], &[f64]),
    ) -> Result<Vec<Vec<f64>>> {
        let all = &self.labels()?.independent;
        let whole = self.functional.observe(&cx.pool, all, parameters)?;
        self.functional.densities_at(cx, (all, &whole), points)
    }

    fn masses(&self, cx: &Context, parameters: &[f64]) -> Result<Option<Masses>> {
        let all = &self.labels()?.independent;
        let observed = self.functional.observe(&cx.pool, all, parameters)?;
        Ok(Some(Masses {
            x: observed.u,
            w: all.w.clone(),
            rho: observed.rho,
        }))
    }

    fn lagrangian(&self) -> Result<&dyn Lagrangian> {
        Ok(self)
    }
}
