//! Fields of several components: closed forms and orders, one component as a scalar, sizes that differ, refusals,
//! restarts, ranks, snapshots.

use crate::reference_solutions::{Director, TwoFields};
use crate::support::asymmetric_box::reals;
use crate::support::common::shared_object;
use crate::support::problems::{dirichlet, on_grid, relative};
use crate::support::restart_helpers::goes_on;
use crate::support::thread_communicator::on_ranks;
use movimento::energy::{Batch, Derivatives, EnergyDensity, Source, SuppliedDerivatives, Traits};
use movimento::options::Value;
use movimento::snapshot::{FieldQuery, Writer};
use movimento::{Energy, ErrorKind, HandOver, Initial, NewField, Options, Result, Solver, Wanted};
use std::f64::consts::PI;
use std::sync::Arc;

/// `sum_i k_i |grad u_i|^2/2` and a function of u with its derivatives.
struct Coupled<F> {
    kappa: Vec<f64>,
    reaction: F,
}

impl<F: Fn(&[f64], &mut [f64]) -> f64 + Send + Sync> EnergyDensity for Coupled<F> {
    fn traits(&self) -> Traits {
        Traits {
            uses_gradient: true,
            derivatives: SuppliedDerivatives::First,
            ..Traits::default()
        }
    }

    fn components(&self) -> usize {
        self.kappa.len()
    }

    fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> Result<()> {
        batch.check(wanted)?;
        let (c, d) = (batch.c, batch.d);
        for node in 0..batch.n() {
            let p = &batch.p[node * c * d..(node + 1) * c * d];
            let mut slopes = vec![0.0; c];
            let value = (self.reaction)(&batch.u[node * c..(node + 1) * c], &mut slopes);
            if let Some(f) = &mut wanted.f {
                let squares = p.iter().enumerate();
                let squares = squares.map(|(k, p)| 0.5 * self.kappa[k / d] * p * p);
                f[node] = value + squares.sum::<f64>();
            }
            if let Some(f_u) = &mut wanted.f_u {
                f_u[node * c..(node + 1) * c].copy_from_slice(&slopes);
            }
            if let Some(f_p) = &mut wanted.f_p {
                let f_p = f_p[node * c * d..(node + 1) * c * d].iter_mut().zip(p);
                f_p.enumerate()
                    .for_each(|(k, (f, p))| *f = self.kappa[k / d] * p);
            }
        }
        if let Some(f_x) = &mut wanted.f_x {
            f_x.fill(0.0);
        }
        Ok(())
    }
}

const FIELDS: TwoFields = TwoFields {
    kappa: [0.1, 0.02],
    coupling: 5.0,
    start: [1.0, 0.2],
};

fn two_fields() -> Energy {
    let density = Coupled {
        kappa: FIELDS.kappa.to_vec(),
        reaction: |u: &[f64], slopes: &mut [f64]| {
            let apart = FIELDS.coupling * (u[0] - u[1]);
            slopes.copy_from_slice(&[apart, -apart]);
            0.5 * apart * (u[0] - u[1])
        },
    };
    Energy::from_density("coupled", Arc::new(density))
}

fn options(d: i64, all: &[(&str, Value)]) -> Options {
    let mut options = Options::new();
    let own = [
        ("dimension", d.into()),
        ("components", 2_i64.into()),
        ("snapshot_resolution", 9_i64.into()),
    ];
    for (key, value) in own.iter().chain(all) {
        options.set(key, value.clone()).unwrap();
    }
    options
}

fn start(solver: &mut Solver, u_0: impl Fn(&[f64], &mut [f64])) {
    let (c, d) = (solver.components(), solver.domain().dimension());
    let mut field = |x: &[f64], u: &mut [f64], _: Option<&mut [f64]>| {
        let points = x.chunks_exact(d).zip(u.chunks_exact_mut(c));
        points.for_each(|(x, u)| u_0(x, u));
        Ok(())
    };
    let initial = Initial::Function {
        field: &mut field,
        has_gradient: false,
    };
    solver.set_initial(initial).unwrap();
}

fn begun(options: &Options) -> Solver {
    let mut solver = Solver::new(options).unwrap();
    solver.add_energy(&two_fields()).unwrap();
    start(&mut solver, |x, u| {
        u.copy_from_slice(&FIELDS.start.map(|a| a * TwoFields::wave(x)));
    });
    solver
}

fn exact(x: &[f64], d: usize, t: f64) -> Vec<f64> {
    let heights = FIELDS.heights(d, |rate| (-rate * t).exp());
    let waves = x.chunks_exact(d).map(TwoFields::wave);
    waves.flat_map(|w| heights.map(|a| a * w)).collect()
}

fn error_of(d: i64, movement: &str, tau: f64, end: f64) -> f64 {
    let settings = [("movement", movement.into()), ("tau", tau.into())];
    let mut solver = begun(&options(d, &settings));
    solver.step_to(end).unwrap();
    let (x, u) = on_grid(&solver, if d == 1 { 101 } else { 23 });
    relative(&u, &exact(&x, d as usize, end))
}

#[test]
fn two_fields_converge_with_the_order_of_the_scheme() {
    for (movement, tau, range) in [
        ("euler", 0.02, 1.8..2.2),
        ("second", 0.05, 3.5..4.8),
        ("third", 0.1, 6.0..11.0),
    ] {
        let (coarse, fine) = (
            error_of(1, movement, tau, 0.4),
            error_of(1, movement, 0.5 * tau, 0.4),
        );
        println!("{movement}: {coarse:e} {fine:e}");
        let ratio = coarse / fine;
        assert!(range.contains(&ratio), "{movement}: {coarse:e} {fine:e}");
    }
}

#[test]
fn two_fields_on_a_square_are_their_closed_form() {
    let error = error_of(2, "third", 0.02, 0.2);
    println!("{error:e}");
    assert!(error < 1e-5, "{error:e}");
}

/// phi turns by its heat equation, |n| stays 1 but for `delta^2 |grad phi|^2`.
#[test]
fn a_director_turns_as_its_angle_diffuses() {
    const DELTA: f64 = 1e-3;
    let director = Director { height: 1.0 };
    for (movement, most) in [("second", 1e-4), ("third", 1e-5)] {
        let settings = [
            ("movement", movement.into()),
            ("tau", 0.01.into()),
            ("hidden", vec![120_i64].into()),
            ("training", "outputs".into()),
        ];
        let mut solver = Solver::new(&options(1, &settings)).unwrap();
        let density = Coupled {
            kappa: vec![1.0; 2],
            reaction: |n: &[f64], slopes: &mut [f64]| {
                let off = n[0] * n[0] + n[1] * n[1] - 1.0;
                let pull = off / (DELTA * DELTA);
                slopes.copy_from_slice(&[pull * n[0], pull * n[1]]);
                0.25 * off * pull
            },
        };
        let energy = Energy::from_density("director", Arc::new(density));
        solver.add_energy(&energy).unwrap();
        start(&mut solver, |x, n| n.copy_from_slice(&director.at(x, 1.0)));
        solver.step_to(0.1).unwrap();
        let (x, n) = on_grid(&solver, 101);
        let factor = (-0.1 * Director::rate(1)).exp();
        let expected: Vec<f64> = x.iter().flat_map(|x| director.at(&[*x], factor)).collect();
        let error = relative(&n, &expected);
        let length = n.chunks(2).map(|n| (n[0].hypot(n[1]) - 1.0).abs());
        let length = length.fold(0.0, f64::max);
        println!("{movement}: {error:e}, |n| - 1 {length:e}");
        assert!(error < most, "{movement}: {error:e}");
        assert!(length < 1e-5, "{movement}: {length:e}");
        assert!(solver.report().unwrap().energy_slack > 0.0);
    }
}

/// `n = r(t) (cos k x, sin k x)` with periodic sides: `s = r^2` is logistic, `s' = 2 s (1/delta^2 - k^2 - s/delta^2)`.
#[test]
fn a_helix_with_periodic_sides_loses_length_as_its_closed_form() {
    const SQUARE: f64 = 1.0 / 70.0;
    let (k, before) = (2.0 * PI, 1.0);
    let settings = [
        ("movement", "third".into()),
        ("tau", 0.002.into()),
        ("embedding", "periodic".into()),
    ];
    let mut solver = Solver::new(&options(1, &settings)).unwrap();
    let density = Coupled {
        kappa: vec![1.0; 2],
        reaction: |n: &[f64], slopes: &mut [f64]| {
            let off = n[0] * n[0] + n[1] * n[1] - 1.0;
            slopes.copy_from_slice(&[off * n[0] / SQUARE, off * n[1] / SQUARE]);
            0.25 * off * off / SQUARE
        },
    };
    let energy = Energy::from_density("helix", Arc::new(density));
    solver.add_energy(&energy).unwrap();
    start(&mut solver, |x, n| {
        n.copy_from_slice(&[(k * x[0]).cos(), (k * x[0]).sin()]);
    });
    solver.step_to(0.04).unwrap();
    let (rate, rest) = (1.0 / SQUARE - k * k, 1.0 - SQUARE * k * k);
    let square = rest / (1.0 + (rest / before - 1.0) * (-2.0 * rate * 0.04).exp());
    let (x, n) = on_grid(&solver, 101);
    let expected = x.iter().flat_map(|x| [(k * x).cos(), (k * x).sin()]);
    let expected: Vec<f64> = expected.map(|n| square.sqrt() * n).collect();
    let error = relative(&n, &expected);
    println!("{error:e}");
    assert!(error < 1e-5, "{error:e}");
}

/// Two components that know nothing of each other, one a thousandth of the other and around another mean: each
/// is its own heat equation.
#[test]
fn components_of_other_sizes_are_as_good() {
    let small = 1e-4;
    let settings = [("movement", "third".into()), ("tau", 0.02.into())];
    let mut solver = Solver::new(&options(1, &settings)).unwrap();
    let density = Coupled {
        kappa: vec![0.1, 0.05],
        reaction: |_: &[f64], slopes: &mut [f64]| {
            slopes.fill(0.0);
            0.0
        },
    };
    let energy = Energy::from_density("heat", Arc::new(density));
    solver.add_energy(&energy).unwrap();
    let at = |x: f64, t: f64| {
        let wave = |k: f64, kappa: f64| (k * PI * x).cos() * (-kappa * (k * PI).powi(2) * t).exp();
        [3.0 + wave(1.0, 0.1), 20.0 * small + small * wave(2.0, 0.05)]
    };
    start(&mut solver, |x, u| u.copy_from_slice(&at(x[0], 0.0)));
    assert!(solver.fit_report().unwrap().relative_error < 1e-6);
    solver.step_to(0.2).unwrap();
    let (x, u) = on_grid(&solver, 101);
    for (i, mean, size) in [(0, 3.0, 1.0), (1, 20.0 * small, small)] {
        let off =
            |values: Vec<f64>| -> Vec<f64> { values.iter().map(|v| (v - mean) / size).collect() };
        let own = off(u.iter().skip(i).step_by(2).copied().collect());
        let truth = off(x.iter().map(|x| at(*x, 0.2)[i]).collect());
        let error = relative(&own, &truth);
        println!("component {i}: {error:e}");
        assert!(error < 1e-5, "component {i}: {error:e}");
    }
}

/// u_t = -grad F at points: second derivatives in strong form and the rate against the closed form, values between
/// steps, periodic sides.
#[test]
fn all_that_can_be_asked_of_a_field_has_components() {
    let settings = [("movement", "second".into()), ("tau", 0.01.into())];
    let mut solver = begun(&options(2, &settings));
    solver.step().unwrap();
    let x = [0.31, 0.22, 0.7, 0.93];
    let (mut u, mut grad) = ([0.0; 4], [0.0; 8]);
    let (mut hessian, mut laplacian, mut rate) = ([0.0; 16], [0.0; 4], [0.0; 4]);
    solver
        .evaluate_all(
            &x,
            Wanted {
                u: Some(&mut u),
                grad: Some(&mut grad),
                hessian: Some(&mut hessian),
                laplacian: Some(&mut laplacian),
                rate: Some(&mut rate),
            },
        )
        .unwrap();
    let t = solver.time();
    assert!(relative(&u, &exact(&x, 2, t)) < 1e-4);
    let waves = [[0, 1], [2, 3]].map(|[i, j]| [PI * x[i], PI * x[j]]);
    let heights = FIELDS.heights(2, |rate| (-rate * t).exp());
    let mut slopes = Vec::new();
    for [a, b] in waves {
        for height in heights {
            slopes.push(-PI * height * a.sin() * b.cos());
            slopes.push(-PI * height * a.cos() * b.sin());
        }
    }
    assert!(relative(&grad, &slopes) < 1e-3);
    for (entry, laplacian) in laplacian.iter().enumerate() {
        let own = hessian[entry * 4] + hessian[entry * 4 + 3];
        assert!((laplacian - own).abs() < 1e-12 * laplacian.abs());
        let expected = -2.0 * PI * PI * u[entry];
        assert!((laplacian - expected).abs() < 1e-2 * expected.abs());
    }
    let h = 1e-5;
    let (before, after) = (exact(&x, 2, t - h), exact(&x, 2, t + h));
    let pairs = before.iter().zip(&after);
    let expected: Vec<f64> = pairs.map(|(a, b)| (b - a) / (2.0 * h)).collect();
    let error = relative(&rate, &expected);
    assert!(error < 1e-2, "{error:e}");
    let mut between = [0.0; 4];
    solver
        .evaluate_between(t - 0.004, &x, &mut between)
        .unwrap();
    let error = relative(&between, &exact(&x, 2, t - 0.004));
    assert!(error < 1e-4, "{error:e}");
    // The residual on independent nodes is that of the whole field.
    let residual = solver.report().unwrap().residual;
    assert!(residual.is_finite() && residual < 1e-1, "{residual:e}");
}

#[test]
fn a_field_of_two_components_is_handed_over() {
    let mut solver = begun(&options(1, &[("tau", 0.01.into())]));
    solver.step().unwrap();
    let mut swap = |_: &[f64], u: &[f64], out: &mut [f64]| -> Result<()> {
        for (u, out) in u.chunks_exact(2).zip(out.chunks_exact_mut(2)) {
            out.copy_from_slice(&[u[1], u[0]]);
        }
        Ok(())
    };
    let (_, before) = on_grid(&solver, 31);
    solver
        .hand_over(HandOver {
            is_increment: false,
            field: NewField::Function(&mut swap),
        })
        .unwrap();
    let (_, after) = on_grid(&solver, 31);
    let swapped: Vec<f64> = before.chunks(2).flat_map(|u| [u[1], u[0]]).collect();
    assert!(relative(&after, &swapped) < 1e-6);
    let x: Vec<f64> = (0..2000).map(|i| (f64::from(i) + 0.5) / 2000.0).collect();
    let values: Vec<f64> = x.iter().flat_map(|x| [x.sin(), 1.0 - x * x]).collect();
    solver
        .hand_over(HandOver {
            is_increment: false,
            field: NewField::Values {
                x: &x,
                values: &values,
            },
        })
        .unwrap();
    let mut u = [0.0; 2];
    solver.evaluate(&[0.4], &mut u, None).unwrap();
    assert!(
        (u[0] - 0.4_f64.sin()).abs() < 1e-5 && (u[1] - 0.84).abs() < 1e-5,
        "{u:?}"
    );
    solver.step().unwrap();
}

#[test]
fn a_run_goes_on_with_the_same_bits() {
    let settings = [("movement", "second".into()), ("tau", 0.02.into())];
    let options = options(1, &settings);
    let fresh = || {
        let mut solver = Solver::new(&options).unwrap();
        solver.add_energy(&two_fields()).unwrap();
        solver
    };
    goes_on(begun(&options), &fresh, 3, &[0, 1, 2]);
}

#[test]
fn ranks_come_to_the_same() {
    let run = |them| {
        let settings = [("tau", 0.02.into()), ("threads", 1_i64.into())];
        let mut solver = Solver::new(&options(1, &settings)).unwrap();
        solver.set_communicator(them).unwrap();
        solver.add_energy(&two_fields()).unwrap();
        start(&mut solver, |x, u| {
            u.copy_from_slice(&FIELDS.start.map(|a| a * TwoFields::wave(x)));
        });
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
fn snapshots_show_components_by_name_and_together() {
    let folder = tempfile::tempdir().unwrap();
    let solver = begun(&options(1, &[("tau", 0.02.into())]));
    let mut writer = Writer::new(&solver, folder.path(), None).unwrap();
    for name in ["u", "u0", "u1", "grad_u", "energy_density"] {
        writer
            .add(FieldQuery::named(name, &solver).unwrap())
            .unwrap();
    }
    writer.write(&solver).unwrap();
    writer.close().unwrap();
    let path = folder.path().join("snap_000000.h5");
    let (x, u) = (reals(&path, "x"), reals(&path, "u"));
    assert_eq!(u.len(), 2 * x.len());
    assert!(relative(&u, &exact(&x, 1, 0.0)) < 1e-6);
    for (i, name) in [(0, "u0"), (1, "u1")] {
        let own: Vec<f64> = u.iter().skip(i).step_by(2).copied().collect();
        assert_eq!(reals(&path, name), own, "{name}");
    }
    assert_eq!(reals(&path, "grad_u").len(), 2 * x.len());
    assert_eq!(reals(&path, "energy_density").len(), x.len());
    let refused = FieldQuery::named("u2", &solver).unwrap_err();
    assert!(refused.message().contains("u0, u1"), "{refused}");
}

/// A penalty on the boundary draws both components to 0 there; refusals are said when the problem is posed.
#[test]
fn energies_on_the_boundary_and_refusals() {
    let mut solver = Solver::new(&options(1, &[])).unwrap();
    let refused = solver.add_energy(&dirichlet(1.0)).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Plugin);
    for part in ["`dirichlet in Rust` is of a scalar u", "`components` is 2"] {
        assert!(refused.message().contains(part), "{refused}");
    }
    let source: Arc<dyn Source> = Arc::new(|_: f64, _: &[f64]| 1.0);
    let refused = solver.add_source(source).unwrap_err();
    assert!(refused.message().contains("(a source)"), "{refused}");
    let wall = movimento::domain::BoundaryValue::Constant(0.0);
    let refused = solver.set_dirichlet(None, &wall).unwrap_err();
    assert!(refused.message().contains("`components` is 2"), "{refused}");
    let mut scalar = Solver::new(&Options::new()).unwrap();
    let refused = scalar.add_energy(&two_fields()).unwrap_err();
    assert!(
        refused.message().contains("`coupled` is of 2 components"),
        "{refused}"
    );
    let refused = solver.set_initial(Initial::Named("sine")).unwrap_err();
    assert!(refused.message().contains("is a scalar"), "{refused}");
    let refused = solver.set_initial(Initial::Values {
        x: &vec![0.5; 3000],
        u: &vec![1.0; 3000],
        grad: None,
    });
    let refused = refused.unwrap_err();
    assert!(refused.message().contains("`u` has 3000"), "{refused}");
    for (key, value) in [
        ("flow", "wasserstein".into()),
        ("form", "galerkin".into()),
        ("precision", "single".into()),
        ("initial_smoothing", Value::Real(0.1)),
    ] {
        let mut options = options(1, &[(key, value)]);
        if key == "form" {
            options.set("embedding", "neumann").unwrap();
        }
        if key == "precision" {
            options.set("minimizer", "adam").unwrap();
        }
        let refused = Solver::new(&options).err().unwrap();
        assert_eq!(refused.kind(), ErrorKind::Option, "{refused}");
        let message = refused.message();
        assert!(message.contains("`components` above 1"), "{refused}");
    }
    // On the boundary.
    let penalty = Penalty;
    let penalty = Energy::from_density("penalty", Arc::new(penalty));
    solver.add_boundary_energy(&penalty, None).unwrap();
    solver.add_energy(&two_fields()).unwrap();
    start(&mut solver, |x, u| {
        u.copy_from_slice(&[(PI * x[0]).sin(), 0.5 * (PI * x[0]).sin()]);
    });
    (0..5).for_each(|_| solver.step().unwrap());
    let mut u = [0.0; 2];
    solver.evaluate(&[0.0], &mut u, None).unwrap();
    assert!(u.iter().all(|u| u.abs() < 1e-2), "{u:?}");
    assert!(solver.report().unwrap().boundary_flux.is_finite());
}

/// `500 |u|^2`.
struct Penalty;

impl EnergyDensity for Penalty {
    fn traits(&self) -> Traits {
        Traits {
            convex: true,
            derivatives: SuppliedDerivatives::First,
            ..Traits::default()
        }
    }

    fn components(&self) -> usize {
        2
    }

    fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> Result<()> {
        wanted.each(|array| array.fill(0.0));
        if let Some(f) = &mut wanted.f {
            let squares = batch
                .u
                .chunks(2)
                .map(|u| u.iter().map(|u| u * u).sum::<f64>());
            f.iter_mut().zip(squares).for_each(|(f, s)| *f = 500.0 * s);
        }
        if let Some(f_u) = &mut wanted.f_u {
            f_u.iter_mut()
                .zip(batch.u)
                .for_each(|(f, u)| *f = 1000.0 * u);
        }
        Ok(())
    }
}

/// Differences of several components against derivatives by hand.
#[test]
fn differences_know_all_components() {
    let density = Coupled {
        kappa: vec![0.5, 2.0, 1.5],
        reaction: |u: &[f64], slopes: &mut [f64]| {
            slopes.copy_from_slice(&[u[1] * u[2], u[0] * u[2] + u[1].cos(), u[0] * u[1]]);
            u[0] * u[1] * u[2] + u[1].sin()
        },
    };
    let energy = Energy::from_density("triple", Arc::new(density));
    let term = energy.instantiate(2).unwrap();
    assert_eq!(term.components(), 3);
    let (x, u) = ([0.1, 0.2], [0.3, -0.7, 1.1]);
    let p = [0.4, -0.2, 0.6, 0.1, -0.5, 0.9];
    let batch = Batch {
        c: 3,
        d: 2,
        t: 0.0,
        x: &x,
        u: &u,
        p: &p,
        h: &[],
    };
    let (mut f_uu, mut f_up, mut f_pp) = ([0.0; 9], [1.0; 18], [1.0; 36]);
    let mut wanted = Derivatives {
        f_uu: Some(&mut f_uu),
        f_up: Some(&mut f_up),
        f_pp: Some(&mut f_pp),
        ..Derivatives::default()
    };
    let density = term.local.unwrap();
    density.evaluate(&batch, &mut wanted).unwrap();
    let expected = [0.0, u[2], u[1], u[2], -u[1].sin(), u[0], u[1], u[0], 0.0];
    for (a, b) in f_uu.iter().zip(expected) {
        assert!((a - b).abs() < 1e-8, "{f_uu:?}");
    }
    assert!(f_up.iter().all(|f| f.abs() < 1e-8), "{f_up:?}");
    for (at, f) in f_pp.iter().enumerate() {
        let (k, l) = (at / 6, at % 6);
        let expected = if k == l { [0.5, 2.0, 1.5][k / 2] } else { 0.0 };
        assert!((f - expected).abs() < 1e-8, "{f_pp:?}");
    }
    let mut wanted = Derivatives {
        f_uu: Some(&mut f_uu[..3]),
        ..Derivatives::default()
    };
    let refused = density.evaluate(&batch, &mut wanted);
    assert!(refused.is_err());
}

/// The template in C, as a plugin is found and used.
#[test]
fn a_plugin_of_two_components_is_the_density_in_rust() {
    let folder = tempfile::tempdir().unwrap();
    let object = shared_object(
        "examples/plugin-c/system.c",
        folder.path(),
        "two_fields.so",
        &[],
    );
    let plugin = || {
        let mut energy = Energy::from_file(&object, None).unwrap();
        let TwoFields {
            kappa: [u, v],
            coupling,
            ..
        } = FIELDS;
        for (name, value) in [("kappa_u", u), ("kappa_v", v), ("g", coupling)] {
            energy.set(name, &[value]).unwrap();
        }
        energy
    };
    let end = |energy: &Energy| {
        let settings = [("movement", "second".into()), ("tau", 0.05.into())];
        let mut solver = Solver::new(&options(1, &settings)).unwrap();
        solver.add_energy(energy).unwrap();
        start(&mut solver, |x, u| {
            u.copy_from_slice(&FIELDS.start.map(|a| a * TwoFields::wave(x)));
        });
        solver.step_to(0.2).unwrap();
        on_grid(&solver, 31).1
    };
    let error = relative(&end(&plugin()), &end(&two_fields()));
    assert!(error < 1e-10, "{error:e}");
    let mut scalar = Solver::new(&Options::new()).unwrap();
    let refused = scalar.add_energy(&plugin()).unwrap_err();
    assert!(refused.message().contains("of 2 components"), "{refused}");
}
