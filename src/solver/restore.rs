//! Going on from a checkpoint.

use super::checkpoint::Checkpoint;
use super::mismatches::Mismatches;
use super::{Solver, compatibility};
use crate::error::{Error, ErrorKind, Result};
use crate::flow::{Centre, Course, Frozen, Posed, State};
use crate::minimize::{GaussNewton, Memory, Minimizer};
use crate::options::Options;

impl Solver {
    /// Goes on from a checkpoint of a solver with the same options, energies and nodes, as that solver would
    /// have: to the same bits, or where an earlier release wrote it as near as that release computes. A flow of maps is given rho_0 first, as it was then; any other needs no
    /// initial condition. With the option `restart` = portable what differs in bits alone is noted, and the run goes on to
    /// other bits. With a communicator a collective call, with the same checkpoint on all ranks.
    ///
    /// # Errors
    /// An error names what differs, and leaves the solver as it was:
    /// [`Option`](crate::ErrorKind::Option) if an option does, [`Plugin`](crate::ErrorKind::Plugin) if an
    /// energy does, [`Argument`](crate::ErrorKind::Argument) if nodes or rho_0 do,
    /// [`State`](crate::ErrorKind::State) if rho_0 is missing, and [`File`](crate::ErrorKind::File) if the
    /// checkpoint comes from a processor that computes other bits or from a later release, or does not fit together.
    pub fn restore(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        self.collectively("restore", |solver| {
            let mut differ = Mismatches::new(solver.context.settings.run.restart);
            if !solver.ranks().are_alone() {
                solver.check_same_options(solver.options())?;
            }
            compatibility::check(solver, checkpoint, &mut differ)?;
            let before = (solver.flow.boxed_clone(), solver.state.clone(), solver.tau);
            let restored = solver.apply(checkpoint, &mut differ);
            // What fails on one rank is undone on all.
            let restored = solver.ranks().settle(restored);
            if restored.is_err() {
                (solver.flow, solver.state, solver.tau) = before;
                return restored;
            }
            solver.tell(differ);
            restored
        })
    }

    /// Says what differs, in the log and in the snapshots that follow.
    fn tell(&mut self, differ: Mismatches) {
        let Some(state) = &mut self.state else { return };
        let told: Vec<String> = differ.told(state.step, state.time).collect();
        told.iter()
            .for_each(|what| log::warn!("the restart goes on {what}"));
        state.restarts = state.restarts.iter().cloned().chain(told).collect();
    }

    fn apply(&mut self, checkpoint: &Checkpoint, differ: &mut Mismatches) -> Result<()> {
        let Checkpoint {
            flow, refinements, ..
        } = checkpoint;
        let cx = self.context.at(checkpoint.time);
        let minimizer = self.flow.resume(&cx, flow, *refinements)?;
        compatibility::problem(self, checkpoint)?;
        compatibility::nodes(self, checkpoint, differ)?;
        self.check_shapes(checkpoint)?;
        let (minimizer, is_known) = self.with_memory(minimizer, checkpoint, differ)?;
        // A time step that was chosen anew is not that of the run.
        let chosen = |options: &Options| options.real("tau").unwrap_or_default();
        if chosen(self.options()) == chosen(&checkpoint.options) {
            self.tau = checkpoint.tau;
        }
        let stages = self.context.movement().stages.len();
        let past = checkpoint.past.iter();
        self.state = Some(State {
            parameters: checkpoint.parameters.clone(),
            past: past
                .filter(|it| it.changes.len() == stages)
                .cloned()
                .collect(),
            course: Course::default(),
            minimizer,
            linearized: checkpoint.linearized.filter(|_| is_known),
            step: checkpoint.step,
            time: checkpoint.time,
            time_rest: checkpoint.time_rest,
            began: checkpoint.began,
            fastest: checkpoint.fastest,
            refinements: checkpoint.refinements,
            fit: checkpoint.fit.clone(),
            report: checkpoint.report.clone(),
            hand_over: checkpoint.hand_over.clone(),
            restarts: checkpoint.restarts.iter().cloned().collect(),
            observed: None,
        });
        let values = self.energies()?;
        compatibility::values(self, &values, checkpoint, differ)
    }

    fn check_shapes(&self, checkpoint: &Checkpoint) -> Result<()> {
        let size = self.flow.parameters();
        length("parameters", checkpoint.parameters.len(), size)?;
        let is_like = self.context.movement().name == checkpoint.options.text("movement")?;
        for past in &checkpoint.past {
            if is_like {
                let stages = self.context.movement().stages.len();
                length("past", past.changes.len(), stages)?;
            }
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

    /// The minimiser with what it knew, and whether it did: on other nodes or a machine of other bits it begins anew.
    fn with_memory(
        &self,
        minimizer: Minimizer,
        checkpoint: &Checkpoint,
        differ: &mut Mismatches,
    ) -> Result<(Minimizer, bool)> {
        // Where one rank is another machine all begin anew.
        let mut found = [f64::from(u8::from(!differ.are_none()))];
        self.ranks().max(Ok(()), &mut found)?;
        if found != [0.0] {
            return Ok((minimizer, false));
        }
        match (minimizer, &checkpoint.memory) {
            (Minimizer::Adam(it), None) => Ok((Minimizer::Adam(it), true)),
            (Minimizer::GaussNewton(fresh), Some(memory)) => {
                let mut it = fresh.clone();
                self.restore_memory(&mut it, memory, checkpoint, differ)?;
                Ok(match differ.are_none() {
                    true => (Minimizer::GaussNewton(it), true),
                    false => (Minimizer::GaussNewton(fresh), false),
                })
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
        differ: &mut Mismatches,
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
        let is_same = now == Some(matrix.kept.mean.to_bits());
        compatibility::matrix(self, is_same, from, differ)
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
