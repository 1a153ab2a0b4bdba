//! Rules on balls and spheres.

use super::gauss::Rules;
use super::{Boundary, Nodes};
use crate::domain::{Domain, ball_volume};
use crate::error::{Error, Result};
use std::f64::consts::TAU;

/// Angles of the smallest ring: integrands that are smooth across the centre have few modes there.
const LEAST_ANGLES: f64 = 8.0;

/// Between the first angles of neighbouring rings: the golden ratio keeps them from lining up.
const TURN: f64 = 0.618_033_988_749_895;

/// Radial Gauss nodes times equal angles (d = 2), or times a Gauss rule in the cosine of the polar
/// angle and equal longitudes (d = 3): smooth integrands converge faster than any power.
/// `per_axis` nodes would lie along a side of the box.
pub(super) fn polar(domain: &Domain, per_axis: usize) -> Result<Nodes> {
    let (centre, radius) = (domain.centre(), domain.radius());
    let mut rules = Rules::default();
    let spacing = 2.0 * radius / per_axis as f64;
    let mut nodes = Nodes::default();
    let mut put = |shift: &[f64], w: f64| {
        let x = centre.iter().zip(shift).map(|(c, s)| c + s);
        nodes.x.extend(x);
        nodes.w.push(w);
    };
    match domain.dimension() {
        1 => {
            for (x, w) in rules.interval(-radius, radius, per_axis)? {
                put(&[x], w);
            }
        }
        2 => {
            let rings = rules.interval(0.0, radius, per_axis.div_ceil(2).max(2))?;
            for (ring, (r, w)) in rings.into_iter().enumerate() {
                for (sin, cos) in angles(r, spacing, ring) {
                    put(&[r * cos, r * sin], w * r * TAU / count(r, spacing));
                }
            }
        }
        3 => {
            let mut ring = 0;
            for (r, w) in rules.interval(0.0, radius, per_axis.div_ceil(2).max(2))? {
                let parallels = (0.5 * count(r, spacing)).ceil() as usize;
                for (z, v) in rules.interval(-1.0, 1.0, parallels)? {
                    let rho = r * (1.0 - z * z).sqrt();
                    let w = w * v * r * r * TAU / count(rho, spacing);
                    for (sin, cos) in angles(rho, spacing, ring) {
                        put(&[rho * cos, rho * sin, r * z], w);
                    }
                    ring += 1;
                }
            }
        }
        d => {
            return Err(Error::option(format!(
                "option `quadrature` is gauss on a ball of dimension {d}; accepted are up to 3 for gauss, and sobol, stratified and monte-carlo in any"
            )));
        }
    }
    Ok(nodes)
}

fn count(r: f64, spacing: f64) -> f64 {
    (TAU * r / spacing).ceil() + LEAST_ANGLES
}

/// Sines and cosines of the equal angles of a ring.
fn angles(r: f64, spacing: f64, ring: usize) -> impl Iterator<Item = (f64, f64)> {
    let n = count(r, spacing);
    let first = (TURN * ring as f64).fract();
    (0..n as usize).map(move |i| (TAU * (i as f64 + first) / n).sin_cos())
}

/// Coordinates of the unit cube that a point of the ball is made of.
pub(super) const fn coordinates(d: usize) -> usize {
    match d {
        1..=3 => d,
        // The radius, and a direction from an even number of normal variables.
        _ => 1 + d + d % 2,
    }
}

/// Maps points of the unit cube to the ball; volumes keep their ratio.
pub(super) fn from_cube(domain: &Domain, points: &[f64]) -> Vec<f64> {
    let d = domain.dimension();
    let (centre, radius) = (domain.centre(), domain.radius());
    let mut x = Vec::with_capacity(points.len());
    let mut direction = Vec::with_capacity(d + 1);
    for point in points.chunks_exact(coordinates(d)) {
        let (first, rest) = (point[0], &point[1..]);
        let r = if d == 1 {
            direction.clear();
            direction.push(2.0 * first - 1.0);
            radius
        } else {
            towards(d, rest, &mut direction);
            radius * first.powf(1.0 / d as f64)
        };
        x.extend(centre.iter().zip(&direction).map(|(c, n)| c + r * n));
    }
    x
}

/// A uniform direction in R^d, d > 1, from a point of the unit cube: of d - 1 coordinates up to
/// d = 3, of the next even number from d beyond.
fn towards(d: usize, point: &[f64], direction: &mut Vec<f64>) {
    direction.clear();
    match point {
        [u] => {
            let (sin, cos) = (TAU * u).sin_cos();
            direction.extend([cos, sin]);
        }
        [u, v] => {
            let z = 2.0 * u - 1.0;
            let rho = (1.0 - z * z).max(0.0).sqrt();
            let (sin, cos) = (TAU * v).sin_cos();
            direction.extend([rho * cos, rho * sin, z]);
        }
        _ => {
            // Box and Muller's normal variables.
            for pair in point.chunks_exact(2) {
                let [u, v] = pair else { continue };
                let r = (-2.0 * (1.0 - u).max(f64::MIN_POSITIVE).ln()).sqrt();
                let (sin, cos) = (TAU * v).sin_cos();
                direction.extend([r * cos, r * sin]);
            }
            direction.truncate(d);
            let length = direction.iter().map(|n| n * n).sum::<f64>().sqrt();
            direction
                .iter_mut()
                .for_each(|n| *n /= length.max(f64::MIN_POSITIVE));
        }
    }
}

/// Nodes on the sphere: the two ends, equal angles, Gauss parallels with equal longitudes, and in
/// more dimensions the directions of points of the unit cube, which `points(n, d)` draws.
pub(super) fn sphere(
    domain: &Domain,
    nodes: usize,
    points: impl FnOnce(usize, usize) -> Vec<f64>,
) -> Result<Boundary> {
    let d = domain.dimension();
    let (centre, radius) = (domain.centre(), domain.radius());
    let area = d as f64 * ball_volume(d) * radius.powi(d as i32 - 1);
    // Directions and parts of the sphere.
    let mut all: Vec<(Vec<f64>, f64)> = Vec::new();
    match d {
        1 => all.extend([(vec![-1.0], 0.5), (vec![1.0], 0.5)]),
        2 => {
            for i in 0..nodes.max(8) {
                let n = nodes.max(8) as f64;
                let (sin, cos) = (TAU * (i as f64 + 0.5) / n).sin_cos();
                all.push((vec![cos, sin], 1.0 / n));
            }
        }
        3 => {
            let parallels = (0.5 * nodes as f64).sqrt().ceil().max(4.0) as usize;
            for (ring, (z, w)) in (Rules::default().interval(-1.0, 1.0, parallels)?)
                .into_iter()
                .enumerate()
            {
                let rho = (1.0 - z * z).sqrt();
                let spacing = TAU / (2 * parallels) as f64;
                for (sin, cos) in angles(1.0, spacing, ring) {
                    let part = 0.5 * w / count(1.0, spacing);
                    all.push((vec![rho * cos, rho * sin, z], part));
                }
            }
        }
        _ => {
            let width = coordinates(d) - 1;
            for point in points(nodes, width).chunks_exact(width) {
                let mut direction = Vec::with_capacity(d + 1);
                towards(d, point, &mut direction);
                all.push((direction, 1.0 / nodes as f64));
            }
        }
    }
    let mut boundary = Boundary::default();
    for (direction, part) in all {
        let x = centre.iter().zip(&direction).map(|(c, n)| c + radius * n);
        boundary.x.extend(x);
        boundary.normal.extend(direction);
        boundary.w.push(area * part);
    }
    Ok(boundary)
}
