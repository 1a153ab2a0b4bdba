//! A run that stopped and goes on from a snapshot comes to the same bits as one that did not stop.

mod common;
mod problems;

use movimento::initial::profile::{Mixture, Particles, Profile};
use movimento::options::Value;
use movimento::quadrature::Quadrature;
use movimento::snapshot::{restore, write};
use movimento::{Checkpoint, Energy, ErrorKind, Initial, Options, Solver};
use problems::{allen_cahn, dirichlet, small};
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;
use std::f64::consts::FRAC_PI_4;
use std::path::Path;
use std::sync::Arc;

/// All that a host can see of a solver, as bits, without the seconds that it took.
#[derive(Debug, PartialEq)]
struct Bits {
    parameters: Vec<u64>,
    steps: u64,
    time: u64,
    tau: u64,
    energies: Vec<u64>,
    report: Option<String>,
    fit: String,
}

fn bits(solver: &Solver) -> Bits {
    let all = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect();
    let mut fit = solver.fit_report().unwrap().clone();
    fit.seconds = 0.0;
    let report = solver.report().cloned().map(|mut report| {
        report.seconds = 0.0;
        format!("{report:?}")
    });
    Bits {
        parameters: all(solver.parameters()),
        steps: solver.steps(),
        time: solver.time().to_bits(),
        tau: solver.tau().to_bits(),
        energies: all(&solver.energies().unwrap()),
        report,
        fit: format!("{fit:?}"),
    }
}

fn checkpoint(solver: &Solver) -> Checkpoint {
    solver.checkpoint(solver.energies().unwrap()).unwrap()
}

/// Steps a solver with a snapshot after each step, and goes on from some of them in solvers of their own,
/// which `fresh` makes as far as a host does it again. Returns the checkpoints.
fn goes_on(
    mut solver: Solver,
    fresh: &dyn Fn() -> Solver,
    steps: usize,
    stops: &[usize],
) -> Vec<Checkpoint> {
    let folder = tempfile::tempdir().unwrap();
    let mut reached = Vec::new();
    let mut checkpoints = Vec::new();
    for step in 0..=steps {
        if step > 0 {
            solver.step().unwrap();
        }
        assert_eq!(write(&solver, folder.path()).unwrap(), step as u64);
        reached.push(bits(&solver));
        checkpoints.push(checkpoint(&solver));
    }
    for stop in stops {
        let mut other = fresh();
        let path = folder.path().join(format!("snap_{stop:06}.h5"));
        assert_eq!(restore(&mut other, &path).unwrap(), Some(*stop as u64));
        assert!(bits(&other) == reached[*stop], "as restored at {stop}");
        for (step, there) in reached.iter().enumerate().skip(stop + 1) {
            other.step().unwrap();
            assert!(bits(&other) == *there, "{step} from {stop}");
        }
    }
    checkpoints
}

/// Whether the minimiser still uses a matrix of an earlier step than the last.
fn is_old(checkpoint: &Checkpoint) -> bool {
    checkpoint
        .linearized
        .is_some_and(|stage| stage.step < checkpoint.step)
}

fn set(options: &mut Options, all: &[(&str, Value)]) {
    for (key, value) in all {
        options.set(key, value.clone()).unwrap();
    }
}

fn heat(all: &[(&str, Value)]) -> Solver {
    let mut options = small(2, -FRAC_PI_4, FRAC_PI_4, &[16, 16]);
    options.set("tau", 0.002).unwrap();
    options.set("fit_tolerance", 1e-4).unwrap();
    options.set("snapshot_resolution", 9_i64).unwrap();
    options.set("max_iterations", 200_i64).unwrap();
    set(&mut options, all);
    let mut solver = Solver::new(&options).unwrap();
    solver.add_energy(&dirichlet(0.1)).unwrap();
    solver
}

fn started(mut solver: Solver) -> Solver {
    solver.set_initial(Initial::Named("heat-2d")).unwrap();
    solver
}

#[test]
fn heat_with_the_factor_of_an_earlier_step() {
    for movement in ["euler", "second"] {
        let more = [("movement", movement.into()), ("tolerance", 5e-3.into())];
        let fresh = || heat(&more);
        let checkpoints = goes_on(started(fresh()), &fresh, 6, &[0, 1, 3, 5]);
        let old: Vec<usize> = (0..7).filter(|step| is_old(&checkpoints[*step])).collect();
        println!("{movement}: matrices of earlier steps after steps {old:?}");
        // By second order each step makes one of its own, in an early stage.
        assert!(movement == "second" || !old.is_empty());
        // The factor is part of the state: without it the bits are others.
        let stop = old.first().copied().unwrap_or(3);
        let mut without = checkpoints[stop].clone();
        without.linearized = None;
        without.memory.as_mut().unwrap().matrix = None;
        let mut other = fresh();
        other.restore(&without).unwrap();
        other.step().unwrap();
        assert!(stop < 6 && other.parameters() != checkpoints[stop + 1].parameters);
    }
}

#[test]
fn the_other_linear_solvers() {
    for method in ["krylov", "sample"] {
        let more = [
            ("linear_solver", method.into()),
            ("hidden", vec![8_i64, 8].into()),
            ("nodes", 400_i64.into()),
            ("fit_tolerance", 1e-2.into()),
            ("fit_accept", 0.5.into()),
            ("fit_max_iterations", 20_i64.into()),
            ("tolerance", 5e-2.into()),
        ];
        let fresh = || heat(&more);
        let checkpoints = goes_on(started(fresh()), &fresh, 3, &[1, 2]);
        let keeps = checkpoints[3].linearized.is_some();
        assert_eq!(keeps, method == "krylov");
    }
}

#[test]
fn third_order_and_galerkin() {
    let more = [("movement", "third".into()), ("form", "galerkin".into())];
    let fresh = || heat(&more);
    goes_on(started(fresh()), &fresh, 3, &[1, 2]);
}

#[test]
fn sobol_nodes_in_strong_form() {
    let fresh = || {
        let mut options = small(4, 0.0, 1.0, &[10, 10]);
        let all = [
            ("tau", 0.01.into()),
            ("fit_accept", 0.2.into()),
            ("fit_max_iterations", 25_i64.into()),
            ("check_nodes", 2000_i64.into()),
            ("snapshot_resolution", 9_i64.into()),
        ];
        set(&mut options, &all);
        let mut solver = Solver::new(&options).unwrap();
        solver.add_energy(&allen_cahn(0.1, 0.8)).unwrap();
        solver
    };
    let mut solver = fresh();
    let mut field = |x: &[f64], u: &mut [f64], _: Option<&mut [f64]>| {
        let waves = x.chunks(4).map(|x| x.iter().map(|x| (3.0 * x).cos()).sum());
        u.iter_mut().zip(waves).for_each(|(u, wave)| *u = wave);
        Ok(())
    };
    let initial = Initial::Function {
        field: &mut field,
        has_gradient: false,
    };
    solver.set_initial(initial).unwrap();
    let checkpoints = goes_on(solver, &fresh, 4, &[1, 3]);
    assert!(checkpoints.iter().any(|c| c.linearized.is_some()));
}

#[test]
fn adaptive_steps() {
    let fresh = || {
        let mut options = small(1, -2.0, 2.0, &[10, 10]);
        let all = [
            ("movement", "second".into()),
            ("tau", 0.05.into()),
            ("step_tolerance", 1e-4.into()),
            ("tolerance", 1e-3.into()),
            ("snapshot_resolution", 9_i64.into()),
        ];
        set(&mut options, &all);
        let mut solver = Solver::new(&options).unwrap();
        solver.add_energy(&allen_cahn(1.0, 0.4)).unwrap();
        solver
    };
    let mut solver = fresh();
    let mut field = |x: &[f64], u: &mut [f64], _: Option<&mut [f64]>| {
        u.iter_mut()
            .zip(x)
            .for_each(|(u, x)| *u = 0.4 * (0.785 * (x + 2.0)).cos() + 0.1);
        Ok(())
    };
    let initial = Initial::Function {
        field: &mut field,
        has_gradient: false,
    };
    solver.set_initial(initial).unwrap();
    let checkpoints = goes_on(solver, &fresh, 6, &[1, 2, 4, 5]);
    assert!(checkpoints[6].linearized.is_some());
    assert!(checkpoints.iter().any(|c| c.report.rejected > 0));
    assert!(checkpoints[6].tau != 0.05);
}

#[test]
fn adam() {
    let more = [
        ("minimizer", "adam".into()),
        ("precision", "single".into()),
        ("adam_iterations", 30_i64.into()),
        ("adam_fit_iterations", 500_i64.into()),
        ("quadrature", "stratified".into()),
        ("form", "weak".into()),
        ("fit_accept", 1e3.into()),
    ];
    let fresh = || heat(&more);
    goes_on(started(fresh()), &fresh, 4, &[1, 2, 3]);
}

#[test]
fn a_time_step_that_the_host_changed() {
    let folder = tempfile::tempdir().unwrap();
    let mut solver = started(heat(&[]));
    solver.step().unwrap();
    solver.set_tau(0.001).unwrap();
    solver.step_to(0.0045).unwrap();
    write(&solver, folder.path()).unwrap();
    let mut other = heat(&[]);
    assert_eq!(restore(&mut other, folder.path()).unwrap(), Some(0));
    for solver in [&mut solver, &mut other] {
        solver.step().unwrap();
        solver.step_to(0.008).unwrap();
    }
    assert!(bits(&solver) == bits(&other));
    assert_eq!(solver.tau(), 0.001);
}

fn plugin(name: &str, id: &str, parameters: &[(&str, &[f64])]) -> Energy {
    let mut energy = Energy::from_file(&common::plugin(name), Some(id)).unwrap();
    for (name, values) in parameters {
        energy.set(name, values).unwrap();
    }
    energy
}

fn map(d: i64, movement: &str, all: &[(&str, Value)], energies: &[Energy]) -> Solver {
    let mut options = Options::new();
    let basic = [
        ("dimension", d.into()),
        ("flow", "wasserstein".into()),
        ("domain", "space".into()),
        ("lower", vec![-4.0].into()),
        ("upper", vec![4.0].into()),
        ("movement", movement.into()),
        ("tau", 0.02.into()),
        ("hidden", vec![12_i64, 12].into()),
        ("snapshot_resolution", 9_i64.into()),
    ];
    set(&mut options, &basic);
    set(&mut options, all);
    let mut solver = Solver::new(&options).unwrap();
    for energy in energies {
        solver.add_energy(energy).unwrap();
    }
    solver
}

fn begin(mut solver: Solver, profile: Arc<dyn Profile>) -> Solver {
    solver.set_initial(Initial::Density(profile)).unwrap();
    solver
}

fn bell() -> Arc<Mixture> {
    Arc::new(Mixture::new(1, &[1.0], &[0.2], &[0.25]).unwrap())
}

fn double_well() -> [Energy; 2] {
    [
        plugin("internal", "entropy", &[]),
        plugin(
            "potential",
            "potential-double-well",
            &[("a", &[4.0]), ("b", &[1.0])],
        ),
    ]
}

#[test]
fn maps_whose_labels_were_taken_anew() {
    for movement in ["euler", "second"] {
        let more = [("relabel", 1.3.into())];
        let fresh = || begin(map(1, movement, &more, &double_well()), bell());
        let checkpoints = goes_on(fresh(), &fresh, 8, &[0, 2, 4, 7]);
        let times = checkpoints[8].relabelled.len();
        println!("{movement}: labels taken anew {times} times");
        assert!(times >= 2);
        assert!(checkpoints.iter().any(|c| c.linearized.is_some()));
    }
}

#[test]
fn maps_on_random_labels() {
    let more = [
        ("quadrature", "sobol".into()),
        ("nodes", 400_i64.into()),
        ("hidden", vec![6_i64].into()),
    ];
    let energies = || {
        [
            plugin("internal", "entropy", &[]),
            plugin(
                "potential",
                "potential-quadratic",
                &[("a", &[2.5, 1.5, 1.5, 2.5]), ("center", &[0.3])],
            ),
        ]
    };
    let profile = || Arc::new(Mixture::new(2, &[1.0], &[0.0; 2], &[1.0, 0.0, 0.0, 1.0]).unwrap());
    let fresh = || begin(map(2, "second", &more, &energies()), profile());
    let checkpoints = goes_on(fresh(), &fresh, 5, &[1, 2, 4]);
    let old = checkpoints.iter().filter(|c| is_old(c)).count();
    println!("{old} matrices of earlier steps");
    assert!(old > 0);
}

fn particles(seed: u64) -> Arc<Particles> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let rule = Quadrature::Sobol { nodes: 200 };
    let labels = bell().labels(&rule, &mut rng).unwrap();
    let made = Particles::new(1, &labels.x, None, &labels.rho, Some(&labels.score));
    Arc::new(made.unwrap())
}

/// The density of particles is not known elsewhere, so that there is no field to write.
#[test]
fn particles_of_the_host() {
    let more = [("hidden", vec![6_i64].into()), ("relabel", 1.3.into())];
    let fresh = |seed| begin(map(1, "euler", &more, &double_well()), particles(seed));
    let mut solver = fresh(1);
    (0..3).for_each(|_| solver.step().unwrap());
    let stopped = checkpoint(&solver);
    assert!(!stopped.relabelled.is_empty());
    let mut other = fresh(1);
    other.restore(&stopped).unwrap();
    for solver in [&mut solver, &mut other] {
        (0..3).for_each(|_| solver.step().unwrap());
    }
    assert!(bits(&solver) == bits(&other));
    // Other particles are found out, and the solver goes on as it was.
    let mut others = fresh(2);
    others.step().unwrap();
    let before = bits(&others);
    let refused = others.restore(&stopped).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Argument);
    assert!(refused.message().contains("particles"), "{refused}");
    assert!(bits(&others) == before);
    others.step().unwrap();
    let mut undisturbed = fresh(2);
    (0..2).for_each(|_| undisturbed.step().unwrap());
    assert!(bits(&others) == bits(&undisturbed));
}

#[test]
fn the_potentials_of_w2gn() {
    let fresh = || {
        let mut options = Options::new();
        let all = [
            ("flow", "wasserstein".into()),
            ("transport", "w2gn".into()),
            ("minimizer", "adam".into()),
            ("embedding", "none".into()),
            ("dimension", 1_i64.into()),
            ("lower", vec![-4.0].into()),
            ("upper", vec![4.0].into()),
            ("hidden", vec![8_i64].into()),
            ("potential_hidden", vec![8_i64, 8].into()),
            ("nodes", 64_i64.into()),
            ("check_nodes", 200_i64.into()),
            ("adam_iterations", 8_i64.into()),
            ("tau", 0.05.into()),
            ("snapshot_resolution", 9_i64.into()),
        ];
        set(&mut options, &all);
        let mut solver = Solver::new(&options).unwrap();
        let energy = plugin("internal", "power", &[("m", &[2.0])]);
        solver.add_energy(&energy).unwrap();
        solver
    };
    goes_on(begin(fresh(), bell()), &fresh, 3, &[0, 1, 2]);
}

#[test]
fn nodes_and_regions_of_the_host() {
    let fresh = |radius: f64| {
        let mut options = small(2, -1.0, 1.0, &[8, 8]);
        let all = [
            ("tau", 0.01.into()),
            ("fit_accept", 0.2.into()),
            ("fit_max_iterations", 30_i64.into()),
            ("quadrature", "stratified".into()),
            ("nodes", 900_i64.into()),
            ("tolerance", 3e-2.into()),
            ("snapshot_resolution", 9_i64.into()),
        ];
        set(&mut options, &all);
        let mut solver = Solver::new(&options).unwrap();
        solver.add_energy(&dirichlet(0.1)).unwrap();
        let inside = move |x: &[f64], out: &mut [bool]| {
            let points = out.iter_mut().zip(x.chunks(2));
            points.for_each(|(out, x)| *out = x[0].hypot(x[1]) < radius);
            Ok(())
        };
        solver.set_inside(Arc::new(inside)).unwrap();
        solver
    };
    let mut solver = fresh(0.9);
    let mut field = |x: &[f64], u: &mut [f64], _: Option<&mut [f64]>| {
        let points = u.iter_mut().zip(x.chunks(2));
        points.for_each(|(u, x)| *u = x[0] + x[1] * x[1]);
        Ok(())
    };
    let initial = Initial::Function {
        field: &mut field,
        has_gradient: false,
    };
    solver.set_initial(initial).unwrap();
    let checkpoints = goes_on(solver, &|| fresh(0.9), 3, &[1, 2]);
    let refused = fresh(0.91).restore(&checkpoints[3]).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Argument);
    assert!(refused.message().contains("inside"), "{refused}");
}

#[test]
fn a_folder_gives_its_last_whole_snapshot() {
    let folder = tempfile::tempdir().unwrap();
    let mut other = heat(&[]);
    for missing in [folder.path(), &folder.path().join("run")] {
        let refused = restore(&mut other, missing).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::TryAgain, "{refused}");
    }
    let refused = restore(&mut other, Path::new("no_such.h5")).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::File);
    let mut solver = started(heat(&[]));
    write(&solver, folder.path()).unwrap();
    solver.step().unwrap();
    write(&solver, folder.path()).unwrap();
    let one = bits(&solver);
    solver.step().unwrap();
    write(&solver, folder.path()).unwrap();
    let last = folder.path().join("snap_000002.h5");
    let whole = std::fs::read(&last).unwrap();
    std::fs::write(&last, &whole[..whole.len() / 2]).unwrap();
    std::fs::write(folder.path().join(".snap_000003.h5.tmp"), &whole[..100]).unwrap();
    assert_eq!(restore(&mut other, folder.path()).unwrap(), Some(1));
    assert!(bits(&other) == one);
    std::fs::rename(&last, folder.path().join("other name.h5")).unwrap();
    std::fs::write(&last, &whole).unwrap();
    assert_eq!(restore(&mut other, folder.path()).unwrap(), Some(2));
    let named = folder.path().join("copy.h5");
    std::fs::copy(&last, &named).unwrap();
    assert_eq!(restore(&mut other, &named).unwrap(), None);
    assert!(bits(&other) == bits(&solver));
}
