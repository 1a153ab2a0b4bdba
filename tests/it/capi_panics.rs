//! A plugin in Rust that panics is an error with its message; the solver lives on.

use crate::support::common::*;
use crate::support::external_crates;
use movimento::capi::*;

#[test]
fn a_plugin_that_panics_is_an_error_and_the_solver_lives_on() {
    let crate_ = root().join("tests/plugins/panicking");
    let file = c_path(&external_crates::cargo_build(root(), &crate_, "panicking"));
    let create =
        |id: &str| made(unsafe { mov_energy_create_from_file(file.as_ptr(), c(id).as_ptr()) });
    let solver = tiny_solver();
    let energy = create("panics-in-create");
    refused(
        mov_solver_add_energy(solver, energy),
        MOV_ERROR_PLUGIN,
        &["`panics-in-create`", "create panics on purpose"],
    );
    mov_energy_free(energy);
    // Sound for some evaluations, so that it is a step and not the first look that fails.
    let energy = create("panics");
    ok(unsafe { mov_energy_set_real(energy, c"after".as_ptr(), 40.0) });
    add(solver, energy);
    ok(set_u0(solver));
    let mut state = parameters(solver);
    let status = loop {
        let status = mov_solver_step(solver);
        if status != MOV_OK {
            break status;
        }
        state = parameters(solver);
    };
    refused(
        status,
        MOV_ERROR_PLUGIN,
        &["`panics`", "this energy panics on purpose"],
    );
    assert_eq!(parameters(solver), state);
    ok(set_u0(solver));
    mov_solver_free(solver);
    for (id, part) in [
        ("tensor-error", "shape mismatch"),
        ("wrong-shape", "expected ["),
    ] {
        let solver = tiny_solver();
        add(solver, create(id));
        ok(set_u0(solver));
        refused(
            mov_solver_step(solver),
            MOV_ERROR_PLUGIN,
            &[&format!("`{id}`"), part],
        );
        mov_solver_free(solver);
    }
}
