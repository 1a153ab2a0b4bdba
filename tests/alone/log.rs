//! The log of the library, of which a process has one.

use crate::alone;
use crate::support::common::*;
use movimento::capi::*;
use std::ffi::{c_char, c_void};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicUsize, Ordering};

static LOGGED: AtomicUsize = AtomicUsize::new(0);

extern "C" fn take(level: i32, message: *const c_char, _: *mut c_void) {
    assert!((MOV_LOG_ERROR..=MOV_LOG_INFO).contains(&level) && !message.is_null());
    LOGGED.fetch_add(1, Ordering::Relaxed);
}

#[test]
fn the_log_goes_to_the_host() {
    let _alone = alone();
    let set = |level, function| unsafe { mov_set_log(level, function, null_mut()) };
    refused(set(9, Some(take)), MOV_ERROR_ARGUMENT, &["`level` is 9"]);
    ok(set(MOV_LOG_INFO, Some(take)));
    mov_solver_free(ready());
    ok(set(MOV_LOG_OFF, None));
    assert!(LOGGED.load(Ordering::Relaxed) > 0);
}
