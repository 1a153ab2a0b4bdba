//! The C interface of series of snapshots.

use crate::support::common::*;
use movimento::capi::*;
use std::ffi::c_void;
use std::ptr::{null, null_mut};

/// u^2 and x, and NaN for a blank.
extern "C" fn square(
    n: u64,
    d: u64,
    x: *const f64,
    u: *const f64,
    values: *mut f64,
    calls: *mut c_void,
) -> i32 {
    unsafe { *calls.cast::<i32>() += 1 };
    if unsafe { *calls.cast::<i32>() } < 0 {
        return -5;
    }
    for i in 0..n as usize {
        unsafe {
            *values.add(2 * i) = *u.add(i) * *u.add(i);
            *values.add(2 * i + 1) = *x.add(i * d as usize);
        }
    }
    0
}

fn count(writer: *const mov_writer) -> u64 {
    let mut count = 0;
    ok(unsafe { mov_writer_count(writer, &mut count) });
    count
}

#[test]
fn a_series_through_the_c_interface() {
    let folder = tempfile::tempdir().unwrap();
    let run = c_path(&folder.path().join("deep/run"));
    let solver = ready();
    let options = made(mov_options_create());
    ok(unsafe { mov_options_set_integer(options, c"snapshot_resolution".as_ptr(), 9) });
    let writer = made(unsafe { mov_writer_create(solver, run.as_ptr(), options) });
    mov_options_free(options);
    not_created(
        unsafe { mov_writer_create(solver, run.as_ptr(), null()) },
        &["another writer has the folder"],
    );
    let mut calls = 0_i32;
    let user_data = (&raw mut calls).cast::<c_void>();
    unsafe {
        ok(mov_writer_add_field(writer, solver, c"u".as_ptr()));
        let add = |name: &std::ffi::CStr| mov_writer_add_field(writer, solver, name.as_ptr());
        refused(add(c"u"), MOV_ERROR_ARGUMENT, &["`u` was added before"]);
        refused(
            add(c"density"),
            MOV_ERROR_ARGUMENT,
            &["`flow` is l2", "grad_u"],
        );
        refused(
            add(c"velocity"),
            MOV_ERROR_ARGUMENT,
            &["no field `velocity`", "`flow` is l2"],
        );
        refused(
            add(c"v"),
            MOV_ERROR_ARGUMENT,
            &["no field `v`", "energy_density"],
        );
        let callback = |name: &std::ffi::CStr, n, f: mov_field_fn| {
            mov_writer_add_callback(writer, name.as_ptr(), n, f, user_data)
        };
        refused(
            callback(c"a.b", 1, Some(square)),
            MOV_ERROR_ARGUMENT,
            &["`a.b`", "underscores"],
        );
        refused(
            callback(c"t", 1, Some(square)),
            MOV_ERROR_ARGUMENT,
            &["`t`"],
        );
        for taken in [
            c"network",
            c"files",
            c"VTKHDF",
            c"VTKHDF_points",
            c"residual",
        ] {
            let name = format!("`{}`", taken.to_str().unwrap());
            refused(
                callback(taken, 1, Some(square)),
                MOV_ERROR_ARGUMENT,
                &[&name, "accepted"],
            );
        }
        refused(
            callback(c"grad_u", 1, Some(square)),
            MOV_ERROR_ARGUMENT,
            &["by itself"],
        );
        refused(
            callback(c"two", 0, Some(square)),
            MOV_ERROR_ARGUMENT,
            &["0 components"],
        );
        refused(
            callback(c"two", 2, None),
            MOV_ERROR_ARGUMENT,
            &["`values` is NULL"],
        );
        ok(callback(c"two", 2, Some(square)));
        let describe = |name: &std::ffi::CStr| {
            mov_writer_describe_field(writer, name.as_ptr(), c"square".as_ptr(), null())
        };
        ok(describe(c"two"));
        refused(
            describe(c"three"),
            MOV_ERROR_ARGUMENT,
            &["no field `three`"],
        );
        let points = [0.25, f64::NAN];
        refused(
            mov_writer_set_points(writer, 2, points.as_ptr()),
            MOV_ERROR_ARGUMENT,
            &["NaN at entry 1"],
        );
        ok(mov_writer_set_points(writer, 1, points.as_ptr()));
        let mut number = 77;
        ok(mov_writer_write(writer, solver, &mut number));
        assert_eq!((number, count(writer)), (0, 1));
        refused(
            mov_writer_write(writer, solver, null_mut()),
            MOV_ERROR_STATE,
            &["time 0", "snap_000000.h5"],
        );
        ok(mov_solver_step(solver));
        *user_data.cast::<i32>() = -100;
        refused(
            mov_writer_write(writer, solver, &mut number),
            MOV_ERROR_CALLBACK,
            &["field `two`", "-5"],
        );
        *user_data.cast::<i32>() = 0;
        assert_eq!(count(writer), 1);
        ok(mov_writer_write(writer, solver, &mut number));
        assert_eq!((number, count(writer)), (1, 2));
        refused(add(c"grad_u"), MOV_ERROR_STATE, &["before"]);
        ok(mov_writer_close(writer));
        ok(mov_writer_close(writer));
        refused(
            mov_writer_write(writer, solver, null_mut()),
            MOV_ERROR_STATE,
            &["closed"],
        );
    }
    mov_writer_free(writer);
    refused(
        mov_writer_close(writer),
        MOV_ERROR_HANDLE,
        &["a writer of snapshots that was freed"],
    );
    mov_writer_free(null_mut());
    mov_solver_free(solver);

    let packed = folder.path().join("packed.h5");
    let path = c_path(&packed);
    ok(unsafe { mov_pack_snapshots(run.as_ptr(), path.as_ptr()) });
    let file = hdf5::File::open(&packed).unwrap();
    let two = file.dataset("two").unwrap();
    assert_eq!(two.shape(), [2, 9, 2]);
    let (two, u) = (two.read_raw::<f64>().unwrap(), file.dataset("u").unwrap());
    for (at, u) in u.read_raw::<f64>().unwrap().iter().enumerate() {
        assert!((two[2 * at] - u * u).abs() < 1e-14);
        assert!((two[2 * at + 1] - (at % 9) as f64 / 8.0).abs() < 1e-14);
    }
    let nowhere = c_path(&folder.path().join("nowhere"));
    refused(
        unsafe { mov_pack_snapshots(nowhere.as_ptr(), path.as_ptr()) },
        MOV_ERROR_FILE,
        &["nowhere"],
    );
    refused(
        unsafe { mov_pack_snapshots(run.as_ptr(), c"/proc/self/packed.h5".as_ptr()) },
        MOV_ERROR_FILE,
        &["/proc/self/packed.h5"],
    );
}

#[test]
fn a_writer_needs_its_solver_and_folder() {
    let solver = ready();
    let create = |solver, folder: *const std::ffi::c_char, options| unsafe {
        mov_writer_create(solver, folder, options)
    };
    not_created(create(null(), c"x".as_ptr(), null()), &["`solver` is NULL"]);
    not_created(create(solver, null(), null()), &["`folder` is NULL"]);
    not_created(
        create(solver, c"/proc/self/run".as_ptr(), null()),
        &["/proc/self/run"],
    );
    not_created(
        create(solver, c"x".as_ptr(), solver.cast()),
        &["`options`", "a solver"],
    );
    let folder = tempfile::tempdir().unwrap();
    let path = c_path(folder.path());
    let fresh = tiny_solver();
    let writer = made(create(fresh, path.as_ptr(), null()));
    refused(
        unsafe { mov_writer_write(writer, fresh, null_mut()) },
        MOV_ERROR_STATE,
        &["no initial condition"],
    );
    mov_writer_free(writer);
    mov_solver_free(fresh);
    mov_solver_free(solver);
}
