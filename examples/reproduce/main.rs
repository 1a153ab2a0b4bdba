//! The paper's experiments: `cargo run --release --example reproduce -- CASE [options]`.
//!
//! Prints one JSON line a case on standard output, progress on standard error. `--list` shows the
//! cases with the paper's figure and the goal.

mod case;
mod exact;
mod history;
mod points;
mod problem;
mod reference;
mod run;
mod settings;
mod wasserstein;

use clap::Parser;
use std::path::PathBuf;
use std::process::ExitCode;

/// Reproduces an experiment of "The deep minimizing movement scheme".
#[derive(Parser, Debug)]
pub struct Arguments {
    /// The experiment; see --list.
    #[arg(required_unless_present = "list")]
    case: Option<String>,
    /// Order of the movement scheme in tau: euler, second or third.
    #[arg(long, default_value = "euler")]
    scheme: String,
    /// gauss-newton (default), or adam with the paper's network and nodes.
    #[arg(long, default_value = "gauss-newton")]
    minimizer: String,
    /// Time steps; default is the paper's.
    #[arg(long)]
    steps: Option<u64>,
    /// Time step; default is the paper's.
    #[arg(long)]
    tau: Option<f64>,
    #[arg(long, default_value_t = 1)]
    seed: i64,
    /// Threads; 0 takes all that the process may use.
    #[arg(long, default_value_t = 0)]
    threads: i64,
    /// Writes a snapshot of every step into this folder.
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

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.list {
        for case in case::all() {
            println!(
                "{:17} {}\n{:17}   paper: {}; goal: {}",
                case.name, case.what, "", case.paper, case.goal
            );
        }
        return ExitCode::SUCCESS;
    }
    match run::run(&arguments) {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("reproduce: {error}");
            ExitCode::FAILURE
        }
    }
}
