//! The parameters of an energy: what can be set, and which values fit.

use std::ffi::CString;

use movimento_abi as abi;

use crate::sized::text;

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
#[derive(Clone, Debug)]
pub struct ParameterDescriptor {
    /// A key such as `kappa`.
    pub name: String,
    /// One line for people.
    pub help: String,
    /// The type.
    pub kind: ParameterKind,
    /// The value when none is given, for arrays of every entry.
    pub default: f64,
    /// The smallest value accepted.
    pub minimum: f64,
    /// The largest value accepted.
    pub maximum: f64,
    /// The name as plugins read it.
    pub(crate) key: CString,
}

impl ParameterDescriptor {
    /// Checks values for this parameter.
    ///
    /// # Errors
    /// A text with what was given and what is accepted.
    pub fn check(&self, values: &[f64]) -> Result<(), String> {
        let fail = |given: String, accepted: String| {
            Err(format!(
                "parameter `{}` was given {given}; accepted is {accepted}",
                self.name
            ))
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

    /// Reads and checks a parameter.
    ///
    /// # Errors
    /// A text that is not one, an unknown type, a range or a default that makes no sense.
    ///
    /// # Safety
    /// The texts are NULL or NUL-terminated.
    pub(crate) unsafe fn read(raw: &abi::Parameter) -> Result<Self, String> {
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
        if raw.reserved != 0 {
            let reserved = raw.reserved;
            return Err(format!(
                "`reserved` of `{name}` is {reserved}; accepted is 0"
            ));
        }
        if raw.minimum.is_nan() || raw.maximum.is_nan() || raw.minimum > raw.maximum {
            return Err(format!(
                "the range of `{name}` is {} to {}",
                raw.minimum, raw.maximum
            ));
        }
        let parameter = Self {
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

    /// Names something that is allowed but serves no user.
    pub(crate) fn remark(&self) -> Option<&'static str> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if !self.name.chars().all(plain) {
            return Some("the name is not lower case, digits and '_'");
        }
        self.help.trim().is_empty().then_some("there is no help")
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
