//! Checkpoints as sections of named numbers, which a snapshot stores as groups of its file:
//!
//! | section | entries |
//! |---|---|
//! | | text `movimento_version` |
//! | `energy` | `total`; `terms` (m), energies in the order they were added; texts `names` |
//! | `report`, `fit` | the figures of [`StepReport`] (absent before the first step) and [`FitReport`] |
//! | `hand_over` | the figures of [`HandOverReport`]; absent before the first hand-over |
//! | `state` | `step`, `time`, `tau`; `parameters` (P) in the layout of the network |
//! | `options` | every option with its value, set or default, but empty lists |
//! | `restart` | what else a solver needs to come to the same bits, below |
//!
//! | entry of `restart` | type and shape | content |
//! |---|---|---|
//! | texts | | `machine`: architecture and vector units; `nodes`: fingerprint of the nodes; `problem`: that of what is posed on whichever nodes; `restarts`, a list: what differed where the run went on with option `restart` = portable, absent if nothing did |
//! | `volume` | float64 | volume of the domain |
//! | `ranks` | int64 (1) | how many ranks shared the nodes; absent without a communicator |
//! | `past` | float64 (k, stages, P) | changes of the parameters in each stage of the last k steps, latest first; absent if k = 0 |
//! | `past_tau` | float64 (k) | time steps of these |
//! | `minimizer` | float64 (3) | Gauss-Newton's damping, its least value, and 1 if a matrix of an earlier step may be used |
//! | `matrix` | float64 (P, less those that stay as they are drawn) | the parameters at which that matrix was made, if there is one |
//! | `matrix_stage` | float64 (5) | the step and attempt whose nodes it was made on, the stage's S/tau, the damping in its factor and the mean of its diagonal |
//! | `matrix_moment` | float64 (3) | time and length of that step, and its stage from 0; absent in the first snapshots |
//! | `refined` | int64 (1) | how often the nodes were made denser for good; absent if never |
//! | `run` | float64 (3) | the time at which the flow began, the fastest rate of change that it had, and what rounding took from the time, of which the first snapshots have nothing; absent before the first step |
//! | `energy_0`, `energy_1`, ... | sections | the terms of F: text `name`, and of a plugin `version`, `abi` and `file` (a fingerprint); a list for each parameter |
//! | others | | what the flow saves, see [`Flow::save`](crate::flow::Flow::save) |

use super::Checkpoint;
use crate::energy::Identity;
use crate::error::Result;
use crate::fingerprint::Fingerprint;
use crate::flow::{Linearized, Moment, Past, Turn};
use crate::minimize::{Kept, MatrixMemory, Memory};
use crate::options::Options;
use crate::report::{FitReport, HandOverReport, StepReport};
use crate::section::Section;
use crate::solver::{Measured, Solver};

/// Whether an entry of `restart` is the solver's own, and not the flow's.
fn is_of_solver(name: &str) -> bool {
    const OWN: [&str; 14] = [
        "machine",
        "nodes",
        "ranks",
        "problem",
        "volume",
        "restarts",
        "past",
        "past_tau",
        "minimizer",
        "matrix",
        "matrix_stage",
        "matrix_moment",
        "refined",
        "run",
    ];
    OWN.contains(&name) || name.starts_with("energy_")
}

impl Solver {
    /// Everything about the state that is not a field: the checkpoint, and in the section `network`
    /// the network for others to evaluate, with what was [measured](Self::measure) of it.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) without initial condition, and those of
    /// [`exported`](Self::exported).
    pub fn saved(&self, measured: &Measured) -> Result<Section> {
        let mut root = self.checkpoint(measured)?.save();
        let names = self.energy_names().into_iter().map(str::to_owned);
        let names: Vec<String> = names.collect();
        if !names.is_empty() {
            root.child_mut("energy").set_texts("names", names);
        }
        self.exported()?.save(root.child_mut("network"));
        Ok(root)
    }
}

impl Checkpoint {
    /// Saves the checkpoint, as the tables at the top of this file say.
    #[must_use]
    pub fn save(&self) -> Section {
        let mut root = Section::default();
        root.set_text("movimento_version", self.version.as_str());
        let energy = root.child_mut("energy");
        energy.set_f64("total", self.values.iter().sum());
        // An empty dataset is an error to some readers.
        if !self.values.is_empty() {
            energy.set_list("terms", self.values.as_slice());
        }
        if self.report.step > 0 {
            self.report.save(root.child_mut("report"));
        }
        self.fit.save(root.child_mut("fit"));
        if self.hand_over.count > 0 {
            self.hand_over.save(root.child_mut("hand_over"));
        }
        let state = root.child_mut("state");
        state.set_u64("step", self.step);
        state.set_f64("time", self.time);
        state.set_f64("tau", self.tau);
        state.set_list("parameters", self.parameters.as_slice());
        self.options.save(root.child_mut("options"));
        self.save_restart(root.child_mut("restart"));
        root
    }

    fn save_restart(&self, into: &mut Section) {
        into.set_text("machine", self.machine.as_str());
        self.nodes.save(into, "nodes");
        if let Some((problem, volume)) = self.problem {
            problem.save(into, "problem");
            into.set_f64("volume", volume);
        }
        if !self.restarts.is_empty() {
            into.set_texts("restarts", self.restarts.clone());
        }
        if let Some(ranks) = self.ranks {
            into.set_counts("ranks", [ranks]);
        }
        save_past(into, &self.past);
        if let Some(memory) = &self.memory {
            save_memory(into, memory, self.linearized);
        }
        if self.refinements > 0 {
            into.set_counts("refined", [self.refinements]);
        }
        if self.step > 0 {
            into.set_list("run", [self.began, self.fastest, self.time_rest]);
        }
        for (term, energy) in self.energies.iter().enumerate() {
            energy.save(into.child_mut(&format!("energy_{term}")));
        }
        into.extend(&self.flow);
    }

    /// Takes back what [`save`](Self::save) saved.
    ///
    /// # Errors
    /// [`File`](crate::ErrorKind::File) if an entry is missing or not as it was saved, and
    /// [`Option`](crate::ErrorKind::Option) if the value of an option is not accepted.
    pub fn load(root: &Section) -> Result<Self> {
        let (state, restart) = (root.child("state")?, root.child("restart")?);
        let energy = root.child("energy")?;
        let memory = load_memory(restart)?;
        let run: &[f64] = match restart.has("run") {
            true => restart.get_list("run")?,
            false => &[],
        };
        let [began, fastest, time_rest] =
            std::array::from_fn(|at| run.get(at).copied().unwrap_or(0.0));
        let mut flow = restart.clone();
        flow.retain(|name| !is_of_solver(name));
        Ok(Self {
            version: root.get_text("movimento_version")?.to_owned(),
            machine: restart.get_text("machine")?.to_owned(),
            options: Options::load(root.child("options")?)?,
            energies: load_energies(restart)?,
            values: match energy.has("terms") {
                true => energy.get_list("terms")?.to_vec(),
                false => Vec::new(),
            },
            ranks: load_count(restart, "ranks")?,
            nodes: Fingerprint::load(restart, "nodes")?,
            problem: match restart.has_text("problem") {
                true => Some((
                    Fingerprint::load(restart, "problem")?,
                    restart.get_f64("volume")?,
                )),
                false => None,
            },
            restarts: match restart.has_text("restarts") {
                true => restart.get_texts("restarts")?.to_vec(),
                false => Vec::new(),
            },
            flow,
            tau: state.get_f64("tau")?,
            step: state.get_u64("step")?,
            time: state.get_f64("time")?,
            time_rest,
            began,
            fastest,
            refinements: load_count(restart, "refined")?.unwrap_or(0),
            parameters: state.get_list("parameters")?.to_vec(),
            past: load_past(restart)?,
            linearized: memory.as_ref().and_then(|(_, stage)| *stage),
            memory: memory.map(|(memory, _)| memory),
            fit: FitReport::load(root.child("fit")?)?,
            report: match root.has("report") {
                true => StepReport::load(root.child("report")?)?,
                false => StepReport::default(),
            },
            hand_over: match root.has("hand_over") {
                true => HandOverReport::load(root.child("hand_over")?)?,
                false => HandOverReport::default(),
            },
        })
    }
}

fn save_past(into: &mut Section, past: &[Past]) {
    let Some(latest) = past.first() else { return };
    let stages = latest.changes.len();
    let size = latest.changes.first().map_or(0, Vec::len);
    let all = past
        .iter()
        .flat_map(|past| past.changes.iter().flatten().copied());
    into.set_array("past", &[past.len(), stages, size], all.collect::<Vec<_>>());
    let taus = past.iter().map(|past| past.tau);
    into.set_list("past_tau", taus.collect::<Vec<_>>());
}

fn load_past(from: &Section) -> Result<Vec<Past>> {
    if !from.has("past") {
        return Ok(Vec::new());
    }
    let ([steps, stages, size], all) = from.get_array("past")?;
    let taus = from.get_list("past_tau")?;
    if taus.len() != steps {
        let given = format!("a list of {}", taus.len());
        return Err(from.refused("past_tau", &given, &format!("a list of {steps}")));
    }
    let past = all.chunks_exact((stages * size).max(1)).zip(taus);
    Ok(past
        .map(|(step, tau)| Past {
            tau: *tau,
            changes: step.chunks_exact(size).map(<[f64]>::to_vec).collect(),
        })
        .collect())
}

/// Steps and attempts are far below 2^53.
#[allow(clippy::cast_precision_loss)]
fn save_memory(into: &mut Section, memory: &Memory, stage: Option<Linearized>) {
    let reuse = f64::from(u8::from(memory.reuse));
    into.set_list("minimizer", [memory.damping, memory.least, reuse]);
    if let (Some(matrix), Some(stage)) = (&memory.matrix, stage) {
        into.set_list("matrix", matrix.parameters.as_slice());
        let numbers = [
            stage.turn.step as f64,
            stage.turn.attempt as f64,
            stage.strength,
            matrix.kept.damping,
            matrix.kept.mean,
        ];
        into.set_list("matrix_stage", numbers);
        let Moment { begin, tau, stage } = stage.moment;
        into.set_list("matrix_moment", [begin, tau, stage as f64]);
    }
}

fn load_memory(from: &Section) -> Result<Option<(Memory, Option<Linearized>)>> {
    if !from.has("minimizer") {
        return Ok(None);
    }
    let [damping, least, reuse] = from.get_numbers("minimizer")?;
    let mut memory = Memory {
        damping,
        least,
        reuse: reuse != 0.0,
        matrix: None,
    };
    if !from.has("matrix") {
        return Ok(Some((memory, None)));
    }
    let [step, attempt, strength, damping, mean] = from.get_numbers("matrix_stage")?;
    memory.matrix = Some(MatrixMemory {
        parameters: from.get_list("matrix")?.to_vec(),
        kept: Kept { damping, mean },
    });
    // Both are far below 2^53.
    let stage = Linearized {
        turn: Turn {
            step: step as u64,
            attempt: attempt as u64,
        },
        strength,
        moment: load_moment(from)?,
    };
    Ok(Some((memory, Some(stage))))
}

/// The first snapshots have none: nothing depended on time.
fn load_moment(from: &Section) -> Result<Moment> {
    if !from.has("matrix_moment") {
        return Ok(Moment::default());
    }
    let [begin, tau, stage] = from.get_numbers("matrix_moment")?;
    // Some small number.
    let stage = stage as usize;
    Ok(Moment { begin, tau, stage })
}

/// A count that may be absent.
fn load_count(from: &Section, name: &str) -> Result<Option<u64>> {
    if !from.has(name) {
        return Ok(None);
    }
    let values = from.get_counts(name)?;
    match values[..] {
        [value] => Ok(Some(value)),
        _ => Err(from.refused(name, &format!("{values:?}"), "one number")),
    }
}

fn load_energies(from: &Section) -> Result<Vec<Identity>> {
    let children = (0..).map(|term| format!("energy_{term}"));
    children
        .take_while(|name| from.has(name))
        .map(|name| Identity::load(from.child(&name)?))
        .collect()
}
