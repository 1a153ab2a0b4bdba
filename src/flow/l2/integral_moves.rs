//! Integrals of a field as objectives of a stage, and the moves by which those that are held have their values.

use super::integrals::{HeldIntegral, Integrals, augmented};
use super::{L2, L2Flow};
use crate::error::Result;
use crate::flow::{Context, Posed};
use crate::linear_algebra::{cholesky, dot, solve_lower, solve_upper};
use crate::minimize::Objective;
use crate::objective::{OfIntegral, OfOutputs, Pointwise, WithIntegrals, over_lanes};
use crate::quadrature::Nodes;
use faer::{Mat, MatMut};

/// Moves along the gradients of the integrals.
const MOVES: usize = 4;

/// The part of its size by which an integral that has its value is off.
const EXACT: f64 = 1e-14;

/// The part of its size by which an integral may be off for moves along its gradient.
const NEAR: f64 = 1e-3;

/// The sine of the angle between gradients below which one cannot be told from another.
const APART: f64 = 1e-6;

impl L2 {
    /// One of the integrals over nodes as an objective of the parameters that move, those before them as in a state.
    fn integral<'a>(
        &'a self,
        cx: &'a Context,
        nodes: &'a Nodes,
        state: &'a [f64],
        one: usize,
    ) -> Result<Box<dyn Objective + 'a>> {
        let (field, parameters) = self.in_state(state);
        let (frozen, view) = (self.frozen(), nodes.view());
        let moved = field.parameters() - frozen;
        over_lanes(&cx.pool, nodes.inside(), moved, |lane| {
            let integrand = Box::new(self.integrals.integrand(one, cx.time));
            let own = Pointwise::new(field.clone(), &cx.pool, view.part(lane), integrand);
            Ok(match frozen {
                0 => Box::new(own),
                _ => Box::new(OfOutputs::new(Box::new(own), parameters, frozen)),
            })
        })
    }
}

impl L2Flow {
    /// The objective of a stage with what holds integrals.
    pub(super) fn with_integrals<'a>(
        &'a self,
        posed: &Posed<'a>,
        objective: Box<dyn Objective + 'a>,
    ) -> Result<Box<dyn Objective + 'a>> {
        let functional = &self.functional;
        if functional.integrals.is_empty() {
            return Ok(objective);
        }
        let numbers = &posed.before[functional.places().integrals];
        let Integrals { held, energies, .. } = &*functional.integrals;
        let term = |(one, (numbers, held)): (usize, (&'a [f64], &'a HeldIntegral))| {
            Ok(OfIntegral {
                integral: functional.integral(posed.cx, &self.check, posed.before, one)?,
                phi: Box::new(move |integral| Ok(augmented(numbers, held.value, integral))),
            })
        };
        let terms = numbers.chunks_exact(2).zip(held).enumerate().map(term);
        let mut terms = terms.collect::<Result<Vec<_>>>()?;
        for (one, (_, phi)) in energies.iter().enumerate() {
            terms.push(OfIntegral {
                integral: functional.integral(
                    posed.cx,
                    &self.check,
                    posed.before,
                    held.len() + one,
                )?,
                phi: Box::new(|integral| phi.at(integral)),
            });
        }
        Ok(Box::new(WithIntegrals::new(objective, terms)))
    }

    /// Moves a state along the gradients of the integrals until they have their values; as it is if that leads
    /// nowhere. Collective.
    pub(super) fn meet_integrals(&self, cx: &Context, state: &mut [f64]) -> Result<()> {
        let held = &self.functional.integrals;
        let first = self.functional.on_walls() + self.functional.frozen();
        for _ in 0..MOVES {
            let u = self.functional.values(&cx.pool, &self.check.x, state)?;
            let measured = held.measure(cx, &self.check, &u)?;
            let worst = held
                .misses(&measured)
                .iter()
                .fold(0.0_f64, |most, m| most.max(m.abs()));
            if held.none_held() || worst <= EXACT || worst > NEAR {
                return Ok(());
            }
            let mut slopes = Vec::new();
            for one in 0..held.held.len() {
                let mut slope = vec![0.0; state.len() - first];
                let mut integral = self.functional.integral(cx, &self.check, state, one)?;
                integral.gradient(&state[first..], &mut slope)?;
                slopes.push(slope);
            }
            let off = measured.iter().zip(held.values());
            let off = off.map(|([integral, ..], value)| integral - value);
            let Some(parts) = solve(&slopes, &off.collect::<Vec<_>>()) else {
                return Ok(());
            };
            for (part, slope) in parts.iter().zip(&slopes) {
                let moved = state[first..].iter_mut().zip(slope);
                moved.for_each(|(p, s)| *p -= part * s);
            }
        }
        Ok(())
    }
}

/// The solution of `V V^T a = b`, of a few rows V; `None` if they hang together.
pub(super) fn solve(rows: &[Vec<f64>], b: &[f64]) -> Option<Vec<f64>> {
    let n = rows.len();
    let norms: Vec<f64> = rows.iter().map(|row| dot(row, row).sqrt()).collect();
    if norms.contains(&0.0) {
        return None;
    }
    let cosine = |i: usize, j: usize| dot(&rows[i], &rows[j]) / (norms[i] * norms[j]);
    let lower = cholesky(Mat::from_fn(n, n, cosine).as_ref())?;
    if (0..n).any(|k| lower[(k, k)].is_nan() || lower[(k, k)] < APART) {
        return None;
    }
    let mut a: Vec<f64> = b.iter().zip(&norms).map(|(b, norm)| b / norm).collect();
    let mut column = MatMut::from_column_major_slice_mut(&mut a, n, 1);
    solve_lower(lower.as_ref(), column.as_mut());
    solve_upper(lower.as_ref().transpose(), column);
    a.iter_mut().zip(&norms).for_each(|(a, norm)| *a /= norm);
    Some(a)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moves_along_rows_meet_what_is_asked_or_there_are_none() {
        let rows = [vec![1.0, 2.0, 0.0], vec![0.0, 30.0, 10.0]];
        let a = solve(&rows, &[3.0, -5.0]).unwrap();
        let moved: Vec<f64> = (0..3)
            .map(|k| a[0] * rows[0][k] + a[1] * rows[1][k])
            .collect();
        assert!((dot(&rows[0], &moved) - 3.0).abs() < 1e-12);
        assert!((dot(&rows[1], &moved) + 5.0).abs() < 1e-12);
        assert!(solve(&[rows[0].clone(), rows[0].clone()], &[1.0, 2.0]).is_none());
        assert!(solve(&[vec![0.0; 3]], &[1.0]).is_none());
    }
}
