//! Measures that are carried by weighted points: those of one rank, and of all.

use crate::communicator::Ranks;
use crate::error::Result;

/// A measure at a time: points with masses, and its density there.
#[derive(Clone, Copy, Debug)]
pub struct Measure<'a> {
    /// Dimension.
    pub d: usize,
    /// Time.
    pub t: f64,
    /// Points, `[n][d]`.
    pub y: &'a [f64],
    /// Masses, `[n]`.
    pub w: &'a [f64],
    /// Density, `[n]`.
    pub rho: &'a [f64],
}

impl Measure<'_> {
    /// Other points; of no use where masses count.
    pub(super) fn same_at<'b>(&self, y: &'b [f64], rho: &'b [f64]) -> Measure<'b>
    where
        Self: 'b,
    {
        Measure {
            d: self.d,
            t: self.t,
            y,
            w: &[],
            rho,
        }
    }
}

/// The masses of all ranks, which act on those of each.
#[derive(Clone, Debug, Default)]
pub(super) struct Whole {
    y: Vec<f64>,
    w: Vec<f64>,
}

impl Whole {
    /// Takes up where the masses are now; nothing to do where there is one rank.
    pub fn gather(&mut self, ranks: &Ranks, own: &Measure<'_>) -> Result<()> {
        if !ranks.are_alone() {
            self.y = ranks.gather(own.y)?;
            self.w = ranks.gather(own.w)?;
        }
        Ok(())
    }

    /// The measure of all masses, `own` being those of this rank; its density is not known.
    pub fn or<'a>(&'a self, ranks: &Ranks, own: Measure<'a>) -> Measure<'a> {
        if ranks.are_alone() {
            return own;
        }
        Measure {
            d: own.d,
            t: own.t,
            y: &self.y,
            w: &self.w,
            rho: &[],
        }
    }
}

/// `int f / rho d(measure)`.
pub(super) fn integral(measure: &Measure<'_>, f: &[f64]) -> f64 {
    let points = measure.w.iter().zip(f).zip(measure.rho);
    points.map(|((w, f), rho)| w * f / rho).sum()
}
