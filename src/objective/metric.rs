//! Metrics: what a movement costs. A flow descends along the gradient that its metric makes of the
//! derivative of the functional.

use crate::communicator::Ranks;
use crate::error::{Error, Result};
use crate::field::CHUNK;
use crate::quadrature::NodesView;
use std::borrow::Cow;
use std::fmt::{self, Debug, Formatter};
use std::sync::Arc;

/// An inner product of tangent vectors, `<v, w> = int v . K w`, with values at nodes whose weights
/// are those of the integral: the volume of Omega for a field, the mass `rho_0` for labels.
///
/// A metric is local if K multiplies by a function m > 0. One that is not, such as that of H^-1
/// with `K = (-Laplace)^-1`, has a [`dual`](Self::dual) of its own, which norms and distances are
/// made of, and its flow poses stages by an objective of its own: a
/// [`MovementTerm`](super::MovementTerm) is a sum over nodes.
pub trait Metric: Debug + Send + Sync {
    /// m at positions x, `[n][d]`; `None` if the metric is not local.
    fn weights(&self, d: usize, x: &[f64]) -> Option<LocalWeights>;

    /// `K v` at this rank's nodes; v is `[n][c]`. Collective if the metric is not local.
    ///
    /// # Errors
    /// Errors of the other ranks.
    fn dual<'a>(
        &self,
        _ranks: &Ranks,
        nodes: NodesView<'_>,
        v: &'a [f64],
    ) -> Result<Cow<'a, [f64]>> {
        let n = nodes.len().max(1);
        match self.weights(nodes.x.len() / n, nodes.x) {
            Some(LocalWeights::One) => Ok(Cow::Borrowed(v)),
            Some(LocalWeights::At(m)) => {
                let width = (v.len() / n).max(1);
                let nodes = v.chunks_exact(width).zip(m);
                Ok(nodes
                    .flat_map(|(v, m)| v.iter().map(move |v| m * v))
                    .collect())
            }
            None => Err(Error::internal(format!("{self:?} has no dual"))),
        }
    }

    /// `|v|^2` of a tangent vector at nodes, `[n][c]`. Collective.
    ///
    /// # Errors
    /// Errors of the other ranks.
    fn squared_norm(&self, ranks: &Ranks, nodes: NodesView<'_>, v: &[f64]) -> Result<f64> {
        let dual = self.dual(ranks, nodes, v)?;
        let width = (v.len() / nodes.len().max(1)).max(1);
        // Time steps may be chosen by it: to the last bit the same on all numbers of ranks.
        let [sum] = ranks.sum_over(nodes.len(), CHUNK, |lane| {
            let entries = lane.start * width..lane.end * width;
            let (v, dual) = (&v[entries.clone()], &dual[entries]);
            let points = v.chunks_exact(width).zip(dual.chunks_exact(width));
            let points = nodes.w[lane].iter().zip(points);
            let product = |(v, dual): (&f64, &f64)| v * dual;
            [points
                .map(|(w, (v, dual))| w * v.iter().zip(dual).map(product).sum::<f64>())
                .sum()]
        })?;
        Ok(sum)
    }
}

impl<T: Metric + ?Sized> Metric for &T {
    fn weights(&self, d: usize, x: &[f64]) -> Option<LocalWeights> {
        (**self).weights(d, x)
    }

    fn dual<'a>(
        &self,
        ranks: &Ranks,
        nodes: NodesView<'_>,
        v: &'a [f64],
    ) -> Result<Cow<'a, [f64]>> {
        (**self).dual(ranks, nodes, v)
    }

    fn squared_norm(&self, ranks: &Ranks, nodes: NodesView<'_>, v: &[f64]) -> Result<f64> {
        (**self).squared_norm(ranks, nodes, v)
    }
}

/// The function m of a local metric at nodes.
#[derive(Clone, Debug, PartialEq)]
pub enum LocalWeights {
    /// 1 at every node.
    One,
    /// `[n]`.
    At(Vec<f64>),
}

/// K = 1: L2(Omega) for a field, `L2(rho_0; R^d)` for a transport map.
#[derive(Clone, Copy, Debug)]
pub struct Euclidean;

impl Metric for Euclidean {
    fn weights(&self, _d: usize, _x: &[f64]) -> Option<LocalWeights> {
        Some(LocalWeights::One)
    }
}

/// A function of one position, `[d]`.
type OfPosition = dyn Fn(&[f64]) -> f64 + Send + Sync;

/// K = m(x) > 0, the inverse of a mobility.
#[derive(Clone)]
pub struct Weighted(Arc<OfPosition>);

impl Weighted {
    /// The metric of a weight m(x) > 0.
    pub fn new(weight: impl Fn(&[f64]) -> f64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(weight))
    }
}

impl Debug for Weighted {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Weighted").finish_non_exhaustive()
    }
}

impl Metric for Weighted {
    fn weights(&self, d: usize, x: &[f64]) -> Option<LocalWeights> {
        let points = x.chunks_exact(d.max(1));
        Some(LocalWeights::At(points.map(|x| (self.0)(x)).collect()))
    }
}
