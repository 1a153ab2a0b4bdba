//! Every derivative against differences and against autograd.

#![allow(
    clippy::unwrap_used,
    reason = "what a test does not expect is to fail it"
)]

use movimento_mmd::{Mmd, PLUGIN};
use movimento_plugin::check::{Check, closed_forms};

/// Beside the box that points are drawn from: the kinks at points of a target are tested by value alone.
const FAR: [f64; 6] = [-5.0, 4.0, 6.0, -7.0, 8.0, 9.0];

#[test]
fn derivatives() {
    for d in 1..=3 {
        let check = Check::by_id(&PLUGIN, "mmd").dimension(d);
        check.argument("target", &FAR).run().unwrap();
    }
}

#[test]
fn closed_forms_are_the_density() {
    for d in 1..=3 {
        closed_forms::<Mmd>(d, &[("target", &FAR)], (0.1, 2.0)).unwrap();
    }
}

#[test]
fn a_target_has_whole_points() {
    let check = Check::by_id(&PLUGIN, "mmd").dimension(2);
    let report = check.argument("target", &[1.0, 2.0, 3.0]).run();
    let report = report.unwrap_err().to_string();
    assert!(report.contains("multiple of 2"), "{report}");
}
