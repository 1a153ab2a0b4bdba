//! Bounds between which a field is held.

use crate::error::{Error, ErrorKind, Result};
use std::fmt;
use std::sync::Arc;

/// Writes the lower and the upper bound at positions `x` (`[n][d]`) into `[n]` each; where it writes nothing there is
/// none. It is called on the thread that calls the solver.
pub type BoundsAt = dyn Fn(&[f64], &mut [f64], &mut [f64]) -> Result<()> + Send + Sync;

/// Bounds `lo(x) <= u <= hi(x)`; infinite where there is none.
#[derive(Clone)]
pub enum Bounds {
    /// The same everywhere.
    Constant {
        /// The lower one, or minus infinity.
        lower: f64,
        /// The upper one, or infinity.
        upper: f64,
    },
    /// Functions of position.
    Function(Arc<BoundsAt>),
}

impl fmt::Debug for Bounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant { lower, upper } => write!(f, "Constant({lower}, {upper})"),
            Self::Function(_) => f.write_str("Function"),
        }
    }
}

impl Bounds {
    /// The lower and the upper bound at n positions `x` (`[n][d]`).
    ///
    /// # Errors
    /// What the function returns, [`NotFinite`](ErrorKind::NotFinite) for NaN, and
    /// [`Argument`](ErrorKind::Argument) where no number is between them.
    pub fn at(&self, n: usize, x: &[f64]) -> Result<[Vec<f64>; 2]> {
        let mut lower = vec![f64::NEG_INFINITY; n];
        let mut upper = vec![f64::INFINITY; n];
        match self {
            Self::Constant {
                lower: lo,
                upper: hi,
            } => {
                lower.fill(*lo);
                upper.fill(*hi);
            }
            Self::Function(_) if n == 0 => {}
            Self::Function(both) => {
                let named = |e: Error| e.context("the bounds");
                both(x, &mut lower, &mut upper).map_err(named)?;
            }
        }
        let is_wrong = |(lo, hi): (&f64, &f64)| {
            lo.is_nan()
                || hi.is_nan()
                || lo > hi
                || *lo == f64::INFINITY
                || *hi == f64::NEG_INFINITY
        };
        let Some(at) = lower.iter().zip(&upper).position(is_wrong) else {
            return Ok([lower, upper]);
        };
        let (lo, hi) = (lower[at], upper[at]);
        let kind = match lo.is_nan() || hi.is_nan() {
            true => ErrorKind::NotFinite,
            false => ErrorKind::Argument,
        };
        let place = match self {
            Self::Constant { .. } => String::new(),
            Self::Function(_) => {
                let d = x.len() / n;
                format!(" at x = {:?}", &x[at * d..(at + 1) * d])
            }
        };
        Err(Error::new(
            kind,
            format!(
                "the bounds are {lo} and {hi}{place}; accepted are a lower one that is not above the upper one, \
                 -inf and inf where there is none"
            ),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_that_nothing_is_between_are_refused() {
        let of = |lower, upper| Bounds::Constant { lower, upper }.at(2, &[0.0, 1.0]);
        assert_eq!(of(0.0, 1.0).unwrap(), [[0.0; 2], [1.0; 2]]);
        assert_eq!(of(0.0, 0.0).unwrap()[1], [0.0; 2]);
        let inf = f64::INFINITY;
        assert!(of(-inf, inf).is_ok());
        for (lower, upper, kind) in [
            (1.0, 0.5, ErrorKind::Argument),
            (inf, inf, ErrorKind::Argument),
            (-inf, -inf, ErrorKind::Argument),
            (f64::NAN, 1.0, ErrorKind::NotFinite),
            (0.0, f64::NAN, ErrorKind::NotFinite),
        ] {
            assert_eq!(of(lower, upper).unwrap_err().kind(), kind);
        }
        let crossing = Bounds::Function(Arc::new(
            |x: &[f64], lower: &mut [f64], upper: &mut [f64]| {
                lower.copy_from_slice(x);
                upper.fill(0.5);
                Ok(())
            },
        ));
        let refused = crossing.at(2, &[0.0, 1.0]).unwrap_err();
        assert!(
            refused.message().contains("1 and 0.5 at x = [1.0]"),
            "{refused}"
        );
    }
}
