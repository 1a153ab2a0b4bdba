//! Checks of what must not matter: the history, the other outputs, the age of the host.

use movimento_contract::usage::{self, same_all};
use movimento_contract::{Inputs, InstanceTable, Report};

use super::subject::Subject;

/// Checks that the same points give the same bits, whatever was evaluated before, in any instance.
pub fn repeats(subject: &Subject<'_>) {
    for case in subject.defaults() {
        for table in case.instance.tables() {
            let outcome = repeat(subject, &table, &case.name);
            told(subject, outcome, &case.name);
        }
    }
}

fn repeat(subject: &Subject<'_>, table: &InstanceTable<'_>, case: &str) -> Result<String, String> {
    const ROUNDS: u64 = 8;
    let at = subject.points(table, 13, 50);
    let evaluate = |table: &InstanceTable<'_>, at: &Inputs, when: &str| {
        subject.channel.trying(format!("{when}, {case}"));
        let out = table.evaluate(at, table.offered());
        out.map_err(|why| format!("{when}: {why}"))
    };
    let first = evaluate(table, &at, "the first evaluation")?;
    for round in 0..ROUNDS {
        let again = evaluate(table, &at, "the same points again")?;
        if !same_all(&first, &again) {
            return Err("the same points again give other numbers".to_owned());
        }
        evaluate(
            table,
            &subject.points(table, 29, 51 + round),
            "other points",
        )?;
    }
    let d = u32::try_from(table.dimension()).unwrap_or(u32::MAX);
    let other = subject.create(d, &subject.fixed());
    let other = other.map_err(|why| why.to_string())?;
    let tables = other.instance.tables();
    for same in tables
        .iter()
        .filter(|other| other.kind().id == table.kind().id)
    {
        let again = evaluate(same, &at, "another instance")?;
        if !same_all(&first, &again) {
            return Err("another instance gives other numbers".to_owned());
        }
    }
    Ok("the same bits".to_owned())
}

/// An output alone is what it is among the others.
pub fn subsets(subject: &Subject<'_>) {
    for case in subject.defaults() {
        for table in case.instance.tables() {
            let at = subject.points(&table, 13, 50);
            let mut report = Report::new("");
            subject.channel.trying(case.name.clone());
            let done = usage::subsets(&table, &at, &mut report);
            let outcome = done
                .map_err(|why| why.to_string())
                .and_then(|()| failed(&report));
            told(subject, outcome.map(|()| bits(&table, &at)), &case.name);
        }
    }
}

/// Whether they have the same bits too.
fn bits(table: &InstanceTable<'_>, at: &Inputs) -> String {
    let all = table.evaluate(at, table.offered()).unwrap_or_default();
    let same = all.iter().enumerate().all(|(i, together)| {
        let alone = table
            .evaluate(at, table.offered() & 1 << i)
            .unwrap_or_default();
        together.is_empty() || alone.get(i).is_some_and(|alone| alone == together)
    });
    match same {
        true => "the same bits".to_owned(),
        false => "the same numbers to rounding, not the same bits".to_owned(),
    }
}

/// A batch of no points.
pub fn empty(subject: &Subject<'_>) {
    for case in subject.defaults() {
        for table in case.instance.tables() {
            subject.channel.trying(case.name.clone());
            let done = usage::empty(&table, &mut Report::new(""));
            let outcome = done.map(|()| "status 0".to_owned());
            told(subject, outcome.map_err(|why| why.to_string()), &case.name);
        }
    }
}

/// A batch with fields behind those that this ABI has.
pub fn growth(subject: &Subject<'_>) {
    for case in subject.defaults() {
        for table in case.instance.tables() {
            subject.channel.trying(case.name.clone());
            let outcome = grown(subject, &table);
            told(subject, outcome, &case.name);
        }
    }
}

fn grown(subject: &Subject<'_>, table: &InstanceTable<'_>) -> Result<String, String> {
    /// Fields that an old plugin must not look at.
    const MORE: usize = 8;
    let at = subject.points(table, 13, 50);
    let expected = table.evaluate(&at, table.offered());
    let expected = expected.map_err(|why| why.to_string())?;
    let out = table.evaluate_grown(&at, table.offered(), MORE);
    match same_all(&expected, &out.map_err(|why| why.to_string())?) {
        true => Ok("accepted, the same bits".to_owned()),
        false => Err("accepted, but with other numbers".to_owned()),
    }
}

/// Picks the first finding of a report that failed.
pub fn failed(report: &Report) -> Result<(), String> {
    let failed = report.findings().iter().find(|finding| !finding.passed);
    match failed {
        Some(finding) => Err(format!("{}: {}", finding.what, finding.detail)),
        None => Ok(()),
    }
}

/// Reports what came of one case.
pub fn told(subject: &Subject<'_>, outcome: Result<String, String>, case: &str) {
    match outcome {
        Ok(found) => subject.channel.pass(format!("{found}, {case}")),
        Err(why) => subject.channel.fail(format!("{why}, {case}")),
    }
}
