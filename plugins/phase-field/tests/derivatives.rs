//! Every derivative against differences and against autograd.

#![allow(
    clippy::unwrap_used,
    reason = "what a test does not expect is to fail it"
)]

use movimento_phase_field::{CahnHilliard, Logarithmic, PLUGIN, TotalVariation};
use movimento_plugin::check::{Check, closed_forms};

#[test]
fn derivatives() {
    for d in 1..=3 {
        let check = Check::by_id(&PLUGIN, "cahn-hilliard").dimension(d);
        check.run().unwrap();
        let check = Check::by_id(&PLUGIN, "cahn-hilliard").dimension(d);
        let check = check.argument("a", &[0.3]).argument("b", &[0.7]);
        check.argument("scale", &[5.0]).run().unwrap();
        let check = Check::by_id(&PLUGIN, "cahn-hilliard-logarithmic").dimension(d);
        check.values(-0.9, 0.9).run().unwrap();
        let check = Check::by_id(&PLUGIN, "total-variation").dimension(d);
        check.argument("delta", &[0.4]).run().unwrap();
    }
}

#[test]
fn closed_forms_are_the_density() {
    for d in 1..=3 {
        closed_forms::<CahnHilliard>(d, &[("a", &[-0.5])], (-2.0, 2.0)).unwrap();
        closed_forms::<Logarithmic>(d, &[], (-0.9, 0.9)).unwrap();
        closed_forms::<TotalVariation>(d, &[("delta", &[0.4])], (-2.0, 2.0)).unwrap();
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    let report = Check::by_id(&PLUGIN, "cahn-hilliard").argument("a", &[1.0]);
    let report = report.run().unwrap_err().to_string();
    assert!(report.contains("a < b"), "{report}");
    let report = Check::by_id(&PLUGIN, "cahn-hilliard-logarithmic").values(0.9, 1.5);
    let report = report.run().unwrap_err().to_string();
    assert!(report.contains("-1 < u < 1"), "{report}");
}
