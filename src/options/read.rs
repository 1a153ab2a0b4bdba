//! Values of options as the types that settings have, and the declaration of both in one row.

use super::{Kind, Options, spec};
use crate::domain::DomainChoice;
use crate::error::{Error, ErrorKind, Result};
use crate::field::Precision;
use crate::field::{Activation, EmbeddingChoice, TrainingChoice};
use crate::minimize::{LinearSolverChoice, MinimizerChoice};
use crate::movement::{self, Movement};
use crate::objective::FormChoice;
use crate::quadrature::QuadratureChoice;
use crate::words::words;
use std::num::NonZeroUsize;

/// Declares options in groups: the rows of the table, and a struct of typed settings for each
/// group. A row is `name: type = kind(default and range), "help";`.
macro_rules! groups {
    ($(
        $(#[$about:meta])*
        $group:ident { $($name:ident: $type:ty = $kind:expr, $help:literal;)* }
    )*) => {
        /// The table.
        pub static TABLE: &[Spec] = &[$($(
            Spec { name: stringify!($name), kind: $kind, help: $help },
        )*)*];

        $(
            $(#[$about])*
            #[derive(Clone, Debug, PartialEq)]
            pub struct $group { $(#[doc = $help] pub $name: $type,)* }

            impl $group {
                /// Reads the group's options.
                ///
                /// # Errors
                /// [`Option`](crate::ErrorKind::Option) if a list is too long.
                pub fn parse(options: &super::Options) -> crate::error::Result<Self> {
                    Ok(Self { $($name: super::read::Read::read(options, stringify!($name))?,)* })
                }
            }
        )*
    };
}
pub(super) use groups;

words! {
    /// Treatment of the snapshots that are in its folder.
    pub enum ExistingSnapshots {
        /// Goes on after them, and refuses those of a time not yet reached.
        Continue = "continue",
        /// Deletes those of a time not yet reached.
        Truncate = "truncate",
        /// Refuses any.
        Empty = "empty",
    }
}

words! {
    /// What the mass of a density does where mass is born and dies.
    pub enum TotalMass {
        /// It follows the flow.
        Free = "free",
        /// It stays.
        Held = "held",
    }
}

words! {
    /// What a restart asks for.
    pub enum RestartChoice {
        /// All that the bits of the run depend on.
        Exact = "exact",
        /// The same problem and network.
        Portable = "portable",
    }
}

words! {
    /// The precision of fields and positions in snapshots.
    pub enum StoredPrecision {
        /// `f64`.
        Double = "double",
        /// `f32`.
        Single = "single",
    }
}

/// The widths of the hidden layers of a network, or the choice of those that suit it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hidden(Option<Vec<usize>>);

/// Hidden layers that a network may have.
const MOST_LAYERS: usize = 16;

impl Hidden {
    /// The widths, unless they are left to the library.
    #[must_use]
    pub fn given(&self) -> Option<&[usize]> {
        self.0.as_deref()
    }

    /// The widths, or those that suit where they are left to the library.
    #[must_use]
    pub fn or(&self, suited: &[usize]) -> Vec<usize> {
        self.0.as_deref().unwrap_or(suited).to_vec()
    }
}

/// A type that the value of an option is read as.
pub(super) trait Read: Sized {
    /// The value of the option `name`.
    fn read(options: &Options, name: &'static str) -> Result<Self>;
}

/// The error of a row whose type and range do not fit each other.
fn misread(name: &str, value: impl std::fmt::Debug) -> Error {
    Error::new(
        ErrorKind::Internal,
        format!("option `{name}` is {value:?}, which its type cannot hold"),
    )
}

impl Read for f64 {
    fn read(options: &Options, name: &'static str) -> Result<Self> {
        options.real(name)
    }
}

/// `None` where the value is 0.
impl Read for Option<f64> {
    fn read(options: &Options, name: &'static str) -> Result<Self> {
        let value = options.real(name)?;
        Ok((value != 0.0).then_some(value))
    }
}

impl Read for Vec<f64> {
    fn read(options: &Options, name: &'static str) -> Result<Self> {
        options.reals(name)
    }
}

macro_rules! read_integers {
    ($($type:ty),*) => { $(
        impl Read for $type {
            fn read(options: &Options, name: &'static str) -> Result<Self> {
                let value = options.integer(name)?;
                Self::try_from(value).map_err(|_| misread(name, value))
            }
        }
    )* };
}
read_integers!(u8, u64, usize);

/// `None` where the value is 0.
impl Read for Option<NonZeroUsize> {
    fn read(options: &Options, name: &'static str) -> Result<Self> {
        usize::read(options, name).map(NonZeroUsize::new)
    }
}

impl Read for Vec<usize> {
    fn read(options: &Options, name: &'static str) -> Result<Self> {
        let values = options.integers(name)?;
        let sizes = values.iter().map(|value| usize::try_from(*value));
        sizes
            .collect::<Result<_, _>>()
            .map_err(|_| misread(name, values))
    }
}

impl Read for Hidden {
    fn read(options: &Options, name: &'static str) -> Result<Self> {
        let widths = Vec::<usize>::read(options, name)?;
        if widths.len() > MOST_LAYERS {
            return Err(Error::option(format!(
                "option `{name}` has {} entries; accepted is 1 to {MOST_LAYERS} hidden layers",
                widths.len()
            )));
        }
        Ok(Self((widths != [0]).then_some(widths)))
    }
}

/// A word of an open registry, such as the name of a flow.
impl Read for &'static str {
    fn read(options: &Options, name: &'static str) -> Result<Self> {
        let word = options.text(name)?;
        let Kind::Text { choices } = spec(name)?.kind else {
            return Err(misread(name, word));
        };
        let found = choices.iter().find(|choice| **choice == word);
        found.copied().ok_or_else(|| misread(name, word))
    }
}

impl Read for &'static Movement {
    fn read(options: &Options, name: &'static str) -> Result<Self> {
        movement::named(&options.text(name)?)
    }
}

macro_rules! read_words {
    ($($type:ty),* $(,)?) => { $(
        impl Read for $type {
            fn read(options: &Options, name: &'static str) -> Result<Self> {
                let word = options.text(name)?;
                Self::named(&word).ok_or_else(|| misread(name, word))
            }
        }
    )* };
}
read_words!(
    Activation,
    DomainChoice,
    EmbeddingChoice,
    ExistingSnapshots,
    RestartChoice,
    FormChoice,
    LinearSolverChoice,
    MinimizerChoice,
    Precision,
    QuadratureChoice,
    StoredPrecision,
    TotalMass,
    TrainingChoice,
);
