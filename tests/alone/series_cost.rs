//! What a snapshot in every step costs beyond its bytes and the evaluation of its field, against a step.

use crate::alone;
use crate::support::common;
use movimento::snapshot::Writer;
use movimento::{Energy, Initial, Options, Solver};
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::Instant;

/// Seconds of processor time of this process.
fn processor_time() -> f64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    let status = unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    assert_eq!(status, 0);
    time.tv_sec as f64 + 1e-9 * time.tv_nsec as f64
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let start = processor_time();
    let result = work();
    (result, processor_time() - start)
}

fn start(options: &Options, kappa: f64) -> Solver {
    let mut solver = Solver::new(options).unwrap();
    let mut energy = Energy::from_file(&common::plugin("dirichlet"), None).unwrap();
    energy.set("kappa", &[kappa]).unwrap();
    solver.add_energy(&energy).unwrap();
    let d = solver.domain().dimension();
    let mut cosines = |x: &[f64], u: &mut [f64], _: Option<&mut [f64]>| {
        for (x, u) in x.chunks(d).zip(u) {
            *u = x.iter().map(|x| (std::f64::consts::PI * x).cos()).product();
        }
        Ok(())
    };
    let initial = Initial::Function {
        field: &mut cosines,
        has_gradient: false,
    };
    solver.set_initial(initial).unwrap();
    solver
}

/// Plain writes of the same bytes, as durable.
fn plain(folder: &Path, bytes: &[u8], number: u64) {
    let path = folder.join("plain.tmp");
    let mut file = File::create(&path).unwrap();
    file.write_all(bytes).unwrap();
    file.sync_all().unwrap();
    std::fs::rename(&path, folder.join(format!("plain_{number}"))).unwrap();
    File::open(folder).unwrap().sync_all().unwrap();
}

/// Milliseconds of processor time, as those of a snapshot, that a step of the paper's heat equation in
/// 2-D takes by the defaults: how long it is waited for hangs on the threads.
fn step_of_heat_2d() -> f64 {
    let mut options = Options::new();
    options.set("tau", 1e-2).unwrap();
    let mut solver = start(&options, 0.1);
    let mut steps = [0.0; 9].map(|_: f64| 1e3 * timed(|| solver.step().unwrap()).1);
    steps.sort_unstable_by(f64::total_cmp);
    steps[steps.len() / 2]
}

#[test]
fn a_snapshot_in_every_step_is_cheap() {
    let _alone = alone();
    const STEPS: u64 = 40;
    // The network and the grid of that step, on one thread, which waits for no other.
    let mut options = Options::new();
    options.set("threads", 1).unwrap();
    options.set("tau", 1e-4).unwrap();
    options.set("fit_max_iterations", 8).unwrap();
    options.set("fit_accept", 0.5).unwrap();
    options.set("tolerance", 0.9).unwrap();
    let mut solver = start(&options, 0.1);
    let folder = tempfile::tempdir().unwrap();
    let mut writer = Writer::new(&solver, folder.path(), None).unwrap();
    writer.write(&solver).unwrap();
    solver.step().unwrap();
    writer.write(&solver).unwrap();
    let bytes = std::fs::read(folder.path().join("snap_000001.h5")).unwrap();
    let x: Vec<f64> = (0..65 * 65)
        .flat_map(|i| [f64::from(i % 65) / 64.0, f64::from(i / 65) / 64.0])
        .collect();
    let mut u = vec![0.0; 65 * 65];
    let (mut whole, mut evaluation, mut bare) = (0.0, 0.0, 0.0);
    for number in 0..STEPS {
        solver.step().unwrap();
        whole += timed(|| writer.write(&solver).unwrap()).1;
        evaluation += timed(|| solver.evaluate(&x, &mut u, None).unwrap()).1;
        bare += timed(|| plain(folder.path(), &bytes, number)).1;
    }
    let [whole, evaluation, bare] = [whole, evaluation, bare].map(|t| 1e3 * t / STEPS as f64);
    let rest = whole - evaluation - bare;
    let step = step_of_heat_2d();
    println!(
        "{} bytes; milliseconds a snapshot: {whole:.3} in all, of which {evaluation:.3} evaluate u and \
         {bare:.3} write and flush the bytes; beyond that {rest:.3}, {:.2} % of a step of {step:.1}",
        bytes.len(),
        100.0 * rest / step
    );
    assert!(rest <= 0.03 * step, "{rest} of {step}");
}

/// Run by hand: minutes.
#[test]
#[ignore = "a measurement of some minutes"]
fn ten_thousand_snapshots_stay_usable() {
    let _alone = alone();
    let mut options = Options::new();
    for (name, value) in [
        ("dimension", 1),
        ("threads", 1),
        ("nodes", 40),
        ("check_nodes", 20),
    ] {
        options.set(name, value).unwrap();
    }
    options.set("hidden", vec![4_i64]).unwrap();
    options.set("fit_accept", 0.9).unwrap();
    options.set("tau", 1e-6).unwrap();
    let mut solver = start(&options, 0.1);
    let folder = tempfile::tempdir().unwrap();
    let mut writer = Writer::new(&solver, folder.path(), None).unwrap();
    let begin = Instant::now();
    let ((), all) = timed(|| {
        for _ in 0..10_000 {
            writer.write(&solver).unwrap();
            solver.step().unwrap();
        }
    });
    println!(
        "10,000 snapshots: {:?}, {all:.2} s of processor time with their steps",
        begin.elapsed()
    );
    let (done, close) = timed(|| writer.close());
    done.unwrap();
    println!("the index of 10,000: {close:.3} s");
    let (again, open) = timed(|| Writer::new(&solver, folder.path(), None));
    println!("opening the folder again: {open:.3} s");
    assert_eq!(again.unwrap().len(), 10_000);
    let packed = folder.path().join("packed.h5");
    let (done, pack) = timed(|| movimento::snapshot::pack(folder.path(), &packed));
    done.unwrap();
    println!("packing: {pack:.3} s");
}
