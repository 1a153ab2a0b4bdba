//! `movimento.hessian/1`: densities `f(t, x, u, grad u, Hess u)` and their derivatives.

use std::ffi::CStr;
use std::ptr;

use movimento_abi as abi;

use super::local::{P, U, X, is_symmetric, unused};
use super::{ArraySpec, Capability, Evaluate, Extent, Wanted};
use crate::differences::{along, component};
use crate::instance_table::{Failure, Inputs, InstanceTable};
use crate::report::{Expected, Report};
use crate::sized::{GrowingStruct, SizedStruct};

impl GrowingStruct for abi::HessianTable {}
impl SizedStruct for abi::HessianTable {}
impl GrowingStruct for abi::HessianBatch {}
impl SizedStruct for abi::HessianBatch {}

impl Capability for abi::HessianTable {
    const ID: &'static CStr = abi::HESSIAN_1;
    const INPUTS: &'static [ArraySpec] = &[
        ArraySpec::new("x", 1),
        ArraySpec::new("u", 0),
        ArraySpec::new("p", 1).only_with(abi::USES_GRADIENT),
        ArraySpec::new("h", 2),
    ];
    const OUTPUTS: &'static [ArraySpec] = &[
        ArraySpec::new("f", 0),
        ArraySpec::new("f_u", 0),
        ArraySpec::new("f_p", 1),
        ArraySpec::new("f_x", 1),
        ArraySpec::new("f_h", 2),
        ArraySpec::new("f_uu", 0).only_with(abi::SECOND_DERIVATIVES),
        ArraySpec::new("f_up", 1).only_with(abi::SECOND_DERIVATIVES),
        ArraySpec::new("f_pp", 2).only_with(abi::SECOND_DERIVATIVES),
        ArraySpec::new("f_uh", 2).only_with(abi::SECOND_DERIVATIVES),
        ArraySpec::new("f_ph", 3).only_with(abi::SECOND_DERIVATIVES),
        ArraySpec::new("f_hh", 4).only_with(abi::SECOND_DERIVATIVES),
    ];

    type Batch = abi::HessianBatch;
    type InputPointers = [*const f64; 4];
    type OutputPointers = [*mut f64; OUTPUTS];

    fn evaluate(&self) -> Option<Evaluate<abi::HessianBatch>> {
        self.evaluate
    }

    fn batch(
        Extent { n, d, .. }: Extent,
        t: f64,
        inputs: &[*const f64],
        outputs: &[*mut f64],
    ) -> abi::HessianBatch {
        let input = |i: usize| inputs.get(i).copied().unwrap_or(ptr::null());
        let output = |i: usize| outputs.get(i).copied().unwrap_or(ptr::null_mut());
        abi::HessianBatch {
            struct_size: size_of::<abi::HessianBatch>() as u64,
            n,
            d,
            x: input(0),
            u: input(1),
            p: input(2),
            h: input(3),
            f: output(0),
            f_u: output(1),
            f_p: output(2),
            f_x: output(3),
            f_h: output(4),
            f_uu: output(5),
            f_up: output(6),
            f_pp: output(7),
            f_uh: output(8),
            f_ph: output(9),
            f_hh: output(10),
            t,
        }
    }

    fn time(batch: &abi::HessianBatch) -> f64 {
        batch.t
    }

    fn extent(batch: &abi::HessianBatch) -> Extent {
        Extent {
            n: batch.n,
            d: batch.d,
            c: 1,
        }
    }

    fn pointers(b: &abi::HessianBatch) -> ([*const f64; 4], [*mut f64; OUTPUTS]) {
        let outputs = [
            b.f, b.f_u, b.f_p, b.f_x, b.f_h, b.f_uu, b.f_up, b.f_pp, b.f_uh, b.f_ph, b.f_hh,
        ];
        ([b.x, b.u, b.p, b.h], outputs)
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

/// The outputs.
const OUTPUTS: usize = 11;

/// The input of second derivatives.
const H: usize = 3;

/// The outputs of first order, which every energy has.
const FIRST: Wanted = 0b1_1111;

/// The outputs of a table, by name.
fn every<T: Default + Clone>(outputs: Vec<T>) -> [T; OUTPUTS] {
    let mut all: [T; OUTPUTS] = Default::default();
    all.iter_mut()
        .zip(outputs)
        .for_each(|(to, from)| *to = from);
    all
}

/// Compares every derivative with differences of the one below it.
fn derivatives(
    table: &InstanceTable<'_>,
    at: &Inputs,
    tolerance: f64,
    report: &mut Report,
) -> Result<(), Failure> {
    let d = table.dimension();
    let second = table.has(abi::SECOND_DERIVATIVES);
    let all = every(table.evaluate(at, table.offered())?);
    let [f, f_u, f_p, f_x, f_h, f_uu, f_up, f_pp, f_uh, f_ph, f_hh] = &all;
    let finite = f.iter().all(|f| f.is_finite());
    report.require(
        "f is finite",
        finite,
        "NaN or infinite: is the range of u in the domain?",
    );
    // By each entry of u, p and h: the first derivative, and the second ones as differences of f_u, f_p and f_h.
    let slopes = if table.has(abi::USES_GRADIENT) { d } else { 0 };
    let widths = [1, slopes, d * d];
    let names = ["u", "p", "h"];
    let (places, first) = ([U, P, H], [f_u, f_p, f_h]);
    let seconds = [[f_uu, f_up, f_uh], [f_up, f_pp, f_ph], [f_uh, f_ph, f_hh]];
    for (a, width) in widths.into_iter().enumerate() {
        for entry in 0..width {
            let found = along(table, at, places[a], (entry, width), FIRST)?;
            let [by_f, by_f_u, by_f_p, _, by_f_h, ..] = every::<Expected>(found);
            let what = format!("f_{}[{entry}]", names[a]);
            report.compare(&what, &component(first[a], entry, width), &by_f, tolerance);
            let of = [by_f_u, by_f_p, by_f_h].into_iter().enumerate();
            for (b, expected) in of.filter(|(b, _)| second && widths[*b] > 0) {
                let values = seconds[a][b];
                // Blocks have the rows of what comes first.
                let own: Vec<f64> = match a < b {
                    true => {
                        let rows = values.chunks_exact(widths[b]);
                        rows.skip(entry).step_by(width).flatten().copied().collect()
                    }
                    false => component(values, entry, width),
                };
                let what = format!(
                    "second derivatives as df_{}/d{}[{entry}]",
                    names[b], names[a]
                );
                report.compare(&what, &own, &expected, tolerance);
            }
        }
    }
    for j in 0..d {
        let [by_f, ..] = every::<Expected>(along(table, at, X, (j, d), FIRST)?);
        report.compare(
            &format!("f_x[{j}]"),
            &component(f_x, j, d),
            &by_f,
            tolerance,
        );
    }
    if second {
        for (name, values, size) in [("f_pp", f_pp, d), ("f_hh", f_hh, d * d)] {
            let what = format!("{name} is symmetric");
            report.require(&what, is_symmetric(values, size), "it is not");
        }
    }
    unused(table, at, (f_x, &[f_p, f_up, f_pp, f_ph]), report)
}
