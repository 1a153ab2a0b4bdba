//! Adam on an objective that is sampled anew in each iteration.

use super::Stage;
use crate::error::Result;
use crate::minimize::{Adam, AdamMoments, Objective, Outcome, Stop, Watch};

/// Takes `stop.max_iterations` updates from `parameters`, with a learning rate that falls to 0, and
/// leaves the last: values on different nodes do not compare.
///
/// # Errors
/// Errors of the energies and of `watch`, and [`NotFinite`](crate::ErrorKind::NotFinite).
pub(super) fn train(
    adam: &Adam,
    stage: &mut Stage<'_>,
    parameters: &mut [f64],
    stop: &Stop,
    watch: &mut Watch<'_>,
) -> Result<Outcome> {
    let mut gradient = vec![0.0; parameters.len()];
    let mut moments = AdamMoments::new(parameters.len());
    let mut outcome = Outcome::default();
    for iteration in 0..stop.max_iterations {
        stage.refresh(iteration)?;
        outcome.value = stage.gradient(parameters, &mut gradient)?;
        watch(iteration, outcome.value)?;
        outcome.iterations = iteration + 1;
        moments.update(parameters, &gradient, adam.learning_rate * stage.part());
        stage.keep_potentials(parameters)?;
    }
    // A first-order method has no measure of what is left: the iteration count is the criterion.
    outcome.converged = true;
    Ok(outcome)
}
