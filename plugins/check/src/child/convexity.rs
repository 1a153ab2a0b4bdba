//! The declared convexity of `(u, p) -> f(x, u, p)`.

use movimento_abi as abi;
use movimento_contract::sample::Numbers;
use movimento_contract::{Inputs, InstanceTable, Wanted};

use super::derivatives::ranges;
use super::subject::{Subject, number};

const POINTS: usize = 200;
/// The violation that rounding explains, relative to the largest value or 1.
const TOLERANCE: f64 = 1e-10;
const ONLY_F: Wanted = 1;

pub fn check(subject: &Subject<'_>) {
    if !subject.has(abi::CONVEX) {
        return subject.channel.skip("not declared");
    }
    let cases = subject.cases();
    let mut segments = 0;
    for case in &cases {
        let tables = case.instance.tables();
        for table in tables.iter().filter(|table| table.kind().has_input("u")) {
            subject.channel.trying(case.name.clone());
            match violation(subject, table) {
                Err(why) => subject.channel.fail(format!("{why}, {}", case.name)),
                Ok(Some(how)) => return subject.channel.fail(format!("{how}, {}", case.name)),
                Ok(None) => segments += POINTS,
            }
        }
    }
    if segments > 0 {
        let cases = cases.len();
        subject
            .channel
            .pass(format!("on {segments} segments in {cases} cases"));
    }
}

/// A segment in `(u, p)` on which the density is above its chord.
fn violation(subject: &Subject<'_>, table: &InstanceTable<'_>) -> Result<Option<String>, String> {
    let mut numbers = Numbers::new(60);
    let ranges = ranges(subject, table, POINTS)?;
    let a = ranges.inputs(table, &mut numbers);
    let mut b = ranges.inputs(table, &mut numbers);
    // Half of the segments are short, so that a small concave part is not stepped over.
    let mut ends = b.arrays.iter_mut().zip(&a.arrays);
    if let Some((x, from)) = ends.next() {
        x.clone_from(from);
    }
    for (b, a) in ends {
        let short = b.len() / 2;
        let pairs = b.iter_mut().zip(a).take(short);
        pairs.for_each(|(b, a)| *b = a + 0.1 * (*b - a));
    }
    let weight = numbers.take(POINTS, (0.05, 0.95));
    let between = Inputs {
        n: POINTS,
        t: a.t,
        arrays: a
            .arrays
            .iter()
            .zip(&b.arrays)
            .map(|(a, b)| mix(a, b, &weight))
            .collect(),
    };
    let value = |at: &Inputs| {
        let mut out = table.evaluate(at, ONLY_F).map_err(|why| why.to_string())?;
        Ok::<_, String>(out.swap_remove(0))
    };
    let (f_a, f_b, f) = (value(&a)?, value(&b)?, value(&between)?);
    let chord = mix(&f_a, &f_b, &weight);
    let ends = f_a.iter().chain(&f_b);
    let scale = ends.fold(1.0, |scale: f64, f| scale.max(f.abs()));
    let u = |at: &Inputs, i: usize| at.arrays.get(1).and_then(|u| u.get(i)).copied();
    let above = f.iter().zip(&chord).map(|(f, chord)| (f - chord) / scale);
    let worst = above.enumerate().max_by(|a, b| a.1.total_cmp(&b.1));
    Ok(worst.filter(|(_, by)| *by > TOLERANCE).map(|(i, by)| {
        let [from, to] = [&a, &b].map(|end| number(u(end, i).unwrap_or(f64::NAN)));
        format!("f is above its chord by {by:.1e} between u = {from} and u = {to}")
    }))
}

/// `a + weight (b - a)`, a weight for each point.
fn mix(a: &[f64], b: &[f64], weight: &[f64]) -> Vec<f64> {
    let each = (a.len() / weight.len().max(1)).max(1);
    let weights = weight.iter().flat_map(|w| std::iter::repeat_n(w, each));
    a.iter()
        .zip(b)
        .zip(weights)
        .map(|((a, b), w)| a + w * (b - a))
        .collect()
}
