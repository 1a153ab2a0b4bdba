//! Metrics in which the cost of a movement is no integral of a function at nodes.

use super::L2Flow;
use crate::error::{Error, Result};
use crate::field::{Field, Normalized};
use crate::flow::{Context, FlowSpec, Frozen, Minimized, Posed};
use crate::minimize::{Stop, Watch};
use std::fmt::Debug;

/// A metric that is not local, of fields that are linear combinations of features: what a movement costs is
/// known in their linear space.
pub trait NonLocal: Debug + Send + Sync {
    /// A copy that shares nothing that changes.
    fn boxed_clone(&self) -> Box<dyn NonLocal>;

    /// The row of the registry, of the flow in this metric.
    fn spec(&self) -> &'static FlowSpec;

    /// Nodes that a step takes for each feature.
    fn nodes_per_feature(&self) -> usize;

    /// Makes of the parameters of a field in these units those of its projection to what steps can make.
    ///
    /// # Errors
    /// Errors of the threads.
    fn project(
        &self,
        flow: &L2Flow,
        cx: &Context,
        of: (&Field, Normalized),
        parameters: &mut Vec<f64>,
    ) -> Result<()>;

    /// Minimises a stage from the best of several guesses.
    ///
    /// # Errors
    /// As for [`Flow::minimize_stage`](crate::flow::Flow::minimize_stage).
    fn minimize(
        &self,
        flow: &L2Flow,
        posed: &Posed<'_>,
        guesses: Vec<Vec<f64>>,
        stop: &Stop,
        watch: &mut Watch<'_>,
    ) -> Result<Minimized>;

    /// The distance of two states, with the mobility, if there is one, frozen at another.
    ///
    /// # Errors
    /// Errors of the threads.
    fn distance(
        &self,
        flow: &L2Flow,
        cx: &Context,
        frozen: Option<&Frozen<'_>>,
        states: [&[f64]; 2],
    ) -> Result<f64>;

    /// Half the square of a motion that is too short for a tolerance.
    ///
    /// # Errors
    /// Errors of the threads.
    fn rest(&self, flow: &L2Flow) -> Result<f64>;

    /// du/dt at `x` (`[n][d]`), `[n]`.
    ///
    /// # Errors
    /// Errors of the energies.
    fn rates(&self, flow: &L2Flow, cx: &Context, parameters: &[f64], x: &[f64])
    -> Result<Vec<f64>>;
}

impl Clone for Box<dyn NonLocal> {
    fn clone(&self) -> Self {
        self.boxed_clone()
    }
}

impl L2Flow {
    /// Refuses what a metric that is not local does not go together with.
    pub(super) fn check_local(&self, what: &str) -> Result<()> {
        match &self.non_local {
            None => Ok(()),
            Some(metric) => Err(Error::state(format!(
                "option `flow` is {}, which does not take {what}; accepted with it is `flow` = l2",
                metric.spec().name
            ))),
        }
    }
}
