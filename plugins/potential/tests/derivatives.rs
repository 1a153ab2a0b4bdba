//! Every derivative against differences and against autograd.

use movimento_plugin::check::{Check, closed_forms};
use movimento_potential::{Cosine, DoubleWell, PLUGIN, Quadratic};

/// A symmetric matrix, a diagonal and a centre in dimension `d`.
fn form(d: usize) -> [Vec<f64>; 3] {
    let entry = |i: usize, j: usize| 1.0 / (1 + i + j) as f64 + if i == j { 0.5 } else { 0.0 };
    let matrix = (0..d * d).map(|k| entry(k / d, k % d)).collect();
    let diagonal = (0..d).map(|i| 1.0 - 0.7 * i as f64).collect();
    let center = (0..d).map(|i| 0.3 * i as f64 - 0.2).collect();
    [matrix, diagonal, center]
}

#[test]
fn derivatives() {
    for d in 1..=3u32 {
        let [matrix, diagonal, center] = form(d as usize);
        for a in [&[2.5][..], &diagonal, &matrix] {
            let check = Check::by_id(&PLUGIN, "potential-quadratic").dimension(d);
            check
                .argument("a", a)
                .argument("center", &center)
                .run()
                .unwrap();
        }
        let check = Check::by_id(&PLUGIN, "potential-double-well").dimension(d);
        check
            .argument("a", &[0.6])
            .argument("b", &[0.8])
            .run()
            .unwrap();
        let check = Check::by_id(&PLUGIN, "potential-cosine").dimension(d);
        check
            .argument("a", &[-0.5])
            .argument("k", &diagonal)
            .argument("phase", &[0.3])
            .run()
            .unwrap();
        Check::by_id(&PLUGIN, "potential-cosine")
            .dimension(d)
            .run()
            .unwrap();
    }
}

#[test]
fn closed_forms_are_the_density() {
    for d in 1..=3 {
        let [matrix, diagonal, center] = form(d);
        for a in [&[2.5][..], &diagonal, &matrix] {
            closed_forms::<Quadratic>(d, &[("a", a), ("center", &center)], (-2.0, 2.0)).unwrap();
        }
        closed_forms::<DoubleWell>(d, &[("a", &[0.6]), ("b", &[0.8])], (-2.0, 2.0)).unwrap();
        closed_forms::<Cosine>(d, &[("k", &diagonal), ("phase", &center)], (-2.0, 2.0)).unwrap();
    }
}

#[test]
fn lengths_are_refused_by_name() {
    let refused = |name: &str, values: &[f64]| {
        let check = Check::by_id(&PLUGIN, "potential-quadratic").dimension(3);
        check.argument(name, values).run().unwrap_err().to_string()
    };
    assert!(refused("a", &[1.0, 2.0]).contains("'a' takes 1, d = 3 or d*d = 9 values, not 2"));
    assert!(refused("center", &[1.0, 2.0]).contains("'center' takes 1 or d = 3 values, not 2"));
    let crooked = [1.0, 2.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0];
    assert!(refused("a", &crooked).contains("must be symmetric"));
}
