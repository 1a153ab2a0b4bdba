//! Calls that only look at a solver run beside each other, from many threads; one that changes it waits for them.

use crate::support::common::*;
use movimento::capi::*;
use std::ffi::c_void;
use std::ptr::null_mut;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// A solver that threads share by its handle's number.
#[derive(Clone, Copy)]
struct Shared(usize);

impl Shared {
    fn of(solver: *mut mov_solver) -> Self {
        Self(solver.addr())
    }

    fn get(self) -> *mut mov_solver {
        std::ptr::without_provenance_mut(self.0)
    }
}

/// What a density does beside its values.
#[derive(Default)]
struct Watched {
    /// Two calls meet in it, if there is a meeting.
    is_meeting: AtomicBool,
    meeting: Option<Barrier>,
    /// A call waits until it may go on.
    is_held: AtomicBool,
    inside: AtomicUsize,
    /// A solver that a call tries to step.
    steps: AtomicUsize,
    status: AtomicUsize,
}

/// u^2/2.
extern "C" fn square(
    n: u64,
    _: u64,
    _: *const f64,
    u: *const f64,
    _: *const f64,
    f: *mut f64,
    f_u: *mut f64,
    _: *mut f64,
    watched: *mut c_void,
) -> i32 {
    let watched = unsafe { &*watched.cast::<Watched>() };
    watched.inside.fetch_add(1, Ordering::SeqCst);
    if watched.is_meeting.load(Ordering::SeqCst) {
        watched.meeting.as_ref().unwrap().wait();
    }
    while watched.is_held.load(Ordering::SeqCst) {
        thread::sleep(Duration::from_millis(1));
    }
    let solver = Shared(watched.steps.load(Ordering::SeqCst));
    if solver.0 != 0 {
        let status = mov_solver_step(solver.get());
        watched
            .status
            .store(status.unsigned_abs() as usize, Ordering::SeqCst);
    }
    for i in 0..n as usize {
        unsafe {
            let u = *u.add(i);
            if !f.is_null() {
                *f.add(i) = 0.5 * u * u;
            }
            if !f_u.is_null() {
                *f_u.add(i) = u;
            }
        }
    }
    0
}

fn solver(threads: i64, watched: &Watched) -> *mut mov_solver {
    let options = tiny_options(1);
    ok(unsafe { mov_options_set_integer(options, c"threads".as_ptr(), threads) });
    let solver = made(mov_solver_create(options));
    mov_options_free(options);
    let data = (&raw const *watched).cast_mut().cast();
    add(solver, unsafe {
        mov_energy_create_callback(c"square".as_ptr(), Some(square), 0, data)
    });
    ok(set_u0(solver));
    ok(mov_solver_step(solver));
    solver
}

/// The density of the energy at a point, for which the density is asked.
fn density(solver: *mut mov_solver) -> (i32, f64) {
    let (x, mut value) = ([0.3], [0.0]);
    let name = c"energy_density".as_ptr();
    let status =
        unsafe { mov_solver_evaluate_field(solver, name, 1, x.as_ptr(), 1, value.as_mut_ptr()) };
    (status, value[0])
}

fn values(solver: *mut mov_solver, n: usize) -> Vec<u64> {
    let x: Vec<f64> = (0..n).map(|i| i as f64 / n as f64).collect();
    let (mut u, mut grad) = (vec![0.0; n], vec![0.0; n]);
    ok(unsafe {
        mov_solver_evaluate(
            solver,
            n as u64,
            x.as_ptr(),
            u.as_mut_ptr(),
            grad.as_mut_ptr(),
        )
    });
    u.iter().chain(&grad).map(|v| v.to_bits()).collect()
}

#[test]
fn eight_threads_look_at_one_solver_and_see_the_same() {
    for threads in [1, 3] {
        let watched = Watched::default();
        let solver = solver(threads, &watched);
        let (shared, expected) = (Shared::of(solver), values(solver, 500));
        let one = density(solver);
        thread::scope(|scope| {
            for _ in 0..8 {
                let expected = &expected;
                scope.spawn(move || {
                    for _ in 0..100 {
                        let solver = shared.get();
                        assert!(values(solver, 500) == *expected);
                        assert_eq!(density(solver), one);
                        let (mut time, mut residual, mut steps) = (0.0, 0.0, 0);
                        unsafe {
                            ok(mov_solver_get_time(solver, &mut time));
                            ok(mov_solver_get_steps(solver, &mut steps));
                            ok(mov_solver_report(
                                solver,
                                c"residual".as_ptr(),
                                &mut residual,
                            ));
                            ok(mov_solver_energy(solver, &mut residual));
                            let state = made(mov_solver_save_state(solver));
                            mov_state_free(state);
                        }
                        assert_eq!(steps, 1);
                    }
                });
            }
        });
        ok(mov_solver_step(solver));
        mov_solver_free(solver);
    }
}

#[test]
fn two_calls_are_in_one_density_at_the_same_time() {
    let watched = Watched {
        meeting: Some(Barrier::new(2)),
        ..Watched::default()
    };
    let solver = solver(1, &watched);
    let shared = Shared::of(solver);
    let alone = density(solver);
    watched.is_meeting.store(true, Ordering::SeqCst);
    thread::scope(|scope| {
        let both = [0, 1].map(|_| scope.spawn(move || density(shared.get())));
        for one in both {
            assert_eq!(one.join().unwrap(), alone);
        }
    });
    mov_solver_free(solver);
}

#[test]
fn a_step_waits_for_those_who_look_and_not_for_itself() {
    let watched = Watched::default();
    let solver = solver(1, &watched);
    let shared = Shared::of(solver);
    // Somebody looks, and a step waits.
    watched.is_held.store(true, Ordering::SeqCst);
    let before = watched.inside.load(Ordering::SeqCst);
    thread::scope(|scope| {
        let looking = scope.spawn(move || density(shared.get()).0);
        while watched.inside.load(Ordering::SeqCst) == before {
            thread::yield_now();
        }
        let stepping = scope.spawn(move || mov_solver_step(shared.get()));
        thread::sleep(Duration::from_millis(50));
        assert!(!stepping.is_finished() && !looking.is_finished());
        // Nobody new looks until it has stepped.
        let mut time = 0.0;
        let status = unsafe { mov_solver_get_time(shared.get(), &mut time) };
        assert_eq!(status, MOV_ERROR_HANDLE, "{}", last_error());
        watched.is_held.store(false, Ordering::SeqCst);
        ok(looking.join().unwrap());
        ok(stepping.join().unwrap());
    });
    // A step from the callback of a look would wait for itself.
    watched.steps.store(shared.0, Ordering::SeqCst);
    ok(density(solver).0);
    let status = watched.status.load(Ordering::SeqCst);
    assert_eq!(status, MOV_ERROR_HANDLE.unsigned_abs() as usize);
    watched.steps.store(0, Ordering::SeqCst);
    let mut steps = 0;
    ok(unsafe { mov_solver_get_steps(solver, &mut steps) });
    assert_eq!(steps, 2);
    // While it is changed nobody looks.
    watched.is_held.store(true, Ordering::SeqCst);
    let before = watched.inside.load(Ordering::SeqCst);
    thread::scope(|scope| {
        let stepping = scope.spawn(move || mov_solver_step(shared.get()));
        while watched.inside.load(Ordering::SeqCst) == before {
            thread::yield_now();
        }
        assert_eq!(density(shared.get()).0, MOV_ERROR_HANDLE);
        watched.is_held.store(false, Ordering::SeqCst);
        ok(stepping.join().unwrap());
    });
    ok(unsafe { mov_solver_set_progress(solver, None, null_mut()) });
    mov_solver_free(solver);
}
