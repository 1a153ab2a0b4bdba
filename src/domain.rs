//! The domain: a box.

use crate::error::{Error, Result};
use crate::options::Options;

/// A box `[lower, upper]` in R^d.
#[derive(Clone, Debug, PartialEq)]
pub struct Domain {
    lower: Vec<f64>,
    upper: Vec<f64>,
}

impl Domain {
    /// The box of the options `dimension`, `lower` and `upper`.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option) if the lengths do not fit the dimension or an axis is empty.
    pub fn from_options(options: &Options) -> Result<Self> {
        let d = usize::try_from(options.integer("dimension")?).unwrap_or(0);
        let corner = |name: &str| -> Result<Vec<f64>> {
            let given = options.reals(name)?;
            match given.as_slice() {
                [one] => Ok(vec![*one; d]),
                all if all.len() == d => Ok(given),
                all => Err(Error::option(format!(
                    "option `{name}` has {} entries; accepted is 1 or `dimension` = {d}",
                    all.len()
                ))),
            }
        };
        let (lower, upper) = (corner("lower")?, corner("upper")?);
        for (axis, (lo, hi)) in lower.iter().zip(&upper).enumerate() {
            if lo >= hi {
                return Err(Error::option(format!(
                    "option `upper` is {hi} on axis {axis}, where `lower` is {lo}; accepted is `upper` > `lower`"
                )));
            }
        }
        Ok(Self { lower, upper })
    }

    /// The dimension d.
    #[must_use]
    pub const fn dimension(&self) -> usize {
        self.lower.len()
    }

    /// The lower corner, `[d]`.
    #[must_use]
    pub fn lower(&self) -> &[f64] {
        &self.lower
    }

    /// The upper corner, `[d]`.
    #[must_use]
    pub fn upper(&self) -> &[f64] {
        &self.upper
    }

    /// Its volume.
    #[must_use]
    pub fn volume(&self) -> f64 {
        self.lower
            .iter()
            .zip(&self.upper)
            .map(|(lo, hi)| hi - lo)
            .product()
    }
}
