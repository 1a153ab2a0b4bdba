//! What a random sample of nodes can tell of a change of the energy.

use super::L2;
use super::energies::observed_jets;
use crate::communicator::Ranks;
use crate::error::Result;
use crate::flow::{Context, Observed};
use crate::quadrature::{Boundary, Nodes};

impl L2 {
    /// The standard error of the change of the energy from one state to another at nodes that are a random
    /// sample.
    ///
    /// # Errors
    /// Errors of the energies.
    pub fn noise(
        &self,
        cx: &Context,
        nodes: &Nodes,
        boundary: Option<&Boundary>,
        before: &Observed,
        after: &Observed,
    ) -> Result<f64> {
        let mut changes = vec![0.0; nodes.len()];
        let n = after.on_boundary.len() / self.components();
        let mut on_boundary = vec![0.0; n];
        for (observed, sign) in [(after, 1.0), (before, -1.0)] {
            for f in self.densities_in_domain(cx.time, (&nodes.x, observed_jets(observed)))? {
                add(&mut changes, sign, &f, &nodes.w);
            }
            let energies = self.on_boundary();
            for b in energies.densities(cx.time, boundary, &observed.on_boundary)? {
                let w = boundary.map_or(&[][..], |boundary| &boundary.w);
                add(&mut on_boundary, sign, &b, w);
            }
        }
        let variance = variance(cx.ranks(), &changes)? + variance(cx.ranks(), &on_boundary)?;
        Ok(variance.sqrt())
    }
}

fn add(changes: &mut [f64], sign: f64, f: &[f64], w: &[f64]) {
    let each = changes.iter_mut().zip(f).zip(w);
    each.for_each(|((change, f), w)| *change += sign * w * f);
}

/// The variance of a sum of independent shares, those of the other ranks included.
fn variance(ranks: &Ranks, shares: &[f64]) -> Result<f64> {
    let squares = shares.iter().map(|share| share * share).sum();
    let mut sums = [shares.len() as f64, shares.iter().sum(), squares];
    ranks.sum(Ok(()), &mut sums)?;
    let [n, sum, squares] = sums;
    let spread = (squares - sum * sum / n.max(1.0)).max(0.0);
    Ok(spread * n / (n - 1.0).max(1.0))
}
