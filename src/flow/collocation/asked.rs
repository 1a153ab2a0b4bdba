//! The external potential V with derivatives at points, by differences, and how it goes on near by: asking
//! for it is what steps spend most of their time on where it is a function of the host.

use super::features::ExternalAt;

/// Derivatives of V that are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
pub(super) enum Wanted {
    Gradient,
    Hessian,
}

impl Wanted {
    /// Those that a potential takes of V, which may be one of its features.
    pub const fn of(is_feature: bool) -> Self {
        if is_feature {
            Self::Hessian
        } else {
            Self::Gradient
        }
    }
}

/// V at points.
#[derive(Clone, Debug, Default)]
pub(super) struct External {
    /// `[n]`
    pub value: Vec<f64>,
    /// `[n][d]`
    pub gradient: Vec<f64>,
    /// `[n][d][d]`; 0 where it is not wanted.
    pub hessian: Vec<f64>,
}

/// Derivatives of V where they were taken last.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    /// `[n][d]`
    pub x: Vec<f64>,
    /// `[n][d]`
    pub gradient: Vec<f64>,
    /// `[n][d][d]`, or none.
    pub hessian: Vec<f64>,
}

impl Asked {
    /// Those at points x.
    pub fn of(external: &External, x: &[f64], wanted: Wanted) -> Self {
        let hessian = match wanted {
            Wanted::Hessian => external.hessian.clone(),
            Wanted::Gradient => Vec::new(),
        };
        Self {
            x: x.to_vec(),
            gradient: external.gradient.clone(),
            hessian,
        }
    }

    /// Takes over at point i what others have at k.
    pub fn replace(&mut self, i: usize, others: &Self, k: usize, d: usize) {
        let parts = [
            (&mut self.x, &others.x, d),
            (&mut self.gradient, &others.gradient, d),
            (&mut self.hessian, &others.hessian, d * d),
        ];
        for (own, others, size) in parts {
            if !own.is_empty() {
                own[i * size..(i + 1) * size].copy_from_slice(&others[k * size..(k + 1) * size]);
            }
        }
    }

    /// How far points y are from there, the root of the mean square in units of the scale.
    pub fn way(&self, y: &[f64], scale: &[f64]) -> f64 {
        let axes = self.x.iter().zip(y).zip(scale.iter().cycle());
        let square: f64 = axes.map(|((x, y), s)| ((x - y) / s).powi(2)).sum();
        (square * scale.len() as f64 / y.len() as f64).sqrt()
    }

    /// V at points y, where it has these values: its gradient goes along a line.
    pub fn continued(&self, value: Vec<f64>, y: &[f64]) -> External {
        let d = y.len() / value.len();
        let mut external = External::of(value, y.len());
        external.gradient.copy_from_slice(&self.gradient);
        if self.hessian.is_empty() {
            return external;
        }
        external.hessian.copy_from_slice(&self.hessian);
        let ways = y.chunks_exact(d).zip(self.x.chunks_exact(d));
        let matrices = self.hessian.chunks_exact(d * d).zip(ways);
        for (gradient, (matrix, (y, x))) in external.gradient.chunks_exact_mut(d).zip(matrices) {
            for (g, row) in gradient.iter_mut().zip(matrix.chunks_exact(d)) {
                let way = y.iter().zip(x).zip(row);
                *g += way.map(|((y, x), h)| h * (y - x)).sum::<f64>();
            }
        }
        external
    }
}

impl External {
    /// Values, with room for slopes of so many components and second derivatives, 0.
    pub fn of(value: Vec<f64>, components: usize) -> Self {
        let d = components / value.len().max(1);
        Self {
            value,
            gradient: vec![0.0; components],
            hessian: vec![0.0; components * d],
        }
    }

    /// V at point i.
    pub fn at(&self, i: usize, d: usize) -> ExternalAt<'_> {
        ExternalAt {
            value: self.value[i],
            gradient: &self.gradient[i * d..(i + 1) * d],
            hessian: &self.hessian[i * d * d..(i + 1) * d * d],
        }
    }

    /// Derivatives at point i of the values at its shifts.
    pub fn take(&mut self, i: usize, v: &[f64], step: &[f64], wanted: Wanted) {
        let d = step.len();
        let gradient = &mut self.gradient[i * d..(i + 1) * d];
        for (a, g) in gradient.iter_mut().enumerate() {
            *g = (v[1 + 2 * a] - v[2 + 2 * a]) / (2.0 * step[a]);
        }
        if wanted < Wanted::Hessian {
            return;
        }
        let hessian = &mut self.hessian[i * d * d..(i + 1) * d * d];
        let mut pairs = v[1 + 2 * d..].iter();
        for a in 0..d {
            hessian[a * d + a] = (v[1 + 2 * a] - 2.0 * v[0] + v[2 + 2 * a]) / (step[a] * step[a]);
            for (b, both) in (0..a).zip(&mut pairs) {
                // Of first order in the step but for the third derivatives along the axes themselves.
                let mixed = both - v[1 + 2 * a] - v[1 + 2 * b] + v[0];
                hessian[a * d + b] = mixed / (step[a] * step[b]);
                hessian[b * d + a] = hessian[a * d + b];
            }
        }
    }
}

/// A point of a difference: steps along two axes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shift([(usize, i8); 2]);

impl Shift {
    pub fn along(self, axis: usize) -> i8 {
        let Self(parts) = self;
        let of = parts.iter().filter(|(a, _)| *a == axis);
        of.map(|(_, by)| by).sum()
    }
}

/// The centre; two points along each axis; one for each pair of axes.
pub(super) fn shifts(d: usize, wanted: Wanted) -> Vec<Shift> {
    let mut all = vec![Shift([(0, 0); 2])];
    for a in 0..d {
        all.extend([1, -1].map(|by| Shift([(a, by), (a, 0)])));
    }
    if wanted >= Wanted::Hessian {
        for a in 0..d {
            all.extend((0..a).map(|b| Shift([(a, 1), (b, 1)])));
        }
    }
    all
}
