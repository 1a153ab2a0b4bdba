//! The way to the supervisor.

use std::fs::File;
use std::io::Write;

use crate::protocol::{Event, Finding, Outcome};

/// The writing end of the pipe to the supervisor.
pub struct Channel(File);

impl Channel {
    /// Takes the pipe from the standard input, which becomes empty.
    pub fn take() -> Option<Self> {
        let pipe = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stdin(), 100).ok()?;
        let nothing = File::open("/dev/null").ok()?;
        rustix::stdio::dup2_stdin(&nothing).ok()?;
        Some(Self(File::from(pipe)))
    }

    pub fn send(&self, event: &Event) {
        // Without a supervisor there is nobody to tell.
        let _ = (&self.0).write_all(event.line().as_bytes());
    }

    /// The pipe once more, for signal handlers.
    pub fn duplicate(&self) -> Option<File> {
        self.0.try_clone().ok()
    }

    /// Says what comes next, to be named if the process does not survive it.
    pub fn trying(&self, what: impl Into<String>) {
        self.send(&Event::Trying(what.into()));
    }

    pub fn pass(&self, found: impl Into<String>) {
        self.find(Outcome::Passed, found.into());
    }

    pub fn note(&self, found: impl Into<String>) {
        self.find(Outcome::Noted, found.into());
    }

    pub fn fail(&self, found: impl Into<String>) {
        self.find(Outcome::Failed, found.into());
    }

    pub fn skip(&self, found: impl Into<String>) {
        self.find(Outcome::Skipped, found.into());
    }

    fn find(&self, outcome: Outcome, found: String) {
        self.send(&Event::Finding(Finding::new(outcome, found)));
    }
}
