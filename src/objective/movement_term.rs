//! The movement term of a stage in a local metric, `S/(2 tau) int m |u - c|^2`, at nodes.

use super::{LocalWeights, Metric};
use crate::error::{Error, Result};
use crate::quadrature::NodesView;
use std::ops::Range;

/// The term at nodes, with its derivatives.
#[derive(Clone, Debug)]
pub struct MovementTerm<'a> {
    /// The proximal centre c, `[n][components]`.
    centre: &'a [f64],
    components: usize,
    /// `S / tau`.
    strength: f64,
    weights: LocalWeights,
}

impl<'a> MovementTerm<'a> {
    /// The term of a local metric with the proximal centre c at nodes, `[n][c]`, and `S / tau`.
    ///
    /// # Errors
    /// [`Internal`](crate::ErrorKind::Internal) if the metric is not local.
    pub fn new(
        metric: &dyn Metric,
        nodes: NodesView<'_>,
        centre: &'a [f64],
        strength: f64,
    ) -> Result<Self> {
        let n = nodes.len().max(1);
        let weights = metric
            .weights(nodes.x.len() / n, nodes.x)
            .ok_or_else(|| Error::internal(format!("{metric:?} has no movement term at nodes")))?;
        Ok(Self {
            centre,
            components: (centre.len() / n).max(1),
            strength,
            weights,
        })
    }

    /// The term of a scalar field in a metric with these weights m at the nodes, `[n]`.
    #[must_use]
    pub const fn weighted(centre: &'a [f64], strength: f64, weights: Vec<f64>) -> Self {
        Self {
            centre,
            components: 1,
            strength,
            weights: LocalWeights::At(weights),
        }
    }

    /// `S / tau`.
    #[must_use]
    pub const fn strength(&self) -> f64 {
        self.strength
    }

    /// m at a node.
    #[must_use]
    pub fn weight(&self, node: usize) -> f64 {
        match &self.weights {
            LocalWeights::One => 1.0,
            LocalWeights::At(m) => m[node],
        }
    }

    /// `m S / tau` at a node: the second derivative in each component of u.
    #[must_use]
    pub fn second(&self, node: usize) -> f64 {
        self.strength * self.weight(node)
    }

    /// `m |u - c|^2` at a node.
    #[must_use]
    pub fn square(&self, node: usize, u: &[f64]) -> f64 {
        let first = node * self.components;
        let pairs = u.iter().zip(&self.centre[first..first + self.components]);
        self.weight(node) * pairs.map(|(u, c)| (u - c) * (u - c)).sum::<f64>()
    }

    /// `m S / tau (u - c)` at an entry of `[n][components]`: the first derivative in u there.
    #[must_use]
    pub fn first(&self, entry: usize, u: f64) -> f64 {
        self.second(entry / self.components) * (u - self.centre[entry])
    }

    /// Adds the term at a range of nodes to f, and its derivatives to `f_u` (`[n][c]`) and `f_uu` (`[n][c][c]`),
    /// where they are wanted.
    pub fn add_to(
        &self,
        nodes: Range<usize>,
        u: &[f64],
        f: Option<&mut [f64]>,
        f_u: Option<&mut [f64]>,
        f_uu: Option<&mut [f64]>,
    ) {
        let c = self.components;
        let centre = &self.centre[nodes.start * c..nodes.end * c];
        let rows = || u.chunks_exact(c).zip(centre.chunks_exact(c));
        let second = || nodes.clone().map(|node| self.second(node));
        if let Some(f) = f {
            for ((f, (u, centre)), k) in f.iter_mut().zip(rows()).zip(second()) {
                let moved = u.iter().zip(centre).map(|(u, c)| u - c);
                moved.for_each(|v| *f += 0.5 * k * v * v);
            }
        }
        if let Some(f_u) = f_u {
            let sums = f_u.chunks_exact_mut(c).zip(rows()).zip(second());
            for ((f_u, (u, centre)), k) in sums {
                let moved = u.iter().zip(centre).map(|(u, c)| u - c);
                f_u.iter_mut().zip(moved).for_each(|(f, v)| *f += k * v);
            }
        }
        if let Some(f_uu) = f_uu {
            for (f_uu, k) in f_uu.chunks_exact_mut(c * c).zip(second()) {
                f_uu.iter_mut().step_by(c + 1).for_each(|f| *f += k);
            }
        }
    }
}
