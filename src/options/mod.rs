//! Key/value options: typed, range-checked when set, described by a table; and the settings that
//! they are parsed into.

mod describe;
mod live;
mod read;
mod saved;
mod settings;
mod table;

pub use describe::describe;
pub use live::is_live;
pub(crate) use live::{changed, live};
pub use read::{ExistingSnapshots, Hidden, RestartChoice, StoredPrecision, TotalMass};
pub use settings::Settings;
pub use table::{
    AdamSettings, DiscretizationSettings, FitSettings, MinimizerSettings, NetworkSettings,
    PotentialsSettings, ProblemSettings, ReactionSettings, RunSettings, SnapshotSettings, TABLE,
    TimeSettings,
};

use crate::error::{Error, Result};
use std::collections::BTreeMap;

/// One option.
#[derive(Debug)]
pub struct Spec {
    /// The key, such as `tau`.
    pub name: &'static str,
    /// Type, default and range.
    pub kind: Kind,
    /// One line: what it is, its unit, what 0 means where 0 is special.
    pub help: &'static str,
}

/// Type, default and accepted range of an option. Ranges include both ends.
#[derive(Debug)]
#[allow(missing_docs)] // the fields say what they are
pub enum Kind {
    /// One real number.
    Real { default: f64, min: f64, max: f64 },
    /// One whole number.
    Integer { default: i64, min: i64, max: i64 },
    /// One of a few words; the first is the default.
    Text { choices: &'static [&'static str] },
    /// A list of real numbers, each within the range.
    Reals {
        default: &'static [f64],
        min: f64,
        max: f64,
    },
    /// A list of whole numbers, each within the range.
    Integers {
        default: &'static [i64],
        min: i64,
        max: i64,
    },
}

impl Kind {
    /// The type's name in messages and in the description.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Real { .. } => "real",
            Self::Integer { .. } => "integer",
            Self::Text { .. } => "text",
            Self::Reals { .. } => "reals",
            Self::Integers { .. } => "integers",
        }
    }
}

/// The value of an option.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Of a [`Kind::Real`] option.
    Real(f64),
    /// Of a [`Kind::Integer`] option.
    Integer(i64),
    /// Of a [`Kind::Text`] option.
    Text(String),
    /// Of a [`Kind::Reals`] option.
    Reals(Vec<f64>),
    /// Of a [`Kind::Integers`] option.
    Integers(Vec<i64>),
}

impl Value {
    const fn kind_name(&self) -> &'static str {
        match self {
            Self::Real(_) => "real",
            Self::Integer(_) => "integer",
            Self::Text(_) => "text",
            Self::Reals(_) => "reals",
            Self::Integers(_) => "integers",
        }
    }
}

macro_rules! value_from {
    ($($from:ty => $variant:ident),* $(,)?) => { $(
        impl From<$from> for Value {
            fn from(value: $from) -> Self { Self::$variant(value.into()) }
        }
    )* };
}
value_from! {
    f64 => Real, i64 => Integer, &str => Text, String => Text,
    &[f64] => Reals, Vec<f64> => Reals, &[i64] => Integers, Vec<i64> => Integers,
}

/// A set of options. Those never set have the defaults of [`TABLE`].
///
/// ```
/// let mut options = movimento::Options::new();
/// options.set("tau", 0.005)?;
/// options.set("hidden", vec![24, 24])?;
/// let error = options.set("tau", -1.0).unwrap_err();
/// assert!(error.message().contains("`tau`"));
/// # Ok::<(), movimento::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Options {
    set: BTreeMap<&'static str, Value>,
}

impl Options {
    /// All defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets one option.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option) if the key is unknown, the value has another type or
    /// lies outside the range; the options stay as they were.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) -> Result<()> {
        let spec = spec(name)?;
        let value = converted(&spec.kind, value.into());
        check(spec, &value)?;
        self.set.insert(spec.name, value);
        Ok(())
    }

    /// The value of an option, set or default.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option) if the key is unknown.
    pub fn get(&self, name: &str) -> Result<Value> {
        let spec = spec(name)?;
        Ok(match self.set.get(spec.name) {
            Some(value) => value.clone(),
            None => default(&spec.kind),
        })
    }

    /// Every option with its value, in the order of [`TABLE`].
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, Value)> + '_ {
        TABLE.iter().map(|spec| {
            let value = self.set.get(spec.name).cloned();
            (spec.name, value.unwrap_or_else(|| default(&spec.kind)))
        })
    }
}

macro_rules! typed_get {
    ($($method:ident -> $type:ty, $variant:ident),* $(,)?) => { impl Options { $(
        #[doc = concat!("The value of an option of type ", stringify!($variant), ".\n\n# Errors\n",
            "[`Option`](crate::ErrorKind::Option) if the key is unknown or has another type.")]
        pub fn $method(&self, name: &str) -> Result<$type> {
            match self.get(name)? {
                Value::$variant(value) => Ok(value),
                other => Err(Error::option(format!(
                    "option `{name}` was asked for as {1}; accepted is {0}, its type",
                    other.kind_name(),
                    stringify!($variant).to_lowercase(),
                ))),
            }
        }
    )* } };
}
typed_get! {
    real -> f64, Real,
    integer -> i64, Integer,
    text -> String, Text,
    reals -> Vec<f64>, Reals,
    integers -> Vec<i64>, Integers,
}

fn default(kind: &Kind) -> Value {
    match *kind {
        Kind::Real { default, .. } => Value::Real(default),
        Kind::Integer { default, .. } => Value::Integer(default),
        Kind::Text { choices } => Value::Text(choices.first().map_or("", |c| c).to_owned()),
        Kind::Reals { default, .. } => Value::Reals(default.to_vec()),
        Kind::Integers { default, .. } => Value::Integers(default.to_vec()),
    }
}

fn spec(name: &str) -> Result<&'static Spec> {
    TABLE.iter().find(|s| s.name == name).ok_or_else(|| {
        let known: Vec<_> = TABLE.iter().map(|s| s.name).collect();
        Error::option(format!(
            "there is no option `{name}`; the options are {}",
            known.join(", ")
        ))
    })
}

/// A value as an option of this kind takes it, where nothing is lost by that: whole numbers are real ones too, and one
/// number is a list of one.
fn converted(kind: &Kind, value: Value) -> Value {
    #[allow(clippy::cast_precision_loss)] // looked at
    let real = |value: i64| Some(value as f64).filter(|real| *real as i128 == i128::from(value));
    let found = match (kind, &value) {
        (Kind::Real { .. }, Value::Integer(v)) => real(*v).map(Value::Real),
        (Kind::Reals { .. }, Value::Integer(v)) => real(*v).map(|v| Value::Reals(vec![v])),
        (Kind::Reals { .. }, Value::Real(v)) => Some(Value::Reals(vec![*v])),
        (Kind::Reals { .. }, Value::Integers(v)) => {
            let all: Option<Vec<f64>> = v.iter().map(|v| real(*v)).collect();
            all.map(Value::Reals)
        }
        (Kind::Integers { .. }, Value::Integer(v)) => Some(Value::Integers(vec![*v])),
        _ => None,
    };
    found.unwrap_or(value)
}

fn check(spec: &Spec, value: &Value) -> Result<()> {
    let name = spec.name;
    let in_range = |ok: bool, given: String, min: String, max: String| {
        if ok {
            Ok(())
        } else {
            Err(Error::option(format!(
                "option `{name}` was given {given}; accepted is {min} to {max}"
            )))
        }
    };
    let real = |v: f64, min: f64, max: f64| {
        // NaN fails this comparison, as it should.
        in_range(
            v >= min && v <= max,
            v.to_string(),
            format!("{min:?}"),
            format!("{max:?}"),
        )
    };
    let integer = |v: i64, min: i64, max: i64| {
        in_range(
            v >= min && v <= max,
            v.to_string(),
            min.to_string(),
            max.to_string(),
        )
    };
    let not_empty = |len: usize| {
        if len == 0 {
            Err(Error::option(format!(
                "option `{name}` was given an empty list; at least one entry is needed"
            )))
        } else {
            Ok(())
        }
    };
    match (&spec.kind, value) {
        (Kind::Real { min, max, .. }, Value::Real(v)) => real(*v, *min, *max),
        (Kind::Integer { min, max, .. }, Value::Integer(v)) => integer(*v, *min, *max),
        (Kind::Text { choices }, Value::Text(v)) => {
            if choices.contains(&v.as_str()) {
                Ok(())
            } else {
                Err(Error::option(format!(
                    "option `{name}` was given `{v}`; accepted is one of {}",
                    choices.join(", ")
                )))
            }
        }
        (Kind::Reals { min, max, .. }, Value::Reals(v)) => {
            not_empty(v.len())?;
            v.iter().try_for_each(|v| real(*v, *min, *max))
        }
        // What stands for a choice of the solver's lies outside the range.
        (Kind::Integers { default, .. }, Value::Integers(v)) if v == default => Ok(()),
        (Kind::Integers { min, max, .. }, Value::Integers(v)) => {
            not_empty(v.len())?;
            v.iter().try_for_each(|v| integer(*v, *min, *max))
        }
        (kind, value) => Err(Error::option(format!(
            "option `{name}` was given a value of type {1}; accepted is {0}",
            kind.name(),
            value.kind_name()
        ))),
    }
}
