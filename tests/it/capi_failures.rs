//! Energies, callbacks and minimisers that fail in the middle of a step: the status and message
//! say so, the state is what it was, and the solver goes on when the cause is gone.

use crate::support::common::*;
use movimento::capi::*;
use std::ffi::c_void;
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Barrier, Mutex};

/// A solver with the energy of tests/plugins/broken.c that fails in this way.
fn with_broken(how: &str) -> *mut mov_solver {
    let folder = tempfile::tempdir().unwrap();
    let file = c_path(&broken(folder.path(), how));
    let solver = tiny_solver();
    add(solver, unsafe {
        mov_energy_create_from_file(file.as_ptr(), null())
    });
    solver
}

/// The initial condition and a step; the status of what fails first.
fn start(solver: *mut mov_solver) -> i32 {
    match set_u0(solver) {
        MOV_OK => mov_solver_step(solver),
        failed => failed,
    }
}

fn steps(solver: *mut mov_solver) -> u64 {
    let mut steps = 0;
    ok(unsafe { mov_solver_get_steps(solver, &mut steps) });
    steps
}

#[test]
fn plugins_that_fail_are_named_with_their_message() {
    for (how, status, parts) in [
        (
            "FATAL",
            MOV_ERROR_PLUGIN,
            &["`broken`", "returned -3: evaluate gave up"][..],
        ),
        (
            "NO_MESSAGE",
            MOV_ERROR_PLUGIN,
            &["`broken`", "returned -3 without a message"],
        ),
        ("LONG_MESSAGE", MOV_ERROR_PLUGIN, &["`broken`", "xxxx"]),
        ("BAD_UTF8", MOV_ERROR_PLUGIN, &["`broken`", "\u{fffd}!"]),
        (
            "RETURNS_NAN",
            MOV_ERROR_NOT_FINITE,
            &["`broken`", "f", "NaN at point 0", "x = ("],
        ),
        (
            "RETURNS_INF",
            MOV_ERROR_NOT_FINITE,
            &["`broken`", "f is inf at point", "x = ("],
        ),
        (
            "RECOVERABLE",
            MOV_TRY_AGAIN,
            &["`broken`", "returned 1: a smaller step, please"],
        ),
    ] {
        let solver = with_broken(how);
        refused(start(solver), status, parts);
        assert_eq!(steps(solver), 0);
        mov_solver_free(solver);
    }
}

#[test]
fn a_plugin_that_fails_once_lets_the_next_try_succeed() {
    let solver = with_broken("RECOVERABLE_ONCE");
    refused(start(solver), MOV_TRY_AGAIN, &["a smaller step, please"]);
    ok(start(solver));
    ok(mov_solver_step(solver));
    assert_eq!(steps(solver), 2);
    mov_solver_free(solver);
}

#[test]
fn a_gradient_with_the_wrong_sign_is_no_silent_success() {
    let solver = with_broken("WRONG_GRADIENT");
    let status = start(solver);
    println!("{status}: {}", last_error());
    assert_ne!(status, MOV_OK);
    mov_solver_free(solver);
}

#[test]
fn a_kernel_where_the_flow_needs_a_density_is_refused_by_name() {
    plugin("interaction");
    let solver = tiny_solver();
    let energy = made(unsafe { mov_energy_create(c"interaction-gaussian".as_ptr()) });
    refused(
        mov_solver_add_energy(solver, energy),
        MOV_ERROR_PLUGIN,
        &["interaction-gaussian"],
    );
    mov_energy_free(energy);
    add(solver, half_square_energy());
    ok(start(solver));
    mov_solver_free(solver);
}

/// u^2/2, unless the number behind the pointer says otherwise.
extern "C" fn moody(
    n: u64,
    d: u64,
    x: *const f64,
    u: *const f64,
    p: *const f64,
    f: *mut f64,
    f_u: *mut f64,
    f_p: *mut f64,
    mood: *mut c_void,
) -> i32 {
    assert!(p.is_null() && f_p.is_null(), "the density uses no gradient");
    half_square(n, d, x, u, p, f, f_u, f_p, null_mut());
    match unsafe { &*mood.cast::<AtomicI32>() }.load(Ordering::Relaxed) {
        99 => {
            if !f_u.is_null() {
                unsafe { *f_u.add(1) = f64::NAN }
            }
            0
        }
        status => status,
    }
}

#[test]
fn callbacks_that_fail_leave_the_state_alone() {
    let mood = AtomicI32::new(0);
    let user_data = (&raw const mood).cast_mut().cast();
    let solver = tiny_solver();
    add(solver, unsafe {
        mov_energy_create_callback(c"moody".as_ptr(), Some(moody), 0, user_data)
    });
    ok(start(solver));
    let before = parameters(solver);
    for (answer, status, parts) in [
        (7, MOV_TRY_AGAIN, &["`moody`", "returned 7"][..]),
        (-3, MOV_ERROR_CALLBACK, &["`moody`", "returned -3"]),
        (99, MOV_ERROR_NOT_FINITE, &["`moody`", "NaN at point 1"]),
    ] {
        mood.store(answer, Ordering::Relaxed);
        refused(mov_solver_step(solver), status, parts);
        assert_eq!((parameters(solver), steps(solver)), (before.clone(), 1));
    }
    mood.store(0, Ordering::Relaxed);
    ok(mov_solver_step(solver));
    assert_ne!(parameters(solver), before);
    mov_solver_free(solver);
}

extern "C" fn bad_u0(n: u64, d: u64, x: *const f64, u: *mut f64, mood: *mut c_void) -> i32 {
    u0(n, d, x, u, null_mut());
    match unsafe { *mood.cast::<i32>() } {
        99 => {
            unsafe { *u.add(2) = f64::INFINITY };
            0
        }
        status => status,
    }
}

#[test]
fn initial_conditions_that_fail_are_refused() {
    let solver = ready();
    let before = parameters(solver);
    for (mut mood, status, parts) in [
        (4, MOV_TRY_AGAIN, &["initial condition", "returned 4"][..]),
        (
            -4,
            MOV_ERROR_CALLBACK,
            &["initial condition", "returned -4"],
        ),
        (99, MOV_ERROR_NOT_FINITE, &["u_0 = inf", "x = ["]),
    ] {
        let user_data = (&raw mut mood).cast();
        let set = unsafe { mov_solver_set_initial_callback(solver, Some(bad_u0), None, user_data) };
        refused(set, status, parts);
        assert_eq!(parameters(solver), before);
    }
    ok(mov_solver_step(solver));
    mov_solver_free(solver);
}

#[test]
fn a_step_that_does_not_converge_can_be_followed_by_one_that_does() {
    let options = tiny_options(1);
    ok(unsafe { mov_options_set_integer(options, c"max_iterations".as_ptr(), 4) });
    ok(unsafe { mov_options_set_real(options, c"tolerance".as_ptr(), 1e-3) });
    ok(unsafe { mov_options_set_real(options, c"step_accept".as_ptr(), 1e-3) });
    let solver = made(mov_solver_create(options));
    mov_options_free(options);
    let name = c"double-well".as_ptr();
    add(solver, unsafe {
        mov_energy_create_callback(name, Some(double_well), 0, null_mut())
    });
    ok(set_u0(solver));
    let before = parameters(solver);
    // A quarter of it is too long as well.
    ok(mov_solver_set_tau(solver, 1000.0));
    refused(
        mov_solver_step(solver),
        MOV_NOT_CONVERGED,
        &["max_iterations"],
    );
    assert_eq!((parameters(solver), steps(solver)), (before, 0));
    ok(mov_solver_set_tau(solver, 0.01));
    ok(mov_solver_step(solver));
    mov_solver_free(solver);
}

/// (u^2 - 1)^2 / 4.
extern "C" fn double_well(
    n: u64,
    _d: u64,
    _x: *const f64,
    u: *const f64,
    _p: *const f64,
    f: *mut f64,
    f_u: *mut f64,
    _f_p: *mut f64,
    _: *mut c_void,
) -> i32 {
    for i in 0..n as usize {
        unsafe {
            let u = *u.add(i);
            let w = u * u - 1.0;
            if !f.is_null() {
                *f.add(i) = 0.25 * w * w;
            }
            if !f_u.is_null() {
                *f_u.add(i) = u * w;
            }
        }
    }
    0
}

/// What a progress callback does with its solver and what it saw.
struct Watcher {
    solver: *mut mov_solver,
    cancel: bool,
    seen: Mutex<Vec<(i32, String)>>,
    meeting: Option<Barrier>,
}

extern "C" fn watch(_: i32, _: u64, _: f64, _: u64, _: f64, user_data: *mut c_void) -> i32 {
    let watcher = unsafe { &*user_data.cast::<Watcher>() };
    let status = mov_solver_step(watcher.solver);
    let mut seen = watcher.seen.lock().unwrap();
    seen.push((status, last_error()));
    if let Some(meeting) = watcher.meeting.as_ref().filter(|_| seen.len() == 1) {
        meeting.wait(); // the other thread may try
        meeting.wait(); // and has tried
    }
    watcher.cancel.into()
}

fn watcher(solver: *mut mov_solver) -> Watcher {
    Watcher {
        solver,
        cancel: false,
        seen: Mutex::default(),
        meeting: None,
    }
}

fn set_watch(solver: *mut mov_solver, watcher: &Watcher) {
    let user_data = (&raw const *watcher).cast_mut().cast();
    ok(unsafe { mov_solver_set_progress(solver, Some(watch), user_data) });
}

#[test]
fn progress_can_cancel_and_a_call_from_a_callback_is_busy() {
    let solver = ready();
    let before = parameters(solver);
    let watcher = Watcher {
        cancel: true,
        ..watcher(solver)
    };
    set_watch(solver, &watcher);
    refused(mov_solver_step(solver), MOV_CANCELLED, &["cancelled"]);
    assert_eq!((parameters(solver), steps(solver)), (before, 0));
    let seen = watcher.seen.lock().unwrap();
    assert!(!seen.is_empty());
    for (status, message) in &*seen {
        assert!(
            *status == MOV_ERROR_HANDLE && message.contains("busy"),
            "{status}: {message}"
        );
    }
    ok(unsafe { mov_solver_set_progress(solver, None, null_mut()) });
    ok(mov_solver_step(solver));
    mov_solver_free(solver);
}

struct Sent<T>(T);
unsafe impl<T> Send for Sent<T> {}

#[test]
fn a_handle_in_use_by_another_thread_is_busy() {
    let solver = ready();
    let watcher = Watcher {
        meeting: Some(Barrier::new(2)),
        ..watcher(solver)
    };
    set_watch(solver, &watcher);
    let meeting = watcher.meeting.as_ref().unwrap();
    let other = Sent(solver);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let Sent(solver) = { other };
            meeting.wait();
            refused(
                mov_solver_step(solver),
                MOV_ERROR_HANDLE,
                &["busy", "another thread"],
            );
            meeting.wait();
        });
        ok(mov_solver_step(solver));
    });
    assert_eq!(steps(solver), 1);
    mov_solver_free(solver);
}

fn run(threads: i64) -> Vec<u64> {
    let options = tiny_options(2);
    ok(unsafe { mov_options_set_integer(options, c"threads".as_ptr(), threads) });
    let solver = made(mov_solver_create(options));
    mov_options_free(options);
    add(solver, half_square_energy());
    ok(set_u0(solver));
    ok(mov_solver_step(solver));
    ok(mov_solver_step(solver));
    let parameters = parameters(solver);
    mov_solver_free(solver);
    parameters
}

#[test]
fn callbacks_and_solvers_in_several_threads_give_the_same_bits() {
    let alone = run(1);
    assert_eq!(run(2), alone);
    let both = std::thread::scope(|scope| {
        let threads = [scope.spawn(|| run(1)), scope.spawn(|| run(2))];
        threads.map(|thread| thread.join().unwrap())
    });
    assert_eq!(both, [alone.clone(), alone]);
}
