//! Fields of every kind against differences: one output and several, with and without an ansatz.

use super::*;
use crate::field::ansatz::{Affine, AffineJet};
use crate::field::{Activation, Ansatz, Displacement, Embedding, Identity, Network};
use crate::linear_algebra::dot;
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use std::sync::Arc;

/// `g_i = i + x_0 x_1` and `l = (1 - x_0^2) (2 + x_1)`: boundary values on two sides.
#[derive(Debug)]
struct Lift;

impl Ansatz for Lift {
    fn at(&self, x: &[f64], component: usize, second: bool, out: &mut AffineJet) {
        let [a, b] = [x[0], x[1]];
        let of = |lift, factor| Affine { lift, factor };
        out.reset(component as f64 + a * b, (1.0 - a * a) * (2.0 + b));
        out.slopes.push((0, of(b, -2.0 * a * (2.0 + b))));
        out.slopes.push((1, of(a, 1.0 - a * a)));
        if second {
            out.seconds.push(([0, 0], of(0.0, -2.0 * (2.0 + b))));
            out.seconds.push(([0, 1], of(1.0, -2.0 * a)));
            out.seconds.push(([1, 0], of(1.0, -2.0 * a)));
        }
    }
}

const D: usize = 2;

/// More than a chunk of nodes.
const N: usize = 70;

fn fields() -> Vec<Field> {
    let embedding = || Embedding::affine(vec![0.1, -0.2], vec![0.8, 1.1]);
    let scalar = || Network::new(embedding(), Activation::Tanh, D, [6, 5]);
    let vector = || Network::vector(embedding(), Activation::Sin, D, [5, 4]);
    let on_box = Displacement::Box {
        lower: vec![-1.5; D],
        upper: vec![1.7; D],
    };
    let space = Displacement::Space {
        scale: vec![0.7, 1.3],
    };
    vec![
        Field::new(scalar(), Arc::new(Identity)),
        Field::new(scalar(), Arc::new(Lift)),
        Field::new(vector(), Arc::new(Identity)),
        Field::new(vector(), Arc::new(Lift)),
        Field::new(vector(), Arc::new(on_box)),
        Field::new(vector(), Arc::new(space)),
    ]
}

struct Setting {
    pool: Pool,
    x: Vec<f64>,
    parameters: Vec<f64>,
    direction: Vec<f64>,
    curvature: Vec<f64>,
}

fn setting(field: &Field) -> Setting {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(3);
    let mut random = |n: usize, size: f64| -> Vec<f64> {
        (0..n)
            .map(|_| size * (2.0 * rng.random::<f64>() - 1.0))
            .collect()
    };
    let x = random(N * D, 1.2);
    let mut curvature = random(N * D * D, 1.0);
    for a in curvature.chunks_exact_mut(D * D) {
        a[2] = a[1];
    }
    Setting {
        pool: Pool::new(2).unwrap(),
        x,
        parameters: random(field.parameters(), 0.8),
        direction: random(field.parameters(), 1.0),
        curvature,
    }
}

fn wave(len: usize, frequency: f64) -> Vec<f64> {
    (0..len).map(|i| (i as f64 * frequency).sin()).collect()
}

fn seeds(shape: JetShape) -> Jets {
    Jets {
        value: wave(N * shape.components, 0.7),
        slope: wave(N * shape.slope(), 1.3),
        curved: wave(N * shape.curved(), 2.1),
        ..Jets::default()
    }
}

/// `sum_q s_q . jet_q`.
fn product(seeds: &Jets, jets: &Jets) -> f64 {
    dot(&seeds.value, &jets.value)
        + dot(&seeds.slope, &jets.slope)
        + dot(&seeds.curved, &jets.curved)
}

fn close(a: f64, b: f64, what: &str) {
    assert!(
        (a - b).abs() < 2e-7 * (1.0 + b.abs()),
        "{what}: {a} and {b}"
    );
}

/// Jets at positions that are shifted along an axis.
fn shifted(field: &Field, it: &Setting, axis: usize, h: f64) -> Jets {
    let mut x = it.x.clone();
    x.iter_mut().skip(axis).step_by(D).for_each(|x| *x += h);
    let mut jets = Jets::default();
    let at = AtNodes::new(field, &it.pool, x);
    at.curved_jets(&it.parameters, &it.curvature, &mut jets)
        .unwrap();
    jets
}

#[test]
fn derivatives_in_x_agree_with_differences_and_between_passes() {
    for field in fields() {
        let it = setting(&field);
        let c = field.components();
        let here = shifted(&field, &it, 0, 0.0);
        let mut curved = vec![0.0; N * c];
        for axis in 0..D {
            let (up, down) = (
                shifted(&field, &it, axis, 1e-5),
                shifted(&field, &it, axis, -1e-5),
            );
            for (entry, curved) in curved.iter_mut().enumerate() {
                let slope = (up.value[entry] - down.value[entry]) / 2e-5;
                close(here.slope[entry * D + axis], slope, "slope");
                for other in 0..D {
                    let at = entry * D + other;
                    let second = (up.slope[at] - down.slope[at]) / 2e-5;
                    *curved += it.curvature[(entry / c * D + axis) * D + other] * second;
                }
            }
        }
        for (ours, expected) in here.curved.iter().zip(&curved) {
            close(*ours, *expected, "A : Hess u");
        }
        let mut first = Jets::default();
        let at = AtNodes::new(&field, &it.pool, it.x.as_slice());
        at.jets(&it.parameters, Channels::First, &mut first)
            .unwrap();
        let (mut value, mut slope) = (vec![0.0; N * c], vec![0.0; N * c * D]);
        field.evaluate(
            &it.pool,
            &it.parameters,
            &it.x,
            &mut value,
            Some(&mut slope),
        );
        for all in [[&first.value, &first.slope], [&value, &slope]] {
            for (ours, expected) in all.into_iter().zip([&here.value, &here.slope]) {
                for (a, b) in ours.iter().zip(expected) {
                    assert!((a - b).abs() < 1e-12 * (1.0 + b.abs()), "{a} and {b}");
                }
            }
        }
    }
}

#[test]
fn products_agree_with_differences_in_the_parameters() {
    for field in fields() {
        let it = setting(&field);
        for curvature in [&[][..], &it.curvature] {
            let mut at = AtNodes::new(&field, &it.pool, it.x.as_slice());
            let mut jets = Jets::default();
            at.record(&it.parameters, curvature, &mut jets).unwrap();
            let shape = at.shape(jets.channels());
            let seeds = seeds(shape);
            let along = |h: f64| {
                let mut jets = Jets::default();
                let moved = moved(&it.parameters, h, &it.direction);
                at.curved_jets(&moved, curvature, &mut jets).unwrap();
                jets
            };
            let mut change = along(1e-5);
            change.add(-1.0, &along(-1e-5));
            let expected = product(&seeds, &change) / 2e-5;
            let mut gradient = vec![0.0; field.parameters()];
            at.pullback(&seeds, &mut gradient).unwrap();
            close(dot(&gradient, &it.direction), expected, "pullback");
            let mut forward = Jets::default();
            at.pushforward(&it.direction, shape.channels, &mut forward)
                .unwrap();
            close(product(&seeds, &forward), expected, "pushforward");
            // One row a node, with the seeds as its coefficients.
            let mut blocks = Blocks::default();
            blocks.reset(N, 1, shape);
            for (node, block) in blocks.iter_mut().enumerate() {
                let of = seeds.part(node..node + 1, shape);
                block.copy_from_slice(&[of.value, of.slope, of.curved].concat());
            }
            let stride = N + 3;
            let mut rows = vec![0.0; field.parameters() * stride];
            at.rows(0..N, &blocks, 0, &mut rows, stride);
            for (row, expected) in rows.chunks_exact(stride).zip(&gradient) {
                close(row[..N].iter().sum(), *expected, "rows");
            }
        }
    }
}

#[test]
fn derivatives_in_positions_agree_with_differences() {
    for field in fields() {
        let it = setting(&field);
        let mut at = AtNodes::new(&field, &it.pool, it.x.as_slice());
        at.record(&it.parameters, &[], &mut Jets::default())
            .unwrap();
        let shape = at.shape(Channels::First);
        let seeds = seeds(shape);
        let mut gradient = Vec::new();
        let seed = |nodes: Range<usize>, out: JetsMut<'_>| {
            let of = seeds.part(nodes, shape);
            out.value.copy_from_slice(of.value);
            out.slope.copy_from_slice(of.slope);
        };
        at.position_gradient(seed, &mut gradient).unwrap();
        for axis in 0..D {
            let mut change = shifted(&field, &it, axis, 1e-5);
            change.add(-1.0, &shifted(&field, &it, axis, -1e-5));
            for node in 0..N {
                let (s, j) = (
                    seeds.part(node..node + 1, shape),
                    change.part(node..node + 1, shape),
                );
                let expected = (dot(s.value, j.value) + dot(s.slope, j.slope)) / 2e-5;
                close(gradient[node * D + axis], expected, "position");
            }
        }
    }
}

/// `sum_q |jet_q|^2 / 2`.
struct Squares;

impl NodeSum for Squares {
    fn add(
        &self,
        _nodes: Range<usize>,
        jets: &mut Jets,
        seeds: &mut Jets,
        _scratch: &mut Vec<f64>,
        sums: &mut [f64; 2],
    ) -> Result<()> {
        sums[0] += 0.5 * product(jets, jets);
        seeds.clone_from(jets);
        Ok(())
    }

    fn caller_thread_only(&self) -> bool {
        false
    }
}

#[test]
fn a_sum_and_its_gradient_in_one_pass_are_those_of_the_passes_one_by_one() {
    for field in fields() {
        let it = setting(&field);
        let mut at = AtNodes::new(&field, &it.pool, it.x.as_slice());
        let mut gradient = vec![0.0; field.parameters()];
        let [sum, _] = at
            .sum_gradient(&it.parameters, &Squares, &mut gradient)
            .unwrap();
        let mut jets = Jets::default();
        at.record(&it.parameters, &[], &mut jets).unwrap();
        close(sum, 0.5 * product(&jets, &jets), "sum");
        let mut expected = vec![0.0; field.parameters()];
        at.pullback(&jets, &mut expected).unwrap();
        for (a, b) in gradient.iter().zip(&expected) {
            close(*a, *b, "gradient");
        }
    }
}

#[test]
fn a_lift_has_its_values_where_the_factor_vanishes() {
    for field in fields().into_iter().skip(1).step_by(2).take(2) {
        let it = setting(&field);
        let c = field.components();
        let x = [1.0, 0.4, -1.0, 0.9];
        let mut u = vec![0.0; 2 * c];
        field.evaluate(&it.pool, &it.parameters, &x, &mut u, None);
        for component in 0..c {
            assert_eq!(u[component], component as f64 + 0.4);
            assert_eq!(u[c + component], component as f64 - 0.9);
        }
    }
}

#[test]
fn kernels_of_scalars_take_no_network_of_a_vector() {
    let networks = fields().into_iter().map(|field| field.network().clone());
    let scalars: Vec<bool> = networks.map(|n| n.as_scalar().is_some()).collect();
    assert_eq!(scalars, [true, true, false, false, false, false]);
    // One component with a skip connection is none either: kernels of scalars would leave it out.
    let embedding = Embedding::affine(vec![0.0], vec![1.0]);
    let line = Network::vector(embedding, Activation::Tanh, 1, [3]);
    assert_eq!(line.outputs(), 1);
    assert!(line.as_scalar().is_none());
}
