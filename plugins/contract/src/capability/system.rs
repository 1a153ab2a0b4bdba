//! `movimento.system/1`: densities `f(t, x, u, grad u)` of a field of several components and their derivatives.

use std::ffi::CStr;
use std::ptr;

use movimento_abi as abi;

use super::local::{FIRST, P, U, X, is_symmetric, seven, unused};
use super::{ArraySpec, Capability, Evaluate, Extent};
use crate::differences::{along, component};
use crate::instance_table::{Failure, Inputs, InstanceTable};
use crate::report::{Expected, Report};
use crate::sized::{GrowingStruct, SizedStruct};

/// The most components of a field.
pub const MOST_COMPONENTS: u64 = 16;

impl GrowingStruct for abi::SystemTable {}
impl SizedStruct for abi::SystemTable {}
impl GrowingStruct for abi::SystemBatch {}
impl SizedStruct for abi::SystemBatch {}

impl Capability for abi::SystemTable {
    const ID: &'static CStr = abi::SYSTEM_1;
    const INPUTS: &'static [ArraySpec] = &[
        ArraySpec::new("x", 1),
        ArraySpec::new("u", 0).of_components(1),
        ArraySpec::new("p", 1)
            .of_components(1)
            .only_with(abi::USES_GRADIENT),
    ];
    const OUTPUTS: &'static [ArraySpec] = &[
        ArraySpec::new("f", 0),
        ArraySpec::new("f_u", 0).of_components(1),
        ArraySpec::new("f_p", 1).of_components(1),
        ArraySpec::new("f_x", 1),
        ArraySpec::new("f_uu", 0)
            .of_components(2)
            .only_with(abi::SECOND_DERIVATIVES),
        ArraySpec::new("f_up", 1)
            .of_components(2)
            .only_with(abi::SECOND_DERIVATIVES),
        ArraySpec::new("f_pp", 2)
            .of_components(2)
            .only_with(abi::SECOND_DERIVATIVES),
    ];

    type Batch = abi::SystemBatch;
    type InputPointers = [*const f64; 3];
    type OutputPointers = [*mut f64; 7];

    fn evaluate(&self) -> Option<Evaluate<abi::SystemBatch>> {
        self.evaluate
    }

    fn components(&self) -> u64 {
        self.components
    }

    fn is_sound(&self) -> Result<(), String> {
        match self.components {
            1..=MOST_COMPONENTS => Ok(()),
            given => Err(format!(
                "has `components` {given}; accepted are 1 to {MOST_COMPONENTS}"
            )),
        }
    }

    fn batch(
        Extent { n, d, c }: Extent,
        t: f64,
        inputs: &[*const f64],
        outputs: &[*mut f64],
    ) -> abi::SystemBatch {
        let input = |i: usize| inputs.get(i).copied().unwrap_or(ptr::null());
        let output = |i: usize| outputs.get(i).copied().unwrap_or(ptr::null_mut());
        abi::SystemBatch {
            struct_size: size_of::<abi::SystemBatch>() as u64,
            n,
            d,
            c,
            x: input(0),
            u: input(1),
            p: input(2),
            f: output(0),
            f_u: output(1),
            f_p: output(2),
            f_x: output(3),
            f_uu: output(4),
            f_up: output(5),
            f_pp: output(6),
            t,
        }
    }

    fn time(batch: &abi::SystemBatch) -> f64 {
        batch.t
    }

    fn extent(batch: &abi::SystemBatch) -> Extent {
        Extent {
            n: batch.n,
            d: batch.d,
            c: batch.c,
        }
    }

    fn pointers(b: &abi::SystemBatch) -> ([*const f64; 3], [*mut f64; 7]) {
        let outputs = [b.f, b.f_u, b.f_p, b.f_x, b.f_uu, b.f_up, b.f_pp];
        ([b.x, b.u, b.p], outputs)
    }

    fn derivatives(
        table: &InstanceTable<'_>,
        at: &Inputs,
        tolerance: f64,
        report: &mut Report,
    ) -> Result<(), Failure> {
        derivatives(table, at, tolerance, report)
    }

    fn shows_nan(flags: u32, input: &str) -> bool {
        input != "x" || flags & abi::USES_POSITION != 0
    }
}

/// Compares every derivative with differences of the one below it.
fn derivatives(
    table: &InstanceTable<'_>,
    at: &Inputs,
    tolerance: f64,
    report: &mut Report,
) -> Result<(), Failure> {
    let (c, d) = (table.widths().c, table.dimension());
    let slopes = c * d;
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
    for i in 0..c {
        let [by_f, by_f_u, by_f_p, ..] = differences(U, (i, c))?;
        report.compare(
            &format!("f_u[{i}]"),
            &component(&f_u, i, c),
            &by_f,
            tolerance,
        );
        if second {
            let what = format!("f_uu[..][{i}]");
            report.compare(&what, &component(&f_uu, i, c), &by_f_u, tolerance);
            // The block of component i, `[n][c][d]`.
            let blocks = f_up.chunks_exact(slopes.max(1)).skip(i).step_by(c);
            let block: Vec<f64> = blocks.flatten().copied().collect();
            let what = format!("f_up[{i}] as df_p/du");
            report.compare(&what, &block, &by_f_p, tolerance);
        }
    }
    for j in 0..d {
        let [by_f, ..] = differences(X, (j, d))?;
        report.compare(
            &format!("f_x[{j}]"),
            &component(&f_x, j, d),
            &by_f,
            tolerance,
        );
    }
    if table.has(abi::USES_GRADIENT) {
        for k in 0..slopes {
            let (i, j) = (k / d, k % d);
            let [by_f, by_f_u, by_f_p, ..] = differences(P, (k, slopes))?;
            let column = |values: &[f64]| component(values, k, slopes);
            report.compare(&format!("f_p[{i}][{j}]"), &column(&f_p), &by_f, tolerance);
            if second {
                let what = format!("f_up[..][{i}][{j}] as df_u/dp");
                report.compare(&what, &column(&f_up), &by_f_u, tolerance);
                let what = format!("f_pp[..][..][{i}][{j}]");
                report.compare(&what, &column(&f_pp), &by_f_p, tolerance);
            }
        }
    }
    if second {
        for (name, values, size) in [("f_uu", &f_uu, c), ("f_pp", &f_pp, slopes)] {
            let what = format!("{name} is symmetric");
            report.require(&what, is_symmetric(values, size), "it is not");
        }
    }
    unused(table, at, (&f_x, &[&f_p, &f_up, &f_pp]), report)
}
