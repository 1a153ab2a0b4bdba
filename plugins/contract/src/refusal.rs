//! The answer of a plugin that refuses: a status that is not 0, and its message.

use std::ffi::{CStr, c_char};
use std::fmt;

use movimento_abi as abi;

/// A status that is not 0, with its message.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The status; above 0 when a smaller step may do.
    pub status: i32,
    /// The text in the message buffer; empty if nothing was written.
    pub message: String,
    /// Whether the plugin ended the text with a NUL, as it must.
    pub is_ended: bool,
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self.is_ended {
            true => &self.message,
            false => "the message has no end",
        };
        write!(formatter, "status {}: {text}", self.status)
    }
}

impl Refusal {
    /// A refusal by this side of the border.
    pub(crate) fn here(message: impl Into<String>) -> Self {
        Self {
            status: i32::MIN,
            message: message.into(),
            is_ended: true,
        }
    }

    /// Calls a function of a plugin with room for a message, and reads its answer.
    ///
    /// # Errors
    /// The status that the function returned, if it is not 0, with its message.
    pub fn of_call(function: impl FnOnce(*mut c_char, u64) -> i32) -> Result<(), Self> {
        let mut buffer = [0_u8; 1024];
        let status = function(buffer.as_mut_ptr().cast(), buffer.len() as u64);
        if status == abi::OK {
            return Ok(());
        }
        let ended = CStr::from_bytes_until_nul(&buffer).map(CStr::to_bytes);
        let is_ended = ended.is_ok();
        let message = String::from_utf8_lossy(ended.unwrap_or(&buffer)).into_owned();
        Err(Self {
            status,
            message,
            is_ended,
        })
    }
}
