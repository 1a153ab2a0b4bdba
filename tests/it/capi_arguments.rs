//! Wrong arguments to the C interface: each is refused with a message that says what is wrong,
//! and changes nothing.

use crate::support::common::*;
use movimento::capi::*;
use std::ptr::{null, null_mut};

static PLACE: f64 = 0.0;

#[test]
fn options_refuse_what_they_do_not_know() {
    let o = made(mov_options_create());
    let real = |name: &str, value| unsafe { mov_options_set_real(o, c(name).as_ptr(), value) };
    refused(
        real("tao", 0.1),
        MOV_ERROR_OPTION,
        &["no option `tao`", "tau"],
    );
    refused(
        real("tau", -1.0),
        MOV_ERROR_OPTION,
        &["`tau`", "-1", "1e-15 to"],
    );
    refused(real("tau", f64::NAN), MOV_ERROR_OPTION, &["`tau`", "NaN"]);
    refused(
        real("tau", f64::INFINITY),
        MOV_ERROR_OPTION,
        &["`tau`", "inf"],
    );
    refused(
        real("dimension", 2.0),
        MOV_ERROR_OPTION,
        &["`dimension`", "type real", "accepted is integer"],
    );
    let integer =
        |name: &str, value| unsafe { mov_options_set_integer(o, c(name).as_ptr(), value) };
    refused(
        integer("dimension", 0),
        MOV_ERROR_OPTION,
        &["`dimension`", "given 0", "1 to 256"],
    );
    refused(
        integer("dimension", i64::MAX),
        MOV_ERROR_OPTION,
        &["`dimension`", "1 to 256"],
    );
    let flow = unsafe { mov_options_set_text(o, c"flow".as_ptr(), c"w3".as_ptr()) };
    refused(flow, MOV_ERROR_OPTION, &["`flow`", "`w3`", "l2"]);
    let none = unsafe { mov_options_set_reals(o, c"lower".as_ptr(), 0, null()) };
    refused(none, MOV_ERROR_OPTION, &["`lower`", "empty"]);
    let nan = unsafe { mov_options_set_reals(o, c"lower".as_ptr(), 2, [0.0, f64::NAN].as_ptr()) };
    refused(nan, MOV_ERROR_OPTION, &["`lower`", "NaN"]);
    let huge = unsafe { mov_options_set_reals(o, c"lower".as_ptr(), u64::MAX, &PLACE) };
    refused(
        huge,
        MOV_ERROR_ARGUMENT,
        &["`values`", "more than a process can hold"],
    );
    let null_name = unsafe { mov_options_set_real(o, null(), 1.0) };
    refused(null_name, MOV_ERROR_ARGUMENT, &["`name` is NULL"]);
    let latin = unsafe { mov_options_set_text(o, c"flow".as_ptr(), c"\xe9".as_ptr()) };
    refused(latin, MOV_ERROR_ARGUMENT, &["`value` is not UTF-8"]);
    // And nothing of it was kept.
    let mut tau = 0.0;
    ok(unsafe { mov_options_get_real(o, c"tau".as_ptr(), &mut tau) });
    assert_eq!(tau, 0.01);
    refused(
        unsafe { mov_options_get_real(o, c"tau".as_ptr(), null_mut()) },
        MOV_ERROR_ARGUMENT,
        &["`value` is NULL"],
    );
    mov_options_free(o);
}

#[test]
fn options_are_read_back() {
    let o = made(mov_options_create());
    ok(unsafe { mov_options_set_integers(o, c"hidden".as_ptr(), 2, [5, 6].as_ptr()) });
    let (mut list, mut count) = ([0_i64; 3], 0);
    let get = |capacity, list: *mut i64, count: *mut u64| unsafe {
        mov_options_get_integers(o, c"hidden".as_ptr(), capacity, list, count)
    };
    ok(get(0, null_mut(), &mut count));
    assert_eq!(count, 2);
    refused(
        get(1, list.as_mut_ptr(), &mut count),
        MOV_ERROR_ARGUMENT,
        &["`capacity` is 1", "2"],
    );
    ok(get(3, list.as_mut_ptr(), &mut count));
    assert_eq!(list, [5, 6, 0]);
    let (mut buffer, mut needed) = ([1_u8; 8], 0);
    let get = |buffer: *mut u8, size, needed: *mut u64| unsafe {
        mov_options_get_text(o, c"flow".as_ptr(), buffer.cast(), size, needed)
    };
    ok(get(null_mut(), 0, &mut needed));
    assert_eq!(needed, 3);
    refused(
        get(buffer.as_mut_ptr(), 2, &mut needed),
        MOV_ERROR_ARGUMENT,
        &["`size` is 2", "at least 3"],
    );
    assert_eq!(buffer, [1; 8]);
    refused(
        get(null_mut(), 0, null_mut()),
        MOV_ERROR_ARGUMENT,
        &["`buffer`", "`needed`"],
    );
    ok(get(buffer.as_mut_ptr(), 8, null_mut()));
    assert_eq!(&buffer[..3], b"l2\0");
    mov_options_free(o);
}

#[test]
fn handles_that_are_not_alive_are_refused() {
    refused(
        mov_solver_step(null_mut()),
        MOV_ERROR_HANDLE,
        &["`solver` is NULL"],
    );
    let o = tiny_options(1);
    let wrong = unsafe { mov_energy_set_real(o.cast(), c"kappa".as_ptr(), 1.0) };
    refused(
        wrong,
        MOV_ERROR_HANDLE,
        &["`energy` is the handle of an options object"],
    );
    let solver = made(mov_solver_create(o));
    mov_options_free(o);
    refused(
        unsafe { mov_options_set_real(o, c"tau".as_ptr(), 1.0) },
        MOV_ERROR_HANDLE,
        &["`options`", "was freed"],
    );
    not_created(mov_solver_create(o), &["`options`", "was freed"]);
    let stray = (&raw const PLACE).cast_mut().cast::<mov_solver>();
    refused(
        mov_solver_step(stray),
        MOV_ERROR_HANDLE,
        &["no handle of this library"],
    );
    mov_solver_free(solver);
    mov_solver_free(solver);
    assert!(last_error().contains("was freed"), "{}", last_error());
    refused(
        mov_solver_step(solver),
        MOV_ERROR_HANDLE,
        &["`solver`", "was freed"],
    );
    mov_solver_free(null_mut());
    mov_energy_free(null_mut());
    mov_options_free(null_mut());
}

#[test]
fn problems_that_do_not_fit_together_are_refused() {
    let o = tiny_options(2);
    let upper = |values: &[f64]| unsafe {
        ok(mov_options_set_reals(
            o,
            c"upper".as_ptr(),
            values.len() as u64,
            values.as_ptr(),
        ));
    };
    upper(&[1.0, 1.0, 1.0]);
    not_created(
        mov_solver_create(o),
        &["`upper`", "3 entries", "`dimension` = 2"],
    );
    upper(&[1.0, 0.0]);
    not_created(mov_solver_create(o), &["`upper`", "axis 1"]);
    mov_options_free(o);
}

#[test]
fn calls_in_the_wrong_order_are_refused() {
    let solver = tiny_solver();
    let mut value = 0.0;
    refused(mov_solver_step(solver), MOV_ERROR_STATE, &[]);
    let evaluate = unsafe { mov_solver_evaluate(solver, 1, &0.5, &mut value, null_mut()) };
    refused(evaluate, MOV_ERROR_STATE, &["initial condition"]);
    ok(set_u0(solver));
    refused(mov_solver_step(solver), MOV_ERROR_STATE, &["energy"]);
    let mut report =
        |key: &std::ffi::CStr| unsafe { mov_solver_report(solver, key.as_ptr(), &mut value) };
    refused(
        report(c"residual"),
        MOV_ERROR_STATE,
        &["`residual`", "step"],
    );
    ok(unsafe { mov_solver_report(solver, c"fit_iterations".as_ptr(), &mut value) });
    assert!(value > 0.0);
    add(solver, half_square_energy());
    ok(mov_solver_step(solver));
    let late = half_square_energy();
    refused(
        mov_solver_add_energy(solver, late),
        MOV_ERROR_STATE,
        &["before the first step"],
    );
    mov_energy_free(late);
    mov_solver_free(solver);
}

#[test]
fn arrays_are_checked_entry_by_entry() {
    let solver = ready();
    let before = parameters(solver);
    let (mut u, mut grad) = ([0.0; 4], [0.0; 4]);
    let x = [0.1, 0.2, 0.3, 0.4];
    let evaluate = |n, x: *const f64, u: *mut f64, grad: *mut f64| unsafe {
        mov_solver_evaluate(solver, n, x, u, grad)
    };
    ok(evaluate(0, null(), null_mut(), null_mut()));
    refused(
        evaluate(4, null(), u.as_mut_ptr(), null_mut()),
        MOV_ERROR_ARGUMENT,
        &["`x` is NULL", "4"],
    );
    refused(
        evaluate(4, x.as_ptr(), null_mut(), null_mut()),
        MOV_ERROR_ARGUMENT,
        &["`u` is NULL"],
    );
    for n in [u64::MAX, u64::MAX / 8, 1 << 61] {
        let status = evaluate(n, x.as_ptr(), u.as_mut_ptr(), null_mut());
        refused(
            status,
            MOV_ERROR_ARGUMENT,
            &["`x`", "more than a process can hold"],
        );
    }
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let x = [0.1, 0.2, bad, 0.4];
        let status = evaluate(4, x.as_ptr(), u.as_mut_ptr(), null_mut());
        refused(
            status,
            MOV_ERROR_ARGUMENT,
            &["`x`", &bad.to_string(), "point 2"],
        );
    }
    let mut both = [0.0; 7];
    let (first, second) = (both.as_mut_ptr(), both.as_mut_ptr().wrapping_add(3));
    let overlap = evaluate(4, x.as_ptr(), first, second);
    refused(overlap, MOV_ERROR_ARGUMENT, &["`u` and `grad` overlap"]);
    let skewed = u.as_mut_ptr().wrapping_byte_add(1);
    refused(
        evaluate(1, x.as_ptr(), skewed, null_mut()),
        MOV_ERROR_ARGUMENT,
        &["`u` is not aligned"],
    );
    ok(evaluate(4, x.as_ptr(), u.as_mut_ptr(), grad.as_mut_ptr()));
    assert!(u.iter().all(|u| *u > 0.4 && *u < 1.6), "{u:?}");

    let initial = |n, x: *const f64, u: *const f64| unsafe {
        mov_solver_set_initial_values(solver, n, x, u, null())
    };
    refused(
        initial(0, null(), null()),
        MOV_ERROR_ARGUMENT,
        &["`n` = 0 points"],
    );
    refused(
        initial(4, x.as_ptr(), null()),
        MOV_ERROR_ARGUMENT,
        &["`u` is NULL"],
    );
    let status = initial(4, x.as_ptr(), [1.0, f64::NAN, 1.0, 1.0].as_ptr());
    refused(status, MOV_ERROR_ARGUMENT, &["`u`", "NaN", "point 1"]);
    refused(
        initial(u64::MAX, x.as_ptr(), u.as_ptr()),
        MOV_ERROR_ARGUMENT,
        &["more than a process"],
    );
    let named = unsafe { mov_solver_set_initial_named(solver, c"no-such".as_ptr()) };
    refused(named, MOV_ERROR_ARGUMENT, &["`no-such`", "heat-2d"]);
    let status = unsafe { mov_solver_set_initial_callback(solver, None, None, null_mut()) };
    refused(status, MOV_ERROR_ARGUMENT, &["`value` is NULL"]);

    refused(
        mov_solver_step_to(solver, f64::NAN),
        MOV_ERROR_ARGUMENT,
        &["`time` is NaN"],
    );
    refused(
        mov_solver_step_to(solver, -1.0),
        MOV_ERROR_ARGUMENT,
        &["`time`", "-1"],
    );
    refused(
        mov_solver_set_tau(solver, 0.0),
        MOV_ERROR_OPTION,
        &["`tau`", "given 0"],
    );
    let mut value = 0.0;
    let key = unsafe { mov_solver_report(solver, c"speed".as_ptr(), &mut value) };
    refused(key, MOV_ERROR_OPTION, &["no figure `speed`", "energy"]);
    let term = unsafe { mov_solver_energy_term(solver, 7, &mut value) };
    refused(term, MOV_ERROR_ARGUMENT, &["`index` is 7", "below 1"]);
    let count = unsafe { mov_solver_parameters(solver, 3, u.as_mut_ptr()) };
    refused(count, MOV_ERROR_ARGUMENT, &["`count` is 3", "parameters"]);

    // None of it left a trace.
    assert_eq!(parameters(solver), before);
    ok(mov_solver_step(solver));
    mov_solver_free(solver);
}

#[test]
fn energies_refuse_what_does_not_fit() {
    let path = c_path(&plugin("dirichlet"));
    let energy = made(unsafe { mov_energy_create_from_file(path.as_ptr(), null()) });
    let set = |name: &str, value| unsafe { mov_energy_set_real(energy, c(name).as_ptr(), value) };
    refused(
        set("kapa", 1.0),
        MOV_ERROR_OPTION,
        &["`dirichlet`", "no parameter `kapa`", "kappa"],
    );
    refused(
        set("kappa", -1.0),
        MOV_ERROR_OPTION,
        &["`dirichlet`", "`kappa`", "given -1", "accepted is above 0"],
    );
    refused(
        set("kappa", f64::NAN),
        MOV_ERROR_OPTION,
        &["`kappa`", "NaN"],
    );
    refused(
        set("kappa", f64::INFINITY),
        MOV_ERROR_OPTION,
        &["`kappa`", "inf"],
    );
    let two = unsafe { mov_energy_set_reals(energy, c"kappa".as_ptr(), 2, [1.0, 2.0].as_ptr()) };
    refused(
        two,
        MOV_ERROR_OPTION,
        &["`kappa`", "2 numbers", "one number"],
    );
    ok(set("kappa", 0.5));
    mov_energy_free(energy);
    let callback = half_square_energy();
    let set = unsafe { mov_energy_set_real(callback, c"kappa".as_ptr(), 1.0) };
    refused(set, MOV_ERROR_OPTION, &["`half-square`", "takes none"]);
    mov_energy_free(callback);
    let create = |function, flags| unsafe {
        mov_energy_create_callback(c"mine".as_ptr(), function, flags, null_mut())
    };
    not_created(create(None, 0), &["`function` is NULL"]);
    not_created(create(Some(half_square), 4), &["`flags` is 4"]);
}

#[test]
fn tables_describe_themselves_as_json() {
    for describe in [mov_options_describe, mov_report_describe] {
        let mut needed = 0;
        ok(unsafe { describe(null_mut(), 0, &mut needed) });
        let mut buffer = vec![0_u8; needed as usize];
        ok(unsafe { describe(buffer.as_mut_ptr().cast(), needed, null_mut()) });
        let list: serde_json::Value = serde_json::from_slice(&buffer[..buffer.len() - 1]).unwrap();
        let list = list.as_array().unwrap();
        assert!(list.len() > 10);
        assert!(
            list.iter()
                .all(|e| e["name"].is_string() && e["help"].is_string())
        );
    }
    assert_eq!(mov_abi_version(), MOV_ABI_VERSION);
}
