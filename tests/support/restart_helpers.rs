//! A run that stops at a snapshot and goes on from it.

use movimento::options::Value;
use movimento::snapshot::{restore, write};
use movimento::{Checkpoint, Options, Solver};

/// All that a host can see of a solver, as bits, without the seconds that it took.
#[derive(Debug, PartialEq)]
pub struct Bits {
    parameters: Vec<u64>,
    steps: u64,
    time: u64,
    tau: u64,
    energies: Vec<u64>,
    report: Option<String>,
    fit: String,
}

impl Bits {
    /// What steps go on from: parameters, steps, time and tau.
    pub fn of_the_state(&self) -> (&[u64], [u64; 3]) {
        (&self.parameters, [self.steps, self.time, self.tau])
    }
}

pub fn bits(solver: &Solver) -> Bits {
    let all = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect();
    let mut fit = solver.fit_report().unwrap().clone();
    fit.seconds = 0.0;
    let report = solver.report().cloned().map(|mut report| {
        report.seconds = 0.0;
        format!("{report:?}")
    });
    Bits {
        parameters: all(solver.parameters()),
        steps: solver.steps(),
        time: solver.time().to_bits(),
        tau: solver.tau().to_bits(),
        energies: all(&solver.energies().unwrap()),
        report,
        fit: format!("{fit:?}"),
    }
}

pub fn checkpoint(solver: &Solver) -> Checkpoint {
    solver.checkpoint(&solver.measure().unwrap()).unwrap()
}

/// Steps a solver with a snapshot after each step, and goes on from some of them in solvers of their own,
/// which `fresh` makes as far as a host does it again. Returns the checkpoints.
pub fn goes_on(
    mut solver: Solver,
    fresh: &dyn Fn() -> Solver,
    steps: usize,
    stops: &[usize],
) -> Vec<Checkpoint> {
    let folder = tempfile::tempdir().unwrap();
    let mut reached = Vec::new();
    let mut checkpoints = Vec::new();
    for step in 0..=steps {
        if step > 0 {
            solver.step().unwrap();
        }
        assert_eq!(write(&solver, folder.path()).unwrap(), step as u64);
        reached.push(bits(&solver));
        checkpoints.push(checkpoint(&solver));
    }
    for stop in stops {
        let mut other = fresh();
        let path = folder.path().join(format!("snap_{stop:06}.h5"));
        assert_eq!(restore(&mut other, &path).unwrap(), Some(*stop as u64));
        assert!(bits(&other) == reached[*stop], "as restored at {stop}");
        for (step, there) in reached.iter().enumerate().skip(stop + 1) {
            other.step().unwrap();
            assert!(bits(&other) == *there, "{step} from {stop}");
        }
    }
    checkpoints
}

/// How often the labels of a transport map were taken anew.
pub fn relabellings(checkpoint: &Checkpoint) -> usize {
    let steps = checkpoint.flow.get_counts("relabelled_step");
    steps.map_or(0, |steps| steps.len())
}

/// Whether the minimiser still uses a matrix of an earlier step than the last.
pub fn is_old(checkpoint: &Checkpoint) -> bool {
    checkpoint
        .linearized
        .is_some_and(|stage| stage.turn.step < checkpoint.step)
}

pub fn set(options: &mut Options, all: &[(&str, Value)]) {
    for (key, value) in all {
        options.set(key, value.clone()).unwrap();
    }
}
