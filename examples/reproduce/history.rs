//! A line a step in a CSV file, and the memory that the process holds.

use movimento::{Error, ErrorKind, Result, StepReport};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The file.
pub struct History {
    file: File,
    path: PathBuf,
}

impl History {
    pub fn create(path: Option<&Path>) -> Result<Option<Self>> {
        let Some(path) = path else { return Ok(None) };
        let file = File::create(path).map_err(|e| refusal(path, &e))?;
        let mut history = Self {
            file,
            path: path.to_owned(),
        };
        history.line("step,time,rel_l2,energy,iterations,seconds")?;
        Ok(Some(history))
    }

    pub fn write(&mut self, report: &StepReport, error: f64) -> Result<()> {
        self.line(&format!(
            "{},{},{error:e},{:e},{},{:.3}",
            report.step, report.time, report.energy, report.iterations, report.seconds
        ))
    }

    fn line(&mut self, line: &str) -> Result<()> {
        writeln!(self.file, "{line}").map_err(|e| refusal(&self.path, &e))
    }
}

fn refusal(path: &Path, error: &std::io::Error) -> Error {
    Error::new(
        ErrorKind::File,
        format!("--history {}: {error}", path.display()),
    )
}

/// Memory that the process holds; `None` where the system does not say.
pub fn resident_megabytes() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1024.0)
}
