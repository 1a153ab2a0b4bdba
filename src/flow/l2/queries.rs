//! What can be asked of a field between steps.

use super::{FIELDS, FIELDS_OF_COMPONENTS, L2Flow, SPEC, derivatives};
use crate::domain::Domain;
use crate::error::Result;
use crate::field::{JetsRef, Network};
use crate::flow::{Context, Eulerian, FieldSpec, FlowSpec, Queries};

impl Queries for L2Flow {
    fn spec(&self) -> &'static FlowSpec {
        self.non_local
            .as_ref()
            .map_or(&SPEC, |metric| metric.spec())
    }

    fn domain(&self) -> &Domain {
        &self.domain
    }

    fn network(&self) -> &Network {
        self.functional.network()
    }

    fn components(&self) -> usize {
        self.functional.components()
    }

    fn parameters(&self) -> usize {
        self.functional.on_walls() + self.network().parameters()
    }

    fn evaluate(
        &self,
        cx: &Context,
        parameters: &[f64],
        x: &[f64],
        u: &mut [f64],
        grad: Option<&mut [f64]>,
    ) -> Result<()> {
        let (field, parameters) = self.functional.in_state(parameters);
        field.evaluate(&cx.pool, parameters, x, u, grad);
        Ok(())
    }

    fn second_derivatives(&self, cx: &Context, parameters: &[f64], x: &[f64]) -> Result<Vec<f64>> {
        let (field, parameters) = self.functional.in_state(parameters);
        derivatives::second(&cx.pool, &field, parameters, x)
    }

    fn fields(&self) -> &'static [FieldSpec] {
        match self.components() {
            1 => &FIELDS,
            c => &FIELDS_OF_COMPONENTS[..FIELDS.len() + c],
        }
    }

    fn energy_densities(
        &self,
        cx: &Context,
        parameters: &[f64],
        (x, u, p): (&[f64], &[f64], &[f64]),
    ) -> Result<Vec<Vec<f64>>> {
        let h = match self.functional.uses_hessian() {
            true => self.second_derivatives(cx, parameters, x)?,
            false => Vec::new(),
        };
        let jets = JetsRef {
            value: u,
            slope: p,
            hessian: &h,
            ..JetsRef::default()
        };
        self.functional.densities_at(cx.time, (x, jets))
    }

    fn eulerian(&self, _why: &str) -> Result<&dyn Eulerian> {
        Ok(self)
    }
}
