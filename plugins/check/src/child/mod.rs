//! The process of one check. Whatever the plugin does to it, the supervisor lives on.

mod channel;
pub mod convexity;
pub mod corners;
pub mod create;
pub mod derivatives;
pub mod domain;
pub mod entry;
pub mod evaluation;
pub mod extremes;
mod guarded;
mod interrupted;
pub mod leaks;
pub mod memory;
mod pages;
pub mod process;
mod signals;
mod subject;
pub mod threads;

use std::process::ExitCode;

use rustix::process::{Resource, Rlimit, setrlimit};

use crate::checks::Work;
use crate::options::Options;
use crate::protocol::Event;
pub use channel::Channel;
pub use subject::Subject;

/// Does the work of a check and reports through the standard input.
pub fn run(work: Work, options: &Options) -> ExitCode {
    let Some(channel) = Channel::take() else {
        return ExitCode::from(2);
    };
    confine();
    match work {
        Work::Process(check) => check(options, &channel),
        Work::Energy(check) => {
            if let Some(subject) = Subject::load(options, &channel) {
                check(&subject);
            }
        }
        Work::Elsewhere => {}
    }
    // What a plugin has left in the buffers of C is to be seen as printed by it.
    // SAFETY: a function of the C library; NULL is all streams.
    unsafe { libc::fflush(std::ptr::null_mut()) };
    channel.send(&Event::Done);
    ExitCode::SUCCESS
}

/// Lets there be no memory dumps, and no life beyond the supervisor's.
fn confine() {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    // Where the system refuses, the check runs all the same.
    let _ = setrlimit(Resource::Core, none);
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL));
}
