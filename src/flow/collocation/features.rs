//! Features of a potential in any dimension: planes of one hidden layer, polynomials of second degree, and
//! the external potential where it is no such polynomial.

use crate::field::Activation;

/// The features, in coordinates `z = (x - centre) / scale`.
///
/// Coefficients are in the order of the network's output layer, weights and bias, then those of `z_i` and
/// of `z_i z_j`, i <= j, and that of the external potential if it is one.
#[derive(Clone, Debug)]
pub(super) struct Features {
    pub centre: Vec<f64>,
    pub scale: Vec<f64>,
    /// Weights and biases in z: `[N][d]`, `[N]`.
    hidden: Vec<f64>,
    /// Weights and biases in x: `[d][N]`, `[N]`.
    along: Vec<f64>,
    biases: Vec<f64>,
    /// Whether the external potential is a feature.
    pub external: bool,
}

/// Units at a point: activations and their derivatives, `[N]` each.
#[derive(Clone, Debug, Default)]
pub(super) struct Units {
    pub value: Vec<f64>,
    pub first: Vec<f64>,
    pub second: Vec<f64>,
    products: Vec<f64>,
}

/// A potential at a point.
#[derive(Clone, Debug, Default)]
pub(super) struct Jet {
    pub value: f64,
    /// `[d]`
    pub gradient: Vec<f64>,
    /// `[d][d]`
    pub hessian: Vec<f64>,
}

/// V at a point: value, `[d]`, `[d][d]`.
#[derive(Clone, Copy, Debug)]
pub(super) struct ExternalAt<'a> {
    pub value: f64,
    pub gradient: &'a [f64],
    pub hessian: &'a [f64],
}

impl Features {
    /// Those of a hidden layer, weights `[N][d]` and biases `[N]`.
    pub fn of(hidden: Vec<f64>, centre: Vec<f64>, scale: Vec<f64>, external: bool) -> Self {
        let d = centre.len();
        let planes = hidden.len() / (d + 1);
        let (weights, offsets) = hidden.split_at(planes * d);
        let mut along = vec![0.0; d * planes];
        let mut biases = offsets.to_vec();
        for (j, weights) in weights.chunks_exact(d).enumerate() {
            for (a, w) in weights.iter().enumerate() {
                along[a * planes + j] = w / scale[a];
                biases[j] -= w * centre[a] / scale[a];
            }
        }
        Self {
            centre,
            scale,
            hidden,
            along,
            biases,
            external,
        }
    }

    /// The same without the external potential.
    pub fn without_external(&self) -> Self {
        Self {
            external: false,
            ..self.clone()
        }
    }

    /// The parameters of the hidden layer.
    pub fn hidden(&self) -> &[f64] {
        &self.hidden
    }

    pub const fn dimension(&self) -> usize {
        self.centre.len()
    }

    /// Number of planes.
    pub const fn planes(&self) -> usize {
        self.biases.len()
    }

    /// The coefficient of the external potential, 0 where it is no feature.
    pub fn external_part(&self, coefficients: &[f64]) -> f64 {
        match (self.external, coefficients) {
            (true, [.., part]) => *part,
            _ => 0.0,
        }
    }

    /// Number of coefficients.
    pub const fn len(&self) -> usize {
        let d = self.dimension();
        self.planes() + 1 + d + d * (d + 1) / 2 + self.external as usize
    }

    /// Weights of all planes along an axis of x, `[N]`.
    pub fn along(&self, axis: usize) -> &[f64] {
        let n = self.planes();
        &self.along[axis * n..(axis + 1) * n]
    }

    /// The units at x, with derivatives.
    pub fn units(&self, x: &[f64], units: &mut Units) {
        let n = self.planes();
        units.value.clear();
        units.value.extend_from_slice(&self.biases);
        for (a, x) in x.iter().enumerate() {
            add(&mut units.value, *x, self.along(a));
        }
        units.first.resize(n, 0.0);
        units.second.resize(n, 0.0);
        Activation::Tanh.apply(&mut units.value, &mut units.first, &mut units.second);
    }

    /// The potential of these coefficients at x, where the units were evaluated last.
    pub fn jet(
        &self,
        x: &[f64],
        coefficients: &[f64],
        external: &ExternalAt<'_>,
        units: &mut Units,
        jet: &mut Jet,
    ) {
        let d = self.dimension();
        let (outputs, polynomials) = coefficients.split_at(self.planes());
        let (linear, square) = polynomials[1..].split_at(d);
        jet.gradient.clear();
        jet.gradient.resize(d, 0.0);
        jet.hessian.clear();
        jet.hessian.resize(d * d, 0.0);
        jet.value = polynomials[0] + inner(outputs, &units.value);
        units.products.clear();
        let of_first = outputs.iter().zip(&units.first).map(|(c, f)| c * f);
        units.products.extend(of_first);
        for (a, g) in jet.gradient.iter_mut().enumerate() {
            *g = inner(&units.products, self.along(a));
        }
        for a in 0..d {
            units.products.clear();
            let of_second = outputs.iter().zip(&units.second).zip(self.along(a));
            units
                .products
                .extend(of_second.map(|((c, f), w)| c * f * w));
            for b in 0..=a {
                jet.hessian[a * d + b] = inner(&units.products, self.along(b));
            }
        }
        let mut next = square.iter();
        for (i, c) in linear.iter().enumerate() {
            let (z, s) = (self.scaled(x, i), self.scale[i]);
            jet.value += c * z;
            jet.gradient[i] += c / s;
            for (j, c) in (i..d).zip(&mut next) {
                let (other, t) = (self.scaled(x, j), self.scale[j]);
                jet.value += c * z * other;
                jet.gradient[i] += c * other / s;
                jet.gradient[j] += c * z / t;
                jet.hessian[j * d + i] += if i == j { 2.0 } else { 1.0 } * c / (s * t);
            }
        }
        for a in 0..d {
            for b in 0..a {
                jet.hessian[b * d + a] = jet.hessian[a * d + b];
            }
        }
        if self.external {
            let c = self.external_part(coefficients);
            jet.value += c * external.value;
            add(&mut jet.gradient, c, external.gradient);
            add(&mut jet.hessian, c, external.hessian);
        }
    }

    /// All features at x, `[len]`, where the units were evaluated last.
    pub fn values(&self, x: &[f64], external: &ExternalAt<'_>, units: &Units, row: &mut [f64]) {
        let (planes, others) = row.split_at_mut(self.planes());
        planes.copy_from_slice(&units.value);
        let d = self.dimension();
        let z: Vec<f64> = (0..d).map(|i| self.scaled(x, i)).collect();
        let mut next = others.iter_mut();
        let mut put = |value: f64| {
            if let Some(entry) = next.next() {
                *entry = value;
            }
        };
        put(1.0);
        z.iter().for_each(|z| put(*z));
        for (i, a) in z.iter().enumerate() {
            z[i..].iter().for_each(|b| put(a * b));
        }
        put(external.value);
    }

    /// Derivatives of all features at x along a vector, `[len]`, where the units were evaluated last.
    pub fn derivatives(
        &self,
        x: &[f64],
        direction: &[f64],
        external: &ExternalAt<'_>,
        units: &Units,
        row: &mut [f64],
    ) {
        let (planes, others) = row.split_at_mut(self.planes());
        planes.fill(0.0);
        for (a, along) in direction.iter().enumerate() {
            add(planes, *along, self.along(a));
        }
        planes
            .iter_mut()
            .zip(&units.first)
            .for_each(|(p, f)| *p *= f);
        let d = self.dimension();
        let mut next = others.iter_mut();
        let mut put = |value: f64| {
            if let Some(entry) = next.next() {
                *entry = value;
            }
        };
        put(0.0);
        let rate = |i: usize| direction[i] / self.scale[i];
        (0..d).for_each(|i| put(rate(i)));
        for i in 0..d {
            (i..d).for_each(|j| put(rate(i) * self.scaled(x, j) + rate(j) * self.scaled(x, i)));
        }
        put(inner(direction, external.gradient));
    }

    pub fn scaled(&self, x: &[f64], axis: usize) -> f64 {
        (x[axis] - self.centre[axis]) / self.scale[axis]
    }
}

/// `a . b`, in four parts at a time.
pub(super) fn inner(a: &[f64], b: &[f64]) -> f64 {
    let (left, rest) = a.as_chunks::<4>();
    let (right, other) = b.as_chunks::<4>();
    let mut sums = [0.0; 4];
    for (a, b) in left.iter().zip(right) {
        for k in 0..4 {
            sums[k] += a[k] * b[k];
        }
    }
    let tail: f64 = rest.iter().zip(other).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f64>() + tail
}

/// `y += factor x`.
pub(super) fn add(y: &mut [f64], factor: f64, x: &[f64]) {
    y.iter_mut().zip(x).for_each(|(y, x)| *y += factor * x);
}
