//! The gradient of `movimento.pair/1`, and its symmetry.

use crate::differences::{along, component};
use crate::report::{Expected, Report};
use crate::table::{Batch, Failure, Table};

const W: u32 = 0b01;
const BOTH: u32 = 0b11;

pub(crate) fn derivatives(
    table: &Table<'_>,
    at: &Batch,
    tolerance: f64,
    report: &mut Report,
) -> Result<(), Failure> {
    let d = table.dimension();
    let (w, w_x) = two(table.evaluate(at, BOTH)?);
    let finite = w.iter().all(|w| w.is_finite());
    report.require("w is finite", finite, "NaN or infinite");
    let mut swapped = at.clone();
    swapped.inputs.reverse();
    let (there, _) = two(table.evaluate(&swapped, W)?);
    let expected = Expected::exactly(w.clone());
    report.compare("w(x, y) = w(y, x)", &there, &expected, 1e-14);
    for j in 0..d {
        let (by_w, _) = two(along(table, at, 0, (j, d), W)?);
        let what = format!("w_x[{j}]");
        report.compare(&what, &component(&w_x, j, d), &by_w, tolerance);
    }
    coinciding(table, at, report)
}

/// At coinciding points there may be a convention, but not NaN.
fn coinciding(table: &Table<'_>, at: &Batch, report: &mut Report) -> Result<(), Failure> {
    let mut same = at.clone();
    if let [x, y] = &mut same.inputs[..] {
        y.clone_from(x);
    }
    let values = table.evaluate(&same, BOTH)?;
    let number = values.iter().flatten().all(|value| !value.is_nan());
    report.require("x = y", number, "w(x, x) or its gradient is NaN");
    Ok(())
}

fn two<T: Default>(outputs: Vec<T>) -> (T, T) {
    let mut outputs = outputs.into_iter();
    let mut next = || outputs.next().unwrap_or_default();
    (next(), next())
}
