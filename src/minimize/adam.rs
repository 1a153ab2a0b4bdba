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

/// The running moments of the gradient (Kingma and Ba, algorithm 1).
#[derive(Clone, Debug)]
pub struct AdamMoments {
    first: Vec<f64>,
    second: Vec<f64>,
    power_1: f64,
    power_2: f64,
}

impl AdamMoments {
    /// Makes moments of so many parameters, before the first update.
    #[must_use]
    pub fn new(parameters: usize) -> Self {
        Self {
            first: vec![0.0; parameters],
            second: vec![0.0; parameters],
            power_1: 1.0,
            power_2: 1.0,
        }
    }

    /// Moves `parameters` by one update with this learning rate.
    pub fn update(&mut self, parameters: &mut [f64], gradient: &[f64], learning_rate: f64) {
        self.power_1 *= BETA_1;
        self.power_2 *= BETA_2;
        let rate = learning_rate / (1.0 - self.power_1);
        for (((p, g), m), v) in parameters
            .iter_mut()
            .zip(gradient)
            .zip(&mut self.first)
            .zip(&mut self.second)
        {
            *m += (1.0 - BETA_1) * (g - *m);
            *v += (1.0 - BETA_2) * (g * g - *v);
            *p -= rate * *m / ((*v / (1.0 - self.power_2)).sqrt() + EPSILON);
        }
    }
}

impl Adam {
    /// Takes `stop.max_iterations` steps from `parameters`, or fewer if `stop.value` is reached,
    /// and leaves the best point met: the iteration itself is not monotone.
    ///
    /// # Errors
    /// Errors of the objective and of `watch`.
    pub fn minimize(
        &self,
        objective: &mut dyn Objective,
        parameters: &mut [f64],
        stop: &Stop,
        watch: &mut Watch<'_>,
    ) -> Result<Outcome> {
        let mut gradient = vec![0.0; parameters.len()];
        let mut moments = AdamMoments::new(parameters.len());
        let mut outcome = Outcome::default();
        let mut best = (f64::INFINITY, parameters.to_vec());
        for iteration in 0..stop.max_iterations {
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
            moments.update(parameters, &gradient, self.learning_rate);
        }
        outcome.value = best.0;
        parameters.copy_from_slice(&best.1);
        // A first-order method has no measure of what is left: the iteration count is the
        // criterion.
        outcome.converged = true;
        Ok(outcome)
    }
}
