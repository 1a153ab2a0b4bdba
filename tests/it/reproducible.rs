//! The same bits on any number of threads, and whatever other solvers do.

use crate::support::problems::{allen_cahn, dirichlet, small};
use movimento::{Initial, Solver};
use std::f64::consts::FRAC_PI_4;

/// Parameters after a few steps, as bits.
fn run(threads: i64, seed: i64, quadrature: &str) -> Vec<u64> {
    let mut options = small(2, -FRAC_PI_4, FRAC_PI_4, &[13, 14]);
    options.set("threads", threads).unwrap();
    options.set("seed", seed).unwrap();
    options.set("quadrature", quadrature).unwrap();
    options.set("nodes", 900_i64).unwrap();
    options.set("tau", 0.002).unwrap();
    options.set("fit_max_iterations", 20_i64).unwrap();
    options.set("fit_accept", 1.0).unwrap();
    options.set("tolerance", 3e-2).unwrap();
    let mut solver = Solver::new(&options).unwrap();
    solver.add_energy(&dirichlet(0.1)).unwrap();
    solver.add_energy(&allen_cahn(0.05, 2.0)).unwrap();
    solver.set_initial(Initial::Named("heat-2d")).unwrap();
    for _ in 0..3 {
        solver.step().unwrap();
    }
    solver.parameters().iter().map(|p| p.to_bits()).collect()
}

#[test]
fn the_thread_count_does_not_change_a_bit() {
    for quadrature in ["gauss", "monte-carlo"] {
        let one = run(1, 5, quadrature);
        for threads in [2, 3] {
            assert!(
                one == run(threads, 5, quadrature),
                "{quadrature}, {threads} threads"
            );
        }
        assert!(one != run(1, 6, quadrature), "the seed matters");
    }
}

#[test]
fn two_solvers_at_once_do_as_each_alone() {
    let alone = [run(1, 1, "gauss"), run(2, 2, "gauss")];
    let together = std::thread::scope(|scope| {
        let first = scope.spawn(|| run(1, 1, "gauss"));
        let second = scope.spawn(|| run(2, 2, "gauss"));
        [first.join().unwrap(), second.join().unwrap()]
    });
    assert!(alone == together);
}
