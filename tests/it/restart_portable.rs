//! Restarts with the option `restart` = portable: another build, machine, number of ranks, nodes and options of steps go
//! on and are told, another problem or network is refused; and any snapshot of a field as an initial condition.

use crate::support::common::energy;
use crate::support::problems::{dirichlet, on_grid, relative, small};
use crate::support::rank_runs::*;
use crate::support::thread_communicator::on_ranks;
use movimento::domain::BoundaryValue;
use movimento::initial::profile::Mixture;
use movimento::options::Value;
use movimento::snapshot::{restore, set_initial, write};
use movimento::{Checkpoint, ErrorKind, Initial, Options, Solver};
use std::path::Path;
use std::sync::Arc;

/// u of a solver on a grid.
fn seen(solver: &Solver) -> Vec<f64> {
    on_grid(solver, 9).1
}

fn heat(options: &Options) -> Solver {
    let mut solver = Solver::new(options).unwrap();
    solver
        .add_energy(&energy("dirichlet", "dirichlet", &[("kappa", &[0.1])]))
        .unwrap();
    solver
}

/// A run of two steps and its snapshot.
fn written(options: &Options, folder: &Path) -> Solver {
    let mut solver = heat(options);
    start(&mut solver).unwrap();
    solver.step().unwrap();
    solver.step().unwrap();
    write(&solver, folder).unwrap();
    solver
}

fn quick(pairs: &[(&str, Value)]) -> Options {
    let options = plane(&[
        ("hidden", vec![10].into()),
        ("snapshot_resolution", 5.into()),
    ]);
    with(options, pairs)
}

fn portable(pairs: &[(&str, Value)]) -> Options {
    with(quick(pairs), &[("restart", "portable".into())])
}

/// What the restarts of a run have told.
fn told(solver: &Solver) -> Vec<String> {
    solver
        .checkpoint(&solver.measure().unwrap())
        .unwrap()
        .restarts
}

#[test]
fn other_options_of_steps_and_nodes_go_on_and_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let mut first = written(&quick(&[]), path);
    let before = seen(&first);
    first.step().unwrap();
    first.step().unwrap();
    for (name, value) in [
        ("tau", Value::from(0.005)),
        ("tolerance", 1e-4.into()),
        ("movement", "second".into()),
        ("nodes", 900.into()),
        ("check_nodes", 700.into()),
        ("quadrature", "sobol".into()),
        ("minimizer", "adam".into()),
        ("linear_solver", "krylov".into()),
        ("step_tolerance", 1e-3.into()),
    ] {
        let change = [(name, value)];
        let error = restore(&mut heat(&quick(&change)), path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Option, "{error}");
        assert!(error.message().contains("`restart` = portable"), "{error}");
        let mut solver = heat(&portable(&change));
        assert_eq!(restore(&mut solver, path).unwrap(), Some(0));
        assert_eq!((solver.steps(), solver.time()), (2, first.time() / 2.0));
        assert_eq!(seen(&solver), before, "{name}");
        let notes = told(&solver);
        assert!(notes[0].contains(&format!("option `{name}`")), "{notes:?}");
        assert!(
            notes
                .iter()
                .all(|it| it.starts_with("from step 2, t = 0.02: ")),
            "{notes:?}"
        );
        let tau = if name == "tau" { 0.005 } else { 0.01 };
        assert_eq!(solver.tau(), tau, "{name}");
        if name == "minimizer" {
            continue;
        }
        let end = first.time();
        solver.step_to(end).unwrap();
        let error = relative(&seen(&solver), &seen(&first));
        println!("{name}: {error:.1e} from the run that did not stop; {notes:?}");
        assert!(error < 1e-2, "{name}: {error}");
        // Notes go with the run.
        let later = tempfile::tempdir().unwrap();
        write(&solver, later.path()).unwrap();
        let mut again = heat(&portable(&change));
        restore(&mut again, later.path()).unwrap();
        assert_eq!(told(&again), notes);
    }
}

#[test]
fn a_portable_restart_of_the_same_run_has_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = written(&quick(&[]), folder.path());
    let mut solver = heat(&portable(&[]));
    restore(&mut solver, folder.path()).unwrap();
    assert!(told(&solver).is_empty());
    first.step().unwrap();
    solver.step().unwrap();
    assert_eq!(first.parameters(), solver.parameters());
}

#[test]
fn another_problem_or_network_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    written(&quick(&[]), path);
    for (name, value) in [
        ("upper", Value::from(vec![2.0])),
        ("dimension", 3.into()),
        ("hidden", vec![11].into()),
        ("seed", 5.into()),
        ("activation", "sin".into()),
        ("embedding", "periodic".into()),
        ("domain", "ball".into()),
    ] {
        let error = restore(&mut heat(&portable(&[(name, value)])), path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Option, "{error}");
        assert!(
            error.message().contains(&format!("option `{name}`")),
            "{error}"
        );
        assert!(!error.message().contains("portable"), "{error}");
    }
    let refused = |make: &dyn Fn(&mut Solver), kind: ErrorKind, part: &str| {
        let mut solver = Solver::new(&portable(&[])).unwrap();
        make(&mut solver);
        let error = restore(&mut solver, path).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.message().contains(part), "{error}");
        assert!(solver.parameters().is_empty());
    };
    let of = |kappa: f64| energy("dirichlet", "dirichlet", &[("kappa", &[kappa])]);
    refused(&|_| (), ErrorKind::Plugin, "those of the solver none");
    refused(
        &|it| it.add_energy(&of(0.2)).unwrap(),
        ErrorKind::Plugin,
        "kappa",
    );
    refused(
        &|it| {
            it.add_energy(&of(0.1)).unwrap();
            it.hold_mean(1.0).unwrap();
        },
        ErrorKind::Argument,
        "held integrals",
    );
    refused(
        &|it| {
            it.set_inside(Arc::new(|x: &[f64], inside: &mut [bool]| {
                let pairs = inside.iter_mut().zip(x.chunks(2));
                pairs.for_each(|(inside, x)| *inside = x[0] + x[1] < 1.5);
                Ok(())
            }))
            .unwrap();
            it.add_energy(&of(0.1)).unwrap();
        },
        ErrorKind::Option,
        "embedding",
    );
    // Of a host's energy the name is the same and the value is not.
    let own = tempfile::tempdir().unwrap();
    let mut solver = Solver::new(&quick(&[])).unwrap();
    solver.add_energy(&dirichlet(0.1)).unwrap();
    start(&mut solver).unwrap();
    write(&solver, own.path()).unwrap();
    let mut other = Solver::new(&portable(&[])).unwrap();
    other.add_energy(&dirichlet(0.15)).unwrap();
    let error = restore(&mut other, own.path()).unwrap_err();
    assert!(
        error.message().contains("energy `dirichlet in Rust` is"),
        "{error}"
    );
    assert!(other.parameters().is_empty());
}

#[test]
fn other_numbers_of_ranks_builds_versions_and_processors() {
    let options = quick(&[]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    on_ranks(3, |_, them| {
        let mut solver = made(&options, Some(them));
        solver.add_energy(&dirichlet(0.1)).unwrap();
        start(&mut solver).unwrap();
        solver.step().unwrap();
        write(&solver, path).unwrap();
    });
    let options = portable(&[]);
    let mut alone = made(&options, None);
    alone.add_energy(&dirichlet(0.1)).unwrap();
    restore(&mut alone, path).unwrap();
    assert!(
        told(&alone)[0].contains("is of 3 ranks"),
        "{:?}",
        told(&alone)
    );
    alone.step().unwrap();
    for u in on_ranks(2, |_, them| {
        let mut solver = made(&options, Some(them));
        solver.add_energy(&dirichlet(0.1)).unwrap();
        restore(&mut solver, path).unwrap();
        assert!(told(&solver)[0].contains("the solver of 2 ranks"));
        solver.step().unwrap();
        seen(&solver)
    }) {
        assert!(relative(&u, &seen(&alone)) < 1e-6);
    }
    // What another build, version and machine would have left in the file.
    let mut solver = heat(&options);
    start(&mut solver).unwrap();
    let other = |change: &dyn Fn(&mut Checkpoint)| {
        let mut it = solver.checkpoint(&solver.measure().unwrap()).unwrap();
        change(&mut it);
        it
    };
    for (change, part) in [
        (
            other(&|it| it.version = "99.0.0".to_owned()),
            "version 99.0.0 of movimento",
        ),
        (
            other(&|it| it.machine = "other".to_owned()),
            "processor `other`",
        ),
        (
            other(&|it| it.energies[0].plugin.as_mut().unwrap().file = "abc".to_owned()),
            "fingerprint of the plugin's file",
        ),
        (
            other(&|it| it.energies[0].plugin.as_mut().unwrap().version = "7".to_owned()),
            "its version is 7",
        ),
    ] {
        let mut exact = heat(&quick(&[]));
        let error = exact.restore(&change).unwrap_err();
        assert!(error.message().contains(part), "{error}");
        let mut it = heat(&options);
        it.restore(&change).unwrap();
        assert!(told(&it)[0].contains(part), "{:?}", told(&it));
        it.step().unwrap();
    }
}

#[test]
fn a_map_goes_on_with_other_labels_where_they_say_the_same() {
    let options = |nodes: i64| {
        let pairs = [
            ("flow", "wasserstein".into()),
            ("domain", "space".into()),
            ("nodes", nodes.into()),
            ("tau", 0.05.into()),
            ("restart", "portable".into()),
        ];
        with(small(1, -4.0, 4.0, &[8]), &pairs)
    };
    let fresh = |nodes: i64, mean: f64| {
        let mut solver = Solver::new(&options(nodes)).unwrap();
        solver
            .add_energy(&energy("internal", "entropy", &[]))
            .unwrap();
        let blob = Mixture::new(1, &[1.0], &[mean], &[0.5]).unwrap();
        solver
            .set_initial(Initial::Density(Arc::new(blob)))
            .unwrap();
        solver
    };
    let folder = tempfile::tempdir().unwrap();
    let mut first = fresh(64, 0.3);
    first.step().unwrap();
    write(&first, folder.path()).unwrap();
    let mut other = fresh(96, 0.3);
    restore(&mut other, folder.path()).unwrap();
    assert!(relative(&seen(&other), &seen(&first)) < 1e-6);
    other.step().unwrap();
    let error = restore(&mut fresh(96, 0.31), folder.path()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Argument, "{error}");
}

#[test]
fn any_snapshot_of_a_field_is_an_initial_condition() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let first = written(&quick(&[]), path);
    // Another network, other energies, a smaller box, and ranks.
    let box_within = with(
        small(2, 0.25, 0.75, &[150]),
        &[("training", "outputs".into()), ("fit_accept", 0.1.into())],
    );
    let x = [0.3, 0.4, 0.5, 0.6, 0.7, 0.3];
    let at = |solver: &Solver| {
        let mut u = vec![0.0; 3];
        solver.evaluate(&x, &mut u, None).unwrap();
        u
    };
    for size in [1, 2] {
        for (u, number) in on_ranks(size, |_, them| {
            let mut solver = made(&box_within, Some(them));
            solver.add_energy(&dirichlet(0.3)).unwrap();
            let number = set_initial(&mut solver, path).unwrap();
            assert_eq!((solver.steps(), solver.time()), (0, 0.0));
            let u = at(&solver);
            solver.step().unwrap();
            (u, number)
        }) {
            assert_eq!(number, Some(0));
            let error = relative(&u, &at(&first));
            println!("{size} ranks: {error:.1e}");
            assert!(error < 1e-3, "{error:e}");
        }
    }
    // Held integrals and bounds come before the parameters of the network.
    let held = tempfile::tempdir().unwrap();
    let mut solver = heat(&quick(&[]));
    solver.hold_mean(1.0).unwrap();
    start(&mut solver).unwrap();
    solver.step().unwrap();
    write(&solver, held.path()).unwrap();
    let mut other = heat(&quick(&[]));
    set_initial(&mut other, held.path()).unwrap();
    assert!(relative(&seen(&other), &seen(&solver)) < 1e-1);
    // What is refused, and leaves the solver as it was.
    let refused = |solver: &mut Solver, path: &Path, kind: ErrorKind, part: &str| {
        let error = set_initial(solver, path).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.message().contains(part), "{error}");
        assert!(solver.parameters().is_empty());
    };
    let nothing = tempfile::tempdir().unwrap();
    let fresh = || heat(&quick(&[]));
    refused(
        &mut fresh(),
        nothing.path(),
        ErrorKind::TryAgain,
        "no snapshot",
    );
    let wide = with(small(2, 0.0, 2.0, &[10]), &[]);
    refused(
        &mut heat(&wide),
        path,
        ErrorKind::Argument,
        "from 0 to 1 on axis 0",
    );
    let line = with(small(1, 0.0, 1.0, &[10]), &[]);
    refused(
        &mut heat(&line),
        path,
        ErrorKind::Argument,
        "option `dimension` is 2",
    );
    let walls = tempfile::tempdir().unwrap();
    let mut solver = Solver::new(&with(
        small(1, 0.0, 1.0, &[10]),
        &[("fit_accept", 1.0.into())],
    ))
    .unwrap();
    solver
        .set_dirichlet(None, &BoundaryValue::Constant(1.0))
        .unwrap();
    solver.add_energy(&dirichlet(0.1)).unwrap();
    start(&mut solver).unwrap();
    write(&solver, walls.path()).unwrap();
    refused(
        &mut heat(&line),
        walls.path(),
        ErrorKind::Argument,
        "values on the boundary",
    );
}
