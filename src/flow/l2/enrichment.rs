//! More features on the way, where layers form that those of u_0 do not resolve.

use super::L2Flow;
use super::capacity::Capacity;
use crate::error::Result;
use crate::flow::{Context, Past, Queries, State};
use crate::quadrature::{Stream, generator};

/// The part of the variation of u that a step may miss in space for no more features to be taken.
const MISSED: f64 = 3e-3;

/// The same for a field on a lattice, where the next takes ten times as long.
const MISSED_ON_LATTICE: f64 = 1e-2;

/// What a step misses of the roughness of u_0 falls from step to step at least by this; layers stay.
const FALLING: f64 = 0.9;

impl L2Flow {
    /// Takes features that are local, or twice as many, after a step that missed more than it may, and no less than
    /// the one before; the field stays as it is, with those that are local as near as these come.
    pub(super) fn enrich(&mut self, cx: &Context, state: &mut State) -> Result<()> {
        let missed = state.report.space_error;
        let before = std::mem::replace(&mut self.missed, missed);
        let most = match self.lattice {
            Some(_) => MISSED_ON_LATTICE,
            None => MISSED,
        };
        let stays = missed > most && missed > FALLING * before && before > 0.0;
        if !stays {
            return Ok(());
        }
        if let Some(fine) = self.refitted_on_lattice(cx, state)? {
            *self = fine;
            return Ok(());
        }
        if self.lattice.is_some() || !self.may_be_enriched(cx) {
            return Ok(());
        }
        let mut wide = self.clone();
        let features = 2 * self.features();
        let capacity = Capacity::new(&cx.settings, &self.domain, Some(features))?;
        cx.ranks().settle(wide.take(cx, capacity))?;
        let mut rng = generator(cx.seed(), Stream::Weights, state.step, 0);
        let mut drawn = wide.network().random_features(&mut rng);
        cx.ranks().agree(Ok(()), &mut drawn)?;
        let parameters = self.widened(&wide, &state.parameters, drawn);
        let still = vec![0.0; wide.network().parameters()];
        let widened = |change: &Vec<f64>| self.widened(&wide, change, still.clone());
        let past = state.past.iter().map(|past| Past {
            tau: past.tau,
            changes: past.changes.iter().map(widened).collect(),
        });
        let past = past.collect();
        log::info!(
            "step {}: what it misses in space is {missed:.1e} of the variation of u; {features} features from now on",
            state.step
        );
        state.reparametrize(parameters, wide.linear_minimizer());
        state.past = past;
        wide.prepared = None;
        *self = wide;
        Ok(())
    }

    /// The same state, or change of one, with the features of a wider network beside its own.
    fn widened(&self, wide: &Self, state: &[f64], drawn: Vec<f64>) -> Vec<f64> {
        let (given, own) = state.split_at(self.functional.on_walls());
        let own = wide.network().widened(self.network(), own, drawn);
        [given, &own].concat()
    }
}
