//! A want of memory: what grows with options and arguments is told with MOV_ERROR_MEMORY, and the process lives on.

use crate::support::problems::{dirichlet, small, start_from};
use crate::support::wasserstein;
use movimento::snapshot::{Writer, write};
use movimento::{ErrorKind, Options, Result, Solver};
use std::path::Path;
use std::process::Command;

/// What the child of the test asks for, and where it may write.
const WHAT: &str = "MOVIMENTO_TEST_MEMORY";
/// Bytes that it may have beyond those that it has.
const MORE: u64 = 40 << 20;

/// Each asks for hundreds of megabytes at once, in what an option or an argument says.
const CASES: [&str; 7] = [
    "nodes",
    "parameters",
    "given",
    "labels",
    "particles",
    "points",
    "grid",
];

fn field(d: i64, more: &[(&str, i64)]) -> Options {
    let mut options = small(d, 0.0, 1.0, &[4]);
    let few = [("nodes", 64), ("check_nodes", 64), ("threads", 1)];
    for (name, value) in few.iter().chain(more) {
        options.set(name, *value).unwrap();
    }
    options.set("fit_accept", 1.0).unwrap();
    options.set("step_accept", 1.0).unwrap();
    options
}

fn started(options: &Options) -> Result<Solver> {
    let mut solver = Solver::new(options)?;
    solver.add_energy(&dirichlet(0.1))?;
    let mut u_0 = |x: &[f64], u: &mut [f64], _: Option<&mut [f64]>| {
        let d = x.len() / u.len();
        x.chunks(d).zip(u).for_each(|(x, u)| *u = x[0]);
        Ok(())
    };
    solver.set_initial(movimento::Initial::Function {
        field: &mut u_0,
        has_gradient: false,
    })?;
    Ok(solver)
}

/// Bounds what the process may have.
fn bound() {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: u64 = statm.split(' ').next().unwrap().parse().unwrap();
    let most = pages * 4096 + MORE;
    let limit = libc::rlimit {
        rlim_cur: most,
        rlim_max: libc::RLIM_INFINITY,
    };
    assert_eq!(
        unsafe { libc::setrlimit(libc::RLIMIT_AS, &raw const limit) },
        0
    );
}

fn ask(what: &str, folder: &Path) -> Result<()> {
    let density = |more: &[(&str, i64)]| {
        let mut options = wasserstein::options(2, "euler", 0.01, &[4]);
        options.set("transport", "map").unwrap();
        for (name, value) in more {
            options.set(name, *value).unwrap();
        }
        let mut solver = Solver::new(&options)?;
        let start = movimento::Initial::Density(wasserstein::standard(2));
        solver.set_initial(start).map(|()| solver)
    };
    match what {
        "nodes" => {
            bound();
            started(&field(1, &[("nodes", 20_000_000)])).map(drop)
        }
        "parameters" => {
            let mut options = field(1, &[]);
            options.set("hidden", vec![2048_i64, 2048]).unwrap();
            options.set("training", "all").unwrap();
            bound();
            started(&options).map(drop)
        }
        "given" => {
            let n = 2_000_000;
            let x: Vec<f64> = (0..2 * n).map(|i| i as f64 / (2 * n) as f64).collect();
            let w = vec![1.0 / n as f64; n];
            let mut solver = Solver::new(&field(2, &[])).unwrap();
            bound();
            let refused = solver.set_nodes(&x, &w, None);
            // The solver is as it was.
            solver.set_nodes(&x[..200], &[0.01; 100], None).unwrap();
            start_from(&mut solver, |x| x[0]);
            refused
        }
        "labels" => {
            bound();
            density(&[("nodes", 1_000_000)]).map(drop)
        }
        "particles" => {
            let more = [
                ("nodes", 400),
                ("snapshot_particles", 20_000_000),
                ("snapshot_resolution", 0),
            ];
            let solver = density(&more).unwrap();
            bound();
            let refused = write(&solver, folder).map(drop);
            assert!(solver.masses(100).is_ok());
            refused
        }
        "points" => {
            let x = vec![0.5; 4_000_000];
            let mut solver = started(&field(1, &[])).unwrap();
            bound();
            let mut writer = Writer::new(&solver, folder, None).unwrap();
            let refused = writer.set_points(&x);
            writer.write(&solver).unwrap();
            solver.step().unwrap();
            writer.write(&solver).unwrap();
            writer.close().unwrap();
            refused
        }
        "grid" => {
            let mut solver = started(&field(2, &[("snapshot_resolution", 2000)])).unwrap();
            bound();
            let refused = write(&solver, folder).map(drop);
            solver.step().unwrap();
            refused
        }
        other => panic!("{other}"),
    }
}

#[test]
#[ignore = "run by a test with less memory"]
fn child() {
    let what = std::env::var(WHAT).unwrap();
    let (what, folder) = what.split_once(' ').unwrap();
    let refused = ask(what, Path::new(folder)).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Memory, "{refused}");
    println!("told: {refused}");
}

#[test]
fn what_grows_with_arguments_ends_no_process() {
    for what in CASES {
        let folder = tempfile::tempdir().unwrap();
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["memory::child", "--exact", "--ignored", "--nocapture"])
            .env(WHAT, format!("{what} {}", folder.path().display()))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        println!(
            "{what}: {}",
            said.lines()
                .find(|line| line.contains("told"))
                .unwrap_or("")
        );
        let told = output.status.success() && said.contains("told: ");
        assert!(
            told,
            "{what}: {:?} {said}{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

/// Counts that no array can have: refused before anybody looks at one.
#[test]
fn counts_that_no_array_can_have_are_refused() {
    use movimento::capi::*;
    let solver = crate::support::common::ready();
    let (x, mut u) = ([0.5; 8], [7.0; 8]);
    for n in [1 << 60, 1 << 61, u64::MAX / 2, u64::MAX] {
        let status = unsafe {
            mov_solver_evaluate(solver, n, x.as_ptr(), u.as_mut_ptr(), std::ptr::null_mut())
        };
        assert_eq!(status, MOV_ERROR_ARGUMENT, "{n}");
        assert_eq!(u, [7.0; 8]);
        let status = unsafe {
            mov_solver_set_nodes(
                solver,
                n,
                x.as_ptr(),
                x.as_ptr(),
                0,
                std::ptr::null(),
                std::ptr::null(),
            )
        };
        assert!(status < 0, "{n}");
    }
    mov_solver_free(solver);
}
