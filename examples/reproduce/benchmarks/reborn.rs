//! Flows in which mass is moved, born and dies: Gaussians, whose moments obey ordinary differential equations, and
//! birth and death alone in eight dimensions.

use super::hellinger;
use crate::exact::Exact;
use crate::problem::term;
use movimento::energy::{Batch, Derivatives, EnergyDensity, SuppliedDerivatives, Traits};
use movimento::initial::profile::Mixture;
use movimento::{Energy, Initial, Result, Solver};
use std::f64::consts::TAU;
use std::sync::Arc;

/// The target `N(b, G)` by the inverse of G, and the start.
const INVERSE: [f64; 4] = [1.4, -0.5, -0.5, 2.2];
const CENTRE: [f64; 2] = [1.0, -0.5];
const START: [f64; 4] = [1.0, 0.3, 0.3, 0.5];

/// Steps of the reference in a unit of time.
const STEPS: f64 = 2000.0;

/// Mean, covariance and the logarithm of the mass of a Gaussian.
type Moments = [f64; 7];

/// `int rho ln rho + V rho`, `V = (x - b)^T G^-1 (x - b) / 2`.
pub fn energies() -> Result<Vec<Energy>> {
    Ok(vec![
        term("entropy", &[])?,
        term(
            "potential-quadratic",
            &[("a", &INVERSE), ("center", &CENTRE)],
        )?,
    ])
}

fn product(a: [f64; 4], b: [f64; 4]) -> [f64; 4] {
    [
        a[0] * b[0] + a[1] * b[2],
        a[0] * b[1] + a[1] * b[3],
        a[2] * b[0] + a[3] * b[2],
        a[2] * b[1] + a[3] * b[3],
    ]
}

/// The rates of both weights 1: with `P = G^-1`, `m' = (I + S) P (b - m)`, `S' = 2 I - P S - S P + S - S P S`, and the
/// mass decays by the mean of `dF/drho`.
fn rates(y: &Moments) -> Moments {
    let (m, s) = ([y[0], y[1]], [y[2], y[3], y[4], y[5]]);
    let off = [CENTRE[0] - m[0], CENTRE[1] - m[1]];
    let pull = [
        INVERSE[0] * off[0] + INVERSE[1] * off[1],
        INVERSE[2] * off[0] + INVERSE[3] * off[1],
    ];
    let (ps, sp) = (product(INVERSE, s), product(s, INVERSE));
    let sps = product(s, ps);
    let spread =
        |k: usize| if k.is_multiple_of(3) { 2.0 } else { 0.0 } - ps[k] - sp[k] + s[k] - sps[k];
    let determinant = s[0] * s[3] - s[1] * s[2];
    let height = y[6] - TAU.ln() - 0.5 * determinant.ln();
    let square = off[0] * pull[0] + off[1] * pull[1];
    let mean = height - 1.0 + 1.0 + 0.5 * (ps[0] + ps[3] + square);
    [
        pull[0] + s[0] * pull[0] + s[1] * pull[1],
        pull[1] + s[2] * pull[0] + s[3] * pull[1],
        spread(0),
        spread(1),
        spread(2),
        spread(3),
        -mean,
    ]
}

/// Moments at a time, by the method of Runge and Kutta.
fn moments(time: f64) -> Moments {
    let mut y = [0.0, 0.0, START[0], START[1], START[2], START[3], 0.0];
    let steps = (time * STEPS).ceil().max(1.0);
    let h = time / steps;
    let moved =
        |y: &Moments, k: &Moments, h: f64| -> Moments { std::array::from_fn(|i| y[i] + h * k[i]) };
    for _ in 0..steps as usize {
        let a = rates(&y);
        let b = rates(&moved(&y, &a, 0.5 * h));
        let c = rates(&moved(&y, &b, 0.5 * h));
        let d = rates(&moved(&y, &c, h));
        y = std::array::from_fn(|i| y[i] + h / 6.0 * (a[i] + 2.0 * (b[i] + c[i]) + d[i]));
    }
    y
}

/// A Gaussian on the way to another, whose mass is moved, born and dies.
pub struct Reborn;

impl Exact for Reborn {
    fn start(&self, solver: &mut Solver) -> Result<()> {
        let start = Mixture::new(2, &[1.0], &[0.0, 0.0], &START)?;
        solver.set_initial(Initial::Density(Arc::new(start)))
    }

    fn solution(&mut self, x: &[f64], time: f64) -> Vec<f64> {
        let y = moments(time);
        let determinant = y[2] * y[5] - y[3] * y[4];
        let height = y[6].exp() / (TAU * determinant.sqrt());
        let density = |x: &[f64]| {
            let (a, b) = (x[0] - y[0], x[1] - y[1]);
            let square = (y[5] * a * a - 2.0 * y[3] * a * b + y[2] * b * b) / determinant;
            height * (-0.5 * square).exp()
        };
        x.chunks_exact(2).map(density).collect()
    }

    /// Of mean, covariance and mass.
    fn moment_error(&self, solver: &Solver) -> Result<Option<f64>> {
        let exact = moments(solver.time());
        let (mean, covariance) = solver.moments()?;
        let mass = solver.measure()?.mass;
        let found = mean.iter().chain(&covariance).copied().chain([mass]);
        let known = exact[..6].iter().copied().chain([exact[6].exp()]);
        let off = found.zip(known).map(|(a, b)| (a - b).abs());
        Ok(Some(off.fold(0.0, f64::max)))
    }
}

/// Eight dimensions: the plane of the [mixture](hellinger), and six axes along which the target is standard normal.
const D: usize = 8;

/// `ln pi`, and its gradient where wanted.
fn target(x: &[f64], slope: Option<&mut [f64]>) -> f64 {
    let (plane, rest) = x.split_at(2);
    let square: f64 = rest.iter().map(|x| x * x).sum();
    if let Some(slope) = slope {
        let (of_plane, of_rest) = slope.split_at_mut(2);
        hellinger::target_slope(plane, of_plane);
        of_rest.iter_mut().zip(rest).for_each(|(s, x)| *s = -x);
    }
    hellinger::target(plane) - 0.5 * square - 0.5 * rest.len() as f64 * TAU.ln()
}

/// `-ln pi rho`.
struct Potential;

impl EnergyDensity for Potential {
    fn traits(&self) -> Traits {
        Traits {
            uses_position: true,
            convex: true,
            derivatives: SuppliedDerivatives::All,
            ..Traits::default()
        }
    }

    fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> Result<()> {
        wanted.each(|array| array.fill(0.0));
        let mut slope = [0.0; D];
        for (node, (x, u)) in batch.x.chunks_exact(D).zip(batch.u).enumerate() {
            let v = -target(x, wanted.f_x.is_some().then_some(&mut slope[..]));
            if let Some(f) = &mut wanted.f {
                f[node] = v * u;
            }
            if let Some(f_u) = &mut wanted.f_u {
                f_u[node] = v;
            }
            if let Some(f_x) = &mut wanted.f_x {
                let out = f_x[node * D..].iter_mut().zip(&slope);
                out.for_each(|(f, s)| *f = -u * s);
            }
        }
        Ok(())
    }
}

pub fn divergence() -> Result<Vec<Energy>> {
    Ok(vec![
        term("entropy", &[])?,
        Energy::from_density("potential of a mixture", Arc::new(Potential)),
    ])
}

/// `rho_t` is `rho_0^a pi^(1 - a)`, `a = e^-t`, up to its mass.
pub struct Relaxing;

impl Exact for Relaxing {
    fn start(&self, solver: &mut Solver) -> Result<()> {
        let mut covariance = vec![0.0; D * D];
        let diagonal = covariance.iter_mut().step_by(D + 1);
        diagonal.for_each(|c| *c = hellinger::VARIANCE);
        let start = Mixture::new(D, &[1.0], &[0.0; D], &covariance)?;
        solver.set_initial(Initial::Density(Arc::new(start)))
    }

    fn solution(&mut self, x: &[f64], time: f64) -> Vec<f64> {
        let a = (-time).exp();
        let mass = hellinger::mass(a);
        // Along each other axis the product is a Gaussian.
        let precision = a / hellinger::VARIANCE + 1.0 - a;
        let width = (precision / TAU).powf(0.5 * (D - 2) as f64);
        let density = |x: &[f64]| {
            let (plane, rest) = x.split_at(2);
            let square: f64 = rest.iter().map(|x| x * x).sum();
            hellinger::power(plane, a) / mass * width * (-0.5 * precision * square).exp()
        };
        x.chunks_exact(D).map(density).collect()
    }
}
