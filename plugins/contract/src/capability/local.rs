//! `movimento.local/1`: densities `f(t, x, u, grad u)` and their derivatives.

use std::ffi::CStr;
use std::mem::offset_of;
use std::ptr;

use movimento_abi as abi;

use super::{ArraySpec, Capability, Evaluate, Extent, Wanted, usage_of_time};
use crate::differences::{along, component};
use crate::instance_table::{Failure, Inputs, InstanceTable};
use crate::report::{Expected, Report};
use crate::sized::{GrowingStruct, SizedStruct};

impl GrowingStruct for abi::LocalTable {}
impl SizedStruct for abi::LocalTable {}
impl GrowingStruct for abi::LocalBatch {
    /// The first version ended before `t`.
    const LEAST: usize = offset_of!(abi::LocalBatch, t);
}
impl SizedStruct for abi::LocalBatch {}

impl Capability for abi::LocalTable {
    const ID: &'static CStr = abi::LOCAL_1;
    const INPUTS: &'static [ArraySpec] = &[
        ArraySpec::new("x", 1),
        ArraySpec::new("u", 0),
        ArraySpec::new("p", 1).only_with(abi::USES_GRADIENT),
    ];
    const OUTPUTS: &'static [ArraySpec] = &[
        ArraySpec::new("f", 0),
        ArraySpec::new("f_u", 0),
        ArraySpec::new("f_p", 1),
        ArraySpec::new("f_x", 1),
        ArraySpec::new("f_uu", 0).only_with(abi::SECOND_DERIVATIVES),
        ArraySpec::new("f_up", 1).only_with(abi::SECOND_DERIVATIVES),
        ArraySpec::new("f_pp", 2).only_with(abi::SECOND_DERIVATIVES),
    ];

    type Batch = abi::LocalBatch;
    type InputPointers = [*const f64; 3];
    type OutputPointers = [*mut f64; 7];

    fn evaluate(&self) -> Option<Evaluate<abi::LocalBatch>> {
        self.evaluate
    }

    fn batch(
        Extent { n, d, .. }: Extent,
        t: f64,
        inputs: &[*const f64],
        outputs: &[*mut f64],
    ) -> abi::LocalBatch {
        let input = |i: usize| inputs.get(i).copied().unwrap_or(ptr::null());
        let output = |i: usize| outputs.get(i).copied().unwrap_or(ptr::null_mut());
        abi::LocalBatch {
            struct_size: size_of::<abi::LocalBatch>() as u64,
            n,
            d,
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

    fn time(batch: &abi::LocalBatch) -> f64 {
        batch.t
    }

    fn extent(batch: &abi::LocalBatch) -> Extent {
        Extent {
            n: batch.n,
            d: batch.d,
            c: 1,
        }
    }

    fn pointers(b: &abi::LocalBatch) -> ([*const f64; 3], [*mut f64; 7]) {
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

/// The inputs that move.
pub(super) const X: usize = 0;
pub(super) const U: usize = 1;
pub(super) const P: usize = 2;

/// The outputs of a table, by name.
pub(super) fn seven<T: Default + Clone>(outputs: Vec<T>) -> [T; 7] {
    let mut all: [T; 7] = Default::default();
    all.iter_mut()
        .zip(outputs)
        .for_each(|(to, from)| *to = from);
    all
}

/// The outputs of first order, which every energy has.
pub(super) const FIRST: Wanted = 0b000_1111;

/// Compares every derivative with differences of the one below it.
fn derivatives(
    table: &InstanceTable<'_>,
    at: &Inputs,
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
            is_symmetric(&f_pp, d),
            "f_pp[i][j] != f_pp[j][i]",
        );
    }
    unused(table, at, (&f_x, &[&f_p, &f_up, &f_pp]), report)
}

/// Requires that derivatives vanish in what an energy does not use.
pub(super) fn unused(
    table: &InstanceTable<'_>,
    at: &Inputs,
    (f_x, of_slopes): (&[f64], &[&[f64]]),
    report: &mut Report,
) -> Result<(), Failure> {
    let zero = |arrays: &[&[f64]]| arrays.iter().all(|a| a.iter().all(|&value| value == 0.0));
    if !table.has(abi::USES_POSITION) {
        report.require(
            "f_x = 0 without USES_POSITION",
            zero(&[f_x]),
            "f_x is not zero",
        );
    }
    usage_of_time(table, at, report)?;
    if !table.has(abi::USES_GRADIENT) {
        report.require(
            "f_p = 0 without USES_GRADIENT",
            zero(of_slopes),
            "f_p, f_up or f_pp is not zero",
        );
    }
    Ok(())
}

/// What rounding leaves of symmetry, relative to the largest entry.
const ROUNDING: f64 = 64.0 * f64::EPSILON;

/// Whether matrices `[n][size][size]` are symmetric up to rounding: `c p_i p_j` and `c p_j p_i` may differ in a last bit.
pub(super) fn is_symmetric(values: &[f64], size: usize) -> bool {
    values.chunks_exact(size * size).all(|matrix| {
        let at = |i: usize, j: usize| matrix.get(i * size + j).copied().unwrap_or(f64::NAN);
        let largest = matrix
            .iter()
            .fold(0.0_f64, |most, entry| most.max(entry.abs()));
        let same = |i, j| (at(i, j) - at(j, i)).abs() <= ROUNDING * largest;
        (0..size).all(|i| (0..i).all(|j| same(i, j)))
    })
}
