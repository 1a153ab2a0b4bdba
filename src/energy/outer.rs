//! Functions of integrals: energies `phi(int g dx)`.

use crate::error::{Error, Result};
use std::fmt;
use std::sync::Arc;

/// `phi`, its first and its second derivative at a number.
pub type OfNumber = dyn Fn(f64) -> Result<[f64; 3]> + Send + Sync;

/// A function phi of an integral.
#[derive(Clone)]
pub struct Outer(Arc<OfNumber>);

impl fmt::Debug for Outer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outer").finish_non_exhaustive()
    }
}

impl Outer {
    /// The function of this value and these derivatives.
    #[must_use]
    pub const fn new(phi: Arc<OfNumber>) -> Self {
        Self(phi)
    }

    /// `c/2 (I - A)^2`, a penalty.
    #[must_use]
    pub fn penalty(c: f64, value: f64) -> Self {
        let phi = move |integral: f64| {
            let miss = integral - value;
            Ok([0.5 * c * miss * miss, c * miss, c])
        };
        Self(Arc::new(phi))
    }

    /// phi and its derivatives.
    ///
    /// # Errors
    /// What the function returns, and [`NotFinite`](crate::ErrorKind::NotFinite).
    pub fn at(&self, integral: f64) -> Result<[f64; 3]> {
        let named = |e: Error| e.context("a function of an integral");
        let all = (self.0)(integral).map_err(named)?;
        match all.iter().all(|value| value.is_finite()) {
            true => Ok(all),
            false => Err(Error::not_finite(format!(
                "a function of an integral and its derivatives are {all:?} at {integral}; accepted are finite values"
            ))),
        }
    }
}
