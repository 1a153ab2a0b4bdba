//! The metric of a step, where it depends on the state or on time.
//!
//! It is frozen for the step: at its beginning, which leaves an error of the first order, or for schemes of second
//! order in its middle, at the end of an implicit Euler step of half the length in the metric of the beginning. That
//! state is off by the square of tau, and so is the metric by what is odd about the middle, so that a step is off by
//! the third power. A metric of x alone is the same at all times, and schemes keep any order.

use super::Solver;
use super::step::Stage;
use crate::error::Result;
use crate::flow::{Frozen, Moment, State, Turn};
use crate::quadrature::Nodes;

/// Where a step's metric is frozen.
pub(super) struct Middle {
    time: f64,
    parameters: Vec<f64>,
    /// Iterations that it took to find it.
    pub iterations: u64,
}

impl Middle {
    /// It, as a flow is asked for the metric.
    pub(super) fn frozen(&self) -> Frozen<'_> {
        Frozen {
            time: self.time,
            parameters: &self.parameters,
        }
    }
}

impl Solver {
    /// Where the metric of a step from `next` is frozen; `None` if the flow's is the same everywhere. Collective.
    pub(super) fn middle(
        &mut self,
        next: &mut State,
        nodes: &Nodes,
        tau: f64,
        turn: Turn,
    ) -> Result<Option<Middle>> {
        let Some(mobility) = self.flow.mobility() else {
            return Ok(None);
        };
        let movement = self.context.movement();
        let mut middle = Middle {
            time: next.time + 0.5 * tau,
            parameters: next.parameters.clone(),
            iterations: 0,
        };
        if !mobility.depends().value || movement.order == 1 {
            return Ok(Some(middle));
        }
        // The whole of a step is its last stage.
        let moment = Moment {
            begin: next.time,
            tau: 0.5 * tau,
            stage: movement.stages.len() - 1,
        };
        let cx = self.context.at(moment.time(movement)?);
        let parts = [(1.0, &*next.parameters)];
        let mut centre = self.flow.centre(&cx, nodes, &parts, moment.tau)?;
        let begin = Frozen {
            time: next.time,
            parameters: &next.parameters,
        };
        centre.weights = self.flow.weights(&cx, nodes, &begin)?;
        let stage = Stage {
            cx: &cx,
            turn,
            nodes,
            centre: &centre,
            moment,
            earlier: 0,
        };
        let mut starts = vec![next.parameters.clone()];
        if let Some(last) = next.past.first()
            && let Some(change) = last.changes.last()
        {
            let line = next.parameters.iter().zip(change);
            let part = moment.tau / last.tau;
            starts.push(line.map(|(p, c)| p + part * c).collect());
        }
        let (parameters, outcome) = self.minimize_stage(next, &stage, starts)?;
        (middle.parameters, middle.iterations) = (parameters, outcome.iterations);
        Ok(Some(middle))
    }
}
