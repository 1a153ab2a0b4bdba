//! How much work a step may take before it is refused: so many times that of a good one.

use crate::communicator::Ranks;
use crate::error::Result;
use crate::flow::Context;
use crate::minimize::MinimizerChoice;
use crate::report::StepReport;

/// Iterations that a good stage takes by Gauss-Newton, at least: in the first step, of which nothing is
/// known, and in later ones, as after quick ones one may be harder.
const FIRST: f64 = 20.0;
const LATER: f64 = 6.0;

/// The part of the effort that may go into a step as a whole; the rest is for its parts.
const WHOLE: f64 = 0.8;

/// The work of a step so far, in all its attempts and parts, and what it may come to.
///
/// Work is counted in iterations of the minimiser on as many nodes as the first attempt has, so that it
/// is the same on every machine.
#[derive(Debug, Default)]
pub(super) struct Effort {
    /// What all attempts may take together.
    most: f64,
    /// What the attempts that are being made may have taken in the end.
    allowed: f64,
    spent: f64,
    /// Nodes of the first attempt.
    nodes: Option<u64>,
    /// Nodes of the present attempt, relative to those.
    weight: f64,
    /// Iterations, on however many nodes.
    pub iterations: u64,
    /// Attempts.
    pub attempts: u64,
}

impl Effort {
    /// What a step may take that follows one of this report.
    pub fn after(cx: &Context, last: &StepReport) -> Self {
        let stages = cx.movement().stages.len() as f64;
        let usual = match cx.settings.minimizer.minimizer {
            MinimizerChoice::GaussNewton if last.step == 0 => FIRST,
            MinimizerChoice::GaussNewton => LATER,
            MinimizerChoice::Adam => cx.settings.adam.adam_iterations as f64,
        };
        // Step doubling takes a step three times.
        let times = cx.settings.time.step_tolerance.map_or(1.0, |_| 3.0);
        let good = (usual * stages * times).max(last.accepted_iterations as f64);
        let most = cx.settings.minimizer.effort * good;
        Self {
            most,
            allowed: most,
            weight: 1.0,
            ..Self::default()
        }
    }

    /// Attempts to take a step as a whole come first; its parts may take what is left.
    pub fn begin(&mut self, is_whole: bool) {
        self.allowed = if is_whole { WHOLE } else { 1.0 } * self.most;
    }

    /// A trial that came to its end, good or bad, is no failure that counts against those that follow.
    pub fn forgive(&mut self) {
        self.spent = 0.0;
    }

    /// An attempt on so many nodes.
    pub fn begin_attempt(&mut self, nodes: u64) {
        self.attempts += 1;
        let first = *self.nodes.get_or_insert(nodes);
        self.weight = nodes.max(1) as f64 / first.max(1) as f64;
    }

    /// Nodes of the first attempt; 0 before it.
    pub fn nodes(&self) -> u64 {
        self.nodes.unwrap_or(0)
    }

    /// So many iterations were made.
    pub fn add(&mut self, iterations: u64) {
        self.iterations += iterations;
        self.spent += self.weight * iterations as f64;
    }

    /// Iterations of the present attempt that are left; at least one, which tells what is missing.
    pub fn iterations_left(&self) -> u64 {
        ((self.allowed - self.spent) / self.weight).max(1.0) as u64
    }

    /// Whether there is nothing left for another attempt. Collective: of ranks that failed at different
    /// places the one that did most counts.
    pub fn is_spent(&mut self, ranks: &Ranks) -> Result<bool> {
        let mut spent = [self.spent];
        ranks.max(Ok(()), &mut spent)?;
        [self.spent] = spent;
        Ok(self.spent >= self.allowed)
    }
}
