//! Checks of what is easily forgotten: outputs that are not wanted, empty batches, threads, NaN.

use crate::instance_table::{Failure, Inputs, InstanceTable};
use crate::report::{Expected, Report};

/// Checks that each output asked for alone is what it is among the others.
///
/// # Errors
/// An evaluation failed.
pub fn subsets(table: &InstanceTable<'_>, at: &Inputs, report: &mut Report) -> Result<(), Failure> {
    let all = table.evaluate(at, table.offered())?;
    table.evaluate(at, 0)?;
    let outputs = table.kind().outputs.iter().zip(all).enumerate();
    for (i, (spec, together)) in outputs {
        if table.offered() >> i & 1 == 1 {
            let alone = table.evaluate(at, 1 << i)?;
            let alone = alone.get(i).map_or(&[][..], Vec::as_slice);
            let together = Expected::exactly(together);
            let what = format!("{} asked for alone", spec.name);
            report.compare(&what, alone, &together, 1e-14);
        }
    }
    Ok(())
}

/// Checks that a batch without points is taken.
///
/// # Errors
/// The evaluation failed.
pub fn empty(table: &InstanceTable<'_>, report: &mut Report) -> Result<(), Failure> {
    let arrays = vec![Vec::new(); table.kind().inputs.len()];
    let none = Inputs {
        n: 0,
        t: 0.0,
        arrays,
    };
    table.evaluate(&none, table.offered())?;
    report.pass("an empty batch");
    Ok(())
}

/// Checks that two threads on one instance get the numbers that one gets.
///
/// # Errors
/// An evaluation failed.
pub fn concurrent(
    table: &InstanceTable<'_>,
    at: &Inputs,
    report: &mut Report,
) -> Result<(), Failure> {
    let alone = table.evaluate(at, table.offered())?;
    let equal = || -> Result<bool, Failure> {
        let mut equal = true;
        for _ in 0..20 {
            equal &= same_all(&alone, &table.evaluate(at, table.offered())?);
        }
        Ok(equal)
    };
    let (a, b) = std::thread::scope(|scope| {
        let threads = (scope.spawn(equal), scope.spawn(equal));
        (threads.0.join(), threads.1.join())
    });
    for outcome in [a, b] {
        let equal = outcome.unwrap_or(Ok(false))?;
        report.require("concurrent calls", equal, "other numbers than alone");
    }
    Ok(())
}

/// Checks that NaN at one point is a status or NaN there, and touches no other point.
///
/// # Errors
/// An evaluation of numbers failed.
pub fn nan(table: &InstanceTable<'_>, at: &Inputs, report: &mut Report) -> Result<(), Failure> {
    let before = table.evaluate(at, table.offered())?;
    let mut spoilt = at.clone();
    for (spec, values) in table.kind().inputs.iter().zip(&mut spoilt.arrays) {
        if (table.kind().shows_nan)(table.flags(), spec.name) {
            let first = values.iter_mut().take(spec.width(table.widths()));
            first.for_each(|v| *v = f64::NAN);
        }
    }
    let Ok(after) = table.evaluate(&spoilt, table.offered()) else {
        report.pass("NaN is refused");
        return Ok(());
    };
    let seen = after.first().and_then(|f| f.first());
    let seen = seen.is_some_and(|f| f.is_nan());
    report.require("NaN stays NaN", seen, "NaN went in and a number came out");
    let rest = same_past_first(table, &before, &after);
    report.require("NaN stays at its point", rest, "other points changed");
    Ok(())
}

/// Whether all points but the first have the same outputs.
#[must_use]
pub fn same_past_first(table: &InstanceTable<'_>, a: &[Vec<f64>], b: &[Vec<f64>]) -> bool {
    let mut arrays = table.kind().outputs.iter().zip(a.iter().zip(b));
    arrays.all(|(spec, (a, b))| {
        let first = spec.width(table.widths());
        same(a.get(first..).unwrap_or(&[]), b.get(first..).unwrap_or(&[]))
    })
}

/// Equality of outputs that takes NaN for equal to NaN.
#[must_use]
pub fn same_all(a: &[Vec<f64>], b: &[Vec<f64>]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
}

fn same(a: &[f64], b: &[f64]) -> bool {
    let equal = |(a, b): (&f64, &f64)| a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan());
    a.len() == b.len() && a.iter().zip(b).all(equal)
}
