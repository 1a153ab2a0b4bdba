//! A field in units of its own, `u_i = offset_i + size N_i`.

use super::{AffineJet, Ansatz, Straight};
use crate::energy::MOST_COMPONENTS;

/// Offset and size of a field: a network is at its best where its outputs vary by about 1 around 0,
/// whatever the units of u.
///
/// Components have one size, the largest, so that all outputs are in one unit: what damps a least squares is
/// relative to its mean diagonal, and would outweigh a component whose unit is far smaller.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Normalized {
    /// The value that each component of u varies around.
    pub offset: [f64; MOST_COMPONENTS],
    /// The standard deviation of its values, or a magnitude like it.
    pub size: f64,
}

impl Normalized {
    /// The units of the network itself.
    pub const NONE: Self = Self {
        offset: [0.0; MOST_COMPONENTS],
        size: 1.0,
    };

    /// The offset of a component.
    fn of(&self, component: usize) -> f64 {
        self.offset.get(component).copied().unwrap_or(0.0)
    }
}

impl Ansatz for Normalized {
    fn is_identity(&self) -> bool {
        *self == Self::NONE
    }

    fn straight(&self, component: usize) -> Option<Straight> {
        Some(Straight {
            offset: self.of(component),
            slope: 0.0,
            factor: self.size,
        })
    }

    fn at(&self, _x: &[f64], component: usize, _second: bool, out: &mut AffineJet) {
        out.reset(self.of(component), self.size);
    }
}
