//! Points where formulas break that hold everywhere else: a gradient of zero, u of zero, the corners of the domain.

use movimento_contract::{Inputs, InstanceTable};

use super::evaluation::told;
use super::subject::Subject;

const POINTS: usize = 5;

/// A place, and the value that an input has there.
type Place = (&'static str, &'static str, f64);

/// Checks that every number is finite where grad u is exactly zero, as it is at a corner and wherever u is constant, and
/// where x is at the ends of its range; and that none is NaN where u is zero, if the density is finite there.
pub fn check(subject: &Subject<'_>) {
    let (low, high) = subject.ranges(POINTS).x;
    let places: [Place; 4] = [
        ("p = 0", "p", 0.0),
        ("u = 0", "u", 0.0),
        ("x at its least", "x", low),
        ("x at its largest", "x", high),
    ];
    for case in subject.cases() {
        for table in case.instance.tables() {
            // Points of an interaction are pairs, which may meet at the ends.
            if !table.kind().has_input("u") {
                let found = format!("an interaction has no corners, {}", case.name);
                subject.channel.pass(found);
                continue;
            }
            let mut outcome = Ok("finite".to_owned());
            for place in places {
                subject
                    .channel
                    .trying(format!("{}, {}", place.0, case.name));
                if let Err(why) = at(subject, &table, place) {
                    outcome = Err(format!("{}: {why}", place.0));
                    break;
                }
            }
            told(subject, outcome, &case.name);
        }
    }
}

fn at(
    subject: &Subject<'_>,
    table: &InstanceTable<'_>,
    (_, input, value): Place,
) -> Result<(), String> {
    let inputs = &table.kind().inputs;
    let found = inputs
        .iter()
        .position(|spec| spec.name == input && spec.is_used(table.flags()));
    let Some(which) = found else { return Ok(()) };
    let mut at: Inputs = subject.points(table, POINTS, 60);
    if table.evaluate(&at, table.offered()).is_err() {
        return Ok(()); // these parameters have another domain
    }
    if let Some(values) = at.arrays.get_mut(which) {
        values.fill(value);
    }
    let out = match table.evaluate(&at, table.offered()) {
        Ok(out) => out,
        // It need not be defined for u = 0.
        Err(_) if input == "u" => return Ok(()),
        Err(why) => return Err(why.to_string()),
    };
    let is_defined = out.iter().take(1).flatten().all(|f| f.is_finite());
    for (spec, values) in table.kind().outputs.iter().zip(&out) {
        let bad = values.iter().find(|value| match input {
            // The derivative of a root is infinite there.
            "u" => is_defined && value.is_nan(),
            _ => !value.is_finite(),
        });
        if let Some(bad) = bad {
            return Err(format!("{} is {bad}", spec.name));
        }
    }
    Ok(())
}
