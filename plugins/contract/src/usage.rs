//! What is easily forgotten: outputs that are not wanted, empty batches, threads, NaN.

use movimento_abi as abi;

use crate::report::{Expected, Report};
use crate::table::{Batch, Failure, Kind, Table};

/// Each output asked for alone is what it is among the others.
///
/// # Errors
/// An evaluation failed.
pub fn subsets(table: &Table<'_>, at: &Batch, report: &mut Report) -> Result<(), Failure> {
    let all = table.evaluate(at, table.offered())?;
    table.evaluate(at, 0)?;
    let outputs = table.kind.outputs().iter().zip(all).enumerate();
    for (i, ((name, _), together)) in outputs {
        if table.offered() >> i & 1 == 1 {
            let alone = table.evaluate(at, 1 << i)?;
            let alone = alone.get(i).map_or(&[][..], Vec::as_slice);
            let together = Expected::exactly(together);
            report.compare(&format!("{name} asked for alone"), alone, &together, 1e-14);
        }
    }
    Ok(())
}

/// A batch without points is legal.
///
/// # Errors
/// The evaluation failed.
pub fn empty(table: &Table<'_>, report: &mut Report) -> Result<(), Failure> {
    let inputs = vec![Vec::new(); table.kind.inputs().len()];
    table.evaluate(&Batch { n: 0, inputs }, table.offered())?;
    report.pass("an empty batch");
    Ok(())
}

/// Two threads on one instance get the numbers that one gets.
///
/// # Errors
/// An evaluation failed.
pub fn concurrent(table: &Table<'_>, at: &Batch, report: &mut Report) -> Result<(), Failure> {
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

/// NaN at one point is a status or NaN there, and touches no other point.
///
/// # Errors
/// An evaluation of numbers failed.
pub fn nan(table: &Table<'_>, at: &Batch, report: &mut Report) -> Result<(), Failure> {
    let before = table.evaluate(at, table.offered())?;
    let mut spoilt = at.clone();
    for (&(name, indices), values) in table.kind.inputs().iter().zip(&mut spoilt.inputs) {
        let entries = table.dimension().pow(indices);
        let spoil = match (table.kind, name) {
            (Kind::Local, "x") => table.has(abi::USES_POSITION),
            (Kind::Pair, "y") => false,
            _ => true,
        };
        if spoil {
            values.iter_mut().take(entries).for_each(|v| *v = f64::NAN);
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
pub fn same_past_first(table: &Table<'_>, a: &[Vec<f64>], b: &[Vec<f64>]) -> bool {
    let arrays = table.kind.outputs().iter().zip(a.iter().zip(b));
    arrays.into_iter().all(|(&(_, indices), (a, b))| {
        let first = table.dimension().pow(indices);
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
