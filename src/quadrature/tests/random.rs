//! Random rules: their rates, their places, their seeds.

use super::*;

#[test]
fn random_rules_converge_at_their_rates() {
    let rms = |rule: &Quadrature, domain: &Domain, f: &dyn Fn(&[f64]) -> f64, exact: f64| {
        let draws = 40;
        let square = |step| {
            let nodes = rule.nodes(domain, &mut rng(step)).unwrap();
            (integral(&nodes, domain.dimension(), f) - exact).powi(2)
        };
        ((0..draws).map(square).sum::<f64>() / draws as f64).sqrt()
    };
    for d in [1, 2, 3, 5] {
        let domain = cube(d, 0.0, 1.0);
        let f = |x: &[f64]| x.iter().map(|x| x.exp()).product::<f64>();
        let exact = 1.0_f64.exp_m1().powi(d as i32);
        let rate = |coarse: &Quadrature, fine: &Quadrature| {
            let n = |rule: &Quadrature| rule.nodes(&domain, &mut rng(0)).unwrap().len() as f64;
            (rms(coarse, &domain, &f, exact) / rms(fine, &domain, &f, exact)).ln()
                / (n(fine) / n(coarse)).ln()
        };
        let nodes = 4096;
        let rates = [
            rate(
                &Quadrature::MonteCarlo { nodes: 64 },
                &Quadrature::MonteCarlo { nodes },
            ),
            rate(
                &Quadrature::Stratified { nodes: 64 },
                &Quadrature::Stratified { nodes },
            ),
            rate(
                &Quadrature::Sobol { nodes: 64 },
                &Quadrature::Sobol { nodes },
            ),
        ];
        println!("d = {d}: monte-carlo, stratified, sobol {rates:.2?}");
        assert!((rates[0] - 0.5).abs() < 0.12, "{d}: {rates:?}");
        // The Latin hypercube keeps the rate of Monte Carlo beyond three dimensions.
        let order = if d <= 3 { 0.5 + 1.0 / d as f64 } else { 0.5 };
        assert!((rates[1] - order).abs() < 0.15, "{d}: {rates:?}");
        assert!(rates[2] > 0.85, "{d}: {rates:?}");
    }
    // On balls and cut boxes too the Sobol nodes beat independent ones.
    for (domain, exact) in [
        (ball(2), PI / 4.0),
        (ball(5), unit_moment()),
        (annulus(), ring_moment()),
    ] {
        let f = |x: &[f64]| x[0] * x[0];
        let at = |rule: Quadrature| rms(&rule, &domain, &f, exact);
        let nodes = 4096;
        let (sobol, random) = (
            at(Quadrature::Sobol { nodes }),
            at(Quadrature::MonteCarlo { nodes }),
        );
        println!(
            "{:?}: sobol {sobol:.1e}, monte-carlo {random:.1e}",
            domain.shape()
        );
        assert!(sobol < 0.4 * random, "{sobol:e} {random:e}");
    }
}

/// int x_1^2 over the unit ball of R^5: volume / (d + 2).
fn unit_moment() -> f64 {
    8.0 * PI * PI / 15.0 / 7.0
}

/// int x_1^2 over the annulus.
fn ring_moment() -> f64 {
    PI / 4.0 * (0.9_f64.powi(4) - 0.4_f64.powi(4))
}

#[test]
fn random_nodes_fill_the_domain_and_repeat_by_their_seed_only() {
    let corner = cut(5, |x| x.iter().sum::<f64>() < 0.0);
    assert!((corner.volume() / 16.0 - 1.0).abs() < 2e-3);
    for domain in [
        cube(2, -1.0, 3.0),
        cube(6, 0.0, 1.0),
        ball(1),
        ball(2),
        ball(3),
        ball(6),
        annulus(),
        corner,
    ] {
        let d = domain.dimension();
        for rule in random_rules(500) {
            let draw = |step| rule.nodes(&domain, &mut rng(step)).unwrap();
            let nodes = draw(1);
            assert!((nodes.w.iter().sum::<f64>() / domain.volume() - 1.0).abs() < 1e-12);
            assert!(
                (400..700).contains(&nodes.len()),
                "{rule:?} {}",
                nodes.len()
            );
            let mut inside = vec![false; nodes.len()];
            domain.contains(&nodes.x, &mut inside).unwrap();
            assert!(inside.iter().all(|inside| *inside));
            assert_eq!(nodes, draw(1));
            let other = draw(2);
            let fresh = |x: &[f64]| !nodes.x.chunks_exact(d).any(|y| x == y);
            assert!(other.x.chunks_exact(d).all(fresh));
            // Uniform: the mean of the first coordinate is the centre's, but for the corner's.
            let mean = integral(&nodes, d, |x| x[0]) / domain.volume();
            let centre = if d == 5 { -0.3 } else { domain.centre()[0] };
            assert!((mean - centre).abs() < 0.2, "{rule:?} {mean} {centre}");
        }
    }
}

#[test]
fn sobol_beyond_one_sequence_goes_on_with_another() {
    let nodes = 3 << 16;
    let x = sobol::points(nodes, 2, &mut rng(3));
    let mean: f64 = x.iter().map(|x| x * x).sum::<f64>() / x.len() as f64;
    assert!((mean - 1.0 / 3.0).abs() < 1e-6);
    assert!(x[..2 << 16] != x[2 << 16..4 << 16]);
    assert_eq!(sobol::round_up(2500), 2560);
    assert!((1..5000).all(|n| (n..=n + n / 8).contains(&sobol::round_up(n))));
}

#[test]
fn each_cell_and_each_slice_has_its_node() {
    for d in 1..=3 {
        let x = stratified::points(64, d, &mut rng(0));
        let m = 64_f64.powf(1.0 / d as f64).round();
        let mut cells: Vec<u64> = x
            .chunks(d)
            .map(|x| x.iter().fold(0, |cell, x| cell * m as u64 + (x * m) as u64))
            .collect();
        cells.sort_unstable();
        assert_eq!(cells, (0..64).collect::<Vec<_>>());
    }
    let x = stratified::points(50, 7, &mut rng(0));
    for axis in 0..7 {
        let mut slices: Vec<u64> = x
            .iter()
            .skip(axis)
            .step_by(7)
            .map(|x| (x * 50.0) as u64)
            .collect();
        slices.sort_unstable();
        assert_eq!(slices, (0..50).collect::<Vec<_>>());
    }
}
