//! The C interface: `include/movimento.h` is generated from these files, one for each subject.
//!
//! No mathematics is done here. Every function checks its arguments, works behind the guard of
//! `guard`, and reaches its object through the registry of `handle`.
// The names are C's, and so is the text: in the header `[n][d]` is a shape, not a link.
#![allow(non_camel_case_types)]
#![allow(rustdoc::broken_intra_doc_links)]
// What a caller owes is said at each parameter, in words that the header shows.
#![allow(clippy::missing_safety_doc)]

mod argument;
mod boundary;
mod callback;
mod communicator;
mod constraints;
mod density;
mod domain;
mod energy;
mod evaluate;
mod fields;
mod floating_point;
mod guard;
mod hand_over;
mod handle;
mod hessian;
mod initial;
mod log;
mod memory;
mod mobility;
mod options;
mod pair;
mod plugin;
mod progress;
mod report;
mod restart;
mod run;
mod snapshot;
mod snapshots;
mod solver;
mod source;
mod status;
mod system;
mod transport;
mod writer;

pub use boundary::*;
pub use communicator::*;
pub use constraints::*;
pub use domain::*;
pub use energy::{
    MOV_CONVEX, MOV_USES_GRADIENT, MOV_USES_POSITION, MOV_USES_TIME, mov_energy, mov_energy_create,
    mov_energy_create_callback, mov_energy_create_callback_in_time, mov_energy_create_from_file,
    mov_energy_fn, mov_energy_free, mov_energy_in_time_fn, mov_energy_set_real,
    mov_energy_set_reals,
};
pub use evaluate::*;
pub use fields::*;
pub use hand_over::*;
pub use hessian::{mov_energy_create_with_hessian, mov_hessian_fn};
pub use initial::*;
pub use log::*;
pub use memory::*;
pub use mobility::*;
pub use options::*;
pub use pair::{mov_energy_create_pair_callback, mov_pair_fn};
pub use plugin::*;
pub use progress::*;
pub use report::*;
pub use restart::*;
pub use run::*;
pub use snapshot::*;
pub use snapshots::*;
pub use solver::{
    mov_solver, mov_solver_add_energy, mov_solver_create, mov_solver_free,
    mov_solver_get_components, mov_solver_get_steps, mov_solver_get_tau, mov_solver_get_time,
    mov_solver_set_tau, mov_solver_step, mov_solver_step_by, mov_solver_step_to,
};
pub use source::{mov_solver_add_source, mov_source_fn};
pub use status::*;
pub use system::{mov_energy_create_system, mov_system_fn};
pub use writer::{
    mov_field_fn, mov_pack_snapshots, mov_writer, mov_writer_add_callback, mov_writer_add_field,
    mov_writer_close, mov_writer_count, mov_writer_create, mov_writer_describe_field,
    mov_writer_free, mov_writer_set_points, mov_writer_write,
};
