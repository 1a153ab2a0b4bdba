//! Every derivative against differences and against autograd.

use movimento_dirichlet::{Dirichlet, PLUGIN};
use movimento_plugin::check::{Check, closed_forms};

#[test]
fn derivatives() {
    for d in 1..=3 {
        Check::by_id(&PLUGIN, "dirichlet")
            .dimension(d)
            .run()
            .unwrap();
        Check::new(&PLUGIN, 0)
            .dimension(d)
            .argument("kappa", &[0.1])
            .run()
            .unwrap();
    }
}

#[test]
fn closed_forms_are_the_density() {
    for d in 1..=3 {
        closed_forms::<Dirichlet>(d, &[("kappa", &[0.3])], (-2.0, 2.0)).unwrap();
    }
}

#[test]
fn parameters_are_checked() {
    for kappa in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let report = Check::new(&PLUGIN, 0)
            .argument("kappa", &[kappa])
            .run()
            .unwrap_err();
        assert!(report.to_string().contains("kappa"), "{report}");
    }
    let report = Check::new(&PLUGIN, 0)
        .argument("kapa", &[1.0])
        .run()
        .unwrap_err();
    assert!(
        report
            .to_string()
            .contains("unknown parameter 'kapa'; there are: kappa"),
        "{report}"
    );
}
