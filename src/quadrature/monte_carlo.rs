//! Independent uniform nodes.

use super::Nodes;
use crate::domain::Domain;
use rand::RngExt;

/// `n` nodes of equal weight.
pub(super) fn uniform(domain: &Domain, n: usize, rng: &mut impl RngExt) -> Nodes {
    let corners = || domain.lower().iter().zip(domain.upper());
    let mut x = Vec::with_capacity(n * domain.dimension());
    for _ in 0..n {
        x.extend(corners().map(|(lo, hi)| lo + (hi - lo) * rng.random::<f64>()));
    }
    Nodes {
        x,
        w: vec![domain.volume() / n as f64; n],
    }
}
