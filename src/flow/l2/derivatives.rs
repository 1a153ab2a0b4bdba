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

/// The rate of change of a field that is not held.
pub(super) struct FreeRate {
    /// `[n]`
    pub rate: Vec<f64>,
    /// The weights m of the metric, `[n]`.
    pub weights: Vec<f64>,
    /// The field, `[n]`.
    pub u: Vec<f64>,
}

impl L2Flow {
    /// `du/dt = -grad F(u)` in the metric of the flow, `[n][c]`, in strong form, of a field that is held what is left
    /// of it.
    pub(super) fn rate_at(&self, cx: &Context, state: &[f64], x: &[f64]) -> Result<Vec<f64>> {
        self.check_without_hessian("rates du/dt, which have fourth derivatives of u then,")?;
        let mut free = self.free_rate(cx, state, x)?;
        self.hold_rate(cx, state, x, &mut free)?;
        Ok(free.rate)
    }

    /// The same as if it were not held.
    pub(super) fn free_rate(&self, cx: &Context, state: &[f64], x: &[f64]) -> Result<FreeRate> {
        let (functional, pool): (&L2, &Pool) = (&self.functional, &cx.pool);
        let (field, parameters) = functional.in_state(state);
        let (c, n) = (functional.components(), x.len() / self.domain.dimension());
        let nodes = Nodes {
            x: x.to_vec(),
            w: vec![1.0; n],
            ..Nodes::default()
        };
        let mut jets = Jets {
            value: vec![0.0; n * c],
            slope: vec![0.0; x.len() * c],
            ..Jets::default()
        };
        field.evaluate(pool, parameters, x, &mut jets.value, Some(&mut jets.slope));
        // With u itself as the centre the movement adds nothing.
        let centre = Centre {
            values: jets.value.clone(),
            strength: 1.0,
            weights: functional.weights_in_state(cx.time, x, &jets.value)?,
        };
        let stage = functional.integrand(cx.time, nodes.view(), &[], &centre, 0..n)?;
        let at = AtNodes::new(&*field, pool, x);
        let r = residual_at(&stage, &at, x, parameters, &jets)?;
        let weights: Vec<f64> = (0..n).map(|node| stage.weight(node)).collect();
        let rate = r.iter().enumerate();
        let rate = rate.map(|(entry, r)| -r / weights[entry / c]).collect();
        Ok(FreeRate {
            rate,
            weights,
            u: centre.values,
        })
    }
}
