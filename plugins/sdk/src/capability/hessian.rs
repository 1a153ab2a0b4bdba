//! Energies of second derivatives, `F(t, u) = int f(t, x, u(x), grad u(x), Hess u(x)) dx`.

#[cfg(feature = "candle")]
use candle_core::{DType, Device, Tensor};
use movimento_abi as abi;

use super::Tables;
#[cfg(feature = "candle")]
use crate::autograd::{Input, copy, differentiate, require_shape};
use crate::border::arrays::Extent;
use crate::border::table::{Fill, TableOffer, evaluate, other_arrays};
use crate::{Energy, Error, Result};

/// An energy `F(t, u) = int f(t, x, u, p, h) dx`, `p = grad u` and `h = Hess u`, given by its density in Candle
/// tensors. Derivatives in h are those of a function of `d^2` numbers of their own.
///
/// [`density`](Self::density) is all that is needed; Candle differentiates it. Where speed matters
/// [`FIRST`](Self::FIRST) and [`SECOND`](Self::SECOND) give closed forms instead.
pub trait HessianFunctional: Energy {
    /// A closed form of `f` and its first derivatives, used in place of Candle.
    const FIRST: Option<HessianForm<Self>> = None;

    /// A closed form of the second derivatives. The host is told that they are offered exactly when this is
    /// given; without it the host takes differences of the first derivatives.
    const SECOND: Option<HessianSecondForm<Self>> = None;

    /// The density at every point, of shape `[n]`; the advice on threads of
    /// [`Functional::density`](crate::Functional::density) holds here too.
    ///
    /// # Errors
    /// A tensor operation failed.
    #[cfg(feature = "candle")]
    fn density(&self, sample: &HessianSample) -> candle_core::Result<Tensor>;

    /// Refuses points outside the domain of the density, before anything is evaluated. NaN is to
    /// be let through.
    ///
    /// # Errors
    /// [`Error::Recoverable`](crate::Error::Recoverable) for values that a smaller step may avoid.
    fn require(&self, points: &HessianPoints<'_>) -> Result<()> {
        let _ = points;
        Ok(())
    }
}

/// A closed form of `f` and its first derivatives. Wanted outputs arrive filled with zeros.
pub type HessianForm<F> = fn(&F, &HessianPoints<'_>, &mut HessianFirst<'_>) -> Result<()>;

/// A closed form of the second derivatives. Wanted outputs arrive filled with zeros.
pub type HessianSecondForm<F> = fn(&F, &HessianPoints<'_>, &mut HessianSecond<'_>) -> Result<()>;

/// A batch of points as tensors of `f64` on the CPU.
#[cfg(feature = "candle")]
#[derive(Debug, Clone)]
pub struct HessianSample {
    /// Positions, `[n, d]`.
    pub x: Tensor,
    /// Values of `u`, `[n]`.
    pub u: Tensor,
    /// `grad u`, `[n, d]`; zeros when the descriptor does not say `uses_gradient`.
    pub p: Tensor,
    /// `Hess u`, `[n, d, d]`.
    pub h: Tensor,
    /// The time; of no meaning when the descriptor does not say `uses_time`.
    pub t: f64,
}

#[cfg(feature = "candle")]
impl HessianSample {
    /// The Laplacian of u, `[n]`.
    ///
    /// # Errors
    /// A tensor operation failed.
    pub fn laplacian(&self) -> candle_core::Result<Tensor> {
        let d = self.h.dim(1)?;
        let unit = Tensor::eye(d, DType::F64, self.h.device())?;
        self.h.broadcast_mul(&unit)?.sum(2)?.sum(1)
    }
}

/// A batch of points as slices, row-major, point after point.
#[derive(Debug, Clone, Copy)]
pub struct HessianPoints<'a> {
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
    /// `Hess u`, `[n][d][d]`.
    pub h: &'a [f64],
    /// The time; of no meaning when the descriptor does not say `uses_time`.
    pub t: f64,
}

/// Outputs of a [`HessianForm`]; `None` is not wanted.
#[derive(Debug, Default)]
pub struct HessianFirst<'a> {
    /// The density, `[n]`.
    pub f: Option<&'a mut [f64]>,
    /// `df/du`, `[n]`.
    pub f_u: Option<&'a mut [f64]>,
    /// `df/dp`, `[n][d]`.
    pub f_p: Option<&'a mut [f64]>,
    /// `df/dx` at fixed `u`, `p` and `h`, `[n][d]`.
    pub f_x: Option<&'a mut [f64]>,
    /// `df/dh`, `[n][d][d]`.
    pub f_h: Option<&'a mut [f64]>,
}

/// Outputs of a [`HessianSecondForm`]; `None` is not wanted.
#[derive(Debug, Default)]
pub struct HessianSecond<'a> {
    /// `d2f/du2`, `[n]`.
    pub f_uu: Option<&'a mut [f64]>,
    /// `d2f/du dp`, `[n][d]`.
    pub f_up: Option<&'a mut [f64]>,
    /// `d2f/dp2`, `[n][d][d]`, symmetric.
    pub f_pp: Option<&'a mut [f64]>,
    /// `d2f/du dh`, `[n][d][d]`.
    pub f_uh: Option<&'a mut [f64]>,
    /// `d2f/dp dh`, `[n][d][d][d]`, the index of p first.
    pub f_ph: Option<&'a mut [f64]>,
    /// `d2f/dh2`, `[n][d][d][d][d]`, symmetric in its two pairs.
    pub f_hh: Option<&'a mut [f64]>,
}

impl<F: HessianFunctional> Tables<F> {
    /// The flag and the closed form are one fact.
    const HESSIAN_FLAG: u32 = match F::SECOND {
        Some(_) => abi::SECOND_DERIVATIVES,
        None => 0,
    };

    /// The table `movimento.hessian/1`.
    pub const HESSIAN: Option<TableOffer> = Some(TableOffer::new(
        &abi::HessianTable {
            struct_size: size_of::<abi::HessianTable>() as u64,
            evaluate: Some(evaluate::<abi::HessianTable, F>),
        },
        Self::HESSIAN_FLAG,
    ));
}

impl<F: HessianFunctional> Fill<abi::HessianTable> for F {
    fn fill(
        &self,
        extent: Extent,
        inputs: &[&[f64]],
        outputs: &mut [Option<&mut [f64]>],
    ) -> Result<()> {
        let (&[x, u, p, h], [f, f_u, f_p, f_x, f_h, f_uu, f_up, f_pp, f_uh, f_ph, f_hh]) =
            (inputs, outputs)
        else {
            return Err(other_arrays(abi::HESSIAN_1));
        };
        let Extent { n, d, t, .. } = extent;
        let points = HessianPoints {
            n,
            d,
            x,
            u,
            p,
            h,
            t,
        };
        let first = [&f, &f_u, &f_p, &f_x, &f_h]
            .iter()
            .any(|array| array.is_some());
        let second = [&f_uu, &f_up, &f_pp, &f_uh, &f_ph, &f_hh];
        let second = second.iter().any(|array| array.is_some());
        self.require(&points)?;
        if first {
            let mut out = HessianFirst {
                f: f.take(),
                f_u: f_u.take(),
                f_p: f_p.take(),
                f_x: f_x.take(),
                f_h: f_h.take(),
            };
            match <F as HessianFunctional>::FIRST {
                Some(form) => form(self, &points, &mut out)?,
                None => by_autograd(self, &points, &mut out)?,
            }
        }
        if !second {
            return Ok(());
        }
        let mut out = HessianSecond {
            f_uu: f_uu.take(),
            f_up: f_up.take(),
            f_pp: f_pp.take(),
            f_uh: f_uh.take(),
            f_ph: f_ph.take(),
            f_hh: f_hh.take(),
        };
        match <F as HessianFunctional>::SECOND {
            Some(form) => form(self, &points, &mut out),
            None => Err(Error::fatal(
                "second derivatives are asked for but not offered",
            )),
        }
    }
}

/// Refuses energies without a closed form while they are compiled.
#[cfg(not(feature = "candle"))]
fn by_autograd<F: HessianFunctional>(
    _: &F,
    _: &HessianPoints<'_>,
    _: &mut HessianFirst<'_>,
) -> Result<()> {
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
fn by_autograd<F: HessianFunctional>(
    energy: &F,
    at: &HessianPoints<'_>,
    out: &mut HessianFirst<'_>,
) -> Result<()> {
    let (uses_x, uses_p) = (
        F::DESCRIPTOR.has(abi::USES_POSITION),
        F::DESCRIPTOR.has(abi::USES_GRADIENT),
    );
    let shape = [at.n, at.d];
    let x = Input::new(at.x, &shape, uses_x && out.f_x.is_some())?;
    let u = Input::new(at.u, &[at.n], out.f_u.is_some())?;
    let p = if uses_p {
        Input::new(at.p, &shape, out.f_p.is_some())?
    } else {
        Input::Fixed(Tensor::zeros(&shape, DType::F64, &Device::Cpu)?)
    };
    let h = Input::new(at.h, &[at.n, at.d, at.d], out.f_h.is_some())?;
    let sample = HessianSample {
        x: x.tensor().clone(),
        u: u.tensor().clone(),
        p: p.tensor().clone(),
        h: h.tensor().clone(),
        t: at.t,
    };
    let f = energy.density(&sample)?;
    require_shape("density", &f, at.n)?;
    copy(&f, &mut out.f)?;
    differentiate(
        &f,
        &mut [
            (&x, &mut out.f_x),
            (&u, &mut out.f_u),
            (&p, &mut out.f_p),
            (&h, &mut out.f_h),
        ],
    )
}
