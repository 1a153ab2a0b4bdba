//! Tests that share their process with no other at the same time: they count what it holds, measure
//! its time, set what it has once, or kill it.

#![allow(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "what a test does not expect is to fail it"
)]
#![allow(
    clippy::undocumented_unsafe_blocks,
    reason = "they call the C interface as its header says, or fail"
)]

#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "the other test program uses the rest")]
mod support;

mod log;
mod long_run;
mod plugin_cost;
mod restart_killed;
mod restart_refused;
mod series_cost;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// The process to itself, for as long as a test holds this.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}
