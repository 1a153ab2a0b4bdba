//! What a step and a restart ask of a gradient flow.

use super::rules::Region;
use super::transport::Terms;
use super::{
    Beginning, Centre, Context, Frozen, HostDomain, Minimized, Moment, Observed, Posed, Queries,
    REST, State, Turn, distance_at, minimize_holding,
};
use crate::energy::{Mobility, Term};
use crate::error::{Error, Result};
use crate::export::Exported;
use crate::fingerprint::Numbers;
use crate::initial::Initial;
use crate::minimize::{Minimizer, Objective, Outcome, Stop, Watch};
use crate::objective::{Euclidean, Metric};
use crate::quadrature::Nodes;
use crate::report::StepReport;
use crate::section::Section;

/// A gradient flow: all that a step and a restart ask of it, beside what [anyone may ask](Queries) between steps.
///
/// A flow owns its domain, its networks' shapes, its functional and its nodes. The parameters are
/// in the [`State`] of the solver and come with every call. Where nodes are split over ranks, each
/// rank's flow holds its own part and calls that say so are collective.
pub trait Flow: Queries {
    /// A copy that shares nothing that changes.
    fn boxed_clone(&self) -> Box<dyn Flow>;

    /// Over what it takes its integrals.
    fn region(&self) -> Region {
        Region::OfOptions
    }

    /// How many of the parameters, the first, stay as they are drawn: an [objective](Self::stage) is
    /// one of those after them.
    fn frozen(&self) -> usize {
        0
    }

    /// The parameters that stay in a stage, from those `before` the step: as they are, but for what is given at
    /// each time. Collective.
    ///
    /// # Errors
    /// Errors of functions of the host.
    fn still(&self, _cx: &Context, before: &[f64], _at: &Moment) -> Result<Vec<f64>> {
        Ok(before[..self.frozen()].to_vec())
    }

    /// The state before a step, moved to where what is given lets it be after the step; `None` if it may stay.
    fn carried(&self, _before: &[f64], _after: &[f64]) -> Option<Vec<f64>> {
        None
    }

    // The functional.

    /// Adds a term to the functional.
    ///
    /// # Errors
    /// [`Plugin`](crate::ErrorKind::Plugin) if the flow needs a capability that the term lacks.
    fn add_term(&mut self, term: Term) -> Result<()>;

    /// The terms' names, in the order they were added.
    fn term_names(&self) -> Vec<&str>;

    /// Whether the functional is known to be convex in the metric of the flow.
    fn is_convex(&self) -> bool {
        false
    }

    /// The energy of each term in a state, on the independent nodes. Collective.
    ///
    /// # Errors
    /// Errors of the energies.
    fn energies(&self, cx: &Context, observed: &Observed) -> Result<Vec<f64>>;

    // The beginning of a run.

    /// Starts from an initial condition. Collective. If it fails the flow stays as it was.
    ///
    /// # Errors
    /// [`Argument`](crate::ErrorKind::Argument) and [`State`](crate::ErrorKind::State) if the flow
    /// has no use for such a condition, [`NotConverged`](crate::ErrorKind::NotConverged) if a fit
    /// misses the option `fit_accept`, and errors of functions of the host and of `watch`.
    fn start(
        &mut self,
        cx: &Context,
        initial: Initial<'_>,
        watch: &mut Watch<'_>,
    ) -> Result<Beginning>;

    /// The terms of a flow that may turn out to be [another](super::suited) of the same functional.
    fn terms(&self) -> Option<&Terms> {
        None
    }

    /// Keeps only this rank's part of nodes that exist before the initial condition.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) if the host gave nodes already, and
    /// [`Option`](crate::ErrorKind::Option) if the flow does not run on several ranks.
    fn check_splits(&self) -> Result<()> {
        Ok(())
    }

    /// Keeps this rank's part of the nodes; see [`check_splits`](Self::check_splits).
    fn split(&mut self, _cx: &Context) {}

    /// The flow with nodes and a network as the options of `cx` now say, other than `before`, and in
    /// `state` the parameters of the same field. Collective.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option) if the flow keeps them, and errors of a
    /// [`start`](Self::start) from the present field.
    fn resized(
        &self,
        _cx: &Context,
        _before: &Context,
        _state: Option<&mut State>,
        _watch: &mut Watch<'_>,
    ) -> Result<Box<dyn Flow>> {
        Err(Error::option(format!(
            "option `flow` is {}, whose `hidden` and `nodes` cannot be changed in a run; accepted is \
             another solver that begins with them",
            self.spec().name
        )))
    }

    // A step.

    /// Nodes of a step: this rank's own part.
    ///
    /// # Errors
    /// Errors of a region of the host, and [`Option`](crate::ErrorKind::Option) if refined nodes
    /// are too many.
    fn nodes(&self, cx: &Context, turn: Turn) -> Result<Nodes>;

    /// Evaluates what moves at positions or labels `x`: u, `[n][c]`, or X, `[n][d]`.
    ///
    /// # Errors
    /// Errors of the threads.
    fn values(&self, cx: &Context, x: &[f64], parameters: &[f64]) -> Result<Vec<f64>>;

    /// The proximal centre `sum g_i U_i / S` of a stage at nodes; `parts` pairs each coefficient
    /// with the parameters of its `U_i`.
    ///
    /// # Errors
    /// As for [`values`](Self::values).
    fn centre(
        &self,
        cx: &Context,
        nodes: &Nodes,
        parts: &[(f64, &[f64])],
        tau: f64,
    ) -> Result<Centre> {
        let total: f64 = parts.iter().map(|(g, _)| g).sum();
        let mut values = Vec::new();
        for (g, parameters) in parts {
            let u = self.values(cx, &nodes.x, parameters)?;
            values.resize(u.len(), 0.0);
            let pairs = values.iter_mut().zip(&u);
            pairs.for_each(|(v, u): (&mut f64, _)| *v += g / total * u);
        }
        Ok(Centre {
            values,
            strength: total / tau,
            weights: None,
        })
    }

    /// The objective of a stage.
    ///
    /// # Errors
    /// Errors of the energies.
    fn stage<'a>(&'a self, posed: &Posed<'a>) -> Result<Box<dyn Objective + 'a>>;

    /// Minimises a stage from the best of several guesses. A flow whose objective is sampled anew
    /// in each iteration brings a loop of its own.
    ///
    /// # Errors
    /// Errors of the energies, of the minimiser and of `watch`.
    fn minimize_stage(
        &self,
        posed: &Posed<'_>,
        guesses: Vec<Vec<f64>>,
        minimizer: &mut Minimizer,
        stop: &Stop,
        watch: &mut Watch<'_>,
    ) -> Result<Minimized> {
        let still = self.still(posed.cx, posed.before, &posed.moment)?;
        minimize_holding(self, posed, still, guesses, (minimizer, stop, watch))
    }

    /// The part of the library's own tolerance that stages are minimised to: below 1 where that costs
    /// little, and errors of many steps add up.
    fn exactness(&self) -> f64 {
        1.0
    }

    /// The part of the change of a step that the next may begin with: below 1 where minimisation
    /// leaves noise, which would add up from step to step.
    fn continuation(&self) -> f64 {
        1.0
    }

    /// A hundredth of what the minimum on random nodes gains over the true one by fitting the
    /// sample, relative to the objective: about parameters / nodes of it. To solve further is to
    /// fit noise.
    fn sampling_noise(&self) -> f64 {
        0.0
    }

    // What a step is checked by, on nodes that it does not train on.

    /// The independent nodes.
    fn check_nodes(&self) -> &Nodes;

    /// Evaluates what moves at the independent nodes.
    ///
    /// # Errors
    /// [`TryAgain`](crate::ErrorKind::TryAgain) if a map folds labels over.
    fn observe(&self, cx: &Context, parameters: &[f64]) -> Result<Observed>;

    /// Evaluates what moves at the independent nodes, and the norm of the Euler-Lagrange residual
    /// of a stage there; NaN where it is not known. Collective.
    ///
    /// # Errors
    /// As for [`observe`](Self::observe), and errors of the energies.
    fn observe_stage(
        &self,
        cx: &Context,
        parameters: &[f64],
        centre: &Centre,
    ) -> Result<(Observed, f64)>;

    /// What the functional of the last stage of a step, whose strength was `S / tau`, has beside F and the
    /// movement by which the state `of` it holds what is given, of what is observed in it or in another.
    /// Collective.
    ///
    /// # Errors
    /// Errors of the other ranks.
    fn holding(&self, _cx: &Context, _of: (&[f64], f64), _observed: &Observed) -> Result<f64> {
        Ok(0.0)
    }

    /// The largest part of its variation by which u misses what is given on the boundary, in a state of which
    /// this is observed; 0 where it has it exactly. Collective.
    ///
    /// # Errors
    /// Errors of the functions that give the values.
    fn wall_error(&self, _cx: &Context, _parameters: &[f64], _observed: &Observed) -> Result<f64> {
        Ok(0.0)
    }

    /// The largest part of its variation by which u is beyond bounds that hold it, in a state of which this is
    /// observed; 0 without bounds. Collective.
    ///
    /// # Errors
    /// Errors of the other ranks.
    fn bound_error(&self, _cx: &Context, _observed: &Observed) -> Result<f64> {
        Ok(0.0)
    }

    /// The largest part of its size by which an integral that is held is off its value; 0 if none are. Collective.
    ///
    /// # Errors
    /// Errors of the densities.
    fn integral_error(
        &self,
        _cx: &Context,
        _parameters: &[f64],
        _observed: &Observed,
    ) -> Result<f64> {
        Ok(0.0)
    }

    /// Whether the matrix of a step can be made again from the parameters it was made at: not where it depends on
    /// more of the step.
    fn keeps_matrices(&self) -> bool {
        true
    }

    /// The metric that norms and distances of states are in.
    fn metric(&self) -> &dyn Metric {
        &Euclidean
    }

    /// What the metric is made of, where it is frozen anew in each step; see [`weights`](Self::weights).
    fn mobility(&self) -> Option<&Mobility> {
        None
    }

    /// The weights m of the metric at nodes, frozen at a state and a time; `None` where it is that of
    /// [`metric`](Self::metric). Collective.
    ///
    /// # Errors
    /// Errors of the function that gives it.
    fn weights(&self, _cx: &Context, _nodes: &Nodes, _of: &Frozen<'_>) -> Result<Option<Vec<f64>>> {
        Ok(None)
    }

    /// The distance that a step moved, in the metric of the flow, which may be frozen for it, from the parameters and
    /// observables before it and after. Collective.
    ///
    /// # Errors
    /// [`Internal`](crate::ErrorKind::Internal) if the estimate of a distance fails.
    fn distance(
        &self,
        cx: &Context,
        frozen: Option<&Frozen<'_>>,
        _parameters: [&[f64]; 2],
        observed: [&Observed; 2],
    ) -> Result<f64> {
        distance_at(self, cx, frozen, observed)
    }

    /// Half the square of a motion that is too short for a tolerance: near a steady state steps
    /// are made of what those before left undone. Collective.
    ///
    /// # Errors
    /// Errors of the other ranks.
    fn rest(&self, cx: &Context, observed: &Observed) -> Result<f64> {
        let norm = observed.norm(self.metric(), cx.ranks(), self.check_nodes())?;
        Ok(0.5 * (REST * norm).powi(2))
    }

    /// The standard error of the change of the energy between two states, where the independent nodes are a
    /// random sample; 0 where they are those of a rule. Collective.
    ///
    /// # Errors
    /// Errors of the energies.
    fn energy_noise(&self, _cx: &Context, _before: &Observed, _after: &Observed) -> Result<f64> {
        Ok(0.0)
    }

    /// The root mean square of the flux through the boundary; NaN where it is not known.
    /// Collective.
    ///
    /// # Errors
    /// Errors of the energies.
    fn boundary_flux(&self, _cx: &Context, _parameters: &[f64]) -> Result<f64> {
        Ok(f64::NAN)
    }

    /// How often a step that fails as a whole is worth trying again on other nodes, before it is taken in parts.
    fn retries(&self) -> u64 {
        2
    }

    /// Whether the nodes can be made denser than after so many refinements, for good.
    fn can_refine(&self, _refinements: u64) -> bool {
        false
    }

    /// Whether a step shows that its nodes were too few, so that it should be tried with denser
    /// ones; `rest` is what [`rest`](Self::rest) says.
    fn is_underresolved(
        &self,
        _step: &StepReport,
        _strength: f64,
        _rest: f64,
        _last: &Outcome,
    ) -> bool {
        false
    }

    /// Prepares what comes after a step that was accepted, from `before` refinements: relabelling,
    /// denser independent nodes. Collective. If it fails the flow stays as it was.
    ///
    /// # Errors
    /// [`TryAgain`](crate::ErrorKind::TryAgain) if a map folds labels over.
    fn after_step(&mut self, _cx: &Context, _state: &mut State, _before: u64) -> Result<()> {
        Ok(())
    }

    /// Returns the interface for a domain given by the host; `what` is named in a refusal.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) if the flow has no use for `what`.
    fn host_domain(&mut self, what: &str) -> Result<&mut dyn HostDomain> {
        Err(self.no_use_for(what))
    }

    // What outlives the process.

    /// Adds every node that steps do not draw anew.
    fn add_fingerprint(&self, numbers: &mut Numbers);

    /// Adds what is posed beside energies and options, and is the same on whichever nodes: which sides have values, what
    /// is held, on what a mobility depends.
    fn add_problem(&self, _numbers: &mut Numbers) {}

    /// Says that the nodes of a restart are others.
    fn other_nodes(&self) -> &'static str {
        "the nodes come out with other bits than in the run that wrote the snapshot"
    }

    /// Saves what a restart needs beyond the parameters, under names of the flow's own.
    fn save(&self, _into: &mut Section) {}

    /// Goes on from what was saved, after so many refinements; returns a minimiser without memory.
    /// If it fails the flow may be left half way: the solver keeps a copy.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) if an initial density is missing,
    /// [`Argument`](crate::ErrorKind::Argument) if it is another one, and
    /// [`File`](crate::ErrorKind::File) if what was saved does not fit.
    fn resume(&mut self, cx: &Context, saved: &Section, refinements: u64) -> Result<Minimizer>;

    /// Adds the networks, with all that their evaluation takes.
    ///
    /// # Errors
    /// [`NotFinite`](crate::ErrorKind::NotFinite).
    fn export(&self, cx: &Context, parameters: &[f64], out: &mut Exported) -> Result<()>;
}
