//! A run that stopped and goes on from a snapshot comes to the same bits as one that did not stop.

use crate::support::common::energy;
use crate::support::problems::{allen_cahn, dirichlet, small};
use crate::support::restart_helpers::*;
use movimento::energy::PluginIdentity;
use movimento::options::Value;
use movimento::snapshot::{restore, write};
use movimento::{ErrorKind, Initial, Solver};
use std::f64::consts::FRAC_PI_4;
use std::path::Path;
use std::sync::Arc;

fn heat(all: &[(&str, Value)]) -> Solver {
    let mut options = small(2, -FRAC_PI_4, FRAC_PI_4, &[16, 16]);
    options.set("tau", 0.002).unwrap();
    options.set("fit_tolerance", 1e-4).unwrap();
    options.set("snapshot_resolution", 9_i64).unwrap();
    options.set("max_iterations", 200_i64).unwrap();
    set(&mut options, all);
    let mut solver = Solver::new(&options).unwrap();
    solver.add_energy(&dirichlet(0.1)).unwrap();
    solver
}

fn started(mut solver: Solver) -> Solver {
    solver.set_initial(Initial::Named("heat-2d")).unwrap();
    solver
}

#[test]
fn heat_with_the_factor_of_an_earlier_step() {
    for movement in ["euler", "second"] {
        let more = [("movement", movement.into()), ("tolerance", 5e-3.into())];
        let fresh = || heat(&more);
        let checkpoints = goes_on(started(fresh()), &fresh, 6, &[0, 1, 3, 5]);
        let old: Vec<usize> = (0..7).filter(|step| is_old(&checkpoints[*step])).collect();
        println!("{movement}: matrices of earlier steps after steps {old:?}");
        // By second order each step makes one of its own, in an early stage.
        assert!(movement == "second" || !old.is_empty());
        // The factor is part of the state: without it the bits are others.
        let stop = old.first().copied().unwrap_or(3);
        let mut without = checkpoints[stop].clone();
        without.linearized = None;
        without.memory.as_mut().unwrap().matrix = None;
        let mut other = fresh();
        other.restore(&without).unwrap();
        other.step().unwrap();
        assert!(stop < 6 && other.parameters() != checkpoints[stop + 1].parameters);
    }
}

#[test]
fn the_other_linear_solvers() {
    for method in ["krylov", "sample"] {
        let more = [
            ("linear_solver", method.into()),
            ("hidden", vec![6_i64, 6].into()),
            ("nodes", 200_i64.into()),
            ("fit_tolerance", 1e-2.into()),
            ("fit_accept", 0.5.into()),
            ("fit_max_iterations", 20_i64.into()),
            ("tolerance", 5e-2.into()),
        ];
        let fresh = || heat(&more);
        let checkpoints = goes_on(started(fresh()), &fresh, 3, &[1, 2]);
        let keeps = checkpoints[3].linearized.is_some();
        assert_eq!(keeps, method == "krylov");
    }
}

#[test]
fn third_order_and_galerkin() {
    let more = [("movement", "third".into()), ("form", "galerkin".into())];
    let fresh = || heat(&more);
    goes_on(started(fresh()), &fresh, 3, &[1, 2]);
}

#[test]
fn sobol_nodes_in_strong_form() {
    let fresh = || {
        let mut options = small(4, 0.0, 1.0, &[10, 10]);
        let all = [
            ("tau", 0.01.into()),
            ("fit_accept", 0.2.into()),
            ("fit_max_iterations", 25_i64.into()),
            ("check_nodes", 2000_i64.into()),
            ("snapshot_resolution", 9_i64.into()),
        ];
        set(&mut options, &all);
        let mut solver = Solver::new(&options).unwrap();
        solver.add_energy(&allen_cahn(0.1, 0.8)).unwrap();
        solver
    };
    let mut solver = fresh();
    let mut field = |x: &[f64], u: &mut [f64], _: Option<&mut [f64]>| {
        let waves = x.chunks(4).map(|x| x.iter().map(|x| (3.0 * x).cos()).sum());
        u.iter_mut().zip(waves).for_each(|(u, wave)| *u = wave);
        Ok(())
    };
    let initial = Initial::Function {
        field: &mut field,
        has_gradient: false,
    };
    solver.set_initial(initial).unwrap();
    let checkpoints = goes_on(solver, &fresh, 4, &[1, 3]);
    assert!(checkpoints.iter().any(|c| c.linearized.is_some()));
}

#[test]
fn adaptive_steps() {
    let fresh = || {
        let mut options = small(1, -2.0, 2.0, &[10, 10]);
        let all = [
            ("movement", "second".into()),
            // Too long to be the first.
            ("tau", 0.2.into()),
            ("step_tolerance", 1e-4.into()),
            ("tolerance", 1e-3.into()),
            ("snapshot_resolution", 9_i64.into()),
        ];
        set(&mut options, &all);
        let mut solver = Solver::new(&options).unwrap();
        solver.add_energy(&allen_cahn(1.0, 0.4)).unwrap();
        solver
    };
    let mut solver = fresh();
    let mut field = |x: &[f64], u: &mut [f64], _: Option<&mut [f64]>| {
        u.iter_mut()
            .zip(x)
            .for_each(|(u, x)| *u = 0.4 * (0.785 * (x + 2.0)).cos() + 0.1);
        Ok(())
    };
    let initial = Initial::Function {
        field: &mut field,
        has_gradient: false,
    };
    solver.set_initial(initial).unwrap();
    let checkpoints = goes_on(solver, &fresh, 6, &[1, 2, 4, 5]);
    assert!(checkpoints[6].linearized.is_some());
    assert!(checkpoints.iter().any(|c| c.report.rejected > 0));
    assert!(checkpoints[6].tau != 0.2);
}

#[test]
fn adam() {
    let more = [
        ("minimizer", "adam".into()),
        ("precision", "single".into()),
        ("adam_iterations", 30_i64.into()),
        ("adam_fit_iterations", 500_i64.into()),
        ("quadrature", "stratified".into()),
        ("form", "weak".into()),
        ("fit_accept", 1e3.into()),
    ];
    let fresh = || heat(&more);
    goes_on(started(fresh()), &fresh, 4, &[1, 2, 3]);
}

#[test]
fn a_time_step_that_the_host_changed() {
    let folder = tempfile::tempdir().unwrap();
    let mut solver = started(heat(&[]));
    solver.step().unwrap();
    solver.set_tau(0.001).unwrap();
    solver.step_to(0.0045).unwrap();
    write(&solver, folder.path()).unwrap();
    let mut other = heat(&[]);
    assert_eq!(restore(&mut other, folder.path()).unwrap(), Some(0));
    for solver in [&mut solver, &mut other] {
        solver.step().unwrap();
        solver.step_to(0.008).unwrap();
    }
    assert!(bits(&solver) == bits(&other));
    assert_eq!(solver.tau(), 0.001);
}

#[test]
fn nodes_and_regions_of_the_host() {
    let fresh = |radius: f64| {
        let mut options = small(2, -1.0, 1.0, &[8, 8]);
        let all = [
            ("tau", 0.01.into()),
            ("fit_accept", 0.2.into()),
            ("fit_max_iterations", 30_i64.into()),
            ("quadrature", "stratified".into()),
            ("nodes", 900_i64.into()),
            ("tolerance", 3e-2.into()),
            ("snapshot_resolution", 9_i64.into()),
        ];
        set(&mut options, &all);
        let mut solver = Solver::new(&options).unwrap();
        solver.add_energy(&dirichlet(0.1)).unwrap();
        let inside = move |x: &[f64], out: &mut [bool]| {
            let points = out.iter_mut().zip(x.chunks(2));
            points.for_each(|(out, x)| *out = x[0].hypot(x[1]) < radius);
            Ok(())
        };
        solver.set_inside(Arc::new(inside)).unwrap();
        solver
    };
    let mut solver = fresh(0.9);
    let mut field = |x: &[f64], u: &mut [f64], _: Option<&mut [f64]>| {
        let points = u.iter_mut().zip(x.chunks(2));
        points.for_each(|(u, x)| *u = x[0] + x[1] * x[1]);
        Ok(())
    };
    let initial = Initial::Function {
        field: &mut field,
        has_gradient: false,
    };
    solver.set_initial(initial).unwrap();
    let checkpoints = goes_on(solver, &|| fresh(0.9), 3, &[1, 2]);
    let refused = fresh(0.91).restore(&checkpoints[3]).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Argument);
    assert!(refused.message().contains("inside"), "{refused}");
}

#[test]
fn a_folder_gives_its_last_whole_snapshot() {
    let folder = tempfile::tempdir().unwrap();
    let mut other = heat(&[]);
    for missing in [folder.path(), &folder.path().join("run")] {
        let refused = restore(&mut other, missing).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::TryAgain, "{refused}");
    }
    let refused = restore(&mut other, Path::new("snap_000009.h5")).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::File);
    let mut solver = started(heat(&[]));
    write(&solver, folder.path()).unwrap();
    solver.step().unwrap();
    write(&solver, folder.path()).unwrap();
    let one = bits(&solver);
    solver.step().unwrap();
    write(&solver, folder.path()).unwrap();
    let last = folder.path().join("snap_000002.h5");
    let whole = std::fs::read(&last).unwrap();
    std::fs::write(&last, &whole[..whole.len() / 2]).unwrap();
    std::fs::write(folder.path().join(".snap_000003.h5.tmp"), &whole[..100]).unwrap();
    assert_eq!(restore(&mut other, folder.path()).unwrap(), Some(1));
    assert!(bits(&other) == one);
    std::fs::rename(&last, folder.path().join("other name.h5")).unwrap();
    std::fs::write(&last, &whole).unwrap();
    assert_eq!(restore(&mut other, folder.path()).unwrap(), Some(2));
    let named = folder.path().join("copy.h5");
    std::fs::copy(&last, &named).unwrap();
    assert_eq!(restore(&mut other, &named).unwrap(), None);
    assert!(bits(&other) == bits(&solver));
}

/// Another release has plugins of another build, and goes on with what they say where they say the same.
#[test]
fn a_snapshot_of_another_release() {
    let fresh = || {
        let mut options = small(2, -FRAC_PI_4, FRAC_PI_4, &[16, 16]);
        options.set("tau", 0.002).unwrap();
        options.set("fit_tolerance", 1e-4).unwrap();
        options.set("max_iterations", 200_i64).unwrap();
        let mut solver = Solver::new(&options).unwrap();
        let dirichlet = energy("dirichlet", "dirichlet", &[("kappa", &[0.1])]);
        solver.add_energy(&dirichlet).unwrap();
        solver
    };
    let mut solver = started(fresh());
    solver.step().unwrap();
    let mut theirs = checkpoint(&solver);
    theirs.energies[0].plugin = Some(PluginIdentity {
        version: "0.0.1".into(),
        abi: "1.0".into(),
        file: "of another build".into(),
    });
    let mut other = fresh();
    let refused = other.restore(&theirs).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Plugin, "{refused}");
    theirs.version = "0.9.0".into();
    other.restore(&theirs).unwrap();
    assert!(bits(&other) == bits(&solver));
    other.step().unwrap();
    // An energy of that name that has become another one.
    theirs.values[0] *= 1.001;
    let before = bits(&other);
    let refused = other.restore(&theirs).unwrap_err().to_string();
    assert!(
        refused.contains("when the snapshot was written"),
        "{refused}"
    );
    assert!(bits(&other) == before);
}
