//! Value and gradient against differences and against autograd.

use movimento_interaction::{Gaussian, Logarithm, Morse, PLUGIN, Power};
use movimento_plugin::check::{Check, closed_kernel};

/// Exponents `(a, b)` that are integrable in every dimension.
const EXPONENTS: [(f64, f64); 5] = [(4.0, 2.0), (2.0, 1.0), (2.0, 0.0), (0.0, -0.5), (1.5, -0.9)];

#[test]
fn derivatives() {
    for d in 1..=3 {
        for (a, b) in EXPONENTS {
            let check = Check::by_id(&PLUGIN, "interaction-power").dimension(d);
            check.argument("a", &[a]).argument("b", &[b]).run().unwrap();
        }
        let check = Check::by_id(&PLUGIN, "interaction-gaussian").dimension(d);
        check
            .argument("c", &[-0.7])
            .argument("l", &[0.8])
            .run()
            .unwrap();
        Check::by_id(&PLUGIN, "interaction-logarithm")
            .dimension(d)
            .argument("c", &[-1.5])
            .run()
            .unwrap();
        Check::by_id(&PLUGIN, "interaction-morse")
            .dimension(d)
            .run()
            .unwrap();
    }
}

#[test]
fn closed_forms_are_the_kernel() {
    for d in 1..=3 {
        for (a, b) in EXPONENTS {
            closed_kernel::<Power>(d, &[("a", &[a]), ("b", &[b])]).unwrap();
        }
        closed_kernel::<Gaussian>(d, &[("c", &[-0.7]), ("l", &[0.8])]).unwrap();
        closed_kernel::<Logarithm>(d, &[("c", &[2.0])]).unwrap();
        closed_kernel::<Morse>(d, &[]).unwrap();
    }
}

#[test]
fn exponents_are_refused_with_the_rule() {
    let refused = |a: f64, b: f64| {
        let check = Check::by_id(&PLUGIN, "interaction-power").dimension(2);
        check
            .argument("a", &[a])
            .argument("b", &[b])
            .run()
            .unwrap_err()
            .to_string()
    };
    assert!(refused(1.0, 1.0).contains("needs a > b"));
    assert!(refused(2.0, -2.0).contains("needs b > -d"));
}
