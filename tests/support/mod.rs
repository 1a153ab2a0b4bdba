//! Modules that the test programs share.

pub mod asymmetric_box;
pub mod common;
pub mod external_crates;
pub mod finite_volumes;
pub mod problems;
pub mod rank_runs;
pub mod readers;
pub mod restart_helpers;
pub mod thread_communicator;
pub mod wasserstein;
