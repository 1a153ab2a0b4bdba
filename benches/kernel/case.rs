//! What is measured: networks, nodes, parameters and the objective. Every contender computes them
//! by these formulas, so that their results can be compared (`jax_kernel.py` has the same).

use movimento::Result;
use movimento::domain::{Domain, DomainChoice};
use movimento::energy::{Batch, Derivatives};
use movimento::field::{Activation, Embedding, EmbeddingChoice, Network};
use movimento::objective::Integrand;
use movimento::quadrature::Nodes;
use std::f64::consts::PI;
use std::ops::Range;

/// A network and how many nodes it is evaluated at.
#[derive(Clone, Copy)]
pub struct Case {
    pub name: &'static str,
    pub dimension: usize,
    pub hidden: &'static [usize],
    pub nodes: usize,
}

pub const CASES: [Case; 3] = [
    Case {
        name: "2x256, 2-D, 10000 nodes",
        dimension: 2,
        hidden: &[256, 256],
        nodes: 10_000,
    },
    Case {
        name: "3x256, 8-D, 50000 nodes",
        dimension: 8,
        hidden: &[256, 256, 256],
        nodes: 50_000,
    },
    Case {
        name: "3x24, 2-D, 10000 nodes",
        dimension: 2,
        hidden: &[24, 24, 24],
        nodes: 10_000,
    },
];

/// `S / tau` and kappa of the objective
/// `sum_q w_q (strength/2 (u - c)^2 + kappa/2 |grad u|^2)`, `c(x) = cos(pi x_1)`.
pub const STRENGTH: f64 = 200.0;
pub const KAPPA: f64 = 0.1;

impl Case {
    pub fn named(name: &str) -> Option<Self> {
        CASES.into_iter().find(|case| case.name == name)
    }

    /// The network, on the box [-1, 1]^d without embedding.
    pub fn network(&self) -> Result<Network> {
        let d = self.dimension;
        let domain = Domain::new(DomainChoice::Box, vec![-1.0; d], vec![1.0; d])?;
        let embedding = Embedding::new(EmbeddingChoice::None, 1, &domain);
        Network::try_new(embedding, Activation::Tanh, d, self.hidden.iter().copied())
    }

    /// Parameters of the size of Glorot's, layer after layer: weights, then biases.
    pub fn parameters(&self) -> Vec<f64> {
        let mut widths = vec![self.dimension];
        widths.extend(self.hidden);
        widths.push(1);
        let mut parameters = Vec::new();
        for pair in widths.windows(2) {
            let bound = (3.0 / pair[0] as f64).sqrt();
            for bound in [vec![bound; pair[0] * pair[1]], vec![1.0; pair[1]]].concat() {
                let i = parameters.len() as f64;
                parameters.push(bound * (2.0 * (i * 0.754_877_666_246_693).fract() - 1.0));
            }
        }
        parameters
    }

    /// A direction in the space of the parameters.
    pub fn direction(&self) -> Vec<f64> {
        (0..self.parameters().len())
            .map(|i| (0.7 * i as f64).cos())
            .collect()
    }

    /// A lattice in [-1, 1]^d, with equal weights.
    pub fn quadrature(&self) -> Nodes {
        let d = self.dimension;
        let x = (0..self.nodes * d)
            .map(|at| {
                let rate = ((2 + at % d) as f64).sqrt();
                2.0 * (rate * (1 + at / d) as f64).fract() - 1.0
            })
            .collect();
        Nodes {
            x,
            w: vec![1.0 / self.nodes as f64; self.nodes],
            ..Nodes::default()
        }
    }

    /// Products of matrix and vector that the derivatives of (u, grad u) at one node cannot do
    /// without: two for u and grad u, four for a product with the Jacobian from either side.
    pub fn flops(&self) -> f64 {
        let mut weights = 0;
        let mut inputs = self.dimension;
        for width in self.hidden {
            weights += inputs * width;
            inputs = *width;
        }
        6.0 * 2.0 * (weights + inputs) as f64 * self.nodes as f64
    }
}

pub fn centre(x: &[f64]) -> f64 {
    (PI * x[0]).cos()
}

/// The integrand of the objective.
pub struct Movement {
    pub centre: Vec<f64>,
}

impl Integrand for Movement {
    fn evaluate(
        &self,
        nodes: Range<usize>,
        batch: &Batch<'_>,
        wanted: &mut Derivatives<'_>,
    ) -> Result<()> {
        let moved: Vec<f64> = batch
            .u
            .iter()
            .zip(&self.centre[nodes])
            .map(|(u, c)| u - c)
            .collect();
        if let Some(f) = &mut wanted.f {
            for ((f, m), p) in f.iter_mut().zip(&moved).zip(batch.p.chunks_exact(batch.d)) {
                let squares: f64 = p.iter().map(|p| p * p).sum();
                *f = 0.5 * (STRENGTH * m * m + KAPPA * squares);
            }
        }
        if let Some(f_u) = &mut wanted.f_u {
            f_u.iter_mut()
                .zip(&moved)
                .for_each(|(f, m)| *f = STRENGTH * m);
        }
        if let Some(f_p) = &mut wanted.f_p {
            f_p.iter_mut()
                .zip(batch.p)
                .for_each(|(f, p)| *f = KAPPA * p);
        }
        Ok(())
    }

    fn caller_thread_only(&self) -> bool {
        false
    }

    fn scale(&self, _node: usize, _u: &[f64]) -> f64 {
        0.0
    }
}
