//! The way to the supervisor.

use std::fs::File;
use std::io::Write;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

use crate::protocol::{Event, Finding, Outcome};

/// The writing end of the pipe to the supervisor.
pub struct Channel(File);

impl Channel {
    /// Takes the pipe from the standard input, which becomes empty.
    pub fn take() -> Option<Self> {
        // SAFETY: system calls on numbers. The new descriptor is nobody else's.
        unsafe {
            let pipe = libc::fcntl(0, libc::F_DUPFD_CLOEXEC, 100);
            if pipe < 0 {
                return None;
            }
            let pipe = OwnedFd::from_raw_fd(pipe);
            let nothing = File::open("/dev/null").ok()?;
            (libc::dup2(nothing.as_raw_fd(), 0) == 0).then(|| Self(File::from(pipe)))
        }
    }

    pub fn send(&self, event: &Event) {
        // Without a supervisor there is nobody to tell.
        let _ = (&self.0).write_all(event.line().as_bytes());
    }

    /// The descriptor, for signal handlers.
    pub fn descriptor(&self) -> RawFd {
        self.0.as_raw_fd()
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
