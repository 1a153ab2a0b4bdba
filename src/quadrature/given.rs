//! Nodes that the host hands over: checked, and split where none were given for checks.

use super::{Boundary, Nodes, require_room};
use crate::communicator::Ranks;
use crate::domain::Domain;
use crate::error::{Error, Result};

/// Without nodes for checks one in so many is held out.
const HOLD_OUT: usize = 8;

/// How far outside the box a node may be by rounding, relative to the side.
const SLACK: f64 = 1e-9;

/// How much larger than the box a domain may be by the error of its rule.
const EXCESS: f64 = 0.01;

/// How far from 1 the length of a normal may be.
const UNIT: f64 = 1e-6;

/// A host's nodes for the integrals of a step and for checks.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    pub nodes: Nodes,
    pub check: Nodes,
}

impl Given {
    /// Checks the nodes, of which each rank has its own.
    ///
    /// # Errors
    /// [`Argument`](crate::ErrorKind::Argument) if shapes do not fit, a position lies outside the
    /// box, or a weight is negative or not finite.
    pub(crate) fn new(
        ranks: &Ranks,
        domain: &Domain,
        (x, w): (&[f64], &[f64]),
        check: Option<(&[f64], &[f64])>,
    ) -> Result<Self> {
        let (all, volume) = checked(ranks, domain, x, w, ["x", "w"])?;
        let Some((x, w)) = check else {
            return Ok(Self::split(&all, domain.dimension()));
        };
        let (check, measured) = checked(ranks, domain, x, w, ["x_check", "w_check"])?;
        if (measured / volume - 1.0).abs() > 0.05 {
            return Err(Error::argument(format!(
                "`w_check` sums to {measured:e} and `w` to {volume:e}; accepted are weights of one domain, whose sums differ by less than 5 %"
            )));
        }
        Ok(Self { nodes: all, check })
    }

    /// Holds out one node of each eight that follow each other: its weight goes to the other
    /// seven, and as a check node it carries the weight of all. Hosts list nodes cell by cell, so that
    /// they are neighbours.
    fn split(all: &Nodes, d: usize) -> Self {
        let (mut nodes, mut check) = (Nodes::default(), Nodes::default());
        let groups = all.x.chunks(HOLD_OUT * d).zip(all.w.chunks(HOLD_OUT));
        for (group, (x, w)) in groups.enumerate() {
            let total: f64 = w.iter().sum();
            // Another place in each group, so that no direction is preferred.
            let out = (5 * group + 3) % HOLD_OUT;
            if w.len() < HOLD_OUT || total - w[out] <= 0.0 {
                nodes.x.extend_from_slice(x);
                nodes.w.extend_from_slice(w);
                continue;
            }
            let rest = total - w[out];
            for (at, (x, w)) in x.chunks_exact(d).zip(w).enumerate() {
                if at == out {
                    check.x.extend_from_slice(x);
                    check.w.push(total);
                } else {
                    nodes.x.extend_from_slice(x);
                    nodes.w.push(w * total / rest);
                }
            }
        }
        // The last few nodes are in no whole group: the checks integrate over the same volume.
        let sum = |nodes: &Nodes| nodes.w.iter().sum::<f64>();
        let ratio = sum(&nodes) / sum(&check).max(f64::MIN_POSITIVE);
        check.w.iter_mut().for_each(|w| *w *= ratio);
        Self { nodes, check }
    }
}

/// The nodes, and the volume of those of all ranks. `names` are those of the two arrays in messages.
fn checked(
    ranks: &Ranks,
    domain: &Domain,
    x: &[f64],
    w: &[f64],
    names: [&str; 2],
) -> Result<(Nodes, f64)> {
    let room = require_room(w.len(), domain.dimension());
    let volume = weights(ranks, room, w, names[1])?;
    positions(domain, x, w.len(), names[0])?;
    let box_volume = domain.box_volume();
    if volume > (1.0 + EXCESS) * box_volume {
        return Err(Error::argument(format!(
            "`{}` sums to {volume:e}; accepted is the volume of the domain, which is at most that of the box of the \
             options `lower` and `upper`, {box_volume:e}",
            names[1]
        )));
    }
    let nodes = Nodes {
        x: x.to_vec(),
        w: w.to_vec(),
        ..Nodes::default()
    };
    Ok((nodes, volume))
}

/// The sum of weights over the ranks, where there is room for the nodes; refused are those that are negative or not finite, and those
/// without a positive one on any rank.
fn weights(ranks: &Ranks, room: Result<()>, w: &[f64], name: &str) -> Result<f64> {
    let mut total = [w.len() as f64, w.iter().sum()];
    ranks.sum(room.and_then(|()| not_negative(w, name)), &mut total)?;
    let [n, sum] = total;
    if n == 0.0 {
        return Err(Error::argument(format!(
            "`{name}` is empty; accepted is at least one node"
        )));
    }
    if sum > 0.0 && sum.is_finite() {
        Ok(sum)
    } else {
        Err(Error::argument(format!(
            "`{name}` sums to {sum}; accepted is the volume of the domain, which is positive and finite"
        )))
    }
}

fn not_negative(w: &[f64], name: &str) -> Result<()> {
    if let Some(at) = w.iter().position(|w| !(w.is_finite() && *w >= 0.0)) {
        return Err(Error::argument(format!(
            "`{name}` has {} at entry {at}; accepted are finite weights, 0 or larger: with negative ones, such as \
             those of third-order rules on tetrahedra, what a step minimises need not have a minimum. Take a rule \
             of positive weights, on tetrahedra that of 4 nodes (order 2), of 14 (order 5) or a product of \
             Gauss-Jacobi rules (any order)",
            w[at]
        )));
    }
    Ok(())
}

/// Refuses positions that are not finite or outside the box.
fn positions(domain: &Domain, x: &[f64], n: usize, name: &str) -> Result<()> {
    let d = domain.dimension();
    if x.len() != n * d {
        return Err(Error::argument(format!(
            "`{name}` has {} entries; accepted is {n} nodes of {d} coordinates",
            x.len()
        )));
    }
    for (point, x) in x.chunks_exact(d).enumerate() {
        let corners = domain.lower().iter().zip(domain.upper());
        for (axis, (x, (lower, upper))) in x.iter().zip(corners).enumerate() {
            let slack = SLACK * (upper - lower);
            if !(*x >= lower - slack && *x <= upper + slack) {
                return Err(Error::argument(format!(
                    "`{name}` has {x} on axis {axis} of node {point}; accepted is {lower} to {upper}, the box of the options `lower` and `upper`"
                )));
            }
        }
    }
    Ok(())
}

impl Boundary {
    /// The host's nodes on the boundary, of which each rank has its own, checked. Normals are scaled to length 1.
    ///
    /// # Errors
    /// [`Argument`](crate::ErrorKind::Argument) as for nodes, or if a normal is not of length 1 or a side
    /// negative.
    pub(crate) fn given(
        ranks: &Ranks,
        domain: &Domain,
        x: &[f64],
        normal: &[f64],
        w: &[f64],
        side: &[i32],
    ) -> Result<Self> {
        weights(ranks, require_room(w.len(), domain.dimension()), w, "w")?;
        positions(domain, x, w.len(), "x")?;
        if normal.len() != x.len() {
            return Err(Error::argument(format!(
                "`normal` has {} entries; accepted is {}, as many as `x`",
                normal.len(),
                x.len()
            )));
        }
        let mut unit = normal.to_vec();
        for (point, normal) in unit.chunks_exact_mut(domain.dimension()).enumerate() {
            let length = normal.iter().map(|n| n * n).sum::<f64>().sqrt();
            if length.is_nan() || (length - 1.0).abs() > UNIT {
                return Err(Error::argument(format!(
                    "`normal` has the length {length} at node {point}; accepted are outward normals of length 1"
                )));
            }
            normal.iter_mut().for_each(|n| *n /= length);
        }
        if !(side.is_empty() || side.len() == w.len()) {
            return Err(Error::argument(format!(
                "`side` has {} entries; accepted are one for each of the {} nodes, or none",
                side.len(),
                w.len()
            )));
        }
        if let Some(at) = side.iter().position(|side| *side < 0) {
            return Err(Error::argument(format!(
                "`side` has {} at node {at}; accepted are numbers from 0 up",
                side[at]
            )));
        }
        let all = Self {
            x: x.to_vec(),
            normal: unit,
            w: w.to_vec(),
            side: match side.is_empty() {
                true => vec![0; w.len()],
                false => side.to_vec(),
            },
        };
        Ok(all.sorted())
    }

    /// The same nodes, those of one side after another.
    fn sorted(&self) -> Self {
        let mut sides = self.side.clone();
        sides.sort_unstable();
        sides.dedup();
        let mut all = Self::default();
        for side in sides {
            let one = self.on(|of| of == side);
            all.x.extend(one.x);
            all.normal.extend(one.normal);
            all.w.extend(one.w);
            all.side.extend(one.side);
        }
        all
    }
}
