//! Derivatives against differences, on maps far from the identity.

use super::*;
use crate::domain::{Domain, DomainChoice};
use crate::energy::{Batch, Derivatives, EnergyDensity, PairBatch, PairKernel, Term, Traits};
use crate::field::{Activation, Embedding, EmbeddingChoice};
use crate::flow::{Context, Moment, Turn};
use crate::initial::profile::{Mixture, Profile};
use crate::minimize::Objective;
use crate::objective::{Form, Weighted};
use crate::options::Options;
use crate::quadrature::{Quadrature, Stream, generator};
use faer::Mat;
use rand::RngExt;
use std::sync::Arc;

mod sloped;

/// `rho ln rho + rho^2/2 + V rho` with `V = sum x_i^4 / 4`.
struct Mixed;

impl EnergyDensity for Mixed {
    fn traits(&self) -> Traits {
        Traits {
            uses_position: true,
            ..Traits::default()
        }
    }

    fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> Result<()> {
        let d = batch.d;
        for (node, (x, u)) in batch.x.chunks_exact(d).zip(batch.u).enumerate() {
            let v: f64 = x.iter().map(|x| 0.25 * x.powi(4)).sum();
            if let Some(f) = &mut wanted.f {
                f[node] = u * u.ln() + 0.5 * u * u + v * u;
            }
            if let Some(f_u) = &mut wanted.f_u {
                f_u[node] = u.ln() + 1.0 + u + v;
            }
            if let Some(f_uu) = &mut wanted.f_uu {
                f_uu[node] = 1.0 / u + 1.0;
            }
            if let Some(f_x) = &mut wanted.f_x {
                for (f, x) in f_x[node * d..].iter_mut().zip(x) {
                    *f = u * x.powi(3);
                }
            }
        }
        Ok(())
    }
}

/// A kernel of the distance by its value and its derivative over the distance; 0 at x = y, or what it is there.
pub(super) struct Radial {
    pub value: fn(f64) -> f64,
    pub slope: fn(f64) -> f64,
    pub origin: f64,
}

impl PairKernel for Radial {
    fn evaluate(
        &self,
        batch: &PairBatch<'_>,
        mut w: Option<&mut [f64]>,
        mut w_x: Option<&mut [f64]>,
    ) -> Result<()> {
        let d = batch.d;
        let pairs = batch.x.chunks_exact(d).zip(batch.y.chunks_exact(d));
        for (at, (x, y)) in pairs.enumerate() {
            let r = x
                .iter()
                .zip(y)
                .map(|(x, y)| (x - y) * (x - y))
                .sum::<f64>()
                .sqrt();
            if let Some(w) = &mut w {
                w[at] = if r > 0.0 {
                    (self.value)(r)
                } else {
                    self.origin
                };
            }
            if let Some(w_x) = &mut w_x {
                let slope = if r > 0.0 { (self.slope)(r) / r } else { 0.0 };
                let out = w_x[at * d..].iter_mut().zip(x.iter().zip(y));
                out.for_each(|(g, (x, y))| *g = slope * (x - y));
            }
        }
        Ok(())
    }
}

/// `W = exp(-|x - y|^2 / 2)`.
const BELL: Radial = Radial {
    value: |r| (-0.5 * r * r).exp(),
    slope: |r| -r * (-0.5 * r * r).exp(),
    origin: 1.0,
};

/// `W = ln |x - y|`.
pub(super) const LOGARITHM: Radial = Radial {
    value: f64::ln,
    slope: |r| 1.0 / r,
    origin: 0.0,
};

fn terms(flow: &mut Transport) {
    let term = |name: &str| Term {
        name: name.to_owned(),
        ..Term::default()
    };
    flow.add_term(Term {
        local: Some(Arc::new(Mixed)),
        ..term("mixed")
    })
    .unwrap();
    flow.add_term(Term {
        pair: Some(Arc::new(BELL)),
        ..term("bell")
    })
    .unwrap();
}

struct Problem {
    flow: Transport,
    labels: Nodes,
    centre: Centre,
    parameters: Vec<f64>,
    cx: Context,
}

/// Two threads, and else what is default.
fn context() -> Context {
    let mut options = Options::new();
    options.set("threads", 2).unwrap();
    Context::new(&options).unwrap()
}

impl Problem {
    /// A flow in dimension d on a space or a box, at random parameters.
    fn new(d: usize, on_box: bool) -> Self {
        let mut rng = generator(5, Stream::Weights, 0, 0);
        let domain = Domain::new(DomainChoice::Box, vec![-6.0; d], vec![7.0; d]).unwrap();
        let map = if on_box {
            let embedding = Embedding::new(EmbeddingChoice::Neumann, 2, &domain);
            Map::of_box(&domain, embedding, Activation::Tanh, [6, 5])
        } else {
            Map::of_space(&vec![0.2; d], vec![0.9; d], Activation::Tanh, [6, 5])
        };
        let mut flow = Transport::new(map);
        terms(&mut flow);
        let identity: Vec<f64> = (0..d * d)
            .map(|k| f64::from(u8::from(k % (d + 1) == 0)))
            .collect();
        let profile = Mixture::new(d, &[1.0], &vec![0.1; d], &identity).unwrap();
        let rule = Quadrature::Gauss {
            per_axis: [40, 9, 5][d - 1],
        };
        let labels = profile.labels(&rule, &mut rng).unwrap();
        let mut parameters = flow.map().identity(&mut rng);
        for p in &mut parameters {
            *p += 0.1 * (2.0 * rng.random::<f64>() - 1.0);
        }
        let values = labels.x.iter().map(|x| 0.9 * x + 0.1).collect();
        Self {
            flow,
            labels,
            centre: Centre {
                values,
                strength: 7.0,
                weights: None,
            },
            parameters,
            cx: context(),
        }
    }

    fn with<R>(&self, form: Option<Form>, work: impl FnOnce(&mut TransportStage<'_>) -> R) -> R {
        work(&mut self.flow.stage(&self.posed(), form).unwrap())
    }

    fn posed(&self) -> Posed<'_> {
        Posed {
            cx: &self.cx,
            nodes: &self.labels,
            centre: &self.centre,
            before: &self.parameters,
            turn: Turn::default(),
            moment: Moment::default(),
        }
    }

    fn moved(&self, direction: &[f64], h: f64) -> Vec<f64> {
        let line = self.parameters.iter().zip(direction);
        line.map(|(p, v)| p + h * v).collect()
    }

    /// Compares the gradient of a stage with differences of its values.
    #[track_caller]
    fn check_gradient(&self, form: Option<Form>, what: &str) {
        let mut gradient = vec![0.0; self.parameters.len()];
        self.with(form, |step| {
            step.gradient(&self.parameters, &mut gradient).unwrap();
            for seed in 0..3 {
                let v = self.direction(seed);
                let h = 1e-5;
                let up = step.value(&self.moved(&v, h)).unwrap();
                let down = step.value(&self.moved(&v, -h)).unwrap();
                let (slope, exact) = ((up - down) / (2.0 * h), dot(&gradient, &v));
                assert!(
                    (slope - exact).abs() < 1e-7 * (1.0 + exact.abs()),
                    "{what}: {slope} {exact}"
                );
            }
        });
    }

    fn direction(&self, seed: u64) -> Vec<f64> {
        let mut rng = generator(seed, Stream::Weights, 1, 0);
        let random = || 2.0 * rng.random::<f64>() - 1.0;
        std::iter::repeat_with(random)
            .take(self.parameters.len())
            .collect()
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[test]
fn the_gradient_is_that_of_the_value() {
    for (d, on_box) in [(1, false), (2, false), (3, false), (2, true)] {
        check_gradients(d, on_box, false);
    }
}

#[test]
fn the_gradient_is_that_of_the_value_with_a_singular_kernel() {
    for d in [2, 3] {
        check_gradients(d, false, true);
    }
}

fn check_gradients(d: usize, on_box: bool, is_singular: bool) {
    // Of least squares with a singular kernel the gradient is by differences in which a mass comes near to itself.
    let forms = [None, (!is_singular).then_some(Form::LeastSquares)];
    for form in forms {
        let mut problem = Problem::new(d, on_box);
        if is_singular {
            let term = Term {
                name: "logarithm".to_owned(),
                pair: Some(Arc::new(LOGARITHM)),
                ..Term::default()
            };
            problem.flow.add_term(term).unwrap();
        }
        if d == 2 {
            let weight = |x: &[f64]| 1.0 + 0.3 * x[0].cos();
            problem.flow.set_metric(Arc::new(Weighted::new(weight)));
        }
        problem.check_gradient(form, &format!("d = {d}, {form:?}"));
    }
}

#[test]
fn what_was_evaluated_before_changes_nothing() {
    for form in [None, Some(Form::Galerkin), Some(Form::LeastSquares)] {
        let problem = Problem::new(2, false);
        let there = problem.moved(&problem.direction(4), 0.02);
        let here = &problem.parameters;
        let known = |before: &dyn Fn(&mut TransportStage<'_>)| {
            problem.with(form, |step| {
                before(step);
                let mut gradient = vec![0.0; here.len()];
                let value = step.linearize(here, &mut gradient).unwrap();
                let mut product = vec![0.0; here.len()];
                let v = problem.direction(9);
                step.linear().product(&v, &mut product).unwrap();
                let again = step.value(here).unwrap();
                (value, again, step.scale(), gradient, product)
            })
        };
        let alone = known(&|_| {});
        let with_value = known(&|step| assert!(step.value(here).unwrap().is_finite()));
        let with_both = known(&|step| {
            let mut gradient = vec![0.0; here.len()];
            step.linearize(&there, &mut gradient).unwrap();
            step.value(here).unwrap();
            step.gradient(here, &mut gradient).unwrap();
        });
        let from_elsewhere = known(&|step| {
            step.linearize(here, &mut vec![0.0; here.len()]).unwrap();
            step.value(&there).unwrap();
        });
        for other in [with_value, with_both, from_elsewhere] {
            assert!(alone == other, "{form:?}");
        }
        let elsewhere = problem.with(form, |step| step.value(&there).unwrap());
        assert!((elsewhere - alone.0).abs() > 1e-3 * alone.0.abs());
    }
}

#[test]
fn the_strong_residual_is_the_velocity_of_the_weak_form() {
    // Against smooth changes of the map the two forms agree: the labels integrate them.
    for d in [1, 2] {
        let mut problem = Problem::new(d, false);
        let profile = Mixture::new(
            d,
            &[1.0],
            &vec![0.1; d],
            &(0..d * d)
                .map(|k| f64::from(u8::from(k % (d + 1) == 0)))
                .collect::<Vec<_>>(),
        )
        .unwrap();
        let mut rng = generator(5, Stream::Weights, 0, 0);
        let rule = Quadrature::Gauss {
            per_axis: [200, 110][d - 1],
        };
        problem.labels = profile.labels(&rule, &mut rng).unwrap();
        problem.centre.values = problem.labels.x.iter().map(|x| 0.9 * x + 0.1).collect();
        let mut weak = vec![0.0; problem.parameters.len()];
        let mut strong = weak.clone();
        problem.with(None, |s| {
            s.gradient(&problem.parameters, &mut weak).unwrap()
        });
        problem.with(Some(Form::Galerkin), |s| {
            s.gradient(&problem.parameters, &mut strong).unwrap()
        });
        let size = dot(&weak, &weak).sqrt();
        for (a, b) in weak.iter().zip(&strong) {
            assert!((a - b).abs() < 2e-6 * size, "d = {d}: {a} {b}");
        }
    }
}

#[test]
fn the_model_is_a_sum_of_squares_and_its_products_are_those_of_its_rows() {
    let shapes = [(1, false), (2, true), (3, false)];
    let forms = [None, Some(Form::LeastSquares)];
    for ((d, on_box), form) in shapes.into_iter().flat_map(|s| forms.map(|f| (s, f))) {
        let problem = Problem::new(d, on_box);
        let n = problem.parameters.len();
        let mut gradient = vec![0.0; n];
        problem.with(form, |step| {
            step.linearize(&problem.parameters, &mut gradient).unwrap();
            let mut linear = step.linear();
            let stride = linear.nodes().next_multiple_of(64) * linear.rows_per_node();
            let mut rows = vec![0.0; n * stride];
            linear.rows(0..problem.labels.len(), &mut rows, stride);
            let rows = Mat::from_fn(stride, n, |i, j| rows[j * stride + i]);
            let v = problem.direction(9);
            let image = rows.transpose() * (&rows * Mat::from_fn(n, 1, |i, _| v[i]));
            let mut product = vec![0.0; n];
            linear.product(&v, &mut product).unwrap();
            for (i, p) in product.iter().enumerate() {
                let size = 1.0 + image[(i, 0)].abs();
                assert!(
                    (p - image[(i, 0)]).abs() < 1e-9 * size,
                    "{p} {}",
                    image[(i, 0)]
                );
            }
        });
    }
}

/// In one dimension `tr B^2` and `|B|^2` are the same, and with an affine map, which is linear in
/// its parameters, the model without interactions is the whole second derivative.
#[test]
fn the_model_is_the_second_derivative_of_an_affine_map_in_one_dimension() {
    let map = Map::of_space(&[0.2], vec![0.9], Activation::Tanh, []);
    let mut flow = Transport::new(map);
    flow.add_term(Term {
        name: "mixed".to_owned(),
        local: Some(Arc::new(Mixed)),
        ..Term::default()
    })
    .unwrap();
    let problem = Problem {
        flow,
        parameters: vec![0.3, -0.2],
        ..Problem::new(1, false)
    };
    problem.with(None, |step| {
        let mut gradient = vec![0.0; 2];
        step.linearize(&problem.parameters, &mut gradient).unwrap();
        let v = [0.7, -0.4];
        let mut product = vec![0.0; 2];
        step.linear().product(&v, &mut product).unwrap();
        let h = 1e-5;
        let (mut up, mut down) = (vec![0.0; 2], vec![0.0; 2]);
        step.gradient(&problem.moved(&v, h), &mut up).unwrap();
        step.gradient(&problem.moved(&v, -h), &mut down).unwrap();
        for (i, p) in product.iter().enumerate() {
            let second = (up[i] - down[i]) / (2.0 * h);
            assert!((p - second).abs() < 1e-6 * (1.0 + p.abs()), "{p} {second}");
        }
    });
}

#[test]
fn points_are_found_where_their_labels_went() {
    for (d, on_box) in [(1, false), (2, false), (2, true), (3, false)] {
        let problem = Problem::new(d, on_box);
        let observed = problem
            .flow
            .observe(&problem.cx.pool, &problem.labels, &problem.parameters)
            .unwrap();
        // Search from labels far apart.
        let few = Nodes {
            x: problem.labels.x[..d].to_vec(),
            ..Nodes::default()
        };
        let found = problem
            .flow
            .preimages(
                &problem.cx.pool,
                &problem.parameters,
                &few,
                &observed.u[..d],
                &observed.u,
            )
            .unwrap();
        for (a, b) in found.x.iter().zip(&problem.labels.x) {
            assert!((a - b).abs() < 1e-10, "d = {d}: {a} {b}");
        }
        for (jacobian, (before, now)) in found
            .jacobian
            .iter()
            .zip(problem.labels.rho.iter().zip(&observed.rho))
        {
            assert!((jacobian / (before / now) - 1.0).abs() < 1e-9);
        }
    }
}

#[test]
fn a_map_that_folds_is_refused() {
    let problem = Problem::new(1, false);
    let mut parameters = vec![0.0; problem.parameters.len()];
    // The slope of the affine part, in units of the scale: DX = 1 - 1.5.
    *parameters.last_mut().unwrap() = -1.5;
    let refused = problem
        .with(None, |step| step.value(&parameters))
        .unwrap_err();
    assert!(refused.kind().is_recoverable() && refused.message().contains("determinant"));
}
