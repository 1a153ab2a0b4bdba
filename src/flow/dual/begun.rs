//! A flow of potentials that has begun: its functional and its site, and how a state is laid out in
//! parameters.

use super::site::Site;
use super::{Dual, Potential};
use crate::flow::REST;
use crate::flow::observed::masses;
use crate::quadrature::Nodes;

/// What there is once there is an initial density.
#[derive(Clone)]
pub(in crate::flow) struct Begun {
    pub dual: Dual,
    pub site: Site,
    /// Times that features were drawn.
    pub draws: u64,
}

impl Begun {
    /// The parameters of a state: the hidden layer, coefficients, positions and densities.
    pub fn parameters(&self, state: &Potential) -> Vec<f64> {
        let mut all = self.site.basis.features.hidden();
        for part in [&state.coefficients, &state.y, &state.rho] {
            all.extend_from_slice(part);
        }
        all
    }

    /// How many there are.
    pub fn size(&self) -> usize {
        let Site {
            network,
            basis,
            nodes,
            ..
        } = &self.site;
        let (n, d) = (nodes.len(), self.site.dimension());
        network.outputs_start() + basis.features.len() + n * (d + 1)
    }

    /// The potential that is in the parameters.
    pub fn potential(&self, parameters: &[f64]) -> Potential {
        let site = &self.site;
        let (d, n) = (site.dimension(), site.nodes.len());
        let (_, rest) = parameters.split_at(site.network.outputs_start());
        let (coefficients, rest) = rest.split_at(site.basis.features.len());
        let (y, rho) = rest.split_at(n * d);
        Potential {
            coefficients: coefficients.to_vec(),
            y: y.to_vec(),
            rho: rho.iter().map(|r| r.max(0.0)).collect(),
        }
    }

    /// The sum of masses `before` times the squares of the ways to where they are `after`.
    pub fn moved(&self, before: &[f64], after: &[f64]) -> f64 {
        let site = &self.site;
        let y = self.potential(after).y;
        let d = site.dimension();
        let points = y.chunks_exact(d).zip(site.nodes.x.chunks_exact(d));
        let squares =
            points.map(|(y, x)| y.iter().zip(x).map(|(y, x)| (y - x) * (y - x)).sum::<f64>());
        let masses = masses(&site.nodes, &self.potential(before).rho);
        squares.zip(masses).map(|(s, m)| s * m).sum()
    }

    /// Half the square of a motion that is rest for a density at nodes.
    pub fn rest(&self, nodes: &Nodes, rho: &[f64]) -> f64 {
        let d = self.site.dimension();
        let masses = masses(nodes, rho);
        let variance = |axis: usize| {
            let along = || nodes.x.iter().skip(axis).step_by(d).zip(&masses);
            let mean: f64 = along().map(|(x, m)| m * x).sum();
            along()
                .map(|(x, m)| m * (x - mean) * (x - mean))
                .sum::<f64>()
        };
        0.5 * REST * REST * (0..d).map(variance).sum::<f64>()
    }
}
