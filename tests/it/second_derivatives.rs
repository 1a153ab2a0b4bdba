//! Energies of second derivatives of u: closed forms and orders, natural and given conditions on the boundary,
//! derivatives, refusals, restarts, ranks, snapshots.

use crate::support::asymmetric_box::reals;
use crate::support::problems::{dirichlet, on_grid, relative, start_from};
use crate::support::restart_helpers::goes_on;
use crate::support::thread_communicator::on_ranks;
use movimento::domain::{BoundaryValue, Bounds};
use movimento::energy::{Batch, Derivatives, EnergyDensity, SuppliedDerivatives, Traits};
use movimento::options::Value;
use movimento::snapshot::{FieldQuery, Writer};
use movimento::{Energy, ErrorKind, Options, Result, Solver, Wanted};
use std::f64::consts::{PI, TAU};
use std::sync::Arc;

/// A density of u, p and h at a point: its value, and what it writes as `f_u`, `f_p` and `f_h`.
type AtPoint = fn([&[f64]; 3], &mut f64, &mut [f64], &mut [f64]) -> f64;

struct OfHessian(AtPoint);

impl EnergyDensity for OfHessian {
    fn traits(&self) -> Traits {
        Traits {
            uses_gradient: true,
            uses_hessian: true,
            derivatives: SuppliedDerivatives::ValueAndSlopes,
            ..Traits::default()
        }
    }

    fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> Result<()> {
        batch.check(wanted)?;
        let d = batch.d;
        for node in 0..batch.n() {
            let (slopes, seconds) = (node * d..(node + 1) * d, node * d * d..(node + 1) * d * d);
            let jet = [
                &batch.u[node..=node],
                &batch.p[slopes.clone()],
                &batch.h[seconds.clone()],
            ];
            let (mut f_u, mut f_p, mut f_h) = (0.0, vec![0.0; d], vec![0.0; d * d]);
            let f = (self.0)(jet, &mut f_u, &mut f_p, &mut f_h);
            wanted.f.iter_mut().for_each(|out| out[node] = f);
            wanted.f_u.iter_mut().for_each(|out| out[node] = f_u);
            if let Some(out) = &mut wanted.f_p {
                out[slopes].copy_from_slice(&f_p);
            }
            if let Some(out) = &mut wanted.f_h {
                out[seconds].copy_from_slice(&f_h);
            }
        }
        Ok(())
    }
}

/// `(Lap u)^2 / 2`.
fn plate() -> Energy {
    let density = OfHessian(|[_, p, h], _, _, f_h| {
        let d = p.len();
        let trace: f64 = h.iter().step_by(d + 1).sum();
        f_h.iter_mut().step_by(d + 1).for_each(|f| *f = trace);
        0.5 * trace * trace
    });
    Energy::from_density("plate", Arc::new(density))
}

fn options(d: i64, length: f64, all: &[(&str, Value)]) -> Options {
    let mut options = Options::new();
    let side = vec![length; d as usize];
    let own = [
        ("dimension", d.into()),
        ("lower", vec![0.0; d as usize].into()),
        ("upper", side.into()),
        ("movement", "second".into()),
        ("snapshot_resolution", 9_i64.into()),
    ];
    for (key, value) in own.iter().chain(all) {
        options.set(key, value.clone()).unwrap();
    }
    options
}

fn begun(options: &Options, u_0: impl Fn(&[f64]) -> f64) -> Solver {
    let mut solver = Solver::new(options).unwrap();
    solver.add_energy(&plate()).unwrap();
    start_from(&mut solver, u_0);
    solver
}

/// What a scheme makes of `u' = -rate u` in a step of length tau.
fn amplification(movement: &str, rate: f64, tau: f64) -> f64 {
    let stages = movimento::movement::named(movement).unwrap().stages;
    let mut all = vec![1.0];
    for row in stages {
        let strength: f64 = row.iter().sum();
        let pairs = row.iter().zip(&all);
        let sum: f64 = pairs.map(|(g, u)| g * u).sum();
        all.push(sum / (strength + tau * rate));
    }
    all[all.len() - 1]
}

/// Modes of the biharmonic operator decay as the scheme makes them, whose order is known.
#[test]
fn modes_of_a_periodic_plate_decay_as_the_scheme_has_them() {
    for (d, k, tau, most) in [(1, [1.0, 0.0], 0.05, 1e-8), (2, [1.0, 2.0], 0.004, 1e-4)] {
        for movement in ["euler", "second", "third"] {
            let settings = [
                ("movement", movement.into()),
                ("embedding", "periodic".into()),
                ("tau", tau.into()),
            ];
            let wave = |x: &[f64]| x.iter().zip(k).map(|(x, k)| (k * x - 0.3).cos()).product();
            let mut solver = begun(&options(d, TAU, &settings), |x| {
                let wave: f64 = wave(x);
                0.4 + wave
            });
            let square: f64 = k[..d as usize].iter().map(|k| k * k).sum();
            let rate = square * square;
            let mut height = 1.0;
            for _ in 0..3 {
                solver.step().unwrap();
                height *= amplification(movement, rate, tau);
                assert!(solver.report().unwrap().residual.is_nan());
            }
            let (x, u) = on_grid(&solver, if d == 1 { 101 } else { 21 });
            let exact = x.chunks_exact(d as usize).map(|x| {
                let wave: f64 = wave(x);
                0.4 + height * wave
            });
            let error = relative(&u, &exact.collect::<Vec<_>>());
            assert!(error < most, "{d} {movement}: {error:e}");
            let energy = 0.5 * rate * height * height * PI.powi(d as i32);
            let off = (solver.energy().unwrap() - energy).abs() / energy;
            assert!(off < most, "{d} {movement}: {off:e}");
        }
    }
}

#[test]
fn errors_fall_with_the_order_of_the_scheme() {
    for (movement, tau, range) in [
        ("euler", 0.05, 1.8..2.2),
        ("second", 0.1, 3.5..4.8),
        ("third", 0.2, 6.0..11.0),
    ] {
        let [coarse, fine] = [tau, 0.5 * tau].map(|tau| {
            let settings = [
                ("movement", movement.into()),
                ("embedding", "periodic".into()),
                ("tau", tau.into()),
            ];
            let mut solver = begun(&options(1, TAU, &settings), |x| x[0].cos());
            solver.step_to(0.8).unwrap();
            let (x, u) = on_grid(&solver, 101);
            let exact: Vec<f64> = x.iter().map(|x| (-0.8_f64).exp() * x.cos()).collect();
            relative(&u, &exact)
        });
        assert!(
            range.contains(&(coarse / fine)),
            "{movement}: {coarse:e} {fine:e}"
        );
    }
}

/// Ends that are free by the natural conditions, u'' = u''' = 0: the first mode of a beam and its rigid motions.
#[test]
fn a_free_beam_moves_as_its_first_mode() {
    const B: f64 = 4.730_040_744_862_704;
    let s = (B.cosh() - B.cos()) / (B.sinh() - B.sin());
    let mode = |x: f64| {
        let y = B * x;
        0.5 * (y.cosh() + y.cos() - s * (y.sinh() + y.sin()))
    };
    let tau = 2e-4;
    let settings = [("tau", tau.into())];
    let mut solver = begun(&options(1, 1.0, &settings), |x| {
        mode(x[0]) + 0.3 - 0.2 * x[0]
    });
    let mut height = 1.0;
    for _ in 0..10 {
        solver.step().unwrap();
        height *= amplification("second", B.powi(4), tau);
    }
    let (x, u) = on_grid(&solver, 101);
    let exact: Vec<f64> = x
        .iter()
        .map(|x| height * mode(*x) + 0.3 - 0.2 * x)
        .collect();
    let error = relative(&u, &exact);
    assert!(error < 1e-7, "{error:e}");
}

/// Given values with the natural condition u'' = 0: a simple support, of a beam and of a plate.
#[test]
fn supported_beams_and_plates_move_as_their_modes() {
    for (d, tau) in [(1, 1e-3), (2, 2e-4)] {
        let wave = |x: &[f64]| x.iter().map(|x| (PI * x).sin()).product::<f64>();
        let mut solver = Solver::new(&options(d, 1.0, &[("tau", tau.into())])).unwrap();
        solver.add_energy(&plate()).unwrap();
        solver
            .set_dirichlet(None, &BoundaryValue::Constant(0.5))
            .unwrap();
        start_from(&mut solver, |x| 0.5 + wave(x));
        let rate = (d as f64 * PI * PI).powi(2);
        let mut height = 1.0;
        for _ in 0..5 {
            solver.step().unwrap();
            height *= amplification("second", rate, tau);
        }
        let (x, u) = on_grid(&solver, if d == 1 { 101 } else { 21 });
        let exact = x.chunks_exact(d as usize).map(|x| 0.5 + height * wave(x));
        let error = relative(&u, &exact.collect::<Vec<_>>());
        assert!(error < 1e-5, "{d}: {error:e}");
    }
}

/// Every second derivative by differences, of a density whose `f_h` is not symmetric.
#[test]
fn second_derivatives_of_densities_are_differences_of_the_first() {
    let density = OfHessian(|[u, p, h], f_u, f_p, f_h| {
        let (u, mixed) = (u[0], h[1]);
        let trace = h[0] + h[3];
        let cubic = trace * trace * trace;
        *f_u = mixed * mixed + cubic * p[0];
        f_p.copy_from_slice(&[u * cubic, 2.0 * p[1] * mixed]);
        let slope = 3.0 * u * p[0] * trace * trace;
        f_h.copy_from_slice(&[slope, 2.0 * u * mixed + p[1] * p[1], 0.0, slope]);
        u * mixed * mixed + u * p[0] * cubic + p[1] * p[1] * mixed
    });
    let energy = Energy::from_density("mixed", Arc::new(density));
    let term = energy.instantiate(2).unwrap();
    let density = term.local.as_ref().unwrap();
    let (u, p, h) = (
        [0.7, -1.2],
        [0.4, -0.6, 1.5, 0.3],
        [1.1, 0.5, 0.5, -0.4, 2.0, -0.3, -0.3, 0.8],
    );
    let batch = Batch {
        c: 1,
        d: 2,
        t: 0.0,
        x: &[0.0; 4],
        u: &u,
        p: &p,
        h: &h,
    };
    let mut buffers = [2, 2, 4, 4, 2, 4, 8, 8, 8, 16, 32].map(|len| vec![9.0; len]);
    density
        .evaluate(&batch, &mut Derivatives::from_buffers(&mut buffers))
        .unwrap();
    let [.., f_uh, f_ph, f_hh] = &buffers;
    for node in 0..2 {
        let (u, p, h) = (u[node], &p[2 * node..], &h[4 * node..]);
        let (trace, mixed) = (h[0] + h[3], h[1]);
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-7 * (1.0 + b.abs()), "{a} for {b}");
        // What is made of a pair of mixed derivatives is halved.
        let squares = 3.0 * trace * trace;
        for (entry, exact) in [squares * p[0], mixed, mixed, squares * p[0]]
            .iter()
            .enumerate()
        {
            close(f_uh[4 * node + entry], *exact);
        }
        for (entry, exact) in [u * squares, 0.0, 0.0, u * squares, 0.0, p[1], p[1], 0.0]
            .iter()
            .enumerate()
        {
            close(f_ph[8 * node + entry], *exact);
        }
        let second = 6.0 * u * p[0] * trace;
        let own = &f_hh[16 * node..16 * (node + 1)];
        for (entry, exact) in [(0, second), (3, second), (12, second), (15, second)] {
            close(own[entry], exact);
        }
        // Of symmetric changes alone.
        let pair: f64 = [5, 6, 9, 10].iter().map(|entry| own[*entry]).sum();
        close(pair, 2.0 * u);
    }
}

#[test]
fn what_second_derivatives_do_not_go_together_with_is_refused() {
    for (settings, kind, part) in [
        (("training", "all"), ErrorKind::State, "`training` is all"),
        (("flow", "h-1"), ErrorKind::State, "`flow` is h-1"),
        (
            ("flow", "wasserstein"),
            ErrorKind::Plugin,
            "movimento.hessian/1",
        ),
    ] {
        let (key, value) = settings;
        let mut options = options(1, 1.0, &[]);
        options.set(key, value).unwrap();
        let mut solver = Solver::new(&options).unwrap();
        let refused = solver.add_energy(&plate()).unwrap_err();
        assert_eq!(refused.kind(), kind, "{refused}");
        assert!(refused.message().contains(part), "{refused}");
        assert!(refused.message().contains("accepted"), "{refused}");
    }
    let strong = [
        ("form", "galerkin".into()),
        ("training", "outputs".into()),
        ("embedding", "neumann".into()),
    ];
    let mut solver = Solver::new(&options(1, 1.0, &strong)).unwrap();
    let refused = solver.add_energy(&plate()).unwrap_err();
    assert!(refused.message().contains("`form` = weak"), "{refused}");
    let mut solver = Solver::new(&options(1, 1.0, &[("components", 2_i64.into())])).unwrap();
    let refused = solver.add_energy(&plate()).unwrap_err();
    assert!(refused.message().contains("`components` is 2"), "{refused}");

    let mut solver = Solver::new(&options(1, 1.0, &[])).unwrap();
    let refused = solver.add_boundary_energy(&plate(), None).unwrap_err();
    assert!(
        refused.message().contains("movimento.hessian/1"),
        "{refused}"
    );
    let refused = solver.hold_integral(&plate(), 0.0).unwrap_err();
    assert!(
        refused.message().contains("movimento.hessian/1"),
        "{refused}"
    );
    solver.add_energy(&plate()).unwrap();
    let bounds = Bounds::Constant {
        lower: 0.0,
        upper: f64::INFINITY,
    };
    let refused = solver.set_bounds(bounds.clone()).unwrap_err();
    assert!(
        refused.message().contains("second derivatives"),
        "{refused}"
    );
    start_from(&mut solver, |x| (PI * x[0]).cos());
    let mut rate = [0.0];
    let wanted = Wanted {
        rate: Some(&mut rate),
        ..Wanted::default()
    };
    let refused = solver.evaluate_all(&[0.5], wanted).unwrap_err();
    assert!(
        refused.message().contains("fourth derivatives"),
        "{refused}"
    );
    let mut solver = Solver::new(&options(1, 1.0, &[])).unwrap();
    solver.set_bounds(bounds).unwrap();
    let refused = solver.add_energy(&plate()).unwrap_err();
    assert!(refused.message().contains("by bounds"), "{refused}");
}

fn periodic() -> Solver {
    let own = [("embedding", "periodic".into()), ("tau", 0.05.into())];
    let mut solver = Solver::new(&options(1, TAU, &own)).unwrap();
    solver.add_energy(&plate()).unwrap();
    solver.add_energy(&dirichlet(0.5)).unwrap();
    solver
}

#[test]
fn runs_go_on_from_snapshots_to_the_last_bit() {
    let fresh = periodic;
    let mut solver = fresh();
    start_from(&mut solver, |x| x[0].cos());
    goes_on(solver, &fresh, 4, &[0, 2]);
}

#[test]
fn ranks_do_as_one_does() {
    let run = |them| {
        let own = [
            ("embedding", "periodic".into()),
            ("tau", 0.05.into()),
            ("threads", 1_i64.into()),
        ];
        let mut solver = Solver::new(&options(1, TAU, &own)).unwrap();
        solver.set_communicator(them).unwrap();
        solver.add_energy(&plate()).unwrap();
        start_from(&mut solver, |x| x[0].cos());
        solver.step().unwrap();
        solver.step().unwrap();
        (on_grid(&solver, 31).1, solver.energy().unwrap())
    };
    let alone = on_ranks(1, |_, them| run(them)).swap_remove(0);
    for (u, energy) in on_ranks(2, |_, them| run(them)) {
        let error = relative(&u, &alone.0);
        assert!(error < 1e-9, "{error:e}");
        assert!((energy - alone.1).abs() < 1e-9 * alone.1);
    }
}

#[test]
fn snapshots_have_energy_densities_of_second_derivatives() {
    let folder = tempfile::tempdir().unwrap();
    let mut solver = periodic();
    start_from(&mut solver, |x| x[0].cos());
    solver.step().unwrap();
    let mut writer = Writer::new(&solver, folder.path(), None).unwrap();
    writer
        .add(FieldQuery::named("energy_density", &solver).unwrap())
        .unwrap();
    writer.write(&solver).unwrap();
    writer.close().unwrap();
    let path = folder.path().join("snap_000000.h5");
    let height = amplification("second", 1.5, 0.05);
    let (x, f) = (reals(&path, "x"), reals(&path, "energy_density"));
    for (x, f) in x.iter().zip(&f) {
        let exact = 0.5 * x.cos().powi(2) + 0.25 * x.sin().powi(2);
        let exact = height * height * exact;
        assert!((f - exact).abs() < 1e-5, "{f} for {exact}");
    }
}
