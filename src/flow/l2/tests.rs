//! Stages in other metrics than that of L2(Omega).

use super::functional::L2;
use crate::domain::{Domain, DomainChoice};
use crate::energy::{Batch, Derivatives, EnergyDensity, Term, Traits};
use crate::error::{ErrorKind, Result};
use crate::field::{Activation, Embedding, EmbeddingChoice, Network};
use crate::flow::{Centre, Context, Moment, Posed, Turn};
use crate::linear_algebra::dot;
use crate::objective::{Euclidean, Form, LocalWeights, Metric, Weighted};
use crate::options::Options;
use crate::quadrature::{Nodes, NodesView, Quadrature, Stream, generator};
use std::borrow::Cow;
use std::sync::Arc;

/// `|grad u|^2 / 2 + u^2`: its derivatives of third order vanish.
struct Quadratic;

impl EnergyDensity for Quadratic {
    fn traits(&self) -> Traits {
        Traits {
            uses_gradient: true,
            ..Traits::default()
        }
    }

    fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> Result<()> {
        let d = batch.d;
        wanted.each(|array| array.fill(0.0));
        for (node, (u, p)) in batch.u.iter().zip(batch.p.chunks_exact(d)).enumerate() {
            if let Some(f) = &mut wanted.f {
                f[node] = 0.5 * dot(p, p) + u * u;
            }
            if let Some(f_u) = &mut wanted.f_u {
                f_u[node] = 2.0 * u;
            }
            if let Some(f_p) = &mut wanted.f_p {
                f_p[node * d..(node + 1) * d].copy_from_slice(p);
            }
            if let Some(f_uu) = &mut wanted.f_uu {
                f_uu[node] = 2.0;
            }
            if let Some(f_pp) = &mut wanted.f_pp {
                let block = &mut f_pp[node * d * d..(node + 1) * d * d];
                block.iter_mut().step_by(d + 1).for_each(|f| *f = 1.0);
            }
        }
        Ok(())
    }
}

const FORMS: [Option<Form>; 3] = [None, Some(Form::LeastSquares), Some(Form::Galerkin)];

struct Problem {
    flow: L2,
    nodes: Nodes,
    parameters: Vec<f64>,
    cx: Context,
}

/// Value, gradient, product with the model, and scale.
type Linearized = (f64, Vec<f64>, Vec<f64>, f64);

impl Problem {
    fn new(metric: Arc<dyn Metric>) -> Self {
        let mut rng = generator(2, Stream::Weights, 0, 0);
        let domain = Domain::new(DomainChoice::Box, vec![-1.0; 2], vec![1.0; 2]).unwrap();
        let embedding = Embedding::new(EmbeddingChoice::Neumann, 2, &domain);
        let mut flow = L2::new(Network::new(embedding, Activation::Tanh, 2, [7, 5]));
        flow.set_metric(metric);
        let energy = Term {
            local: Some(Arc::new(Quadratic)),
            name: "quadratic".to_owned(),
            ..Term::default()
        };
        flow.add_term(energy).unwrap();
        let rule = Quadrature::Gauss { per_axis: 9 };
        Self {
            nodes: rule.nodes(&domain, &mut rng).unwrap(),
            parameters: flow.network().initialize(&mut rng),
            flow,
            cx: Context::new(&Options::new()).unwrap(),
        }
    }

    /// The proximal centre with this `S / tau`.
    fn centre(&self, strength: f64) -> Centre {
        let points = self.nodes.x.chunks_exact(2);
        Centre {
            values: points.map(|x| (2.0 * x[0]).sin() * x[1]).collect(),
            strength,
            weights: None,
        }
    }

    fn posed<'a>(&'a self, centre: &'a Centre) -> Posed<'a> {
        Posed {
            cx: &self.cx,
            nodes: &self.nodes,
            centre,
            before: &self.parameters,
            turn: Turn::default(),
            moment: Moment::default(),
        }
    }

    fn linearized(&self, strength: f64, form: Option<Form>) -> Linearized {
        let centre = self.centre(strength);
        let mut stage = self.flow.stage(&self.posed(&centre), form).unwrap();
        let n = self.parameters.len();
        let (mut gradient, mut product) = (vec![0.0; n], vec![0.0; n]);
        let value = stage.linearize(&self.parameters, &mut gradient).unwrap();
        let v: Vec<f64> = (0..n).map(|i| (i as f64).cos()).collect();
        stage.linear().product(&v, &mut product).unwrap();
        (value, gradient, product, stage.scale())
    }
}

#[test]
fn a_constant_weight_is_a_shorter_time_step() {
    const M: f64 = 2.5;
    let weighted = Problem::new(Arc::new(Weighted::new(|_| M)));
    let plain = Problem::new(Arc::new(Euclidean));
    let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12 * (1.0 + b.abs()), "{a} {b}");
    for form in FORMS {
        let tau = 0.3;
        let (value, gradient, product, scale) = weighted.linearized(1.0 / tau, form);
        let expected = plain.linearized(M / tau, form);
        close(value, expected.0);
        gradient
            .iter()
            .zip(&expected.1)
            .for_each(|(a, b)| close(*a, *b));
        product
            .iter()
            .zip(&expected.2)
            .for_each(|(a, b)| close(*a, *b));
        close(scale, expected.3);
    }
}

#[test]
fn gradients_in_a_weighted_metric_are_those_of_the_value() {
    let problem = Problem::new(Arc::new(Weighted::new(|x| 1.5 + x[0] * x[1])));
    let centre = problem.centre(4.0);
    for form in [None, Some(Form::LeastSquares)] {
        let mut stage = problem.flow.stage(&problem.posed(&centre), form).unwrap();
        let n = problem.parameters.len();
        let mut gradient = vec![0.0; n];
        stage.gradient(&problem.parameters, &mut gradient).unwrap();
        let v: Vec<f64> = (0..n).map(|i| (1.7 * i as f64).cos()).collect();
        let mut value = |h: f64| {
            let line = problem.parameters.iter().zip(&v);
            let moved: Vec<f64> = line.map(|(p, v)| p + h * v).collect();
            stage.value(&moved).unwrap()
        };
        let slope = (value(1e-5) - value(-1e-5)) / 2e-5;
        let exact = dot(&gradient, &v);
        assert!(
            (slope - exact).abs() < 1e-7 * (1.0 + exact.abs()),
            "{form:?}: {slope} {exact}"
        );
    }
}

#[test]
fn norms_are_those_of_the_metric() {
    let problem = Problem::new(Arc::new(Weighted::new(|x| 1.5 + x[0] * x[1])));
    let (nodes, ranks) = (problem.nodes.view(), problem.cx.ranks());
    let v: Vec<f64> = (0..nodes.len()).map(|i| (i as f64).sin()).collect();
    let points = nodes.x.chunks_exact(2).zip(nodes.w.iter().zip(&v));
    let expected: f64 = points
        .map(|(x, (w, v))| w * (1.5 + x[0] * x[1]) * v * v)
        .sum();
    let square = problem
        .flow
        .metric()
        .squared_norm(ranks, nodes, &v)
        .unwrap();
    assert!((square / expected - 1.0).abs() < 1e-14);
}

/// `|v|^2 = (int v)^2`: every node feels all others.
#[derive(Debug)]
struct OfTheMean;

impl Metric for OfTheMean {
    fn weights(&self, _d: usize, _x: &[f64]) -> Option<LocalWeights> {
        None
    }

    fn dual<'a>(
        &self,
        _ranks: &crate::communicator::Ranks,
        nodes: NodesView<'_>,
        v: &'a [f64],
    ) -> Result<Cow<'a, [f64]>> {
        Ok(Cow::Owned(vec![dot(nodes.w, v); v.len()]))
    }
}

#[test]
fn a_metric_that_is_not_local_has_norms_but_no_term_at_nodes() {
    let problem = Problem::new(Arc::new(OfTheMean));
    let (nodes, ranks) = (problem.nodes.view(), problem.cx.ranks());
    let square = OfTheMean.squared_norm(ranks, nodes, &vec![1.0; nodes.len()]);
    assert!((square.unwrap() - 16.0).abs() < 1e-12);
    let centre = problem.centre(1.0);
    let refused = problem.flow.stage(&problem.posed(&centre), None).err();
    let refused = refused.expect("an objective of sums over nodes knows local metrics only");
    assert_eq!(refused.kind(), ErrorKind::Internal);
    assert!(refused.message().contains("OfTheMean"), "{refused}");
}

/// Changes on many samples of nodes spread as each sample says by itself.
#[test]
fn the_noise_of_an_energys_change_is_its_spread_over_samples() {
    let problem = Problem::new(Arc::new(Euclidean));
    let (cx, flow) = (&problem.cx, &problem.flow);
    let domain = Domain::new(DomainChoice::Box, vec![-1.0; 2], vec![1.0; 2]).unwrap();
    let moved: Vec<f64> = problem.parameters.iter().map(|p| 0.9 * p).collect();
    let rule = Quadrature::MonteCarlo { nodes: 400 };
    let (mut changes, mut variances) = (Vec::new(), Vec::new());
    for sample in 0..200 {
        let mut rng = generator(5, Stream::Check, sample, 0);
        let nodes = rule.nodes(&domain, &mut rng).unwrap();
        let [before, after] = [&problem.parameters, &moved]
            .map(|parameters| flow.observe(&cx.pool, &nodes, None, parameters).unwrap());
        let energy = |observed| {
            flow.energies(&cx.pool, 0.0, &nodes, None, observed)
                .unwrap()[0]
        };
        let [then, now] = [&before, &after].map(energy);
        changes.push(now - then);
        let noise = flow.noise(cx, &nodes, None, &before, &after).unwrap();
        variances.push(noise * noise);
    }
    let mean = |all: &[f64]| all.iter().sum::<f64>() / all.len() as f64;
    let middle = mean(&changes);
    let squares: Vec<f64> = changes.iter().map(|c| (c - middle).powi(2)).collect();
    let ratio = mean(&variances) / mean(&squares);
    // The variance of 200 draws is known to a tenth.
    assert!((0.7..1.4).contains(&ratio), "{ratio}");
}
