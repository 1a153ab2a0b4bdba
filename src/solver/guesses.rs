//! Where the minimisation of a stage may start.

use crate::flow::State;

/// Pairs each coefficient of a row of the scheme with the parameters of its `U_i`.
pub(super) fn paired<'a>(row: &[f64], stages: &'a [Vec<f64>]) -> Vec<(f64, &'a [f64])> {
    let stages = stages.iter().map(Vec::as_slice);
    row.iter().copied().zip(stages).collect()
}

/// Returns starts for a stage: the stage before; the change of the same stage in the last step,
/// which is of first order in the time step; and the line through the changes in the last two steps.
///
/// A `continuation` below 1 stands for changes that carry the noise of their minimisation: they are
/// scaled by it, and no line is drawn through them.
pub(super) fn guesses(
    state: &State,
    stages: &[Vec<f64>],
    tau: f64,
    continuation: f64,
) -> Vec<Vec<f64>> {
    let mut guesses: Vec<Vec<f64>> = stages.last().into_iter().cloned().collect();
    let stage = stages.len() - 1;
    // Changes are taken as proportional to the time step.
    let rates = state.past.iter().map_while(|past| {
        let change = past.changes.get(stage)?;
        Some((past.tau, change.iter().map(move |c| c * tau / past.tau)))
    });
    let mut rates = rates.map(|(tau, rates)| (tau, rates.collect::<Vec<_>>()));
    let Some((last_tau, last)) = rates.next() else {
        return guesses;
    };
    let along = |change: &[f64]| -> Vec<f64> {
        let line = state.parameters.iter().zip(change);
        line.map(|(p, c)| p + continuation * c).collect()
    };
    guesses.push(along(&last));
    if let Some((_, before)) = rates.next().filter(|_| continuation >= 1.0) {
        // The rates are those of times (tau + last_tau)/2 apart and so on; even steps double one.
        let ratio = (tau / last_tau).min(1.0);
        let line = last.iter().zip(&before);
        let change: Vec<f64> = line.map(|(l, b)| l + ratio * (l - b)).collect();
        guesses.push(along(&change));
    }
    guesses
}
