//! What a random sample of nodes can tell of a change of the energy.

use super::L2;
use crate::error::Result;
use crate::flow::{Context, Observed};
use crate::quadrature::Nodes;

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
        before: &Observed,
        after: &Observed,
    ) -> Result<f64> {
        let mut changes = vec![0.0; nodes.len()];
        for (observed, sign) in [(after, 1.0), (before, -1.0)] {
            for term in self.densities_at(cx.time, (&nodes.x, &observed.u, &observed.p))? {
                let each = changes.iter_mut().zip(&term).zip(&nodes.w);
                each.for_each(|((change, f), w)| *change += sign * w * f);
            }
        }
        let squares = changes.iter().map(|change| change * change).sum();
        let mut sums = [changes.len() as f64, changes.iter().sum(), squares];
        cx.ranks().sum(Ok(()), &mut sums)?;
        let [n, sum, squares] = sums;
        // n independent shares of the change.
        let variance = (squares - sum * sum / n).max(0.0) * n / (n - 1.0).max(1.0);
        Ok(variance.sqrt())
    }
}
