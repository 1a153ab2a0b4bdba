//! The C function of densities of several components: one component has the bits of a scalar, and refusals.

use crate::support::common::{last_error, made};
use movimento::capi::*;
use std::ffi::c_void;
use std::ptr::null_mut;

/// `(u^2 - 1)^2/4 + 0.05 |p|^2`, as a scalar and as a system of one component.
fn well(u: &[f64], p: &[f64], d: usize, f: &mut [f64], f_u: &mut [f64], f_p: &mut [f64]) {
    for (node, u) in u.iter().enumerate() {
        let own = node * d..(node + 1) * d;
        let squares: f64 = p[own.clone()].iter().map(|p| p * p).sum();
        if let Some(f) = f.get_mut(node) {
            *f = 0.25 * (u * u - 1.0).powi(2) + 0.05 * squares;
        }
        if let Some(f_u) = f_u.get_mut(node) {
            *f_u = u * (u * u - 1.0);
        }
        if let Some(f_p) = f_p.get_mut(own.clone()) {
            f_p.iter_mut().zip(&p[own]).for_each(|(f, p)| *f = 0.1 * p);
        }
    }
}

unsafe fn slice<'a>(array: *mut f64, len: usize) -> &'a mut [f64] {
    match array.is_null() {
        true => &mut [],
        false => unsafe { std::slice::from_raw_parts_mut(array, len) },
    }
}

unsafe extern "C" fn scalar(
    n: u64,
    d: u64,
    _: *const f64,
    u: *const f64,
    p: *const f64,
    f: *mut f64,
    f_u: *mut f64,
    f_p: *mut f64,
    _: *mut c_void,
) -> i32 {
    let (n, d) = (n as usize, d as usize);
    unsafe {
        let (u, p) = (slice(u.cast_mut(), n), slice(p.cast_mut(), n * d));
        well(u, p, d, slice(f, n), slice(f_u, n), slice(f_p, n * d));
    }
    0
}

unsafe extern "C" fn system(
    t: f64,
    n: u64,
    d: u64,
    c: u64,
    x: *const f64,
    u: *const f64,
    p: *const f64,
    f: *mut f64,
    f_u: *mut f64,
    f_p: *mut f64,
    data: *mut c_void,
) -> i32 {
    assert!(c == 1 && t.is_finite());
    unsafe { scalar(n, d, x, u, p, f, f_u, f_p, data) }
}

#[test]
fn one_component_by_the_callback_of_systems_has_the_bits_of_a_scalar() {
    let run = |energy: *mut mov_energy| {
        let options = made(mov_options_create());
        unsafe {
            assert_eq!(
                mov_options_set_integer(options, c"dimension".as_ptr(), 1),
                MOV_OK
            );
            assert_eq!(mov_options_set_real(options, c"tau".as_ptr(), 0.05), MOV_OK);
        }
        let solver = made(mov_solver_create(options));
        mov_options_free(options);
        unsafe extern "C" fn u_0(
            n: u64,
            _: u64,
            x: *const f64,
            u: *mut f64,
            _: *mut c_void,
        ) -> i32 {
            let (x, u) = unsafe { (slice(x.cast_mut(), n as usize), slice(u, n as usize)) };
            u.iter_mut().zip(x).for_each(|(u, x)| *u = (2.0 * *x).cos());
            0
        }
        let mut values = [0.0; 3];
        unsafe {
            let mut c = 0;
            assert_eq!(mov_solver_get_components(solver, &mut c), MOV_OK);
            assert_eq!(c, 1);
            assert_eq!(
                mov_solver_add_energy(solver, energy),
                MOV_OK,
                "{}",
                last_error()
            );
            assert_eq!(
                mov_solver_set_initial_callback(solver, Some(u_0), None, null_mut()),
                MOV_OK
            );
            for _ in 0..3 {
                assert_eq!(mov_solver_step(solver), MOV_OK, "{}", last_error());
            }
            let x = [0.1, 0.5, 0.77];
            let status =
                mov_solver_evaluate(solver, 3, x.as_ptr(), values.as_mut_ptr(), null_mut());
            assert_eq!(status, MOV_OK);
        }
        mov_energy_free(energy);
        mov_solver_free(solver);
        values.map(f64::to_bits)
    };
    let (name, flags) = (c"well".as_ptr(), MOV_USES_GRADIENT);
    let as_scalar =
        made(unsafe { mov_energy_create_callback(name, Some(scalar), flags, null_mut()) });
    let as_system =
        made(unsafe { mov_energy_create_system(name, Some(system), 1, flags, null_mut()) });
    assert_eq!(run(as_scalar), run(as_system));
}

#[test]
fn the_callback_of_systems_is_refused_in_words() {
    let name = c"system".as_ptr();
    for (components, flags, part) in [
        (0, 0, "argument `components` is 0; accepted are 1 to 16"),
        (17, 0, "argument `components` is 17"),
        (2, 64, "argument `flags` is 64"),
    ] {
        let energy =
            unsafe { mov_energy_create_system(name, Some(system), components, flags, null_mut()) };
        assert!(energy.is_null());
        assert!(last_error().contains(part), "{}", last_error());
    }
    let energy = unsafe { mov_energy_create_system(name, None, 2, 0, null_mut()) };
    assert!(energy.is_null() && last_error().contains("`function` is NULL"));
}

extern "C" fn of_number(integral: f64, phi: *mut f64, _: *mut c_void) -> i32 {
    unsafe {
        *phi = integral * integral;
        *phi.add(1) = 2.0 * integral;
    }
    0
}

#[test]
fn integrals_of_a_scalar_take_no_system() {
    let options = made(mov_options_create());
    unsafe { mov_options_set_integer(options, c"dimension".as_ptr(), 1) };
    let solver = made(mov_solver_create(options));
    mov_options_free(options);
    let pair =
        made(unsafe { mov_energy_create_system(c"pair".as_ptr(), Some(system), 2, 0, null_mut()) });
    for status in [
        mov_solver_hold_integral(solver, pair, 1.0),
        mov_solver_add_function_of_integral(solver, pair, Some(of_number), null_mut()),
    ] {
        assert_eq!(status, MOV_ERROR_PLUGIN, "{}", last_error());
        assert!(
            last_error().contains("`pair` is of 2 components"),
            "{}",
            last_error()
        );
    }
    mov_energy_free(pair);
    mov_solver_free(solver);
}
