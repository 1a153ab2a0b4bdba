//! The descriptors of a plugin: read once at load, checked, and kept as Rust values.

use crate::error::{Error, Result};
use movimento_abi as abi;
use std::collections::BTreeSet;
use std::ffi::{CStr, CString, c_char};

/// One energy of a plugin, as its descriptor declares it.
#[derive(Debug)]
pub struct Descriptor {
    /// What a user asks for, such as `dirichlet`.
    pub id: String,
    /// For people.
    pub name: String,
    /// Of the energy.
    pub version: String,
    /// One line of plain text.
    pub formula: String,
    /// One reference with its DOI each.
    pub references: Vec<String>,
    /// The bits of `movimento_plugin.h`.
    pub flags: u32,
    /// What can be set.
    pub parameters: Vec<Parameter>,
    /// Ids of the tables offered.
    pub extensions: Vec<String>,
    pub(super) index: u32,
    pub(super) local: Option<abi::LocalEvaluate>,
    pub(super) pair: Option<abi::PairEvaluate>,
}

impl Descriptor {
    /// Whether its local table gives second derivatives itself.
    #[must_use]
    pub const fn has_second_derivatives(&self) -> bool {
        self.flags & abi::SECOND_DERIVATIVES != 0
    }
}

/// The type of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterKind {
    /// One number.
    Real,
    /// One whole number.
    Integer,
    /// One number for every entry, or several.
    RealArray,
}

impl ParameterKind {
    /// The type's name in messages and in the description, as for options.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Real => "real",
            Self::Integer => "integer",
            Self::RealArray => "reals",
        }
    }
}

/// One parameter of an energy.
#[derive(Debug)]
pub struct Parameter {
    /// A key such as `kappa`.
    pub name: String,
    /// One line.
    pub help: String,
    /// Its type.
    pub kind: ParameterKind,
    /// The value when none is given, for arrays of every entry.
    pub default: f64,
    /// The smallest value accepted.
    pub minimum: f64,
    /// The largest value accepted.
    pub maximum: f64,
    pub(super) key: CString,
}

impl Parameter {
    /// Checks values for this parameter.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option), with what was given and what is accepted.
    pub fn check(&self, values: &[f64]) -> Result<()> {
        let fail = |given: String, accepted: String| {
            Err(Error::option(format!(
                "parameter `{}` was given {given}; accepted is {accepted}",
                self.name
            )))
        };
        match (self.kind, values) {
            (ParameterKind::RealArray, []) => {
                return fail("no numbers".to_owned(), "one number or more".to_owned());
            }
            (ParameterKind::Real | ParameterKind::Integer, values) if values.len() != 1 => {
                return fail(format!("{} numbers", values.len()), "one number".to_owned());
            }
            _ => {}
        }
        for (at, value) in values.iter().enumerate() {
            let whole = if self.kind == ParameterKind::Integer {
                "a whole number "
            } else {
                ""
            };
            // NaN fails the comparison, and infinity is refused even where the range is unbounded.
            let fits = value.is_finite() && *value >= self.minimum && *value <= self.maximum;
            if !fits || (self.kind == ParameterKind::Integer && value.fract() != 0.0) {
                let entry = if values.len() > 1 {
                    format!(" in entry {at} (counted from 0)")
                } else {
                    String::new()
                };
                return fail(
                    format!("{value}{entry}"),
                    format!("{whole}{}", range(self.minimum, self.maximum)),
                );
            }
        }
        Ok(())
    }
}

/// A range in words.
fn range(minimum: f64, maximum: f64) -> String {
    // How a descriptor, whose ranges include their ends, says "positive".
    let positive = minimum > 0.0 && minimum <= f64::MIN_POSITIVE;
    match (minimum.is_finite(), maximum.is_finite()) {
        (true, true) if positive => format!("above 0, up to {maximum:?}"),
        (true, false) if positive => "above 0".to_owned(),
        (true, true) => format!("{minimum:?} to {maximum:?}"),
        (true, false) => format!("{minimum:?} and above"),
        (false, true) => format!("{maximum:?} and below"),
        (false, false) => "any finite number".to_owned(),
    }
}

type Checked<T> = Result<T, String>;

/// Reads and checks one descriptor.
///
/// # Safety
/// `raw` is NULL or follows the plugin ABI as far as its sizes and pointers go.
pub unsafe fn read(
    raw: *const abi::Descriptor,
    index: u32,
    get_extension: unsafe extern "C" fn(u32, *const c_char) -> *const std::ffi::c_void,
) -> Checked<Descriptor> {
    if raw.is_null() {
        return Err(format!("descriptor {index} is NULL"));
    }
    // SAFETY: every descriptor starts with its size, which tells whether the rest is there.
    let size = unsafe { (&raw const (*raw).struct_size).read() };
    enough("the descriptor", size, size_of::<abi::Descriptor>())?;
    // SAFETY: it is at least as large as this host's idea of it.
    let raw = unsafe { &*raw };
    // SAFETY: the texts of a descriptor are NUL-terminated or NULL.
    let text = |what: &str, p: *const c_char| unsafe { text(what, p) };
    let id = text("the id", raw.id)?;
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if id.is_empty() || !id.bytes().all(plain) {
        return Err(format!(
            "the id `{id}` is not made of lower case letters, digits and '-'"
        ));
    }
    let of = |why: String| format!("energy `{id}`: {why}");
    let (local, pair, extensions) =
        // SAFETY: as this function's.
        unsafe { extensions(raw.extensions, index, get_extension) }.map_err(of)?;
    let references = text("`references`", raw.references).map_err(of)?;
    Ok(Descriptor {
        name: text("`name`", raw.name).map_err(of)?,
        version: text("`version`", raw.version).map_err(of)?,
        formula: text("`formula`", raw.formula).map_err(of)?,
        references: references.lines().map(str::to_owned).collect(),
        flags: raw.flags,
        // SAFETY: as this function's.
        parameters: unsafe { parameters(raw) }.map_err(of)?,
        extensions,
        index,
        local,
        pair,
        id,
    })
}

/// # Safety
/// As [`read`].
unsafe fn parameters(raw: &abi::Descriptor) -> Checked<Vec<Parameter>> {
    const MOST: u32 = 1024;
    if raw.parameter_count == 0 {
        return Ok(Vec::new());
    }
    if raw.parameter_count > MOST {
        return Err(format!(
            "it declares {} parameters; at most {MOST} are accepted",
            raw.parameter_count
        ));
    }
    if raw.parameters.is_null() {
        return Err("`parameters` is NULL".to_owned());
    }
    enough(
        "a parameter",
        raw.parameter_size,
        size_of::<abi::Parameter>(),
    )?;
    let stride = usize::try_from(raw.parameter_size).map_err(|e| e.to_string())?;
    if !stride.is_multiple_of(align_of::<abi::Parameter>()) {
        return Err(format!("`parameter_size` {stride} is not a multiple of 8"));
    }
    let mut names = BTreeSet::new();
    let mut all = Vec::new();
    for at in 0..raw.parameter_count as usize {
        // SAFETY: the plugin's array has `parameter_count` entries of `parameter_size` bytes.
        let entry = unsafe { &*raw.parameters.byte_add(at * stride) };
        // SAFETY: its texts are NUL-terminated or NULL.
        let parameter = unsafe { parameter(entry) }.map_err(|e| format!("parameter {at}: {e}"))?;
        if !names.insert(parameter.name.clone()) {
            return Err(format!("parameter `{}` is there twice", parameter.name));
        }
        all.push(parameter);
    }
    Ok(all)
}

/// # Safety
/// The texts are NUL-terminated or NULL.
unsafe fn parameter(raw: &abi::Parameter) -> Checked<Parameter> {
    // SAFETY: as this function's.
    let (name, help) = unsafe { (text("`name`", raw.name)?, text("`help`", raw.help)?) };
    if name.is_empty() {
        return Err("its name is empty".to_owned());
    }
    let kind = match raw.kind {
        abi::REAL => ParameterKind::Real,
        abi::INTEGER => ParameterKind::Integer,
        abi::REAL_ARRAY => ParameterKind::RealArray,
        other => return Err(format!("`{name}` is of the unknown kind {other}")),
    };
    if raw.minimum.is_nan() || raw.maximum.is_nan() || raw.minimum > raw.maximum {
        return Err(format!(
            "the range of `{name}` is {} to {}",
            raw.minimum, raw.maximum
        ));
    }
    let parameter = Parameter {
        key: CString::new(name.as_str()).map_err(|e| e.to_string())?,
        name,
        help,
        kind,
        default: raw.default_value,
        minimum: raw.minimum,
        maximum: raw.maximum,
    };
    parameter
        .check(&[parameter.default])
        .map_err(|e| format!("its default is out of range: {e}"))?;
    Ok(parameter)
}

type Tables = (
    Option<abi::LocalEvaluate>,
    Option<abi::PairEvaluate>,
    Vec<String>,
);

/// # Safety
/// As [`read`].
unsafe fn extensions(
    list: *const *const c_char,
    index: u32,
    get_extension: unsafe extern "C" fn(u32, *const c_char) -> *const std::ffi::c_void,
) -> Checked<Tables> {
    const MOST: usize = 64;
    if list.is_null() {
        return Err("`extensions` is NULL".to_owned());
    }
    let (mut local, mut pair, mut ids) = (None, None, Vec::new());
    for at in 0.. {
        // SAFETY: the list ends with NULL, and is not read past it.
        let id = unsafe { *list.add(at) };
        if id.is_null() {
            break;
        }
        if at == MOST {
            return Err(format!("`extensions` has no end within {MOST} entries"));
        }
        // SAFETY: its entries are NUL-terminated.
        let name = unsafe { text("an extension", id) }?;
        // SAFETY: the slot was checked to be there; the id is the plugin's own text.
        let table = unsafe { get_extension(index, id) };
        if table.is_null() {
            return Err(format!(
                "it declares the extension `{name}` but `get_extension` does not offer it"
            ));
        }
        let slot = || format!("the table `{name}` has no `evaluate`");
        if name.as_bytes() == abi::LOCAL_1.to_bytes() {
            // SAFETY: a table of this id is a `movimento_local_table`, which starts with its size.
            let size = unsafe { table.cast::<u64>().read() };
            enough(
                &format!("the table `{name}`"),
                size,
                size_of::<abi::LocalTable>(),
            )?;
            // SAFETY: and is large enough.
            local = Some(unsafe { (*table.cast::<abi::LocalTable>()).evaluate }.ok_or_else(slot)?);
        } else if name.as_bytes() == abi::PAIR_1.to_bytes() {
            // SAFETY: a table of this id is a `movimento_pair_table`, which starts with its size.
            let size = unsafe { table.cast::<u64>().read() };
            enough(
                &format!("the table `{name}`"),
                size,
                size_of::<abi::PairTable>(),
            )?;
            // SAFETY: and is large enough.
            pair = Some(unsafe { (*table.cast::<abi::PairTable>()).evaluate }.ok_or_else(slot)?);
        }
        ids.push(name);
    }
    if local.is_none() && pair.is_none() {
        return Err(format!(
            "it offers no table that this library knows ({}, {}); it declares {}",
            abi::LOCAL_1.to_string_lossy(),
            abi::PAIR_1.to_string_lossy(),
            if ids.is_empty() {
                "none".to_owned()
            } else {
                ids.join(", ")
            },
        ));
    }
    Ok((local, pair, ids))
}

/// A structure declares a size; this host knows it with `least` bytes.
pub fn enough(what: &str, size: u64, least: usize) -> Checked<()> {
    if size >= least as u64 {
        Ok(())
    } else {
        Err(format!(
            "{what} has {size} bytes; this library needs at least {least}"
        ))
    }
}

/// # Safety
/// `text` is NULL or NUL-terminated.
unsafe fn text(what: &str, text: *const c_char) -> Checked<String> {
    if text.is_null() {
        return Err(format!("{what} is NULL"));
    }
    // SAFETY: as this function's.
    let text = unsafe { CStr::from_ptr(text) };
    let text = text.to_str().map_err(|_| format!("{what} is not UTF-8"))?;
    Ok(text.to_owned())
}
