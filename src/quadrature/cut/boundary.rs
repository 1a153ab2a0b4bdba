//! Nodes, normals and weights on the boundary of a cut box.
//!
//! Lines along axis k meet a boundary element `ds` of normal n with the measure
//! `dx = |n_k| ds` of their cross-section. As the squares of the normal's components sum to 1,
//! `int f ds = sum_k int sum_crossings f |n_k| dx`, a rule in which no weight is large, whichever way
//! the boundary runs, and in which the parts on the faces of the box need no treatment of their own.

use super::super::gauss::Rules;
use super::super::{Boundary, sobol};
use super::{Line, Sections, Spacing};
use crate::domain::Domain;
use crate::error::Result;
use rand::RngExt;
use std::f64::consts::TAU;

/// Radius of the circles that find the tangent, relative to the shortest side: small against the
/// features of the boundary, large against the rounding of a crossing.
const RADIUS: f64 = 1e-4;

/// Points of a circle at first.
const ARCS: usize = 16;

/// Halvings of an arc.
const HALVINGS: usize = 36;

/// The rule of about so many lines along each axis: composite Gauss up to three dimensions, random
/// beyond.
pub(in super::super) fn boundary(
    domain: &Domain,
    lines: usize,
    rng: &mut impl RngExt,
) -> Result<Boundary> {
    let d = domain.dimension();
    let mut boundary = Boundary::default();
    for axis in 0..d {
        let sections = Sections::along(domain, axis);
        let lines = if d <= 3 {
            let per_axis = (lines as f64).powf(1.0 / d.saturating_sub(1).max(1) as f64);
            {
                let spacing = Spacing::of_sides(per_axis.clamp(8.0, 64.0) as usize);
                sections.lines(spacing, &mut Rules::default())?
            }
        } else {
            random_lines(domain, &sections, lines, rng)?
        };
        sections.add_crossings(&lines, &mut boundary)?;
    }
    Ok(boundary)
}

fn random_lines(
    domain: &Domain,
    sections: &Sections<'_>,
    lines: usize,
    rng: &mut impl RngExt,
) -> Result<Vec<Line>> {
    let others = domain.dimension() - 1;
    let points = sobol::points(lines, others, rng);
    let axis = sections.innermost();
    let area = domain.box_volume() / (domain.upper()[axis] - domain.lower()[axis]);
    let mut lines: Vec<Line> = points
        .chunks_exact(others)
        .map(|point| Line {
            at: sections.scaled(point),
            weight: area / lines as f64,
            ends: Vec::new(),
        })
        .collect();
    sections.cross(&mut lines)?;
    Ok(lines)
}

/// Where a line meets the boundary.
struct Crossing {
    x: Vec<f64>,
    weight: f64,
    /// 1 where the line leaves the region, -1 where it enters.
    sign: f64,
    on_face: bool,
}

impl Sections<'_> {
    /// A point of the unit cube on the box, on all axes but the last.
    fn scaled(&self, point: &[f64]) -> Vec<f64> {
        let scale = |(level, t): (usize, &f64)| {
            let (lower, upper) = self.sides(level);
            lower + (upper - lower) * t
        };
        point.iter().enumerate().map(scale).collect()
    }

    fn add_crossings(&self, lines: &[Line], boundary: &mut Boundary) -> Result<()> {
        let d = self.order().len();
        let (lower, upper) = self.sides(d - 1);
        let mut crossings = Vec::new();
        for line in lines {
            for (end, sign) in line.ends.iter().zip([-1.0, 1.0].iter().cycle()) {
                let mut x = Vec::with_capacity(d);
                self.push_position(&[line.at.as_slice(), &[*end]].concat(), &mut x);
                crossings.push(Crossing {
                    x,
                    weight: line.weight,
                    sign: *sign,
                    // A face is met exactly: the search snaps to it.
                    on_face: *end <= lower || *end >= upper,
                });
            }
        }
        let axis = self.innermost();
        let mut normals = vec![vec![0.0; d]; crossings.len()];
        for (normal, crossing) in normals.iter_mut().zip(&crossings) {
            if let Some(component) = normal.get_mut(axis) {
                *component = crossing.sign;
            }
        }
        for other in (0..d).filter(|other| *other != axis) {
            let slopes = self.slopes(&crossings, axis, other)?;
            for (normal, slope) in normals.iter_mut().zip(slopes) {
                if let Some(component) = normal.get_mut(other) {
                    *component = slope;
                }
            }
        }
        for (crossing, normal) in crossings.iter().zip(&normals) {
            let length = normal.iter().map(|n| n * n).sum::<f64>().sqrt();
            boundary.x.extend_from_slice(&crossing.x);
            boundary.normal.extend(normal.iter().map(|n| n / length));
            boundary.w.push(crossing.weight / length);
        }
        Ok(())
    }

    /// The normal's component on the axis `other` where that on `axis` is the crossing's sign: from
    /// the chord between the two points where a small circle about the crossing meets the boundary.
    fn slopes(&self, crossings: &[Crossing], axis: usize, other: usize) -> Result<Vec<f64>> {
        let d = self.order().len();
        let shortest = |level| self.sides(level).1 - self.sides(level).0;
        let radius = RADIUS * (0..d).map(shortest).fold(f64::INFINITY, f64::min);
        let turned = |crossing: &Crossing, angle: f64, x: &mut Vec<f64>| {
            let start = x.len();
            x.extend_from_slice(&crossing.x);
            let (sin, cos) = angle.sin_cos();
            for (at, shift) in [(axis, cos), (other, sin)] {
                if let Some(x) = x.get_mut(start + at) {
                    *x += radius * shift;
                }
            }
        };
        let step = TAU / ARCS as f64;
        // Half a step off the axes, on which the boundary may run.
        let angle = |arc: usize| (arc as f64 + 0.5) * step;
        let mut x = Vec::new();
        for crossing in crossings {
            for arc in 0..ARCS {
                turned(crossing, angle(arc), &mut x);
            }
        }
        let inside = self.inside(&x)?;
        // Of each circle: the arc by which the region is left and that by which it is entered.
        let mut arcs: Vec<Option<[Arc; 2]>> = Vec::with_capacity(crossings.len());
        for (crossing, inside) in crossings.iter().zip(inside.chunks_exact(ARCS)) {
            let found = |leaves: bool| {
                let mut changes = (0..ARCS).filter(|arc| {
                    let at = |arc: usize| inside.get(arc % ARCS).copied();
                    at(*arc) == Some(leaves) && at(arc + 1) == Some(!leaves)
                });
                // More than one: the circle is not small against the boundary's features here.
                let only = changes.next().filter(|_| changes.next().is_none());
                only.map(|arc| Arc {
                    from: angle(arc),
                    to: angle(arc) + step,
                    leaves,
                })
            };
            arcs.push(match (found(true), found(false)) {
                (Some(out), Some(back)) if !crossing.on_face => Some([out, back]),
                _ => None,
            });
        }
        for _ in 0..HALVINGS {
            x.clear();
            for (crossing, arcs) in crossings.iter().zip(&arcs) {
                for arc in arcs.iter().flatten() {
                    turned(crossing, 0.5 * (arc.from + arc.to), &mut x);
                }
            }
            let inside = self.inside(&x)?;
            let all = arcs.iter_mut().flatten().flatten();
            for (arc, inside) in all.zip(inside) {
                let middle = 0.5 * (arc.from + arc.to);
                let end = if inside == arc.leaves {
                    &mut arc.from
                } else {
                    &mut arc.to
                };
                *end = middle;
            }
        }
        let slope = |(crossing, arcs): (&Crossing, &Option<[Arc; 2]>)| {
            let Some([out, back]) = arcs else { return 0.0 };
            // The arc outside runs from `out` counter-clockwise to `back`; its middle is where
            // the normal points.
            let out = out.from;
            let back = if back.from < out {
                back.from + TAU
            } else {
                back.from
            };
            let (sin, cos) = (0.5 * (out + back)).sin_cos();
            // Where the boundary runs along the line the weight vanishes with 1 / slope.
            let along = (cos * crossing.sign).max(1e-9);
            sin / along
        };
        Ok(crossings.iter().zip(&arcs).map(slope).collect())
    }
}

/// A part of a circle that holds one crossing of the boundary.
struct Arc {
    from: f64,
    to: f64,
    /// Whether the circle leaves the region here, counter-clockwise.
    leaves: bool,
}
