//! The checks of `movimento.pair/1`.

use std::mem;
use std::ptr;

use movimento_abi as abi;

use super::Ranges;
use super::differences::{
    Numbers, STENCIL, STEP, accumulate, component, intact, output, same, shift,
};
use super::driver::Driver;
use super::report::Report;

struct Pair<'a> {
    driver: &'a Driver,
    table: &'static abi::PairTable,
}

pub(super) fn check(
    driver: &Driver,
    table: &'static abi::PairTable,
    ranges: Ranges,
    tolerance: f64,
    report: &mut Report,
) {
    let size = mem::size_of::<abi::PairTable>() as u64;
    let complete = table.struct_size >= size && table.evaluate.is_some();
    report.require("pair table", complete, "too small, or `evaluate` is NULL");
    if !complete {
        return;
    }
    let mut numbers = Numbers::new(21);
    let length = ranges.points * driver.dimension;
    let (x, y) = (
        numbers.take(length, ranges.x),
        numbers.take(length, ranges.x),
    );
    let pair = Pair { driver, table };
    for outcome in [
        pair.derivatives(&x, &y, tolerance, report),
        pair.contract(&x, &y, report),
        pair.coinciding(&x, report),
    ] {
        if let Err(why) = outcome {
            report.fail("evaluate", why);
        }
    }
}

impl Pair<'_> {
    /// `W` and `grad_x W`; what is not wanted comes back empty.
    fn evaluate(
        &self,
        x: &[f64],
        y: &[f64],
        (value, gradient): (bool, bool),
    ) -> Result<(Vec<f64>, Vec<f64>), String> {
        let d = self.driver.dimension;
        let n = x.len() / d;
        let (mut w, mut w_x) = (output(n), output(n * d));
        let batch = abi::PairBatch {
            struct_size: mem::size_of::<abi::PairBatch>() as u64,
            n: n as u64,
            d: d as u64,
            x: x.as_ptr(),
            y: y.as_ptr(),
            w: if value {
                w.as_mut_ptr()
            } else {
                ptr::null_mut()
            },
            w_x: if gradient {
                w_x.as_mut_ptr()
            } else {
                ptr::null_mut()
            },
        };
        // SAFETY: `x` and `y` are equally long; outputs have one entry to spare.
        unsafe { self.driver.pair(self.table, &batch)? };
        if !(intact(&mut w) && intact(&mut w_x)) {
            return Err("wrote past the end of an output".to_owned());
        }
        w.truncate(if value { n } else { 0 });
        w_x.truncate(if gradient { n * d } else { 0 });
        Ok((w, w_x))
    }

    fn derivatives(
        &self,
        x: &[f64],
        y: &[f64],
        tolerance: f64,
        report: &mut Report,
    ) -> Result<(), String> {
        let d = self.driver.dimension;
        let (w, w_x) = self.evaluate(x, y, (true, true))?;
        report.require(
            "w is finite",
            w.iter().all(|w| w.is_finite()),
            "NaN or infinite",
        );
        report.compare(
            "w(x, y) = w(y, x)",
            &self.evaluate(y, x, (true, false))?.0,
            &w,
            1e-14,
        );
        for j in 0..d {
            let mut sum = vec![0.0; w.len()];
            for (steps, weight) in STENCIL {
                let mut there = x.to_vec();
                shift(&mut there, j, d, steps * STEP);
                accumulate(
                    &mut sum,
                    &self.evaluate(&there, y, (true, false))?.0,
                    weight,
                );
            }
            report.compare(
                &format!("w_x[{j}]"),
                &component(&w_x, j, d),
                &sum,
                tolerance,
            );
        }
        Ok(())
    }

    fn contract(&self, x: &[f64], y: &[f64], report: &mut Report) -> Result<(), String> {
        let (w, w_x) = self.evaluate(x, y, (true, true))?;
        let alone = self.evaluate(x, y, (true, false))?.0;
        report.compare("w asked for alone", &alone, &w, 1e-14);
        let alone = self.evaluate(x, y, (false, true))?.1;
        report.compare("w_x asked for alone", &alone, &w_x, 1e-14);
        self.evaluate(x, y, (false, false))?;
        self.evaluate(&[], &[], (true, true))?;
        report.pass("an empty batch");

        let again = || self.evaluate(x, y, (true, true));
        let results = std::thread::scope(|scope| {
            [scope.spawn(again), scope.spawn(again)].map(|thread| {
                thread
                    .join()
                    .unwrap_or_else(|_| Err("a thread died".to_owned()))
            })
        });
        for result in results {
            let (v, v_x) = result?;
            let equal = same(&w, &v) && same(&w_x, &v_x);
            report.require("concurrent calls", equal, "other numbers than alone");
        }

        let mut spoilt = x.to_vec();
        spoilt
            .iter_mut()
            .take(self.driver.dimension)
            .for_each(|x| *x = f64::NAN);
        match self.evaluate(&spoilt, y, (true, true)) {
            Err(_) => report.pass("NaN is refused"),
            Ok((v, _)) => {
                let seen = v.first().is_some_and(|v| v.is_nan());
                report.require("NaN stays NaN", seen, "NaN went in and a number came out");
                let rest = same(v.get(1..).unwrap_or(&[]), w.get(1..).unwrap_or(&[]));
                report.require("NaN stays at its point", rest, "other points changed");
            }
        }
        Ok(())
    }

    /// At coinciding points there may be a convention, but not NaN.
    fn coinciding(&self, x: &[f64], report: &mut Report) -> Result<(), String> {
        let (w, w_x) = self.evaluate(x, x, (true, true))?;
        let number = w.iter().chain(&w_x).all(|value| !value.is_nan());
        report.require("x = y", number, "w(x, x) or its gradient is NaN");
        Ok(())
    }
}
