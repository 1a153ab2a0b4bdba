//! The checks of `movimento.local/1`.

use std::mem;
use std::ptr;

use movimento_abi as abi;

use super::Ranges;
use super::differences::{
    Numbers, STENCIL, STEP, accumulate, component, intact, output, same, shift,
};
use super::driver::Driver;
use super::report::Report;

/// Points at which a density is evaluated.
#[derive(Clone)]
struct Cloud {
    n: usize,
    x: Vec<f64>,
    u: Vec<f64>,
    p: Vec<f64>,
}

/// The outputs, in the order of the batch.
const NAMES: [&str; 7] = ["f", "f_u", "f_p", "f_x", "f_uu", "f_up", "f_pp"];
type Outputs = [Vec<f64>; 7];

/// Which outputs are asked for, as bits.
const FIRST: u32 = 0b000_1111;
const SECOND: u32 = 0b111_0000;

struct Local<'a> {
    driver: &'a Driver,
    table: &'static abi::LocalTable,
    flags: u32,
}

pub(super) fn check(
    driver: &Driver,
    table: &'static abi::LocalTable,
    flags: u32,
    ranges: Ranges,
    tolerance: f64,
    report: &mut Report,
) {
    let size = mem::size_of::<abi::LocalTable>() as u64;
    let complete = table.struct_size >= size && table.evaluate.is_some();
    report.require("local table", complete, "too small, or `evaluate` is NULL");
    if !complete {
        return;
    }
    let mut numbers = Numbers::new(20);
    let (n, d) = (ranges.points, driver.dimension);
    let cloud = Cloud {
        n,
        x: numbers.take(n * d, ranges.x),
        u: numbers.take(n, ranges.u),
        p: numbers.take(n * d, ranges.p),
    };
    let local = Local {
        driver,
        table,
        flags,
    };
    if let Err(why) = local.derivatives(&cloud, tolerance, report) {
        return report.fail("evaluate", why);
    }
    for outcome in [
        local.partial(&cloud, report),
        local.empty(report),
        local.concurrent(&cloud, report),
        local.nan(&cloud, report),
    ] {
        if let Err(why) = outcome {
            report.fail("evaluate", why);
        }
    }
}

impl Local<'_> {
    fn has(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }

    /// The outputs that the energy offers.
    fn offered(&self) -> u32 {
        FIRST
            | if self.has(abi::SECOND_DERIVATIVES) {
                SECOND
            } else {
                0
            }
    }

    /// Evaluates the outputs in `wanted`; the others come back empty.
    fn evaluate(&self, cloud: &Cloud, wanted: u32) -> Result<Outputs, String> {
        let (n, d) = (cloud.n, self.driver.dimension);
        let lengths = [n, n, n * d, n * d, n, n * d, n * d * d];
        let mut index = 0..;
        let mut out = lengths.map(|length| {
            let wanted = index.next().is_some_and(|i: u32| wanted >> i & 1 == 1);
            if wanted { output(length) } else { Vec::new() }
        });
        let [f, f_u, f_p, f_x, f_uu, f_up, f_pp] = out.each_mut().map(|out| {
            if out.is_empty() {
                ptr::null_mut()
            } else {
                out.as_mut_ptr()
            }
        });
        let batch = abi::LocalBatch {
            struct_size: mem::size_of::<abi::LocalBatch>() as u64,
            n: n as u64,
            d: d as u64,
            x: cloud.x.as_ptr(),
            u: cloud.u.as_ptr(),
            p: if self.has(abi::USES_GRADIENT) {
                cloud.p.as_ptr()
            } else {
                ptr::null()
            },
            f,
            f_u,
            f_p,
            f_x,
            f_uu,
            f_up,
            f_pp,
        };
        // SAFETY: every array has the length that the header names, with one entry to spare.
        unsafe { self.driver.local(self.table, &batch)? };
        for (name, out) in NAMES.iter().zip(&mut out) {
            if !out.is_empty() && !intact(out) {
                return Err(format!("wrote past the end of {name}"));
            }
        }
        Ok(out)
    }

    /// Every derivative against differences of the one below it.
    fn derivatives(
        &self,
        cloud: &Cloud,
        tolerance: f64,
        report: &mut Report,
    ) -> Result<(), String> {
        let d = self.driver.dimension;
        let second = self.has(abi::SECOND_DERIVATIVES);
        let [f, f_u, f_p, f_x, f_uu, f_up, f_pp] = self.evaluate(cloud, self.offered())?;
        let finite = f.iter().all(|f| f.is_finite());
        report.require(
            "f is finite",
            finite,
            "NaN or infinite: is the range of u in the domain?",
        );

        let by_u = self.differences(cloud, |cloud, h| shift(&mut cloud.u, 0, 1, h))?;
        report.compare("f_u", &f_u, &by_u.f, tolerance);
        if second {
            report.compare("f_uu", &f_uu, &by_u.f_u, tolerance);
            report.compare("f_up as df_p/du", &f_up, &by_u.f_p, tolerance);
        }
        for j in 0..d {
            let by_x = self.differences(cloud, |cloud, h| shift(&mut cloud.x, j, d, h))?;
            report.compare(
                &format!("f_x[{j}]"),
                &component(&f_x, j, d),
                &by_x.f,
                tolerance,
            );
            let by_p = self.differences(cloud, |cloud, h| shift(&mut cloud.p, j, d, h))?;
            report.compare(
                &format!("f_p[{j}]"),
                &component(&f_p, j, d),
                &by_p.f,
                tolerance,
            );
            if second {
                let column = component(&f_up, j, d);
                report.compare(
                    &format!("f_up[{j}] as df_u/dp"),
                    &column,
                    &by_p.f_u,
                    tolerance,
                );
                let column = component(&f_pp, j, d);
                report.compare(&format!("f_pp[..][{j}]"), &column, &by_p.f_p, tolerance);
            }
        }
        if second {
            report.require(
                "f_pp is symmetric",
                symmetric(&f_pp, d),
                "f_pp[i][j] != f_pp[j][i]",
            );
        }
        if !self.has(abi::USES_POSITION) {
            let zero = f_x.iter().all(|&value| value == 0.0);
            report.require("f_x = 0 without USES_POSITION", zero, "f_x is not zero");
        }
        if !self.has(abi::USES_GRADIENT) {
            let zero = f_p
                .iter()
                .chain(&f_up)
                .chain(&f_pp)
                .all(|&value| value == 0.0);
            report.require(
                "f_p = 0 without USES_GRADIENT",
                zero,
                "f_p, f_up or f_pp is not zero",
            );
        }
        Ok(())
    }

    fn differences(
        &self,
        cloud: &Cloud,
        displace: impl Fn(&mut Cloud, f64),
    ) -> Result<Difference, String> {
        let (n, d) = (cloud.n, self.driver.dimension);
        let mut sum = Difference {
            f: vec![0.0; n],
            f_u: vec![0.0; n],
            f_p: vec![0.0; n * d],
        };
        for (steps, weight) in STENCIL {
            let mut there = cloud.clone();
            displace(&mut there, steps * STEP);
            let [f, f_u, f_p, ..] = self.evaluate(&there, FIRST)?;
            accumulate(&mut sum.f, &f, weight);
            accumulate(&mut sum.f_u, &f_u, weight);
            accumulate(&mut sum.f_p, &f_p, weight);
        }
        Ok(sum)
    }

    /// Each output asked for alone is what it is among the others.
    fn partial(&self, cloud: &Cloud, report: &mut Report) -> Result<(), String> {
        let all = self.evaluate(cloud, self.offered())?;
        self.evaluate(cloud, 0)?;
        for (i, (name, together)) in NAMES.iter().zip(&all).enumerate() {
            if self.offered() >> i & 1 == 1 {
                let alone = self.evaluate(cloud, 1 << i)?;
                let alone = alone.get(i).map_or(&[][..], Vec::as_slice);
                report.compare(&format!("{name} asked for alone"), alone, together, 1e-14);
            }
        }
        Ok(())
    }

    fn empty(&self, report: &mut Report) -> Result<(), String> {
        let nothing = Cloud {
            n: 0,
            x: vec![],
            u: vec![],
            p: vec![],
        };
        self.evaluate(&nothing, self.offered())?;
        report.pass("an empty batch");
        Ok(())
    }

    fn concurrent(&self, cloud: &Cloud, report: &mut Report) -> Result<(), String> {
        let alone = self.evaluate(cloud, self.offered())?;
        let equal = || -> Result<bool, String> {
            let mut equal = true;
            for _ in 0..20 {
                let again = self.evaluate(cloud, self.offered())?;
                equal &= alone.iter().zip(&again).all(|(a, b)| same(a, b));
            }
            Ok(equal)
        };
        let died = || Err("a thread died".to_owned());
        let (a, b) = std::thread::scope(|scope| {
            let threads = (scope.spawn(equal), scope.spawn(equal));
            (
                threads.0.join().unwrap_or_else(|_| died()),
                threads.1.join().unwrap_or_else(|_| died()),
            )
        });
        report.require("concurrent calls", a? && b?, "other numbers than alone");
        Ok(())
    }

    /// NaN at one point is a status or NaN there, and touches no other point.
    fn nan(&self, cloud: &Cloud, report: &mut Report) -> Result<(), String> {
        let before = self.evaluate(cloud, FIRST)?;
        let (mut spoilt, d) = (cloud.clone(), self.driver.dimension);
        spoilt.u.iter_mut().take(1).for_each(|u| *u = f64::NAN);
        spoilt.p.iter_mut().take(d).for_each(|p| *p = f64::NAN);
        if self.has(abi::USES_POSITION) {
            spoilt.x.iter_mut().take(d).for_each(|x| *x = f64::NAN);
        }
        match self.evaluate(&spoilt, self.offered()) {
            Err(_) => report.pass("NaN is refused"),
            Ok(after) => {
                let [f, ..] = &after;
                let seen = f.first().is_some_and(|f| f.is_nan());
                report.require("NaN stays NaN", seen, "NaN went in and a number came out");
                let rest = before
                    .iter()
                    .zip(&after)
                    .zip([1, 1, d, d])
                    .all(|((a, b), k)| same(a.get(k..).unwrap_or(&[]), b.get(k..).unwrap_or(&[])));
                report.require("NaN stays at its point", rest, "other points changed");
            }
        }
        Ok(())
    }
}

/// Differences of `f`, `f_u` and `f_p` in one direction.
struct Difference {
    f: Vec<f64>,
    f_u: Vec<f64>,
    f_p: Vec<f64>,
}

fn symmetric(f_pp: &[f64], d: usize) -> bool {
    f_pp.chunks_exact(d * d).all(|matrix| {
        let at = |i: usize, j: usize| matrix.get(i * d + j);
        (0..d).all(|i| (0..i).all(|j| at(i, j) == at(j, i)))
    })
}
