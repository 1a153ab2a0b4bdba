//! Every derivative against differences.

use std::collections::BTreeMap;

use movimento_contract::sample::{Numbers, Ranges};
use movimento_contract::{Failure, InstanceTable, Report};

use super::domain;
use super::subject::{Case, Subject};

/// Points in each case.
const POINTS: usize = 13;

pub fn check(subject: &Subject<'_>) {
    let cases = subject.cases();
    let mut found = Found::default();
    for case in &cases {
        for table in case.instance.tables() {
            subject.channel.trying(case.name.clone());
            for t in table.times() {
                match compare(subject, &table, *t) {
                    Ok(report) => found.take(&report, case),
                    Err(why) => subject
                        .channel
                        .fail(format!("{why}, t = {t}, {}", case.name)),
                }
            }
        }
    }
    for (what, (count, first)) in &found.failed {
        let found = format!("{what}: {first} ({count} of {} cases)", cases.len());
        subject.channel.fail(found);
    }
    if found.failed.is_empty() && found.compared > 0 {
        let (compared, worst) = (found.compared, found.worst);
        let text = format!(
            "{compared} arrays in {} cases, largest error {worst:.0e}",
            cases.len()
        );
        subject.channel.pass(text);
    }
}

#[derive(Default)]
struct Found {
    compared: usize,
    worst: f64,
    /// By what was compared: how often it failed, and how at first.
    failed: BTreeMap<String, (usize, String)>,
}

impl Found {
    fn take(&mut self, report: &Report, case: &Case) {
        for finding in report.findings() {
            self.compared += usize::from(finding.error.is_some());
            if finding.passed {
                self.worst = self.worst.max(finding.error.unwrap_or(0.0));
                continue;
            }
            let first = || (0, format!("{}, {}", finding.detail, case.name));
            let entry = self.failed.entry(finding.what.clone());
            entry.or_insert_with(first).0 += 1;
        }
    }
}

fn compare(subject: &Subject<'_>, table: &InstanceTable<'_>, t: f64) -> Result<Report, String> {
    let ranges = Ranges {
        t,
        ..ranges(subject, table, POINTS)?
    };
    let at = ranges.inputs(table, &mut Numbers::new(20));
    let mut report = Report::new("");
    let tolerance = subject.options.tolerance;
    movimento_contract::derivatives(table, &at, tolerance, &mut report)
        .map_err(|why| why.to_string())?;
    Ok(report)
}

/// Ranges to evaluate in; parameters may have moved the domain.
pub fn ranges(
    subject: &Subject<'_>,
    table: &InstanceTable<'_>,
    points: usize,
) -> Result<Ranges, String> {
    let mut ranges = subject.ranges(points);
    let at = ranges.inputs(table, &mut Numbers::new(20));
    if let (true, Err(Failure::Refused(_))) = (
        table.kind().has_input("u"),
        table.evaluate(&at, table.offered()),
    ) {
        ranges.u = domain::accepted(subject, table)?.values;
    }
    Ok(ranges)
}
