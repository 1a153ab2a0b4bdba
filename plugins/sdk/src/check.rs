//! Tests of a plugin through its C tables, for the plugin's own test suite.
//!
//! [`Check`] creates an energy as the host does and compares every derivative it offers with
//! central differences; it also tries what is easily forgotten: NaN, empty batches, outputs that
//! are not wanted, concurrent calls, a descriptor that does not hold together.
//! [`closed_forms`] and [`closed_kernel`] compare closed forms with Candle's autograd.
//! The program `movimento-check` finds what a process does not survive.
//!
//! ```no_run
//! # fn main() -> Result<(), movimento_plugin::check::Report> {
//! # let entry: &'static movimento_plugin::Entry = todo!();
//! use movimento_plugin::check::Check;
//!
//! for d in 1..=3 {
//!     Check::new(entry, 0).dimension(d).argument("m", &[3.0]).values(0.1, 2.0).run()?;
//! }
//! # Ok(())
//! # }
//! ```

pub use movimento_contract::{Check, Report};

#[cfg(feature = "candle")]
pub use crate::capability::functional::closed_forms;
#[cfg(feature = "candle")]
pub use crate::capability::kernel::closed_kernel;
