//! What must not matter: the history, the other outputs, the age of the host.

use std::ptr;

use movimento_contract::Report;
use movimento_contract::table::{Batch, Table, length};
use movimento_contract::usage::{self, same_all};

use super::subject::Subject;

/// The same points give the same bits, whatever was evaluated before, in any instance.
pub fn repeats(subject: &Subject<'_>) {
    for case in subject.defaults() {
        for table in case.instance.tables() {
            let outcome = repeat(subject, &table, &case.name);
            told(subject, outcome, &case.name);
        }
    }
}

fn repeat(subject: &Subject<'_>, table: &Table<'_>, case: &str) -> Result<String, String> {
    const ROUNDS: u64 = 8;
    let at = subject.points(table, 13, 50);
    let evaluate = |table: &Table<'_>, at: &Batch, when: &str| {
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
    for same in tables.iter().filter(|other| other.kind == table.kind) {
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
fn bits(table: &Table<'_>, at: &Batch) -> String {
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

fn grown(subject: &Subject<'_>, table: &Table<'_>) -> Result<String, String> {
    const MORE: usize = 64;
    let (n, d) = (13, table.dimension());
    let at = subject.points(table, n, 50);
    let expected = table.evaluate(&at, table.offered());
    let expected = expected.map_err(|why| why.to_string())?;
    let mut out: Vec<Vec<f64>> = table
        .kind
        .outputs()
        .iter()
        .zip(&expected)
        .map(|(&array, expected)| match expected.is_empty() {
            true => Vec::new(),
            false => vec![f64::NAN; length(array, n, d)],
        })
        .collect();
    let inputs: Vec<_> = at.inputs.iter().map(|input| input.as_ptr()).collect();
    let outputs: Vec<_> = out
        .iter_mut()
        .map(|out| match out.is_empty() {
            true => ptr::null_mut(),
            false => out.as_mut_ptr(),
        })
        .collect();
    let small = table.batch(n, &inputs, &outputs);
    let size = table.batch_size();
    // Numbers that are no pointers, where an old plugin must not look.
    let mut large = vec![0xA5A5_A5A5_A5A5_A5A5_u64; (size + MORE) / 8];
    let mut message = [0_u8; 512];
    // SAFETY: the batch is copied into memory that is larger and as aligned; its arrays have the
    // lengths that it says. Its first field is its size.
    let status = unsafe {
        let from = ptr::from_ref(&small).cast::<u8>();
        ptr::copy_nonoverlapping(from, large.as_mut_ptr().cast::<u8>(), size);
        *large.as_mut_ptr() = (size + MORE) as u64;
        table.call(large.as_ptr().cast(), message.as_mut_ptr().cast(), 512)
    };
    if status != 0 {
        let text = String::from_utf8_lossy(&message);
        let text = text.split('\0').next().unwrap_or_default();
        return Err(format!("status {status}: {text}"));
    }
    match same_all(&expected, &out) {
        true => Ok("accepted, the same bits".to_owned()),
        false => Err("accepted, but with other numbers".to_owned()),
    }
}

/// The findings of a report that failed.
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
