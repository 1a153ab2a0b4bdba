//! `movimento.pair/1`: interaction kernels `W(x, y)`, their gradient and their symmetry.

use std::ffi::CStr;
use std::mem::offset_of;
use std::ptr;

use movimento_abi as abi;

use super::{ArraySpec, Capability, Evaluate, Extent, Wanted, usage_of_time};
use crate::differences::{along, component};
use crate::instance_table::{Failure, Inputs, InstanceTable};
use crate::report::{Expected, Report};
use crate::sized::{GrowingStruct, SizedStruct};

impl GrowingStruct for abi::PairTable {}
impl SizedStruct for abi::PairTable {}
impl GrowingStruct for abi::PairBatch {
    /// The first version ended before `t`.
    const LEAST: usize = offset_of!(abi::PairBatch, t);
}
impl SizedStruct for abi::PairBatch {}

impl Capability for abi::PairTable {
    const ID: &'static CStr = abi::PAIR_1;
    const INPUTS: &'static [ArraySpec] = &[ArraySpec::new("x", 1), ArraySpec::new("y", 1)];
    const OUTPUTS: &'static [ArraySpec] = &[ArraySpec::new("w", 0), ArraySpec::new("w_x", 1)];

    type Batch = abi::PairBatch;
    type InputPointers = [*const f64; 2];
    type OutputPointers = [*mut f64; 2];

    fn evaluate(&self) -> Option<Evaluate<abi::PairBatch>> {
        self.evaluate
    }

    fn batch(
        Extent { n, d, .. }: Extent,
        t: f64,
        inputs: &[*const f64],
        outputs: &[*mut f64],
    ) -> abi::PairBatch {
        let input = |i: usize| inputs.get(i).copied().unwrap_or(ptr::null());
        let output = |i: usize| outputs.get(i).copied().unwrap_or(ptr::null_mut());
        abi::PairBatch {
            struct_size: size_of::<abi::PairBatch>() as u64,
            n,
            d,
            x: input(0),
            y: input(1),
            w: output(0),
            w_x: output(1),
            t,
        }
    }

    fn time(batch: &abi::PairBatch) -> f64 {
        batch.t
    }

    fn extent(batch: &abi::PairBatch) -> Extent {
        Extent {
            n: batch.n,
            d: batch.d,
            c: 1,
        }
    }

    fn pointers(batch: &abi::PairBatch) -> ([*const f64; 2], [*mut f64; 2]) {
        ([batch.x, batch.y], [batch.w, batch.w_x])
    }

    fn derivatives(
        table: &InstanceTable<'_>,
        at: &Inputs,
        tolerance: f64,
        report: &mut Report,
    ) -> Result<(), Failure> {
        derivatives(table, at, tolerance, report)
    }

    fn shows_nan(_: u32, input: &str) -> bool {
        input == "x"
    }
}

const W: Wanted = 0b01;
const BOTH: Wanted = 0b11;

fn derivatives(
    table: &InstanceTable<'_>,
    at: &Inputs,
    tolerance: f64,
    report: &mut Report,
) -> Result<(), Failure> {
    let d = table.dimension();
    let (w, w_x) = two(table.evaluate(at, BOTH)?);
    let finite = w.iter().all(|w| w.is_finite());
    report.require("w is finite", finite, "NaN or infinite");
    let mut swapped = at.clone();
    swapped.arrays.reverse();
    let (there, _) = two(table.evaluate(&swapped, W)?);
    let expected = Expected::exactly(w.clone());
    report.compare("w(x, y) = w(y, x)", &there, &expected, 1e-14);
    for j in 0..d {
        let (by_w, _) = two(along(table, at, 0, (j, d), W)?);
        let what = format!("w_x[{j}]");
        report.compare(&what, &component(&w_x, j, d), &by_w, tolerance);
    }
    usage_of_time(table, at, report)?;
    coinciding(table, at, report)
}

/// At coinciding points there may be a convention, but not NaN.
fn coinciding(table: &InstanceTable<'_>, at: &Inputs, report: &mut Report) -> Result<(), Failure> {
    let mut same = at.clone();
    if let [x, y] = &mut same.arrays[..] {
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
