//! What can be asked of a gradient flow between steps.

use super::{
    Context, Eulerian, FieldSpec, FlowSpec, Lagrangian, Masses, PointValues, State, differenced,
    fields,
};
use crate::domain::Domain;
use crate::error::{Error, Result};
use crate::field::Network;
use crate::quadrature::Nodes;

/// Why a flow has no du/dt.
const NO_RATE: &str =
    "of which this `transport` does not know du/dt; accepted are others, w2gn excepted";

/// What a gradient flow is, and what can be asked of its states: values, fields, masses, trajectories.
pub trait Queries: Send + Sync {
    /// The row of the registry, with the words of the options that choose this flow.
    fn spec(&self) -> &'static FlowSpec;

    /// The domain of the field or of the mass.
    fn domain(&self) -> &Domain;

    /// The shape of the network whose parameters are minimised.
    fn network(&self) -> &Network;

    /// The components c of what moves as a field u.
    fn components(&self) -> usize {
        1
    }

    /// The number of parameters of a state, more than the network's where a flow keeps others.
    fn parameters(&self) -> usize {
        self.network().parameters()
    }

    // What can be asked between steps.

    /// u, or the density, at `x` (`[n][d]`) into `u` (`[n][c]`) and, when wanted, its gradient
    /// (`[n][c][d]`).
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) where the density is not known.
    fn evaluate(
        &self,
        cx: &Context,
        parameters: &[f64],
        x: &[f64],
        u: &mut [f64],
        grad: Option<&mut [f64]>,
    ) -> Result<()>;

    /// Second derivatives of u at `x` (`[n][d]`), `[n][c][d][d]`: by differences of its gradient, where the flow
    /// knows no better.
    ///
    /// # Errors
    /// As for [`evaluate`](Self::evaluate).
    fn second_derivatives(&self, cx: &Context, parameters: &[f64], x: &[f64]) -> Result<Vec<f64>> {
        differenced::second_derivatives(self, cx, parameters, x)
    }

    /// du/dt at `x` (`[n][d]`), `[n][c]`.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) where it is not known, and errors of the energies.
    fn rate_of_change(&self, cx: &Context, parameters: &[f64], x: &[f64]) -> Result<Vec<f64>> {
        self.eulerian(NO_RATE)?.rates(cx, parameters, x)
    }

    /// The fields that the flow has by name; snapshots show the first by default.
    fn fields(&self) -> &'static [FieldSpec];

    /// The values of one of [`fields`](Self::fields) at points, `[n][components]`. A flow that has
    /// [quantities of its own](super::Quantity::Own) evaluates them here.
    ///
    /// # Errors
    /// Errors of the energies.
    fn field_values(
        &self,
        cx: &Context,
        parameters: &[f64],
        field: &FieldSpec,
        at: &PointValues<'_>,
    ) -> Result<Vec<f64>> {
        fields::values(self, cx, parameters, field.quantity, at)
    }

    /// Whether [`evaluate`](Self::evaluate) knows u everywhere, not only where mass was given.
    fn is_known_everywhere(&self) -> bool {
        true
    }

    /// The density of each term's energy, `[n]`, at points `x` (`[n][d]`) with u (`[n][c]`) and its gradient
    /// `p` (`[n][c][d]`).
    ///
    /// # Errors
    /// Errors of the energies.
    fn energy_densities(
        &self,
        cx: &Context,
        parameters: &[f64],
        points: (&[f64], &[f64], &[f64]),
    ) -> Result<Vec<Vec<f64>>>;

    /// The density as weighted points; `None` of a flow whose u is no density of mass 1.
    ///
    /// # Errors
    /// [`TryAgain`](crate::ErrorKind::TryAgain) if a map folds labels over.
    fn masses(&self, _cx: &Context, _parameters: &[f64]) -> Result<Option<Masses>> {
        Ok(None)
    }

    /// Positions and masses that quantiles are read from.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) of a flow of no density of mass 1, and
    /// [`TryAgain`](crate::ErrorKind::TryAgain) if a map folds labels over.
    fn sample(&self, cx: &Context, state: &State) -> Result<Nodes> {
        self.lagrangian()?.sample(cx, state)
    }

    /// Returns what a field can do that is not carried along; a refusal says `why` this flow's cannot.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) of a flow that follows mass.
    fn eulerian(&self, why: &str) -> Result<&dyn Eulerian> {
        Err(Error::state(format!(
            "option `flow` is {}, {why}",
            self.spec().name
        )))
    }

    /// Returns the queries of trajectories.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) if the flow has no transport map.
    fn lagrangian(&self) -> Result<&dyn Lagrangian> {
        Err(Error::state(format!(
            "option `flow` is {}, which has no transport map; accepted is wasserstein",
            self.spec().name
        )))
    }

    /// The refusal of what another flow takes.
    fn no_use_for(&self, what: &str) -> Error {
        Error::state(format!(
            "option `flow` is {}, which takes {} for initial condition and has no use for {what}",
            self.spec().name,
            self.spec().initial
        ))
    }
}
