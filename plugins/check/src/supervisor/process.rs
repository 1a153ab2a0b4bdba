//! One process: started, watched, and ended in any case.

use std::io::{self, Read};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

use crate::options::Options;
use crate::protocol::{Event, Finding};

/// Starter of the processes of one plugin.
pub struct Process {
    plugin: PathBuf,
    program: PathBuf,
    options: Options,
    /// Checks of the energy at hand whose process died: the others leave out what they do.
    avoided: Vec<String>,
}

/// Record of a process: its events, its output, its end.
pub struct Watched {
    pub events: Vec<Event>,
    output: Vec<u8>,
    error: Vec<u8>,
    /// Absent when the process was stopped.
    status: Option<ExitStatus>,
}

/// Source of bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stream {
    Events,
    Output,
    Error,
}

/// The most that is kept of what a plugin prints.
const KEPT: usize = 4096;
/// Time between looks at whether the process still lives.
const TICK: Duration = Duration::from_millis(5);
/// Time by which output may lag behind the end of its process.
const GRACE: Duration = Duration::from_millis(300);

impl Process {
    pub fn new(plugin: &Path, options: &Options) -> Result<Self, String> {
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        Ok(Self {
            plugin: plugin.to_owned(),
            program,
            options: options.clone(),
            avoided: Vec::new(),
        })
    }

    /// Runs one check to its end, or until its time is over.
    pub fn run(
        &mut self,
        check: &str,
        index: u32,
        values: Option<(f64, f64)>,
    ) -> Result<Watched, String> {
        let (reader, writer) = io::pipe().map_err(|error| error.to_string())?;
        let mut command = self.command(check, index, values);
        // The results go through what is otherwise the standard input, so that no descriptor
        // need be passed on.
        command
            .stdin(writer)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        // A group of its own, so that processes that a plugin starts end with it.
        command.process_group(0);
        let started = command.spawn();
        let mut child = started.map_err(|error| {
            let program = command.get_program().display();
            format!("{program} cannot be started: {error}")
        })?;
        drop(command); // and with it this end of the pipe
        let (sender, receiver) = mpsc::channel();
        listen(Stream::Events, reader, &sender);
        if let Some(output) = child.stdout.take() {
            listen(Stream::Output, output, &sender);
        }
        if let Some(error) = child.stderr.take() {
            listen(Stream::Error, error, &sender);
        }
        drop(sender);
        let watched = watch(child, &receiver, self.timeout());
        if watched.end(&self.options).is_some() {
            self.avoided.push(check.to_owned());
        }
        Ok(watched)
    }

    /// The checks that follow are those of another energy.
    pub fn forget(&mut self) {
        self.avoided.clear();
    }

    fn timeout(&self) -> Duration {
        let longest = Duration::from_secs(1_000_000);
        Duration::try_from_secs_f64(self.options.timeout).unwrap_or(longest)
    }

    fn command(&self, check: &str, index: u32, values: Option<(f64, f64)>) -> Command {
        let under = self.options.under.as_deref().unwrap_or_default();
        let mut words = under.split_whitespace();
        let mut command = match words.next() {
            Some(first) => {
                let mut command = Command::new(first);
                command.args(words).arg(&self.program);
                command
            }
            None => Command::new(&self.program),
        };
        // GNU's allocator counts as in use what a thread has freed and keeps for itself.
        command.env("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0");
        command.arg(&self.plugin);
        command.args(["--child", check, "--index", &index.to_string()]);
        command.args(["--tolerance", &self.options.tolerance.to_string()]);
        for dimension in &self.options.dimensions {
            command.args(["--dimension", &dimension.to_string()]);
        }
        for (name, values) in &self.options.parameters {
            let values: Vec<_> = values.iter().map(f64::to_string).collect();
            command.args(["--parameter", &format!("{name}={}", values.join(","))]);
        }
        for check in &self.avoided {
            command.args(["--avoid", check]);
        }
        for (option, range) in [
            ("--values", self.options.values.or(values)),
            ("--positions", self.options.positions),
            ("--gradients", self.options.gradients),
        ] {
            if let Some((low, high)) = range {
                command.arg(format!("{option}={low}:{high}"));
            }
        }
        command
    }
}

type Message = (Stream, Vec<u8>);

/// Sends on what can be read, in a thread that ends with the stream.
fn listen(stream: Stream, mut from: impl Read + Send + 'static, to: &mpsc::Sender<Message>) {
    let to = to.clone();
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            let bytes = buffer.get(..count).unwrap_or_default().to_vec();
            if to.send((stream, bytes)).is_err() {
                break;
            }
        }
    });
}

fn watch(mut child: Child, from: &mpsc::Receiver<Message>, timeout: Duration) -> Watched {
    let (mut events, mut output, mut error) = (Vec::new(), Vec::new(), Vec::new());
    let mut deadline = Instant::now() + timeout;
    let mut ended = false;
    loop {
        match from.recv_timeout(TICK) {
            Ok((Stream::Events, bytes)) => events.extend(bytes),
            Ok((stream, bytes)) => {
                let kept = match stream {
                    Stream::Output => &mut output,
                    _ => &mut error,
                };
                let room = KEPT.saturating_sub(kept.len()).min(bytes.len());
                kept.extend(bytes.get(..room).unwrap_or_default());
            }
            Err(RecvTimeoutError::Disconnected) if ended => break,
            Err(RecvTimeoutError::Disconnected) => std::thread::sleep(TICK),
            Err(RecvTimeoutError::Timeout) => {}
        }
        if !ended && has_ended(&child) {
            ended = true;
            // A process that the plugin started may hold the pipes open.
            deadline = Instant::now() + GRACE;
        }
        if Instant::now() > deadline {
            break;
        }
    }
    // The group is the child's, and since nobody has waited for the child yet, no other process
    // can have its number.
    let _ = kill_process_group(Pid::from_child(&child), Signal::KILL);
    let status = child.wait().ok();
    let lines = String::from_utf8_lossy(&events);
    Watched {
        events: lines.lines().filter_map(Event::read).collect(),
        output,
        error,
        status: status.filter(|_| ended),
    }
}

/// Whether the process has ended; it stays there to be waited for.
fn has_ended(child: &Child) -> bool {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    let ended = waitid(WaitId::Pid(Pid::from_child(child)), options);
    ended.is_ok_and(|status| status.is_some())
}

impl Watched {
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.events.iter().filter_map(|event| match event {
            Event::Finding(finding) => Some(finding),
            _ => None,
        })
    }

    /// The access that the process says that it dies of.
    fn touched(&self) -> Option<String> {
        self.events.iter().find_map(|event| match event {
            Event::Touched(what) => Some(what.clone()),
            _ => None,
        })
    }

    /// The last thing that was tried.
    pub fn last_trying(&self) -> Option<&str> {
        self.events.iter().rev().find_map(|event| match event {
            Event::Trying(what) => Some(what.as_str()),
            _ => None,
        })
    }

    /// Describes the end of the process, if it is not as it should be.
    pub fn end(&self, options: &Options) -> Option<String> {
        let done = matches!(self.events.last(), Some(Event::Done));
        let Some(status) = self.status else {
            let seconds = options.timeout;
            return Some(format!("hangs: no answer in {seconds} s, stopped"));
        };
        match (status.code(), status.signal()) {
            (Some(0), _) if done => None,
            (Some(code), _) if done => Some(format!("the process ended with exit status {code}")),
            (Some(code), _) => Some(format!("ended the process with exit status {code}")),
            (None, Some(signal)) if done => {
                let name = signal_name(signal);
                Some(format!("the process died of {name} when it ended"))
            }
            (None, Some(signal)) => {
                let died = || format!("the process died of {}", signal_name(signal));
                Some(self.touched().unwrap_or_else(died))
            }
            (None, None) => Some("the process ended for an unknown reason".to_owned()),
        }
    }

    /// The streams that something was printed on, and its first line.
    pub fn printed(&self) -> impl Iterator<Item = (&'static str, String)> {
        let streams = [("output", &self.output), ("error", &self.error)];
        let printed = streams.into_iter().filter(|(_, bytes)| !bytes.is_empty());
        printed.map(|(stream, bytes)| {
            let text = String::from_utf8_lossy(bytes);
            let first = text.trim().lines().next().unwrap_or_default();
            (stream, first.chars().take(100).collect())
        })
    }
}

fn signal_name(signal: i32) -> String {
    let name = match signal {
        libc::SIGSEGV => "SIGSEGV, a memory access",
        libc::SIGBUS => "SIGBUS, a memory access",
        libc::SIGABRT => "SIGABRT, it aborted",
        libc::SIGFPE => "SIGFPE, an arithmetic exception",
        libc::SIGILL => "SIGILL, an illegal instruction",
        libc::SIGTRAP => "SIGTRAP",
        libc::SIGKILL => "SIGKILL",
        libc::SIGTERM => "SIGTERM",
        _ => return format!("signal {signal}"),
    };
    name.to_owned()
}
