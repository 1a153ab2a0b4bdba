//! Handlers of forbidden memory accesses.
//!
//! Libraries for signals refuse SIGSEGV or hide the address of the access, so that the system is
//! called itself, in this one place.

use std::ffi::{c_int, c_void};
use std::ptr;

/// A handler that learns where the access was; it calls only what is safe in a handler.
pub type Handler = extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void);

/// Lets `handler` be called at each access to memory that is forbidden, or at the first one only.
pub fn on_forbidden_access(handler: Handler, once: bool) {
    // SAFETY: `sigaction` is plain data.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = handler as *const () as usize;
    action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
    if once {
        action.sa_flags |= libc::SA_RESETHAND;
    }
    for signal in [libc::SIGSEGV, libc::SIGBUS] {
        // SAFETY: the handler has the type that the flags ask for.
        unsafe { libc::sigaction(signal, &raw const action, ptr::null_mut()) };
    }
}

/// The address of the access; `info` is what a handler was passed.
pub fn address(info: *mut libc::siginfo_t) -> usize {
    // SAFETY: the kernel passes it, filled for the signals of an access.
    unsafe { (*info).si_addr() }.addr()
}

/// Lets a signal end the process as it would without a handler.
pub fn restore(signal: c_int) {
    // SAFETY: a system call on plain numbers.
    unsafe { libc::signal(signal, libc::SIG_DFL) };
}
