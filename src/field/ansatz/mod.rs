//! The ansatz: what a field is made of beside the outputs N of its network.
//!
//! Each component is affine in its output, `u_i(x) = g_i(x) + l_i(x) N_i(x)` with a lift g and a
//! factor l that are known functions. The identity has g = 0 and l = 1; the displacement of a
//! transport map has `g_i = x_i`; values on walls take a [`lift`] that has them and a factor that
//! vanishes there.

mod displacement;
mod identity;
pub mod lift;
mod normalized;
mod straight;
mod walled;

pub use displacement::Displacement;
pub use identity::Identity;
pub use normalized::Normalized;
pub use straight::Straight;
pub use walled::{Bubble, Walled};

use super::{JetShape, JetsMut, JetsRef};
use std::fmt::Debug;

/// Lift and factor of every component at every point.
pub trait Ansatz: Debug + Send + Sync {
    /// Whether u = N: nothing is asked then.
    fn is_identity(&self) -> bool {
        false
    }

    /// A component whose lift and factor are as simple as that everywhere, so that they need not be asked for.
    fn straight(&self, _component: usize) -> Option<Straight> {
        None
    }

    /// Writes lift and factor of a component at a point x, `[d]`; second derivatives only if
    /// `second`.
    fn at(&self, x: &[f64], component: usize, second: bool, out: &mut AffineJet);
}

/// Lift and factor of one component at one point. Derivatives that are not listed vanish.
#[derive(Clone, Debug, Default)]
pub struct AffineJet {
    /// g and l.
    pub value: Affine,
    /// Derivatives along axes.
    pub slopes: Vec<(usize, Affine)>,
    /// Second derivatives along pairs of axes; those of unlike axes in both orders.
    pub seconds: Vec<([usize; 2], Affine)>,
}

/// A value or derivative of lift and factor.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Affine {
    /// A number of g.
    pub lift: f64,
    /// A number of l.
    pub factor: f64,
}

impl AffineJet {
    /// Starts anew with values of lift and factor whose derivatives vanish.
    pub fn reset(&mut self, lift: f64, factor: f64) {
        self.value = Affine { lift, factor };
        self.slopes.clear();
        self.seconds.clear();
    }
}

/// The points of some nodes, and the matrices A of their second-order channel.
#[derive(Clone, Copy, Debug)]
pub(super) struct Points<'a> {
    /// `[n][d]`
    pub x: &'a [f64],
    /// `[n][d][d]`, or empty without that channel.
    pub curvature: &'a [f64],
}

impl Points<'_> {
    fn x(&self, node: usize, d: usize) -> &[f64] {
        &self.x[node * d..(node + 1) * d]
    }

    fn curvature(&self, node: usize, d: usize) -> &[f64] {
        self.curvature
            .get(node * d * d..(node + 1) * d * d)
            .unwrap_or(&[])
    }
}

/// Overwrites jets of N by those of u; with `lift` false by those of `l N` alone, which is how u
/// changes with N.
pub(super) fn compose(
    ansatz: &dyn Ansatz,
    points: Points<'_>,
    shape: JetShape,
    lift: bool,
    jets: &mut JetsMut<'_>,
) {
    let (c, d) = (shape.components, shape.dimension);
    let part = if lift { 1.0 } else { 0.0 };
    let mut at = AffineJet::default();
    let second = shape.curved() > 0 || shape.hessian() > 0;
    for entry in 0..jets.value.len() {
        let (node, component) = (entry / c, entry % c);
        let x = points.x(node, d);
        if let Some(it) = ansatz.straight(component) {
            it.compose((x, component), shape, part, (entry, jets));
            continue;
        }
        ansatz.at(x, component, second, &mut at);
        let n = jets.value[entry];
        let slopes = entry * d..(entry + 1) * d;
        if shape.hessian() > 0 {
            let h = &mut jets.hessian[entry * d * d..(entry + 1) * d * d];
            compose_hessian(&at, part, (n, &jets.slope[slopes.clone()]), h);
        }
        if shape.curved() > 0 {
            let (a, slope) = (points.curvature(node, d), &jets.slope[slopes.clone()]);
            let mut sum = at.value.factor * jets.curved[entry];
            for ([j, k], of) in &at.seconds {
                sum += a[j * d + k] * (part * of.lift + of.factor * n);
            }
            for (j, of) in &at.slopes {
                let along: f64 = a[j * d..(j + 1) * d]
                    .iter()
                    .zip(slope)
                    .map(|(a, n)| a * n)
                    .sum();
                sum += 2.0 * of.factor * along;
            }
            jets.curved[entry] = sum;
        }
        if shape.slope() > 0 {
            let slope = &mut jets.slope[slopes];
            slope.iter_mut().for_each(|s| *s *= at.value.factor);
            for (j, of) in &at.slopes {
                slope[*j] += part * of.lift + of.factor * n;
            }
        }
        jets.value[entry] = part * at.value.lift + at.value.factor * n;
    }
}

/// Overwrites the derivatives of a function in the jets of u by those in the jets of N.
pub(super) fn pull_back(
    ansatz: &dyn Ansatz,
    points: Points<'_>,
    shape: JetShape,
    seeds: &mut JetsMut<'_>,
) {
    let (c, d) = (shape.components, shape.dimension);
    let mut at = AffineJet::default();
    let second = shape.curved() > 0 || shape.hessian() > 0;
    for entry in 0..seeds.value.len() {
        let (node, component) = (entry / c, entry % c);
        if let Some(it) = ansatz.straight(component) {
            it.scale(shape, entry, seeds);
            continue;
        }
        ansatz.at(points.x(node, d), component, second, &mut at);
        let factor = at.value.factor;
        let mut value = factor * seeds.value[entry];
        if shape.slope() > 0 {
            let slope = &mut seeds.slope[entry * d..(entry + 1) * d];
            for (j, of) in &at.slopes {
                value += of.factor * slope[*j];
            }
            slope.iter_mut().for_each(|s| *s *= factor);
        }
        if shape.hessian() > 0 {
            let h = &mut seeds.hessian[entry * d * d..(entry + 1) * d * d];
            let slope = &mut seeds.slope[entry * d..(entry + 1) * d];
            value += pull_back_hessian(&at, slope, h);
        }
        if shape.curved() > 0 {
            let (a, curved) = (points.curvature(node, d), seeds.curved[entry]);
            for ([j, k], of) in &at.seconds {
                value += curved * a[j * d + k] * of.factor;
            }
            let slope = &mut seeds.slope[entry * d..(entry + 1) * d];
            for (j, of) in &at.slopes {
                let row = a[j * d..(j + 1) * d].iter().zip(slope.iter_mut());
                row.for_each(|(a, s)| *s += 2.0 * curved * of.factor * a);
            }
            seeds.curved[entry] = factor * curved;
        }
        seeds.value[entry] = value;
    }
}

/// Overwrites the second derivatives of N by those of `g + l N`, or of `l N` alone where `part` is 0.
fn compose_hessian(at: &AffineJet, part: f64, (n, slope): (f64, &[f64]), h: &mut [f64]) {
    let d = slope.len();
    h.iter_mut().for_each(|h| *h *= at.value.factor);
    for (j, of) in &at.slopes {
        for (k, n) in slope.iter().enumerate() {
            h[j * d + k] += of.factor * n;
            h[k * d + j] += of.factor * n;
        }
    }
    for ([j, k], of) in &at.seconds {
        h[j * d + k] += part * of.lift + of.factor * n;
    }
}

/// Overwrites seeds of the second derivatives of u by those of N's, adds theirs to those of the slopes, and returns
/// what they add to that of the value.
fn pull_back_hessian(at: &AffineJet, slope: &mut [f64], h: &mut [f64]) -> f64 {
    let d = slope.len();
    for (j, of) in &at.slopes {
        for (k, slope) in slope.iter_mut().enumerate() {
            *slope += of.factor * (h[j * d + k] + h[k * d + j]);
        }
    }
    let seconds = at.seconds.iter();
    let value = seconds.map(|([j, k], of)| h[j * d + k] * of.factor).sum();
    h.iter_mut().for_each(|h| *h *= at.value.factor);
    value
}

/// Adds to `out`, `[n][d]`, the derivative of `seed . jet of u` in x where the jets of N are held
/// fixed; without second-order channel.
pub(super) fn position_gradient(
    ansatz: &dyn Ansatz,
    x: &[f64],
    shape: JetShape,
    outputs: JetsRef<'_>,
    seeds: JetsRef<'_>,
    out: &mut [f64],
) {
    let (c, d) = (shape.components, shape.dimension);
    let mut at = AffineJet::default();
    for (entry, (n, seed)) in outputs.value.iter().zip(seeds.value).enumerate() {
        let (node, component) = (entry / c, entry % c);
        if let Some(it) = ansatz.straight(component) {
            if it.slope != 0.0 {
                out[node * d + component] += seed * it.slope;
            }
            continue;
        }
        ansatz.at(&x[node * d..(node + 1) * d], component, true, &mut at);
        let slopes = entry * d..(entry + 1) * d;
        let (of_n, of_u) = (&outputs.slope[slopes.clone()], &seeds.slope[slopes]);
        let out = &mut out[node * d..(node + 1) * d];
        for (k, of) in &at.slopes {
            let along: f64 = of_u.iter().zip(of_n).map(|(a, n)| a * of.factor * n).sum();
            out[*k] += along + seed * (of.lift + of.factor * n);
        }
        for ([j, k], of) in &at.seconds {
            out[*k] += of_u[*j] * (of.lift + of.factor * n);
        }
    }
}
