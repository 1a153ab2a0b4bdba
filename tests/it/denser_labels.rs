//! Labels become denser where a map turns out rough between them, and only there.

use crate::support::common::energy;
use movimento::initial::profile::Mixture;
use movimento::{Energy, Initial, Options, Solver};
use std::sync::Arc;

fn entropy() -> Energy {
    energy("internal", "entropy", &[])
}

/// From a Gaussian of variance 1/4 about 0.2 on each axis, with what the options are by default.
fn euler(d: usize, tau: f64, potential: Energy) -> Solver {
    let mut options = Options::new();
    for (key, value) in [
        ("flow", "wasserstein"),
        ("domain", "space"),
        ("transport", "map"),
    ] {
        options.set(key, value).unwrap();
    }
    options.set("dimension", d as i64).unwrap();
    options.set("tau", tau).unwrap();
    let mut solver = Solver::new(&options).unwrap();
    for energy in [entropy(), potential] {
        solver.add_energy(&energy).unwrap();
    }
    let quarter: Vec<f64> = (0..d * d)
        .map(|at| if at % (d + 1) == 0 { 0.25 } else { 0.0 })
        .collect();
    let bell = Mixture::new(d, &[1.0], &vec![0.2; d], &quarter).unwrap();
    solver
        .set_initial(Initial::Density(Arc::new(bell)))
        .unwrap();
    solver
}

/// Masses that part on both axes are the product of two flows on the line, step by step: so is the
/// energy their sum.
#[test]
fn masses_that_part_in_the_plane_do_so_on_each_axis() {
    let wells = || {
        let height: (&str, &[f64]) = ("a", &[4.0]);
        energy("potential", "potential-double-well", &[height])
    };
    let (mut plane, mut line) = (euler(2, 0.01, wells()), euler(1, 0.01, wells()));
    let mut retries = 0;
    for step in 1..=48 {
        plane.step().unwrap_or_else(|e| panic!("{step}: {e}"));
        line.step().unwrap();
        let report = plane.report().unwrap();
        retries += report.retries;
        let (both, twice) = (report.energy, 2.0 * line.report().unwrap().energy);
        if step % 8 == 0 {
            println!(
                "{step}: {both:.6} for {twice:.6}, residual {:.1e}, {retries} retries",
                report.residual
            );
            assert!((both - twice).abs() < 1e-3, "{step}: {both} for {twice}");
        }
        // With the labels of the start it is 0.4 in the end.
        assert!(
            step < 8 || report.residual < 0.1,
            "{step}: {:e}",
            report.residual
        );
    }
    assert!(retries > 0);
}

#[test]
fn smooth_maps_keep_their_labels() {
    let bowl = energy("potential", "potential-quadratic", &[]);
    let mut solver = euler(2, 0.05, bowl);
    for _ in 0..20 {
        solver.step().unwrap();
        assert_eq!(solver.report().unwrap().retries, 0);
    }
}
