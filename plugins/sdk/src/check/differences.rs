//! Points to evaluate at, and differences between them.

/// A small generator of reproducible numbers (`SplitMix64`).
pub(super) struct Numbers(u64);

impl Numbers {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// `count` numbers between the two ends.
    pub(super) fn take(&mut self, count: usize, (low, high): (f64, f64)) -> Vec<f64> {
        (0..count)
            .map(|_| low + (high - low) * self.unit())
            .collect()
    }

    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 * 2f64.powi(-53)
    }
}

/// The step at which the fourth-order difference balances truncation and rounding.
pub(super) const STEP: f64 = 7e-4;

/// The displacements of the central difference of fourth order, in steps, with their weights.
pub(super) const STENCIL: [(f64, f64); 4] = [
    (-2.0, 1.0 / 12.0),
    (-1.0, -2.0 / 3.0),
    (1.0, 2.0 / 3.0),
    (2.0, -1.0 / 12.0),
];

/// Adds `weight / STEP * values` to `sum`.
pub(super) fn accumulate(sum: &mut [f64], values: &[f64], weight: f64) {
    for (sum, value) in sum.iter_mut().zip(values) {
        *sum += weight * value / STEP;
    }
}

/// Every `stride`-th entry from `first` on: one component of an array of vectors.
pub(super) fn component(values: &[f64], first: usize, stride: usize) -> Vec<f64> {
    values.iter().skip(first).step_by(stride).copied().collect()
}

/// Adds `by` to every `stride`-th entry from `first` on.
pub(super) fn shift(values: &mut [f64], first: usize, stride: usize, by: f64) {
    values
        .iter_mut()
        .skip(first)
        .step_by(stride)
        .for_each(|value| *value += by);
}

/// What stands behind the end of every output, to show when it is overwritten.
pub(super) const SENTINEL: f64 = -1.234_567e123;

/// An output of `length` numbers and a sentinel.
pub(super) fn output(length: usize) -> Vec<f64> {
    vec![SENTINEL; length + 1]
}

/// Takes the sentinel off; false when it was overwritten.
pub(super) fn intact(output: &mut Vec<f64>) -> bool {
    output
        .pop()
        .is_some_and(|last| last.to_bits() == SENTINEL.to_bits())
}

/// Equality that takes NaN for equal to NaN.
pub(super) fn same(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len()
        && a.iter()
            .zip(b)
            .all(|(a, b)| a == b || (a.is_nan() && b.is_nan()))
}
