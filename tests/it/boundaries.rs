//! Energies and given values on the boundary, side by side, against closed forms.

use crate::support::common::energy;
use crate::support::problems::{dirichlet, on_grid, relative, small, start_from};
use crate::support::restart_helpers::goes_on;
use movimento::domain::BoundaryValue;
use movimento::energy::{Batch, Derivatives, EnergyDensity, SuppliedDerivatives, Traits};
use movimento::options::Value;
use movimento::quadrature::{Boundary, Nodes, Quadrature, Stream, generator};
use movimento::{Domain, Energy, ErrorKind, Options, Result, Solver};
use std::f64::consts::TAU;
use std::sync::Arc;

/// A density of u and its derivative.
struct OfValue(fn(f64) -> [f64; 2]);

impl EnergyDensity for OfValue {
    fn traits(&self) -> Traits {
        Traits {
            convex: true,
            derivatives: SuppliedDerivatives::ValueAndSlopes,
            ..Traits::default()
        }
    }

    fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> Result<()> {
        wanted.each(|array| array.fill(0.0));
        for (order, array) in [&mut wanted.f, &mut wanted.f_u].into_iter().enumerate() {
            let Some(array) = array else { continue };
            let points = array.iter_mut().zip(batch.u);
            points.for_each(|(out, u)| *out = (self.0)(*u)[order]);
        }
        Ok(())
    }
}

fn of_value(name: &str, f: fn(f64) -> [f64; 2]) -> Energy {
    Energy::from_density(name, Arc::new(OfValue(f)))
}

/// `-u`: a source in the domain, a flux on its boundary.
fn source() -> Energy {
    of_value("source", |u| [-u, -1.0])
}

fn options(d: i64, lower: f64, upper: f64, more: &[(&str, Value)]) -> Options {
    let mut options = Options::new();
    options.set("dimension", d).unwrap();
    options.set("lower", vec![lower]).unwrap();
    options.set("upper", vec![upper]).unwrap();
    for (key, value) in more {
        options.set(key, value.clone()).unwrap();
    }
    options
}

fn function(g: fn(f64, &[f64]) -> f64, d: usize) -> BoundaryValue {
    BoundaryValue::Function(Arc::new(move |t, x: &[f64], out: &mut [f64]| {
        let points = x.chunks_exact(d).zip(out);
        points.for_each(|(x, out)| *out = g(t, x));
        Ok(())
    }))
}

/// The relative error at a time on a grid.
fn error(solver: &Solver, u: impl Fn(f64, &[f64]) -> f64) -> f64 {
    let (x, found) = on_grid(solver, 37);
    let d = solver.domain().dimension();
    let exact: Vec<f64> = x.chunks_exact(d).map(|x| u(solver.time(), x)).collect();
    relative(&found, &exact)
}

/// Errors at t = 0.4 by each scheme in 4 and 8 steps, and the orders that they show.
fn orders(run: impl Fn(&str, f64) -> f64) {
    for (order, movement) in [(1.0, "euler"), (2.0, "second"), (3.0, "third")] {
        let [coarse, fine] = [0.1, 0.05].map(|tau| run(movement, tau));
        let seen = (coarse / fine).log2();
        println!("{movement}: {coarse:.2e}, {fine:.2e}, order {seen:.2}");
        assert!(seen > order - 0.35, "{movement}: {seen}");
    }
}

/// `w tan(w/2) = 1`
const W: f64 = 1.306_542_374_188_806;

#[test]
fn robin_conditions_keep_the_orders_in_time() {
    orders(|movement, tau| {
        let more = [("tau", tau.into()), ("movement", movement.into())];
        let mut solver = Solver::new(&options(1, -0.5, 0.5, &more)).unwrap();
        solver.add_energy(&dirichlet(1.0)).unwrap();
        let robin = energy("internal", "quadratic", &[("kappa", &[1.0])]);
        solver.add_boundary_energy(&robin, None).unwrap();
        start_from(&mut solver, |x| (W * x[0]).cos());
        solver.step_to(0.4).unwrap();
        let height = (-W * W * 0.4_f64).exp();
        let report = solver.report().unwrap();
        assert!(report.boundary_flux < 1e-3 * W, "{}", report.boundary_flux);
        assert!(report.energy_slack > -1e-9 && report.error_bound.is_finite());
        // On the boundary u is the same at both ends.
        let ends = (0.5 * W).cos().powi(2);
        let energies = solver.energies().unwrap();
        let expected = height * height * ends;
        assert!((energies[1] / expected - 1.0).abs() < 0.3 * tau * 10.0);
        error(&solver, |t, x| (-W * W * t).exp() * (W * x[0]).cos())
    });
}

/// Solves `u_t = u_xx + 1`.
fn moving(t: f64, x: &[f64]) -> f64 {
    (-t).exp() * (x[0] + 0.4).sin() + 0.1 * (t + x[0]).exp() - 0.5 * x[0] * x[0]
}

fn between_moving_walls(more: &[(&str, Value)]) -> Solver {
    let mut solver = Solver::new(&options(1, -1.0, 1.0, more)).unwrap();
    solver.add_energy(&dirichlet(1.0)).unwrap();
    solver.add_energy(&source()).unwrap();
    solver.set_dirichlet(None, &function(moving, 1)).unwrap();
    solver
}

#[test]
fn moving_walls_keep_the_orders_in_time() {
    orders(|movement, tau| {
        let more = [("tau", tau.into()), ("movement", movement.into())];
        let mut solver = between_moving_walls(&more);
        start_from(&mut solver, |x| moving(0.0, x));
        solver.step_to(0.4).unwrap();
        let mut u = [0.0; 2];
        solver.evaluate(&[-1.0, 1.0], &mut u, None).unwrap();
        for (u, x) in u.iter().zip([-1.0, 1.0]) {
            assert!((u - moving(0.4, &[x])).abs() < 1e-13);
        }
        error(&solver, moving)
    });
}

#[test]
fn nonlinear_fluxes_rest_where_they_balance() {
    // u = 1 at x = 0 and u_x = -u^3 at x = 1: u = 1 + s x with s + (1 + s)^3 = 0.
    let s = -0.317_672_196_171_6;
    let mut solver = Solver::new(&options(1, 0.0, 1.0, &[("tau", 5.0.into())])).unwrap();
    solver.add_energy(&dirichlet(1.0)).unwrap();
    let radiation = of_value("radiation", |u| [0.25 * u.powi(4), u.powi(3)]);
    solver.add_boundary_energy(&radiation, Some(1)).unwrap();
    solver
        .set_dirichlet(Some(0), &BoundaryValue::Constant(1.0))
        .unwrap();
    start_from(&mut solver, |x| 1.0 - 0.5 * x[0]);
    solver.step_to(60.0).unwrap();
    let error = error(&solver, |_, x| 1.0 + s * x[0]);
    assert!(error < 1e-6, "{error:e}");
    assert!(solver.report().unwrap().boundary_flux < 1e-4);
}

/// `-Laplacian u = 1` in the unit disc with `u_n + u = 0`: `(1 - r^2)/4 + 1/2`.
fn disc_at_rest(pose: impl Fn(&mut Solver), more: &[(&str, Value)]) -> f64 {
    let base = [
        ("tau", 2.0.into()),
        ("nodes", 900_i64.into()),
        ("hidden", vec![150_i64].into()),
    ];
    let all = [&base, more].concat();
    let mut solver = Solver::new(&options(2, -1.0, 1.0, &all)).unwrap();
    solver.add_energy(&dirichlet(1.0)).unwrap();
    solver.add_energy(&source()).unwrap();
    pose(&mut solver);
    start_from(&mut solver, |_| 0.5);
    solver.step_to(20.0).unwrap();
    let (x, found) = on_grid(&solver, 37);
    let inside = x.chunks_exact(2).zip(found);
    let inside = inside.filter(|(x, _)| x[0] * x[0] + x[1] * x[1] < 1.0);
    let (found, exact): (Vec<f64>, Vec<f64>) = inside
        .map(|(x, u)| (u, 0.75 - 0.25 * (x[0] * x[0] + x[1] * x[1])))
        .unzip();
    relative(&found, &exact)
}

/// A finer rule on a ball.
fn finer_nodes(ball: &Domain) -> Nodes {
    let mut rng = generator(1, Stream::Check, 0, 0);
    let rule = Quadrature::Gauss { per_axis: 51 };
    rule.nodes(ball, &mut rng).unwrap()
}

fn robin(solver: &mut Solver) {
    let robin = energy("internal", "quadratic", &[("kappa", &[1.0])]);
    solver.add_boundary_energy(&robin, None).unwrap();
}

#[test]
fn balls_cut_boxes_and_nodes_of_the_host_have_boundary_energies() {
    let ball = disc_at_rest(
        robin,
        &[("domain", "ball".into()), ("training", "outputs".into())],
    );
    println!("ball: {ball:e}");
    assert!(ball < 1e-5, "{ball:e}");
    let cut = disc_at_rest(
        |solver| {
            let inside = |x: &[f64], out: &mut [bool]| {
                let points = x.chunks_exact(2).zip(out);
                points.for_each(|(x, out)| *out = x[0] * x[0] + x[1] * x[1] < 1.0);
                Ok(())
            };
            solver.set_inside(Arc::new(inside)).unwrap();
            robin(solver);
        },
        &[("training", "outputs".into())],
    );
    println!("cut: {cut:e}");
    assert!(cut < 1e-3, "{cut:e}");
    let host = disc_at_rest(
        |solver| {
            let ball = options(2, -1.0, 1.0, &[("domain", "ball".into())]);
            let ball = Solver::new(&ball).unwrap();
            let mut rng = generator(1, Stream::Check, 0, 0);
            let rule = Quadrature::Gauss { per_axis: 40 };
            let nodes = rule.nodes(ball.domain(), &mut rng).unwrap();
            let finer = finer_nodes(ball.domain());
            let check = Some((finer.x.as_slice(), finer.w.as_slice()));
            solver.set_nodes(&nodes.x, &nodes.w, check).unwrap();
            let edge = Boundary::of(ball.domain(), 64, &mut rng).unwrap();
            let sides: Vec<i32> = edge
                .x
                .chunks_exact(2)
                .map(|x| i32::from(x[0] > 0.0))
                .collect();
            solver
                .set_boundary_sides(&edge.x, &edge.normal, &edge.w, &sides)
                .unwrap();
            // Half by half.
            let robin = energy("internal", "quadratic", &[("kappa", &[1.0])]);
            solver.add_boundary_energy(&robin, Some(0)).unwrap();
            solver.add_boundary_energy(&robin, Some(1)).unwrap();
        },
        &[("training", "outputs".into())],
    );
    println!("nodes of the host: {host:e}");
    assert!(host < 1e-3, "{host:e}");
}

#[test]
fn values_vary_along_walls_of_squares_and_around_discs() {
    // Harmonic: where the heat equation rests.
    let harmonic = |_: f64, x: &[f64]| x[0].exp() * x[1].sin() + x[0] * x[1];
    for (domain, start) in [("box", 0.0), ("ball", 0.0)] {
        let more = [
            ("domain", domain.into()),
            ("tau", 5.0.into()),
            ("hidden", vec![200_i64].into()),
            ("training", "outputs".into()),
        ];
        let mut solver = Solver::new(&options(2, -1.0, 1.0, &more)).unwrap();
        solver.add_energy(&dirichlet(1.0)).unwrap();
        solver.set_dirichlet(None, &function(harmonic, 2)).unwrap();
        // The values on the walls, and something else between them.
        start_from(&mut solver, |x| {
            let bubble = match domain {
                "box" => (1.0 - x[0] * x[0]) * (1.0 - x[1] * x[1]),
                _ => 1.0 - x[0] * x[0] - x[1] * x[1],
            };
            harmonic(0.0, x) + start + bubble
        });
        solver.step_to(50.0).unwrap();
        let (sin, cos) = 0.7_f64.sin_cos();
        for x in [[0.3, -0.2], [0.1, 0.6], [cos, sin]] {
            let mut u = [0.0];
            solver.evaluate(&x, &mut u, None).unwrap();
            let error = (u[0] - harmonic(0.0, &x)).abs();
            assert!(error < 1e-6, "{domain}: {error:e}");
        }
        assert!(solver.report().unwrap().boundary_flux.is_nan());
    }
}

#[test]
fn whole_networks_keep_values_too_in_weak_and_in_strong_form() {
    let decay = -0.5 * std::f64::consts::PI.powi(2);
    for form in ["weak", "residual"] {
        let mut options = small(2, -1.0, 1.0, &[12, 12]);
        options.set("tau", 0.01).unwrap();
        options.set("movement", "second").unwrap();
        options.set("form", form).unwrap();
        let mut solver = Solver::new(&options).unwrap();
        solver.add_energy(&dirichlet(1.0)).unwrap();
        let refused = solver.set_dirichlet(Some(0), &BoundaryValue::Constant(0.0));
        assert_eq!(refused.is_err(), form == "residual");
        let rest = if form == "weak" { 1..4 } else { 0..0 };
        for side in rest {
            solver
                .set_dirichlet(Some(side), &BoundaryValue::Constant(0.0))
                .unwrap();
        }
        if form == "residual" {
            solver
                .set_dirichlet(None, &BoundaryValue::Constant(0.0))
                .unwrap();
        }
        let q = std::f64::consts::FRAC_PI_2;
        start_from(&mut solver, |x| (q * x[0]).cos() * (q * x[1]).cos());
        solver.step_to(0.1).unwrap();
        let error = error(&solver, |t, x| {
            (decay * t).exp() * (q * x[0]).cos() * (q * x[1]).cos()
        });
        println!("{form}: {error:e}");
        assert!(error < 2e-3, "{form}: {error:e}");
    }
}

#[test]
fn a_run_with_conditions_goes_on_to_the_same_bits() {
    let more = [
        ("tau", 0.05.into()),
        ("movement", "second".into()),
        ("hidden", vec![60_i64].into()),
        ("training", "outputs".into()),
        ("snapshot_resolution", 9_i64.into()),
    ];
    let fresh = || {
        let mut solver = Solver::new(&options(1, -1.0, 1.0, &more)).unwrap();
        solver.add_energy(&dirichlet(1.0)).unwrap();
        solver.set_dirichlet(Some(0), &function(moving, 1)).unwrap();
        let radiation = of_value("radiation", |u| [0.25 * u.powi(4), u.powi(3)]);
        solver.add_boundary_energy(&radiation, Some(1)).unwrap();
        solver
    };
    let mut solver = fresh();
    start_from(&mut solver, |x| moving(0.0, x));
    let checkpoints = goes_on(solver, &fresh, 4, &[1, 2, 3]);
    // Another side is another energy.
    let mut other = Solver::new(&options(1, -1.0, 1.0, &more)).unwrap();
    other.add_energy(&dirichlet(1.0)).unwrap();
    let radiation = of_value("radiation", |u| [0.25 * u.powi(4), u.powi(3)]);
    other.add_boundary_energy(&radiation, Some(0)).unwrap();
    let refused = other.restore(&checkpoints[1]).unwrap_err();
    assert!(
        refused.message().contains("its place is side 1"),
        "{refused}"
    );
    let mut without = Solver::new(&options(1, -1.0, 1.0, &more)).unwrap();
    without.add_energy(&dirichlet(1.0)).unwrap();
    without.add_boundary_energy(&radiation, Some(1)).unwrap();
    let refused = without.restore(&checkpoints[1]).unwrap_err();
    assert!(
        refused.message().contains("values on the boundary"),
        "{refused}"
    );
}

#[test]
fn what_does_not_fit_is_refused_by_name() {
    let square = |more: &[(&str, Value)]| Solver::new(&options(2, 0.0, 1.0, more)).unwrap();
    let one = BoundaryValue::Constant(1.0);
    let refusal = |refused: Result<()>, kind: ErrorKind, words: &str| {
        let error = refused.unwrap_err();
        assert!(error.message().contains(words), "{error}");
        assert_eq!(error.kind(), kind, "{error}");
    };
    let mut solver = square(&[]);
    solver.set_dirichlet(Some(0), &one).unwrap();
    let zero = BoundaryValue::Constant(0.0);
    refusal(
        solver.set_dirichlet(Some(2), &zero),
        ErrorKind::Argument,
        "the values on sides 0 and 2 contradict each other where they meet, at x = [0.0, 0.0], t = 0",
    );
    // Nothing is left of it, and opposite sides do not meet.
    solver.set_dirichlet(Some(1), &zero).unwrap();
    refusal(
        solver.set_dirichlet(None, &zero),
        ErrorKind::Argument,
        "side 0 has a value already",
    );
    // Contradictions that come later stop the step, and leave the state.
    let mut solver = square(&[]);
    solver.add_energy(&dirichlet(1.0)).unwrap();
    solver.set_dirichlet(Some(0), &one).unwrap();
    let drifting = function(|t, _| 1.0 + t, 2);
    solver.set_dirichlet(Some(3), &drifting).unwrap();
    start_from(&mut solver, |_| 1.0);
    refusal(
        solver.step(),
        ErrorKind::Argument,
        "sides 0 and 3 contradict",
    );
    assert!(solver.time() == 0.0 && solver.steps() == 0);
    let jump = function(|_, x| if x[1] > 0.3 { 1.0 } else { 0.0 }, 2);
    refusal(
        square(&[]).set_dirichlet(Some(0), &jump),
        ErrorKind::Argument,
        "side 0 at t = 0 varies faster",
    );
    for embedding in ["neumann", "periodic"] {
        let mut solver = square(&[("embedding", embedding.into())]);
        refusal(
            solver.set_dirichlet(None, &one),
            ErrorKind::Option,
            "option `embedding` is",
        );
        refusal(
            solver.add_boundary_energy(&source(), Some(0)),
            ErrorKind::Option,
            "option `embedding` is",
        );
    }
    let mut solver = Solver::new(&options(7, 0.0, 1.0, &[])).unwrap();
    let varies = function(|_, x| x[1], 7);
    refusal(
        solver.set_dirichlet(Some(0), &varies),
        ErrorKind::Argument,
        "varies along it",
    );
    let more = [("flow", "wasserstein".into())];
    let mut solver = square(&more);
    refusal(
        solver.set_dirichlet(None, &one),
        ErrorKind::State,
        "no use for a value on the boundary",
    );
    refusal(
        solver.add_boundary_energy(&source(), None),
        ErrorKind::State,
        "no use for an energy on the boundary",
    );
}

#[test]
fn units_and_offsets_of_values_do_not_matter() {
    let run = |scale: f64, offset: f64| {
        let more = [("tau", 0.05.into()), ("movement", "second".into())];
        let mut solver = Solver::new(&options(1, -1.0, 1.0, &more)).unwrap();
        solver.add_energy(&dirichlet(1.0)).unwrap();
        let wall = move |t: f64, x: &[f64], g: &mut [f64]| {
            let points = x.iter().zip(g);
            points.for_each(|(x, g)| *g = offset + scale * (-t).exp() * (x + 0.4).sin());
            Ok(())
        };
        let wall = BoundaryValue::Function(Arc::new(wall));
        solver.set_dirichlet(None, &wall).unwrap();
        start_from(&mut solver, |x| offset + scale * (x[0] + 0.4).sin());
        solver.step_to(0.2).unwrap();
        let (x, u) = on_grid(&solver, 21);
        let worst = x
            .iter()
            .zip(u)
            .map(|(x, u)| ((u - offset) / scale - (-0.2_f64).exp() * (x + 0.4).sin()).abs());
        worst.fold(0.0, f64::max)
    };
    let plain = run(1.0, 0.0);
    for (scale, offset) in [(1e-6, 0.0), (1e6, 0.0), (1e-3, 1e3)] {
        let other = run(scale, offset);
        println!("{plain:e} {other:e}");
        assert!(
            other < 1.5 * plain + 1e-6,
            "{scale:e}, {offset:e}: {other:e} after {plain:e}"
        );
    }
}

/// Nodes along the boundary of a box know their side.
#[test]
fn sides_have_their_nodes_and_areas() {
    let domain = Domain::new(
        movimento::domain::DomainChoice::Box,
        vec![0.0, 1.0, 2.0],
        vec![1.0, 3.0, 5.0],
    )
    .unwrap();
    let mut rng = generator(1, Stream::Check, 0, 0);
    let boundary = Boundary::of(&domain, 2048, &mut rng).unwrap();
    for (side, area) in [(0, 6.0), (1, 6.0), (2, 3.0), (3, 3.0), (4, 2.0), (5, 2.0)] {
        let nodes = boundary.side.iter().zip(&boundary.w);
        let sum: f64 = nodes.filter(|(of, _)| **of == side).map(|(_, w)| w).sum();
        assert!((sum - area).abs() < 1e-12, "{side}: {sum}");
    }
    let circle = options(2, -1.0, 1.0, &[("domain", "ball".into())]);
    let solver = Solver::new(&circle).unwrap();
    let boundary = Boundary::of(solver.domain(), 64, &mut rng).unwrap();
    assert!((boundary.w.iter().sum::<f64>() - TAU).abs() < 1e-12);
}

/// `e^(-(1 + pi^2) t) sin(pi y) cos(x)` on a strip: periodic in x, cold at both ends of y.
#[test]
fn periodic_axes_stand_beside_walls() {
    let more = [
        ("tau", 0.01.into()),
        ("movement", "second".into()),
        ("periodic_axes", vec![0_i64].into()),
        ("lower", vec![0.0, 0.0].into()),
        ("upper", vec![TAU, 1.0].into()),
        ("training", "outputs".into()),
        ("hidden", vec![300_i64].into()),
    ];
    let strip = options(2, 0.0, 1.0, &more);
    let mut solver = Solver::new(&strip).unwrap();
    solver.add_energy(&dirichlet(1.0)).unwrap();
    let zero = BoundaryValue::Constant(0.0);
    let refused = solver.set_dirichlet(Some(1), &zero).unwrap_err();
    assert!(
        refused.message().contains("axis 0 is periodic"),
        "{refused}"
    );
    solver.set_dirichlet(None, &zero).unwrap();
    let pi = std::f64::consts::PI;
    start_from(&mut solver, |x| (pi * x[1]).sin() * x[0].cos());
    solver.step_to(0.05).unwrap();
    let error = error(&solver, |t, x| {
        (-(1.0 + pi * pi) * t).exp() * (pi * x[1]).sin() * x[0].cos()
    });
    println!("strip: {error:e}");
    assert!(error < 2e-4, "{error:e}");
    let ends = [0.0, 0.3, TAU, 0.3];
    let (mut u, mut grad) = ([0.0; 2], [0.0; 4]);
    solver.evaluate(&ends, &mut u, Some(&mut grad)).unwrap();
    assert!((u[0] - u[1]).abs() < 1e-12 && (grad[0] - grad[2]).abs() < 1e-10);
    let twice = options(2, 0.0, 1.0, &[("periodic_axes", vec![1_i64, 1].into())]);
    let refused = Solver::new(&twice).err().unwrap();
    assert!(refused.message().contains("each once"), "{refused}");
}
