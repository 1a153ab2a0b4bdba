//! What `movimento_plugin.h` asks of a plugin, as checks through its C tables.
//!
//! [`Check`] creates an energy as the host does and compares every derivative it offers with
//! central differences; it also tries what is easily forgotten: NaN, empty batches, outputs that
//! are not wanted, concurrent calls, a descriptor that does not hold together. Plugins in Rust
//! find it as `movimento_plugin::check`; the program `movimento-check` uses the parts.
//!
//! The checks run in the process that calls them: a plugin that crashes takes it along.

#![warn(missing_docs)]

mod check;
pub mod descriptor;
mod differences;
pub mod driver;
mod entry;
mod local;
mod pair;
mod report;
pub mod sample;
pub mod table;
pub mod usage;

pub use check::{Check, derivatives};
pub use entry::Entry;
pub use report::{Expected, Finding, Report};
