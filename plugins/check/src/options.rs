//! The command line.

use std::path::PathBuf;

use clap::Parser;

const AFTER: &str = "\
Exit status:
  0  the plugin passed every check
  1  a check failed
  2  nothing could be checked: a wrong command line, no such file, no such energy

With --json: {plugin, abi, passed, checks, energies: [{id, formula, checks}]}, where a check is
{check, about, outcome, findings: [{outcome, found}], advice if it failed} and an outcome is passed,
noted (allowed, but worth knowing), skipped or failed.

Where threads of a plugin touch the same memory, valgrind tells; reports whose first lines do not
name the plugin are about this program's own threads:
  movimento-check PLUGIN.so --only threads --timeout 600 \\
      --under 'valgrind -q --tool=helgrind --log-file=threads.log'
  grep 'at 0x.*PLUGIN.so' threads.log";

/// Checks a plugin of movimento: its ABI, its descriptors, every derivative against finite
/// differences, threads, NaN, bounds, leaks, silence. Each check runs in a process of its own.
#[derive(Parser, Clone, Debug)]
#[command(name = "movimento-check", version, after_help = AFTER)]
pub struct Options {
    /// The shared object
    #[arg(value_name = "PLUGIN.so")]
    pub plugin: PathBuf,

    /// Check this energy only; may be given several times
    #[arg(long)]
    pub id: Vec<String>,

    /// Hold a parameter at a value; the others are also drawn at random
    #[arg(long = "parameter", value_name = "NAME=VALUE[,VALUE...]", value_parser = parameter)]
    pub parameters: Vec<(String, Vec<f64>)>,

    /// The dimensions to check in
    #[arg(long = "dimension", value_name = "D", default_values_t = [1, 2, 3])]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=64))]
    pub dimensions: Vec<u32>,

    /// The values of u to evaluate at [default: where the energy accepts them]
    #[arg(long, value_name = "LOW:HIGH", value_parser = range, allow_hyphen_values = true)]
    pub values: Option<(f64, f64)>,

    /// The range of each coordinate of x [default: -1.5:1.5]
    #[arg(long, value_name = "LOW:HIGH", value_parser = range, allow_hyphen_values = true)]
    pub positions: Option<(f64, f64)>,

    /// The range of each component of grad u [default: -1:1]
    #[arg(long, value_name = "LOW:HIGH", value_parser = range, allow_hyphen_values = true)]
    pub gradients: Option<(f64, f64)>,

    /// The accepted error of a derivative, relative to the largest of the batch or 1
    #[arg(long, default_value_t = 1e-7)]
    pub tolerance: f64,

    /// Seconds after which a check is stopped and counts as failed
    #[arg(long, value_name = "SECONDS", default_value_t = 60.0)]
    pub timeout: f64,

    /// Run this check only; may be given several times
    #[arg(long, value_name = "CHECK", value_parser = crate::checks::names())]
    pub only: Vec<String>,

    /// Run the processes under this command, such as valgrind
    #[arg(long, value_name = "COMMAND")]
    pub under: Option<String>,

    /// Show what the checks that passed found, too
    #[arg(long, short)]
    pub verbose: bool,

    /// Write the report as JSON
    #[arg(long)]
    pub json: bool,

    /// Be the process of one check, which reports through its standard input
    #[arg(long, hide = true)]
    pub child: Option<String>,

    /// Leave out what this check does: its own process died of it
    #[arg(long, hide = true)]
    pub avoid: Vec<String>,

    /// The energy to check as that process
    #[arg(long, hide = true, default_value_t = 0)]
    pub index: u32,
}

fn number(text: &str) -> Result<f64, String> {
    let number = text.trim().parse::<f64>();
    number.map_err(|_| format!("`{text}` is not a number"))
}

fn parameter(text: &str) -> Result<(String, Vec<f64>), String> {
    let (name, values) = text.split_once('=').ok_or("NAME=VALUE is expected")?;
    let values: Result<_, _> = values.split(',').map(number).collect();
    Ok((name.to_owned(), values?))
}

fn range(text: &str) -> Result<(f64, f64), String> {
    let (low, high) = text.split_once(':').ok_or("LOW:HIGH is expected")?;
    let (low, high) = (number(low)?, number(high)?);
    if low <= high && (high - low).is_finite() {
        Ok((low, high))
    } else {
        Err("two finite numbers are expected, the lower one first".to_owned())
    }
}
