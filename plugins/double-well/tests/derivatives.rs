//! Every derivative against differences and against autograd.

use movimento_double_well::{DoubleWell, PLUGIN};
use movimento_plugin::check::{Check, closed_forms};

#[test]
fn derivatives() {
    for d in 1..=3 {
        Check::by_id(&PLUGIN, "double-well")
            .dimension(d)
            .run()
            .unwrap();
        Check::new(&PLUGIN, 0)
            .dimension(d)
            .argument("eps", &[1.5])
            .run()
            .unwrap();
    }
}

#[test]
fn closed_forms_are_the_density() {
    for d in 1..=3 {
        closed_forms::<DoubleWell>(d, &[], (-2.0, 2.0)).unwrap();
    }
}

#[test]
fn parameters_are_checked() {
    let report = Check::new(&PLUGIN, 0)
        .argument("eps", &[0.0])
        .run()
        .unwrap_err();
    assert!(
        report.to_string().contains("parameter 'eps' = 0.0"),
        "{report}"
    );
}
