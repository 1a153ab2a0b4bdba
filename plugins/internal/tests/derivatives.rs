//! Every derivative against differences and against autograd.

#![allow(
    clippy::unwrap_used,
    reason = "what a test does not expect is to fail it"
)]

use movimento_internal::{Entropy, PLUGIN, Power, Quadratic};
use movimento_plugin::check::{Check, closed_forms};

const EXPONENTS: [f64; 5] = [0.5, 1.5, 2.0, 3.0, 6.5];

#[test]
fn derivatives() {
    for d in 1..=3 {
        Check::by_id(&PLUGIN, "entropy")
            .dimension(d)
            .values(0.1, 3.0)
            .run()
            .unwrap();
        Check::by_id(&PLUGIN, "quadratic")
            .dimension(d)
            .argument("kappa", &[0.4])
            .run()
            .unwrap();
        for m in EXPONENTS {
            let check = Check::by_id(&PLUGIN, "power")
                .dimension(d)
                .argument("m", &[m]);
            check.values(0.1, 3.0).run().unwrap();
        }
    }
}

#[test]
fn closed_forms_are_the_density() {
    for d in 1..=3 {
        closed_forms::<Entropy>(d, &[], (0.01, 3.0)).unwrap();
        closed_forms::<Quadratic>(d, &[("kappa", &[0.4])], (-2.0, 2.0)).unwrap();
        for m in EXPONENTS {
            closed_forms::<Power>(d, &[("m", &[m])], (0.01, 3.0)).unwrap();
        }
    }
}

#[test]
fn negative_densities_are_recoverable_and_named() {
    for id in ["entropy", "power"] {
        let report = Check::by_id(&PLUGIN, id)
            .values(-1.0, -0.5)
            .run()
            .unwrap_err()
            .to_string();
        assert!(
            report.contains(&format!("status 1: {id} needs u >= 0, but u = -")),
            "{report}"
        );
        assert!(report.contains("at point 0"), "{report}");
    }
}

#[test]
fn vacuum_is_finite() {
    // The range is one number: the differences would leave the domain, the values must not.
    let report = Check::by_id(&PLUGIN, "entropy")
        .values(0.0, 0.0)
        .run()
        .unwrap_err()
        .to_string();
    assert!(report.contains("u >= 0"), "{report}");
    for m in EXPONENTS {
        closed_at_zero(m);
    }
}

/// `h = 0`, and `h'`, `h''` are numbers, at `u = 0`.
fn closed_at_zero(m: f64) {
    use movimento_plugin::{Energy, First, Functional, Points, Second};
    let arguments =
        movimento_plugin::Arguments::with(1, Power::DESCRIPTOR, &[("m", &[m])]).unwrap();
    let power = Power::create(&arguments).unwrap();
    let at = Points {
        t: 0.0,
        n: 1,
        d: 1,
        x: &[0.0],
        u: &[0.0],
        p: &[],
    };
    let (mut f, mut f_u, mut f_uu) = ([1.0], [1.0], [1.0]);
    let mut first = First {
        f: Some(&mut f),
        f_u: Some(&mut f_u),
        ..First::default()
    };
    Power::FIRST.unwrap()(&power, &at, &mut first).unwrap();
    let mut second = Second {
        f_uu: Some(&mut f_uu),
        ..Second::default()
    };
    Power::SECOND.unwrap()(&power, &at, &mut second).unwrap();
    assert_eq!(f, [0.0]);
    assert!(
        f_u[0].is_finite() && f_uu[0].is_finite(),
        "m = {m}: {f_u:?} {f_uu:?}"
    );
}

#[test]
fn the_exponent_one_is_refused_with_advice() {
    let report = Check::by_id(&PLUGIN, "power")
        .argument("m", &[1.0])
        .run()
        .unwrap_err();
    assert!(report.to_string().contains("use 'entropy'"), "{report}");
}
