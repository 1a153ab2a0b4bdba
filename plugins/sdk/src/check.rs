//! Tests of a plugin through its C tables, for the plugin's own test suite.
//!
//! [`Check`] creates an energy as the host does and compares every derivative it offers with
//! central differences; it also tries what is easily forgotten: NaN, empty batches, outputs that
//! are not wanted, concurrent calls, a descriptor that does not hold together.
//! [`closed_forms`] and [`closed_kernel`] compare closed forms with Candle's autograd.
//! What a process does not survive, the program `movimento-check` finds.
//!
//! ```no_run
//! # fn main() -> Result<(), movimento_plugin::check::Report> {
//! # let entry: &'static movimento_plugin::Entry = todo!();
//! use movimento_plugin::check::Check;
//!
//! for d in 1..=3 {
//!     Check::new(entry, 0).dimension(d).argument("m", &[3.0]).values(0.1, 2.0).run()?;
//! }
//! # Ok(())
//! # }
//! ```

use movimento_contract::Expected;
use movimento_contract::sample::{Numbers, Ranges};
pub use movimento_contract::{Check, Report};

use crate::border::{local, pair};
use crate::{
    Arguments, First, Functional, PairKernel, PairValues, Pairs, Points, Second, autograd,
};

/// Compares [`Functional::FIRST`] with Candle's derivatives of the density, at values of `u`
/// between `low` and `high`. (Second derivatives are compared with differences by
/// [`Check`].)
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
            local::fill(&energy, &points, first(&mut closed), Second::default())?;
            autograd::functional(&energy, &points, &mut first(&mut defined))
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
    let pairs = Pairs { n, d, x: &x, y: &y };
    let mut closed = [vec![0.0; n], vec![0.0; n * d]];
    let mut defined = closed.clone();
    let outcome = Arguments::with(dimension, K::DESCRIPTOR, arguments)
        .and_then(|arguments| K::create(&arguments))
        .and_then(|energy| {
            pair::fill(&energy, &pairs, values(&mut closed))?;
            autograd::kernel(&energy, &pairs, &mut values(&mut defined))
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

fn first(outputs: &mut [Vec<f64>; 4]) -> First<'_> {
    let [f, f_u, f_p, f_x] = outputs;
    First {
        f: Some(f),
        f_u: Some(f_u),
        f_p: Some(f_p),
        f_x: Some(f_x),
    }
}

fn values(outputs: &mut [Vec<f64>; 2]) -> PairValues<'_> {
    let [w, w_x] = outputs;
    PairValues {
        w: Some(w),
        w_x: Some(w_x),
    }
}
