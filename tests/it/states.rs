//! States saved in memory, copies of solvers, and steps of a length of their own.

use crate::support::problems::{allen_cahn, on_grid, small, start_from};
use crate::support::restart_helpers::bits;
use crate::support::wasserstein::{options, ornstein_uhlenbeck, solver, standard};
use movimento::initial::profile::Mixture;
use movimento::{ErrorKind, Options, Solver};
use std::sync::Arc;

/// Save, step, restore and step again, twice; and the same of a copy.
fn comes_back(mut solver: Solver) {
    solver.step().unwrap();
    let before = bits(&solver);
    let saved = solver.save_state().unwrap();
    solver.step().unwrap();
    let one = bits(&solver);
    solver.step().unwrap();
    let two = bits(&solver);
    for _ in 0..2 {
        solver.restore_state(&saved).unwrap();
        assert_eq!(bits(&solver), before);
        let mut copy = solver.try_clone().unwrap();
        for stepped in [&mut solver, &mut copy] {
            stepped.step().unwrap();
            assert_eq!(bits(stepped), one);
            stepped.step().unwrap();
            assert_eq!(bits(stepped), two);
        }
        copy.restore_state(&saved).unwrap();
        assert_eq!(bits(&copy), before);
    }
}

fn field(all: &[(&str, movimento::options::Value)], hidden: &[i64]) -> Solver {
    let mut options = small(1, -1.0, 1.0, hidden);
    options.set("tau", 0.01).unwrap();
    for (name, value) in all {
        options.set(name, value.clone()).unwrap();
    }
    let mut solver = Solver::new(&options).unwrap();
    solver.add_energy(&allen_cahn(0.1, 0.3)).unwrap();
    start_from(&mut solver, |x| 0.4 * (4.0 * x[0]).sin());
    solver
}

#[test]
fn fields_come_back_to_the_same_bits() {
    comes_back(field(&[], &[0]));
    comes_back(field(&[("movement", "second".into())], &[12, 12]));
    comes_back(field(&[("step_tolerance", 1e-4.into())], &[0]));
}

#[test]
fn maps_and_potentials_come_back_to_the_same_bits() {
    let energies = ornstein_uhlenbeck(&[1.0], &[0.3]);
    comes_back(solver(
        &options(1, "euler", 0.05, &[0]),
        &energies,
        standard(1),
    ));
    let two = Mixture::new(1, &[0.5, 0.5], &[-1.2, 1.1], &[0.2, 0.3]).unwrap();
    comes_back(solver(
        &options(1, "second", 0.05, &[0]),
        &energies,
        Arc::new(two),
    ));
    let mut plane = options(2, "euler", 0.05, &[0]);
    plane.set("transport", "collocation").unwrap();
    let energies = ornstein_uhlenbeck(&[1.0, 0.0, 0.0, 1.0], &[0.3, 0.0]);
    let cross = [0.2, 0.0, 0.0, 0.3, 0.3, 0.0, 0.0, 0.2];
    let two = Mixture::new(2, &[0.5, 0.5], &[-1.2, 0.0, 1.1, 0.2], &cross).unwrap();
    comes_back(solver(&plane, &energies, Arc::new(two)));
}

#[test]
fn a_state_of_another_solver_is_refused() {
    let (mut one, two) = (field(&[], &[0]), field(&[], &[0]));
    let before = bits(&one);
    let error = one.restore_state(&two.save_state().unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Argument);
    assert!(error.message().contains("another solver"), "{error}");
    assert_eq!(bits(&one), before);
    let fresh = Solver::new(&Options::new()).unwrap();
    assert_eq!(
        fresh.save_state().map(drop).unwrap_err().kind(),
        ErrorKind::State
    );
    // What changed in between comes back with it.
    let saved = one.save_state().unwrap();
    one.set_tau(0.003).unwrap();
    one.restore_state(&saved).unwrap();
    assert_eq!(one.tau(), 0.01);
}

#[test]
fn a_step_has_a_length_of_its_own() {
    let mut one = field(&[("movement", "second".into())], &[0]);
    let mut two = one.try_clone().unwrap();
    one.step_by(0.004).unwrap();
    assert_eq!((one.tau(), one.time(), one.steps()), (0.01, 0.004, 1));
    two.set_tau(0.004).unwrap();
    two.step().unwrap();
    assert_eq!(on_grid(&one, 40), on_grid(&two, 40));
    // Longer than tau, too.
    one.step_by(0.02).unwrap();
    assert!((one.time() - 0.024).abs() < 1e-15 && one.steps() == 2);
    let error = one.step_by(-1.0).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Option);
    let mut adaptive = field(&[("step_tolerance", 1e-5.into())], &[0]);
    adaptive.step_by(0.03).unwrap();
    assert!((adaptive.time() - 0.03).abs() < 1e-15 && adaptive.steps() > 1);
}

#[test]
fn copies_step_in_threads_of_their_own() {
    let solver = field(&[], &[0]);
    let copies = [0.005, 0.01].map(|tau| {
        let mut copy = solver.try_clone().unwrap();
        std::thread::spawn(move || {
            copy.step_by(tau).unwrap();
            copy
        })
    });
    let ended = copies.map(|thread| thread.join().unwrap());
    assert_eq!(ended.map(|copy| copy.time()), [0.005, 0.01]);
    assert_eq!(solver.time(), 0.0);
}
