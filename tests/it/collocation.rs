//! Flows in space beyond the plane that the library follows by potentials at labels by itself: accuracy
//! against closed forms without any option of the network, the nodes or the minimiser, and restarts.

use crate::support::restart_helpers::goes_on;
use crate::support::wasserstein::{self, density, energy, exact, ornstein_uhlenbeck, solver};
use movimento::initial::profile::{Mixture, Profile};
use movimento::quadrature::{Quadrature, Stream, generator};
use movimento::{ErrorKind, Initial, Options, Solver};
use std::sync::Arc;

const D: usize = 3;

fn options(movement: &str, tau: f64) -> Options {
    wasserstein::options(D as i64, movement, tau, &[0])
}

/// The covariance of this variance along each axis.
fn bell(square: f64) -> Vec<f64> {
    (0..D * D)
        .map(|k| if k % (D + 1) == 0 { square } else { 0.0 })
        .collect()
}

/// Two Gaussians in the drift `-x` at time t.
fn parted(t: f64) -> Arc<Mixture> {
    let left = (-t).exp();
    let centres = [[-0.9, 0.2, 0.1], [0.8, -0.3, 0.4]].map(|c| c.map(|c| c * left));
    let squares = [0.4, 0.3].map(|s| s * left * left + 1.0 - left * left);
    let covariances = squares.map(bell).concat();
    Arc::new(Mixture::new(D, &[0.4, 0.6], &centres.concat(), &covariances).unwrap())
}

fn relaxing(movement: &str, tau: f64) -> Solver {
    let matrix: Vec<f64> = (0..D * D)
        .map(|k| f64::from(u8::from(k % (D + 1) == 0)))
        .collect();
    let energies = ornstein_uhlenbeck(&matrix, &[0.0; D]);
    solver(&options(movement, tau), &energies, parted(0.0))
}

#[test]
fn two_gaussians_in_space_relax_as_their_closed_form() {
    let mut flow = relaxing("second", 0.05);
    for _ in 0..4 {
        flow.step().unwrap();
        let report = flow.report().unwrap();
        assert!(report.energy <= report.energy_before);
        assert!((report.mass - 1.0).abs() < 1e-9);
        assert_eq!(report.substeps, 1);
    }
    // At points of the density that no step has seen.
    let known = parted(0.2);
    let rule = Quadrature::Sobol { nodes: 4096 };
    let points = known
        .labels(&rule, &mut generator(77, Stream::Check, 9, 0))
        .unwrap();
    let (now, exact) = (density(&flow, &points.x), exact(&*known, &points.x));
    let squares: f64 = now.iter().zip(&exact).map(|(a, b)| (a - b).powi(2)).sum();
    let whole: f64 = exact.iter().map(|b| b * b).sum();
    let error = (squares / whole).sqrt();
    assert!(error < 5e-3, "{error:e}");
    let (mean, _) = flow.moments().unwrap();
    for (a, found) in mean.iter().enumerate() {
        let centre: f64 = [0.4, 0.6]
            .iter()
            .zip([[-0.9, 0.2, 0.1], [0.8, -0.3, 0.4]])
            .map(|(share, c)| share * c[a] * (-0.2_f64).exp())
            .sum();
        assert!((found - centre).abs() < 5e-3, "{found} {centre}");
    }
}

#[test]
fn a_restart_goes_on_with_the_same_bits() {
    let fresh = || relaxing("second", 0.05);
    goes_on(fresh(), &fresh, 3, &[0, 2]);
    // With a potential that is a feature itself.
    let well = energy(
        "potential",
        "potential-double-well",
        &[("a", &[1.0]), ("b", &[1.0])],
    );
    let parting = [energy("internal", "entropy", &[]), well];
    let one = || Arc::new(Mixture::new(D, &[1.0], &[0.1; D], &bell(0.3)).unwrap());
    let fresh = || solver(&options("euler", 0.02), &parting, one());
    goes_on(fresh(), &fresh, 3, &[1, 2]);
}

#[test]
fn what_it_does_not_take_is_refused_by_name() {
    let mut asked = options("euler", 0.1);
    asked.set("transport", "collocation").unwrap();
    let mut flow = Solver::new(&asked).unwrap();
    let start = || Initial::Density(parted(0.0));
    let refused = flow.set_initial(start()).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::State);
    assert!(refused.message().contains("before"), "{refused}");
    let power = energy("internal", "power", &[("m", &[2.0])]);
    flow.add_energy(&power).unwrap();
    let refused = flow.set_initial(start()).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Option);
    assert!(refused.message().contains("k rho ln rho"), "{refused}");
    assert_eq!(flow.steps(), 0);
    asked.set("domain", "box").unwrap();
    let refused = Solver::new(&asked).err().unwrap();
    assert!(refused.message().contains("space"), "{refused}");
}
