//! The network kernels against Candle, JAX and the machine. `scripts/bench` runs it.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a program that prints"
)]

mod case;
mod composed;
mod contender;
mod floor;
mod ours;

use case::Case;
use clap::Parser;
use composed::{Composed, Form};
use contender::{Contender, Task};
use movimento::field::Precision;
use ours::Ours;
use rustix::time::{ClockId, clock_gettime};
use std::error::Error;
use std::time::Instant;

/// Measures one contender in one setting; prints a JSON line for each task.
#[derive(Parser)]
struct Arguments {
    /// ours, candle-forward, candle-reverse or floor
    #[arg(long)]
    contender: String,
    /// Name of a case; `list` prints them.
    #[arg(long)]
    case: String,
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// Network in f32.
    #[arg(long)]
    single: bool,
    /// Nodes that Candle takes at once.
    #[arg(long, default_value_t = 2000)]
    batch: usize,
    /// Timed evaluations, after one that is not.
    #[arg(long, default_value_t = 5)]
    repetitions: usize,
    /// Cargo passes it.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    if arguments.case == "list" {
        for case in case::CASES {
            println!("{}", case.name);
        }
        return Ok(());
    }
    let case = Case::named(&arguments.case)
        .ok_or_else(|| format!("there is no case `{}`", arguments.case))?;
    let form = match arguments.contender.as_str() {
        "ours" => {
            let precision = if arguments.single {
                Precision::Single
            } else {
                Precision::Double
            };
            return run(
                &mut Ours::new(&case, arguments.threads, precision)?,
                &arguments,
            );
        }
        "floor" => {
            print_floor(&case, &arguments);
            return Ok(());
        }
        "candle-forward" => Form::Forward,
        "candle-reverse" => Form::Reverse,
        other => return Err(format!("there is no contender `{other}`").into()),
    };
    let mut candle = Composed::new(&case, form, arguments.batch, arguments.single)?;
    run(&mut candle, &arguments)
}

fn run<C: Contender>(contender: &mut C, arguments: &Arguments) -> Result<(), Box<dyn Error>>
where
    C::Error: Error + 'static,
{
    for task in Task::ALL {
        let (mut seconds, mut busy) = (Vec::new(), Vec::new());
        let mut timed = |evaluate: &mut dyn FnMut()| {
            evaluate();
            for _ in 0..arguments.repetitions {
                let (start, start_busy) = (Instant::now(), cpu_seconds());
                evaluate();
                seconds.push(start.elapsed().as_secs_f64());
                busy.push(cpu_seconds() - start_busy);
            }
        };
        let answer = contender.measure(task, &mut timed)?;
        let line = serde_json::json!({
            "contender": arguments.contender,
            "case": arguments.case,
            "task": task.name(),
            "threads": arguments.threads,
            "precision": precision(arguments),
            "seconds": seconds,
            "cpu_seconds": busy,
            "value": answer.value,
            "norm": answer.norm,
        });
        println!("{line}");
    }
    Ok(())
}

/// Operations over the measured peak, plus bytes over the measured bandwidth: the nodes and the
/// parameters are read and the results written once.
fn print_floor(case: &Case, arguments: &Arguments) {
    let (peak, size) = if arguments.single {
        (floor::peak::<f32>(arguments.threads), 4.0)
    } else {
        (floor::peak::<f64>(arguments.threads), 8.0)
    };
    let bandwidth = floor::bandwidth(arguments.threads);
    let parameters = case.parameters().len() as f64;
    let arrays = (case.nodes * (2 * case.dimension + 2)) as f64 * 8.0;
    let bytes = arrays + 2.0 * parameters * size;
    let seconds = case.flops() / peak + bytes / bandwidth;
    for task in Task::ALL {
        let line = serde_json::json!({
            "contender": "floor",
            "case": arguments.case,
            "task": task.name(),
            "threads": arguments.threads,
            "precision": precision(arguments),
            "seconds": [seconds],
            "gflops_peak": peak / 1e9,
            "gbytes_bandwidth": bandwidth / 1e9,
        });
        println!("{line}");
    }
}

const fn precision(arguments: &Arguments) -> &'static str {
    if arguments.single { "f32" } else { "f64" }
}

/// Processor time of all threads of this process: what a busy machine changes least.
fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}
