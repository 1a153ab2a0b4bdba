//! Densities `f(t, x, u, grad u, Hess u)`: the interface that plugins, callbacks and Rust code share.

mod checked;
mod compared;
mod differences;
mod hessian_differences;
mod plugin;
mod plugin_hessian;
mod steps;
mod sum;
mod system;

pub use checked::Checked;
pub(super) use checked::{first_bad, position};
pub(super) use compared::Compared;
pub use differences::Differences;
pub use plugin::PluginDensity;
pub use plugin_hessian::PluginHessian;
pub use sum::evaluate_sum;
pub use system::PluginSystem;

use crate::error::{Error, Result};
use std::ops::Range;
use std::sync::Arc;

/// The most components of a field.
pub const MOST_COMPONENTS: usize = 16;

/// Points at which densities are wanted. Arrays are row-major, point after point.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    /// Components of u.
    pub c: usize,
    /// Dimension of x.
    pub d: usize,
    /// Time at which the density is wanted.
    pub t: f64,
    /// Positions, `[n][d]`.
    pub x: &'a [f64],
    /// Values of u, `[n][c]`.
    pub u: &'a [f64],
    /// Gradients p = grad u, `[n][c][d]`.
    pub p: &'a [f64],
    /// Second derivatives h = Hess u, `[n][c][d][d]`, symmetric; may be empty for densities that do not use them.
    pub h: &'a [f64],
}

impl Batch<'_> {
    /// Number of points.
    #[must_use]
    pub const fn n(&self) -> usize {
        // A batch of no components is refused by `check`.
        match self.u.len().checked_div(self.c) {
            Some(n) => n,
            None => 0,
        }
    }

    /// Some of the points.
    #[must_use]
    pub(crate) fn part(&self, points: Range<usize>) -> Self {
        let rows = |width: usize| points.start * width..points.end * width;
        Self {
            x: &self.x[rows(self.d)],
            p: &self.p[rows(self.c * self.d)],
            u: &self.u[rows(self.c)],
            h: match self.h.is_empty() {
                true => &[],
                false => &self.h[rows(self.c * self.d * self.d)],
            },
            ..*self
        }
    }

    /// Checks that every array, those in `wanted` included, has the shape that n, c and d ask.
    ///
    /// # Errors
    /// [`Argument`](crate::ErrorKind::Argument) naming the first array that does not.
    pub fn check(&self, wanted: &Derivatives<'_>) -> Result<()> {
        let (n, c, d) = (self.n(), self.c, self.d);
        if c == 0 || d == 0 {
            return Err(Error::argument(format!(
                "a batch is of {c} components in dimension {d}; accepted is 1 and above"
            )));
        }
        let size = |widths: &[usize]| {
            let mut widths = widths.iter();
            widths.try_fold(n, |size, width| size.checked_mul(*width))
        };
        let shape = |name: &str, len: usize, accepted: Option<usize>| {
            if accepted == Some(len) {
                Ok(())
            } else {
                Err(Error::argument(format!(
                    "array `{name}` of a batch has {len} entries; n = {n} points in dimension {d}{} ask for {}",
                    match c {
                        1 => String::new(),
                        _ => format!(" with {c} components"),
                    },
                    accepted.map_or_else(|| "more than there can be".to_owned(), |a| a.to_string()),
                )))
            }
        };
        shape("u", self.u.len(), size(&[c]))?;
        shape("x", self.x.len(), size(&[d]))?;
        shape("p", self.p.len(), size(&[c, d]))?;
        if !self.h.is_empty() {
            shape("h", self.h.len(), size(&[c, d, d]))?;
        }
        for (name, array, accepted) in [
            ("f", &wanted.f, size(&[])),
            ("f_u", &wanted.f_u, size(&[c])),
            ("f_p", &wanted.f_p, size(&[c, d])),
            ("f_x", &wanted.f_x, size(&[d])),
            ("f_uu", &wanted.f_uu, size(&[c, c])),
            ("f_up", &wanted.f_up, size(&[c, c, d])),
            ("f_pp", &wanted.f_pp, size(&[c, d, c, d])),
            ("f_h", &wanted.f_h, size(&[c, d, d])),
            ("f_uh", &wanted.f_uh, size(&[c, c, d, d])),
            ("f_ph", &wanted.f_ph, size(&[c, d, c, d, d])),
            ("f_hh", &wanted.f_hh, size(&[c, d, d, c, d, d])),
        ] {
            if let Some(array) = array {
                shape(name, array.len(), accepted)?;
            }
        }
        Ok(())
    }
}

/// How many arrays there are of a density and its derivatives.
const ARRAYS: usize = 11;

/// Places for a density and its derivatives; `None` is not wanted. Of one component, c = 1, shapes are those
/// of `movimento_plugin.h`.
#[derive(Debug, Default)]
pub struct Derivatives<'a> {
    /// The density, `[n]`.
    pub f: Option<&'a mut [f64]>,
    /// df/du, `[n][c]`.
    pub f_u: Option<&'a mut [f64]>,
    /// df/dp, `[n][c][d]`.
    pub f_p: Option<&'a mut [f64]>,
    /// df/dx, the explicit dependence only, `[n][d]`.
    pub f_x: Option<&'a mut [f64]>,
    /// d2f/du2, `[n][c][c]`, symmetric.
    pub f_uu: Option<&'a mut [f64]>,
    /// d2f/du dp, `[n][c][c][d]`: entry `[i][j][k]` is that of `u_i` and the slope of `u_j` along axis k.
    pub f_up: Option<&'a mut [f64]>,
    /// d2f/dp2, `[n][c][d][c][d]`, symmetric.
    pub f_pp: Option<&'a mut [f64]>,
    /// df/dh, `[n][c][d][d]`: its sum of products with a symmetric change of h is the change of f.
    pub f_h: Option<&'a mut [f64]>,
    /// d2f/du dh, `[n][c][c][d][d]`.
    pub f_uh: Option<&'a mut [f64]>,
    /// d2f/dp dh, `[n][c][d][c][d][d]`.
    pub f_ph: Option<&'a mut [f64]>,
    /// d2f/dh2, `[n][c][d][d][c][d][d]`, symmetric.
    pub f_hh: Option<&'a mut [f64]>,
}

impl<'a> Derivatives<'a> {
    /// Lists the arrays in the order of the fields.
    fn arrays(&mut self) -> [&mut Option<&'a mut [f64]>; ARRAYS] {
        [
            &mut self.f,
            &mut self.f_u,
            &mut self.f_p,
            &mut self.f_x,
            &mut self.f_uu,
            &mut self.f_up,
            &mut self.f_pp,
            &mut self.f_h,
            &mut self.f_uh,
            &mut self.f_ph,
            &mut self.f_hh,
        ]
    }

    /// Calls `work` with each array that is wanted, in the order of the fields.
    pub fn each(&mut self, mut work: impl FnMut(&mut [f64])) {
        self.arrays().into_iter().flatten().for_each(|a| work(a));
    }

    /// The length of each array, 0 where it is not wanted.
    pub fn lengths(&mut self) -> [usize; ARRAYS] {
        self.arrays().map(|a| a.as_ref().map_or(0, |a| a.len()))
    }

    /// Wants the arrays in `buffers` that are not empty.
    pub fn from_buffers(buffers: &'a mut [Vec<f64>; ARRAYS]) -> Self {
        let [f, f_u, f_p, f_x, f_uu, f_up, f_pp, f_h, f_uh, f_ph, f_hh] = buffers
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
            f_h,
            f_uh,
            f_ph,
            f_hh,
        }
    }

    /// Whether nothing is wanted.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.f.is_none()
            && self.f_u.is_none()
            && self.f_p.is_none()
            && self.f_x.is_none()
            && self.f_uu.is_none()
            && self.f_up.is_none()
            && self.f_pp.is_none()
            && self.f_h.is_none()
            && self.f_uh.is_none()
            && self.f_ph.is_none()
            && self.f_hh.is_none()
    }

    /// Fills with zeros, and then no longer wants, the derivatives in h.
    pub(crate) fn settle_hessian(&mut self) {
        let [.., f_h, f_uh, f_ph, f_hh] = self.arrays();
        [f_h, f_uh, f_ph, f_hh].into_iter().for_each(vanish);
    }

    /// Fills with zeros, and then no longer wants, what vanishes because of these traits.
    pub(crate) fn settle_zeros(&mut self, traits: Traits) {
        if !traits.uses_gradient {
            vanish(&mut self.f_p);
            vanish(&mut self.f_up);
            vanish(&mut self.f_pp);
            vanish(&mut self.f_ph);
        }
        if !traits.uses_hessian {
            self.settle_hessian();
        }
        if !traits.uses_position {
            vanish(&mut self.f_x);
        }
    }

    /// The places of some of the points, of c components in dimension d.
    pub(crate) fn part(
        &mut self,
        points: &Range<usize>,
        (c, d): (usize, usize),
    ) -> Derivatives<'_> {
        fn cut<'a>(
            array: &'a mut Option<&mut [f64]>,
            points: &Range<usize>,
            width: usize,
        ) -> Option<&'a mut [f64]> {
            let array = array.as_deref_mut()?;
            Some(&mut array[points.start * width..points.end * width])
        }
        let h = c * d * d;
        Derivatives {
            f: cut(&mut self.f, points, 1),
            f_u: cut(&mut self.f_u, points, c),
            f_p: cut(&mut self.f_p, points, c * d),
            f_x: cut(&mut self.f_x, points, d),
            f_uu: cut(&mut self.f_uu, points, c * c),
            f_up: cut(&mut self.f_up, points, c * c * d),
            f_pp: cut(&mut self.f_pp, points, c * d * c * d),
            f_h: cut(&mut self.f_h, points, h),
            f_uh: cut(&mut self.f_uh, points, c * h),
            f_ph: cut(&mut self.f_ph, points, c * d * h),
            f_hh: cut(&mut self.f_hh, points, h * h),
        }
    }

    /// Borrows the wishes, to be handed on and kept.
    pub(crate) fn reborrow(&mut self) -> Derivatives<'_> {
        Derivatives {
            f: self.f.as_deref_mut(),
            f_u: self.f_u.as_deref_mut(),
            f_p: self.f_p.as_deref_mut(),
            f_x: self.f_x.as_deref_mut(),
            f_uu: self.f_uu.as_deref_mut(),
            f_up: self.f_up.as_deref_mut(),
            f_pp: self.f_pp.as_deref_mut(),
            f_h: self.f_h.as_deref_mut(),
            f_uh: self.f_uh.as_deref_mut(),
            f_ph: self.f_ph.as_deref_mut(),
            f_hh: self.f_hh.as_deref_mut(),
        }
    }
}

/// Fills an array with zeros, which is then no longer wanted.
fn vanish(slot: &mut Option<&mut [f64]>) {
    if let Some(array) = slot.take() {
        array.fill(0.0);
    }
}

/// Properties of a density that are known without evaluating it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // independent facts, each with a name
pub struct Traits {
    /// It depends on grad u.
    pub uses_gradient: bool,
    /// It depends on Hess u.
    pub uses_hessian: bool,
    /// It depends on x explicitly.
    pub uses_position: bool,
    /// It depends on time explicitly.
    pub uses_time: bool,
    /// It is convex in (u, p, h).
    pub convex: bool,
    /// It may only be called from the thread that called the solver (host callbacks).
    pub caller_thread_only: bool,
    /// The derivatives that it gives itself.
    pub derivatives: SuppliedDerivatives,
}

/// Derivatives that a density gives itself; differences supply the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SuppliedDerivatives {
    /// `f_u`, `f_p` and `f_h`.
    ValueAndSlopes,
    /// `f_u`, `f_p`, `f_h` and `f_x`.
    First,
    /// The second ones in u, p and h as well.
    #[default]
    All,
}

/// A pointwise density `f(t, x, u, grad u, Hess u)` of an energy.
pub trait EnergyDensity: Send + Sync {
    /// Its properties, which never change.
    fn traits(&self) -> Traits;

    /// The components of the u that it is of.
    fn components(&self) -> usize {
        1
    }

    /// Fills what is wanted, in any combination of the derivatives that its traits say it
    /// supplies; a [`Term`](super::Term) supplies the others by [`Differences`].
    ///
    /// # Errors
    /// The refusal of the plugin or callback behind it, and
    /// [`NotFinite`](crate::ErrorKind::NotFinite) if what it returned is not finite.
    fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> Result<()>;
}

impl<D: EnergyDensity + ?Sized> EnergyDensity for Arc<D> {
    fn traits(&self) -> Traits {
        (**self).traits()
    }

    fn components(&self) -> usize {
        (**self).components()
    }

    fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> Result<()> {
        (**self).evaluate(batch, wanted)
    }
}

/// Refuses points of a u of several components where a density is one of a scalar.
///
/// # Errors
/// [`Argument`](crate::ErrorKind::Argument).
pub(crate) fn require_scalar(batch: &Batch<'_>) -> Result<()> {
    match batch.c {
        1 => Ok(()),
        c => Err(Error::argument(format!(
            "a batch is of {c} components; the density is one of a scalar u"
        ))),
    }
}
