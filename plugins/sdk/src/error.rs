//! Why an energy could not be created or evaluated.

use std::fmt;

/// The result of creating or evaluating an energy.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an energy could not be created or evaluated, and whether the host may go on.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The values lie outside the energy's domain: the host may try a smaller step.
    Recoverable(String),
    /// Going on makes no sense.
    Fatal(String),
    /// A tensor operation failed, which a smaller step does not mend.
    #[cfg(feature = "candle")]
    Candle(candle_core::Error),
}

impl Error {
    /// A refusal that a smaller step may avoid.
    pub fn recoverable(message: impl Into<String>) -> Self {
        Self::Recoverable(message.into())
    }

    /// A refusal that ends the computation.
    pub fn fatal(message: impl Into<String>) -> Self {
        Self::Fatal(message.into())
    }

    /// The status that stands for this error in the plugin ABI.
    pub(crate) fn status(&self) -> i32 {
        match self {
            Self::Recoverable(_) => crate::border::RECOVERABLE,
            Self::Fatal(_) => crate::border::FATAL,
            #[cfg(feature = "candle")]
            Self::Candle(_) => crate::border::FATAL,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Recoverable(message) | Self::Fatal(message) => formatter.write_str(message),
            #[cfg(feature = "candle")]
            Self::Candle(error) => write!(formatter, "Candle: {error}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            #[cfg(feature = "candle")]
            Self::Candle(error) => Some(error),
            _ => None,
        }
    }
}

#[cfg(feature = "candle")]
impl From<candle_core::Error> for Error {
    fn from(error: candle_core::Error) -> Self {
        Self::Candle(error)
    }
}
