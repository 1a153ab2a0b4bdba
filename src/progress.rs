//! Progress of long calls, told to the host, which may cancel them.

use std::ops::ControlFlow;

/// The place of a running call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// Whether this is the initial fit (else a time step).
    pub fitting: bool,
    /// Steps completed before this call or stage.
    pub step: u64,
    /// Time reached so far.
    pub time: f64,
    /// Minimiser iterations in this fit or step so far.
    pub iteration: u64,
    /// The objective that is being minimised, or in a fit the relative error on the fit's nodes.
    pub objective: f64,
}

/// A progress observer; `Break` cancels, and the state stays at the last whole step.
pub type Observer = Box<dyn FnMut(&Progress) -> ControlFlow<()> + Send + Sync>;
