//! The same bits from a snapshot of a flow in Wasserstein space as without a stop.

use crate::support::common::energy;
use crate::support::restart_helpers::*;
use movimento::initial::profile::{Mixture, Particles, Profile};
use movimento::options::Value;
use movimento::quadrature::Quadrature;
use movimento::{Energy, ErrorKind, Initial, Options, Solver};
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;
use std::sync::Arc;

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
        energy("internal", "entropy", &[]),
        energy(
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
        let times = relabellings(&checkpoints[8]);
        println!("{movement}: labels taken anew {times} times");
        assert!(times >= 2);
        assert!(checkpoints.iter().any(|c| c.linearized.is_some()));
    }
}

#[test]
fn maps_whose_labels_became_denser() {
    let more = [
        ("quadrature", "gauss".into()),
        ("nodes", 196_i64.into()),
        ("hidden", vec![10_i64, 10].into()),
        ("relabel", 2.0.into()),
    ];
    let profile = || Arc::new(Mixture::new(2, &[1.0], &[0.2; 2], &[0.25, 0.0, 0.0, 0.25]).unwrap());
    let fresh = || begin(map(2, "euler", &more, &double_well()), profile());
    let checkpoints = goes_on(fresh(), &fresh, 10, &[4, 6, 9]);
    let refined: Vec<u64> = checkpoints.iter().map(|c| c.refinements).collect();
    let taken: Vec<usize> = checkpoints.iter().map(relabellings).collect();
    println!("labels made denser {refined:?} times, and taken anew {taken:?}");
    assert!(0 < refined[6] && refined[6] < refined[9]);
    assert!(taken[6] < taken[9]);
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
            energy("internal", "entropy", &[]),
            energy(
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
    assert!(relabellings(&stopped) > 0);
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
        let energy = energy("internal", "power", &[("m", &[2.0])]);
        solver.add_energy(&energy).unwrap();
        solver
    };
    goes_on(begin(fresh(), bell()), &fresh, 3, &[0, 1, 2]);
}
