//! Problems as users pose them, in their units and with energies of their own, by defaults: no option of the
//! network, the nodes or the minimiser.

use crate::support::problems::{dirichlet, relative, small, start_from};
use crate::support::wasserstein::{self, density, energy, grid};
use movimento::energy::{Batch, Derivatives, Differences, EnergyDensity, Traits};
use movimento::initial::profile::{Barenblatt, Mixture, OnBox, Profile};
use movimento::options::Value;
use movimento::{Energy, ErrorKind, Initial, Result, Solver};
use std::f64::consts::PI;
use std::sync::Arc;

/// A flow on the line, or in a box of it.
fn on_line(within: Option<[f64; 2]>, tau: f64, more: &[(&str, Value)]) -> Solver {
    let mut options = wasserstein::options(1, "second", tau, &[0]);
    if let Some([lower, upper]) = within {
        options.set("domain", "box").unwrap();
        options.set("lower", vec![lower]).unwrap();
        options.set("upper", vec![upper]).unwrap();
    }
    for (key, value) in more {
        options.set(key, value.clone()).unwrap();
    }
    Solver::new(&options).unwrap()
}

fn begin(solver: &mut Solver, profile: Arc<dyn Profile>) {
    solver.set_initial(Initial::Density(profile)).unwrap();
}

/// `scale (kT rho ln rho + rho V(x))`, V a double well over the length, as a user writes it: with no second
/// derivatives, and not defined where rho is not positive.
struct Particle {
    kt: f64,
    length: f64,
    mobility: f64,
}

impl EnergyDensity for Particle {
    fn traits(&self) -> Traits {
        Traits {
            uses_position: true,
            convex: true,
            ..Traits::default()
        }
    }

    fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> Result<()> {
        for (i, (x, rho)) in batch.x.iter().zip(batch.u).enumerate() {
            assert!(*rho > 0.0, "rho = {rho} is no density");
            let z = x / self.length;
            let v = 3.0 * self.kt * (z * z - 1.0).powi(2);
            let v_x = 12.0 * self.kt * z * (z * z - 1.0) / self.length;
            for (array, value) in [
                (&mut wanted.f, rho * (self.kt * rho.ln() + v)),
                (&mut wanted.f_u, self.kt * (rho.ln() + 1.0) + v),
                (&mut wanted.f_x, rho * v_x),
            ] {
                if let Some(array) = array {
                    array[i] = self.mobility * value;
                }
            }
        }
        Ok(())
    }
}

/// The density of a particle after a while, in units of the length, by what differences make of its energy.
fn particle<D: EnergyDensity + 'static>(
    kt: f64,
    length: f64,
    mobility: f64,
    differences: impl Fn(Particle) -> D,
    more: &[(&str, Value)],
) -> Vec<f64> {
    let t = 0.1 * length * length / (kt * mobility);
    let mut solver = on_line(None, t / 10.0, more);
    let own = Particle {
        kt,
        length,
        mobility,
    };
    let own = Energy::from_density("particle", Arc::new(differences(own)));
    solver.add_energy(&own).unwrap();
    let start = Mixture::new(1, &[1.0], &[0.3 * length], &[0.2 * length * length]).unwrap();
    begin(&mut solver, Arc::new(start));
    solver.step_to(t).unwrap();
    let x: Vec<f64> = grid(1, 2.0, 200).iter().map(|x| x * length).collect();
    density(&solver, &x).iter().map(|r| r * length).collect()
}

/// kT at room temperature, a tenth of a micrometre, the mobility of a bead in water: densities of 1e7 with tails
/// that are smaller than any step of a difference, in positions that are as well.
#[test]
fn a_particle_in_units_of_physics_does_as_in_plain_ones() {
    // What a stage leaves to gain hangs on rounding, and adds up to 1e-5 by default.
    let tight = [("tolerance", 1e-5.into())];
    let exact = particle(1.0, 1.0, 1.0, Differences::new, &tight);
    let physical = particle(4e-21, 1e-7, 1e8, Differences::new, &tight);
    let error = relative(&physical, &exact);
    println!("units: {error:e}");
    assert!(error < 1e-5, "{error:e}");
    let plain = particle(1.0, 1.0, 1.0, Differences::new, &[]);
    let physical = particle(4e-21, 1e-7, 1e8, Differences::new, &[]);
    let error = relative(&physical, &plain);
    println!("by default: {error:e}");
    assert!(error < 1e-4, "{error:e}");
    let slopes = particle(4e-21, 1e-7, 1e8, Differences::with_position, &[]);
    let error = relative(&slopes, &plain);
    assert!(error < 1e-4, "{error:e}");
    let known = fokker_planck(
        |x| 3.0 * (x * x - 1.0) * (x * x - 1.0),
        |x| (-(x - 0.3).powi(2) / 0.4).exp(),
        [-3.0, 3.0],
        0.1,
    );
    let x = grid(1, 2.0, 200);
    let error = relative(&plain, &x.iter().map(|x| known(*x)).collect::<Vec<_>>());
    assert!(error < 1e-3, "{error:e}");
}

/// The solution of `rho_t = (rho_x + rho V_x)_x` in an interval without flux through its ends, of mass 1: finite
/// volumes that rest where `rho e^V` does, and the trapezoidal rule.
fn fokker_planck(
    v: impl Fn(f64) -> f64,
    rho_0: impl Fn(f64) -> f64,
    [lower, upper]: [f64; 2],
    t: f64,
) -> impl Fn(f64) -> f64 {
    let (n, steps) = (1200, 4000);
    let h = (upper - lower) / n as f64;
    let x: Vec<f64> = (0..n).map(|i| lower + h * (i as f64 + 0.5)).collect();
    let mut rho: Vec<f64> = x.iter().map(|x| rho_0(*x)).collect();
    let mass = h * rho.iter().sum::<f64>();
    rho.iter_mut().for_each(|r| *r /= mass);
    // The flux through a face is `rate (rho e^V [i] - rho e^V [i+1]) e^-V(face)`.
    let faces: Vec<[f64; 2]> = x
        .windows(2)
        .map(|x| {
            let middle = v(0.5 * (x[0] + x[1]));
            [x[0], x[1]].map(|x| (v(x) - middle).exp() / (h * h))
        })
        .collect();
    let dt = t / f64::from(steps);
    for _ in 0..steps {
        let mut change = vec![0.0; n];
        for (i, [left, right]) in faces.iter().enumerate() {
            let flux = left * rho[i] - right * rho[i + 1];
            change[i] -= flux;
            change[i + 1] += flux;
        }
        // (1 - dt/2 A) rho = (1 + dt/2 A) rho, by elimination.
        let (mut diagonal, mut right) = (vec![1.0; n], vec![0.0; n]);
        for i in 0..n {
            right[i] = rho[i] + 0.5 * dt * change[i];
            if i > 0 {
                diagonal[i] += 0.5 * dt * faces[i - 1][1];
            }
            if i + 1 < n {
                diagonal[i] += 0.5 * dt * faces[i][0];
            }
        }
        for i in 1..n {
            let part = -0.5 * dt * faces[i - 1][0] / diagonal[i - 1];
            diagonal[i] += part * 0.5 * dt * faces[i - 1][1];
            right[i] -= part * right[i - 1];
        }
        rho[n - 1] = right[n - 1] / diagonal[n - 1];
        for i in (0..n - 1).rev() {
            rho[i] = (right[i] + 0.5 * dt * faces[i][1] * rho[i + 1]) / diagonal[i];
        }
    }
    move |at| {
        let place = ((at - x[0]) / h).clamp(0.0, n as f64 - 1.001);
        let (i, part) = (place as usize, place.fract());
        (1.0 - part) * rho[i] + part * rho[i + 1]
    }
}

/// `rho V(x)` of a function.
struct Potential(fn(f64) -> f64);

impl EnergyDensity for Potential {
    fn traits(&self) -> Traits {
        Traits {
            uses_position: true,
            convex: true,
            ..Traits::default()
        }
    }

    fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> Result<()> {
        for (i, (x, rho)) in batch.x.iter().zip(batch.u).enumerate() {
            if let Some(f) = &mut wanted.f {
                f[i] = rho * (self.0)(*x);
            }
            if let Some(f_u) = &mut wanted.f_u {
                f_u[i] = (self.0)(*x);
            }
        }
        Ok(())
    }
}

fn potential(v: fn(f64) -> f64) -> Energy {
    let density = Differences::with_position(Potential(v));
    Energy::from_density("potential", Arc::new(density))
}

fn on_box(solver: &Solver, rho: fn(f64) -> f64) -> Arc<dyn Profile> {
    let given = move |x: &[f64], out: &mut [f64]| {
        out.iter_mut().zip(x).for_each(|(r, x)| *r = rho(*x));
        Ok(())
    };
    Arc::new(OnBox::new(solver.domain().clone(), Arc::new(given)).unwrap())
}

/// Wells of 7 kT, whose mass falls together by a fold in a step that is hardly short enough for it.
#[test]
fn deep_wells_between_walls_are_filled_as_by_finite_volumes() {
    let v = |x: f64| 3.5 * (5.0 * PI * x).sin();
    let rho_0 = |x: f64| 1.0 - 0.4 * (PI * x).cos();
    let mut solver = on_line(Some([0.0, 1.0]), 0.001, &[]);
    let entropy = energy("internal", "entropy", &[]);
    solver.add_energy(&entropy).unwrap();
    solver.add_energy(&potential(v)).unwrap();
    let start = on_box(&solver, rho_0);
    begin(&mut solver, start);
    solver.step_to(0.02).unwrap();
    let known = fokker_planck(v, rho_0, [0.0, 1.0], 0.02);
    let x: Vec<f64> = (0..300).map(|i| (f64::from(i) + 0.5) / 300.0).collect();
    let error = relative(
        &density(&solver, &x),
        &x.iter().map(|x| known(*x)).collect::<Vec<_>>(),
    );
    assert!(error < 2e-3, "{error:e}");
    assert!((solver.report().unwrap().mass - 1.0).abs() < 1e-6);
}

/// Mass of compact support spreads until it reaches the walls, stays inside and comes to rest.
#[test]
fn mass_that_reaches_the_walls_stays_between_them() {
    let walls = Some([-1.0, 1.0]);
    let mut solver = on_line(walls, 0.01, &[]);
    let power = energy("internal", "power", &[("m", &[2.0])]);
    solver.add_energy(&power).unwrap();
    let start: Arc<dyn Profile> = Arc::new(Barenblatt::new(1, 2.0, 0.02).unwrap());
    begin(&mut solver, Arc::clone(&start));
    let x = grid(1, 1.0, 2000);
    for (t, uneven) in [(0.1, 2.0), (1.5, 1e-3)] {
        solver.step_to(t).unwrap();
        let rho = density(&solver, &x);
        let inside = 2.0 * rho.iter().sum::<f64>() / rho.len() as f64;
        assert!((inside - 1.0).abs() < 1e-5, "{inside} at t = {t}");
        let off = rho
            .iter()
            .fold(0.0_f64, |most, r| most.max((r - 0.5).abs()));
        assert!(off < uneven, "{off:e} at t = {t}");
    }
    // Nothing holds a map where there is no mass.
    let mut by_map = on_line(walls, 0.01, &[("transport", "map".into())]);
    by_map.add_energy(&power).unwrap();
    begin(&mut by_map, start);
    let refused = by_map.step_to(0.5).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Folded);
    assert!(refused.message().contains("through the walls"), "{refused}");
}

/// Ten steps of heat in an interval of this length, relative to the closed form.
fn heat_over(length: f64) -> f64 {
    let mut options = small(1, 0.0, length, &[0]);
    options.set("movement", "second").unwrap();
    options.set("tau", 0.01).unwrap();
    let mut solver = Solver::new(&options).unwrap();
    solver
        .add_energy(&dirichlet(0.1 * length * length))
        .unwrap();
    start_from(&mut solver, |x| (PI * x[0] / length).cos());
    solver.step_to(0.1).unwrap();
    let x: Vec<f64> = (0..40)
        .map(|i| length * (f64::from(i) + 0.5) / 40.0)
        .collect();
    let decay = (-0.01 * PI * PI).exp();
    let known: Vec<f64> = x.iter().map(|x| decay * (PI * x / length).cos()).collect();
    let mut u = vec![0.0; x.len()];
    solver.evaluate(&x, &mut u, None).unwrap();
    relative(&u, &known)
}

/// From nanometres to a million kilometres, in metres.
#[test]
fn heat_over_any_length_is_as_exact() {
    for length in [1e-9, 1e-5, 1.0, 1e4, 1e9] {
        let error = heat_over(length);
        assert!(error < 5e-6, "{error:e} over {length:e}");
    }
}
