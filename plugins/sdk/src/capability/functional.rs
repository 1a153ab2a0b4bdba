//! Energies with a pointwise density, `F(t, u) = int f(t, x, u(x), grad u(x)) dx`.

#[cfg(feature = "candle")]
use candle_core::{DType, Device, Tensor};
use movimento_abi as abi;
#[cfg(feature = "candle")]
use movimento_contract::sample::{Numbers, Ranges};
#[cfg(feature = "candle")]
use movimento_contract::{Expected, Report};

use super::Tables;
#[cfg(feature = "candle")]
use crate::Arguments;
#[cfg(feature = "candle")]
use crate::autograd::{Input, copy, differentiate, require_shape};
use crate::border::arrays::Extent;
use crate::border::table::{Fill, TableOffer, evaluate, other_arrays};
use crate::{Energy, Error, Result};

/// An energy `F(t, u) = int f(t, x, u, p) dx`, `p = grad u`, given by its density in Candle tensors.
///
/// [`density`](Self::density) is all that is needed. Candle differentiates the density; where speed
/// matters, [`FIRST`](Self::FIRST) and
/// [`SECOND`](Self::SECOND) give closed forms instead, and
/// [`check::closed_forms`](crate::check::closed_forms) compares them with the density.
pub trait Functional: Energy {
    /// A closed form of `f` and its first derivatives, used in place of Candle.
    const FIRST: Option<FirstForm<Self>> = None;

    /// A closed form of the second derivatives. The host is told that they are offered exactly
    /// when this is given; without it the host takes differences of the first derivatives, which
    /// steer its convergence and not its answer.
    const SECOND: Option<SecondForm<Self>> = None;

    /// The density at every point, of shape `[n]`.
    ///
    /// Elementwise operations, broadcasts and sums stay on the calling thread, as the host
    /// requires. Large matrix products and convolutions would not: Candle has a thread pool for
    /// them. Write `x A` as broadcast products and sums.
    ///
    /// # Errors
    /// A tensor operation failed.
    #[cfg(feature = "candle")]
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
#[cfg(feature = "candle")]
#[derive(Debug, Clone)]
pub struct Sample {
    /// Positions, `[n, d]`.
    pub x: Tensor,
    /// Values of `u`, `[n]`.
    pub u: Tensor,
    /// `grad u`, `[n, d]`; zeros when the descriptor does not say `uses_gradient`.
    pub p: Tensor,
    /// The time; of no meaning when the descriptor does not say `uses_time`.
    pub t: f64,
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
    /// The time; of no meaning when the descriptor does not say `uses_time`.
    pub t: f64,
}

/// Outputs of a [`FirstForm`]; `None` is not wanted.
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

/// Outputs of a [`SecondForm`]; `None` is not wanted.
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

impl<F: Functional> Tables<F> {
    /// The flag and the closed form are one fact.
    const SECOND_FLAG: u32 = match F::SECOND {
        Some(_) => abi::SECOND_DERIVATIVES,
        None => 0,
    };

    /// The table `movimento.local/1`.
    pub const LOCAL: Option<TableOffer> = Some(TableOffer::new(
        &abi::LocalTable {
            struct_size: size_of::<abi::LocalTable>() as u64,
            evaluate: Some(evaluate::<abi::LocalTable, F>),
        },
        Self::SECOND_FLAG,
    ));
}

impl<F: Functional> Fill<abi::LocalTable> for F {
    fn fill(
        &self,
        extent: Extent,
        inputs: &[&[f64]],
        outputs: &mut [Option<&mut [f64]>],
    ) -> Result<()> {
        let (&[x, u, p], [f, f_u, f_p, f_x, f_uu, f_up, f_pp]) = (inputs, outputs) else {
            return Err(other_arrays(abi::LOCAL_1));
        };
        let Extent { n, d, t, .. } = extent;
        let points = Points { n, d, x, u, p, t };
        let first = First {
            f: f.take(),
            f_u: f_u.take(),
            f_p: f_p.take(),
            f_x: f_x.take(),
        };
        let second = Second {
            f_uu: f_uu.take(),
            f_up: f_up.take(),
            f_pp: f_pp.take(),
        };
        fill(self, &points, first, second)
    }
}

/// Fills the wanted outputs by closed forms where there are some.
fn fill<F: Functional>(
    energy: &F,
    points: &Points<'_>,
    mut first: First<'_>,
    mut second: Second<'_>,
) -> Result<()> {
    energy.require(points)?;
    if first.is_wanted() {
        match F::FIRST {
            Some(form) => form(energy, points, &mut first)?,
            None => by_autograd(energy, points, &mut first)?,
        }
    }
    match F::SECOND {
        Some(form) if second.is_wanted() => form(energy, points, &mut second),
        None if second.is_wanted() => Err(Error::fatal(
            "second derivatives are asked for but not offered",
        )),
        _ => Ok(()),
    }
}

/// Refuses energies without a closed form while they are compiled.
#[cfg(not(feature = "candle"))]
fn by_autograd<F: Functional>(_: &F, _: &Points<'_>, _: &mut First<'_>) -> Result<()> {
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
fn by_autograd<F: Functional>(energy: &F, at: &Points<'_>, out: &mut First<'_>) -> Result<()> {
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
    let sample = Sample {
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

#[cfg(feature = "candle")]
/// Compares [`Functional::FIRST`] with Candle's derivatives of the density, at values of `u`
/// between `low` and `high`. (Second derivatives are compared with differences by
/// [`Check`](crate::check::Check).)
///
/// # Errors
/// The report, if they differ by more than rounding.
pub fn closed_forms<F: Functional>(
    dimension: usize,
    arguments: &[(&str, &[f64])],
    (low, high): (f64, f64),
) -> Result<Report, Report> {
    let id = format!("closed forms in d = {dimension} with {arguments:?}");
    let mut report = Report::new(id);
    let (ranges, mut numbers) = (Ranges::default(), Numbers::new(22));
    let (n, d) = (ranges.points, dimension);
    let (x, p) = (numbers.take(n * d, ranges.x), numbers.take(n * d, ranges.p));
    let u = numbers.take(n, (low, high));
    let points = Points {
        n,
        d,
        x: &x,
        u: &u,
        p: &p,
        t: numbers.unit(),
    };
    let mut closed = [
        vec![0.0; n],
        vec![0.0; n],
        vec![0.0; n * d],
        vec![0.0; n * d],
    ];
    let mut defined = closed.clone();
    let outcome = Arguments::with(dimension, F::DESCRIPTOR, arguments)
        .and_then(|arguments| F::create(&arguments))
        .and_then(|energy| {
            fill(&energy, &points, first(&mut closed), Second::default())?;
            by_autograd(&energy, &points, &mut first(&mut defined))
        });
    match outcome {
        Err(error) => report.fail("evaluate", error.to_string()),
        Ok(()) => {
            for (name, (closed, defined)) in ["f", "f_u", "f_p", "f_x"]
                .iter()
                .zip(closed.iter().zip(defined))
            {
                report.compare(name, closed, &Expected::exactly(defined), 1e-12);
            }
        }
    }
    report.into_result()
}

#[cfg(feature = "candle")]
fn first(outputs: &mut [Vec<f64>; 4]) -> First<'_> {
    let [f, f_u, f_p, f_x] = outputs;
    First {
        f: Some(f),
        f_u: Some(f_u),
        f_p: Some(f_p),
        f_x: Some(f_x),
    }
}
