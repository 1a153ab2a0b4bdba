//! Gauss-Legendre rules: on intervals, on mapped panels, and their tensor products on boxes.

use super::Nodes;
use crate::error::{Error, ErrorKind, Result};
use gauss_quad::GaussLegendre;
use std::collections::BTreeMap;
use std::f64::consts::{FRAC_PI_2, PI};
use std::num::NonZeroUsize;

/// Rules on [-1, 1] that were computed already, by their number of nodes.
#[derive(Debug, Default)]
pub(super) struct Rules(BTreeMap<usize, Vec<(f64, f64)>>);

impl Rules {
    fn reference(&mut self, n: usize) -> Result<&[(f64, f64)]> {
        let degree = NonZeroUsize::new(n)
            .ok_or_else(|| Error::new(ErrorKind::Internal, "a Gauss rule without nodes"))?;
        let computed = || GaussLegendre::new(degree).as_node_weight_pairs().to_vec();
        Ok(self.0.entry(n).or_insert_with(computed))
    }

    /// `n` nodes and weights on an interval.
    pub(super) fn interval(&mut self, from: f64, to: f64, n: usize) -> Result<Vec<(f64, f64)>> {
        let (centre, half) = (0.5 * (from + to), 0.5 * (to - from));
        let rule = self.reference(n)?.iter();
        Ok(rule.map(|(t, w)| (centre + half * t, half * w)).collect())
    }

    /// Nodes at about this spacing on a panel, an `odd` number of them or an even one; at a `steep`
    /// end the integrand may behave like a square root, which a map with a vanishing derivative
    /// there makes smooth.
    pub(super) fn panel(
        &mut self,
        from: f64,
        to: f64,
        spacing: f64,
        odd: bool,
        steep: [bool; 2],
    ) -> Result<Vec<(f64, f64)>> {
        let length = to - from;
        // The maps spread the nodes away from where they crowd them.
        let (spread, least) = match steep {
            [false, false] => (1.0, 3.0),
            [true, true] => (FRAC_PI_2, 8.0),
            _ => (1.25, 6.0),
        };
        let n = (spread * length / spacing).ceil().clamp(least, 4096.0) as usize;
        let n = n + usize::from((n % 2 == 1) != odd);
        if steep == [false, false] {
            return self.interval(from, to, n);
        }
        let rule = self.interval(0.0, 1.0, n)?;
        let mapped = |(s, w): (f64, f64)| match steep {
            [true, true] => (
                from + length * (FRAC_PI_2 * s).sin().powi(2),
                w * length * FRAC_PI_2 * (PI * s).sin(),
            ),
            [true, false] => (from + length * s * s, w * length * 2.0 * s),
            _ => (
                to - length * (1.0 - s) * (1.0 - s),
                w * length * 2.0 * (1.0 - s),
            ),
        };
        Ok(rule.into_iter().map(mapped).collect())
    }
}

/// `per_axis^d` nodes on the box of these corners, exact for polynomials of degree
/// `2 per_axis - 1` in each variable.
pub(super) fn tensor(lower: &[f64], upper: &[f64], per_axis: usize) -> Result<Nodes> {
    grid(lower, upper, &vec![per_axis; lower.len()])
}

/// The same with so many nodes along each axis.
pub(super) fn grid(lower: &[f64], upper: &[f64], per_axis: &[usize]) -> Result<Nodes> {
    let mut rules = Rules::default();
    let axes = lower.iter().zip(upper).zip(per_axis);
    let axes: Result<Vec<_>> = axes
        .map(|((lo, hi), n)| rules.interval(*lo, *hi, *n))
        .collect();
    Ok(product(&axes?))
}

/// The product of a rule for each axis.
pub(super) fn product(axes: &[Vec<(f64, f64)>]) -> Nodes {
    let mut nodes = Nodes {
        w: vec![1.0],
        ..Nodes::default()
    };
    // Axis by axis, each partial node is repeated for every node of the next axis.
    for (axis, rule) in axes.iter().enumerate() {
        let size = nodes.w.len() * rule.len();
        let mut next = Nodes {
            x: Vec::with_capacity(size * (axis + 1)),
            w: Vec::with_capacity(size),
            ..Nodes::default()
        };
        for (index, w) in nodes.w.iter().enumerate() {
            let partial = &nodes.x[index * axis..(index + 1) * axis];
            for (x, v) in rule {
                next.x.extend_from_slice(partial);
                next.x.push(*x);
                next.w.push(w * v);
            }
        }
        nodes = next;
    }
    nodes
}
