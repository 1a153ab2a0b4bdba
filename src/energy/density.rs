//! What an energy can be asked for: the interface that plugins, callbacks and Rust code share.

use crate::error::Result;

/// Points at which densities are wanted. Arrays are row-major, point after point.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// Dimension of x.
    pub d: usize,
    /// Positions, `[n][d]`.
    pub x: &'a [f64],
    /// Values of u, `[n]`.
    pub u: &'a [f64],
    /// Gradients p = grad u, `[n][d]`.
    pub p: &'a [f64],
}

impl Batch<'_> {
    /// How many points there are.
    #[must_use]
    pub const fn n(&self) -> usize {
        self.u.len()
    }
}

/// Where a density and its derivatives go; `None` is not wanted. Shapes as in `movimento_plugin.h`.
#[derive(Debug, Default)]
pub struct Derivatives<'a> {
    /// The density, `[n]`.
    pub f: Option<&'a mut [f64]>,
    /// df/du, `[n]`.
    pub f_u: Option<&'a mut [f64]>,
    /// df/dp, `[n][d]`.
    pub f_p: Option<&'a mut [f64]>,
    /// df/dx, the explicit dependence only, `[n][d]`.
    pub f_x: Option<&'a mut [f64]>,
    /// `[n]`.
    pub f_uu: Option<&'a mut [f64]>,
    /// `[n][d]`.
    pub f_up: Option<&'a mut [f64]>,
    /// `[n][d][d]`, symmetric.
    pub f_pp: Option<&'a mut [f64]>,
}

impl<'a> Derivatives<'a> {
    /// All seven, in the order of the fields.
    fn arrays(&mut self) -> [&mut Option<&'a mut [f64]>; 7] {
        [
            &mut self.f,
            &mut self.f_u,
            &mut self.f_p,
            &mut self.f_x,
            &mut self.f_uu,
            &mut self.f_up,
            &mut self.f_pp,
        ]
    }

    /// Calls `work` with each array that is wanted, in the order of the fields.
    pub fn each(&mut self, mut work: impl FnMut(&mut [f64])) {
        self.arrays().into_iter().flatten().for_each(|a| work(a));
    }

    /// The length of each array, 0 where it is not wanted.
    pub fn lengths(&mut self) -> [usize; 7] {
        self.arrays().map(|a| a.as_ref().map_or(0, |a| a.len()))
    }

    /// The same arrays wanted in `buffers`; an empty buffer is not wanted.
    pub fn from_buffers(buffers: &'a mut [Vec<f64>; 7]) -> Self {
        let [f, f_u, f_p, f_x, f_uu, f_up, f_pp] = buffers
            .each_mut()
            .map(|b| (!b.is_empty()).then_some(b.as_mut_slice()));
        Self {
            f,
            f_u,
            f_p,
            f_x,
            f_uu,
            f_up,
            f_pp,
        }
    }
}

/// What is known of a density without evaluating it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // four independent facts, each with a name
pub struct Traits {
    /// It depends on grad u.
    pub uses_gradient: bool,
    /// It depends on x explicitly.
    pub uses_position: bool,
    /// It is convex in (u, p).
    pub convex: bool,
    /// It may only be called from the thread that called the solver (host callbacks).
    pub caller_thread_only: bool,
}

/// A pointwise density `f(x, u, grad u)`.
pub trait Density: Send + Sync {
    /// What kind of density this is.
    fn traits(&self) -> Traits;

    /// Fills what is wanted. All derivatives can be asked for, in any combination.
    ///
    /// # Errors
    /// Those of the plugin or callback behind it, and
    /// [`NotFinite`](crate::ErrorKind::NotFinite) if what it returned is not finite.
    fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> Result<()>;
}

/// Pairs of points at which an interaction kernel is wanted.
#[derive(Clone, Copy, Debug)]
pub struct PairBatch<'a> {
    /// Dimension of x and y.
    pub d: usize,
    /// `[n][d]`.
    pub x: &'a [f64],
    /// `[n][d]`.
    pub y: &'a [f64],
}

/// An interaction kernel `W(x, y) = W(y, x)`.
pub trait PairKernel: Send + Sync {
    /// Fills `w` (`[n]`) and `grad_x W` (`[n][d]`) where they are wanted.
    ///
    /// # Errors
    /// Those of the plugin behind it, and [`NotFinite`](crate::ErrorKind::NotFinite).
    fn evaluate(
        &self,
        batch: &PairBatch<'_>,
        w: Option<&mut [f64]>,
        w_x: Option<&mut [f64]>,
    ) -> Result<()>;
}
