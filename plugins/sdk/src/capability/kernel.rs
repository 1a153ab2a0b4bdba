//! Interaction energies, `F(u) = 1/2 int int W(x, y) u(x) u(y) dx dy`.

#[cfg(feature = "candle")]
use candle_core::Tensor;
use movimento_abi as abi;
#[cfg(feature = "candle")]
use movimento_contract::sample::{Numbers, Ranges};
#[cfg(feature = "candle")]
use movimento_contract::{Expected, Report};

use super::Tables;
#[cfg(feature = "candle")]
use crate::Arguments;
#[cfg(not(feature = "candle"))]
use crate::Error;
#[cfg(feature = "candle")]
use crate::autograd::{Input, copy, differentiate, require_shape};
use crate::border::arrays::Extent;
use crate::border::table::{Fill, TableOffer, evaluate, other_arrays};
use crate::{Energy, Result};

/// An interaction energy given by its kernel `W(x, y) = W(y, x)` in Candle tensors.
///
/// Candle differentiates the kernel in `x`; [`GRADIENT`](Self::GRADIENT) gives a closed form
/// instead, and [`check::closed_kernel`](crate::check::closed_kernel) compares the two. A kernel that
/// depends on time needs the closed form, which finds the time in [`Pairs`].
pub trait PairKernel: Energy {
    /// A closed form of `W` and `grad_x W`, used in place of Candle.
    const GRADIENT: Option<PairForm<Self>> = None;

    /// The kernel at every pair, of shape `[n]`; `x` and `y` are `[n, d]`.
    ///
    /// Coinciding points occur: say what `W(x, x)` is, and see that the gradient there is a
    /// number. The advice on threads of [`Functional::density`](crate::Functional::density)
    /// holds here too.
    ///
    /// # Errors
    /// A tensor operation failed.
    #[cfg(feature = "candle")]
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
    /// The time; of no meaning when the descriptor does not say `uses_time`.
    pub t: f64,
}

/// Outputs of a [`PairForm`]; `None` is not wanted.
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

impl<K: PairKernel> Tables<K> {
    /// The table `movimento.pair/1`.
    pub const PAIR: Option<TableOffer> = Some(TableOffer::new(
        &abi::PairTable {
            struct_size: size_of::<abi::PairTable>() as u64,
            evaluate: Some(evaluate::<abi::PairTable, K>),
        },
        0,
    ));
}

impl<K: PairKernel> Fill<abi::PairTable> for K {
    fn fill(
        &self,
        extent: Extent,
        inputs: &[&[f64]],
        outputs: &mut [Option<&mut [f64]>],
    ) -> Result<()> {
        let (&[x, y], [w, w_x]) = (inputs, outputs) else {
            return Err(other_arrays(abi::PAIR_1));
        };
        let Extent { n, d, t, .. } = extent;
        let (w, w_x) = (w.take(), w_x.take());
        fill(self, &Pairs { n, d, x, y, t }, PairValues { w, w_x })
    }
}

/// Fills the wanted outputs by the closed form where there is one.
fn fill<K: PairKernel>(energy: &K, pairs: &Pairs<'_>, mut out: PairValues<'_>) -> Result<()> {
    if !out.is_wanted() {
        return Ok(());
    }
    match K::GRADIENT {
        Some(form) => form(energy, pairs, &mut out),
        None => by_autograd(energy, pairs, &mut out),
    }
}

/// Refuses kernels without a closed form while they are compiled.
#[cfg(not(feature = "candle"))]
fn by_autograd<K: PairKernel>(_: &K, _: &Pairs<'_>, _: &mut PairValues<'_>) -> Result<()> {
    const {
        assert!(
            K::GRADIENT.is_some(),
            "without the feature `candle` GRADIENT is needed"
        )
    };
    Err(Error::fatal("built without Candle"))
}

/// Fills what is wanted in `out` by differentiating the kernel.
#[cfg(feature = "candle")]
fn by_autograd<K: PairKernel>(energy: &K, at: &Pairs<'_>, out: &mut PairValues<'_>) -> Result<()> {
    let shape = [at.n, at.d];
    let x = Input::new(at.x, &shape, out.w_x.is_some())?;
    let y = Input::new(at.y, &shape, false)?;
    let w = energy.kernel(x.tensor(), y.tensor())?;
    require_shape("kernel", &w, at.n)?;
    copy(&w, &mut out.w)?;
    differentiate(&w, &mut [(&x, &mut out.w_x)])
}

#[cfg(feature = "candle")]
/// Compares [`PairKernel::GRADIENT`] with Candle's value and derivative of the kernel, at
/// distinct and at coinciding points.
///
/// # Errors
/// The report, if they differ by more than rounding.
pub fn closed_kernel<K: PairKernel>(
    dimension: usize,
    arguments: &[(&str, &[f64])],
) -> Result<Report, Report> {
    let mut report = Report::new(format!(
        "closed kernel in d = {dimension} with {arguments:?}"
    ));
    let (ranges, mut numbers) = (Ranges::default(), Numbers::new(23));
    let (n, d) = (ranges.points, dimension);
    let x = numbers.take(n * d, ranges.x);
    let mut y = numbers.take(n * d, ranges.x);
    y.iter_mut().zip(&x).take(d).for_each(|(y, x)| *y = *x);
    let pairs = Pairs {
        n,
        d,
        x: &x,
        y: &y,
        t: 0.0,
    };
    let mut closed = [vec![0.0; n], vec![0.0; n * d]];
    let mut defined = closed.clone();
    let outcome = Arguments::with(dimension, K::DESCRIPTOR, arguments)
        .and_then(|arguments| K::create(&arguments))
        .and_then(|energy| {
            fill(&energy, &pairs, values(&mut closed))?;
            by_autograd(&energy, &pairs, &mut values(&mut defined))
        });
    match outcome {
        Err(error) => report.fail("evaluate", error.to_string()),
        Ok(()) => {
            for (name, (closed, defined)) in ["w", "w_x"].iter().zip(closed.iter().zip(defined)) {
                report.compare(name, closed, &Expected::exactly(defined), 1e-12);
            }
        }
    }
    report.into_result()
}

#[cfg(feature = "candle")]
fn values(outputs: &mut [Vec<f64>; 2]) -> PairValues<'_> {
    let [w, w_x] = outputs;
    PairValues {
        w: Some(w),
        w_x: Some(w_x),
    }
}
