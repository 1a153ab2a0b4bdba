//! Walls that a map may not cross. It takes the faces of a box onto themselves, and where there is mass
//! everywhere that is enough; mass of compact support can pass them, as nothing holds the map outside of it.

use super::TransportFlow;
use crate::error::{Error, ErrorKind, Result};
use crate::flow::{Context, Queries};

/// The part of the mass beyond the walls, and the part of a side beyond them, from which on it is not rounding.
const OUT: f64 = 1e-4;
const BEYOND: f64 = 1e-6;

impl TransportFlow {
    /// Refuses positions `[n][d]` of masses that are out of a box. Collective.
    ///
    /// # Errors
    /// [`Folded`](ErrorKind::Folded) if they are.
    pub(super) fn check_walls(&self, cx: &Context, y: &[f64], masses: &[f64]) -> Result<()> {
        let domain = self.domain();
        if !domain.is_box() {
            return Ok(());
        }
        let is_out = |y: &[f64]| {
            let faces = domain.lower().iter().zip(domain.upper());
            y.iter().zip(faces).any(|(y, (lower, upper))| {
                let beyond = BEYOND * (upper - lower);
                *y < lower - beyond || *y > upper + beyond
            })
        };
        let points = y.chunks_exact(domain.dimension()).zip(masses);
        let out = points.filter(|(y, _)| is_out(y)).map(|(_, m)| m);
        let mut sums = [out.sum::<f64>(), masses.iter().sum()];
        cx.ranks().sum(Ok(()), &mut sums)?;
        let [out, all] = sums;
        if out <= OUT * all {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Folded,
            format!(
                "the transport map takes {:.1e} of the mass through the walls of the box; accepted are a wider \
                 box, or `transport` = dual, whose walls hold, up to three dimensions",
                out / all
            ),
        ))
    }
}
