//! Interaction energies, `F(u) = 1/2 int int W(x, y) u(x) u(y) dx dy`.

use candle_core::Tensor;

use crate::{Arguments, Descriptor, Result};

/// An interaction energy given by its kernel `W(x, y) = W(y, x)` in Candle tensors.
///
/// Candle differentiates the kernel in `x`; [`GRADIENT`](Self::GRADIENT) gives a closed form
/// instead, and [`check::closed_kernel`](crate::check::closed_kernel) compares the two.
pub trait PairKernel: Sized + Send + Sync + 'static {
    /// What the energy says about itself.
    const DESCRIPTOR: Descriptor;

    /// A closed form of `W` and `grad_x W`, used in place of Candle.
    const GRADIENT: Option<PairForm<Self>> = None;

    /// An instance with the given parameters.
    ///
    /// # Errors
    /// The parameters do not fit together; the message says how they would.
    fn create(arguments: &Arguments) -> Result<Self>;

    /// The kernel at every pair, of shape `[n]`; `x` and `y` are `[n, d]`.
    ///
    /// Coinciding points occur: say what `W(x, x)` is, and see that the gradient there is a
    /// number. The advice on threads of [`Functional::density`](crate::Functional::density)
    /// holds here too.
    ///
    /// # Errors
    /// Those of the tensor operations.
    fn kernel(&self, x: &Tensor, y: &Tensor) -> candle_core::Result<Tensor>;
}

/// A closed form of `W` and `grad_x W`. Wanted outputs arrive filled with zeros.
pub type PairForm<K> = fn(&K, &Pairs<'_>, &mut PairValues<'_>) -> Result<()>;

/// A batch of pairs of points as slices, row-major, pair after pair.
#[derive(Debug, Clone, Copy)]
pub struct Pairs<'a> {
    /// The number of pairs.
    pub n: usize,
    /// The dimension, at least 1.
    pub d: usize,
    /// First points, `[n][d]`.
    pub x: &'a [f64],
    /// Second points, `[n][d]`.
    pub y: &'a [f64],
}

/// Where a [`PairForm`] writes; `None` is not wanted.
#[derive(Debug, Default)]
pub struct PairValues<'a> {
    /// `W(x, y)`, `[n]`.
    pub w: Option<&'a mut [f64]>,
    /// `grad_x W(x, y)`, `[n][d]`.
    pub w_x: Option<&'a mut [f64]>,
}

impl PairValues<'_> {
    pub(crate) fn is_wanted(&self) -> bool {
        self.w.is_some() || self.w_x.is_some()
    }
}
