//! Values on walls where no ansatz has them exactly: meshes of the host, cut boxes and balls in space, against
//! closed forms at points that no step trains on.

use crate::support::problems::{dirichlet, start_from};
use crate::support::restart_helpers::goes_on;
use movimento::domain::BoundaryValue;
use movimento::options::Value;
use movimento::{Energy, Error, ErrorKind, Options, Result, Solver};
use std::sync::Arc;

fn options(d: i64, more: &[(&str, Value)]) -> Options {
    let mut options = Options::new();
    options.set("dimension", d).unwrap();
    options.set("lower", vec![-1.0]).unwrap();
    options.set("upper", vec![1.0]).unwrap();
    for (key, value) in more {
        options.set(key, value.clone()).unwrap();
    }
    options
}

fn function(g: impl Fn(f64, &[f64]) -> f64 + Send + Sync + 'static, d: usize) -> BoundaryValue {
    BoundaryValue::Function(Arc::new(move |t, x: &[f64], out: &mut [f64]| {
        let points = x.chunks_exact(d).zip(out);
        points.for_each(|(x, out)| *out = g(t, x));
        Ok(())
    }))
}

/// `(nodes, weights)` of Gauss on an interval, in panels of three nodes.
fn gauss(lower: f64, upper: f64, panels: usize) -> Vec<(f64, f64)> {
    let width = (upper - lower) / panels as f64;
    let reach = 0.5 * width * 0.6_f64.sqrt();
    let panel = |panel: usize| {
        let centre = lower + (panel as f64 + 0.5) * width;
        [(-reach, 5.0), (0.0, 8.0), (reach, 5.0)].map(|(at, w)| (centre + at, w * width / 18.0))
    };
    (0..panels).flat_map(panel).collect()
}

/// The L-shape of three squares.
const SQUARES: [[f64; 2]; 3] = [[-1.0, -1.0], [0.0, -1.0], [-1.0, 0.0]];

/// Its six sides: ends, in the order in which the outward normal is on the right.
const SIDES: [[[f64; 2]; 2]; 6] = [
    [[-1.0, -1.0], [1.0, -1.0]],
    [[1.0, -1.0], [1.0, 0.0]],
    [[1.0, 0.0], [0.0, 0.0]],
    [[0.0, 0.0], [0.0, 1.0]],
    [[0.0, 1.0], [-1.0, 1.0]],
    [[-1.0, 1.0], [-1.0, -1.0]],
];

fn give_l_shape(solver: &mut Solver, panels: usize) {
    let rule = |panels: usize| {
        let (mut x, mut w) = (Vec::new(), Vec::new());
        for [left, bottom] in SQUARES {
            for (a, w_a) in gauss(left, left + 1.0, panels) {
                for (b, w_b) in gauss(bottom, bottom + 1.0, panels) {
                    x.extend([a, b]);
                    w.push(w_a * w_b);
                }
            }
        }
        (x, w)
    };
    let ((x, w), (check_x, check_w)) = (rule(panels), rule(panels + 3));
    let check = Some((check_x.as_slice(), check_w.as_slice()));
    solver.set_nodes(&x, &w, check).unwrap();
    let (mut x, mut normal, mut w, mut side) = (vec![], vec![], vec![], vec![]);
    for (number, [from, to]) in (0..).zip(SIDES) {
        let along = [to[0] - from[0], to[1] - from[1]];
        let length = along[0].hypot(along[1]);
        for (s, weight) in gauss(0.0, 1.0, panels * length as usize) {
            x.extend([from[0] + s * along[0], from[1] + s * along[1]]);
            normal.extend([along[1] / length, -along[0] / length]);
            w.push(weight * length);
            side.push(number);
        }
    }
    solver.set_boundary_sides(&x, &normal, &w, &side).unwrap();
}

/// Solves `u_t = Laplacian u + s` with the source below.
fn moving(t: f64, x: &[f64]) -> f64 {
    let z = 0.6 * x[0] + 0.8 * x[1];
    (-t).exp() * (z + 0.4).sin() + 0.1 * t.exp() * z.exp() + (2.0 * t).sin() * x[0] * x[0]
}

fn source(t: f64, x: &[f64]) -> f64 {
    2.0 * (2.0 * t).cos() * x[0] * x[0] - 2.0 * (2.0 * t).sin()
}

fn heat(solver: &mut Solver, scale: f64) {
    solver.add_energy(&dirichlet(1.0)).unwrap();
    let source = Arc::new(move |t: f64, x: &[f64]| scale * source(t, x));
    solver
        .add_energy(&Energy::from_source("source", source))
        .unwrap();
}

fn l_shape(more: &[(&str, Value)]) -> Solver {
    let mut solver = Solver::new(&options(2, more)).unwrap();
    give_l_shape(&mut solver, 20);
    heat(&mut solver, 1.0);
    solver.set_dirichlet(None, &function(moving, 2)).unwrap();
    start_from(&mut solver, |x| moving(0.0, x));
    solver
}

fn in_l_shape(x: &[f64]) -> bool {
    x[0] < 0.0 || x[1] < 0.0
}

/// The largest error on an irregular lattice of points inside, relative to the variation of u there.
fn error(solver: &Solver, inside: impl Fn(&[f64]) -> bool, u: impl Fn(f64, &[f64]) -> f64) -> f64 {
    let d = solver.domain().dimension();
    let ratios = [0.754_877_666_247, 0.569_840_290_998, 0.430_159_709_002];
    let mut x = Vec::new();
    for point in 0..4000 {
        let at: Vec<f64> = ratios[..d]
            .iter()
            .map(|ratio| 2.0 * (0.5 + f64::from(point) * ratio).fract() - 1.0)
            .collect();
        if inside(&at) {
            x.extend(at);
        }
    }
    worst(solver, &x, u)
}

fn worst(solver: &Solver, x: &[f64], u: impl Fn(f64, &[f64]) -> f64) -> f64 {
    let d = solver.domain().dimension();
    let mut found = vec![0.0; x.len() / d];
    solver.evaluate(x, &mut found, None).unwrap();
    let exact: Vec<f64> = x.chunks_exact(d).map(|x| u(solver.time(), x)).collect();
    let most = exact.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let least = exact.iter().copied().fold(f64::INFINITY, f64::min);
    let misses = found.iter().zip(&exact).map(|(u, exact)| (u - exact).abs());
    misses.fold(0.0, f64::max) / (most - least)
}

/// The same on the sides of the L-shape.
fn on_l_shape(solver: &Solver) -> f64 {
    let points = SIDES.iter().flat_map(|[from, to]| {
        (0..=101).flat_map(move |point| {
            let s = f64::from(point) / 101.0;
            [
                from[0] * (1.0 - s) + to[0] * s,
                from[1] * (1.0 - s) + to[1] * s,
            ]
        })
    });
    worst(solver, &points.collect::<Vec<_>>(), moving)
}

#[test]
fn values_move_on_the_boundary_of_a_mesh() {
    let mut solver = l_shape(&[("tau", 0.05.into()), ("movement", "second".into())]);
    let fit = solver.fit_report().unwrap().clone();
    solver.step_to(0.2).unwrap();
    let report = solver.report().unwrap();
    let (error, wall) = (error(&solver, in_l_shape, moving), on_l_shape(&solver));
    println!(
        "error {error:.1e}, wall {wall:.1e}, reported {:.1e}, fit {:.1e}, iterations {}, slack {:.1e}",
        report.wall_error, fit.wall_error, report.iterations, report.energy_slack
    );
    assert!(error < 1e-3, "{error:e}");
    assert!(report.wall_error < 5.0 * wall && wall < 5.0 * report.wall_error);
    assert!(fit.wall_error < 1e-3 && fit.wall_error > 0.0);
    assert!(report.energy_slack > -1e-8 && report.boundary_flux.is_nan());
}

fn in_disc(x: &[f64]) -> bool {
    x.iter().map(|x| x * x).sum::<f64>() < 0.81
}

/// A disc cut out of the box.
fn disc_of(more: &[(&str, Value)]) -> Solver {
    let mut solver = Solver::new(&options(2, more)).unwrap();
    let inside = |x: &[f64], out: &mut [bool]| {
        let points = x.chunks_exact(2).zip(out);
        points.for_each(|(x, out)| *out = in_disc(x));
        Ok(())
    };
    solver.set_inside(Arc::new(inside)).unwrap();
    solver
}

/// The same with values that are the solution's times `scale`.
fn cut_disc(more: &[(&str, Value)], scale: f64) -> Solver {
    let mut solver = disc_of(more);
    heat(&mut solver, scale);
    let g = function(move |t, x| scale * moving(t, x), 2);
    solver.set_dirichlet(None, &g).unwrap();
    solver
}

/// The same with few features, begun.
fn small_cut_disc(movement: &str, tau: f64, scale: f64) -> Solver {
    let more = [
        ("tau", tau.into()),
        ("movement", movement.into()),
        ("hidden", vec![200_i64].into()),
        ("training", "outputs".into()),
        ("snapshot_resolution", 9_i64.into()),
    ];
    let mut solver = cut_disc(&more, scale);
    start_from(&mut solver, |x| scale * moving(0.0, x));
    solver
}

/// The largest error on the circle.
fn on_circle(solver: &Solver) -> f64 {
    let points = (0..1000).flat_map(|point| {
        let (sin, cos) = (f64::from(point) * 0.006_29).sin_cos();
        [0.9 * cos, 0.9 * sin]
    });
    worst(solver, &points.collect::<Vec<_>>(), moving)
}

#[test]
fn values_move_on_the_boundary_of_a_cut_box() {
    let mut solver = small_cut_disc("second", 0.02, 1.0);
    solver.step_to(0.2).unwrap();
    let report = solver.report().unwrap();
    let (error, wall) = (error(&solver, in_disc, moving), on_circle(&solver));
    println!(
        "error {error:.1e}, wall {wall:.1e}, reported {:.1e}",
        report.wall_error
    );
    assert!(error < 1e-4 && wall < 1e-4, "{error:e}, {wall:e}");
    assert!(report.wall_error < 5.0 * wall && wall < 5.0 * report.wall_error);
    assert!(report.energy_slack > -1e-8);
}

/// Solves `u_t = Laplacian u`: with a source that depends on time a scheme of third order shows less than that
/// beside walls, exact ones too.
fn harmless(t: f64, x: &[f64]) -> f64 {
    let z = 0.6 * x[0] + 0.8 * x[1];
    (-t).exp() * (z + 0.4).sin() + 0.1 * t.exp() * z.exp()
}

#[test]
fn the_schemes_keep_their_orders() {
    for (order, movement, tau) in [
        (1.0, "euler", 0.1),
        (2.0, "second", 0.1),
        (3.0, "third", 0.2),
    ] {
        let [coarse, fine] = [tau, 0.5 * tau].map(|tau| {
            let more = [
                ("tau", tau.into()),
                ("movement", movement.into()),
                ("hidden", vec![300_i64].into()),
                ("training", "outputs".into()),
            ];
            let mut solver = disc_of(&more);
            solver.add_energy(&dirichlet(1.0)).unwrap();
            solver.set_dirichlet(None, &function(harmless, 2)).unwrap();
            start_from(&mut solver, |x| harmless(0.0, x));
            solver.step_to(0.4).unwrap();
            error(&solver, in_disc, harmless)
        });
        let seen = (coarse / fine).log2();
        println!("{movement}: {coarse:.2e}, {fine:.2e}, order {seen:.2}");
        assert!(seen > order - 0.35, "{movement}: {seen}");
    }
}

#[test]
fn units_of_the_data_do_not_matter() {
    let [plain, large] = [1.0, 1e5].map(|scale| {
        let mut solver = small_cut_disc("second", 0.02, scale);
        solver.step_to(0.06).unwrap();
        let mut u = [0.0; 3];
        let points = [0.3, -0.2, 0.1, 0.6, -0.89, 0.0];
        solver.evaluate(&points, &mut u, None).unwrap();
        u.map(|u| u / scale)
    });
    for (a, b) in plain.iter().zip(large) {
        assert!((a - b).abs() < 1e-7, "{a} {b}");
    }
}

/// Solves `u_t = Laplacian u + s` in space with the source above, of the last coordinate.
fn in_space(t: f64, x: &[f64]) -> f64 {
    let z = 0.6 * x[0] + 0.8 * x[1];
    (-t).exp() * (z + 0.4).sin() + 0.1 * t.exp() * z.exp() + (2.0 * t).sin() * x[2] * x[2]
}

#[test]
fn values_vary_around_balls_in_space() {
    let more = [
        ("domain", "ball".into()),
        ("tau", 0.05.into()),
        ("movement", "second".into()),
        ("hidden", vec![400_i64].into()),
        ("training", "outputs".into()),
    ];
    let mut solver = Solver::new(&options(3, &more)).unwrap();
    solver.add_energy(&dirichlet(1.0)).unwrap();
    let source = Arc::new(|t: f64, x: &[f64]| source(t, &x[2..]));
    solver
        .add_energy(&Energy::from_source("source", source))
        .unwrap();
    solver.set_dirichlet(None, &function(in_space, 3)).unwrap();
    start_from(&mut solver, |x| in_space(0.0, x));
    solver.step_to(0.2).unwrap();
    let inside = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>() < 1.0;
    let error = error(&solver, inside, in_space);
    let report = solver.report().unwrap();
    println!("error {error:.1e}, reported {:.1e}", report.wall_error);
    assert!(error < 1e-3 && report.wall_error < 1e-3, "{error:e}");
    // One value for all of the sphere is exact, as long as it is one.
    let mut solver = Solver::new(&options(3, &more)).unwrap();
    solver.add_energy(&dirichlet(1.0)).unwrap();
    solver
        .set_dirichlet(None, &function(|t, _| 1.0 + t, 3))
        .unwrap();
    start_from(&mut solver, |_| 1.0);
    solver.step().unwrap();
    assert!(solver.report().unwrap().wall_error == 0.0);
}

#[test]
fn whole_networks_are_held_too() {
    let more = [
        ("tau", 0.05.into()),
        ("hidden", vec![12_i64, 12].into()),
        ("nodes", 900_i64.into()),
    ];
    let mut solver = cut_disc(&more, 1.0);
    start_from(&mut solver, |x| moving(0.0, x));
    solver.step_to(0.1).unwrap();
    let wall = on_circle(&solver);
    println!("wall {wall:.1e}");
    assert!(wall < 5e-3, "{wall:e}");
}

#[test]
fn a_state_goes_on_to_the_same_bits() {
    let mut solver = small_cut_disc("second", 0.02, 1.0);
    solver.step().unwrap();
    let saved = solver.save_state().unwrap();
    let bits =
        |solver: &Solver| -> Vec<u64> { solver.parameters().iter().map(|p| p.to_bits()).collect() };
    solver.step().unwrap();
    let reached = bits(&solver);
    solver.restore_state(&saved).unwrap();
    solver.step().unwrap();
    assert!(bits(&solver) == reached);
    let more = [
        ("tau", 0.02.into()),
        ("movement", "second".into()),
        ("hidden", vec![200_i64].into()),
        ("training", "outputs".into()),
        ("snapshot_resolution", 9_i64.into()),
    ];
    let fresh = || cut_disc(&more, 1.0);
    goes_on(small_cut_disc("second", 0.02, 1.0), &fresh, 4, &[0, 1, 3]);
}

#[test]
fn sides_of_a_mesh_have_conditions_of_their_own() {
    // u = y at rest: given on three sides, by its flux at the top, and without flux on the two others.
    let more = [
        ("tau", 5.0.into()),
        ("hidden", vec![200_i64].into()),
        ("training", "outputs".into()),
    ];
    let mut solver = Solver::new(&options(2, &more)).unwrap();
    give_l_shape(&mut solver, 14);
    solver.add_energy(&dirichlet(1.0)).unwrap();
    let value = function(|_, x| x[1], 2);
    for side in [0, 2, 3] {
        solver.set_dirichlet(Some(side), &value).unwrap();
    }
    let flux = Energy::from_source("flux", Arc::new(|_: f64, _: &[f64]| 1.0));
    solver.add_boundary_energy(&flux, Some(4)).unwrap();
    for refused in [
        solver.set_dirichlet(Some(2), &value),
        solver.add_boundary_energy(&flux, Some(2)),
    ] {
        let refused = refused.unwrap_err();
        assert!(
            refused.message().contains("side 2 has a value"),
            "{refused}"
        );
    }
    let refused = solver.set_dirichlet(Some(4), &value).unwrap_err();
    assert!(
        refused.message().contains("side 4 has an energy"),
        "{refused}"
    );
    start_from(&mut solver, |x| x[1] + (x[0] * x[1]).sin());
    solver.step_to(25.0).unwrap();
    let error = error(&solver, in_l_shape, |_, x| x[1]);
    let report = solver.report().unwrap();
    println!("error {error:.1e}, wall {:.1e}", report.wall_error);
    assert!(error < 1e-4 && report.boundary_flux < 1e-3, "{error:e}");
}

#[test]
fn what_does_not_fit_is_refused_and_leaves_no_trace() {
    let one = BoundaryValue::Constant(1.0);
    let refusal = |refused: Result<()>, kind: ErrorKind, words: &str| {
        let error = refused.unwrap_err();
        assert!(error.message().contains(words), "{error}");
        assert_eq!(error.kind(), kind, "{error}");
    };
    // Nodes without a boundary.
    let mut solver = Solver::new(&options(2, &[])).unwrap();
    let (mut x, mut w) = (Vec::new(), Vec::new());
    for (a, w_a) in gauss(-1.0, 1.0, 12) {
        for (b, w_b) in gauss(-1.0, 1.0, 12) {
            x.extend([a, b]);
            w.push(w_a * w_b);
        }
    }
    solver.set_nodes(&x, &w, None).unwrap();
    refusal(
        solver.set_dirichlet(None, &one),
        ErrorKind::State,
        "boundary",
    );
    let mut solver = Solver::new(&options(2, &[])).unwrap();
    give_l_shape(&mut solver, 6);
    solver.add_energy(&dirichlet(1.0)).unwrap();
    refusal(
        solver.set_dirichlet(Some(6), &one),
        ErrorKind::Argument,
        "argument `side` is 6",
    );
    let nan = BoundaryValue::Constant(f64::NAN);
    refusal(
        solver.set_dirichlet(Some(0), &nan),
        ErrorKind::NotFinite,
        "",
    );
    solver.set_dirichlet(Some(0), &one).unwrap();
    refusal(
        solver.set_dirichlet(None, &one),
        ErrorKind::Argument,
        "side 0 has a value already",
    );
    // A function that fails in a step.
    let late = |t: f64, _: &[f64], g: &mut [f64]| {
        g.fill(1.0);
        match t > 0.0 {
            true => Err(Error::new(ErrorKind::Argument, "no such time")),
            false => Ok(()),
        }
    };
    let late = BoundaryValue::Function(Arc::new(late));
    solver.set_dirichlet(Some(1), &late).unwrap();
    start_from(&mut solver, |_| 1.0);
    let before = solver.parameters().to_vec();
    refusal(solver.step(), ErrorKind::Argument, "the value on side 1");
    assert!(solver.parameters() == before && solver.steps() == 0);
}
