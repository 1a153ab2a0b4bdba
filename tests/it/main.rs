//! Tests of the library and of everything around it, as one program: linking HDF5, Candle and faer
//! takes longer than compiling a module. What needs a process of its own is in `tests/alone`.

#![allow(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "what a test does not expect is to fail it"
)]
#![allow(
    clippy::undocumented_unsafe_blocks,
    reason = "they call the C interface as its header says, or fail"
)]
#![allow(
    clippy::format_collect,
    clippy::too_many_lines,
    reason = "a test is read from above"
)]

#[path = "../../examples/reproduce/reference/mod.rs"]
mod reference_solutions;
#[path = "../support/mod.rs"]
mod support;

mod accidents;
mod architecture;
mod benchmarks;
mod between;
mod boundaries;
mod bounds;
mod callback_bits;
mod capi_arguments;
mod capi_failures;
mod capi_panics;
mod collocation;
mod consumers;
mod coverage;
mod cpp;
mod denser_labels;
mod differences;
mod domains;
mod drift;
mod each_vector_unit;
mod enrichment;
mod estimates;
mod export;
mod faults;
mod figures;
mod flows;
mod forms;
mod fortran;
mod h_minus_one;
mod h_minus_one_waves;
mod hand_over;
mod header;
mod held_integrals;
mod held_walls;
mod host_meshes;
mod hosts;
mod install;
mod kernels;
mod live_options;
mod local_features;
mod many_walls;
mod memory;
mod mobility;
mod mpi;
mod old_plugins;
mod old_programs;
mod packages;
mod patterns;
mod plugin_loading;
mod posteriors;
mod postprocess;
mod potentials;
mod python;
mod random_features;
mod ranks;
mod ranks_failing;
mod ranks_series;
mod rates;
mod readme;
mod reference;
mod reference_field;
mod release;
mod reproducible;
mod restart;
mod restart_portable;
mod restart_transport;
mod rough;
mod run_until;
mod second_derivatives;
mod series;
mod series_blocks;
mod series_capi;
mod series_faults;
mod series_going_on;
mod series_truth;
mod side_by_side;
mod slopes;
mod snapshot;
mod states;
mod static_library;
mod steady_state;
mod systems;
mod systems_capi;
mod time;
mod toy_flow;
mod transport;
mod transport_orders;
mod transport_refusals;
mod two_tables;
mod units;
mod untuned;
mod w2gn;
mod wfr;
