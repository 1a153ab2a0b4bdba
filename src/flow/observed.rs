//! What moves, at nodes: u of an L2 flow, or the transport map X at labels.

use crate::quadrature::Nodes;

/// Where a stage moves from: `S/(2 tau) int |u - c|^2`.
#[derive(Clone, Debug, Default)]
pub struct Centre {
    /// c at the nodes, `[n]`, or `[n][d]` for a map; the parameters of `u_k` for a density.
    pub values: Vec<f64>,
    /// `S / tau`.
    pub strength: f64,
}

/// What moves, at nodes.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// u, `[n]`, or X, `[n][d]`.
    pub u: Vec<f64>,
    /// Its derivatives in x, `[n][d]`, or `[n][d][d]`.
    pub p: Vec<f64>,
    /// The density at the images of labels, `[n]`; empty for a field.
    pub rho: Vec<f64>,
}

impl Observed {
    /// Components at a node.
    fn width(&self, nodes: &Nodes) -> usize {
        (self.u.len() / nodes.len().max(1)).max(1)
    }

    /// The mass: `int u`, or that of the labels.
    #[must_use]
    pub fn mass(&self, nodes: &Nodes) -> f64 {
        if self.rho.is_empty() {
            let points = nodes.w.iter().zip(&self.u);
            points.map(|(w, u)| w * u).sum()
        } else {
            nodes.w.iter().sum()
        }
    }

    /// The norm in the metric of the flow.
    #[must_use]
    pub fn norm(&self, nodes: &Nodes) -> f64 {
        self.root_mean_square(nodes, &self.u)
    }

    /// The distance of two in the metric of the flow; for maps that of their positions, which bounds the
    /// Wasserstein distance from above.
    #[must_use]
    pub fn distance(&self, other: &Self, nodes: &Nodes) -> f64 {
        let pairs = self.u.iter().zip(&other.u);
        let differences: Vec<f64> = pairs.map(|(a, b)| a - b).collect();
        self.root_mean_square(nodes, &differences)
    }

    /// The least determinant of a map's derivative; NaN for a field.
    #[must_use]
    pub fn least_jacobian(&self, nodes: &Nodes) -> f64 {
        let pairs = nodes.rho.iter().zip(&self.rho);
        pairs
            .map(|(before, now)| before / now)
            .fold(f64::NAN, f64::min)
    }

    fn root_mean_square(&self, nodes: &Nodes, values: &[f64]) -> f64 {
        let points = nodes.w.iter().zip(values.chunks_exact(self.width(nodes)));
        let squares = points.map(|(w, v)| w * v.iter().map(|v| v * v).sum::<f64>());
        squares.sum::<f64>().sqrt()
    }
}
