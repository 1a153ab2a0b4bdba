//! Starts a process for each check and listens to it.

mod process;

use std::path::Path;

use crate::checks::{self, Check};
use crate::options::Options;
use crate::protocol::{Event, Finding, Offer, Outcome};
use crate::report::{Energy, Report, Result as Checked};
use process::{Process, Watched};

/// Checks the plugin.
pub fn check(options: &Options) -> Result<Report, String> {
    let path = &options.plugin;
    let canonical = path
        .canonicalize()
        .map_err(|error| format!("{}: {error}", path.display()))?;
    if !canonical.is_file() {
        return Err(format!("{} is not a file", path.display()));
    }
    let mut processes = Process::new(&canonical, options)?;
    let watched = processes.run(checks::ENTRY.name, 0, None)?;
    let mut report = Report::new(path);
    let mut offers = Vec::new();
    for event in &watched.events {
        match event {
            Event::Abi(version) => report.abi.clone_from(version),
            Event::Offer(offer) => offers.push(offer.clone()),
            _ => {}
        }
    }
    let mut entry = result(checks::ENTRY, &watched, options);
    if !found_by_id(path) {
        let found = "the library finds it by its path only: its name is not libmovimento_*.so";
        entry.add(Finding::new(Outcome::Noted, found));
    }
    report.checks.push(entry);
    let mut silence = Silence::default();
    silence.listen(&watched, "loading");
    if !silence.0.is_empty() {
        report.checks.push(silence.result());
    }
    if offers.is_empty() {
        return Ok(report);
    }
    for offer in chosen(offers, options, path)? {
        report
            .energies
            .push(energy(offer, &mut processes, options)?);
    }
    Ok(report)
}

/// Whether the library looks into files of that name for an energy.
fn found_by_id(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with("libmovimento_") && name.ends_with(".so")
}

/// The energies that the user asked for.
fn chosen(offers: Vec<Offer>, options: &Options, path: &Path) -> Result<Vec<Offer>, String> {
    let ids: Vec<_> = offers.iter().map(|offer| offer.id.clone()).collect();
    let unknown = options.id.iter().find(|id| !ids.contains(id));
    if let Some(id) = unknown {
        let (path, ids) = (path.display(), ids.join(", "));
        return Err(format!("{path} has no energy `{id}`; it offers {ids}"));
    }
    let asked = |offer: &Offer| options.id.is_empty() || options.id.contains(&offer.id);
    let chosen: Vec<_> = offers.into_iter().filter(asked).collect();
    for (name, _) in &options.parameters {
        if !chosen.iter().any(|offer| offer.parameters.contains(name)) {
            return Err(format!(
                "no energy that is checked has a parameter `{name}`"
            ));
        }
    }
    Ok(chosen)
}

fn energy(offer: Offer, processes: &mut Process, options: &Options) -> Result<Energy, String> {
    processes.forget();
    let mut values = None;
    let mut silence = Silence::default();
    let mut results: Vec<Checked> = Vec::new();
    let mut blocked: Option<&str> = None;
    for &check in checks::ENERGY {
        let asked = is_asked(check, options);
        if let (Some(by), true) = (blocked, asked) {
            let found = format!("not run, since `{by}` comes first");
            results.push(Checked::new(
                check,
                vec![Finding::new(Outcome::Skipped, found)],
            ));
            continue;
        }
        // Silence is about all of them.
        let needed = check.name == checks::DOMAIN.name || is_asked(checks::SILENCE, options);
        if blocked.is_some() || !(asked || needed) {
            continue;
        }
        let watched = processes.run(check.name, offer.index, values)?;
        for event in &watched.events {
            if let Event::Values(low, high) = event {
                values = Some((*low, *high));
            }
        }
        silence.listen(&watched, check.name);
        let result = result(check, &watched, options);
        if check.blocks && result.failed() {
            blocked = Some(check.name);
        }
        if asked || result.failed() {
            results.push(result);
        }
    }
    results.push(silence.result());
    Ok(Energy {
        id: offer.id,
        formula: offer.formula,
        checks: results,
    })
}

fn is_asked(check: Check, options: &Options) -> bool {
    options.only.is_empty() || options.only.iter().any(|only| only == check.name)
}

/// Output by stream, and the checks during which it came.
#[derive(Default)]
struct Silence(Vec<(&'static str, String, Vec<String>)>);

impl Silence {
    fn listen(&mut self, watched: &Watched, during: &str) {
        for (stream, text) in watched.printed() {
            match self.0.iter_mut().find(|(known, ..)| *known == stream) {
                Some((.., checks)) => checks.push(during.to_owned()),
                None => self.0.push((stream, text, vec![during.to_owned()])),
            }
        }
    }

    fn result(self) -> Checked {
        let mut findings: Vec<_> = self
            .0
            .into_iter()
            .map(|(stream, text, checks)| {
                let checks = checks.join(", ");
                let found = format!("{text:?} on the standard {stream}, during {checks}");
                Finding::new(Outcome::Failed, found)
            })
            .collect();
        if findings.is_empty() {
            findings.push(Finding::new(Outcome::Passed, "nothing was printed"));
        }
        Checked::new(checks::SILENCE, findings)
    }
}

/// Collects the findings of a check; that its process ended otherwise than it should is one too.
fn result(check: Check, watched: &Watched, options: &Options) -> Checked {
    let mut findings: Vec<Finding> = watched.findings().cloned().collect();
    if let Some(end) = watched.end(options) {
        let found = match watched.last_trying() {
            Some(what) => format!("{end}: {what}"),
            None => end,
        };
        findings.push(Finding::new(Outcome::Failed, found));
    }
    Checked::new(check, findings)
}
