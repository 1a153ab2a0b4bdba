//! The field of another run as an initial condition.

use super::Solver;
use super::checkpoint::Checkpoint;
use crate::error::{Error, Result};
use crate::flow::{Course, State};
use crate::initial::Initial;

/// By how much a box may stand out of another one, relative to its side.
const ROUNDING: f64 = 1e-12;

impl Solver {
    /// Begins with the field of a checkpoint: it is evaluated as a function, with its gradient. Nothing else of that run
    /// is taken over. With a communicator a collective call.
    ///
    /// # Errors
    /// [`Argument`](crate::ErrorKind::Argument) if it is of another dimension, has another number of components or is
    /// not known on all of the box, [`File`](crate::ErrorKind::File) if it does not fit together, and those of
    /// [`set_initial`](Self::set_initial).
    pub fn set_initial_checkpoint(&mut self, from: &Checkpoint) -> Result<()> {
        self.collectively("set_initial", |solver| {
            let seen = solver.seen(from)?;
            let mut field =
                |x: &[f64], u: &mut [f64], grad: Option<&mut [f64]>| seen.evaluate(x, u, grad);
            solver.set_initial(Initial::Function {
                field: &mut field,
                has_gradient: true,
            })
        })
    }

    /// A solver without energies that has the field of a checkpoint.
    fn seen(&self, from: &Checkpoint) -> Result<Self> {
        let mut options = from.options.clone();
        let threads = i64::try_from(self.context.pool.threads()).unwrap_or(1);
        options.set("threads", threads)?;
        let mut seen = Self::new(&options)?;
        self.check_shows(&seen)?;
        let cx = seen.context.at(from.time);
        let minimizer = seen.flow.resume(&cx, &from.flow, 0)?;
        // What holds u comes before the parameters of the network.
        let size = seen.flow.parameters();
        let Some(first) = from.parameters.len().checked_sub(size) else {
            return Err(Error::file(format!(
                "its `parameters` holds {} entries; its network has {size}",
                from.parameters.len()
            )));
        };
        seen.state = Some(State {
            parameters: from.parameters[first..].to_vec(),
            past: Vec::new(),
            course: Course::default(),
            minimizer,
            linearized: None,
            step: from.step,
            time: from.time,
            time_rest: 0.0,
            began: from.began,
            fastest: 0.0,
            refinements: 0,
            fit: from.fit.clone(),
            report: from.report.clone(),
            hand_over: from.hand_over.clone(),
            restarts: std::sync::Arc::default(),
            observed: None,
        });
        Ok(seen)
    }

    /// Refuses a field that is not known where this solver's is.
    fn check_shows(&self, seen: &Self) -> Result<()> {
        let (ours, theirs) = (self.domain(), seen.domain());
        for (what, theirs, ours) in [
            ("dimension", theirs.dimension(), ours.dimension()),
            ("components", seen.components(), self.components()),
        ] {
            if theirs != ours {
                return Err(Error::argument(format!(
                    "option `{what}` is {theirs} in the snapshot and {ours} in the solver; accepted is the same"
                )));
            }
        }
        let corners = ours.lower().iter().zip(ours.upper());
        let others = theirs.lower().iter().zip(theirs.upper());
        for (axis, ((a, b), (lower, upper))) in corners.zip(others).enumerate() {
            let much = ROUNDING * (b - a);
            if *a < lower - much || *b > upper + much {
                return Err(Error::argument(format!(
                    "its field is known from {lower} to {upper} on axis {axis}, and the box of the solver is from {a} \
                     to {b}; accepted are boxes within its own"
                )));
            }
        }
        Ok(())
    }
}
