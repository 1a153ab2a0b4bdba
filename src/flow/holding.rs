//! The minimisation of a stage in which some parameters are held still.

use super::{Flow, Minimized, Posed};
use crate::error::Result;
use crate::minimize::{Minimizer, Stop, Watch, best_guess};

/// Minimises a stage from the best of several guesses, in the parameters after those that are `still`.
///
/// # Errors
/// As for [`Flow::minimize_stage`].
pub(super) fn minimize_holding<F: Flow + ?Sized>(
    flow: &F,
    posed: &Posed<'_>,
    still: Vec<f64>,
    guesses: Vec<Vec<f64>>,
    (minimizer, stop, watch): (&mut Minimizer, &Stop, &mut Watch<'_>),
) -> Result<Minimized> {
    let anchor = &posed.before[still.len()..];
    let before = [&*still, anchor].concat();
    let posed = Posed {
        before: &before,
        ..*posed
    };
    let mut objective = flow.stage(&posed)?;
    let guesses = guesses.into_iter();
    let guesses = guesses.map(|mut all| all.split_off(still.len()));
    let mut moved = best_guess(&mut *objective, guesses.collect())?;
    let outcome = minimizer.minimize(&mut *objective, &mut moved, Some(anchor), stop, watch)?;
    let scale = objective.scale();
    drop(objective);
    let mut parameters = still;
    parameters.append(&mut moved);
    Ok(Minimized {
        parameters,
        outcome,
        scale,
    })
}
