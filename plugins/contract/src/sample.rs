//! Points to evaluate at.

use crate::instance_table::{Inputs, InstanceTable};

/// Ranges that points are taken from.
#[derive(Clone, Copy, Debug)]
pub struct Ranges {
    /// Number of points.
    pub points: usize,
    /// Each coordinate of `x` and `y`.
    pub x: (f64, f64),
    /// The values of `u`.
    pub u: (f64, f64),
    /// Each component of `p = grad u`.
    pub p: (f64, f64),
    /// The time.
    pub t: f64,
}

impl Default for Ranges {
    fn default() -> Self {
        Self {
            points: 13,
            x: (-1.5, 1.5),
            u: (-2.0, 2.0),
            p: (-1.0, 1.0),
            t: 0.0,
        }
    }
}

impl Ranges {
    /// The range of an input.
    #[must_use]
    pub fn of(&self, input: &str) -> (f64, f64) {
        match input {
            "u" => self.u,
            "p" => self.p,
            _ => self.x,
        }
    }

    /// Points for a table.
    #[must_use]
    pub fn inputs(&self, table: &InstanceTable<'_>, numbers: &mut Numbers) -> Inputs {
        let (n, of) = (self.points, table.widths());
        let specs = table.kind().inputs.iter();
        let arrays = specs.map(|spec| numbers.take(spec.length(n, of), self.of(spec.name)));
        let arrays = arrays.collect();
        Inputs {
            n,
            t: self.t,
            arrays,
        }
    }
}

/// A small generator of reproducible numbers (`SplitMix64`).
pub struct Numbers(u64);

impl Numbers {
    /// Numbers that depend on the seed only.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// `count` numbers between the two ends.
    pub fn take(&mut self, count: usize, (low, high): (f64, f64)) -> Vec<f64> {
        let mut next = || low + (high - low) * self.unit();
        (0..count).map(|_| next()).collect()
    }

    /// A number in `[0, 1)`.
    pub fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 * 2f64.powi(-53)
    }
}
