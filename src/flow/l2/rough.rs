//! The fit of a rough u_0: what jumps or has kinks is projected, on nodes so many that its integrals are good.

use super::L2Flow;
use crate::domain::Domain;
use crate::error::Result;
use crate::flow::{Beginning, Context};
use crate::initial::{Field, Initial};
use crate::minimize::Watch;
use std::num::NonZeroUsize;
use std::sync::Arc;

/// Nodes of the fit for each that there is else, on a line, as for any lattice, and in the plane: where u_0 jumps
/// between nodes its integral is off by as much.
const FINER: [usize; 2] = [16, 4];

/// Points along each axis whose values are averaged for a node: what is finer than nodes would be taken for what is
/// not.
const AVERAGED: usize = 4;

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
        let Some((finer, nodes)) = rough.finer(cx, initial)? else {
            return Ok(None);
        };
        let fitted = match initial {
            Initial::Function {
                field,
                has_gradient: false,
            } if self.domain.is_box() => {
                let mut averaged = |x: &[f64], u: &mut [f64], _: Option<&mut [f64]>| {
                    average(&self.domain, nodes, *field, x, u)
                };
                let averaged = Initial::Function {
                    field: &mut averaged,
                    has_gradient: false,
                };
                rough.fit(&finer, averaged, 0.0, watch)?
            }
            _ => rough.fit(&finer, initial.again(), 0.0, watch)?,
        };
        Ok(Some((rough, fitted)))
    }

    /// The context of a fit on more nodes, and how many; `None` if they are given or there are enough.
    fn finer(&self, cx: &Context, initial: &Initial<'_>) -> Result<Option<(Context, usize)>> {
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
        Ok(Some((finer, nodes)))
    }
}

/// Writes averages of a field over boxes around points x, of which so many fill a box; beyond its faces the field is
/// its mirror image.
fn average(
    domain: &Domain,
    nodes: usize,
    field: &mut Field<'_>,
    x: &[f64],
    u: &mut [f64],
) -> Result<()> {
    let d = domain.dimension();
    let (lower, upper) = (domain.lower(), domain.upper());
    let per_axis = (nodes as f64).powf(1.0 / d as f64);
    let points = AVERAGED.pow(d as u32);
    let mut moved = vec![0.0; x.len()];
    let mut values = vec![0.0; u.len()];
    u.fill(0.0);
    for point in 0..points {
        for (index, (moved, x)) in moved.iter_mut().zip(x).enumerate() {
            let (axis, a, b) = (index % d, lower[index % d], upper[index % d]);
            let place = point / AVERAGED.pow(axis as u32) % AVERAGED;
            let part = (place as f64 + 0.5) / AVERAGED as f64 - 0.5;
            let y = x + part * (b - a) / per_axis;
            *moved = if y < a {
                2.0 * a - y
            } else if y > b {
                2.0 * b - y
            } else {
                y
            };
        }
        field(&moved, &mut values, None)?;
        let sums = u.iter_mut().zip(&values);
        sums.for_each(|(sum, value)| *sum += value / points as f64);
    }
    Ok(())
}
