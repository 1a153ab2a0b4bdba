//! NaN, infinities, and numbers near the ends of what a double holds.

use movimento_contract::usage::{self, same_all, same_past_first};
use movimento_contract::{ArraySpec, Inputs, InstanceTable, Report};

use super::evaluation::{failed, told};
use super::subject::Subject;

const POINTS: usize = 13;

/// NaN in each input by itself and in all of them.
pub fn nan(subject: &Subject<'_>) {
    for case in subject.defaults() {
        for table in case.instance.tables() {
            let outcome = spoilt(subject, &table, &[f64::NAN], &case.name).and_then(|()| {
                subject
                    .channel
                    .trying(format!("NaN in every input, {}", case.name));
                let at = subject.points(&table, POINTS, 50);
                let mut report = Report::new("");
                usage::nan(&table, &at, &mut report).map_err(|why| why.to_string())?;
                failed(&report)
            });
            told(
                subject,
                outcome.map(|()| "a status or NaN".to_owned()),
                &case.name,
            );
        }
    }
}

/// Tries values that are neither NaN nor reasonable numbers.
pub fn infinite(subject: &Subject<'_>) {
    let values = [
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::MAX,
        f64::MIN,
        f64::MIN_POSITIVE,
        5e-324,
        -0.0,
    ];
    for case in subject.defaults() {
        for table in case.instance.tables() {
            let outcome = spoilt(subject, &table, &values, &case.name);
            told(subject, outcome.map(|()| "survived".to_owned()), &case.name);
        }
    }
}

/// Each value in each input, at the first point and everywhere; other points must not change.
fn spoilt(
    subject: &Subject<'_>,
    table: &InstanceTable<'_>,
    values: &[f64],
    case: &str,
) -> Result<(), String> {
    let at = subject.points(table, POINTS, 50);
    let before = table.evaluate(&at, table.offered());
    let before = before.map_err(|why| why.to_string())?;
    let used = |spec: &ArraySpec| spec.is_used(table.flags());
    for (i, spec) in table
        .kind()
        .inputs
        .iter()
        .enumerate()
        .filter(|(_, spec)| used(spec))
    {
        let name = spec.name;
        for &value in values {
            subject
                .channel
                .trying(format!("{value:e} in {name}, {case}"));
            let first = spec.width(table.widths());
            let one = with(&at, i, first, value);
            let copy = one.clone();
            let after = table.evaluate(&one, table.offered());
            if !same_all(&std::hint::black_box(one).arrays, &copy.arrays) {
                return Err(format!("{value:e} in {name} is written over"));
            }
            if after.is_ok_and(|after| !same_past_first(table, &before, &after)) {
                return Err(format!(
                    "{value:e} in {name} at one point changes other points"
                ));
            }
            // A status is as good as numbers here: it is about getting an answer at all.
            let _ = table.evaluate(&with(&at, i, usize::MAX, value), table.offered());
        }
    }
    Ok(())
}

/// The batch with a value in the first entries of an input.
fn with(at: &Inputs, input: usize, entries: usize, value: f64) -> Inputs {
    let mut at = at.clone();
    if let Some(values) = at.arrays.get_mut(input) {
        values.iter_mut().take(entries).for_each(|v| *v = value);
    }
    at
}
