//! A fit in rounds: it ends where it no longer comes nearer to u_0 between its nodes.
//!
//! A network with about as many parameters as there are nodes fits them ever better, by spikes between
//! them. Independent points show it.

use crate::minimize::{Minimizer, Outcome, Stop};

/// Iterations of a round.
const ROUND: u64 = 40;

/// A round that leaves more than this part of the error at independent points is in vain,
const LITTLE: f64 = 0.8;

/// where the nodes show less than this part of it.
const BLIND: f64 = 0.5;

/// The rounds of a fit so far.
pub(super) struct Rounds {
    stop: Stop,
    /// Square of the norm that the objective is relative to.
    norm: f64,
    /// Iterations of the rounds that are over.
    pub iterations: u64,
    /// The least error at independent points, and the parameters that had it.
    least: Option<(f64, Vec<f64>)>,
}

impl Rounds {
    pub fn new(stop: &Stop, norm: f64) -> Self {
        Self {
            stop: *stop,
            norm,
            iterations: 0,
            least: None,
        }
    }

    /// When the next round ends. Adam has a schedule of its own, and takes one.
    pub fn next(&self, minimizer: &Minimizer) -> Stop {
        let left = self.stop.max_iterations - self.iterations;
        Stop {
            max_iterations: match minimizer {
                Minimizer::GaussNewton(_) => left.min(ROUND),
                Minimizer::Adam(_) => left,
            },
            ..self.stop
        }
    }

    /// Whether the round that ended so, with this error at independent points, was the last.
    pub fn is_over(&mut self, outcome: &Outcome, error: f64, parameters: &[f64]) -> bool {
        self.iterations += outcome.iterations;
        let at_nodes = (2.0 * outcome.value / self.norm.max(f64::MIN_POSITIVE)).sqrt();
        let least = self
            .least
            .as_ref()
            .map_or(f64::INFINITY, |(least, _)| *least);
        let in_vain = error > LITTLE * least && at_nodes < BLIND * error;
        if error < least {
            self.least = Some((error, parameters.to_vec()));
        }
        let all = self.iterations >= self.stop.max_iterations;
        in_vain || all || outcome.converged || outcome.iterations < ROUND
    }

    /// The best parameters of all rounds with their error, if they are better than the last with this one.
    pub fn best(&mut self, last: f64) -> Option<(f64, Vec<f64>)> {
        self.least.take().filter(|(least, _)| *least < last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(rounds: &mut Rounds, at_nodes: f64, error: f64) -> bool {
        let outcome = Outcome {
            value: 0.5 * at_nodes * at_nodes,
            iterations: ROUND,
            ..Outcome::default()
        };
        rounds.is_over(&outcome, error, &[error])
    }

    #[test]
    fn what_comes_nearer_at_the_nodes_alone_ends_and_the_best_is_kept() {
        let stop = Stop {
            gain: 0.0,
            value: 0.0,
            slow: 0.0,
            max_iterations: 300,
        };
        let mut rounds = Rounds::new(&stop, 1.0);
        assert!(!after(&mut rounds, 1e-2, 1e-2));
        // Slow, but alike at the nodes and between them.
        assert!(!after(&mut rounds, 9e-3, 9.5e-3));
        assert!(!after(&mut rounds, 1e-3, 3e-3));
        assert!(after(&mut rounds, 1e-4, 4e-3));
        assert_eq!(rounds.iterations, 4 * ROUND);
        assert_eq!(rounds.best(4e-3), Some((3e-3, vec![3e-3])));
        // All that is allowed.
        let mut rounds = Rounds::new(
            &Stop {
                max_iterations: 40,
                ..stop
            },
            1.0,
        );
        assert!(after(&mut rounds, 1e-1, 1e-1));
        assert_eq!(rounds.best(1e-1), None);
    }
}
