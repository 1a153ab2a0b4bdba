//! The process of one check. Whatever the plugin does to it, the supervisor lives on.

mod channel;
mod convexity;
mod create;
mod derivatives;
mod domain;
mod entry;
mod evaluation;
mod extremes;
mod guarded;
mod interrupted;
mod leaks;
mod memory;
mod process;
mod subject;
mod threads;

use std::process::ExitCode;

use crate::checks;
use crate::options::Options;
use crate::protocol::Event;
use channel::Channel;
use subject::Subject;

/// Runs a check and reports through the standard input.
pub fn run(check: &str, options: &Options) -> ExitCode {
    let Some(channel) = Channel::take() else {
        return ExitCode::from(2);
    };
    confine();
    if check == checks::ENTRY.name {
        entry::check(&options.plugin, &channel);
    } else if check == "process" {
        process::check(options, &channel);
    } else if let Some(subject) = Subject::load(options, &channel) {
        energy(check, &subject);
    }
    // What a plugin has left in the buffers of C is to be seen as printed by it.
    // SAFETY: a function of the C library; NULL is all streams.
    unsafe { libc::fflush(std::ptr::null_mut()) };
    channel.send(&Event::Done);
    ExitCode::SUCCESS
}

fn energy(check: &str, subject: &Subject<'_>) {
    match check {
        "descriptor" => create::descriptor(subject),
        "domain" => domain::check(subject),
        "create" => create::create(subject),
        "refusals" => create::refusals(subject),
        "message" => memory::message(subject),
        "derivatives" => derivatives::check(subject),
        "convexity" => convexity::check(subject),
        "repeats" => evaluation::repeats(subject),
        "subsets" => evaluation::subsets(subject),
        "empty" => evaluation::empty(subject),
        "growth" => evaluation::growth(subject),
        "nan" => extremes::nan(subject),
        "infinite" => extremes::infinite(subject),
        "bounds" => memory::bounds(subject),
        "inputs" => memory::inputs(subject),
        "threads" => threads::check(subject),
        "leaks" => leaks::check(subject),
        unknown => subject
            .channel
            .fail(format!("there is no check `{unknown}`")),
    }
}

/// No memory dumps, and no life beyond the supervisor's.
fn confine() {
    let none = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: system calls on plain data.
    unsafe {
        libc::setrlimit(libc::RLIMIT_CORE, &raw const none);
        #[cfg(target_os = "linux")]
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
    }
}
