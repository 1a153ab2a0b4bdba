//! Flows in H^-1 of fields that are waves of a box: a mobility of u, restart, ranks.

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
    for (few, moves) in [(false, false), (false, true), (true, false), (true, true)] {
        let name = format!("planes {few}, a mobility {moves}");
        let few = few.then(|| ("hidden", Value::from(vec![24_i64])));
        let settings = [("tau", 2e-3.into()), ("movement", "second".into())];
        let options = with(options(1, few.as_slice()), &settings);
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
