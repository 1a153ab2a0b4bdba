//! The derivatives of `movimento.local/1`.

use movimento_abi as abi;

use crate::differences::{along, component};
use crate::report::{Expected, Report};
use crate::table::{Batch, FIRST, Failure, Table};

/// The inputs that move.
const X: usize = 0;
const U: usize = 1;
const P: usize = 2;

/// The outputs of a table, by name.
fn seven<T: Default + Clone>(outputs: Vec<T>) -> [T; 7] {
    let mut all: [T; 7] = Default::default();
    all.iter_mut()
        .zip(outputs)
        .for_each(|(to, from)| *to = from);
    all
}

/// Every derivative against differences of the one below it.
pub(crate) fn derivatives(
    table: &Table<'_>,
    at: &Batch,
    tolerance: f64,
    report: &mut Report,
) -> Result<(), Failure> {
    let d = table.dimension();
    let second = table.has(abi::SECOND_DERIVATIVES);
    let [f, f_u, f_p, f_x, f_uu, f_up, f_pp] = seven(table.evaluate(at, table.offered())?);
    let finite = f.iter().all(|f| f.is_finite());
    report.require(
        "f is finite",
        finite,
        "NaN or infinite: is the range of u in the domain?",
    );
    let differences = |input: usize, place: (usize, usize)| -> Result<[Expected; 7], Failure> {
        Ok(seven(along(table, at, input, place, FIRST)?))
    };
    let [by_f, by_f_u, by_f_p, ..] = differences(U, (0, 1))?;
    report.compare("f_u", &f_u, &by_f, tolerance);
    if second {
        report.compare("f_uu", &f_uu, &by_f_u, tolerance);
        report.compare("f_up as df_p/du", &f_up, &by_f_p, tolerance);
    }
    for j in 0..d {
        let column = |values: &[f64]| component(values, j, d);
        let [by_f, ..] = differences(X, (j, d))?;
        report.compare(&format!("f_x[{j}]"), &column(&f_x), &by_f, tolerance);
        if table.has(abi::USES_GRADIENT) {
            let [by_f, by_f_u, by_f_p, ..] = differences(P, (j, d))?;
            report.compare(&format!("f_p[{j}]"), &column(&f_p), &by_f, tolerance);
            if second {
                let what = format!("f_up[{j}] as df_u/dp");
                report.compare(&what, &column(&f_up), &by_f_u, tolerance);
                let what = format!("f_pp[..][{j}]");
                report.compare(&what, &column(&f_pp), &by_f_p, tolerance);
            }
        }
    }
    if second {
        report.require(
            "f_pp is symmetric",
            symmetric(&f_pp, d),
            "f_pp[i][j] != f_pp[j][i]",
        );
    }
    let zero = |arrays: &[&[f64]]| arrays.iter().all(|a| a.iter().all(|&value| value == 0.0));
    if !table.has(abi::USES_POSITION) {
        report.require(
            "f_x = 0 without USES_POSITION",
            zero(&[&f_x]),
            "f_x is not zero",
        );
    }
    if !table.has(abi::USES_GRADIENT) {
        report.require(
            "f_p = 0 without USES_GRADIENT",
            zero(&[&f_p, &f_up, &f_pp]),
            "f_p, f_up or f_pp is not zero",
        );
    }
    Ok(())
}

fn symmetric(f_pp: &[f64], d: usize) -> bool {
    f_pp.chunks_exact(d * d).all(|matrix| {
        let at = |i: usize, j: usize| matrix.get(i * d + j);
        (0..d).all(|i| (0..i).all(|j| at(i, j) == at(j, i)))
    })
}
