//! The report that the user reads.

use std::fmt::Write;
use std::path::Path;

use serde_json::{Value, json};

use crate::checks::Check;
use crate::protocol::{Finding, Outcome};

/// Findings of one check.
pub struct Result {
    check: Check,
    outcome: Outcome,
    findings: Vec<Finding>,
}

/// Findings of one energy.
pub struct Energy {
    pub id: String,
    pub formula: String,
    pub checks: Vec<Result>,
}

/// Findings of a plugin.
pub struct Report {
    plugin: String,
    pub abi: String,
    pub checks: Vec<Result>,
    pub energies: Vec<Energy>,
}

/// The most lines that a failed check may take.
const LINES: usize = 4;

impl Result {
    pub fn new(check: Check, findings: Vec<Finding>) -> Self {
        let worst = findings.iter().map(|finding| finding.outcome).max();
        Self {
            check,
            outcome: worst.unwrap_or(Outcome::Skipped),
            findings,
        }
    }

    pub fn add(&mut self, finding: Finding) {
        self.outcome = self.outcome.max(finding.outcome);
        self.findings.push(finding);
    }

    pub fn failed(&self) -> bool {
        self.outcome == Outcome::Failed
    }

    fn json(&self) -> Value {
        let mut value = json!({
            "check": self.check.name,
            "about": self.check.about,
            "outcome": self.outcome,
            "findings": self.findings,
        });
        if self.failed() {
            value["advice"] = self.check.advice.into();
        }
        value
    }

    fn write(&self, text: &mut String, verbose: bool) {
        let mark = match self.outcome {
            Outcome::Passed => "ok",
            Outcome::Noted => "note",
            Outcome::Skipped => "-",
            Outcome::Failed => "FAILED",
        };
        let telling = |finding: &&Finding| verbose || finding.outcome == self.outcome;
        let told = merged(self.findings.iter().filter(telling));
        let most = if verbose { usize::MAX } else { LINES };
        let mut lines = told.iter().take(most).map(String::as_str);
        let first = lines.next().unwrap_or(self.check.about);
        let name = self.check.name;
        let _ = writeln!(text, "  {mark:<7} {name:<12} {first}");
        for line in lines {
            let _ = writeln!(text, "{:23}{line}", "");
        }
        if told.len() > most {
            let _ = writeln!(text, "{:23}and {} more", "", told.len() - most);
        }
        if self.failed() {
            let _ = writeln!(text, "{:20}-> {}", "", self.check.advice);
        }
    }
}

/// Merges findings that differ in the dimension only into one line.
fn merged<'a>(findings: impl Iterator<Item = &'a Finding>) -> Vec<String> {
    const IN: &str = ", d = ";
    let mut all: Vec<(&str, Vec<&str>)> = Vec::new();
    for finding in findings {
        let (what, place) = match finding.found.rsplit_once(IN) {
            Some((what, d)) if d.parse::<u32>().is_ok() => (what, Some(d)),
            _ => (finding.found.as_str(), None),
        };
        match all.iter_mut().find(|(known, _)| *known == what) {
            Some((_, places)) => places.extend(place),
            None => all.push((what, place.into_iter().collect())),
        }
    }
    let line = |(what, places): (&str, Vec<&str>)| match places.is_empty() {
        true => what.to_owned(),
        false => format!("{what}{IN}{}", places.join(", ")),
    };
    all.into_iter().map(line).collect()
}

impl Report {
    pub fn new(plugin: &Path) -> Self {
        Self {
            plugin: plugin.display().to_string(),
            abi: String::new(),
            checks: Vec::new(),
            energies: Vec::new(),
        }
    }

    fn all(&self) -> impl Iterator<Item = &Result> {
        let energies = self.energies.iter().flat_map(|energy| &energy.checks);
        self.checks.iter().chain(energies)
    }

    pub fn passed(&self) -> bool {
        self.all().all(|result| !result.failed())
    }

    pub fn json(&self) -> Value {
        let of = |checks: &[Result]| checks.iter().map(Result::json).collect::<Vec<_>>();
        let energies: Vec<_> = self
            .energies
            .iter()
            .map(|energy| {
                let (id, formula) = (&energy.id, &energy.formula);
                json!({ "id": id, "formula": formula, "checks": of(&energy.checks) })
            })
            .collect();
        json!({
            "plugin": self.plugin,
            "abi": self.abi,
            "passed": self.passed(),
            "checks": of(&self.checks),
            "energies": energies,
        })
    }

    pub fn text(&self, verbose: bool) -> String {
        let mut text = self.plugin.clone();
        if !self.abi.is_empty() {
            let _ = write!(text, ", plugin ABI {}", self.abi);
        }
        text.push('\n');
        for result in &self.checks {
            result.write(&mut text, verbose);
        }
        for energy in &self.energies {
            let _ = writeln!(text, "\n{}: {}", energy.id, energy.formula);
            for result in &energy.checks {
                result.write(&mut text, verbose);
            }
        }
        let count = |wanted: Outcome| self.all().filter(|r| r.outcome == wanted).count();
        let (failed, all) = (count(Outcome::Failed), self.all().count());
        let _ = match failed {
            0 => writeln!(text, "\npassed: {all} checks"),
            _ => writeln!(text, "\nFAILED: {failed} of {all} checks"),
        };
        text
    }
}
