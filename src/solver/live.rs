//! Options that are changed in a run, so that a step that was refused can be helped.

use super::{Solver, watch_fit};
use crate::error::{Error, Result};
use crate::flow::{Context, Flow, State};
use crate::options::{Options, changed, is_live, live};

impl Solver {
    /// Changes options from the next step on: `options` are those that the solver was made with, or last
    /// given here, but for the ones that change.
    ///
    /// With another `hidden` the network is replaced by one of that size, fitted to the present field
    /// to `fit_accept`; [`fit_report`](Self::fit_report) tells how well. With another `nodes` the integrals
    /// of the steps to come are taken on as many. Flows in Wasserstein space keep theirs.
    ///
    /// A snapshot holds the options as they are then.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option) if an option differs that cannot be changed in a run, if
    /// options do not go together, or if the flow keeps its network and nodes, and those of
    /// [`set_initial`](Self::set_initial) where a field is fitted anew. The solver stays as it was.
    pub fn set_options(&mut self, options: &Options) -> Result<()> {
        self.collectively("set_options", |solver| solver.take_over(options))
    }

    fn take_over(&mut self, options: &Options) -> Result<()> {
        self.check_same_options(options)?;
        let names = changed(&self.context.given, options);
        if let Some(fixed) = names.iter().find(|name| !is_live(name)) {
            return Err(Error::option(format!(
                "option `{fixed}` differs from the solver's and cannot be changed in a run; accepted are \
                 changes of {}",
                live()
            )));
        }
        let cx = self.context.with(options, self.flow.region())?;
        let state = if names.iter().any(|name| ["hidden", "nodes"].contains(name)) {
            Some(self.resized(&cx.at(self.time()))?)
        } else {
            None
        };
        if names.contains(&"tau") {
            self.tau = cx.settings.time.tau;
        }
        self.context = cx;
        if let Some((flow, state)) = state {
            (self.flow, self.state) = (flow, state);
        }
        Ok(())
    }

    /// The flow and the state with nodes and a network as the options of `cx` say.
    fn resized(&mut self, cx: &Context) -> Result<(Box<dyn Flow>, Option<State>)> {
        let mut state = self.state.clone();
        let (step, time) = state.as_ref().map_or((0, 0.0), |it| (it.step, it.time));
        let mut watch = watch_fit(&mut self.observer, step, time);
        let flow = self
            .flow
            .resized(cx, &self.context.at(time), state.as_mut(), &mut watch)?;
        Ok((flow, state))
    }
}
