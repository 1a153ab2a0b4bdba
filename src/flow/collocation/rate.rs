//! The rate of change of a density whose potential is known at labels.

use super::asked::Wanted;
use super::begun::Begun;
use super::cloud::Cloud;
use super::features::{Jet, Units};
use super::labelled::steps;
use crate::error::Result;
use crate::parallel::Pool;

/// Points whose potentials are taken at once.
const POINTS: usize = 256;

impl Begun {
    /// `rho_t = div(rho grad p) = rho (grad ln rho . grad p + Laplacian p)` at x (`[n][d]`), `[n]`, with the
    /// derivatives of the potential p as its features have them.
    ///
    /// # Errors
    /// Errors of the energies and of the threads.
    pub fn rate(&self, at: (&Pool, f64), cloud: &Cloud, x: &[f64]) -> Result<Vec<f64>> {
        let d = self.features.dimension();
        let mut rho = vec![0.0; x.len() / d];
        let mut slope = vec![0.0; x.len()];
        self.evaluate(at, cloud, x, &mut rho, Some(&mut slope))?;
        let step = steps(&self.features.scale);
        let wanted = Wanted::of(self.features.external);
        let external = self.functional.jets(at, x, &step, wanted)?;
        let mut rates = vec![0.0; rho.len()];
        let tasks = rates.chunks_mut(POINTS).enumerate();
        at.0.try_for_each(tasks, |(chunk, rates)| {
            let (mut units, mut jet) = (Units::default(), Jet::default());
            for (k, rate) in rates.iter_mut().enumerate() {
                let i = chunk * POINTS + k;
                let x = &x[i * d..(i + 1) * d];
                self.features.units(x, &mut units);
                let of = external.at(i, d);
                self.features
                    .jet(x, &cloud.coefficients, &of, &mut units, &mut jet);
                let bent: f64 = jet.hessian.iter().step_by(d + 1).sum();
                let slope = slope[i * d..(i + 1) * d].iter().zip(&jet.gradient);
                *rate = slope.map(|(s, p)| s * p).sum::<f64>() + rho[i] * bent;
            }
            Ok(())
        })?;
        Ok(rates)
    }
}
