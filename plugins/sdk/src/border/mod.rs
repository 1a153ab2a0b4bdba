//! The border: everything between the C tables and safe Rust. No mathematics, and all the
//! unsafe code of the crate.

pub(crate) mod arrays;
pub(crate) mod entry;
pub(crate) mod guard;
pub(crate) mod instance;
pub(crate) mod table;

/// The host may recover by taking a smaller step.
pub(crate) const RECOVERABLE: i32 = 1;
/// Going on makes no sense.
pub(crate) const FATAL: i32 = -1;
/// The plugin has a bug.
pub(crate) const PANICKED: i32 = -2;
