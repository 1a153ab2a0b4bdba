//! Whether the entry and a descriptor hold together.

use std::collections::HashSet;
use std::ffi::{CStr, c_char};
use std::mem;

use movimento_abi as abi;

use crate::table::Kind;
use crate::{Entry, Report, driver};

/// Checks the entry and the descriptor, which is returned when it can be relied on.
#[must_use]
pub fn check(
    entry: &'static Entry,
    index: u32,
    report: &mut Report,
) -> Option<&'static abi::Descriptor> {
    let raw = entry.as_raw();
    report.require(
        "entry: ABI major",
        raw.abi_major == abi::ABI_MAJOR,
        "another major version",
    );
    let size = mem::size_of::<abi::PluginEntry>() as u64;
    report.require(
        "entry: struct_size",
        raw.struct_size >= size,
        "smaller than the structure",
    );
    let complete = raw.descriptor_count.is_some()
        && raw.descriptor.is_some()
        && raw.create.is_some()
        && raw.destroy.is_some()
        && raw.get_extension.is_some();
    report.require("entry: functions", complete, "a function is missing");
    if !report.passed() {
        return None;
    }
    let count = driver::count(entry);
    let past = driver::descriptor(entry, count).is_none();
    report.require(
        "entry: NULL past the last energy",
        past,
        "descriptor(count) is not NULL",
    );
    let Some(descriptor) = driver::descriptor(entry, index) else {
        report.fail(
            "descriptor",
            format!("NULL for index {index}; there are {count} energies"),
        );
        return None;
    };
    let size = mem::size_of::<abi::Descriptor>() as u64;
    if descriptor.struct_size < size {
        report.fail(
            "descriptor: struct_size",
            format!("{}", descriptor.struct_size),
        );
        return None;
    }
    texts(descriptor, report);
    parameters(descriptor, report);
    extensions(entry, index, descriptor, report);
    report.passed().then_some(descriptor)
}

fn texts(descriptor: &abi::Descriptor, report: &mut Report) {
    if let Some(id) = text(descriptor.id) {
        report.retitle(format!("energy '{id}'"));
        let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let legal = !id.is_empty() && id.chars().all(legal);
        report.require("descriptor: id", legal, "not lower case, digits and '-'");
    } else {
        report.fail("descriptor: id", "NULL or not UTF-8");
    }
    for (what, value) in [
        ("descriptor: name", descriptor.name),
        ("descriptor: version", descriptor.version),
        ("descriptor: formula", descriptor.formula),
    ] {
        let filled =
            text(value).is_some_and(|text| !text.trim().is_empty() && !text.contains('\n'));
        report.require(what, filled, "not one line of UTF-8");
    }
    let readable = text(descriptor.references).is_some();
    report.require("descriptor: references", readable, "NULL or not UTF-8");
    let all = abi::USES_GRADIENT | abi::USES_POSITION | abi::SECOND_DERIVATIVES | abi::CONVEX;
    report.require(
        "descriptor: flags",
        descriptor.flags & !all == 0,
        "an unknown bit is set",
    );
}

fn parameters(descriptor: &abi::Descriptor, report: &mut Report) {
    let count = descriptor.parameter_count as usize;
    let stride = descriptor.parameter_size as usize;
    if count > 0 && (descriptor.parameters.is_null() || stride < mem::size_of::<abi::Parameter>()) {
        return report.fail("parameters", "NULL, or parameter_size is too small");
    }
    let mut names = HashSet::new();
    for parameter in driver::parameters(descriptor) {
        let Some(name) = text(parameter.name) else {
            report.fail("parameter name", "NULL or not UTF-8");
            continue;
        };
        let what = format!("parameter '{name}'");
        let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let default = parameter.default_value;
        let inside = parameter.minimum <= default && default <= parameter.maximum;
        let whole = parameter.kind != abi::INTEGER || default.fract() == 0.0;
        let problem = if name.is_empty() || !name.chars().all(legal) {
            "the name is not lower case, digits and '_'"
        } else if !names.insert(name) {
            "the name occurs twice"
        } else if text(parameter.help).is_none_or(|help| help.trim().is_empty()) {
            "there is no help"
        } else if parameter.kind > abi::REAL_ARRAY || parameter.reserved != 0 {
            "the kind is unknown or reserved is not 0"
        } else if !(default.is_finite() && inside && whole) {
            "the default is not in the range, not finite or not whole"
        } else {
            report.pass(what);
            continue;
        };
        report.fail(what, problem);
    }
}

fn extensions(entry: &Entry, index: u32, descriptor: &abi::Descriptor, report: &mut Report) {
    if descriptor.extensions.is_null() {
        return report.fail("extensions", "NULL");
    }
    let declared = driver::extensions(descriptor);
    report.require(
        "extensions: at least one",
        !declared.is_empty(),
        "none is declared",
    );
    for &id in &declared {
        let offered = !driver::extension(entry, index, id).is_null();
        report.require(
            &format!("extension {id:?}: offered"),
            offered,
            "declared, not offered",
        );
    }
    for (kind, what) in [(Kind::Local, "local table"), (Kind::Pair, "pair table")] {
        let table = driver::extension(entry, index, kind.id());
        if declared.contains(&kind.id()) && !table.is_null() {
            let complete = kind.is_complete(table);
            report.require(what, complete, "too small, or `evaluate` is NULL");
        }
    }
    for id in [abi::LOCAL_1, abi::PAIR_1] {
        let hidden = !declared.contains(&id) && !driver::extension(entry, index, id).is_null();
        report.require(
            &format!("extension {id:?}: declared"),
            !hidden,
            "offered, not declared",
        );
    }
    let unknown = driver::extension(entry, index, c"movimento.nothing/1").is_null();
    report.require(
        "extension: NULL for an unknown id",
        unknown,
        "a table is returned",
    );
}

fn text(text: *const c_char) -> Option<&'static str> {
    if text.is_null() {
        return None;
    }
    // SAFETY: not NULL; that it is a static, NUL-terminated text is the entry's promise.
    unsafe { CStr::from_ptr(text) }.to_str().ok()
}
