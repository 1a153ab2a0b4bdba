//! Energies with a pointwise density, `F(u) = int f(x, u(x), grad u(x)) dx`.

use candle_core::Tensor;

use crate::{Arguments, Descriptor, Result};

/// An energy `F(u) = int f(x, u, p) dx`, `p = grad u`, given by its density in Candle tensors.
///
/// [`create`](Self::create) and [`density`](Self::density) are all that is needed. Candle
/// differentiates the density; where speed matters, [`FIRST`](Self::FIRST) and
/// [`SECOND`](Self::SECOND) give closed forms instead, and
/// [`check::closed_forms`](crate::check::closed_forms) compares them with the density.
pub trait Functional: Sized + Send + Sync + 'static {
    /// What the energy says about itself.
    const DESCRIPTOR: Descriptor;

    /// A closed form of `f` and its first derivatives, used in place of Candle.
    const FIRST: Option<FirstForm<Self>> = None;

    /// A closed form of the second derivatives. The host is told that they are offered exactly
    /// when this is given; without it the host takes differences of the first derivatives, which
    /// steer its convergence and not its answer.
    const SECOND: Option<SecondForm<Self>> = None;

    /// An instance with the given parameters.
    ///
    /// # Errors
    /// The parameters do not fit together; the message says how they would.
    fn create(arguments: &Arguments) -> Result<Self>;

    /// The density at every point, of shape `[n]`.
    ///
    /// Elementwise operations, broadcasts and sums stay on the calling thread, as the host
    /// requires. Large matrix products and convolutions would not: Candle has a thread pool for
    /// them. Write `x A` as broadcast products and sums.
    ///
    /// # Errors
    /// Those of the tensor operations.
    fn density(&self, sample: &Sample) -> candle_core::Result<Tensor>;

    /// Refuses points outside the domain of the density, before anything is evaluated. NaN is to
    /// be let through: it becomes NaN in the output, which the host recognises.
    ///
    /// # Errors
    /// [`Error::Recoverable`](crate::Error::Recoverable) for values that a smaller step may avoid.
    fn require(&self, points: &Points<'_>) -> Result<()> {
        let _ = points;
        Ok(())
    }
}

/// A closed form of `f`, `f_u`, `f_p`, `f_x`. Wanted outputs arrive filled with zeros.
pub type FirstForm<F> = fn(&F, &Points<'_>, &mut First<'_>) -> Result<()>;

/// A closed form of `f_uu`, `f_up`, `f_pp`. Wanted outputs arrive filled with zeros.
pub type SecondForm<F> = fn(&F, &Points<'_>, &mut Second<'_>) -> Result<()>;

/// A batch of points as tensors of `f64` on the CPU.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Positions, `[n, d]`.
    pub x: Tensor,
    /// Values of `u`, `[n]`.
    pub u: Tensor,
    /// `grad u`, `[n, d]`; zeros when the descriptor does not say `uses_gradient`.
    pub p: Tensor,
}

/// A batch of points as slices, row-major, point after point.
#[derive(Debug, Clone, Copy)]
pub struct Points<'a> {
    /// The number of points.
    pub n: usize,
    /// The dimension of `x`, at least 1.
    pub d: usize,
    /// Positions, `[n][d]`.
    pub x: &'a [f64],
    /// Values of `u`, `[n]`.
    pub u: &'a [f64],
    /// `grad u`, `[n][d]`; empty when the descriptor does not say `uses_gradient`.
    pub p: &'a [f64],
}

/// Where a [`FirstForm`] writes; `None` is not wanted.
#[derive(Debug, Default)]
pub struct First<'a> {
    /// The density, `[n]`.
    pub f: Option<&'a mut [f64]>,
    /// `df/du`, `[n]`.
    pub f_u: Option<&'a mut [f64]>,
    /// `df/dp`, `[n][d]`.
    pub f_p: Option<&'a mut [f64]>,
    /// `df/dx` at fixed `u` and `p`, `[n][d]`.
    pub f_x: Option<&'a mut [f64]>,
}

impl First<'_> {
    pub(crate) fn is_wanted(&self) -> bool {
        self.f.is_some() || self.f_u.is_some() || self.f_p.is_some() || self.f_x.is_some()
    }
}

/// Where a [`SecondForm`] writes; `None` is not wanted.
#[derive(Debug, Default)]
pub struct Second<'a> {
    /// `d2f/du2`, `[n]`.
    pub f_uu: Option<&'a mut [f64]>,
    /// `d2f/du dp`, `[n][d]`.
    pub f_up: Option<&'a mut [f64]>,
    /// `d2f/dp2`, `[n][d][d]`, symmetric.
    pub f_pp: Option<&'a mut [f64]>,
}

impl Second<'_> {
    pub(crate) fn is_wanted(&self) -> bool {
        self.f_uu.is_some() || self.f_up.is_some() || self.f_pp.is_some()
    }
}
