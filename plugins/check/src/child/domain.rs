//! Search for the values of `u` at which the energy can be evaluated.

use movimento_contract::sample::{Numbers, Ranges};
use movimento_contract::{Failure, InstanceTable};

use super::subject::{Case, Subject, number};
use crate::protocol::Event;

/// The values of `u` that are tried: `2 N + 1` from `-END` to `END`.
const END: f64 = 2.5;
const N: i32 = 50;
/// Distance that the other checks keep from the ends of the domain: at least, and relative to its
/// length.
const MARGIN: (f64, f64) = (0.1, 0.05);

/// Answer at one value of `u`.
enum Answer {
    Accepted,
    Refused(i32),
    NotFinite,
}

/// Finds the values of `u` that the energy accepts, with defaults, and tells the supervisor.
pub fn check(subject: &Subject<'_>) {
    let Some(case) = subject.defaults().into_iter().next() else {
        return;
    };
    for table in case.instance.tables() {
        if table.kind().has_input("u") {
            match accepted(subject, &table) {
                Ok(found) => report(subject, &case, found),
                Err(why) => subject.channel.fail(format!("{why}, {}", case.name)),
            }
        } else {
            let inputs: Vec<_> = table.kind().inputs.iter().map(|spec| spec.name).collect();
            match evaluate(subject, &table, &subject.ranges(5)) {
                (Answer::Accepted, _) => {
                    let found = format!("accepts points {}", inputs.join(", "));
                    subject.channel.pass(found);
                }
                (_, why) => subject.channel.fail(format!("{why}, {}", case.name)),
            }
        }
    }
}

fn report(subject: &Subject<'_>, case: &Case, found: Found) {
    let (low, high) = found.values;
    subject.channel.send(&Event::Values(low, high));
    let text = format!("u from {} to {}, {}", number(low), number(high), case.name);
    subject.channel.pass(text);
    for note in found.notes {
        subject.channel.note(note);
    }
}

/// Values of `u` that are accepted with some distance to those that are not.
pub struct Found {
    pub values: (f64, f64),
    notes: Vec<String>,
}

/// The longest range of values of `u` that a local table accepts.
pub fn accepted(subject: &Subject<'_>, table: &InstanceTable<'_>) -> Result<Found, String> {
    let ranges = subject.ranges(5);
    if let Some(values) = subject.options.values {
        let notes = Vec::new();
        return match evaluate(subject, table, &ranges) {
            (Answer::Accepted, _) => Ok(Found { values, notes }),
            (_, why) => Err(why),
        };
    }
    let (mut best, mut run) = ((-N, 0), (-N, 0));
    let mut notes: Vec<String> = Vec::new();
    let mut last = String::new();
    for step in -N..=N {
        let u = END * f64::from(step) / f64::from(N);
        let (answer, why) = evaluate(
            subject,
            table,
            &Ranges {
                u: (u, u),
                ..ranges
            },
        );
        let note = match answer {
            Answer::Accepted => {
                run.1 += 1;
                if run.1 > best.1 {
                    best = run;
                }
                continue;
            }
            Answer::Refused(1..) => None,
            Answer::Refused(_) => Some("is fatal; a status > 0 lets the solver step shorter"),
            Answer::NotFinite => Some("; a status > 0 with a message would say why"),
        };
        run = (step + 1, 0);
        if let (Some(note), true) = (note, notes.is_empty()) {
            notes.push(format!("at u = {}: {why} {note}", number(u)));
        }
        last = why;
    }
    let (first, count) = best;
    if count < 3 {
        return Err(format!("no values of u are accepted: {last}"));
    }
    let at = |step: i32| END * f64::from(step) / f64::from(N);
    let (low, high) = (at(first), at(first + count - 1));
    let margin = (MARGIN.1 * (high - low))
        .max(MARGIN.0)
        .min((high - low) / 4.0);
    // By how much differences may go beyond is little; what is far out is seldom of interest.
    let values = ((low + margin).max(-2.0), (high - margin).min(2.0));
    Ok(Found { values, notes })
}

/// Evaluates at a few points.
fn evaluate(subject: &Subject<'_>, table: &InstanceTable<'_>, ranges: &Ranges) -> (Answer, String) {
    let at = ranges.inputs(table, &mut Numbers::new(40));
    let what = format!("evaluate, d = {}", table.dimension());
    subject.channel.trying(what);
    match table.evaluate(&at, table.offered()) {
        Ok(out) if out.iter().take(1).flatten().all(|f| f.is_finite()) => {
            (Answer::Accepted, String::new())
        }
        Ok(_) => (Answer::NotFinite, "NaN or infinite".to_owned()),
        Err(Failure::Refused(refusal)) => (Answer::Refused(refusal.status), refusal.to_string()),
        // What is written outside arrays is for another check to tell.
        Err(_) => (Answer::Accepted, String::new()),
    }
}
