//! Nodes with their weights, in the domain and on its boundary.

use super::{BESIDE, Boundary, INSIDE};
use crate::fingerprint::Numbers;
use std::ops::Range;

/// Quadrature nodes and weights.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Nodes {
    /// Positions, `[n][d]`.
    pub x: Vec<f64>,
    /// Weights, `[n]`; they sum to the volume, and for the labels of a transport map to 1.
    pub w: Vec<f64>,
    /// For labels the density `rho_0` there, `[n]`; else empty.
    pub rho: Vec<f64>,
    /// For labels `grad ln rho_0`, `[n][d]`, where it is known; else empty.
    pub score: Vec<f64>,
    /// The side of the boundary that a node is on, [`INSIDE`] for those in the domain, `[n]`; empty where
    /// all are. Those on the boundary come last, and their weights sum to its area.
    pub side: Vec<i32>,
}

impl Nodes {
    /// How many nodes there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.w.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.w.is_empty()
    }

    /// How many are in the domain; those on its boundary come after them.
    #[must_use]
    pub fn inside(&self) -> usize {
        match self.side.is_empty() {
            true => self.len(),
            false => self.side.partition_point(|side| *side == INSIDE),
        }
    }

    /// Those in the domain, without those on its boundary.
    #[must_use]
    pub(crate) fn without_boundary(self) -> Self {
        if self.side.is_empty() {
            return self;
        }
        Self {
            side: Vec::new(),
            ..self.part(0..self.inside())
        }
    }

    /// Those that are not [`BESIDE`] the nodes of integrals.
    #[must_use]
    pub(crate) fn without_others(self) -> Self {
        let count = self.side.iter().filter(|side| **side != BESIDE).count();
        if self.side.is_empty() || count == self.len() {
            return self;
        }
        let mut own = self.part(0..count);
        if own.side.iter().all(|side| *side == INSIDE) {
            own.side.clear();
        }
        own
    }

    /// All of them for an integral over the domain: those on its boundary have no weight, and ranks have the same
    /// nodes as in an integral over both.
    #[must_use]
    pub(crate) fn of_the_domain(mut self) -> Self {
        let inside = self.inside();
        self.w[inside..].fill(0.0);
        self.side.clear();
        self
    }

    /// These in the domain, and after them others on its boundary.
    #[must_use]
    pub(crate) fn with_boundary(mut self, boundary: &Boundary) -> Self {
        if !boundary.w.is_empty() {
            self.side.resize(self.len(), INSIDE);
            self.side.extend_from_slice(&boundary.side);
            self.x.extend_from_slice(&boundary.x);
            self.w.extend_from_slice(&boundary.w);
        }
        self
    }

    /// Adds every number of theirs to a fingerprint.
    pub(crate) fn add_to(&self, numbers: &mut Numbers) {
        for list in [&self.x, &self.w, &self.rho, &self.score] {
            numbers.add(list);
        }
        let sides: Vec<f64> = self.side.iter().map(|side| f64::from(*side)).collect();
        numbers.add_if_any(&sides);
    }

    /// Some of them.
    #[must_use]
    pub(crate) fn part(&self, part: Range<usize>) -> Self {
        Self {
            x: part_of(&self.x, self.len(), &part),
            w: part_of(&self.w, self.len(), &part),
            rho: part_of(&self.rho, self.len(), &part),
            score: part_of(&self.score, self.len(), &part),
            side: match self.side.is_empty() {
                true => Vec::new(),
                false => self.side[part].to_vec(),
            },
        }
    }

    /// Positions and weights, borrowed.
    #[must_use]
    pub fn view(&self) -> NodesView<'_> {
        NodesView {
            x: &self.x,
            w: &self.w,
        }
    }
}

/// The entries of an array of n nodes that belong to some of them.
pub(super) fn part_of(array: &[f64], n: usize, part: &Range<usize>) -> Vec<f64> {
    let width = array.len() / n.max(1);
    let range = part.start * width..part.end * width;
    array[range].to_vec()
}

/// Borrowed positions and weights of quadrature nodes.
#[derive(Clone, Copy, Debug)]
pub struct NodesView<'a> {
    /// Positions, `[n][d]`.
    pub x: &'a [f64],
    /// Weights, `[n]`.
    pub w: &'a [f64],
}

impl NodesView<'_> {
    /// Number of nodes.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.w.len()
    }

    /// Whether there are no nodes.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.w.is_empty()
    }

    /// A range of the nodes.
    #[must_use]
    pub fn part(&self, part: Range<usize>) -> Self {
        let d = self.x.len() / self.len().max(1);
        Self {
            x: &self.x[part.start * d..part.end * d],
            w: &self.w[part],
        }
    }
}
