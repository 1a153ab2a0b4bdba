//! The choice among several starts of a minimisation.

use super::Objective;
use crate::error::{ErrorKind, Result};

/// The part of what a step moves by, squared, that a guess may be wrong by for no other to be
/// tried.
const NEAR: f64 = 1e-2;

/// Returns the guess of the lowest value; one that the energy refuses is passed over. Where values
/// tell how far the minimum is, the longest line is tried first, and taken if it ends near. At rest
/// none does: changes are noise then, which lines through them raise.
///
/// # Errors
/// Errors of the objective, if it refuses every guess.
pub fn best_guess(objective: &mut dyn Objective, mut guesses: Vec<Vec<f64>>) -> Result<Vec<f64>> {
    if guesses.len() == 1 {
        return Ok(guesses.remove(0));
    }
    if objective.motion().is_some() {
        guesses.reverse();
    }
    let mut best: Option<(f64, Vec<f64>)> = None;
    let mut refused = None;
    for guess in guesses {
        match objective.value(&guess) {
            Ok(value) if objective.motion().is_some_and(|m| value <= NEAR * m) => {
                return Ok(guess);
            }
            Ok(value) if best.as_ref().is_none_or(|(least, _)| value < *least) => {
                best = Some((value, guess));
            }
            Err(e) if !e.kind().is_recoverable() && e.kind() != ErrorKind::NotFinite => {
                return Err(e);
            }
            Err(e) => refused = Some(e),
            Ok(_) => {}
        }
    }
    match (best, refused) {
        (Some((_, guess)), _) => Ok(guess),
        (None, Some(e)) => Err(e),
        (None, None) => Ok(Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::minimize::{Model, NoModel};
    use crate::parallel::Pool;

    /// `(p - 1)^2 + rest`, which refuses p below 0 and counts its values.
    struct Bowl {
        pool: Pool,
        rest: f64,
        values: usize,
    }

    impl Objective for Bowl {
        fn value(&mut self, p: &[f64]) -> Result<f64> {
            self.values += 1;
            if p[0] < 0.0 {
                return Err(Error::new(ErrorKind::TryAgain, "below 0"));
            }
            Ok((p[0] - 1.0).powi(2) + self.rest)
        }

        fn gradient(&mut self, p: &[f64], _gradient: &mut [f64]) -> Result<f64> {
            self.value(p)
        }

        fn linearize(&mut self, p: &[f64], _gradient: &mut [f64]) -> Result<f64> {
            self.value(p)
        }

        fn linear(&mut self) -> Box<dyn Model + '_> {
            Box::new(NoModel::new(&self.pool))
        }

        fn scale(&self) -> f64 {
            1.0
        }

        fn motion(&self) -> Option<f64> {
            (self.rest == 0.0).then_some(1.0)
        }
    }

    /// Which guess is taken, and after how many values.
    fn taken(rest: f64, guesses: &[f64]) -> (Result<f64>, usize) {
        let pool = Pool::new(1).unwrap();
        let mut bowl = Bowl {
            pool,
            rest,
            values: 0,
        };
        let guesses = guesses.iter().map(|g| vec![*g]).collect();
        let best = best_guess(&mut bowl, guesses).map(|p| p[0]);
        (best, bowl.values)
    }

    #[test]
    fn a_guess_known_to_be_near_is_taken_at_once_and_else_the_best_of_all() {
        let found = |rest, guesses: &[f64]| {
            let (best, values) = taken(rest, guesses);
            (best.unwrap(), values)
        };
        assert_eq!(found(0.0, &[0.0, 0.98, 0.95]), (0.95, 1));
        assert_eq!(found(0.0, &[0.0, 0.98, 0.5]), (0.98, 2));
        assert_eq!(found(0.0, &[0.7, 0.8, 0.5]), (0.8, 3));
        assert_eq!(found(0.5, &[0.0, 0.95, 0.98]), (0.98, 3));
        assert_eq!(found(0.5, &[0.3]), (0.3, 0));
        for rest in [0.0, 0.5] {
            assert_eq!(found(rest, &[-1.0, 0.5, -2.0]), (0.5, 3));
            let (refused, values) = taken(rest, &[-1.0, -2.0]);
            assert_eq!(refused.unwrap_err().kind(), ErrorKind::TryAgain);
            assert_eq!(values, 2);
        }
    }
}
