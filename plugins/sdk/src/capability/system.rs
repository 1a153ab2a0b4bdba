//! Energies of fields of several components, `F(t, u) = int f(t, x, u(x), grad u(x)) dx`.

#[cfg(feature = "candle")]
use candle_core::{DType, Device, Tensor};
use movimento_abi as abi;

use super::{First, Second, Tables};
#[cfg(feature = "candle")]
use crate::autograd::{Input, copy, differentiate, require_shape};
use crate::border::arrays::Extent;
use crate::border::table::{Fill, TableOffer, evaluate, other_arrays};
use crate::{Energy, Error, Result};

/// An energy `F(t, u) = int f(t, x, u, p) dx`, `p = grad u`, of a field of so many components, given by its
/// density in Candle tensors.
///
/// [`density`](Self::density) is all that is needed; Candle differentiates it. Where speed matters
/// [`FIRST`](Self::FIRST) and [`SECOND`](Self::SECOND) give closed forms instead.
pub trait SystemFunctional: Energy {
    /// The components c of u, from 1 to 16.
    const COMPONENTS: usize;

    /// A closed form of `f` and its first derivatives, used in place of Candle: `f` is `[n]`, `f_u` `[n][c]`,
    /// `f_p` `[n][c][d]` and `f_x` `[n][d]`.
    const FIRST: Option<SystemForm<Self>> = None;

    /// A closed form of the second derivatives, `f_uu` `[n][c][c]`, `f_up` `[n][c][c][d]` and `f_pp`
    /// `[n][c][d][c][d]`. The host is told that they are offered exactly when this is given; without it the
    /// host takes differences of the first derivatives.
    const SECOND: Option<SystemSecondForm<Self>> = None;

    /// The density at every point, of shape `[n]`; the advice on threads of
    /// [`Functional::density`](crate::Functional::density) holds here too.
    ///
    /// # Errors
    /// A tensor operation failed.
    #[cfg(feature = "candle")]
    fn density(&self, sample: &SystemSample) -> candle_core::Result<Tensor>;

    /// Refuses points outside the domain of the density, before anything is evaluated. NaN is to
    /// be let through.
    ///
    /// # Errors
    /// [`Error::Recoverable`](crate::Error::Recoverable) for values that a smaller step may avoid.
    fn require(&self, points: &SystemPoints<'_>) -> Result<()> {
        let _ = points;
        Ok(())
    }
}

/// A closed form of `f`, `f_u`, `f_p`, `f_x`. Wanted outputs arrive filled with zeros.
pub type SystemForm<F> = fn(&F, &SystemPoints<'_>, &mut First<'_>) -> Result<()>;

/// A closed form of `f_uu`, `f_up`, `f_pp`. Wanted outputs arrive filled with zeros.
pub type SystemSecondForm<F> = fn(&F, &SystemPoints<'_>, &mut Second<'_>) -> Result<()>;

/// A batch of points as tensors of `f64` on the CPU.
#[cfg(feature = "candle")]
#[derive(Debug, Clone)]
pub struct SystemSample {
    /// Positions, `[n, d]`.
    pub x: Tensor,
    /// Values of `u`, `[n, c]`.
    pub u: Tensor,
    /// `grad u`, `[n, c, d]`; zeros when the descriptor does not say `uses_gradient`.
    pub p: Tensor,
    /// The time; of no meaning when the descriptor does not say `uses_time`.
    pub t: f64,
}

/// A batch of points as slices, row-major, point after point.
#[derive(Debug, Clone, Copy)]
pub struct SystemPoints<'a> {
    /// The number of points.
    pub n: usize,
    /// The dimension of `x`, at least 1.
    pub d: usize,
    /// The components of `u`.
    pub c: usize,
    /// Positions, `[n][d]`.
    pub x: &'a [f64],
    /// Values of `u`, `[n][c]`.
    pub u: &'a [f64],
    /// `grad u`, `[n][c][d]`; empty when the descriptor does not say `uses_gradient`.
    pub p: &'a [f64],
    /// The time; of no meaning when the descriptor does not say `uses_time`.
    pub t: f64,
}

impl<F: SystemFunctional> Tables<F> {
    /// The flag and the closed form are one fact.
    const SYSTEM_FLAG: u32 = match F::SECOND {
        Some(_) => abi::SECOND_DERIVATIVES,
        None => 0,
    };

    /// The table `movimento.system/1`.
    pub const SYSTEM: Option<TableOffer> = Some(TableOffer::new(
        &abi::SystemTable {
            struct_size: size_of::<abi::SystemTable>() as u64,
            components: F::COMPONENTS as u64,
            evaluate: Some(evaluate::<abi::SystemTable, F>),
        },
        Self::SYSTEM_FLAG,
    ));
}

impl<F: SystemFunctional> Fill<abi::SystemTable> for F {
    const COMPONENTS: usize = <F as SystemFunctional>::COMPONENTS;

    fn fill(
        &self,
        extent: Extent,
        inputs: &[&[f64]],
        outputs: &mut [Option<&mut [f64]>],
    ) -> Result<()> {
        let (&[x, u, p], [f, f_u, f_p, f_x, f_uu, f_up, f_pp]) = (inputs, outputs) else {
            return Err(other_arrays(abi::SYSTEM_1));
        };
        let Extent { n, d, c, t } = extent;
        let points = SystemPoints {
            n,
            d,
            c,
            x,
            u,
            p,
            t,
        };
        let mut first = First {
            f: f.take(),
            f_u: f_u.take(),
            f_p: f_p.take(),
            f_x: f_x.take(),
        };
        let mut second = Second {
            f_uu: f_uu.take(),
            f_up: f_up.take(),
            f_pp: f_pp.take(),
        };
        self.require(&points)?;
        if first.is_wanted() {
            match F::FIRST {
                Some(form) => form(self, &points, &mut first)?,
                None => by_autograd(self, &points, &mut first)?,
            }
        }
        match F::SECOND {
            Some(form) if second.is_wanted() => form(self, &points, &mut second),
            None if second.is_wanted() => Err(Error::fatal(
                "second derivatives are asked for but not offered",
            )),
            _ => Ok(()),
        }
    }
}

/// Refuses energies without a closed form while they are compiled.
#[cfg(not(feature = "candle"))]
fn by_autograd<F: SystemFunctional>(_: &F, _: &SystemPoints<'_>, _: &mut First<'_>) -> Result<()> {
    const {
        assert!(
            F::FIRST.is_some(),
            "without the feature `candle` FIRST is needed"
        )
    };
    Err(Error::fatal("built without Candle"))
}

/// Fills what is wanted in `out` by differentiating the density.
#[cfg(feature = "candle")]
fn by_autograd<F: SystemFunctional>(
    energy: &F,
    at: &SystemPoints<'_>,
    out: &mut First<'_>,
) -> Result<()> {
    let (uses_x, uses_p) = (
        F::DESCRIPTOR.has(abi::USES_POSITION),
        F::DESCRIPTOR.has(abi::USES_GRADIENT),
    );
    let slopes = [at.n, at.c, at.d];
    let x = Input::new(at.x, &[at.n, at.d], uses_x && out.f_x.is_some())?;
    let u = Input::new(at.u, &[at.n, at.c], out.f_u.is_some())?;
    let p = if uses_p {
        Input::new(at.p, &slopes, out.f_p.is_some())?
    } else {
        Input::Fixed(Tensor::zeros(&slopes, DType::F64, &Device::Cpu)?)
    };
    let sample = SystemSample {
        x: x.tensor().clone(),
        u: u.tensor().clone(),
        p: p.tensor().clone(),
        t: at.t,
    };
    let f = energy.density(&sample)?;
    require_shape("density", &f, at.n)?;
    copy(&f, &mut out.f)?;
    differentiate(
        &f,
        &mut [(&x, &mut out.f_x), (&u, &mut out.f_u), (&p, &mut out.f_p)],
    )
}
