//! The one error type: what went wrong, as a status for callers in C and a message for people.

use std::fmt::{self, Write};

/// Kind of a failure. Each has a fixed status in the C interface.
///
/// Kinds with a positive status are recoverable: the solver's state is what it was before the
/// call, and calling again (with a smaller step, more iterations, another callback answer) may
/// succeed. The others mean that the call was wrong or cannot succeed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The minimiser did not reach its tolerance within its iteration limit.
    NotConverged,
    /// The progress callback asked to stop.
    Cancelled,
    /// A callback or plugin asked for another try (returned a value above zero).
    TryAgain,
    /// A transport map folds labels over; to the C interface this is [`TryAgain`](Self::TryAgain).
    Folded,
    /// The energy inequality of the minimizing movement was violated beyond tolerance.
    EnergyIncrease,
    /// An argument is NULL, has the wrong size, or holds NaN or infinity.
    Argument,
    /// An option or energy parameter is unknown, has the wrong type or is out of range.
    Option,
    /// A handle is not alive, is of another type, is busy, or was poisoned by a panic.
    Handle,
    /// The call comes too early or too late: no initial condition yet, no energy yet.
    State,
    /// A plugin could not be found, was refused, lacks a capability or failed.
    Plugin,
    /// A host callback failed (returned a value below zero).
    Callback,
    /// A file could not be written or read.
    File,
    /// A computation left the range of finite numbers.
    NotFinite,
    /// A size asks for more memory than can be had.
    Memory,
    /// A bug: the library panicked and caught it.
    Internal,
}

impl ErrorKind {
    /// Whether a shorter time step may do.
    pub(crate) const fn is_recoverable_by_shorter_step(self) -> bool {
        self.is_of_the_step() || matches!(self, Self::TryAgain | Self::NotFinite)
    }

    /// Whether what refused a step is the step, and no part of the host. Other nodes may do then: an
    /// energy may only seem to fall, or go on falling, and a map fold, where the network is steep at
    /// the nodes and flat between them.
    pub(crate) const fn is_of_the_step(self) -> bool {
        matches!(
            self,
            Self::NotConverged | Self::EnergyIncrease | Self::Folded
        )
    }

    /// The status that the C interface returns for this kind.
    #[must_use]
    pub const fn status(self) -> i32 {
        match self {
            Self::NotConverged => 1,
            Self::Cancelled => 2,
            Self::TryAgain | Self::Folded => 3,
            Self::EnergyIncrease => 4,
            Self::Argument => -1,
            Self::Option => -2,
            Self::Handle => -3,
            Self::State => -4,
            Self::Plugin => -5,
            Self::Callback => -6,
            Self::File => -7,
            Self::NotFinite => -8,
            Self::Memory => -9,
            Self::Internal => -10,
        }
    }

    /// The kind with this status; [`Internal`](Self::Internal) if there is none.
    pub(crate) fn of_status(status: i32) -> Self {
        let all = [
            Self::NotConverged,
            Self::Cancelled,
            Self::TryAgain,
            Self::EnergyIncrease,
            Self::Argument,
            Self::Option,
            Self::Handle,
            Self::State,
            Self::Plugin,
            Self::Callback,
            Self::File,
            Self::NotFinite,
            Self::Memory,
        ];
        let found = all.into_iter().find(|kind| kind.status() == status);
        found.unwrap_or(Self::Internal)
    }

    /// Whether the caller may try again from an unchanged state.
    #[must_use]
    pub const fn is_recoverable(self) -> bool {
        self.status() > 0
    }
}

/// A failure, with a message that names the argument, what was given and what is accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    /// Whether all ranks of a communicator have it.
    everywhere: bool,
}

/// The result of every fallible function of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of the given kind.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            everywhere: false,
        }
    }

    /// Returns the kind of the failure.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The message, without the kind.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Puts `context: ` before the message.
    #[must_use]
    pub fn context(self, context: impl fmt::Display) -> Self {
        Self {
            kind: self.kind,
            message: format!("{context}: {}", self.message),
            everywhere: self.everywhere,
        }
    }

    /// Puts `more` after the message.
    #[must_use]
    pub(crate) fn followed_by(mut self, more: impl fmt::Display) -> Self {
        let _ = write!(self.message, "{more}");
        self
    }

    /// Marks the error as that of all ranks of a communicator.
    pub(crate) fn everywhere(mut self) -> Self {
        self.everywhere = true;
        self
    }

    /// Whether all ranks of a communicator have it.
    pub(crate) const fn is_everywhere(&self) -> bool {
        self.everywhere
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// Shorthand constructors, one for each kind that is raised in more than one place.
macro_rules! constructors {
    ($($name:ident => $kind:ident),* $(,)?) => {
        impl Error { $(
            pub(crate) fn $name(message: impl Into<String>) -> Self {
                Self::new(ErrorKind::$kind, message)
            }
        )* }
    };
}
constructors! {
    argument => Argument, option => Option, handle => Handle, state => State, plugin => Plugin,
    callback => Callback, file => File, not_finite => NotFinite, memory => Memory,
    internal => Internal,
}
