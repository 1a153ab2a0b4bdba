//! Flows on domains that are no box, against finite volumes on grids that fit them: the natural
//! boundary condition emerges, mass is conserved, and the flux is measured where the boundary is.

use crate::support::finite_volumes::{KAPPA, STEPS, TAU_STEP, Volumes, u_0};
use crate::support::problems::{allen_cahn, dirichlet, relative, small};
use crate::support::readers;
use movimento::options::SnapshotSettings;
use movimento::quadrature::{Boundary, Stream, generator};
use movimento::snapshot::{Selection, Writer, pack};
use movimento::{Initial, Options, Result, Solver};
use std::f64::consts::TAU;
use std::sync::Arc;

fn initial(x: &[f64], u: &mut [f64], grad: Option<&mut [f64]>) -> Result<()> {
    u.iter_mut()
        .zip(x.chunks(2))
        .for_each(|(u, x)| *u = u_0(x).0);
    if let Some(grad) = grad {
        let pairs = grad.chunks_mut(2).zip(x.chunks(2));
        pairs.for_each(|(g, x)| g.copy_from_slice(&u_0(x).1));
    }
    Ok(())
}

fn in_l(x: &[f64]) -> bool {
    x[0] < 0.0 || x[1] < 0.0
}

fn in_annulus(x: &[f64]) -> bool {
    (0.16..=1.0).contains(&(x[0] * x[0] + x[1] * x[1]))
}

fn cut(solver: &mut Solver, inside: fn(&[f64]) -> bool) {
    let all = move |x: &[f64], out: &mut [bool]| {
        out.iter_mut()
            .zip(x.chunks(2))
            .for_each(|(out, x)| *out = inside(x));
        Ok(())
    };
    solver.set_inside(Arc::new(all)).unwrap();
}

fn settings(hidden: &[i64]) -> Options {
    let mut options = small(2, -1.0, 1.0, hidden);
    options.set("tau", TAU_STEP).unwrap();
    // Layers at the boundary, where u_0 does not satisfy the condition, take nodes and iterations.
    options.set("nodes", 3000_i64).unwrap();
    options.set("tolerance", 3e-3).unwrap();
    options.set("max_iterations", 200_i64).unwrap();
    options.set("threads", 1_i64).unwrap();
    options
}

/// What the solver reached: the distance to the reference, the last flux, the change of mass.
struct Run {
    error: f64,
    flux: f64,
    mass: f64,
}

fn run(mut solver: Solver, eps: f64, grid: &Volumes, reference: &[f64]) -> Run {
    let energy = if eps.is_infinite() {
        dirichlet(KAPPA)
    } else {
        allen_cahn(KAPPA, eps)
    };
    solver.add_energy(&energy).unwrap();
    let field = Initial::Function {
        field: &mut initial,
        has_gradient: true,
    };
    solver.set_initial(field).unwrap();
    let mut masses = Vec::new();
    for _ in 0..STEPS {
        solver.step().unwrap();
        let report = solver.report().unwrap();
        assert!(report.energy_slack > 0.0, "{report:?}");
        masses.push(report.mass);
    }
    let run = Run {
        error: grid.distance(&solver, reference),
        flux: solver.report().unwrap().boundary_flux,
        mass: (masses[masses.len() - 1] / masses[0] - 1.0).abs(),
    };
    println!(
        "{:?}: error {:.1e}, flux {:.1e}, mass {:.1e}",
        solver.network().widths(),
        run.error,
        run.flux,
        run.mass
    );
    run
}

fn on_cut(hidden: &[i64], inside: fn(&[f64]) -> bool) -> Solver {
    let mut solver = Solver::new(&settings(hidden)).unwrap();
    cut(&mut solver, inside);
    solver
}

/// The reference on a grid, and how far it is from that on the grid twice as fine.
fn reference(make: fn(usize) -> Volumes, m: usize, eps: f64) -> (Volumes, Vec<f64>, f64) {
    let (grid, fine) = (make(m), make(2 * m));
    let (u, v) = (grid.flow(KAPPA, eps), fine.flow(KAPPA, eps));
    let distance = grid.refined_by(&u, &fine, &v);
    println!("reference with m = {m}: {distance:.1e} from m = {}", 2 * m);
    (fine, v, distance)
}

/// Networks of two sizes on a cut box: the larger is close to the reference, and has the smaller flux.
fn compare(make: fn(usize) -> Volumes, m: usize, inside: fn(&[f64]) -> bool, eps: f64) {
    let (grid, u, distance) = reference(make, m, eps);
    assert!(distance < 5e-4, "{distance:e}");
    let small = run(on_cut(&[6, 6], inside), eps, &grid, &u);
    let large = run(on_cut(&[12, 12], inside), eps, &grid, &u);
    assert!(small.error < 1.2e-2 && large.error < 2e-3);
    assert!(large.error < 0.5 * small.error);
    assert!(large.flux < 0.6 * small.flux);
    // The flux of u_0, which the first step has to remove.
    let boundary = Boundary::of(on_cut(&[6], inside).domain(), 500, &mut rng()).unwrap();
    let before = rms_flux(&boundary);
    println!("flux of u_0 {before:.1e}");
    assert!(large.flux < 0.15 * before, "{:e} {before:e}", large.flux);
    if eps.is_infinite() {
        assert!(large.mass < 1e-3);
    }
}

fn rng() -> impl rand::RngExt {
    generator(1, Stream::Check, 0, 0)
}

fn rms_flux(boundary: &Boundary) -> f64 {
    let nodes = boundary.x.chunks(2).zip(boundary.normal.chunks(2));
    let squares = nodes.map(|(x, n)| {
        let g = u_0(x).1;
        (KAPPA * (g[0] * n[0] + g[1] * n[1])).powi(2)
    });
    let sum: f64 = squares.zip(&boundary.w).map(|(s, w)| s * w).sum();
    (sum / boundary.w.iter().sum::<f64>()).sqrt()
}

#[test]
fn heat_on_an_l_shape() {
    compare(Volumes::l_shape, 32, in_l, f64::INFINITY);
}

#[test]
fn allen_cahn_on_an_l_shape() {
    compare(Volumes::l_shape, 32, in_l, 0.3);
}

#[test]
fn heat_on_an_annulus() {
    compare(Volumes::annulus, 24, in_annulus, f64::INFINITY);
}

#[test]
fn allen_cahn_on_an_annulus() {
    compare(Volumes::annulus, 24, in_annulus, 0.3);
}

/// Two Gauss points on each of n parts of an interval.
fn composite(from: f64, to: f64, n: usize) -> Vec<(f64, f64)> {
    let h = (to - from) / n as f64;
    let point = |i: usize, side: f64| {
        let offset = 0.5 + side / 12.0_f64.sqrt();
        (from + h * (i as f64 + offset), 0.5 * h)
    };
    (0..n)
        .flat_map(|i| [point(i, -1.0), point(i, 1.0)])
        .collect()
}

/// The nodes of a mesh of the annulus, `m` cells along the radius.
fn ring_mesh(m: usize) -> (Vec<f64>, Vec<f64>) {
    let (mut x, mut w) = (Vec::new(), Vec::new());
    for (r, v) in composite(0.4, 1.0, m) {
        for (angle, u) in composite(0.0, TAU, 6 * m) {
            x.extend([r * angle.cos(), r * angle.sin()]);
            w.push(r * v * u);
        }
    }
    (x, w)
}

#[test]
fn nodes_of_a_mesh_and_its_boundary_serve_as_the_cut_does() {
    let (grid, u, _) = reference(Volumes::annulus, 24, f64::INFINITY);
    let (mut x, mut normal, mut w) = (Vec::new(), Vec::new(), Vec::new());
    for (r, sign) in [(0.4, -1.0), (1.0, 1.0)] {
        for i in 0..100 {
            let (sin, cos) = (TAU * f64::from(i) / 100.0).sin_cos();
            x.extend([r * cos, r * sin]);
            normal.extend([sign * cos, sign * sin]);
            w.push(r * TAU / 100.0);
        }
    }
    let (nodes, check) = (ring_mesh(8), ring_mesh(11));
    let mut solver = Solver::new(&settings(&[12, 12])).unwrap();
    solver.set_boundary(&x, &normal, &w).unwrap();
    solver
        .set_nodes(&nodes.0, &nodes.1, Some((&check.0, &check.1)))
        .unwrap();
    let area = std::f64::consts::PI * (1.0 - 0.16);
    assert!((solver.domain().volume() / area - 1.0).abs() < 1e-12);
    let given = run(solver, f64::INFINITY, &grid, &u);
    assert!(given.error < 2e-3 && given.mass < 1e-3 && given.flux < 5e-3);
}

#[test]
fn nodes_without_a_second_set_are_split_and_their_flux_is_unknown() {
    let (grid, u, _) = reference(Volumes::l_shape, 32, f64::INFINITY);
    // Right triangles, two to a square, with the rule of their three edge middles.
    let (mut x, mut w) = (Vec::new(), Vec::new());
    let m = 24;
    let h = 1.0 / f64::from(m);
    for (i, j) in (0..2 * m).flat_map(|i| (0..2 * m).map(move |j| (i, j))) {
        if i >= m && j >= m {
            continue;
        }
        let corner = [i, j].map(|k| -1.0 + f64::from(k) * h);
        for middles in [
            [(0.5, 0.0), (0.0, 0.5), (0.5, 0.5)],
            [(0.5, 1.0), (1.0, 0.5), (0.5, 0.5)],
        ] {
            for (s, t) in middles {
                x.extend([corner[0] + s * h, corner[1] + t * h]);
                w.push(h * h / 6.0);
            }
        }
    }
    let mut solver = Solver::new(&settings(&[12, 12])).unwrap();
    solver.set_nodes(&x, &w, None).unwrap();
    let given = run(solver, f64::INFINITY, &grid, &u);
    assert!(given.error < 3e-3 && given.mass < 3e-3);
    assert!(given.flux.is_nan());
}

/// J_0 by its series.
fn bessel(x: f64) -> f64 {
    let term = |(term, sum): (f64, f64), k: f64| {
        let next = -term * 0.25 * x * x / (k * k);
        (next, sum + next)
    };
    (1..40).map(f64::from).fold((1.0, 1.0), term).1
}

#[test]
fn the_first_radial_mode_of_a_disc_decays_as_euler_steps_do() {
    // The first zero of J_0': u = J_0(zero r), and the Laplacian multiplies by -zero^2.
    let zero = 3.831_705_970_207_512;
    let mut field = |x: &[f64], u: &mut [f64], _: Option<&mut [f64]>| {
        for (u, x) in u.iter_mut().zip(x.chunks(2)) {
            *u = bessel(zero * x[0].hypot(x[1]));
        }
        Ok(())
    };
    for rule in ["gauss", "sobol"] {
        let mut options = settings(&[16, 16]);
        options.set("domain", "ball").unwrap();
        options.set("quadrature", rule).unwrap();
        let mut solver = Solver::new(&options).unwrap();
        solver.add_energy(&dirichlet(KAPPA)).unwrap();
        let initial = Initial::Function {
            field: &mut field,
            has_gradient: false,
        };
        solver.set_initial(initial).unwrap();
        for _ in 0..STEPS {
            solver.step().unwrap();
        }
        let decay = (1.0 + TAU_STEP * KAPPA * zero * zero).powi(-(STEPS as i32));
        let x: Vec<f64> = (0..600)
            .flat_map(|i| {
                let (r, angle) = ((f64::from(i) + 0.5) / 600.0, 2.4 * f64::from(i));
                [r.sqrt() * angle.cos(), r.sqrt() * angle.sin()]
            })
            .collect();
        let (mut u, mut exact) = (vec![0.0; 600], vec![0.0; 600]);
        solver.evaluate(&x, &mut u, None).unwrap();
        field(&x, &mut exact, None).unwrap();
        exact.iter_mut().for_each(|e| *e *= decay);
        let (error, flux) = (relative(&u, &exact), solver.report().unwrap().boundary_flux);
        println!("{rule}: error {error:.1e}, flux {flux:.1e}");
        // Random nodes in weak form carry their noise.
        let (most, leak) = if rule == "gauss" {
            (2e-3, 1e-3)
        } else {
            (3e-2, 3e-2)
        };
        assert!(error < most && flux < leak);
    }
}

#[test]
fn a_domain_that_is_no_box_wants_no_embedding_of_the_box() {
    let mut options = settings(&[6]);
    let text = |solver: &Solver| solver.options().text("embedding").unwrap();
    let mut solver = Solver::new(&options).unwrap();
    assert_eq!(text(&solver), "neumann");
    cut(&mut solver, in_l);
    assert_eq!(
        (text(&solver).as_str(), solver.network().widths()[0]),
        ("none", 2)
    );
    for embedding in ["neumann", "periodic"] {
        options.set("embedding", embedding).unwrap();
        let mut solver = Solver::new(&options).unwrap();
        let all = |_: &[f64], out: &mut [bool]| {
            out.fill(true);
            Ok(())
        };
        let error = solver.set_inside(Arc::new(all)).unwrap_err();
        assert!(error.message().contains("accepted on a ball"), "{error}");
        assert!(solver.domain().is_box());
        assert!(solver.set_nodes(&[0.0, 0.0], &[1.0], None).is_err());
        options.set("domain", "ball").unwrap();
        assert!(Solver::new(&options).is_err());
        options.set("domain", "box").unwrap();
    }
}

#[test]
fn snapshots_show_nothing_outside() {
    let mut options = settings(&[6]);
    options.set("fit_accept", 1.0).unwrap();
    options.set("snapshot_resolution", 15_i64).unwrap();
    let mut solver = Solver::new(&options).unwrap();
    cut(&mut solver, in_annulus);
    solver.add_energy(&dirichlet(KAPPA)).unwrap();
    let field = Initial::Function {
        field: &mut initial,
        has_gradient: true,
    };
    solver.set_initial(field).unwrap();
    let settings = SnapshotSettings::parse(solver.options()).unwrap();
    let snapshot = Selection::new(&settings).snapshot(&solver).unwrap();
    let values = &snapshot.fields[0].values;
    for (i, u) in values.iter().enumerate() {
        let x = [i % 15, i / 15].map(|k| -1.0 + k as f64 / 7.0);
        assert_eq!(u.is_nan(), !in_annulus(&x), "{x:?}");
        assert_eq!(snapshot.outside[i], u8::from(u.is_nan()));
    }
    // Viewers hide it: by all that they may open, and in a series that is gone on with.
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let mut writer = Writer::new(&solver, folder.path(), None).unwrap();
        for _ in 0..2 {
            solver.step().unwrap();
            writer.write(&solver).unwrap();
        }
        writer.close().unwrap();
    }
    pack(folder.path(), &folder.path().join("packed.h5")).unwrap();
    let outside = values.iter().filter(|u| u.is_nan()).count().to_string();
    for python in [readers::python(), readers::python_of_vtk93()] {
        let arguments = [folder.path().to_str().unwrap(), "4", &outside];
        readers::check(python, "series/check_hidden.py", &arguments);
    }
}
