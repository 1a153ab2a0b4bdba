//! Every derivative against differences and against autograd.

#![allow(
    clippy::unwrap_used,
    reason = "what a test does not expect is to fail it"
)]

use movimento_plugin::check::{Check, closed_forms};
use movimento_thin_film::{FisherInformation, PLUGIN, ThinFilm};

#[test]
fn derivatives() {
    for d in 1..=3 {
        let check = Check::by_id(&PLUGIN, "thin-film").dimension(d);
        check.argument("g", &[-0.7]).run().unwrap();
        let check = Check::by_id(&PLUGIN, "fisher-information").dimension(d);
        check.values(0.3, 2.0).argument("c", &[0.4]).run().unwrap();
    }
}

#[test]
fn closed_forms_are_the_density() {
    for d in 1..=3 {
        closed_forms::<ThinFilm>(d, &[("sigma", &[0.3]), ("g", &[2.0])], (-2.0, 2.0)).unwrap();
        closed_forms::<FisherInformation>(d, &[("c", &[0.3])], (0.2, 2.0)).unwrap();
    }
}

#[test]
fn densities_below_zero_are_refused() {
    let report = Check::by_id(&PLUGIN, "fisher-information").values(-1.0, -0.5);
    let report = report.run().unwrap_err().to_string();
    assert!(report.contains("u >= 0"), "{report}");
}
