//! Second derivatives of a field and its rate of change, at any point.

use super::{L2, L2Flow};
use crate::error::Result;
use crate::field::{AtNodes, Field, Jets};
use crate::flow::{Centre, Context};
use crate::objective::{Equation, residual_at};
use crate::parallel::Pool;
use crate::quadrature::Nodes;

/// `Hess u` at points x (`[n][d]`), `[n][c][d][d]`.
pub(super) fn second(
    pool: &Pool,
    field: &Field,
    parameters: &[f64],
    x: &[f64],
) -> Result<Vec<f64>> {
    let d = field.dimension();
    let n = x.len() / d;
    let mut all = vec![0.0; n * field.components() * d * d];
    let at = AtNodes::new(field, pool, x);
    for i in 0..d {
        for j in 0..=i {
            // A : Hess u with a symmetric A that picks one entry.
            let mut a = vec![0.0; n * d * d];
            for a in a.chunks_exact_mut(d * d) {
                a[i * d + j] += 0.5;
                a[j * d + i] += 0.5;
            }
            let mut jets = Jets::default();
            at.curved_jets(parameters, &a, &mut jets)?;
            for (all, curved) in all.chunks_exact_mut(d * d).zip(&jets.curved) {
                all[i * d + j] = *curved;
                all[j * d + i] = *curved;
            }
        }
    }
    Ok(all)
}

impl L2Flow {
    /// `du/dt = -grad F(u)` in the metric of the flow, `[n][c]`, in strong form.
    pub(super) fn rate_at(&self, cx: &Context, parameters: &[f64], x: &[f64]) -> Result<Vec<f64>> {
        let (functional, pool): (&L2, &Pool) = (&self.functional, &cx.pool);
        let (field, parameters) = functional.in_state(parameters);
        let (c, n) = (functional.components(), x.len() / self.domain.dimension());
        let nodes = Nodes {
            x: x.to_vec(),
            w: vec![1.0; n],
            ..Nodes::default()
        };
        let mut jets = Jets {
            value: vec![0.0; n * c],
            slope: vec![0.0; x.len() * c],
            curved: Vec::new(),
        };
        field.evaluate(pool, parameters, x, &mut jets.value, Some(&mut jets.slope));
        // With u itself as the centre the movement adds nothing.
        let centre = Centre {
            values: jets.value.clone(),
            strength: 1.0,
        };
        let stage = functional.integrand(cx.time, nodes.view(), &[], &centre, 0..n)?;
        let at = AtNodes::new(&*field, pool, x);
        let r = residual_at(&stage, &at, x, parameters, &jets)?;
        let r = r.iter().enumerate();
        Ok(r.map(|(entry, r)| -r / stage.weight(entry / c)).collect())
    }
}
