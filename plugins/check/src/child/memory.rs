//! Checks of what may be read and written, and what may not.

use std::ffi::{CStr, c_char};
use std::mem;

use movimento_contract::{Inputs, Instance, InstanceTable, Wanted};

use super::create::unfit;
use super::evaluation::told;
use super::guarded::{self, Edge, Guarded};
use super::subject::{Subject, describe};

/// Arrays, with the edge to watch and whether inputs are frozen.
#[derive(Clone, Copy)]
struct Fence {
    edge: Edge,
    frozen: bool,
}

const NO_MEMORY: &str = "there is not enough memory for this check";

/// Checks that nothing is touched outside the arrays, whatever is wanted.
pub fn bounds(subject: &Subject<'_>) {
    guarded::watch(subject.channel);
    for case in subject.defaults() {
        for table in case.instance.tables() {
            let outcome = fenced(subject, &table, &case.name);
            told(subject, outcome, &case.name);
        }
    }
}

fn fenced(subject: &Subject<'_>, table: &InstanceTable<'_>, case: &str) -> Result<String, String> {
    let offered = table.offered();
    let each = (0..table.kind().outputs.len()).map(|i| 1 << i);
    let alone = each.filter(|one: &Wanted| offered & one != 0);
    let mut calls = 0;
    for wanted in [offered, 0].into_iter().chain(alone) {
        for n in [0, 1, 13] {
            let at = subject.points(table, n, 50);
            for edge in [Edge::End, Edge::Start] {
                let what = wanted_names(table, wanted);
                subject.channel.trying(format!("{what}, n = {n}, {case}"));
                let frozen = false;
                // A refusal is for other checks to tell.
                let answer = call(table, &at, wanted, Fence { edge, frozen })?;
                calls += usize::from(answer.is_ok());
            }
        }
    }
    Ok(format!("{calls} calls"))
}

fn wanted_names(table: &InstanceTable<'_>, wanted: Wanted) -> String {
    if wanted == 0 {
        return "no output wanted".to_owned();
    }
    let specs = table.kind().outputs.iter().enumerate();
    let wanted = specs.filter(|(i, _)| wanted >> i & 1 == 1);
    let names: Vec<_> = wanted.map(|(_, spec)| spec.name).collect();
    format!("wanted {}", names.join(" "))
}

/// Checks that inputs and the batch are not written to.
pub fn inputs(subject: &Subject<'_>) {
    guarded::watch(subject.channel);
    for case in subject.defaults() {
        for table in case.instance.tables() {
            let mut at = subject.points(&table, 13, 50);
            let fence = Fence {
                edge: Edge::Start,
                frozen: true,
            };
            subject.channel.trying(case.name.clone());
            let outcome = call(&table, &at, table.offered(), fence).and_then(|_| {
                // Values that a plugin might want to repair in place.
                for value in [-1e3, 0.0] {
                    let firsts = at.arrays.iter_mut().filter_map(|input| input.first_mut());
                    firsts.for_each(|first| *first = value);
                    let what = format!("inputs that are {value}, {}", case.name);
                    subject.channel.trying(what);
                    // Refused or not, they must stay.
                    let _ = call(&table, &at, table.offered(), fence)?;
                }
                Ok("only read".to_owned())
            });
            told(subject, outcome, &case.name);
        }
    }
}

/// Evaluates in guarded memory; inside is the status if it is not 0.
fn call(
    table: &InstanceTable<'_>,
    at: &Inputs,
    wanted: Wanted,
    fence: Fence,
) -> Result<Result<(), i32>, String> {
    let (n, of) = (at.n, table.widths());
    let mut inputs = Vec::new();
    for (spec, values) in table.kind().inputs.iter().zip(&at.arrays) {
        let array = Guarded::numbers(spec.name, values, fence.edge).ok_or(NO_MEMORY)?;
        if fence.frozen {
            array.freeze();
        }
        inputs.push(array);
    }
    let mut outputs = Vec::new();
    for (i, spec) in table.kind().outputs.iter().enumerate() {
        let values = vec![f64::NAN; spec.length(n, of)];
        outputs.push(match wanted >> i & 1 {
            1 => Some(Guarded::numbers(spec.name, &values, fence.edge).ok_or(NO_MEMORY)?),
            _ => None,
        });
    }
    let input_places: Vec<_> = inputs
        .iter()
        .map(|array| array.start::<f64>().cast_const())
        .collect();
    let output_places: Vec<_> = outputs
        .iter()
        .map(|array| array.as_ref().map_or(std::ptr::null_mut(), Guarded::start))
        .collect();
    let raw = table.batch(n, 0.0, &input_places, &output_places);
    let size = raw.size();
    let batch = Guarded::new("batch", size, fence.edge).ok_or(NO_MEMORY)?;
    // SAFETY: as many bytes as the batch has, new.
    unsafe {
        std::ptr::copy_nonoverlapping(raw.as_ptr().cast::<u8>(), batch.start::<u8>(), size);
    }
    batch.freeze();
    let text = Guarded::new("message", 256, fence.edge).ok_or(NO_MEMORY)?;
    // SAFETY: a batch of the table, whose arrays have the lengths that it says.
    let status = unsafe { table.call(batch.start(), text.start(), 256) };
    match status {
        0 => Ok(Ok(())),
        _ => Ok(Err(status)),
    }
}

/// Checks that messages end within their size and are UTF-8.
pub fn message(subject: &Subject<'_>) {
    guarded::watch(subject.channel);
    let (mut messages, mut failures) = (0, Vec::new());
    let Some(&d) = subject.options.dimensions.first() else {
        return;
    };
    for size in [1, 2, 16, 256] {
        for given in unfit(subject) {
            let Some(text) = Guarded::new("message", size, Edge::End) else {
                return subject.channel.skip(NO_MEMORY);
            };
            let what = format!("create, {}, message_size {size}", describe(d, &given));
            subject.channel.trying(what.clone());
            let place = text.start::<c_char>();
            // SAFETY: the message has room for `size` bytes.
            let refused =
                unsafe { Instance::create_with(&subject.energy, d, &given, place, size as u64) };
            if refused.is_err() {
                messages += 1;
                failures.extend(ended(&text, size).err().map(|why| format!("{why}: {what}")));
            }
        }
        for case in subject.defaults() {
            for table in case.instance.tables() {
                for value in [None, Some(-1e3), Some(f64::NAN)] {
                    if value.is_some_and(f64::is_nan) && subject.avoids("nan") {
                        continue;
                    }
                    let what = format!("evaluate, message_size {size}, {}", case.name);
                    subject.channel.trying(what.clone());
                    match refusal(subject, &table, value, size) {
                        Ok(false) => {}
                        Ok(true) => messages += 1,
                        Err(why) => failures.push(format!("{why}: {what}")),
                    }
                }
            }
        }
    }
    if failures.is_empty() {
        subject
            .channel
            .pass(format!("{messages} messages of refusals"));
    }
    failures.iter().for_each(|why| subject.channel.fail(why));
}

/// Whether an evaluation is refused, in which case its message has been looked at.
fn refusal(
    subject: &Subject<'_>,
    table: &InstanceTable<'_>,
    value: Option<f64>,
    size: usize,
) -> Result<bool, String> {
    let mut at = subject.points(table, 3, 50);
    if let Some(value) = value {
        at.arrays.iter_mut().for_each(|input| input.fill(value));
    }
    let inputs: Vec<_> = at.arrays.iter().map(std::vec::Vec::as_ptr).collect();
    // The first output of every table is its value.
    let mut f = vec![0.0; 3];
    let batch = table.batch(3, at.t, &inputs, &[f.as_mut_ptr()]);
    let text = Guarded::new("message", size, Edge::End).ok_or(NO_MEMORY)?;
    // SAFETY: a batch of the table, whose arrays have the lengths that it says.
    let status = unsafe { table.call(batch.as_ptr(), text.start(), size as u64) };
    mem::drop(f);
    match status {
        0 => Ok(false),
        _ => ended(&text, size).map(|_| true),
    }
}

/// The text in a message.
fn ended(message: &Guarded, size: usize) -> Result<String, String> {
    // SAFETY: the bytes are the message's, and initialised.
    let bytes = unsafe { std::slice::from_raw_parts(message.start::<u8>(), size) };
    let text = CStr::from_bytes_until_nul(bytes).map_err(|_| "the message has no end")?;
    let text = text.to_str().map_err(|_| "the message is not UTF-8")?;
    Ok(text.to_owned())
}
