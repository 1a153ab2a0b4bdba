//! Options that change in a run, as a refused step advises; and the bound on the work of a refused step.

use crate::support::problems::{allen_cahn, dirichlet, on_grid, small, start_from};
use crate::support::wasserstein::{ornstein_uhlenbeck, standard};
use movimento::snapshot::{restore, write};
use movimento::{ErrorKind, Options, Solver};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Heat of a ridge in the plane.
fn ridge(options: &Options) -> Solver {
    let mut solver = Solver::new(options).unwrap();
    solver.add_energy(&dirichlet(0.3)).unwrap();
    start_from(&mut solver, |x| (3.0 * x[0] + x[1]).sin());
    solver
}

fn largest_difference(a: &[f64], b: &[f64]) -> f64 {
    a.iter()
        .zip(b)
        .fold(0.0, |most, (a, b)| most.max((a - b).abs()))
}

#[test]
fn nodes_and_width_change_in_a_run_and_a_snapshot_goes_on_with_them() {
    let mut options = Options::new();
    options.set("tau", 1e-3).unwrap();
    options.set("fit_max_iterations", 60).unwrap();
    let mut solver = ridge(&options);
    solver.step().unwrap();
    let (_, before) = on_grid(&solver, 21);
    let nodes = solver.report().unwrap().nodes;
    options.set("nodes", 2500).unwrap();
    solver.set_options(&options).unwrap();
    assert_eq!(on_grid(&solver, 21).1, before);
    options.set("hidden", vec![20_i64, 20]).unwrap();
    solver.set_options(&options).unwrap();
    let fit = solver.fit_report().unwrap().relative_error;
    let moved = largest_difference(&on_grid(&solver, 21).1, &before);
    assert!(fit < 1e-3 && moved < 5.0 * fit, "{fit:e} {moved:e}");
    assert_eq!(solver.network().widths()[1], 20);
    assert_eq!((solver.steps(), solver.time()), (1, 1e-3));
    solver.step().unwrap();
    let report = solver.report().unwrap();
    assert!(
        report.nodes != nodes && (2500..3000).contains(&report.nodes),
        "{report:?}"
    );
    // From a snapshot, made with these options from the beginning.
    let folder = tempfile::tempdir().unwrap();
    write(&solver, folder.path()).unwrap();
    let mut other = Solver::new(&options).unwrap();
    other.add_energy(&dirichlet(0.3)).unwrap();
    restore(&mut other, folder.path()).unwrap();
    solver.step().unwrap();
    other.step().unwrap();
    assert_eq!(other.parameters(), solver.parameters());
}

#[test]
fn what_cannot_change_is_refused_and_nothing_has_changed() {
    let mut options = Options::new();
    options.set("tau", 1e-3).unwrap();
    let mut solver = ridge(&options);
    let parameters = solver.parameters().to_vec();
    let mut other = options.clone();
    other.set("seed", 3).unwrap();
    other.set("tau", 2e-3).unwrap();
    let error = solver.set_options(&other).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Option);
    assert!(error.message().contains("option `seed`"), "{error}");
    options.set("hidden", vec![4_i64]).unwrap();
    options.set("fit_accept", 1e-9).unwrap();
    let error = solver.set_options(&options).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotConverged);
    assert!(error.message().contains("`fit_accept` is 1e-9"), "{error}");
    assert_eq!(solver.parameters(), parameters);
    assert_eq!(solver.tau(), 1e-3);
    assert_eq!(solver.options().integers("hidden").unwrap(), [0]);

    let mut options = Options::new();
    options.set("flow", "wasserstein").unwrap();
    options.set("domain", "space").unwrap();
    let mut solver = Solver::new(&options).unwrap();
    for energy in ornstein_uhlenbeck(&[1.0, 2.0], &[0.0, 0.5]) {
        solver.add_energy(&energy).unwrap();
    }
    let start = standard(2);
    solver
        .set_initial(movimento::Initial::Density(start))
        .unwrap();
    options.set("step_accept", 0.2).unwrap();
    solver.set_options(&options).unwrap();
    options.set("nodes", 2500).unwrap();
    let error = solver.set_options(&options).unwrap_err();
    assert!(
        error
            .message()
            .contains("option `flow` is wasserstein, whose `hidden` and `nodes`"),
        "{error}"
    );
    solver.step().unwrap();
}

/// A solver of a small network that counts its iterations.
fn counted(options: &Options) -> (Solver, Arc<AtomicU64>) {
    let mut solver = Solver::new(options).unwrap();
    solver.add_energy(&allen_cahn(1.0, 1.0)).unwrap();
    start_from(&mut solver, |x| 0.5 * (2.0 * x[0] + x[1]).cos());
    let count = Arc::new(AtomicU64::new(0));
    let watched = Arc::clone(&count);
    solver.set_observer(Some(Box::new(move |progress| {
        watched.fetch_add(u64::from(!progress.fitting), Relaxed);
        ControlFlow::Continue(())
    })));
    (solver, count)
}

#[test]
fn a_refused_step_ends_within_its_effort_and_goes_on_as_it_advises() {
    let mut options = small(2, -1.0, 1.0, &[8, 8]);
    options.set("fit_accept", 0.1).unwrap();
    options.set("movement", "second").unwrap();
    let (mut solver, count) = counted(&options);
    solver.step().unwrap();
    assert_eq!(solver.report().unwrap().iterations, count.swap(0, Relaxed));
    let accepted = solver.report().unwrap().accepted_iterations;
    let state = solver.parameters().to_vec();
    // What no network of this size can do.
    options.set("tolerance", 1e-13).unwrap();
    options.set("step_accept", 1e-12).unwrap();
    options.set("max_iterations", 100_000).unwrap();
    let mut used = Vec::new();
    for effort in [10.0, 3.0] {
        options.set("effort", effort).unwrap();
        solver.set_options(&options).unwrap();
        let error = solver.step().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotConverged);
        for told in ["still to gain", "times", "in all", "parameters and"] {
            assert!(error.message().contains(told), "{error}");
        }
        let iterations = count.swap(0, Relaxed);
        let most = effort * accepted.max(6 * 3) as f64;
        assert!(
            iterations as f64 <= most + 9.0,
            "{iterations} > {most} {error}"
        );
        assert_eq!(solver.parameters(), state);
        used.push(iterations);
    }
    assert!(used[1] < used[0], "{used:?}");
    options.set("step_accept", 0.1).unwrap();
    options.set("tolerance", 1e-2).unwrap();
    solver.set_options(&options).unwrap();
    solver.step().unwrap();
}
