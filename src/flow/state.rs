//! The state of a run between two steps.

use super::{Course, Moment, Observed};
use crate::minimize::Minimizer;
use crate::report::{FitReport, HandOverReport, StepReport};
use std::sync::Arc;

/// State of a run: replaced by a step as a whole or not at all.
#[derive(Clone, Debug)]
pub struct State {
    /// The parameters, `[P]`.
    pub parameters: Vec<f64>,
    /// The last steps, latest first, for the first guesses of the next.
    pub past: Vec<Past>,
    /// The states that the last step came through.
    pub course: Course,
    /// The minimiser, with what it learnt.
    pub minimizer: Minimizer,
    /// The stage of the minimiser's matrix, if there is one.
    pub linearized: Option<Linearized>,
    /// Steps taken.
    pub step: u64,
    /// Time reached.
    pub time: f64,
    /// What rounding took from it, so that k steps of tau end at k tau.
    pub time_rest: f64,
    /// Time at which the flow began.
    pub began: f64,
    /// The fastest rate of change that a step of it had, in the metric of the flow.
    pub fastest: f64,
    /// Number of times that the nodes were made denser for good: the attempt that the next step begins
    /// with.
    pub refinements: u64,
    /// The fit of the initial condition.
    pub fit: FitReport,
    /// Report of the last step.
    pub report: StepReport,
    /// Report of the last field that the host handed over.
    pub hand_over: HandOverReport,
    /// What differed where the run went on from a snapshot of another solver, in the order of the restarts.
    pub restarts: Arc<[String]>,
    /// The moving quantity at the independent nodes, where a step has measured it.
    pub observed: Option<Arc<Observed>>,
}

impl State {
    /// The state at time 0.
    #[must_use]
    pub fn new(beginning: Beginning) -> Self {
        Self {
            parameters: beginning.parameters,
            past: Vec::new(),
            course: Course::default(),
            minimizer: beginning.minimizer,
            linearized: None,
            step: 0,
            time: 0.0,
            time_rest: 0.0,
            began: 0.0,
            fastest: 0.0,
            refinements: 0,
            fit: beginning.fit,
            report: StepReport::default(),
            hand_over: HandOverReport::default(),
            restarts: Arc::default(),
            observed: None,
        }
    }

    /// The time after so long a step, and what rounding takes from it: a compensated sum.
    #[must_use]
    pub fn time_after(&self, tau: f64) -> (f64, f64) {
        let more = tau + self.time_rest;
        let time = self.time + more;
        (time, more - (time - self.time))
    }

    /// Whether the field is that which the last step led to: not if the host has changed it since.
    #[must_use]
    pub const fn is_as_stepped(&self) -> bool {
        self.hand_over.count == 0 || self.hand_over.step < self.step
    }

    /// Goes on from other parameters for the same field or measure: nothing learnt about the old
    /// ones holds for them.
    pub fn reparametrize(&mut self, parameters: Vec<f64>, minimizer: Minimizer) {
        self.parameters = parameters;
        self.minimizer = minimizer;
        self.past.clear();
        self.linearized = None;
        self.observed = None;
    }

    /// Goes on from other parameters of a network of the same shape, which begins the next step;
    /// a guess of that step are the parameters that the same stage of the last one led to.
    pub fn rebase(&mut self, parameters: Vec<f64>, minimizer: Minimizer) {
        let last = self.past.first().and_then(|last| {
            let whole = last.changes.last()?;
            let shift: Vec<f64> = self
                .parameters
                .iter()
                .zip(whole)
                .zip(&parameters)
                .map(|((ended, change), begins)| ended - change - begins)
                .collect();
            let moved = |change: &Vec<f64>| change.iter().zip(&shift).map(|(c, s)| c + s).collect();
            Some(Past {
                tau: last.tau,
                changes: last.changes.iter().map(moved).collect(),
            })
        });
        self.reparametrize(parameters, minimizer);
        self.past.extend(last);
    }

    /// Takes over the parameters that the stages of a step led to; the first are those it began
    /// with.
    pub(crate) fn remember(&mut self, stages: Vec<Vec<f64>>, tau: f64) {
        let changes = stages.iter().skip(1).map(|stage| {
            let line = stage.iter().zip(&self.parameters);
            line.map(|(now, then)| now - then).collect()
        });
        let changes = changes.collect();
        self.past.insert(0, Past { tau, changes });
        self.past.truncate(2);
        if let Some(last) = stages.into_iter().next_back() {
            self.parameters = last;
        }
    }
}

/// The step that nodes are drawn for, and its attempt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Turn {
    /// The step, counted from 1; 0 is the initial fit.
    pub step: u64,
    /// Its attempt, counted from 0.
    pub attempt: u64,
}

/// A step that was taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Past {
    /// Its time step.
    pub tau: f64,
    /// For each stage the change of the parameters since the beginning of the step.
    pub changes: Vec<Vec<f64>>,
}

/// The stage whose model a matrix is made of: its nodes, and all that it depends on of the centre.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Linearized {
    /// The step and its attempt.
    pub turn: Turn,
    /// `S / tau`.
    pub strength: f64,
    /// When it took place.
    pub moment: Moment,
}

/// Beginning of a run, made of an initial condition.
pub struct Beginning {
    /// The parameters of the initial condition.
    pub parameters: Vec<f64>,
    /// The minimiser of the steps to come.
    pub minimizer: Minimizer,
    /// The fit of the initial condition.
    pub fit: FitReport,
}
