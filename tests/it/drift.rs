//! Parameters that the nodes hardly see stay where they are. Were they to drift, a field would in the end
//! be steep between the nodes, after more steps or fewer as the rounding has it.

use crate::support::problems::{dirichlet, small, start_from};
use movimento::{Options, Solver};
use std::f64::consts::PI;

/// The heat equation from `2 + cos(pi x)`, by a network that begins with this seed.
fn heat(options: &Options, seed: i64) -> Solver {
    let mut options = options.clone();
    options.set("seed", seed).unwrap();
    let mut solver = Solver::new(&options).unwrap();
    solver.add_energy(&dirichlet(1.0)).unwrap();
    start_from(&mut solver, |x| 2.0 + (PI * x[0]).cos());
    solver
}

#[test]
fn units_that_the_solution_has_no_use_for_do_not_get_steep() {
    // The features of the embedding are all that it needs, and the nodes are few.
    for seed in 1..=8 {
        let mut options = small(2, 0.0, 1.0, &[6]);
        options.set("nodes", 200).unwrap();
        options.set("tau", 1e-3).unwrap();
        let mut solver = heat(&options, seed);
        for step in 0..120 {
            solver
                .step()
                .unwrap_or_else(|e| panic!("seed {seed}, {step}: {e}"));
            let report = solver.report().unwrap();
            assert_eq!(report.retries, 0, "seed {seed}, {step}");
            // How far the step ended from its minimum, beside how far it moved.
            let off = report.residual * report.tau / report.movement_distance;
            assert!(off < 0.03, "seed {seed}, {step}: {off:e}");
        }
    }
}

#[test]
fn fields_come_to_rest_from_every_beginning() {
    for (form, movement, steps) in [
        ("weak", "euler", 150),
        ("weak", "third", 30),
        ("residual", "second", 60),
        ("galerkin", "second", 60),
    ] {
        for seed in 2..=6 {
            let mut options = small(1, 0.0, 1.0, &[8]);
            options.set("form", form).unwrap();
            options.set("movement", movement).unwrap();
            options.set("tau", 0.1).unwrap();
            let mut solver = heat(&options, seed);
            for step in 0..steps {
                solver
                    .step()
                    .unwrap_or_else(|e| panic!("{form} {movement}, seed {seed}, {step}: {e}"));
            }
            let energy = solver.report().unwrap().energy;
            assert!(energy < 1e-9, "{form} {movement}, seed {seed}: {energy:e}");
        }
    }
}
