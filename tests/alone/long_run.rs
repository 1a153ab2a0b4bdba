//! Allen-Cahn from random data until it hardly moves: no drift, no blow-up, no growing memory.

use crate::alone;
use crate::support::problems::{allen_cahn, on_grid, relative, small};
use movimento::{Initial, Solver, bytes_held};
use std::f64::consts::PI;

#[test]
fn allen_cahn_settles_without_drift_or_growth() {
    let _alone = alone();
    let mut options = small(1, -2.0, 2.0, &[12, 12]);
    options.set("harmonics", 3_i64).unwrap();
    options.set("movement", "second").unwrap();
    options.set("tau", 0.02).unwrap();
    options.set("tolerance", 1e-3).unwrap();
    let mut solver = Solver::new(&options).unwrap();
    solver.add_energy(&allen_cahn(1.0, 0.25)).unwrap();
    // Coefficients of no symmetry, which leave several interfaces.
    let waves = [0.05, 0.31, -0.22, 0.17, -0.28, 0.12];
    let mut field = |x: &[f64], u: &mut [f64], _: Option<&mut [f64]>| {
        for (u, x) in u.iter_mut().zip(x) {
            let t = PI * (x + 2.0) / 4.0;
            let wave = |(k, a): (usize, &f64)| a * (k as f64 * t).cos();
            *u = waves.iter().enumerate().map(wave).sum();
        }
        Ok(())
    };
    let initial = Initial::Function {
        field: &mut field,
        has_gradient: false,
    };
    solver.set_initial(initial).unwrap();
    let mut energy = f64::INFINITY;
    let mut early = 0;
    for step in 0..250 {
        solver.step().unwrap();
        let report = solver.report().unwrap();
        // Rounding, where hardly anything moves.
        assert!(report.energy <= energy * (1.0 + 1e-12), "{report:?}");
        energy = report.energy;
        if step == 20 {
            early = bytes_held();
            assert!(early > 0, "nothing is counted");
        }
        let largest = on_grid(&solver, 200)
            .1
            .iter()
            .fold(0.0_f64, |m, u| m.max(u.abs()));
        assert!(largest < 1.0 + 1e-3, "{largest} at step {step}");
    }
    let late = bytes_held();
    // One interface is left, u = tanh((x - a) / (sqrt 2 eps)), of energy 2 sqrt 2 / (3 eps); its tails
    // pull it to an end of the interval too slowly to be seen.
    let exact = 2.0 * 2.0_f64.sqrt() / (3.0 * 0.25);
    assert!((energy - exact).abs() < 1e-3, "{energy}");
    let (x, u) = on_grid(&solver, 4000);
    let crossing = u.windows(2).position(|u| u[0] * u[1] <= 0.0).unwrap();
    let (a, sign) = (0.5 * (x[crossing] + x[crossing + 1]), u[0].signum());
    let profile = |x: &f64| -sign * ((x - a) / (2.0_f64.sqrt() * 0.25)).tanh();
    let interface: Vec<f64> = x.iter().map(profile).collect();
    assert!(
        relative(&u, &interface) < 5e-3,
        "{}",
        relative(&u, &interface)
    );
    assert!(solver.report().unwrap().residual < 1e-3);
    assert!(
        late < early + 10_000,
        "{early} bytes at step 20, {late} at the end"
    );
}
