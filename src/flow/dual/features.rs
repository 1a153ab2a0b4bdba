//! Features of a potential: random planes of one hidden layer, and polynomials of second degree, which hold
//! what Gaussians and quadratic potentials make.

use super::spline::Spline;
use crate::field::Activation;
use std::sync::Arc;

/// The most dimensions.
pub(super) const MOST: usize = 3;

/// The features of a potential, in the coordinates of a region, from -1 to 1.
///
/// Coefficients are in the order of the network's output layer, weights and bias, and then those of
/// `z_i` and of `z_i z_j`, i <= j.
#[derive(Clone, Debug)]
pub(in crate::flow) struct Features {
    dimension: usize,
    centre: Vec<f64>,
    half: Vec<f64>,
    /// `[N][d]`
    weights: Vec<f64>,
    /// `[N]`
    biases: Vec<f64>,
    /// A function that is a feature itself.
    given: Option<Arc<Spline>>,
}

/// A potential at a point.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::flow) struct Jet {
    pub value: f64,
    pub gradient: [f64; MOST],
    /// `[d][d]`, d as it is.
    pub hessian: [f64; MOST * MOST],
}

/// Room for the units at a point.
#[derive(Clone, Debug, Default)]
pub(in crate::flow) struct Units {
    value: Vec<f64>,
    first: Vec<f64>,
    second: Vec<f64>,
}

impl Features {
    /// Those of a hidden layer, weights `[N][d]` and biases `[N]`, on the box of these corners.
    pub fn of(hidden: &[f64], lower: &[f64], upper: &[f64]) -> Self {
        let d = lower.len();
        let (weights, biases) = hidden.split_at(hidden.len() / (d + 1) * d);
        let sides = || lower.iter().zip(upper);
        Self {
            dimension: d,
            centre: sides().map(|(l, u)| 0.5 * (l + u)).collect(),
            half: sides().map(|(l, u)| 0.5 * (u - l)).collect(),
            weights: weights.to_vec(),
            biases: biases.to_vec(),
            given: None,
        }
    }

    /// The same and a function.
    pub fn with(mut self, given: Option<Arc<Spline>>) -> Self {
        self.given = given;
        self
    }

    /// The same with these planes only.
    pub fn only(&self, planes: &[usize]) -> Self {
        let d = self.dimension;
        let weights = planes
            .iter()
            .flat_map(|p| &self.weights[p * d..(p + 1) * d])
            .copied();
        Self {
            weights: weights.collect(),
            biases: planes.iter().map(|p| self.biases[*p]).collect(),
            ..self.clone()
        }
    }

    /// The parameters of the hidden layer.
    pub fn hidden(&self) -> Vec<f64> {
        [self.weights.as_slice(), &self.biases].concat()
    }

    pub const fn dimension(&self) -> usize {
        self.dimension
    }

    /// Number of planes.
    pub const fn planes(&self) -> usize {
        self.biases.len()
    }

    /// Number of other features: 1, z, its products, and what is given.
    pub const fn others(&self) -> usize {
        1 + self.dimension
            + self.dimension * (self.dimension + 1) / 2
            + self.given.is_some() as usize
    }

    /// Number of coefficients.
    pub const fn len(&self) -> usize {
        self.planes() + self.others()
    }

    /// Half of the longest side.
    pub fn length(&self) -> f64 {
        self.half.iter().fold(0.0, |most, h| most.max(*h))
    }

    fn scaled(&self, x: &[f64]) -> [f64; MOST] {
        let mut z = [0.0; MOST];
        let axes = self.centre.iter().zip(&self.half).zip(x);
        z.iter_mut()
            .zip(axes)
            .for_each(|(z, ((c, h), x))| *z = (x - c) / h);
        z
    }

    /// The units at z, with derivatives.
    fn units(&self, z: &[f64; MOST], units: &mut Units) {
        let d = self.dimension;
        units.value.clear();
        units.value.extend_from_slice(&self.biases);
        let lines = units.value.iter_mut().zip(self.weights.chunks_exact(d));
        for (value, weights) in lines {
            weights.iter().zip(z).for_each(|(w, z)| *value += w * z);
        }
        let n = self.planes();
        units.first.resize(n, 0.0);
        units.second.resize(n, 0.0);
        Activation::Tanh.apply(&mut units.value, &mut units.first, &mut units.second);
    }

    /// The potential of these coefficients at x.
    pub fn jet(&self, x: &[f64], coefficients: &[f64], units: &mut Units) -> Jet {
        let d = self.dimension;
        let z = self.scaled(x);
        self.units(&z, units);
        let (outputs, polynomials) = coefficients.split_at(self.planes());
        let mut jet = Jet::default();
        match d {
            1 => self.sum::<1>(outputs, units, &mut jet),
            2 => self.sum::<2>(outputs, units, &mut jet),
            _ => self.sum::<3>(outputs, units, &mut jet),
        }
        let (linear, square) = polynomials[1..].split_at(d);
        jet.value += polynomials[0];
        for a in 0..d {
            jet.value += linear[a] * z[a];
            jet.gradient[a] += linear[a];
        }
        let mut next = square.iter();
        for i in 0..d {
            for (j, c) in (i..d).zip(&mut next) {
                jet.value += c * z[i] * z[j];
                jet.gradient[i] += c * z[j];
                jet.gradient[j] += c * z[i];
                jet.hessian[i * d + j] += c;
                jet.hessian[j * d + i] += c;
            }
        }
        for a in 0..d {
            jet.gradient[a] /= self.half[a];
            for b in 0..d {
                jet.hessian[a * d + b] /= self.half[a] * self.half[b];
            }
        }
        if let (Some(given), Some(c)) = (&self.given, coefficients.last()) {
            let own = given.jet(x);
            jet.value += c * own.value;
            for a in 0..d {
                jet.gradient[a] += c * own.gradient[a];
            }
            for (h, own) in jet.hessian.iter_mut().zip(&own.hessian) {
                *h += c * own;
            }
        }
        jet
    }

    /// The part of the planes, in d dimensions.
    fn sum<const D: usize>(&self, outputs: &[f64], units: &Units, jet: &mut Jet) {
        let (mut value, mut gradient, mut hessian) = (0.0, [0.0; D], [[0.0; D]; D]);
        let (weights, _) = self.weights.as_chunks::<D>();
        let all = outputs.iter().zip(weights).zip(&units.value);
        for (((c, w), t), (first, second)) in all.zip(units.first.iter().zip(&units.second)) {
            value += c * t;
            let (first, second) = (c * first, c * second);
            for a in 0..D {
                gradient[a] += first * w[a];
                for b in a..D {
                    hessian[a][b] += second * w[a] * w[b];
                }
            }
        }
        jet.value += value;
        for (a, (slope, row)) in gradient.iter().zip(&hessian).enumerate() {
            jet.gradient[a] += slope;
            for (b, entry) in row.iter().enumerate().skip(a) {
                jet.hessian[a * D + b] += entry;
                if b > a {
                    jet.hessian[b * D + a] += entry;
                }
            }
        }
    }

    /// Adds a multiple of all features at x, where the units were evaluated last.
    pub fn add_at(&self, x: &[f64], factor: f64, units: &Units, sum: &mut [f64]) {
        let (planes, polynomials) = sum.split_at_mut(self.planes());
        planes
            .iter_mut()
            .zip(&units.value)
            .for_each(|(s, t)| *s += factor * t);
        let z = self.scaled(x);
        let mut next = polynomials.iter_mut();
        let mut add = |value: f64| {
            if let Some(sum) = next.next() {
                *sum += factor * value;
            }
        };
        add(1.0);
        let z = &z[..self.dimension];
        z.iter().for_each(|z| add(*z));
        for (i, a) in z.iter().enumerate() {
            z[i..].iter().for_each(|b| add(a * b));
        }
        if let Some(given) = &self.given {
            add(given.jet(x).value);
        }
    }

    /// All features at x, `[len]`, and their gradients, `[d][len]`.
    pub fn rows(&self, x: &[f64], units: &mut Units, values: &mut [f64], gradients: &mut [f64]) {
        let (d, n, len) = (self.dimension, self.planes(), self.len());
        let z = self.scaled(x);
        self.units(&z, units);
        values.fill(0.0);
        self.add_at(x, 1.0, units, values);
        for (a, gradient) in gradients.chunks_exact_mut(len).enumerate() {
            let (planes, polynomials) = gradient.split_at_mut(n);
            let weights = self.weights.iter().skip(a).step_by(d);
            for ((g, w), first) in planes.iter_mut().zip(weights).zip(&units.first) {
                *g = w * first / self.half[a];
            }
            polynomials.fill(0.0);
            polynomials[1 + a] = 1.0;
            let mut next = polynomials[1 + d..].iter_mut();
            for i in 0..d {
                for (j, g) in (i..d).zip(&mut next) {
                    *g = f64::from(u8::from(i == a)) * z[j] + f64::from(u8::from(j == a)) * z[i];
                }
            }
            polynomials.iter_mut().for_each(|g| *g /= self.half[a]);
        }
        if let Some(given) = &self.given {
            let own = given.jet(x);
            for (a, gradient) in gradients.chunks_exact_mut(len).enumerate() {
                gradient[len - 1] = own.gradient[a];
            }
        }
    }
}
