//! The features of an embedding at many points, in the arrays of the kernels.

use super::Real;
use crate::field::Embedding;

impl Embedding {
    /// The features at positions `x` (`[n][d]`) and their derivatives, as channels: `out` is
    /// `[1 + d][n][features]`, channel 0 the values, channel 1 + i the derivatives in `x_i`; or
    /// `[1][n][features]`, the values alone.
    pub fn apply(&self, x: &[f64], out: &mut [f64]) {
        let channel = x.len() / self.dimension() * self.features();
        out.fill(0.0);
        self.each(x, |axis, at, [value, derivative, _]| {
            out[at] = value;
            if let Some(out) = out.get_mut((1 + axis) * channel + at) {
                *out = derivative;
            }
        });
    }

    /// The features at positions `x` (`[n][d]`) and the derivative of each along the one axis that
    /// it varies along, both `[features][n]`. The features of an axis lie together, axis after
    /// axis.
    pub fn apply_rates<R: Real>(&self, x: &[f64], values: &mut [R], rates: &mut [R]) {
        let (n, e) = (x.len() / self.dimension(), self.features());
        self.each(x, |_, at, [value, derivative, _]| {
            let at = at % e * n + at / e;
            values[at] = R::of(value);
            rates[at] = R::of(derivative);
        });
    }

    /// The derivative in x, `[n][d]`, added to `out`, of a function whose derivatives in the
    /// features and in their derivatives are `adjoint`, in the channels of [`apply`](Self::apply).
    pub fn add_gradient(&self, x: &[f64], adjoint: &[f64], out: &mut [f64]) {
        let (d, e) = (self.dimension(), self.features());
        let channel = x.len() / d * e;
        self.each(x, |axis, at, [_, derivative, second]| {
            out[at / e * d + axis] +=
                adjoint[at] * derivative + adjoint[(1 + axis) * channel + at] * second;
        });
    }

    /// `A : Hess` of the features, `[n][features]`; `a` is `[n][d][d]`.
    pub fn apply_second(&self, x: &[f64], a: &[f64], out: &mut [f64]) {
        let (d, e) = (self.dimension(), self.features());
        self.each(x, |axis, at, [_, _, second]| {
            out[at] = a[at / e * d * d + axis * (d + 1)] * second;
        });
    }
}
