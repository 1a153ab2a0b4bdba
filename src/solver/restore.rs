//! Going on from a checkpoint.

use super::checkpoint::Checkpoint;
use super::{Solver, compatibility};
use crate::error::{Error, ErrorKind, Result};
use crate::flow::{Centre, Frozen, Posed, State};
use crate::minimize::{GaussNewton, Memory, Minimizer};

impl Solver {
    /// Goes on from a checkpoint of a solver with the same options, energies and nodes, as that solver would
    /// have: to the same bits, or where another release of the library wrote it as near as that release computes,
    /// with a warning in the log. A flow of maps is given rho_0 first, as it was then; any other needs no
    /// initial condition.
    ///
    /// # Errors
    /// An error names what differs, and leaves the solver as it was:
    /// [`Option`](crate::ErrorKind::Option) if an option does, [`Plugin`](crate::ErrorKind::Plugin) if an
    /// energy does, [`Argument`](crate::ErrorKind::Argument) if nodes or rho_0 do,
    /// [`State`](crate::ErrorKind::State) if rho_0 is missing, and [`File`](crate::ErrorKind::File) if the
    /// checkpoint comes from a processor that computes other bits or from a later release, or does not fit together.
    pub fn restore(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        if self.ranks().size() > 1 {
            return Err(Error::state(
                "a snapshot is restored into a solver of one process; with a communicator of several it \
                 is refused",
            ));
        }
        compatibility::check(self, checkpoint)?;
        let before = (self.flow.boxed_clone(), self.state.clone(), self.tau);
        let restored = self.apply(checkpoint);
        if restored.is_err() {
            (self.flow, self.state, self.tau) = before;
        }
        restored
    }

    fn apply(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        let Checkpoint {
            flow, refinements, ..
        } = checkpoint;
        let cx = self.context.at(checkpoint.time);
        let minimizer = self.flow.resume(&cx, flow, *refinements)?;
        compatibility::nodes(self, checkpoint)?;
        self.check_shapes(checkpoint)?;
        let minimizer = self.with_memory(minimizer, checkpoint)?;
        self.tau = checkpoint.tau;
        self.state = Some(State {
            parameters: checkpoint.parameters.clone(),
            past: checkpoint.past.clone(),
            minimizer,
            linearized: checkpoint.linearized,
            step: checkpoint.step,
            time: checkpoint.time,
            time_rest: checkpoint.time_rest,
            began: checkpoint.began,
            fastest: checkpoint.fastest,
            refinements: checkpoint.refinements,
            fit: checkpoint.fit.clone(),
            report: checkpoint.report.clone(),
            hand_over: checkpoint.hand_over.clone(),
            observed: None,
        });
        let values = self.energies()?;
        compatibility::values(self, &values, checkpoint)
    }

    fn check_shapes(&self, checkpoint: &Checkpoint) -> Result<()> {
        let size = self.flow.parameters();
        length("parameters", checkpoint.parameters.len(), size)?;
        for past in &checkpoint.past {
            length(
                "past",
                past.changes.len(),
                self.context.movement().stages.len(),
            )?;
            for change in &past.changes {
                length("past", change.len(), size)?;
            }
        }
        let memory = checkpoint.memory.as_ref();
        if let Some(matrix) = memory.and_then(|memory| memory.matrix.as_ref()) {
            let moved = size - self.flow.frozen();
            length("matrix", matrix.parameters.len(), moved)?;
        }
        Ok(())
    }

    /// The minimiser with what it knew.
    fn with_memory(&self, minimizer: Minimizer, checkpoint: &Checkpoint) -> Result<Minimizer> {
        match (minimizer, &checkpoint.memory) {
            (Minimizer::Adam(it), None) => Ok(Minimizer::Adam(it)),
            (Minimizer::GaussNewton(mut it), Some(memory)) => {
                self.restore_memory(&mut it, memory, checkpoint)?;
                Ok(Minimizer::GaussNewton(it))
            }
            _ => Err(Error::file(
                "its minimiser is not that of the solver; accepted is the same `minimizer`",
            )),
        }
    }

    fn restore_memory(
        &self,
        it: &mut GaussNewton,
        memory: &Memory,
        from: &Checkpoint,
    ) -> Result<()> {
        let (Some(matrix), Some(stage)) = (&memory.matrix, &from.linearized) else {
            return it.recall(memory, None);
        };
        let cx = self.context.at(stage.moment.time(self.context.movement())?);
        let nodes = self.flow.nodes(&cx, stage.turn)?;
        let of = Frozen {
            time: from.time,
            parameters: &from.parameters,
        };
        let centre = Centre {
            values: vec![0.0; nodes.len() * self.flow.network().outputs()],
            strength: stage.strength,
            // What depends on more than x leaves no matrix.
            weights: self.flow.weights(&cx, &nodes, &of)?,
        };
        let mut before = self
            .flow
            .still(&self.context, &from.parameters, &stage.moment)?;
        before.extend_from_slice(&from.parameters[before.len()..]);
        let mut objective = self.flow.stage(&Posed {
            cx: &cx,
            nodes: &nodes,
            centre: &centre,
            before: &before,
            turn: stage.turn,
            moment: stage.moment,
        })?;
        it.recall(memory, Some(&mut *objective))?;
        let now = it.memory().matrix.map(|now| now.kept.mean.to_bits());
        let same = now == Some(matrix.kept.mean.to_bits());
        compatibility::matrix(self, same, from)
    }
}

fn length(name: &str, given: usize, accepted: usize) -> Result<()> {
    if given == accepted {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::File,
        format!("its `{name}` holds {given} entries; the solver has {accepted}"),
    ))
}
