//! The contract of `movimento_plugin.h`: the one reader of a plugin's tables, and checks of what
//! the header asks of a plugin.
//!
//! [`Functions`] and [`EnergyDescriptor`] read an entry and its descriptors and decide whether
//! they are accepted; [`Instance`] creates an energy. The library, the SDK and `movimento-check`
//! read through them, so that the library accepts exactly what the checker accepts.
//!
//! [`Check`] creates an energy as the library does and compares every derivative it offers with
//! central differences; it also tries what is easily forgotten: NaN, empty batches, outputs that
//! are not wanted, concurrent calls, a descriptor that does not hold together. Plugins in Rust
//! find it as `movimento_plugin::check`; the program `movimento-check` uses the parts.
//!
//! The checks run in the process that calls them: a plugin that crashes takes it along.
//!
//! [`capability`] says how a table is added to the ABI.

pub mod capability;
mod check;
pub mod descriptor;
mod differences;
mod entry;
mod instance;
mod instance_table;
mod parameter;
mod raw_batch;
mod refusal;
mod report;
pub mod sample;
pub mod sized;
pub mod usage;

pub use capability::{ArraySpec, CAPABILITIES, Capability, Extent, TableKind, Wanted, Widths};
pub use check::{Check, derivatives};
pub use descriptor::EnergyDescriptor;
pub use entry::{Entry, Functions};
pub use instance::{Given, Instance};
pub use instance_table::{Failure, Inputs, InstanceTable};
pub use parameter::{ParameterDescriptor, ParameterKind};
pub use raw_batch::RawBatch;
pub use refusal::Refusal;
pub use report::{Expected, Finding, Report};
