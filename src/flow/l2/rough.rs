//! The fit of a rough u_0: what jumps or has kinks is projected, on nodes so many that its integrals are good.

use super::L2Flow;
use crate::domain::Domain;
use crate::error::Result;
use crate::flow::{Beginning, Context};
use crate::initial::{Field, Initial};
use crate::minimize::Watch;
use crate::quadrature::Quadrature;
use std::num::NonZeroUsize;
use std::sync::Arc;

/// Nodes of the fit for each that there is else, on a line, as for any lattice, and in the plane: where u_0 jumps
/// between nodes its integral is off by as much.
const FINER: [usize; 2] = [16, 4];

/// Points along each axis of a cell whose values are averaged for its midpoint: what is finer than nodes would be
/// taken for what is not.
const AVERAGED: usize = 8;

impl L2Flow {
    /// The fit of a rough u_0 on more nodes, by features that are local where F penalises gradients: those of one
    /// scale project it without ripples that reach far. `None` if features and nodes are no choice of the library's.
    pub(super) fn roughly(
        &self,
        cx: &Context,
        initial: &mut Initial<'_>,
        best: &Beginning,
        watch: &mut Watch<'_>,
    ) -> Result<Option<(Self, Beginning)>> {
        let few = self.given.nodes || matches!(initial, Initial::Values { .. });
        let local = self.lattice.is_none()
            && matches!(initial, Initial::Function { has_gradient, .. } if !*has_gradient)
            && self.functional.penalises_gradients();
        let lattice = match self.lattices().first() {
            Some(units) if local => self.on_lattice(cx, &best.parameters, *units, few)?,
            _ => None,
        };
        let mut rough = lattice.unwrap_or_else(|| self.clone());
        let Some((finer, cells)) = rough.finer(cx, initial)? else {
            return Ok(None);
        };
        let fitted = match (initial, cells) {
            (
                Initial::Function {
                    field,
                    has_gradient: false,
                },
                Some(per_axis),
            ) => {
                let mut averaged = |x: &[f64], u: &mut [f64], _: Option<&mut [f64]>| {
                    average((&self.domain, &per_axis), *field, x, u)
                };
                let averaged = Initial::Function {
                    field: &mut averaged,
                    has_gradient: false,
                };
                let per_axis = per_axis.clone();
                let cells = Quadrature::Midpoints { per_axis };
                let own = std::mem::replace(&mut rough.quadrature, cells);
                let fitted = rough.fit(&finer, averaged, 0.0, watch);
                rough.quadrature = own;
                fitted?
            }
            (initial, _) => rough.fit(&finer, initial.again(), 0.0, watch)?,
        };
        Ok(Some((rough, fitted)))
    }

    /// The context of a fit on more nodes, and along each axis of a box the cells whose midpoints they are; `None` if
    /// they are given or there are enough.
    fn finer(&self, cx: &Context, initial: &Initial<'_>) -> Result<Option<(Context, Cells)>> {
        let given = self.given.nodes
            || cx.settings.discretization.fit_nodes.is_some()
            || matches!(initial, Initial::Values { .. });
        let Some(times) = FINER.get(self.domain.dimension() - 1) else {
            return Ok(None);
        };
        if given || !self.functional.outputs_only() {
            return Ok(None);
        }
        let times = match self.lattice {
            Some(_) => FINER[0],
            None => *times,
        };
        let nodes = times * self.quadrature.len(&self.domain);
        let mut finer = cx.clone();
        Arc::make_mut(&mut finer.settings).discretization.fit_nodes = NonZeroUsize::new(nodes);
        let cells = match self.quadrature.resized("fit_nodes", nodes, &self.domain)? {
            Quadrature::Grid { per_axis } => Some(per_axis),
            Quadrature::Gauss { per_axis } if self.domain.is_box() => {
                Some(vec![per_axis; self.domain.dimension()])
            }
            _ => None,
        };
        Ok(Some((finer, cells)))
    }
}

/// Cells along each axis, of a box.
type Cells = Option<Vec<usize>>;

/// Writes averages of a field over cells of a box, so many along each axis, around their midpoints x.
fn average(
    (domain, cells): (&Domain, &[usize]),
    field: &mut Field<'_>,
    x: &[f64],
    u: &mut [f64],
) -> Result<()> {
    let d = domain.dimension();
    let sides = domain.lower().iter().zip(domain.upper()).zip(cells);
    let widths: Vec<f64> = sides.map(|((a, b), n)| (b - a) / *n as f64).collect();
    let points = AVERAGED.pow(d as u32);
    let (mut moved, mut values) = (vec![0.0; x.len()], vec![0.0; u.len()]);
    u.fill(0.0);
    for point in 0..points {
        let shift: Vec<f64> = (0..d)
            .map(|axis| {
                let place = point / AVERAGED.pow(axis as u32) % AVERAGED;
                widths[axis] * ((place as f64 + 0.5) / AVERAGED as f64 - 0.5)
            })
            .collect();
        for (moved, x) in moved.chunks_exact_mut(d).zip(x.chunks_exact(d)) {
            let own = moved.iter_mut().zip(x).zip(&shift);
            own.for_each(|((moved, x), shift)| *moved = x + shift);
        }
        field(&moved, &mut values, None)?;
        let sums = u.iter_mut().zip(&values);
        sums.for_each(|(sum, value)| *sum += value / points as f64);
    }
    Ok(())
}
