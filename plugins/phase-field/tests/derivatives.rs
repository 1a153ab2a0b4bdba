//! Every derivative against differences and against autograd.

#![allow(
    clippy::unwrap_used,
    reason = "what a test does not expect is to fail it"
)]

use movimento_phase_field::{
    CahnHilliard, Logarithmic, PLUGIN, SwiftHohenberg, TotalVariation, Willmore,
};
use movimento_plugin::candle_core::{Device, Tensor};
use movimento_plugin::check::{Check, closed_forms};
use movimento_plugin::{Arguments, HessianFirst, HessianFunctional, HessianPoints, HessianSample};

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
        let check = Check::by_id(&PLUGIN, "swift-hohenberg").dimension(d);
        let check = check.argument("g", &[0.7]).argument("k", &[1.3]);
        check.run().unwrap();
        let check = Check::by_id(&PLUGIN, "willmore").dimension(d);
        check.argument("eps", &[0.6]).run().unwrap();
        let check = Check::by_id(&PLUGIN, "ginzburg-landau").dimension(d);
        check.argument("eps", &[0.5]).run().unwrap();
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

/// Their tensors against their closed forms.
#[test]
fn densities_of_second_derivatives_are_their_closed_forms() {
    fn compare<F: HessianFunctional>(parameters: &[(&str, &[f64])]) {
        let (n, d) = (5, 2);
        let arguments = Arguments::with(d, F::DESCRIPTOR, parameters).unwrap();
        let energy = F::create(&arguments).unwrap();
        let wave = |len: usize, k: f64| (0..len).map(|i| (k * i as f64).sin()).collect::<Vec<_>>();
        let (x, u, p, h) = (
            wave(n * d, 0.3),
            wave(n, 1.1),
            wave(n * d, 0.7),
            wave(n * d * d, 1.9),
        );
        let mut f = vec![0.0; n];
        let points = HessianPoints {
            n,
            d,
            x: &x,
            u: &u,
            p: &p,
            h: &h,
            t: 0.0,
        };
        let mut out = HessianFirst {
            f: Some(&mut f),
            ..HessianFirst::default()
        };
        F::FIRST.unwrap()(&energy, &points, &mut out).unwrap();
        let tensor = |values: &[f64], shape: &[usize]| {
            Tensor::from_slice(values, shape, &Device::Cpu).unwrap()
        };
        let sample = HessianSample {
            x: tensor(&x, &[n, d]),
            u: tensor(&u, &[n]),
            p: tensor(&p, &[n, d]),
            h: tensor(&h, &[n, d, d]),
            t: 0.0,
        };
        let density = energy.density(&sample).unwrap().to_vec1::<f64>().unwrap();
        for (a, b) in density.iter().zip(&f) {
            assert!((a - b).abs() < 1e-12 * b.abs().max(1.0), "{a} {b}");
        }
    }
    compare::<SwiftHohenberg>(&[("g", &[0.7]), ("k", &[1.3])]);
    compare::<Willmore>(&[("eps", &[0.6])]);
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
