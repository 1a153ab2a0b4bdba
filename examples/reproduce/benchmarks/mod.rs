//! The field's own benchmarks: what others report a figure for.

mod boundaries;
mod cahn_hilliard;
mod discrepancy;
mod front;
mod held;
mod hellinger;
mod l2;
mod mixture;
mod moments;
mod periodic;
mod reborn;
mod rest;
mod spinodal;
mod spreading;
mod swift_hohenberg;
mod systems;
mod transport;

use crate::case::{Case, Metric};
use crate::problem::{Flow, Start};

/// Every one of them.
pub fn all() -> impl Iterator<Item = &'static Case> {
    l2::CASES.iter().chain(transport::CASES)
}

/// What a row of the tables does not say.
const BASE: Case = Case {
    name: "",
    what: "",
    paper: "not in the paper",
    goal: "below the published figure, where there is one",
    published: None,
    metric: Metric::L2,
    goals: [None; 3],
    scheme: "second",
    flow: Flow::Heat { kappa: 1.0 },
    start: Start::Named(""),
    half_width: 1.0,
    dimension: 2,
    tau: 0.005,
    steps: 40,
    marks: &[],
    options: Vec::new,
    adam: Vec::new,
};
