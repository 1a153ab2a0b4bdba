//! Values on walls where no ansatz has them exactly: meshes of the host, cut boxes and balls in space, against
//! closed forms at points that no step trains on.

use crate::support::common::energy;
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
    solver.add_energy(&Energy::from_source("source", source)).unwrap();
}

fn l_shape(more: &[(&str, Value)]) -> Solver {
    let mut solver = Solver::new(&options(2, more)).unwrap();
    give_l_shape(&mut solver, 14);
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
            [from[0] * (1.0 - s) + to[0] * s, from[1] * (1.0 - s) + to[1] * s]
        })
    });
    worst(solver, &points.collect::<Vec<_>>(), moving)
}

#[test]
fn values_move_on_the_boundary_of_a_mesh() {
    let mut solver = l_shape(&[("tau", 0.02.into()), ("movement", "second".into())]);
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
