use super::{Basis, OnGrid, Waves};
use crate::domain::{Domain, DomainChoice};
use crate::field::{Activation, Channels, Embedding, EmbeddingChoice, Field, Jets, Network};
use crate::field::{AtNodes, Identity, kernels};
use crate::parallel::Pool;
use std::sync::Arc;

fn network(waves: &Waves, domain: &Domain) -> Network {
    let embedding = Embedding::new(EmbeddingChoice::None, 1, domain);
    Network::new(
        embedding,
        Activation::Cos,
        domain.dimension(),
        [waves.len()],
    )
}

/// Numbers that look random.
fn numbers(n: usize) -> Vec<f64> {
    let mut state = 0.37_f64;
    let mut next = || {
        state = (state * 997.0 + 0.123).fract();
        state - 0.5
    };
    (0..n).map(|_| next()).collect()
}

fn cases() -> Vec<(Waves, Domain)> {
    let line = Domain::new(DomainChoice::Box, vec![-1.0], vec![2.0]).unwrap();
    let plane = Domain::new(DomainChoice::Box, vec![-1.0, 3.0], vec![2.0, 4.5]).unwrap();
    vec![
        (Waves::new(vec![7], vec![false]), line.clone()),
        (Waves::new(vec![5], vec![true]), line),
        (Waves::new(vec![4, 3], vec![false, false]), plane.clone()),
        (Waves::new(vec![2, 4], vec![true, false]), plane.clone()),
        (Waves::new(vec![3, 2], vec![true, true]), plane),
    ]
}

fn grid(domain: &Domain, n: usize) -> Vec<f64> {
    let (lower, upper) = (domain.lower(), domain.upper());
    let at = |axis: usize, i: usize| {
        lower[axis] + (upper[axis] - lower[axis]) * (i as f64 + 0.5) / n as f64
    };
    match lower.len() {
        1 => (0..n).map(|i| at(0, i)).collect(),
        _ => (0..n * n)
            .flat_map(|i| [at(0, i / n), at(1, i % n)])
            .collect(),
    }
}

#[test]
fn sums_on_grids_and_anywhere_are_those_of_the_network_and_so_are_their_transposes() {
    let pool = Pool::new(2).unwrap();
    for (waves, domain) in cases() {
        let network = network(&waves, &domain);
        let mut parameters = network.wave_features(&waves);
        let first = network.outputs_start();
        let count = parameters.len() - first;
        parameters[first..].copy_from_slice(&numbers(count));
        assert_eq!(Waves::of(&network, &parameters), Some(waves.clone()));
        let d = domain.dimension();
        let on_grid = grid(&domain, 5);
        let mut anywhere = numbers(2 * 9 * d);
        for (i, x) in anywhere.iter_mut().enumerate() {
            *x = domain.lower()[i % d] + (x.abs() * 2.0) * 0.7;
        }
        for x in [&on_grid, &anywhere] {
            let plain = Field::new(network.clone(), Arc::new(Identity));
            let quick = plain.clone().with_kernels(kernels::frozen());
            let (mut expected, mut found) = (Jets::default(), Jets::default());
            let mut by_network = AtNodes::new(&plain, &pool, x.as_slice());
            let mut by_waves = AtNodes::new(&quick, &pool, x.as_slice());
            by_network.record(&parameters, &[], &mut expected).unwrap();
            by_waves.record(&parameters, &[], &mut found).unwrap();
            near(&expected.value, &found.value);
            near(&expected.slope, &found.slope);
            let seeds = Jets {
                value: numbers(x.len() / d),
                slope: numbers(x.len()),
                ..Jets::default()
            };
            let (mut a, mut b) = (vec![0.0; parameters.len()], vec![0.0; parameters.len()]);
            by_network.pullback(&seeds, &mut a).unwrap();
            by_waves.pullback(&seeds, &mut b).unwrap();
            near(&a[first..], &b[first..]);
            let mut values = vec![0.0; x.len() / d];
            let mut slopes = vec![0.0; x.len()];
            quick.evaluate(&pool, &parameters, x, &mut values, Some(&mut slopes));
            near(&expected.value, &values);
            near(&expected.slope, &slopes);
            let mut jets = Jets::default();
            by_waves
                .jets(&parameters, Channels::Value, &mut jets)
                .unwrap();
            near(&expected.value, &jets.value);
        }
    }
}

#[test]
fn products_are_units_and_back_and_stay_among_more() {
    for (waves, domain) in cases() {
        let products = numbers(waves.products(Basis::OfBox));
        let units = waves.from_products(&products);
        near(&products, &waves.to_products(&units, Basis::OfBox));
        let more = waves.harmonics().iter().map(|n| n + 2).collect();
        let wide = Waves::new(more, waves.periodic().to_vec());
        let widened = waves.widened(&wide, &units);
        let x = grid(&domain, 6);
        let pool = Pool::new(1).unwrap();
        let embedding = Embedding::new(EmbeddingChoice::None, 1, &domain);
        let values = |waves: &Waves, units: &[f64]| {
            let on_grid = OnGrid::new(waves, Basis::Full, &embedding, &x).unwrap();
            let mut values = vec![0.0; x.len() / domain.dimension()];
            let products = waves.to_products(units, Basis::Full);
            on_grid.sum(&pool, &products, &mut values, None).unwrap();
            values
        };
        near(&values(&waves, &units), &values(&wide, &widened));
    }
}

fn near(a: &[f64], b: &[f64]) {
    assert_eq!(a.len(), b.len());
    let size = a.iter().fold(1.0_f64, |most, v| most.max(v.abs()));
    for (a, b) in a.iter().zip(b) {
        assert!((a - b).abs() < 1e-12 * size, "{a} {b}");
    }
}
