//! Flows that have come to rest go on being stepped: there is little left that a tolerance is relative to.

mod problems;

use movimento::{Initial, Solver};
use problems::{dirichlet, on_grid, small};
use std::f64::consts::PI;

#[test]
fn a_steady_state_is_stepped_on() {
    // As far from the mean as what the steps on the way there left undone.
    for (form, movement, accepted) in [
        ("weak", "euler", 1e-3),
        ("weak", "third", 1e-6),
        ("residual", "euler", 1e-3),
        ("residual", "second", 5e-5),
        ("galerkin", "second", 5e-5),
    ] {
        let mut options = small(1, 0.0, 1.0, &[8]);
        options.set("form", form).unwrap();
        options.set("movement", movement).unwrap();
        options.set("tau", 0.1).unwrap();
        let mut solver = Solver::new(&options).unwrap();
        solver.add_energy(&dirichlet(1.0)).unwrap();
        let mut field = |x: &[f64], u: &mut [f64], _: Option<&mut [f64]>| {
            for (u, x) in u.iter_mut().zip(x) {
                *u = 2.0 + (PI * x).cos();
            }
            Ok(())
        };
        let initial = Initial::Function {
            field: &mut field,
            has_gradient: false,
        };
        solver.set_initial(initial).unwrap();
        for step in 0..300 {
            solver
                .step()
                .unwrap_or_else(|e| panic!("{form} {movement} {step}: {e}"));
        }
        let (_, u) = on_grid(&solver, 100);
        let furthest = u.iter().fold(0.0_f64, |far, u| far.max((u - 2.0).abs()));
        assert!(furthest < accepted, "{form}, {movement}: {furthest:e}");
    }
}
