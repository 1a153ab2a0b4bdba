//! Components that are `c + b x_i + l N_i` with numbers c, b and l, as those of most fields are: their jets take a
//! few products each.

use crate::field::{JetShape, JetsMut};
use std::ops::Range;

/// The component i of a field, `offset + slope x_i + factor N_i`.
#[derive(Clone, Copy, Debug)]
pub struct Straight {
    /// c
    pub offset: f64,
    /// b; 0 for a component that has no axis of its own.
    pub slope: f64,
    /// l
    pub factor: f64,
}

impl Straight {
    /// Overwrites an entry of jets of N by that of u, or of `l N` where `part` is 0.
    pub(super) fn compose(
        &self,
        (x, component): (&[f64], usize),
        shape: JetShape,
        part: f64,
        (entry, jets): (usize, &mut JetsMut<'_>),
    ) {
        self.scale(shape, entry, jets);
        let mut lift = self.offset;
        if self.slope != 0.0 {
            lift += self.slope * x[component];
            if shape.slope() > 0 {
                jets.slope[entry * shape.dimension + component] += part * self.slope;
            }
        }
        jets.value[entry] += part * lift;
    }

    /// Multiplies an entry of jets by l, which is also how derivatives in them come back.
    pub(super) fn scale(&self, shape: JetShape, entry: usize, jets: &mut JetsMut<'_>) {
        let d = shape.dimension;
        let times = |all: &mut [f64], at: Range<usize>| {
            all[at].iter_mut().for_each(|it| *it *= self.factor);
        };
        times(jets.value, entry..entry + 1);
        if shape.slope() > 0 {
            times(jets.slope, entry * d..(entry + 1) * d);
        }
        if shape.curved() > 0 {
            times(jets.curved, entry..entry + 1);
        }
        if shape.hessian() > 0 {
            times(jets.hessian, entry * d * d..(entry + 1) * d * d);
        }
    }
}
