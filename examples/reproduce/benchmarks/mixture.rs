//! Relaxation to a mixture of Gaussians from one wide Gaussian: where it should come to rest is known in
//! any dimension, the way there in the plane only, by finite volumes.

use crate::exact::Exact;
use crate::problem::term;
use crate::reference::{Plane, Wells};
use crate::wasserstein::{identity, symmetric_divergence};
use movimento::energy::{Batch, Derivatives, EnergyDensity, Traits};
use movimento::initial::profile::{Mixture, Profile};
use movimento::{Energy, Initial, Result, Solver};
use std::sync::Arc;

/// The variance of the Gaussian, and the seed of the draw of means.
const VARIANCE: f64 = 16.0;
const SEED: u64 = 1;

/// Five standard deviations, and cells a fortieth of one.
const PLANE: Plane = Plane {
    end: 20.0,
    cells: 160,
};

/// As Mokrov et al. and Fan et al. draw them: 5 and 8 wells in 2 and 8 dimensions, then 10.
fn wells(dimension: usize) -> Wells {
    let (count, span) = match dimension {
        2 => (5, 5.0),
        3..=8 => (8, 5.0),
        9..=32 => (10, 3.0),
        _ => (10, 1.5),
    };
    Wells::random(dimension, count, span, SEED)
}

pub fn energies<const D: usize>() -> Result<Vec<Energy>> {
    let potential = Potential(wells(D));
    Ok(vec![
        term("entropy", &[])?,
        Energy::from_density("potential of a mixture", Arc::new(potential)),
    ])
}

pub fn start<const D: usize>() -> Result<Box<dyn Exact>> {
    let wells = wells(D);
    let mut covariance = identity(D);
    covariance.iter_mut().for_each(|c| *c *= VARIANCE);
    let units = identity(D).repeat(wells.means.len() / D);
    Ok(Box::new(Relaxation {
        start: Arc::new(Mixture::new(D, &[1.0], &vec![0.0; D], &covariance)?),
        target: Mixture::of_equal_shares(D, &wells.means, &units)?,
        wells,
    }))
}

/// `V(x) u`
struct Potential(Wells);

impl EnergyDensity for Potential {
    fn traits(&self) -> Traits {
        Traits {
            uses_position: true,
            convex: true,
            ..Traits::default()
        }
    }

    fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> Result<()> {
        let d = batch.d;
        wanted.each(|array| array.fill(0.0));
        let Derivatives { f, f_u, f_x, .. } = wanted;
        let mut gradient = vec![0.0; d];
        for (n, (x, u)) in batch.x.chunks_exact(d).zip(batch.u).enumerate() {
            let slope = f_x.is_some().then_some(&mut gradient[..]);
            let v = self.0.potential(x, slope);
            if let Some(f) = f {
                f[n] = v * u;
            }
            if let Some(f_u) = f_u {
                f_u[n] = v;
            }
            if let Some(f_x) = f_x {
                let places = f_x[n * d..(n + 1) * d].iter_mut().zip(&gradient);
                places.for_each(|(f_x, g)| *f_x = g * u);
            }
        }
        Ok(())
    }
}

struct Relaxation {
    start: Arc<Mixture>,
    target: Mixture,
    wells: Wells,
}

impl Exact for Relaxation {
    fn start(&self, solver: &mut Solver) -> Result<()> {
        solver.set_initial(Initial::Density(Arc::clone(&self.start) as Arc<dyn Profile>))
    }

    fn solution(&mut self, x: &[f64], time: f64) -> Vec<f64> {
        if self.wells.dimension != 2 {
            return Vec::new();
        }
        let potential = |x: &[f64]| self.wells.potential(x, None);
        let start = |x: &[f64]| {
            let square = x[0] * x[0] + x[1] * x[1];
            (-0.5 * square / VARIANCE).exp() / (std::f64::consts::TAU * VARIANCE)
        };
        let values = PLANE.values(potential, start, time);
        let points = x.chunks_exact(2);
        points.map(|x| PLANE.interpolate(&values, x)).collect()
    }

    /// From where it should come to rest.
    fn divergence(&self, solver: &Solver) -> Result<Option<f64>> {
        symmetric_divergence(solver, &*self.start, &self.target).map(Some)
    }
}
