//! A host callback gives the same bits as the same formula in a plugin.

use crate::support::common::*;
use movimento::capi::*;
use std::ptr::{null, null_mut};

fn run(energy: *mut mov_energy, threads: i64) -> (Vec<u64>, u64) {
    let options = tiny_options(2);
    ok(unsafe { mov_options_set_integer(options, c"threads".as_ptr(), threads) });
    let solver = made(mov_solver_create(options));
    mov_options_free(options);
    add(solver, energy);
    ok(set_u0(solver));
    let start = parameters(solver);
    for _ in 0..3 {
        ok(mov_solver_step(solver));
    }
    let end = parameters(solver);
    assert_ne!(start, end);
    let mut energy = 0.0;
    ok(unsafe { mov_solver_energy(solver, &mut energy) });
    mov_solver_free(solver);
    (end, energy.to_bits())
}

#[test]
fn a_callback_gives_the_bits_of_a_plugin() {
    let folder = tempfile::tempdir().unwrap();
    let object = shared_object("tests/c/formula.c", folder.path(), "formula.so", &[]);
    let plugin = || made(unsafe { mov_energy_create_from_file(c_path(&object).as_ptr(), null()) });
    let library = unsafe { libloading::Library::new(&object) }.unwrap();
    let function: mov_energy_fn = unsafe { *library.get(b"formula_callback").unwrap() };
    let callback = || {
        made(unsafe {
            mov_energy_create_callback(c"formula".as_ptr(), function, MOV_USES_GRADIENT, null_mut())
        })
    };
    let expected = run(plugin(), 1);
    assert_eq!(run(callback(), 1), expected);
    assert_eq!(run(plugin(), 2), expected);
    assert_eq!(run(callback(), 2), expected);
}
