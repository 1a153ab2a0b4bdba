//! What the host changes between two steps: the field, the parameters, the time.

use super::{Solver, watch_fit};
use crate::arguments::check_points;
use crate::error::{Error, Result};
use crate::flow::HandOver;
use crate::report::HandOverReport;

/// Why a flow takes no other field.
const CARRIED: &str = "whose density is carried along by maps or potentials and cannot be replaced by values or added to; \
    accepted is a new beginning with a density given by a function or by particles (set_initial), and then the time of \
    now (set_time): the series goes on";

/// Why it takes no other parameters.
const MORE_THAN_PARAMETERS: &str = "whose state is more than its parameters; accepted is a state that was saved \
    (save_state and restore_state)";

impl Solver {
    /// Goes on with another field than the present one, or with an increment added to it: the time, the
    /// steps and the series stay. A small change costs about a step.
    /// [`hand_over_report`](Self::hand_over_report) tells how well it was met.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) without initial condition or of a flow in Wasserstein space,
    /// [`Argument`](crate::ErrorKind::Argument) if shapes do not fit, points are outside the domain or too
    /// few, or a value is not finite, [`NotConverged`](crate::ErrorKind::NotConverged) if the error at
    /// independent points stays above the option `fit_accept`,
    /// [`Cancelled`](crate::ErrorKind::Cancelled), and what the function returns. The solver stays as it
    /// was.
    pub fn hand_over(&mut self, given: HandOver<'_>) -> Result<()> {
        self.collectively("hand_over", |solver| {
            let mut state = solver.state()?.clone();
            let what = [("hand-over".to_owned(), given.noun().to_owned())];
            solver.ranks().same_texts("the", &what)?;
            let mut watch = watch_fit(&mut solver.observer, state.step, state.time);
            let cx = solver.context.at(state.time);
            let field = solver.flow.eulerian(CARRIED)?;
            let flow = field.handed_over(&cx, &mut state, given, &mut watch)?;
            drop(watch);
            solver.flow = flow;
            solver.state = Some(state);
            Ok(())
        })
    }

    /// Goes on with other parameters of the network, `[P]`, at the present time: those of
    /// [`parameters`](Self::parameters), changed by the host. With a communicator a collective call.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) without initial condition or of a flow in Wasserstein space, and
    /// [`Argument`](crate::ErrorKind::Argument) if there are not as many or one is not finite.
    pub fn set_parameters(&mut self, values: &[f64]) -> Result<()> {
        self.collectively("set_parameters", |solver| {
            let mut state = solver.state()?.clone();
            let (given, parameters) = (values.len(), state.parameters.len());
            if given != parameters {
                return Err(Error::argument(format!(
                    "argument `count` is {given}; accepted is {parameters}, the parameters of the network"
                )));
            }
            check_points("values", values, 1)?;
            let field = solver.flow.eulerian(MORE_THAN_PARAMETERS)?;
            let flow = field.with_parameters(&mut state, values)?;
            let ranks = solver.context.ranks();
            ranks.agree(Ok(()), &mut state.parameters)?;
            state.hand_over = HandOverReport {
                count: state.hand_over.count + 1,
                step: state.step,
                ..HandOverReport::default()
            };
            solver.flow = flow;
            solver.state = Some(state);
            Ok(())
        })
    }

    /// Changes the time reached: of a run that begins later than at 0, or anew at the time of another.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) without initial condition, and
    /// [`Argument`](crate::ErrorKind::Argument) if it is not finite.
    pub fn set_time(&mut self, time: f64) -> Result<()> {
        self.collectively("set_time", |solver| {
            if !time.is_finite() {
                return Err(Error::argument(format!(
                    "argument `time` is {time}; accepted is a finite number"
                )));
            }
            solver.ranks().same("time", time)?;
            let state = solver.state_mut()?;
            state.began += time - state.time;
            state.time = time;
            state.time_rest = 0.0;
            Ok(())
        })
    }

    /// Report of the last [`hand_over`](Self::hand_over), once there is an initial condition.
    #[must_use]
    pub fn hand_over_report(&self) -> Option<&HandOverReport> {
        self.state.as_ref().map(|state| &state.hand_over)
    }
}
