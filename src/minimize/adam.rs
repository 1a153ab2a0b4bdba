//! Adam (Kingma and Ba, arXiv:1412.6980), the minimiser of the paper.

use super::{Objective, Outcome, Stop, Watch};
use crate::error::Result;

/// Adam with its usual moments.
#[derive(Clone, Debug)]
pub struct Adam {
    /// Step length.
    pub learning_rate: f64,
}

const BETA_1: f64 = 0.9;
const BETA_2: f64 = 0.999;
const EPSILON: f64 = 1e-8;

impl Adam {
    /// Takes `stop.max_iterations` steps from `parameters`, or fewer if `stop.value` is reached,
    /// and leaves the best point met: the iteration itself is not monotone. Where the objective
    /// [fades](Objective::fade) it leaves the last.
    ///
    /// # Errors
    /// Those of the objective and of `watch`.
    pub fn minimize(
        &self,
        objective: &mut dyn Objective,
        parameters: &mut [f64],
        stop: &Stop,
        watch: &mut Watch<'_>,
    ) -> Result<Outcome> {
        let mut gradient = vec![0.0; parameters.len()];
        let mut first = vec![0.0; parameters.len()];
        let mut second = vec![0.0; parameters.len()];
        let mut outcome = Outcome::default();
        let mut best = (f64::INFINITY, parameters.to_vec());
        let (mut power_1, mut power_2) = (1.0, 1.0);
        for iteration in 0..stop.max_iterations {
            objective.refresh(iteration)?;
            outcome.value = objective.gradient(parameters, &mut gradient)?;
            watch(iteration, outcome.value)?;
            if outcome.value < best.0 {
                best.0 = outcome.value;
                best.1.copy_from_slice(parameters);
            }
            if outcome.value <= stop.value {
                break;
            }
            outcome.iterations = iteration + 1;
            power_1 *= BETA_1;
            power_2 *= BETA_2;
            let fade = objective.fade();
            let rate = self.learning_rate * fade.unwrap_or(1.0) / (1.0 - power_1);
            for (((p, g), m), v) in parameters
                .iter_mut()
                .zip(&gradient)
                .zip(&mut first)
                .zip(&mut second)
            {
                *m += (1.0 - BETA_1) * (g - *m);
                *v += (1.0 - BETA_2) * (g * g - *v);
                *p -= rate * *m / ((*v / (1.0 - power_2)).sqrt() + EPSILON);
            }
            objective.adopt(parameters)?;
            if fade.is_some() {
                best.0 = outcome.value;
                best.1.copy_from_slice(parameters);
            }
        }
        outcome.value = best.0;
        parameters.copy_from_slice(&best.1);
        // A first-order method has no measure of what is left: the iteration count is the criterion.
        outcome.converged = true;
        Ok(outcome)
    }
}
