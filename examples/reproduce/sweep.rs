//! Section 4.2.6: the weight lambda of (2.12), on the heat equation of section 4.2.1.

use crate::Arguments;
use crate::case;
use crate::exact::exact;
use crate::points::{Points, relative};
use crate::settings::options;
use movimento::{Error, ErrorKind, Result, Solver};
use serde_json::{Value, json};
use std::time::Instant;

pub const NAME: &str = "lambda-sweep";
const WHAT: &str = "the heat equation of w2-heat-2d with --transport w2gn for ten weights lambda of the regulariser (section 4.2.6)";
const PAPER: &str = "lambda >= 1 works, 1 best; 0.5 and below fail";
const GOAL: &str = "1/2 and below fail, where theory puts the border; 1 is best";

/// What `--list` shows.
pub fn list() -> [&'static str; 4] {
    [NAME, WHAT, PAPER, GOAL]
}

/// The paper's.
const LAMBDAS: [f64; 10] = [0.01, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0];

/// Steps where the command line does not say; the paper takes 50.
const STEPS: u64 = 5;

/// A run whose error is above this part of how far the exact solution went has failed.
const FAILED: f64 = 1.0;

/// Small networks and few iterations, unless `--set` says otherwise.
const SMALL: [&str; 5] = [
    "hidden=12,12",
    "potential_hidden=16,16",
    "nodes=256",
    "adam_iterations=200",
    "potential_iterations=10",
];

pub fn run(arguments: &Arguments) -> Result<String> {
    let case = case::all().find(|case| case.name == "w2-heat-2d");
    let case = case.ok_or_else(|| Error::new(ErrorKind::State, "there is no case `w2-heat-2d`"))?;
    let begin = Instant::now();
    let steps = arguments.steps.unwrap_or(STEPS);
    let mut runs = Vec::new();
    for lambda in LAMBDAS {
        let mut arguments = arguments.clone();
        arguments.transport = "w2gn".to_owned();
        let small = SMALL.iter().map(|s| (*s).to_owned());
        let mut set: Vec<String> = small.collect();
        set.append(&mut arguments.set);
        set.push(format!("lambda={lambda}"));
        arguments.set = set;
        let start = Instant::now();
        let options = options(case, &arguments)?;
        let mut exact = exact(case, arguments.seed.unsigned_abs())?;
        let points = Points::new(case);
        let mut solver = Solver::new(&options)?;
        for energy in case.flow.energies()? {
            solver.add_energy(&energy)?;
        }
        exact.start(&mut solver)?;
        let before = exact.solution(&points.x, 0.0);
        let ended = (0..steps).try_for_each(|_| solver.step());
        let truth = exact.solution(&points.x, options.real("tau")? * steps as f64);
        let error = relative(&points.evaluate(&solver)?, &truth);
        let change = relative(&before, &truth);
        // NaN is a failure too.
        let failed = ended.is_err() || error.is_nan() || error > FAILED * change;
        eprintln!("lambda {lambda}: {error:.2e}");
        runs.push(json!({
            "lambda": lambda, "rel_l2": error, "failed": failed, "steps": solver.steps(),
            "stopped_by": ended.err().map(|e| e.to_string()),
            "change": change, "seconds": start.elapsed().as_secs_f64(),
        }));
    }
    let line: Value = json!({
        "case": NAME, "transport": "w2gn", "scheme": "euler", "minimizer": "adam",
        "steps": steps, "runs": runs, "seconds_total": begin.elapsed().as_secs_f64(),
        "paper": PAPER,
    });
    Ok(line.to_string())
}
