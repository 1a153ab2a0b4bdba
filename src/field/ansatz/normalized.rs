//! A field in units of its own, `u = offset + size N`.

use super::{AffineJet, Ansatz};

/// Offset and size of a field: a network is at its best where its outputs vary by about 1 around 0,
/// whatever the units of u.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Normalized {
    /// The value that u varies around.
    pub offset: f64,
    /// The standard deviation of its values, or a magnitude like it.
    pub size: f64,
}

impl Normalized {
    /// The units of the network itself.
    pub const NONE: Self = Self {
        offset: 0.0,
        size: 1.0,
    };
}

impl Ansatz for Normalized {
    fn is_identity(&self) -> bool {
        *self == Self::NONE
    }

    fn at(&self, _x: &[f64], _component: usize, _second: bool, out: &mut AffineJet) {
        out.reset(self.offset, self.size);
    }
}
