//! Flows in H^-1 of fields that are waves of a box: layers that form on the way, mobilities that nearly vanish, ranks.

use crate::support::problems::{allen_cahn, on_grid, relative, start_from};
use crate::support::rank_runs::{made, with};
use crate::support::restart_helpers::goes_on;
use crate::support::thread_communicator::on_ranks;
use movimento::energy::{Batch, Derivatives, EnergyDensity, Mobility, Traits};
use movimento::options::Value;
use movimento::{Energy, Options, Result, Solver};
use std::f64::consts::PI;
use std::sync::Arc;

fn options(d: i64, more: &[(&str, Value)]) -> Options {
    let mut options = Options::new();
    options.set("flow", "h-1").unwrap();
    options.set("dimension", d).unwrap();
    for (key, value) in more {
        options.set(key, value.clone()).unwrap();
    }
    options
}

/// `f = |u|^p / p`.
struct Power(f64);

impl EnergyDensity for Power {
    fn traits(&self) -> Traits {
        Traits::default()
    }

    fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> Result<()> {
        batch.check(wanted)?;
        let p = self.0;
        let each = |out: &mut Option<&mut [f64]>, f: &dyn Fn(f64) -> f64| {
            if let Some(out) = out {
                out.iter_mut()
                    .zip(batch.u)
                    .for_each(|(out, u)| *out = f(*u));
            }
        };
        each(&mut wanted.f, &|u| u.abs().powf(p) / p);
        each(&mut wanted.f_u, &|u| u.abs().powf(p - 1.0) * u.signum());
        each(&mut wanted.f_uu, &|u| (p - 1.0) * u.abs().powf(p - 2.0));
        let others = [
            &mut wanted.f_x,
            &mut wanted.f_p,
            &mut wanted.f_up,
            &mut wanted.f_pp,
        ];
        others.into_iter().flatten().for_each(|zero| zero.fill(0.0));
        Ok(())
    }
}

/// The source solution of `u_t = (u^2)_xx` on a line, from t = 1.
fn barenblatt(t: f64, x: f64) -> f64 {
    let scale = t.powf(-1.0 / 3.0);
    scale * (1.0 - x * x * scale * scale / 12.0).max(0.0)
}

/// The error of the porous medium equation at t = 2, and the change of mass.
fn porous(movement: &str, steps: u32, energy: Energy, mobility: Option<Mobility>) -> [f64; 2] {
    let more = [
        ("movement", movement.into()),
        ("tau", (1.0 / f64::from(steps)).into()),
        ("lower", vec![-6.0].into()),
        ("upper", vec![6.0].into()),
    ];
    let mut solver = Solver::new(&options(1, &more)).unwrap();
    solver.add_energy(&energy).unwrap();
    if let Some(mobility) = mobility {
        solver.set_mobility(mobility).unwrap();
    }
    start_from(&mut solver, |x| barenblatt(1.0, x[0]));
    let mut mass = Vec::new();
    for _ in 0..steps {
        solver.step().unwrap();
        mass.push(solver.report().unwrap().mass);
    }
    let (x, u) = on_grid(&solver, 501);
    let exact: Vec<f64> = x.iter().map(|x| barenblatt(2.0, *x)).collect();
    let least = u.iter().fold(f64::INFINITY, |a, b| a.min(*b));
    println!(
        "least u {least:.1e}, seconds of a step {:.3}",
        solver.report().unwrap().seconds
    );
    [
        relative(&u, &exact),
        (mass[mass.len() - 1] / mass[0] - 1.0).abs(),
    ]
}

/// `u_t = (u^2)_xx` down `int |u|^3 / 3`, and down `int u^2 / 2` with the mobility 2 u, which all but vanishes where
/// there is no mass.
#[test]
fn porous_media_spread_as_flows_with_and_without_a_mobility() {
    let cube = || Energy::from_density("cube", Arc::new(Power(3.0)));
    let square = || Energy::from_density("square", Arc::new(Power(2.0)));
    for (movement, steps) in [("euler", 20), ("second", 20), ("second", 40)] {
        let [error, mass] = porous(movement, steps, cube(), None);
        println!("plain, {movement} {steps}: {error:.2e}, mass off by {mass:.1e}");
    }
    for (floor, movement, steps) in [
        (1e-3, "euler", 50),
        (1e-3, "second", 50),
        (1e-3, "second", 200),
        (1e-4, "second", 200),
    ] {
        let mobility = Mobility::of_value(move |u| 2.0 * u.max(floor));
        let [error, mass] = porous(movement, steps, square(), Some(mobility));
        println!("{movement} {steps}, at least {floor:.0e}: {error:.2e}, mass off by {mass:.1e}");
    }
}

/// `f = u ln u` with the mobility u: the equation of heat.
struct Entropy;

impl EnergyDensity for Entropy {
    fn traits(&self) -> Traits {
        Traits::default()
    }

    fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> Result<()> {
        batch.check(wanted)?;
        let each = |out: &mut Option<&mut [f64]>, f: &dyn Fn(f64) -> f64| {
            if let Some(out) = out {
                out.iter_mut()
                    .zip(batch.u)
                    .for_each(|(out, u)| *out = f(*u));
            }
        };
        each(&mut wanted.f, &|u| u * u.ln());
        each(&mut wanted.f_u, &|u| u.ln() + 1.0);
        each(&mut wanted.f_uu, &|u| 1.0 / u);
        let others = [
            &mut wanted.f_x,
            &mut wanted.f_p,
            &mut wanted.f_up,
            &mut wanted.f_pp,
        ];
        others.into_iter().flatten().for_each(|zero| zero.fill(0.0));
        Ok(())
    }
}

#[test]
fn entropy_and_the_mobility_u_make_heat() {
    let run = |d: i64, steps: u32| {
        let tau = 0.1 / f64::from(steps);
        let more = [("movement", "second".into()), ("tau", tau.into())];
        let mut solver = Solver::new(&options(d, &more)).unwrap();
        solver
            .add_energy(&Energy::from_density("entropy", Arc::new(Entropy)))
            .unwrap();
        solver.set_mobility(Mobility::of_value(|u| u)).unwrap();
        let wave = |x: &[f64]| x.iter().map(|x| (PI * x).cos()).product::<f64>();
        start_from(&mut solver, |x| 1.0 + 0.5 * wave(x));
        for _ in 0..steps {
            solver.step().unwrap();
        }
        let decay = (-PI * PI * d as f64 * solver.time()).exp();
        let (x, u) = on_grid(&solver, 21);
        let exact = x.chunks_exact(d as usize).map(|x| 0.5 * decay * wave(x));
        let u: Vec<f64> = u.iter().map(|u| u - 1.0).collect();
        relative(&u, &exact.collect::<Vec<_>>())
    };
    let [coarse, fine] = [10, 20].map(|steps| run(1, steps));
    println!("{coarse:.2e} {fine:.2e}");
    assert!(
        fine < 1e-3 && (coarse / fine).log2() > 1.6,
        "{coarse:e} {fine:e}"
    );
    let plane = run(2, 10);
    println!("in the plane {plane:.2e}");
    assert!(plane < 5e-3, "{plane:e}");
}

/// Phases that separate on a line from a smooth beginning: more waves are taken on the way, and the energy of a layer at
/// rest is `2 sqrt(2) / 3` of its length, from both sides.
#[test]
fn layers_that_form_on_the_way_take_more_waves_and_keep_the_mass() {
    let length: f64 = 0.004;
    let more = [("tau", 2e-3.into()), ("movement", "second".into())];
    let fresh = || {
        let mut solver = Solver::new(&options(1, &more)).unwrap();
        let energy = allen_cahn(length * length, 1.0);
        solver.add_energy(&energy).unwrap();
        solver
    };
    let mut solver = fresh();
    start_from(&mut solver, |x| 0.5 * (PI * x[0]).cos() + 0.1);
    let begun = solver.parameters().len();
    for _ in 0..40 {
        solver.step().unwrap();
    }
    let report = solver.report().unwrap();
    let known = 2.0 * 2.0_f64.sqrt() / 3.0 * length;
    let error = report.energy / known - 1.0;
    println!(
        "{begun} parameters, then {}; energy off by {error:.1e}, mass by {:.1e}",
        solver.parameters().len(),
        report.mass - 0.1
    );
    assert!(solver.parameters().len() > begun);
    assert!((report.mass - 0.1).abs() < 1e-12);
}

#[test]
fn a_run_of_waves_goes_on_from_a_snapshot_with_the_same_bits() {
    let more = [
        ("tau", 2e-3.into()),
        ("movement", "second".into()),
        ("periodic_axes", vec![1_i64].into()),
    ];
    let fresh = || {
        let mut solver = Solver::new(&options(2, &more)).unwrap();
        solver.add_energy(&allen_cahn(0.002, 1.0)).unwrap();
        solver
    };
    let mut solver = fresh();
    start_from(&mut solver, |x| {
        0.3 * (PI * x[0]).cos() * (2.0 * PI * x[1]).sin() - 0.1
    });
    goes_on(solver, &fresh, 3, &[0, 1, 2]);
}

/// On several ranks waves, planes, and mobilities are those of one.
#[test]
fn ranks_share_the_nodes() {
    let cases: [(&str, i64, &[(&str, Value)], bool); 4] = [
        ("waves", 1, &[], false),
        ("waves with a mobility", 1, &[], true),
        ("planes", 1, &[("hidden", vec![24_i64].into())], false),
        (
            "planes with a mobility",
            1,
            &[("hidden", vec![24_i64].into())],
            true,
        ),
    ];
    for (name, d, more, moves) in cases {
        let settings = [("tau", 2e-3.into()), ("movement", "second".into())];
        let options = with(options(d, more), &settings);
        let run = |them| {
            let mut solver = made(&options, them);
            solver.add_energy(&allen_cahn(0.01, 1.0)).unwrap();
            if moves {
                solver
                    .set_mobility(Mobility::of_value(|u| 1.0 + u * u))
                    .unwrap();
            }
            start_from(&mut solver, |x| 0.3 * (PI * x[0]).cos() - 0.1);
            for _ in 0..3 {
                solver.step().unwrap();
            }
            let report = solver.report().unwrap();
            let figures = [report.energy, report.movement_distance, report.mass];
            (on_grid(&solver, 9).1, figures)
        };
        let (alone, of_one) = on_ranks(1, |_, them| run(Some(them))).swap_remove(0);
        for size in [2, 3] {
            for (u, figures) in on_ranks(size, |_, them| run(Some(them))) {
                let error = relative(&u, &alone);
                println!("{name}, {size} ranks: {error:.1e}");
                assert!(error < 1e-9, "{name}, {size} ranks: {error:e}");
                for (a, b) in figures.iter().zip(&of_one) {
                    assert!((a - b).abs() < 1e-8 * b.abs(), "{name}: {a} for {b}");
                }
            }
        }
    }
}
