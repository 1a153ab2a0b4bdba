//! Energies that depend on time: orders of the schemes, work, halves of a step, restarts.

use crate::reference_solutions::Trap;
use crate::support::common;
use crate::support::problems::{dirichlet, relative, start_from};
use crate::support::wasserstein;
use movimento::energy::{Batch, Derivatives, EnergyDensity, Source, SuppliedDerivatives, Traits};
use movimento::initial::profile::Mixture;
use movimento::{Energy, ErrorKind, Options, Solver, snapshot};
use std::f64::consts::PI;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

const KAPPA: f64 = 0.1;

/// `u = (2 + sin 3t) cos(pi x) cos(pi y) / 2 + cos 2t`, whose normal derivative vanishes on the walls.
fn warm(t: f64, x: &[f64]) -> f64 {
    let mode = (PI * x[0]).cos() * (PI * x[1]).cos();
    0.5 * (2.0 + (3.0 * t).sin()) * mode + (2.0 * t).cos()
}

/// `u_t - kappa Laplacian u` of it.
fn heat_source(t: f64, x: &[f64]) -> f64 {
    let mode = (PI * x[0]).cos() * (PI * x[1]).cos();
    let rate = 1.5 * (3.0 * t).cos() + KAPPA * PI * PI * (2.0 + (3.0 * t).sin());
    rate * mode - 2.0 * (2.0 * t).sin()
}

fn heated(scheme: &str, tau: f64) -> Solver {
    let mut options = Options::new();
    options.set("dimension", 2_i64).unwrap();
    options.set("movement", scheme).unwrap();
    options.set("tau", tau).unwrap();
    let mut solver = Solver::new(&options).unwrap();
    solver.add_energy(&dirichlet(KAPPA)).unwrap();
    solver.add_source(Arc::new(heat_source)).unwrap();
    start_from(&mut solver, |x| warm(0.0, x));
    solver
}

/// The relative error at points that no rule of nodes has.
fn error(solver: &Solver) -> f64 {
    let x: Vec<f64> = wasserstein::grid(2, 0.5, 23)
        .iter()
        .map(|x| x + 0.5)
        .collect();
    let mut u = vec![0.0; x.len() / 2];
    solver.evaluate(&x, &mut u, None).unwrap();
    let exact: Vec<f64> = x.chunks(2).map(|x| warm(solver.time(), x)).collect();
    relative(&u, &exact)
}

#[test]
fn orders_of_heat_with_a_source_on_a_box_with_natural_walls() {
    for (scheme, steps, order) in [("euler", 20, 1.0), ("second", 6, 2.0), ("third", 4, 3.0)] {
        let at = |steps: u32| {
            let mut solver = heated(scheme, 1.0 / f64::from(steps));
            solver.step_to(1.0).unwrap();
            error(&solver)
        };
        let (coarse, fine) = (at(steps), at(2 * steps));
        let observed = (coarse / fine).log2();
        println!("{scheme}: {coarse:.2e} {fine:.2e}, order {observed:.2}");
        assert!(observed > order - 0.25, "{scheme}: {coarse:e} {fine:e}");
    }
}

const TRAP: Trap = Trap {
    a: [1.0, 3.0],
    r: 3.0,
    diffusivity: 1.0,
    variance: 1.0,
};

fn trapped(scheme: &str, transport: &str, tau: f64) -> Solver {
    // Maps stay affine here.
    let hidden = if transport == "map" { [4] } else { [0] };
    let mut options = wasserstein::options(2, scheme, tau, &hidden);
    options.set("transport", transport).unwrap();
    options.set("tolerance", 1e-6).unwrap();
    let start = Mixture::new(2, &[1.0], &TRAP.centre(0.0), &[1.0, 0.0, 0.0, 1.0]).unwrap();
    wasserstein::solver(&options, &TRAP.energies(), Arc::new(start))
}

fn missed(solver: &Solver) -> f64 {
    let (mean, covariance) = solver.moments().unwrap();
    TRAP.missed(solver.time(), &mean, &covariance)
}

#[test]
fn orders_of_a_moving_trap() {
    let cases: [(&str, &str, u32, f64); 5] = [
        ("map", "euler", 10, 1.0),
        ("map", "second", 5, 2.0),
        ("map", "third", 3, 3.0),
        ("dual", "euler", 5, 1.0),
        ("dual", "second", 3, 2.0),
    ];
    for (transport, scheme, steps, order) in cases {
        let at = |steps: u32| {
            let mut solver = trapped(scheme, transport, 0.5 / f64::from(steps));
            solver.step_to(0.5).unwrap();
            missed(&solver)
        };
        let (coarse, fine) = (at(steps), at(2 * steps));
        let observed = (coarse / fine).log2();
        println!("{transport}, {scheme}: {coarse:.2e} {fine:.2e}, order {observed:.2}");
        assert!(
            observed > order - 0.3,
            "{transport}, {scheme}: {coarse:e} {fine:e}"
        );
    }
}

#[test]
fn potentials_at_labels_follow_a_moving_trap() {
    let [by_map, at_labels] = ["map", "collocation"].map(|transport| {
        let mut solver = trapped("second", transport, 0.1);
        solver.step_to(0.5).unwrap();
        let (mean, _) = solver.moments().unwrap();
        let x = wasserstein::grid(2, 1.5, 15);
        let x: Vec<f64> = x
            .iter()
            .zip(mean.iter().cycle())
            .map(|(x, m)| x + m)
            .collect();
        assert!(solver.report().unwrap().work.abs() > 0.1);
        (x, solver)
    });
    // At points of one of them.
    let [a, b] = [&by_map.1, &at_labels.1].map(|solver| wasserstein::density(solver, &by_map.0));
    let off = relative(&b, &a);
    println!("maps and potentials at labels: {off:.1e}");
    assert!(off < 5e-3, "{off:e}");
}

/// `int V(t, x) rho` with V no polynomial: what the library chooses itself, and the same by maps.
#[test]
fn potentials_and_maps_agree_where_a_potential_of_any_shape_changes() {
    let mut answers = Vec::new();
    for transport in ["map", "dual"] {
        let mut options = wasserstein::options(1, "second", 0.05, &[12]);
        options.set("transport", transport).unwrap();
        let start = Mixture::new(1, &[1.0], &[0.2], &[0.25]).unwrap();
        let energies = [
            common::energy("internal", "entropy", &[]),
            Energy::from_density("waves", Arc::new(Waves)),
        ];
        let mut solver = wasserstein::solver(&options, &energies, Arc::new(start));
        solver.step_to(0.4).unwrap();
        answers.push(wasserstein::density(
            &solver,
            &wasserstein::grid(1, 2.0, 41),
        ));
    }
    let off = relative(&answers[1], &answers[0]);
    println!("maps and potentials: {off:.1e}");
    assert!(off < 1e-2, "{off:e}");
}

/// `V = sin(2 x - 3 t)`.
struct Waves;

impl EnergyDensity for Waves {
    fn traits(&self) -> Traits {
        Traits {
            uses_position: true,
            uses_time: true,
            derivatives: SuppliedDerivatives::First,
            ..Traits::default()
        }
    }

    fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> movimento::Result<()> {
        let phase = |x: &f64| 2.0 * x - 3.0 * batch.t;
        let fill = |out: &mut Option<&mut [f64]>, of: &dyn Fn(&f64, &f64) -> f64| {
            let pairs = batch.x.iter().zip(batch.u);
            let outputs = out.iter_mut().flat_map(|out| out.iter_mut());
            outputs.zip(pairs).for_each(|(out, (x, u))| *out = of(x, u));
        };
        fill(&mut wanted.f, &|x, u| phase(x).sin() * u);
        fill(&mut wanted.f_u, &|x, _| phase(x).sin());
        fill(&mut wanted.f_x, &|x, u| 2.0 * phase(x).cos() * u);
        fill(&mut wanted.f_p, &|_, _| 0.0);
        Ok(())
    }
}

/// A source that refuses the first calls beyond a time, and notes the times that it is asked for.
struct Stubborn {
    asked: Mutex<Vec<f64>>,
    refuse_beyond: f64,
    refused: AtomicU64,
}

impl Source for Stubborn {
    /// One call for all nodes, so that refusals count attempts.
    fn caller_thread_only(&self) -> bool {
        true
    }

    fn evaluate(&self, t: f64, x: &[f64], d: usize, s: &mut [f64]) -> movimento::Result<()> {
        self.asked.lock().unwrap().push(t);
        if t > self.refuse_beyond && self.refused.fetch_add(1, Ordering::Relaxed) < 3 {
            return Err(movimento::Error::new(
                ErrorKind::NotConverged,
                "not so far at once",
            ));
        }
        s.iter_mut()
            .zip(x.chunks(d))
            .for_each(|(s, x)| *s = heat_source(t, x));
        Ok(())
    }
}

fn stubborn(tau: f64, refuse_beyond: f64) -> (Solver, Arc<Stubborn>) {
    let mut options = Options::new();
    options.set("dimension", 2_i64).unwrap();
    options.set("movement", "second").unwrap();
    options.set("tau", tau).unwrap();
    let mut solver = Solver::new(&options).unwrap();
    solver.add_energy(&dirichlet(KAPPA)).unwrap();
    let source = Arc::new(Stubborn {
        asked: Mutex::default(),
        refuse_beyond,
        refused: AtomicU64::new(0),
    });
    solver
        .add_source(Arc::clone(&source) as Arc<dyn Source>)
        .unwrap();
    start_from(&mut solver, |x| warm(0.0, x));
    (solver, source)
}

#[test]
fn a_step_that_is_taken_in_halves_takes_the_times_of_the_halves() {
    let (mut whole, source) = stubborn(0.1, 0.06);
    whole.step().unwrap();
    let report = whole.report().unwrap().clone();
    assert_eq!((report.substeps, report.step), (2, 1), "{report:?}");
    let (mut halves, _) = stubborn(0.05, f64::INFINITY);
    halves.step().unwrap();
    let first = halves.report().unwrap().clone();
    halves.step().unwrap();
    let second = halves.report().unwrap();
    // Halves of a step draw the nodes of that step, which are fixed here.
    let points = [0.3, 0.4, 0.7, 0.1];
    let (mut a, mut b) = ([0.0; 2], [0.0; 2]);
    whole.evaluate(&points, &mut a, None).unwrap();
    halves.evaluate(&points, &mut b, None).unwrap();
    assert!(
        (a[0] - b[0]).abs() < 1e-6 && (a[1] - b[1]).abs() < 1e-6,
        "{a:?} {b:?}"
    );
    assert!((report.work - first.work - second.work).abs() < 1e-6 * report.work.abs());
    assert_eq!(report.time, 0.1);
    // Stages of halves are at 1/5, 11/20 and 1 of each.
    let asked = source.asked.lock().unwrap();
    for time in [0.01, 0.0275, 0.05, 0.06, 0.0775, 0.1] {
        assert!(
            asked.iter().any(|t| (t - time).abs() < 1e-15),
            "{time}: {asked:?}"
        );
    }
}

/// The energy may rise by what it gains through time, and no more; without time that is nothing.
#[test]
fn the_energy_rises_by_no_more_than_the_work() {
    for scheme in ["euler", "second", "third"] {
        let mut solver = heated(scheme, 0.05);
        let mut rose = false;
        for _ in 0..8 {
            let before = solver.energy().unwrap();
            solver.step().unwrap();
            let report = solver.report().unwrap();
            assert!((report.energy_before - before).abs() < 1e-12, "{report:?}");
            let movement = match scheme {
                "euler" => report.movement_distance.powi(2) / (2.0 * report.tau),
                _ => 0.0,
            };
            let slack = report.energy_before + report.work - report.energy - movement;
            assert!((report.energy_slack - slack).abs() < 1e-13, "{report:?}");
            assert!(report.energy_slack > -1e-9, "{report:?}");
            rose |= report.energy > report.energy_before;
        }
        assert!(rose, "the test says nothing");
    }
}

#[test]
fn adaptive_steps_follow_a_source() {
    let mut options = heated("second", 0.05).options().clone();
    options.set("step_tolerance", 1e-5).unwrap();
    let mut solver = Solver::new(&options).unwrap();
    solver.add_energy(&dirichlet(KAPPA)).unwrap();
    solver.add_source(Arc::new(heat_source)).unwrap();
    start_from(&mut solver, |x| warm(0.0, x));
    solver.step_to(0.5).unwrap();
    let off = error(&solver);
    println!("adaptive: {off:.1e} in {} steps", solver.steps());
    assert!(off < 3e-4, "{off:e}");
}

#[test]
fn a_run_that_is_restored_goes_on_to_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    let mut solver = heated("second", 0.05);
    for _ in 0..3 {
        solver.step().unwrap();
    }
    snapshot::write(&solver, folder.path()).unwrap();
    solver.step().unwrap();
    let mut other = heated("second", 0.05);
    snapshot::restore(&mut other, folder.path()).unwrap();
    other.step().unwrap();
    assert_eq!(solver.parameters(), other.parameters());
    assert_eq!(
        solver.report().unwrap().energy,
        other.report().unwrap().energy
    );
    assert_eq!(solver.report().unwrap().work, other.report().unwrap().work);
}

#[test]
fn what_cannot_follow_time_says_so() {
    let mut options = wasserstein::options(2, "euler", 0.1, &[8]);
    options.set("domain", "box").unwrap();
    options.set("transport", "w2gn").unwrap();
    options.set("minimizer", "adam").unwrap();
    let mut solver = Solver::new(&options).unwrap();
    let refused = solver.add_energy(&Energy::from_density("trap", Arc::new(TRAP)));
    let message = refused.unwrap_err().to_string();
    assert!(message.contains("`trap` depends on time"), "{message}");
    let refused = trapped("euler", "map", 0.1).add_source(Arc::new(heat_source));
    let message = refused.unwrap_err().to_string();
    assert!(message.contains("a source adds mass"), "{message}");
}

#[test]
fn a_source_that_is_no_number_is_refused_with_its_point() {
    let mut solver = Solver::new(&Options::new()).unwrap();
    solver.add_energy(&dirichlet(KAPPA)).unwrap();
    solver
        .add_source(Arc::new(
            |t: f64, _: &[f64]| if t > 0.0 { f64::NAN } else { 0.0 },
        ))
        .unwrap();
    start_from(&mut solver, |x| x[0]);
    let message = solver.step().unwrap_err().to_string();
    assert!(
        message.contains("the source is NaN at point 0"),
        "{message}"
    );
    assert_eq!((solver.steps(), solver.time()), (0, 0.0));
}
