//! Steps in strong form, and the ways of solving Gauss-Newton's linear systems: all lead to the same
//! minimiser, and the strong form does so without the noise of random nodes.

use crate::support::problems::{allen_cahn, dirichlet, on_grid, relative, small};
use movimento::energy::{Batch, Derivatives, Differences, EnergyDensity, Traits};
use movimento::{Energy, ErrorKind, Initial, Options, Result, Solver};
use std::f64::consts::PI;
use std::sync::Arc;

/// `1 + prod_i cos(pi x_i)` over the first two axes of [0, 1]^d.
fn waves(d: usize) -> impl FnMut(&[f64], &mut [f64], Option<&mut [f64]>) -> Result<()> {
    move |x, u, grad| {
        for (u, x) in u.iter_mut().zip(x.chunks(d)) {
            *u = 1.0 + (PI * x[0]).cos() * (PI * x[1]).cos();
        }
        if let Some(grad) = grad {
            for (g, x) in grad.chunks_mut(d).zip(x.chunks(d)) {
                g.fill(0.0);
                g[0] = -PI * (PI * x[0]).sin() * (PI * x[1]).cos();
                g[1] = -PI * (PI * x[0]).cos() * (PI * x[1]).sin();
            }
        }
        Ok(())
    }
}

fn run(options: &Options, energies: Vec<Energy>, steps: usize) -> Solver {
    let mut solver = Solver::new(options).unwrap();
    for energy in &energies {
        solver.add_energy(energy).unwrap();
    }
    let mut field = waves(solver.domain().dimension());
    let initial = Initial::Function {
        field: &mut field,
        has_gradient: true,
    };
    solver.set_initial(initial).unwrap();
    for _ in 0..steps {
        solver.step().unwrap();
        assert!(solver.report().unwrap().energy_slack > 0.0);
    }
    solver
}

fn plane(form: &str) -> Options {
    let mut options = small(2, 0.0, 1.0, &[12, 12]);
    options.set("tau", 0.02).unwrap();
    options.set("tolerance", 1e-5).unwrap();
    options.set("fit_tolerance", 1e-6).unwrap();
    options.set("form", form).unwrap();
    options
}

#[test]
fn strong_forms_reach_the_minimiser_of_the_weak_one() {
    let energies = || vec![allen_cahn(0.1, 0.7)];
    let weak = on_grid(&run(&plane("weak"), energies(), 3), 40).1;
    for form in ["residual", "galerkin"] {
        let strong = on_grid(&run(&plane(form), energies(), 3), 40).1;
        let difference = relative(&strong, &weak);
        assert!(difference < 2e-5, "{form}: {difference:e}");
    }
}

/// `a(x) (sqrt(1 + |p|^2) - 1) + u^2/2`, a = 1 + x_0/2: f_pp depends on p, and f_p on x.
struct Area;

impl EnergyDensity for Area {
    fn traits(&self) -> Traits {
        Traits {
            uses_gradient: true,
            uses_position: true,
            convex: true,
            ..Traits::default()
        }
    }

    fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> Result<()> {
        let points = || {
            let d = batch.d;
            let all = batch.x.chunks(d).zip(batch.p.chunks(d)).zip(batch.u);
            all.map(|((x, p), u)| {
                let root = (1.0 + p.iter().map(|p| p * p).sum::<f64>()).sqrt();
                (1.0 + 0.5 * x[0], p, *u, root)
            })
        };
        if let Some(f) = &mut wanted.f {
            let values = points().map(|(a, _, u, root)| a * (root - 1.0) + 0.5 * u * u);
            f.iter_mut().zip(values).for_each(|(f, v)| *f = v);
        }
        if let Some(f_u) = &mut wanted.f_u {
            f_u.copy_from_slice(batch.u);
        }
        if let Some(f_p) = &mut wanted.f_p {
            for (f_p, (a, p, _, root)) in f_p.chunks_mut(batch.d).zip(points()) {
                f_p.iter_mut().zip(p).for_each(|(f, p)| *f = a * p / root);
            }
        }
        if let Some(f_x) = &mut wanted.f_x {
            f_x.fill(0.0);
            for (f_x, (_, _, _, root)) in f_x.chunks_mut(batch.d).zip(points()) {
                f_x[0] = 0.5 * (root - 1.0);
            }
        }
        Ok(())
    }
}

#[test]
fn the_strong_form_of_a_nonlinear_flux_that_depends_on_x() {
    // Both are minimisers over the network, each within its bound of that over all functions, and steps
    // of a convex energy bring no two states further apart.
    let steps = |form: &str| {
        let mut options = plane(form);
        options.set("hidden", vec![16, 16]).unwrap();
        options.set("tolerance", 1e-3).unwrap();
        let area = Energy::from_density("area", Arc::new(Differences::new(Area)));
        let mut solver = run(&options, vec![area], 1);
        let first = solver.report().unwrap().error_bound;
        solver.step().unwrap();
        let report = solver.report().unwrap();
        (
            on_grid(&solver, 40).1,
            first + report.error_bound,
            report.residual,
        )
    };
    let (weak, weak_bound, weak_residual) = steps("weak");
    let (strong, strong_bound, strong_residual) = steps("residual");
    let difference = relative(&strong, &weak);
    let size = (weak.iter().map(|u| u * u).sum::<f64>() / weak.len() as f64).sqrt();
    assert!(
        difference * size < weak_bound + strong_bound,
        "{difference:e}"
    );
    // Without div_x f_p, half of p_0 over the root, they would be tau times that apart, some 1e-2.
    assert!(difference < 5e-4, "{difference:e}");
    // What the strong form minimises is the residual of the report.
    assert!(
        strong_residual < 0.7 * weak_residual,
        "{strong_residual:e} {weak_residual:e}"
    );
}

#[test]
fn in_four_dimensions_the_strong_form_has_no_sampling_noise() {
    let error = |form: &str| {
        let mut options = small(4, 0.0, 1.0, &[14, 14]);
        options.set("harmonics", 1_i64).unwrap();
        options.set("nodes", 1200_i64).unwrap();
        options.set("tau", 0.01).unwrap();
        options.set("form", form).unwrap();
        options.set("fit_tolerance", 3e-4).unwrap();
        let solver = run(&options, vec![dirichlet(0.5)], 4);
        let (x, u) = on_grid(&solver, 9);
        let damped = (1.0 + 0.01 * 0.5 * 2.0 * PI * PI).powi(-4);
        let exact: Vec<f64> = x
            .chunks(4)
            .map(|x| 1.0 + damped * (PI * x[0]).cos() * (PI * x[1]).cos())
            .collect();
        relative(&u, &exact)
    };
    let (auto, galerkin, weak) = (error("auto"), error("galerkin"), error("weak"));
    assert!(auto < 2e-3, "residual: {auto:e}");
    assert!(galerkin < 4e-3, "galerkin: {galerkin:e}");
    assert!(weak > 3.0 * auto, "weak: {weak:e}, residual: {auto:e}");
}

#[test]
fn the_strong_form_needs_an_embedding_that_seals_the_boundary() {
    let mut options = plane("residual");
    options.set("embedding", "none").unwrap();
    let error = Solver::new(&options).map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Option);
    assert!(error.message().contains("`embedding`"), "{error}");
}

#[test]
fn every_linear_solver_leads_to_the_same_minimiser() {
    let step = |name: &str, hidden: &[i64]| {
        let mut options = plane("weak");
        options.set("hidden", hidden).unwrap();
        options.set("nodes", 900_i64).unwrap();
        options.set("tolerance", 1e-3).unwrap();
        options.set("fit_tolerance", 1e-4).unwrap();
        options.set("linear_solver", name).unwrap();
        on_grid(&run(&options, vec![dirichlet(0.2)], 3), 40).1
    };
    // The fits differ by their tolerance, the steps by theirs.
    let dense = step("dense", &[12, 12]);
    for name in ["sample", "krylov"] {
        let difference = relative(&step(name, &[12, 12]), &dense);
        assert!(difference < 2e-4, "{name}: {difference:e}");
    }
}

#[test]
fn adaptive_steps_keep_the_error_they_are_given() {
    let problem = |tolerance: f64, tau: f64, movement: &str| {
        let mut options = small(2, 0.0, 1.0, &[10, 10]);
        options.set("movement", movement).unwrap();
        options.set("tau", tau).unwrap();
        options.set("tolerance", 1e-6).unwrap();
        options.set("fit_tolerance", 1e-6).unwrap();
        options.set("step_tolerance", tolerance).unwrap();
        options
    };
    let energies = || vec![dirichlet(0.2)];
    let exact = |x: &[f64]| -> Vec<f64> {
        let damped = (-0.2 * 2.0 * PI * PI * 0.2_f64).exp();
        let wave = |x: &[f64]| 1.0 + damped * (PI * x[0]).cos() * (PI * x[1]).cos();
        x.chunks(2).map(wave).collect()
    };
    let mut taken = Vec::new();
    for (movement, tolerance) in [("euler", 1e-3), ("euler", 1e-4), ("second", 1e-5)] {
        // A first step that is far too long is rejected, and leaves no trace.
        let mut solver = run(&problem(tolerance, 0.2, movement), energies(), 0);
        solver.step_to(0.2).unwrap();
        assert_eq!(solver.time(), 0.2);
        let (x, u) = on_grid(&solver, 40);
        let error = relative(&u, &exact(&x));
        // Local errors add up over the steps, and halves are better than what is estimated.
        let steps = solver.steps() as f64 / 2.0;
        assert!(
            error < steps * tolerance,
            "{movement}: {error:e} in {steps}"
        );
        taken.push(solver.steps());
    }
    assert!(
        taken[1] > taken[0],
        "a smaller tolerance takes more steps: {taken:?}"
    );
    let mut rejecting = run(&problem(1e-4, 0.2, "euler"), energies(), 0);
    rejecting.step().unwrap();
    let report = rejecting.report().unwrap().clone();
    assert!(report.rejected > 0 && report.error_estimate <= 1e-4);
    // The same step, offered at once, gives the same bits.
    let mut direct = run(&problem(1e-4, report.tau, "euler"), energies(), 0);
    direct.step().unwrap();
    assert_eq!(direct.report().unwrap().rejected, 0);
    assert_eq!(direct.parameters(), rejecting.parameters());
}

#[test]
fn a_step_that_cannot_be_made_short_enough_leaves_the_state_as_it_was() {
    let mut options = plane("weak");
    options.set("step_tolerance", 1e-9).unwrap();
    options.set("tau_min", 0.01).unwrap();
    let mut solver = run(&options, vec![dirichlet(0.2)], 0);
    let before = (solver.parameters().to_vec(), solver.time(), solver.tau());
    let error = solver.step().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotConverged);
    assert!(error.message().contains("`tau_min`"), "{error}");
    let after = (solver.parameters().to_vec(), solver.time(), solver.tau());
    assert_eq!(before, after);
}
