//! Whole flows against closed forms, orders of convergence, conservation and the energy inequality,
//! at points that no step trained on.

use crate::support::problems::{allen_cahn, dirichlet, on_grid, relative, small};
use movimento::initial::closed_form;
use movimento::{ErrorKind, Initial, Options, Solver};
use std::f64::consts::{FRAC_PI_4, PI};

/// cos(pi x) + 0.4 cos(2 pi x) on [0, 1].
fn cosines(x: &[f64], u: &mut [f64], grad: Option<&mut [f64]>) -> movimento::Result<()> {
    for (u, x) in u.iter_mut().zip(x) {
        *u = (PI * x).cos() + 0.4 * (2.0 * PI * x).cos();
    }
    if let Some(grad) = grad {
        for (g, x) in grad.iter_mut().zip(x) {
            *g = -PI * (PI * x).sin() - 0.8 * PI * (2.0 * PI * x).sin();
        }
    }
    Ok(())
}

fn start(options: &Options, energies: &[movimento::Energy]) -> Solver {
    let mut solver = Solver::new(options).unwrap();
    for energy in energies {
        solver.add_energy(energy).unwrap();
    }
    let initial = Initial::Function {
        field: &mut cosines,
        has_gradient: true,
    };
    solver.set_initial(initial).unwrap();
    solver
}

fn tight(options: &mut Options) {
    options.set("tolerance", 1e-8).unwrap();
    options.set("fit_tolerance", 1e-8).unwrap();
}

#[test]
fn the_heat_equation_of_the_paper_reaches_the_schemes_own_error() {
    let mut options = small(2, -FRAC_PI_4, FRAC_PI_4, &[24, 24, 24]);
    options.set("tau", 0.005).unwrap();
    let mut solver = Solver::new(&options).unwrap();
    solver.add_energy(&dirichlet(0.1)).unwrap();
    solver.set_initial(Initial::Named("heat-2d")).unwrap();
    let form = closed_form::named("heat-2d", 2).unwrap();
    for _ in 0..8 {
        solver.step().unwrap();
        let report = solver.report().unwrap();
        assert!(report.energy_slack > 0.0, "{report:?}");
        assert!(report.boundary_flux < 1e-12, "{report:?}");
        // The mean of u_0 is 4 and the flow conserves it.
        assert!((report.mass / (4.0 * solver.domain().volume()) - 1.0).abs() < 1e-5);
    }
    let (x, u) = on_grid(&solver, 71);
    let at = |decay: &dyn Fn(f64) -> f64| -> Vec<f64> {
        x.chunks_exact(2)
            .map(|x| form.evaluate(x, decay, None))
            .collect()
    };
    let euler = at(&|q2| (1.0 + 0.1 * 0.005 * q2).powi(-8));
    let exact = at(&|q2| (-0.1 * 0.04 * q2).exp());
    // The distance to what exact minimisation would give is far below the scheme's own error.
    assert!(relative(&u, &euler) < 5e-5, "{}", relative(&u, &euler));
    let floor = relative(&euler, &exact);
    assert!((relative(&u, &exact) / floor - 1.0).abs() < 0.02);
}

#[test]
fn orders_of_convergence_on_allen_cahn() {
    // Differences of successive refinements fall by 2^order.
    for (movement, order, coarsest) in [("euler", 1.0, 4), ("second", 2.0, 2), ("third", 3.0, 2)] {
        let runs: Vec<Vec<f64>> = [1, 2, 4]
            .map(|refinement| {
                let steps = coarsest * refinement;
                let mut options = small(1, 0.0, 1.0, &[12, 12]);
                tight(&mut options);
                options.set("movement", movement).unwrap();
                options.set("tau", 0.1 / f64::from(steps)).unwrap();
                let mut solver = start(&options, &[allen_cahn(0.1, 0.5)]);
                for _ in 0..steps {
                    solver.step().unwrap();
                }
                on_grid(&solver, 301).1
            })
            .to_vec();
        let observed = (relative(&runs[0], &runs[1]) / relative(&runs[1], &runs[2])).log2();
        assert!(
            (observed - order).abs() < 0.3,
            "{movement}: observed order {observed}"
        );
    }
}

#[test]
fn the_euler_lagrange_equation_of_the_motivating_example_holds() {
    let mut options = small(1, -PI, PI, &[12, 12]);
    tight(&mut options);
    options.set("embedding", "none").unwrap();
    options.set("fit_tolerance", 1e-6).unwrap();
    let mut solver = Solver::new(&options).unwrap();
    solver.add_energy(&quadratic()).unwrap();
    solver.set_initial(Initial::Named("sine")).unwrap();
    let mut before = on_grid(&solver, 501).1;
    for _ in 0..10 {
        solver.step().unwrap();
        let after = on_grid(&solver, 501).1;
        let rate: Vec<f64> = after
            .iter()
            .zip(&before)
            .map(|(a, b)| (a - b) / 0.01)
            .collect();
        let force: Vec<f64> = after.iter().map(|u| -2.0 * u).collect();
        assert!(relative(&rate, &force) < 1e-5);
        // The reported residual is the same figure in the norm of L2.
        let report = solver.report().unwrap();
        assert!(report.residual < 1e-5 * 2.0 * PI.sqrt());
        before = after;
    }
}

/// `u^2` with the gradient left out: kappa = 2.
fn quadratic() -> movimento::Energy {
    use movimento::energy::{Batch, Derivatives, EnergyDensity, Traits};
    struct Square;
    impl EnergyDensity for Square {
        fn traits(&self) -> Traits {
            Traits {
                convex: true,
                ..Traits::default()
            }
        }
        fn evaluate(
            &self,
            batch: &Batch<'_>,
            wanted: &mut Derivatives<'_>,
        ) -> movimento::Result<()> {
            wanted.each(|array| array.fill(0.0));
            if let Some(f) = &mut wanted.f {
                f.iter_mut().zip(batch.u).for_each(|(f, u)| *f = u * u);
            }
            if let Some(f) = &mut wanted.f_u {
                f.iter_mut().zip(batch.u).for_each(|(f, u)| *f = 2.0 * u);
            }
            if let Some(f) = &mut wanted.f_uu {
                f.fill(2.0);
            }
            Ok(())
        }
    }
    movimento::Energy::from_density("square", std::sync::Arc::new(Square))
}

#[test]
fn the_error_bound_bounds_the_error_of_one_step() {
    // A network too small to be exact; the exact step damps each mode by 1/(1 + tau kappa q^2).
    let mut options = small(1, 0.0, 1.0, &[5]);
    options.set("tau", 0.02).unwrap();
    options.set("harmonics", 1_i64).unwrap();
    options.set("fit_accept", 0.5).unwrap();
    let mut solver = start(&options, &[dirichlet(1.0)]);
    let mode = |u: &[f64], x: &[f64], k: f64| -> f64 {
        2.0 * u
            .iter()
            .zip(x)
            .map(|(u, x)| u * (k * PI * x).cos())
            .sum::<f64>()
            / u.len() as f64
    };
    let (x, before) = on_grid(&solver, 2000);
    solver.step().unwrap();
    let after = on_grid(&solver, 2000).1;
    let mean = before.iter().sum::<f64>() / 2000.0;
    let mut exact = vec![mean; x.len()];
    for k in (1..60).map(f64::from) {
        let damped = mode(&before, &x, k) / (1.0 + 0.02 * (k * PI).powi(2));
        exact
            .iter_mut()
            .zip(&x)
            .for_each(|(e, x)| *e += damped * (k * PI * x).cos());
    }
    let squares: f64 = after
        .iter()
        .zip(&exact)
        .map(|(a, e)| (a - e) * (a - e))
        .sum();
    let error = (squares / 2000.0).sqrt();
    let bound = solver.report().unwrap().error_bound;
    assert!(error <= bound, "error {error:e}, bound {bound:e}");
    assert!(bound < 0.05, "the bound {bound:e} says something");
}

#[test]
fn values_at_points_are_fitted_and_measured_on_those_held_out() {
    let options = small(2, 0.0, 1.0, &[10, 10]);
    let mut solver = Solver::new(&options).unwrap();
    let x: Vec<f64> = (0..1600)
        .map(|i| (f64::from(i) * 0.618_033_988_75).fract())
        .collect();
    let u: Vec<f64> = x
        .chunks(2)
        .map(|x| (PI * x[0]).cos() * (PI * x[1]).cos())
        .collect();
    let values = |x, u| Initial::Values { x, u, grad: None };
    solver.set_initial(values(&x, &u)).unwrap();
    assert!(solver.fit_report().unwrap().relative_error < 1e-3);
    let parameters = solver.parameters().to_vec();
    // Refusals leave the state as it was.
    let mut outside = x.clone();
    outside[7] = 1.5;
    let error = solver.set_initial(values(&outside, &u)).unwrap_err();
    assert!(error.message().contains("axis 1 of point 3"), "{error}");
    let error = solver.set_initial(values(&x[..40], &u[..20])).unwrap_err();
    assert!(
        error.message().contains("20 points give 18 equations"),
        "{error}"
    );
    let mut holed = u.clone();
    holed[5] = f64::NAN;
    let error = solver.set_initial(values(&x, &holed)).unwrap_err();
    assert!(error.message().contains("NaN at entry 5"), "{error}");
    assert_eq!(error.kind(), ErrorKind::Argument);
    assert_eq!(solver.parameters(), parameters);
}

#[test]
fn problems_too_large_to_hold_are_refused_by_the_option_that_asks_for_them() {
    let refusal = |set: &dyn Fn(&mut Options)| {
        let mut options = Options::new();
        set(&mut options);
        let error = Solver::new(&options).map(|_| ()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Option);
        error.message().to_owned()
    };
    let wide = |o: &mut Options| o.set("hidden", vec![4096_i64; 16]).unwrap();
    assert!(refusal(&wide).starts_with("option `hidden` makes a network of 25"));
    let paper = |o: &mut Options| {
        o.set("hidden", vec![256_i64, 256]).unwrap();
        o.set("linear_solver", "dense").unwrap();
    };
    assert!(refusal(&paper).contains("`linear_solver` = dense"));
    let many = |o: &mut Options| {
        o.set("dimension", 64_i64).unwrap();
        o.set("nodes", 100_000_000_i64).unwrap();
    };
    assert!(refusal(&many).starts_with("option `nodes` asks for 1.0e8 nodes in dimension 64"));
    let tensor = |o: &mut Options| {
        o.set("dimension", 30_i64).unwrap();
        o.set("quadrature", "gauss").unwrap();
    };
    assert!(refusal(&tensor).starts_with("option `quadrature`"));
}

#[test]
fn step_to_ends_at_the_time_exactly() {
    let mut options = small(1, 0.0, 1.0, &[8]);
    options.set("tau", 0.03).unwrap();
    options.set("harmonics", 1_i64).unwrap();
    options.set("fit_accept", 0.5).unwrap();
    let mut solver = start(&options, &[dirichlet(0.1)]);
    solver.step_to(0.1).unwrap();
    assert_eq!((solver.time(), solver.steps()), (0.1, 4));
    solver.step_to(0.1).unwrap();
    assert_eq!(solver.steps(), 4);
    let error = solver.step_to(0.05).unwrap_err();
    assert!(
        error.message().contains("0.05") && error.message().contains("0.1"),
        "{error}"
    );
    assert_eq!(solver.tau(), 0.03);
}

#[test]
fn monte_carlo_nodes_follow_the_flow() {
    let mut options = small(1, 0.0, 1.0, &[10]);
    options.set("quadrature", "monte-carlo").unwrap();
    options.set("nodes", 2000_i64).unwrap();
    options.set("tau", 0.01).unwrap();
    let mut solver = start(&options, &[dirichlet(0.1)]);
    for _ in 0..5 {
        solver.step().unwrap();
    }
    let (x, u) = on_grid(&solver, 400);
    let euler = |q: f64| (1.0 + 0.01 * 0.1 * q * q).powi(-5);
    let exact: Vec<f64> = x
        .iter()
        .map(|x| euler(PI) * (PI * x).cos() + 0.4 * euler(2.0 * PI) * (2.0 * PI * x).cos())
        .collect();
    // Sampling noise: the weak form's error is about sqrt(parameters / rows) of a step's movement.
    assert!(relative(&u, &exact) < 1e-2, "{}", relative(&u, &exact));
}

#[test]
fn adam_steps_lower_the_energy_and_approach_the_same_minimiser() {
    let mut options = small(1, 0.0, 1.0, &[16]);
    options.set("tau", 0.02).unwrap();
    let mut newton = start(&options, &[dirichlet(0.5)]);
    options.set("minimizer", "adam").unwrap();
    options.set("adam_iterations", 3000_i64).unwrap();
    options.set("adam_learning_rate", 2e-3).unwrap();
    let mut adam = start(&options, &[dirichlet(0.5)]);
    for _ in 0..3 {
        newton.step().unwrap();
        adam.step().unwrap();
        assert!(adam.report().unwrap().energy_slack > 0.0);
    }
    let (newton, adam) = (on_grid(&newton, 200).1, on_grid(&adam, 200).1);
    assert!(
        relative(&adam, &newton) < 3e-2,
        "{}",
        relative(&adam, &newton)
    );
}

#[test]
fn adam_in_single_precision_reaches_what_double_reaches() {
    let mut options = small(1, 0.0, 1.0, &[16]);
    options.set("tau", 0.02).unwrap();
    options.set("minimizer", "adam").unwrap();
    options.set("adam_iterations", 3000_i64).unwrap();
    options.set("adam_learning_rate", 2e-3).unwrap();
    let ends = ["double", "single"].map(|precision| {
        options.set("precision", precision).unwrap();
        let mut solver = start(&options, &[dirichlet(0.5)]);
        for _ in 0..3 {
            solver.step().unwrap();
        }
        on_grid(&solver, 200).1
    });
    let difference = relative(&ends[1], &ends[0]);
    assert!(difference > 0.0, "single precision was not used");
    assert!(difference < 1e-2, "{difference}");
}

#[test]
fn single_precision_is_refused_where_it_does_not_serve() {
    let mut options = small(2, 0.0, 1.0, &[8]);
    options.set("precision", "single").unwrap();
    let refusal = |options: &Options| {
        let error = Solver::new(options).err().expect("a refusal");
        assert_eq!(error.kind(), ErrorKind::Option);
        error.message().to_owned()
    };
    let message = refusal(&options);
    assert!(
        message.contains("`precision` is single") && message.contains("`minimizer` is adam"),
        "{message}"
    );
    options.set("minimizer", "adam").unwrap();
    assert!(Solver::new(&options).is_ok());
    options.set("form", "residual").unwrap();
    let message = refusal(&options);
    assert!(message.contains("`form` is auto or weak"), "{message}");
}

#[test]
fn a_step_that_cannot_converge_leaves_the_state_as_it_was() {
    let mut options = small(1, 0.0, 1.0, &[10, 10]);
    options.set("tau", 10.0).unwrap();
    options.set("tolerance", 1e-12).unwrap();
    options.set("max_iterations", 1_i64).unwrap();
    let mut solver = start(&options, &[allen_cahn(0.1, 0.5)]);
    let before = (solver.parameters().to_vec(), solver.time(), solver.steps());
    let error = solver.step().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotConverged);
    assert!(error.message().contains("max_iterations"), "{error}");
    assert_eq!(
        (solver.parameters().to_vec(), solver.time(), solver.steps()),
        before
    );
    // What is left to gain is little beside what the step moves, and may be accepted as that.
    options.set("step_accept", 1.0).unwrap();
    options.set("tau", 0.01).unwrap();
    let mut solver = start(&options, &[allen_cahn(0.1, 0.5)]);
    solver.step().unwrap();
    assert_eq!(solver.report().unwrap().iterations, 1);
}

#[test]
fn a_step_that_fails_as_a_whole_is_taken_in_parts() {
    let mut options = small(1, 0.0, 1.0, &[8]);
    for (key, value) in [("tolerance", 1e-3), ("step_accept", 1e-3), ("tau", 2.0)] {
        options.set(key, value).unwrap();
    }
    options.set("max_iterations", 4_i64).unwrap();
    let energies = [allen_cahn(0.1, 1.0)];
    let mut whole = start(&options, &energies);
    whole.step().unwrap();
    let report = whole.report().unwrap();
    assert!(report.substeps == 2, "{report:?}");
    assert!((report.step, report.time, report.tau) == (1, 2.0, 2.0));
    assert!(report.energy < report.energy_before && report.energy_slack > 0.0);
    options.set("tau", 1.0).unwrap();
    let mut halves = start(&options, &energies);
    let first = halves.step().map(|()| halves.report().unwrap().clone());
    halves.step().unwrap();
    assert_eq!(report.energy_before, first.unwrap().energy_before);
    let [(_, u), (_, v)] = [&whole, &halves].map(|solver| on_grid(solver, 100));
    let difference = relative(&u, &v);
    assert!(difference < 1e-2, "{difference:e}");
    // A host steps on as if nothing had happened.
    whole.step_to(5.0).unwrap();
    assert_eq!((whole.time(), whole.steps()), (5.0, 3));
}

#[test]
fn options_of_the_fit_that_do_not_suit_the_problem_are_refused() {
    let mut options = small(2, 0.0, 1.0, &[8]);
    options.set("initial_smoothing", 1e-6).unwrap();
    let error = Solver::new(&options).map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Option);
    assert!(error.message().contains("`initial_smoothing`"), "{error}");
    options.set("initial_smoothing", 0.1).unwrap();
    let values = Initial::Values {
        x: &[0.5; 200],
        u: &[0.5; 100],
        grad: None,
    };
    let mut solver = Solver::new(&options).unwrap();
    let error = solver.set_initial(values).unwrap_err();
    assert!(error.message().contains("`initial_smoothing`"), "{error}");
    options.set("initial_smoothing", 0.0).unwrap();
    options.set("quadrature", "monte-carlo").unwrap();
    options.set("dimension", 64_i64).unwrap();
    options.set("fit_nodes", 100_000_000_i64).unwrap();
    let error = Solver::new(&options).map(|_| ()).unwrap_err();
    assert!(error.message().contains("`fit_nodes`"), "{error}");
}
