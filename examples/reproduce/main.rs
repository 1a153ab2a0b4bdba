//! The paper's experiments and the field's benchmarks: `cargo run --release --example reproduce -- CASE [options]`.
//!
//! Prints one JSON line a case on standard output, progress on standard error. `--list` shows the
//! cases with the paper's figure and the goal. In a line `error` is measured by `metric`, `published` is
//! what `by` has reported in it, and `refused` the library's message where it did not go to the end.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program that prints"
)]

mod arrays;
mod benchmarks;
mod case;
mod exact;
mod figures;
mod history;
mod line;
mod points;
mod problem;
mod reference;
mod run;
mod settings;
mod sweep;
mod wasserstein;

use clap::Parser;
use std::path::PathBuf;
use std::process::ExitCode;

/// Reproduces an experiment of "The deep minimizing movement scheme".
#[derive(Clone, Parser, Debug)]
pub struct Arguments {
    /// The experiment; see --list.
    #[arg(required_unless_present = "list")]
    case: Option<String>,
    /// Order of the movement scheme in tau: euler, second or third; default is the case's, euler for
    /// those of the paper.
    #[arg(long)]
    scheme: Option<String>,
    /// gauss-newton (default), or adam with the paper's network and nodes.
    #[arg(long, default_value = "gauss-newton")]
    minimizer: String,
    /// In Wasserstein space: auto (default), the library's choice, or map, dual, collocation, or w2gn, the
    /// paper's density network and pair of potentials.
    #[arg(long, default_value = "auto")]
    transport: String,
    /// Time steps; default is the case's.
    #[arg(long)]
    steps: Option<u64>,
    /// Time step; default is the case's.
    #[arg(long)]
    tau: Option<f64>,
    #[arg(long, default_value_t = 1)]
    seed: i64,
    /// Threads; 0 takes all that the process may use.
    #[arg(long, default_value_t = 0)]
    threads: i64,
    /// Writes into this folder a snapshot of every step, and errors.h5, which
    /// examples/postprocess/plot.py draws the figures from.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Writes step, time, error, energy, iterations and seconds of every step into this CSV file.
    #[arg(long)]
    history: Option<PathBuf>,
    /// Stops after this many seconds and reports what was reached.
    #[arg(long, value_name = "SECONDS")]
    budget: Option<f64>,
    /// Any option of the library, as KEY=VALUE; may be repeated. Lists are separated by commas.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Lists the cases.
    #[arg(long)]
    list: bool,
}

impl Arguments {
    /// The movement scheme for a case.
    fn scheme(&self, case: &case::Case) -> &str {
        self.scheme.as_deref().unwrap_or(case.scheme)
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.list {
        let cases = case::all().map(|c| [c.name, c.what, c.paper, c.goal]);
        for [name, what, paper, goal] in cases.chain([sweep::list()]) {
            println!("{name:17} {what}\n{:17}   paper: {paper}; goal: {goal}", "");
        }
        return ExitCode::SUCCESS;
    }
    match run::run(&arguments) {
        Ok(line) => {
            println!("{line}");
            let Some(why) = line["refused"].as_str() else {
                return ExitCode::SUCCESS;
            };
            eprintln!("reproduce: {why}");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("reproduce: {error}");
            ExitCode::FAILURE
        }
    }
}
