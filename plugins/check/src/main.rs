//! `movimento-check`: does a plugin keep what `movimento_plugin.h` asks of it?
//!
//! Every check runs in a process of its own, which is this program again with `--child`. A plugin
//! that crashes, hangs, exits or prints is therefore reported, not suffered. `supervisor` starts
//! the processes and listens, `child` is what they do, `checks` lists the checks, `protocol` is
//! what is said between the two, `report` is what the user reads.

mod checks;
mod child;
mod options;
mod protocol;
mod report;
mod supervisor;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use options::Options;

fn main() -> ExitCode {
    let options = Options::parse();
    if let Some(name) = &options.child {
        return match checks::named(name) {
            Some(check) => child::run(check.work, &options),
            None => ExitCode::from(2),
        };
    }
    let report = match supervisor::check(&options) {
        Ok(report) => report,
        Err(why) => {
            let _ = writeln!(io::stderr(), "movimento-check: {why}");
            return ExitCode::from(2);
        }
    };
    let text = if options.json {
        format!("{:#}\n", report.json())
    } else {
        report.text(options.verbose)
    };
    // A reader that closed the pipe has seen what it wanted.
    let _ = io::stdout().write_all(text.as_bytes());
    if report.passed() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    }
}
