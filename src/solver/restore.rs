//! Going on from a checkpoint.

use super::checkpoint::{Checkpoint, Relabelling};
use super::{Minimizer, Relabelled, Solver, State, agreement};
use crate::error::{Error, ErrorKind, Result};
use crate::flow::{Centre, Flow, Setting, Transport};
use crate::initial::profile::Profile;
use crate::minimize::{Form, GaussNewton, Memory};
use crate::quadrature::Nodes;
use std::sync::Arc;

/// All that restoring changes.
struct Before {
    state: Option<State>,
    tau: f64,
    /// Of a flow of maps.
    map: Option<Labelled>,
}

/// What depends on the labels.
struct Labelled {
    flow: Transport,
    form: Option<Form>,
    fixed: Vec<Nodes>,
    check: Nodes,
    labels: Nodes,
    profile: Option<Arc<dyn Profile>>,
    relabelled: Vec<Relabelled>,
}

impl Solver {
    /// Goes on from a checkpoint of a solver with the same options, energies and nodes, as that solver would
    /// have: to the same bits. A flow of maps is given rho_0 first, as it was then; any other needs no
    /// initial condition.
    ///
    /// # Errors
    /// What differs is named, and the solver stays as it was:
    /// [`Option`](crate::ErrorKind::Option) if an option does, [`Plugin`](crate::ErrorKind::Plugin) if an
    /// energy does, [`Argument`](crate::ErrorKind::Argument) if nodes or rho_0 do,
    /// [`State`](crate::ErrorKind::State) if rho_0 is missing, and [`File`](crate::ErrorKind::File) if the
    /// checkpoint comes from another version of the library or from a processor that computes other bits, or
    /// does not fit together.
    pub fn restore(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        if self.pool.ranks().size() > 1 {
            return Err(Error::state(
                "a snapshot is restored into a solver of one process; with a communicator of several it \
                 is refused",
            ));
        }
        agreement::check(self, checkpoint)?;
        let before = self.before();
        let restored = self.take_up(checkpoint);
        if restored.is_err() {
            self.put_back(before);
        }
        restored
    }

    fn before(&self) -> Before {
        Before {
            state: self.state.clone(),
            tau: self.tau,
            map: match &self.flow {
                Flow::Map(flow) => Some(Labelled {
                    flow: flow.clone(),
                    form: self.form,
                    fixed: self.fixed.clone(),
                    check: self.check.clone(),
                    labels: self.labels.clone(),
                    profile: self.profile.clone(),
                    relabelled: self.relabelled.clone(),
                }),
                Flow::L2(_) | Flow::W2gn(_) => None,
            },
        }
    }

    fn put_back(&mut self, before: Before) {
        self.state = before.state;
        self.tau = before.tau;
        if let Some(map) = before.map {
            self.flow = Flow::Map(map.flow);
            self.form = map.form;
            self.fixed = map.fixed;
            self.check = map.check;
            self.labels = map.labels;
            self.profile = map.profile;
            self.relabelled = map.relabelled;
        }
    }

    fn take_up(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        let minimizer = match &self.flow {
            Flow::Map(_) => self.replay(checkpoint)?,
            Flow::L2(_) | Flow::W2gn(_) => self.minimizer.clone(),
        };
        agreement::nodes(self, checkpoint)?;
        self.check_shapes(checkpoint)?;
        let minimizer = self.remember(minimizer, checkpoint)?;
        self.tau = checkpoint.tau;
        self.state = Some(State {
            parameters: checkpoint.parameters.clone(),
            past: checkpoint.past.clone(),
            minimizer,
            linearized: checkpoint.linearized,
            step: checkpoint.step,
            time: checkpoint.time,
            refined: checkpoint.refined,
            fit: checkpoint.fit.clone(),
            report: checkpoint.report.clone(),
            observed: None,
        });
        let values = self.energies()?;
        agreement::values(self, &values, checkpoint)
    }

    /// Starts from rho_0, and takes the labels anew as often as it was done.
    fn replay(&mut self, checkpoint: &Checkpoint) -> Result<Minimizer> {
        let Some(origin) = &self.origin else {
            return Err(Error::state(
                "a flow of transport maps is restored on top of its initial density: set it first, as it \
                 was in the run that wrote the snapshot",
            ));
        };
        let profile = Arc::clone(&origin.profile);
        self.start(profile)?;
        for Relabelling { step, parameters } in &checkpoint.relabelled {
            let size = self.flow.network().parameters();
            length("relabelled", parameters.len(), size)?;
            if let Some(state) = &mut self.state {
                state.parameters.clone_from(parameters);
                state.step = *step;
            }
            self.take_labels()?;
        }
        if let Some(state) = &mut self.state {
            state.refined = checkpoint.refined;
        }
        self.refine_check()?;
        Ok(self.state()?.minimizer.clone())
    }

    fn check_shapes(&self, checkpoint: &Checkpoint) -> Result<()> {
        let size = match &self.flow {
            Flow::W2gn(flow) => flow.state(vec![0.0; flow.network().parameters()]).len(),
            Flow::L2(_) | Flow::Map(_) => self.flow.network().parameters(),
        };
        length("parameters", checkpoint.parameters.len(), size)?;
        for past in &checkpoint.past {
            length("past", past.changes.len(), self.movement.stages.len())?;
            for change in &past.changes {
                length("past", change.len(), size)?;
            }
        }
        let memory = checkpoint.memory.as_ref();
        if let Some(matrix) = memory.and_then(|memory| memory.matrix.as_ref()) {
            length("matrix", matrix.parameters.len(), size)?;
        }
        Ok(())
    }

    /// The minimiser with what it knew.
    fn remember(&self, minimizer: Minimizer, checkpoint: &Checkpoint) -> Result<Minimizer> {
        match (minimizer, &checkpoint.memory) {
            (Minimizer::Adam(it), None) => Ok(Minimizer::Adam(it)),
            (Minimizer::GaussNewton(mut it), Some(memory)) => {
                self.recall(&mut it, memory, checkpoint)?;
                Ok(Minimizer::GaussNewton(it))
            }
            _ => Err(Error::file("its minimiser is not that of the solver")),
        }
    }

    fn recall(&self, it: &mut GaussNewton, memory: &Memory, from: &Checkpoint) -> Result<()> {
        let (Some(matrix), Some(stage)) = (&memory.matrix, &from.linearized) else {
            return it.recall(memory, None);
        };
        let nodes = self.step_nodes(stage.step, stage.attempt)?;
        let centre = Centre {
            values: vec![0.0; nodes.len() * self.flow.network().outputs()],
            strength: stage.strength,
        };
        let setting = Setting {
            pool: &self.pool,
            nodes: &nodes,
            form: self.form,
            precision: self.precision,
            turn: (stage.step, stage.attempt),
        };
        let mut objective = self.flow.stage(&setting, &centre)?;
        it.recall(memory, Some(&mut *objective))?;
        let now = it.memory().matrix.map(|now| now.kept.mean.to_bits());
        agreement::matrix(self, now == Some(matrix.kept.mean.to_bits()))
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
