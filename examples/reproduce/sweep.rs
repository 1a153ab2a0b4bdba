//! Section 4.2.6: the weight lambda of (2.12), on the heat equation of section 4.2.1.

use crate::Arguments;
use crate::arrays::{Contents, write};
use crate::case::{self, Case};
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

/// In the folder of `--out`: `time` (`[k + 1]`), `lambda` and `failed` (`[n]`), `rel_l2` (`[n][k + 1]`), the estimated
/// length of each step `w2` (`[n][k]`), NaN where a run had stopped, and `w2_exact` (`[k]`).
const FILE: &str = "sweep.h5";

/// A run whose error is above this part of how far the exact solution went has failed.
const FAILED: f64 = 1.0;

/// Small networks and few iterations, unless `--set` says otherwise.
const SMALL: [&str; 6] = [
    "hidden=12,12",
    "potential_hidden=16,16",
    "nodes=256",
    "adam_iterations=200",
    "potential_iterations=10",
    "potential_nodes=256",
];

/// What [`SMALL`] sets, beside the weight.
const TUNED: [&str; 7] = [
    "hidden",
    "potential_hidden",
    "nodes",
    "adam_iterations",
    "potential_iterations",
    "potential_nodes",
    "lambda",
];

/// One weight's way.
struct Way {
    /// Relative errors after each step, from the start on.
    errors: Vec<f64>,
    /// The estimated length of each step.
    lengths: Vec<f64>,
    /// How far the exact solution went, relative to where it ended.
    change: f64,
    stopped_by: Option<String>,
}

fn follow(case: &Case, arguments: &Arguments, steps: u64) -> Result<Way> {
    let options = options(case, arguments)?;
    let mut exact = exact(case, arguments.seed.unsigned_abs())?;
    let points = Points::new(case, &*exact);
    let mut solver = Solver::new(&options)?;
    for energy in case.flow.energies()? {
        solver.add_energy(&energy)?;
    }
    exact.start(&mut solver)?;
    let before = exact.solution(&points.x, 0.0);
    let error = |solver: &Solver, truth: &[f64]| -> Result<f64> {
        Ok(relative(&points.evaluate(solver)?, truth))
    };
    let mut way = Way {
        errors: vec![error(&solver, &before)?],
        lengths: Vec::new(),
        change: 0.0,
        stopped_by: None,
    };
    let mut truth = before.clone();
    for _ in 0..steps {
        if let Err(e) = solver.step() {
            way.stopped_by = Some(e.to_string());
            break;
        }
        truth = exact.solution(&points.x, solver.time());
        way.errors.push(error(&solver, &truth)?);
        let length = solver.report().map_or(f64::NAN, |r| r.movement_distance);
        way.lengths.push(length);
    }
    way.change = relative(&before, &truth);
    Ok(way)
}

pub fn run(arguments: &Arguments) -> Result<Value> {
    let case = case::all().find(|case| case.name == "w2-heat-2d");
    let case = case.ok_or_else(|| Error::new(ErrorKind::State, "there is no case `w2-heat-2d`"))?;
    let begin = Instant::now();
    let steps = arguments.steps.unwrap_or(STEPS);
    // A map's steps are as long as the distance that it reports, to 1e-5 (`tests/it/transport.rs`).
    let by_map = Arguments {
        transport: "map".to_owned(),
        scheme: Some("euler".to_owned()),
        set: Vec::new(),
        ..arguments.clone()
    };
    let by_map = follow(case, &by_map, steps)?;
    let (mut runs, mut ways) = (Vec::new(), Vec::new());
    for lambda in LAMBDAS {
        let mut arguments = arguments.clone();
        "w2gn".clone_into(&mut arguments.transport);
        let small = SMALL.iter().map(|s| (*s).to_owned());
        let mut set: Vec<String> = small.collect();
        set.append(&mut arguments.set);
        set.push(format!("lambda={lambda}"));
        arguments.set = set;
        let start = Instant::now();
        let way = follow(case, &arguments, steps)?;
        let error = way.errors.last().copied().unwrap_or(f64::NAN);
        // NaN is a failure too.
        let failed =
            way.stopped_by.is_some() || error.is_nan() || error > FAILED * way.change.max(1e-300);
        eprintln!("lambda {lambda}: {error:.2e}");
        let lengths = way.lengths.iter().zip(&by_map.lengths);
        let misfit = lengths.map(|(a, b)| (a / b - 1.0).abs());
        runs.push(json!({
            "lambda": lambda, "rel_l2": error, "failed": failed, "steps": way.lengths.len(),
            "stopped_by": way.stopped_by, "change": way.change,
            "w2": way.lengths, "w2_error": misfit.fold(0.0_f64, f64::max),
            "seconds": start.elapsed().as_secs_f64(),
        }));
        ways.push((way, failed));
    }
    if let Some(folder) = &arguments.out {
        let mut contents = Contents::default();
        let table = |of: &dyn Fn(&Way) -> &[f64], length: usize| -> Vec<f64> {
            let row = |(way, _): &(Way, bool)| {
                let mut row = of(way).to_vec();
                row.resize(length, f64::NAN);
                row
            };
            ways.iter().flat_map(row).collect()
        };
        let (n, k) = (ways.len(), steps as usize);
        contents.text("case", NAME);
        contents.text("what", WHAT);
        let tau = arguments.tau.unwrap_or(case.tau);
        let times: Vec<f64> = (0..=k).map(|step| step as f64 * tau).collect();
        let failed = ways.iter().map(|(_, failed)| f64::from(u8::from(*failed)));
        contents.array("time", &[k + 1], &times);
        contents.array("lambda", &[n], &LAMBDAS);
        contents.array("failed", &[n], &failed.collect::<Vec<_>>());
        contents.array("rel_l2", &[n, k + 1], &table(&|way| &way.errors, k + 1));
        contents.array("w2", &[n, k], &table(&|way| &way.lengths, k));
        contents.array("w2_exact", &[k], &by_map.lengths);
        write(&folder.join(FILE), &contents)?;
    }
    // That of the weight 1, which is the one to take.
    let best = LAMBDAS.iter().position(|lambda| *lambda == 1.0);
    let error = best
        .and_then(|best| runs.get(best))
        .map(|run| &run["rel_l2"]);
    Ok(json!({
        "case": NAME, "error": error, "metric": "relative L2 at the end, lambda = 1",
        "published": null, "by": null, "refused": null, "tuned": TUNED, "transport": "w2gn", "scheme": "euler", "minimizer": "adam",
        "steps": steps, "runs": runs, "w2_exact": by_map.lengths,
        "seconds_total": begin.elapsed().as_secs_f64(), "paper": PAPER,
    }))
}
