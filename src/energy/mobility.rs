//! Mobilities: what the rate of a flow is multiplied by, `u_t = -M(t, x, u) dF/du`.

use crate::error::{Error, ErrorKind, Result};
use std::fmt;
use std::sync::Arc;

/// Fills M (`[n]`) at a time, at points x (`[n][d]`) where a field is u (`[n]`).
pub type OfState = dyn Fn(f64, &[f64], &[f64], &mut [f64]) -> Result<()> + Send + Sync;

/// What a mobility depends on beside x.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dependence {
    /// On u.
    pub value: bool,
    /// On t.
    pub time: bool,
}

impl Dependence {
    /// Whether it is one function of x at all times.
    #[must_use]
    pub const fn is_of_position(self) -> bool {
        !self.value && !self.time
    }
}

/// A mobility M > 0. Its metric is `<v, w> = int v w / M`.
#[derive(Clone)]
pub struct Mobility {
    function: Arc<OfState>,
    depends: Dependence,
}

impl fmt::Debug for Mobility {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let depends = &self.depends;
        f.debug_struct("Mobility")
            .field("depends", depends)
            .finish_non_exhaustive()
    }
}

impl Mobility {
    /// A mobility that depends on these beside x.
    #[must_use]
    pub const fn new(function: Arc<OfState>, depends: Dependence) -> Self {
        Self { function, depends }
    }

    /// The mobility `M(x)` of a function of one position, `[d]`.
    #[must_use]
    pub fn of_position(d: usize, m: impl Fn(&[f64]) -> f64 + Send + Sync + 'static) -> Self {
        let all = move |_: f64, x: &[f64], _: &[f64], out: &mut [f64]| {
            let points = out.iter_mut().zip(x.chunks_exact(d));
            points.for_each(|(out, x)| *out = m(x));
            Ok(())
        };
        Self::new(Arc::new(all), Dependence::default())
    }

    /// The mobility `M(u)` of a function of the value alone.
    #[must_use]
    pub fn of_value(m: impl Fn(f64) -> f64 + Send + Sync + 'static) -> Self {
        let all = move |_: f64, _: &[f64], u: &[f64], out: &mut [f64]| {
            out.iter_mut().zip(u).for_each(|(out, u)| *out = m(*u));
            Ok(())
        };
        let (value, time) = (true, false);
        Self::new(Arc::new(all), Dependence { value, time })
    }

    /// What it depends on.
    #[must_use]
    pub const fn depends(&self) -> Dependence {
        self.depends
    }

    /// M at a time, at points x (`[n][d]`) where the field is u (`[n]`).
    ///
    /// # Errors
    /// What the function returns, [`NotFinite`](ErrorKind::NotFinite), and [`Argument`](ErrorKind::Argument) if M
    /// is not positive.
    pub fn at(&self, t: f64, x: &[f64], u: &[f64]) -> Result<Vec<f64>> {
        let mut m = vec![f64::NAN; u.len()];
        if u.is_empty() {
            return Ok(m);
        }
        let named = |e: Error| e.context("the mobility");
        (self.function)(t, x, u, &mut m).map_err(named)?;
        let Some(at) = m.iter().position(|m| !(m.is_finite() && *m > 0.0)) else {
            return Ok(m);
        };
        let d = x.len() / u.len();
        let place = &x[at * d..(at + 1) * d];
        let with = match self.depends.value {
            true => format!(", u = {:?}", u[at]),
            false => String::new(),
        };
        let kind = match m[at].is_finite() {
            true => ErrorKind::Argument,
            false => ErrorKind::NotFinite,
        };
        Err(Error::new(
            kind,
            format!(
                "the mobility is {} at x = {place:?}, t = {t}{with}; accepted are finite values above 0",
                m[at]
            ),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_positive_or_no_number_is_refused_with_its_place() {
        let mobility = Mobility::of_value(|u| u);
        assert_eq!(
            mobility.at(0.0, &[0.0, 1.0], &[2.0, 3.0]).unwrap(),
            [2.0, 3.0]
        );
        for (u, kind) in [
            (0.0, ErrorKind::Argument),
            (-1.0, ErrorKind::Argument),
            (f64::NAN, ErrorKind::NotFinite),
            (f64::INFINITY, ErrorKind::NotFinite),
        ] {
            let refused = mobility.at(0.5, &[0.0, 0.25], &[1.0, u]).unwrap_err();
            assert_eq!(refused.kind(), kind);
            let words = format!("{u} at x = [0.25], t = 0.5, u = {u:?}; accepted");
            assert!(refused.message().contains(&words), "{refused}");
        }
        let none = Mobility::of_position(1, |_| f64::NAN);
        assert!(none.at(0.0, &[], &[]).unwrap().is_empty());
    }
}
