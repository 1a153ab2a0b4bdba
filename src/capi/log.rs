//! The log, handed to the host.

use super::callback::UserData;
use super::guard;
use crate::error::{Error, Result};
use log::{LevelFilter, Log, Metadata, Record};
use std::cell::Cell;
use std::ffi::{CString, c_char, c_void};
use std::sync::{OnceLock, PoisonError, RwLock};

/// No log.
pub const MOV_LOG_OFF: i32 = 0;
/// Errors.
pub const MOV_LOG_ERROR: i32 = 1;
/// And warnings.
pub const MOV_LOG_WARN: i32 = 2;
/// And what happens, a line a step at most.
pub const MOV_LOG_INFO: i32 = 3;
/// And how, a line an iteration at most.
pub const MOV_LOG_DEBUG: i32 = 4;
/// And all the rest.
pub const MOV_LOG_TRACE: i32 = 5;

/// Receives one message of the log: `level` from MOV_LOG_ERROR to MOV_LOG_TRACE, `message`
/// NUL-terminated UTF-8, valid during the call. It may be called on any thread, several at once,
/// and must not leave by an exception, longjmp or pthread_exit. What the library logs while it runs is dropped.
pub type mov_log_fn =
    Option<unsafe extern "C" fn(level: i32, message: *const c_char, user_data: *mut c_void)>;

/// Sends the library's log to a callback, for the whole process. Without it there is no log.
///
/// @param[in]  level      what is wanted: MOV_LOG_OFF to MOV_LOG_TRACE
/// @param[in]  function   receives the messages; may be NULL, for none
/// @param[in]  user_data  handed to `function`; may be NULL. It must stay valid for good, or until
///                        the function was replaced and no other thread is inside the library.
///
/// Returns `MOV_OK`, `MOV_ERROR_ARGUMENT` for another level, or `MOV_ERROR_STATE` if a Rust program
/// that contains this library has a logger of its own.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mov_set_log(
    level: i32,
    function: mov_log_fn,
    user_data: *mut c_void,
) -> i32 {
    let user_data = UserData::new(user_data);
    guard::status(|| {
        let level = match level {
            MOV_LOG_OFF => LevelFilter::Off,
            MOV_LOG_ERROR => LevelFilter::Error,
            MOV_LOG_WARN => LevelFilter::Warn,
            MOV_LOG_INFO => LevelFilter::Info,
            MOV_LOG_DEBUG => LevelFilter::Debug,
            MOV_LOG_TRACE => LevelFilter::Trace,
            other => {
                return Err(Error::argument(format!(
                    "argument `level` is {other}; accepted is MOV_LOG_OFF ({MOV_LOG_OFF}) to MOV_LOG_TRACE ({MOV_LOG_TRACE})"
                )));
            }
        };
        install()?;
        *SINK.write().unwrap_or_else(PoisonError::into_inner) = function.map(|function| Sink {
            function,
            user_data,
        });
        log::set_max_level(if function.is_some() {
            level
        } else {
            LevelFilter::Off
        });
        Ok(())
    })
}

#[derive(Clone, Copy)]
struct Sink {
    function: unsafe extern "C" fn(i32, *const c_char, *mut c_void),
    user_data: UserData,
}

static SINK: RwLock<Option<Sink>> = RwLock::new(None);

/// Becomes the logger of the `log` facade, once.
fn install() -> Result<()> {
    static INSTALLED: OnceLock<bool> = OnceLock::new();
    if *INSTALLED.get_or_init(|| log::set_logger(&ToHost).is_ok()) {
        return Ok(());
    }
    Err(Error::state(
        "the log cannot be redirected: the program that contains this library has a logger of its own; set that one",
    ))
}

struct ToHost;

thread_local! {
    /// Whether this thread is inside the host's callback.
    static LOGGING: Cell<bool> = const { Cell::new(false) };
}

impl Log for ToHost {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= log::max_level()
    }

    fn log(&self, record: &Record<'_>) {
        // Copied, so that no lock is held while the host's function runs.
        let sink = *SINK.read().unwrap_or_else(PoisonError::into_inner);
        let Some(sink) = sink.filter(|_| self.enabled(record.metadata())) else {
            return;
        };
        if LOGGING
            .try_with(|logging| logging.replace(true))
            .unwrap_or(true)
        {
            return;
        }
        let text: Vec<u8> = record
            .args()
            .to_string()
            .bytes()
            .filter(|b| *b != 0)
            .collect();
        let text = CString::new(text).unwrap_or_default();
        // SAFETY: the text is NUL-terminated and outlives the call; what the function does is the
        // host's affair.
        unsafe { (sink.function)(record.level() as i32, text.as_ptr(), sink.user_data.get()) };
        let _: Result<(), _> = LOGGING.try_with(|logging| logging.set(false));
    }

    fn flush(&self) {}
}
