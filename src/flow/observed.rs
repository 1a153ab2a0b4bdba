//! The moving quantity at nodes: u of an L2 flow, or the transport map X at labels.

use super::{Context, Flow};
use crate::communicator::Ranks;
use crate::error::Result;
use crate::objective::{LocalWeights, Metric};
use crate::quadrature::Nodes;

/// The proximal centre of a stage, where it moves from: `S/(2 tau) |u - c|^2` in the metric.
#[derive(Clone, Debug, Default)]
pub struct Centre {
    /// c at the nodes, `[n][c]`, or `[n][d]` for a map; the parameters of `u_k` for a density.
    pub values: Vec<f64>,
    /// `S / tau`.
    pub strength: f64,
    /// The metric's weights m at the nodes, `[n]`, where it is frozen for the step; else that of the flow holds.
    pub weights: Option<Vec<f64>>,
}

impl Centre {
    /// The metric that the movement is in, at its own nodes: the flow's, or that which is frozen.
    pub(crate) fn metric<'a>(&'a self, of_flow: &'a dyn Metric) -> Box<dyn Metric + 'a> {
        match &self.weights {
            Some(weights) => Box::new(AtNodes(weights)),
            None => Box::new(of_flow),
        }
    }
}

/// What a metric is frozen at for a step.
#[derive(Clone, Copy, Debug)]
pub struct Frozen<'a> {
    /// The time.
    pub time: f64,
    /// The state.
    pub parameters: &'a [f64],
}

/// A local metric whose weights are known at the nodes that it is asked for, and nowhere else.
#[derive(Debug)]
struct AtNodes<'a>(&'a [f64]);

impl Metric for AtNodes<'_> {
    fn weights(&self, _d: usize, _x: &[f64]) -> Option<LocalWeights> {
        Some(LocalWeights::At(self.0.to_vec()))
    }
}

/// The moving quantity at nodes; where these are split over ranks, at this rank's own.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// u, `[n][c]`, or X, `[n][d]`.
    pub u: Vec<f64>,
    /// Its derivatives in x, `[n][c][d]`, or `[n][d][d]`.
    pub p: Vec<f64>,
    /// Second derivatives of u, `[n][c][d][d]`, where an energy depends on them; else empty.
    pub h: Vec<f64>,
    /// The density at the images of labels, `[n]`; empty for a field.
    pub rho: Vec<f64>,
    /// Its gradient there, `[n][d]`, where an energy depends on it; else empty.
    pub rho_slope: Vec<f64>,
    /// u at the independent nodes on the boundary, where energies or multipliers are posed on it; else empty.
    pub on_boundary: Vec<f64>,
    /// u at the nodes on walls where multipliers hold it to given values; else empty.
    pub on_walls: Vec<f64>,
    /// u at the nodes where multipliers hold it between bounds; else empty.
    pub at_bounds: Vec<f64>,
}

impl Observed {
    /// The mass: `int u`, of several components the sum of theirs, or that of the labels.
    ///
    /// # Errors
    /// Errors of the other ranks.
    pub fn mass(&self, ranks: &Ranks, nodes: &Nodes) -> Result<f64> {
        let own = if self.rho.is_empty() {
            let c = (self.u.len() / nodes.len().max(1)).max(1);
            let points = nodes.w.iter().zip(self.u.chunks_exact(c));
            points.map(|(w, u)| w * u.iter().sum::<f64>()).sum()
        } else {
            nodes.w.iter().sum()
        };
        total(ranks, own)
    }

    /// The norm in a metric.
    ///
    /// # Errors
    /// As for [`mass`](Self::mass).
    pub fn norm(&self, metric: &dyn Metric, ranks: &Ranks, nodes: &Nodes) -> Result<f64> {
        Ok(metric.squared_norm(ranks, nodes.view(), &self.u)?.sqrt())
    }

    /// The distance of two in a metric; for maps that of their positions, which bounds the
    /// Wasserstein distance from above.
    ///
    /// # Errors
    /// As for [`mass`](Self::mass).
    pub fn distance(
        &self,
        metric: &dyn Metric,
        ranks: &Ranks,
        other: &Self,
        nodes: &Nodes,
    ) -> Result<f64> {
        let pairs = self.u.iter().zip(&other.u);
        let v: Vec<f64> = pairs.map(|(a, b)| a - b).collect();
        Ok(metric.squared_norm(ranks, nodes.view(), &v)?.sqrt())
    }

    /// The least determinant of a map's derivative; NaN for a field.
    ///
    /// # Errors
    /// As for [`mass`](Self::mass).
    pub fn least_jacobian(&self, ranks: &Ranks, nodes: &Nodes) -> Result<f64> {
        let pairs = nodes.rho.iter().zip(&self.rho);
        let largest = |most: f64, (before, now): (&f64, &f64)| most.max(-before / now);
        let mut most = [pairs.fold(f64::NEG_INFINITY, largest)];
        ranks.max(Ok(()), &mut most)?;
        let [most] = most;
        Ok(if most == f64::NEG_INFINITY {
            f64::NAN
        } else {
            -most
        })
    }
}

/// The distance of two in the metric of a flow, or in the one that is frozen for a step, at the independent nodes.
///
/// # Errors
/// Errors of the function that gives the metric, and of the other ranks.
pub(super) fn distance_at<F: Flow + ?Sized>(
    flow: &F,
    cx: &Context,
    frozen: Option<&Frozen<'_>>,
    [before, after]: [&Observed; 2],
) -> Result<f64> {
    let nodes = flow.check_nodes();
    let weights = match frozen {
        Some(of) => flow.weights(cx, nodes, of)?,
        None => None,
    };
    let centre = Centre {
        weights,
        ..Centre::default()
    };
    let metric = centre.metric(flow.metric());
    after.distance(&*metric, cx.ranks(), before, nodes)
}

/// The masses of a density at nodes.
pub(super) fn masses(nodes: &Nodes, rho: &[f64]) -> Vec<f64> {
    nodes.w.iter().zip(rho).map(|(w, r)| w * r).collect()
}

/// The sum of what each rank has.
pub(super) fn total(ranks: &Ranks, own: f64) -> Result<f64> {
    let mut sum = [own];
    ranks.sum(Ok(()), &mut sum)?;
    let [sum] = sum;
    Ok(sum)
}
