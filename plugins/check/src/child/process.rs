//! Check that what belongs to the process is left alone.

use std::collections::BTreeMap;
use std::ffi::CStr;
use std::{env, fs, mem, ptr};

use movimento_contract::Instance;

use super::channel::Channel;
use super::create::unfit;
use super::subject::Subject;
use crate::options::Options;

/// Looks at the process before the plugin is loaded and after each thing that it does.
pub fn check(options: &Options, channel: &Channel) {
    let before = state();
    let Some(subject) = Subject::load(options, channel) else {
        return;
    };
    let mut last = changed(channel, "loading", &before);
    let cases = subject.defaults();
    last = changed(channel, "create", &last);
    for case in &cases {
        for table in case.instance.tables() {
            let mut at = subject.points(&table, 13, 50);
            drop(table.evaluate(&at, table.offered()));
            last = changed(channel, "evaluate", &last);
            if subject.avoids("nan") || subject.avoids("message") {
                continue;
            }
            at.arrays.iter_mut().for_each(|input| input.fill(f64::NAN));
            drop(table.evaluate(&at, table.offered()));
            last = changed(channel, "evaluate with NaN", &last);
        }
    }
    drop(cases);
    last = changed(channel, "destroy", &last);
    if let Some(&d) = options.dimensions.first() {
        for given in unfit(&subject) {
            drop(Instance::create(&subject.energy, d, &given));
        }
        last = changed(channel, "create with what does not fit", &last);
    }
    if last == before {
        let aspects: Vec<_> = before.keys().map(String::as_str).collect();
        let named = aspects
            .iter()
            .filter(|aspect| !aspect.starts_with("the handler"));
        let named: Vec<_> = named.copied().collect();
        channel.pass(format!(
            "unchanged: {}, the signal handlers",
            named.join(", ")
        ));
    }
}

/// By what is looked at, how it is.
type State = BTreeMap<String, String>;

/// Reports what is not as it was, and how it is now.
fn changed(channel: &Channel, by: &str, before: &State) -> State {
    let now = state();
    for (what, value) in &now {
        let was = before.get(what).map_or("", String::as_str);
        if was != value {
            let (was, value) = differing(was, value);
            channel.fail(format!("{by} changed {what} from `{was}` to `{value}`"));
        }
    }
    now
}

/// Cuts off the part that both texts begin with, up to a comma or space.
fn differing(was: &str, now: &str) -> (String, String) {
    let same = was
        .bytes()
        .zip(now.bytes())
        .take_while(|(a, b)| a == b)
        .count();
    let common = was.get(..same).unwrap_or_default();
    let from = common.rfind([',', ' ']).map_or(0, |at| at + 1);
    let shown = |text: &str| {
        let rest = text.get(from..).unwrap_or(text).trim();
        rest.chars().take(60).collect::<String>()
    };
    (shown(was), shown(now))
}

fn state() -> State {
    let mut state = State::new();
    let mut set = |what: &str, value: String| state.insert(what.to_owned(), value);
    set("the floating-point control", floating_point());
    // SAFETY: a question: NULL changes nothing. The answer is a text of the C library's.
    let locale = unsafe {
        let locale = libc::setlocale(libc::LC_ALL, ptr::null());
        (!locale.is_null()).then(|| CStr::from_ptr(locale).to_string_lossy().into_owned())
    };
    set("the locale", locale.unwrap_or_default());
    let folder = env::current_dir().map(|folder| folder.display().to_string());
    set("the working folder", folder.unwrap_or_default());
    let variables: Vec<_> = env::vars_os()
        .map(|(name, value)| format!("{}={}", name.display(), value.display()))
        .collect();
    set("the environment", variables.join(" "));
    // The mask can only be read by setting it; it is put back at once.
    let mask = rustix::process::umask(rustix::fs::Mode::empty());
    rustix::process::umask(mask);
    set("the mask of new files", format!("{:o}", mask.bits()));
    set("the open files", files());
    set("the number of threads", threads().to_string());
    set("the blocked signals", blocked());
    for signal in 1..65 {
        let what = format!("the handler of signal {signal}");
        set(&what, handler(signal));
    }
    state
}

fn threads() -> usize {
    fs::read_dir("/proc/self/task").map_or(0, Iterator::count)
}

fn files() -> String {
    let entries = fs::read_dir("/proc/self/fd")
        .into_iter()
        .flatten()
        .flatten();
    let targets = entries.filter_map(|entry| {
        let number = entry.file_name().to_string_lossy().into_owned();
        let target = fs::read_link(entry.path()).ok()?;
        // The listing itself is open for as long as it takes.
        let listing = target.to_string_lossy().ends_with("/fd");
        (!listing).then(|| format!("{number}: {}", target.display()))
    });
    let mut all: Vec<_> = targets.collect();
    all.sort();
    all.join(", ")
}

fn blocked() -> String {
    // SAFETY: sets of signals are plain data, and NULL changes nothing.
    unsafe {
        let mut set: libc::sigset_t = mem::zeroed();
        libc::pthread_sigmask(libc::SIG_BLOCK, ptr::null(), &raw mut set);
        let blocked = (1..65).filter(|&signal| libc::sigismember(&raw const set, signal) == 1);
        blocked
            .map(|signal| signal.to_string())
            .collect::<Vec<_>>()
            .join(" ")
    }
}

fn handler(signal: i32) -> String {
    // SAFETY: actions are plain data, and NULL changes nothing.
    unsafe {
        let mut action: libc::sigaction = mem::zeroed();
        match libc::sigaction(signal, ptr::null(), &raw mut action) {
            0 => format!("{:#x} {:#x}", action.sa_sigaction, action.sa_flags),
            _ => String::new(),
        }
    }
}

/// Rounding, flushing of small numbers, traps.
#[cfg(target_arch = "x86_64")]
fn floating_point() -> String {
    const FLAGS: u32 = 0x3F; // what has happened, not what is to happen
    let (mut sse, mut x87) = (0_u32, 0_u16);
    // SAFETY: both instructions store a control word into the variable.
    unsafe {
        std::arch::asm!("stmxcsr [{}]", in(reg) &raw mut sse, options(nostack));
        std::arch::asm!("fnstcw [{}]", in(reg) &raw mut x87, options(nostack));
    }
    format!("{:#x} {x87:#x}", sse & !FLAGS)
}

#[cfg(target_arch = "aarch64")]
fn floating_point() -> String {
    let control: u64;
    // SAFETY: the instruction reads a control register.
    unsafe { std::arch::asm!("mrs {}, fpcr", out(reg) control, options(nostack, nomem)) };
    format!("{control:#x}")
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn floating_point() -> String {
    "unknown".to_owned()
}
