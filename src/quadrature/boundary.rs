//! Nodes on the boundary of a domain, for fluxes through it.

use super::nodes::part_of;
use super::{Quadrature, ball, cut, gauss, sobol};
use crate::domain::{Domain, Shape};
use crate::error::Result;
use rand::RngExt;
use std::ops::Range;

/// What stands for the side of a node that is in the domain.
pub const INSIDE: i32 = -1;

/// What stands for the side of a node that is in the domain, and no node of an integral over it.
pub(crate) const BESIDE: i32 = i32::MAX;

/// Lines along each axis of a cut rectangle that meet its walls: prime to the 64 by which it is measured.
const LINES_OF_WALLS: usize = 51;

/// Nodes on the boundary, with the outward unit normals.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Boundary {
    /// Positions, `[n][d]`.
    pub x: Vec<f64>,
    /// Outward unit normals, `[n][d]`.
    pub normal: Vec<f64>,
    /// Weights, `[n]`; they sum to the area.
    pub w: Vec<f64>,
    /// The side of each, `[n]`: of a box 2 k where `x_k` is least and 2 k + 1 where it is largest, of a host
    /// as it says, else 0. Nodes of one side follow each other.
    pub side: Vec<i32>,
}

impl Boundary {
    /// Some of the nodes.
    #[must_use]
    pub(crate) fn part(&self, part: Range<usize>) -> Self {
        let n = self.w.len();
        Self {
            x: part_of(&self.x, n, &part),
            normal: part_of(&self.normal, n, &part),
            w: part_of(&self.w, n, &part),
            side: self.side.get(part).unwrap_or_default().to_vec(),
        }
    }

    /// Those on sides that are wanted.
    #[must_use]
    pub(crate) fn on(&self, wanted: impl Fn(i32) -> bool) -> Self {
        let d = self.x.len() / self.w.len().max(1);
        let mut some = Self::default();
        for (node, side) in self.side.iter().enumerate() {
            if wanted(*side) {
                let place = node * d..(node + 1) * d;
                some.x.extend_from_slice(&self.x[place.clone()]);
                some.normal.extend_from_slice(&self.normal[place]);
                some.w.push(self.w[node]);
                some.side.push(*side);
            }
        }
        some
    }

    /// The nodes that go with those of a rule in the domain.
    ///
    /// # Errors
    /// Errors of the function that cuts the domain.
    pub(crate) fn along(rule: &Quadrature, domain: &Domain, rng: &mut impl RngExt) -> Result<Self> {
        let d = domain.dimension();
        let (sides, area) = (2 * d, d.saturating_sub(1) as i32);
        let each = match rule {
            Quadrature::Gauss { per_axis } => (*per_axis as f64).powi(area) as usize,
            Quadrature::Grid { per_axis } | Quadrature::Midpoints { per_axis } => {
                let most = per_axis.iter().max().copied().unwrap_or(1);
                (most as f64).powi(area) as usize
            }
            random => random.len(domain).div_ceil(sides),
        };
        match domain.shape() {
            Shape::Box | Shape::Space => faces(domain, each.max(16), rng),
            _ => Self::of(domain, (sides * each).max(16), rng),
        }
    }

    /// Nodes on walls where u is held to given values: as for [`along`](Self::along), but of a cut rectangle on
    /// lines of their own, so that what it is measured by lies between them.
    ///
    /// # Errors
    /// As for [`along`](Self::along).
    pub(crate) fn along_walls(
        rule: &Quadrature,
        domain: &Domain,
        rng: &mut impl RngExt,
    ) -> Result<Self> {
        match domain.shape() {
            Shape::Cut(_) if domain.dimension() == 2 => Self::of(domain, 2 * LINES_OF_WALLS, rng),
            _ => Self::along(rule, domain, rng),
        }
    }

    /// About `nodes` nodes on the boundary of a domain: Gauss nodes up to three dimensions,
    /// scrambled Sobol nodes beyond.
    ///
    /// # Errors
    /// Errors of the function that cuts the domain.
    pub fn of(domain: &Domain, nodes: usize, rng: &mut impl RngExt) -> Result<Self> {
        let d = domain.dimension();
        let mut boundary = match domain.shape() {
            Shape::Box | Shape::Space => return faces(domain, (nodes / (2 * d)).max(16), rng),
            Shape::Ball => ball::sphere(domain, nodes, |n, width| sobol::points(n, width, rng)),
            Shape::Cut(_) => cut::boundary(domain, (nodes / d).max(16), rng),
        }?;
        boundary.side = vec![0; boundary.w.len()];
        Ok(boundary)
    }
}

/// Nodes on the faces of a box.
fn faces(domain: &Domain, nodes: usize, rng: &mut impl RngExt) -> Result<Boundary> {
    let d = domain.dimension();
    let mut boundary = Boundary::default();
    for axis in 0..d {
        let others = |corner: &[f64]| -> Vec<f64> {
            let all = corner.iter().enumerate();
            all.filter(|(other, _)| *other != axis)
                .map(|(_, x)| *x)
                .collect()
        };
        let (lower, upper) = (others(domain.lower()), others(domain.upper()));
        let corners = domain.lower().iter().zip(domain.upper()).nth(axis);
        let (lo, hi) = corners.map_or((0.0, 0.0), |(lo, hi)| (*lo, *hi));
        for (end, (face, sign)) in [(lo, -1.0), (hi, 1.0)].into_iter().enumerate() {
            let (x, w) = if d <= super::GAUSS {
                let per_axis = (nodes as f64).powf(1.0 / (d - 1).max(1) as f64).ceil();
                let rule = gauss::tensor(&lower, &upper, per_axis as usize)?;
                (rule.x, rule.w)
            } else {
                let mut x = sobol::points(nodes, d - 1, rng);
                for point in x.chunks_exact_mut(d - 1) {
                    for (x, (lo, hi)) in point.iter_mut().zip(lower.iter().zip(&upper)) {
                        *x = lo + (hi - lo) * *x;
                    }
                }
                let area = domain.box_volume() / (hi - lo);
                (x, vec![area / nodes as f64; nodes])
            };
            for (point, w) in w.into_iter().enumerate() {
                let (before, after) = x[point * (d - 1)..(point + 1) * (d - 1)].split_at(axis);
                boundary.x.extend_from_slice(before);
                boundary.x.push(face);
                boundary.x.extend_from_slice(after);
                boundary
                    .normal
                    .extend((0..d).map(|a| if a == axis { sign } else { 0.0 }));
                boundary.w.push(w);
                boundary.side.push((2 * axis + end) as i32);
            }
        }
    }
    Ok(boundary)
}
