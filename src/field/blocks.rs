//! Blocks at nodes: the curvature of an objective in the jet of each node as `L L^T`. The rows of
//! `L^T J` over all nodes are those of Gauss-Newton's least squares.

use super::{JetShape, Jets, JetsMut, JetsRef};
use crate::linear_algebra::dot;
use std::borrow::Cow;
use std::ops::Range;

/// `L^T` of every node.
#[derive(Clone, Debug, Default)]
pub struct Blocks {
    /// Rows that a node contributes.
    rows: usize,
    /// The jets that a row has coefficients of: value `[c]`, slope `[c][d]`, curved `[c]`,
    /// hessian `[c][d][d]`.
    shape: JetShape,
    /// Whether every `L^T` is diagonal, in many dimensions a small part of it all.
    diagonal: bool,
    /// `[n][rows][size]`, of diagonal ones `[n][size]`.
    data: Vec<f64>,
}

impl Blocks {
    /// Makes room for n nodes with `rows` rows each, all zero.
    pub fn reset(&mut self, n: usize, rows: usize, shape: JetShape) {
        self.rows = rows;
        self.shape = shape;
        self.diagonal = false;
        self.data.clear();
        self.data.resize(n * rows * shape.size(), 0.0);
    }

    /// Makes room for n nodes with a diagonal each, all zero.
    pub fn reset_diagonal(&mut self, n: usize, shape: JetShape) {
        self.rows = shape.size();
        self.shape = shape;
        self.diagonal = true;
        self.data.clear();
        self.data.resize(n * shape.size(), 0.0);
    }

    /// Rows that a node contributes.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// The jets that a row has coefficients of.
    #[must_use]
    pub const fn shape(&self) -> JetShape {
        self.shape
    }

    /// The block of each node, `[rows][size]`, of diagonal ones `[size]`.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut [f64]> {
        let size = self.shape.size();
        let block = if self.diagonal {
            size
        } else {
            self.rows * size
        };
        self.data.chunks_exact_mut(block.max(1))
    }

    /// The rows of some nodes, `[n][rows][size]`.
    #[must_use]
    pub fn of(&self, nodes: Range<usize>) -> Cow<'_, [f64]> {
        let size = self.shape.size();
        if !self.diagonal {
            let block = self.rows * size;
            return Cow::Borrowed(&self.data[nodes.start * block..nodes.end * block]);
        }
        let mut rows = vec![0.0; nodes.len() * size * size];
        let entries = &self.data[nodes.start * size..nodes.end * size];
        for (row, entry) in entries.iter().enumerate() {
            rows[row * size + row % size] = *entry;
        }
        Cow::Owned(rows)
    }

    /// Replaces jets j, of the shape of a row, at the nodes from the `first` on by `L L^T j`.
    pub fn apply(&self, first: usize, jets: &mut JetsMut<'_>) {
        let c = self.shape.components;
        if self.diagonal {
            let entries = jets.value.iter_mut().zip(&self.data[first * c..]);
            entries.for_each(|(j, a)| *j *= a * a);
            return;
        }
        let mut out = vec![0.0; self.shape.size()];
        for node in 0..jets.value.len() / c {
            out.fill(0.0);
            for row in self.block(first + node) {
                let sum = self.product(row, jets.as_ref(), node);
                out.iter_mut().zip(row).for_each(|(o, a)| *o += sum * a);
            }
            self.put(&out, jets, node);
        }
    }

    /// `sum_r weight_r L_r` of each node; `weights` gives `[rows]` for each.
    pub fn combined<'w>(&self, weights: impl Iterator<Item = &'w [f64]>) -> Jets {
        let mut jets = Jets::default();
        jets.resize(self.nodes(), self.shape);
        if self.diagonal {
            let entries = weights.flatten().zip(&self.data);
            let out = jets.value.iter_mut().zip(entries);
            out.for_each(|(o, (w, a))| *o = w * a);
            return jets;
        }
        let mut out = vec![0.0; self.shape.size()];
        for (node, weights) in (0..self.nodes()).zip(weights) {
            out.fill(0.0);
            for (row, weight) in self.block(node).zip(weights) {
                out.iter_mut().zip(row).for_each(|(o, r)| *o += weight * r);
            }
            self.put(&out, &mut jets.as_mut(), node);
        }
        jets
    }

    /// Hands `(node, row, L_row . jet)` to `take`.
    pub fn multiply(&self, jets: &Jets, mut take: impl FnMut(usize, usize, f64)) {
        if self.diagonal {
            let entries = jets.value.iter().zip(&self.data).enumerate();
            entries.for_each(|(at, (j, a))| take(at / self.rows, at % self.rows, a * j));
            return;
        }
        for node in 0..self.nodes() {
            for (row, coefficients) in self.block(node).enumerate() {
                take(node, row, self.product(coefficients, jets.as_ref(), node));
            }
        }
    }

    /// Drops the rows that vanish at every node.
    #[must_use]
    pub fn compressed(mut self) -> Self {
        let (rows, size) = (self.rows, self.shape.size());
        let is_zero = |row: &[f64]| row.iter().all(|v| *v == 0.0);
        let mut most = 1;
        for node in self.iter_mut() {
            let mut kept = 0;
            for row in 0..rows {
                let at = row * size..(row + 1) * size;
                if !is_zero(&node[at.clone()]) {
                    if kept < row {
                        node.copy_within(at.clone(), kept * size);
                        node[at].fill(0.0);
                    }
                    kept += 1;
                }
            }
            most = most.max(kept);
        }
        if most < rows {
            let nodes = self.data.chunks_exact(rows * size);
            self.data = nodes
                .flat_map(|node| &node[..most * size])
                .copied()
                .collect();
            self.rows = most;
        }
        self
    }

    fn nodes(&self) -> usize {
        let size = self.shape.size();
        let block = if self.diagonal {
            size
        } else {
            self.rows * size
        };
        self.data.len() / block.max(1)
    }

    /// The rows of a node.
    fn block(&self, node: usize) -> impl Iterator<Item = &[f64]> {
        let size = self.shape.size();
        let block = self.rows * size;
        self.data[node * block..(node + 1) * block].chunks_exact(size.max(1))
    }

    /// A row times the jet of a node.
    fn product(&self, row: &[f64], jets: JetsRef<'_>, node: usize) -> f64 {
        let (c, slope) = (self.shape.components, self.shape.slope());
        let (of_value, rest) = row.split_at(c);
        let (of_slope, rest) = rest.split_at(slope);
        let (of_curved, of_hessian) = rest.split_at(self.shape.curved());
        let mut sum = dot(of_value, &jets.value[node * c..(node + 1) * c]);
        if slope > 0 {
            sum += dot(of_slope, &jets.slope[node * slope..(node + 1) * slope]);
        }
        if !of_curved.is_empty() {
            sum += dot(of_curved, &jets.curved[node * c..(node + 1) * c]);
        }
        if !of_hessian.is_empty() {
            let size = of_hessian.len();
            sum += dot(of_hessian, &jets.hessian[node * size..(node + 1) * size]);
        }
        sum
    }

    /// Writes an array like a row as the jet of a node.
    fn put(&self, row: &[f64], jets: &mut JetsMut<'_>, node: usize) {
        let (c, slope) = (self.shape.components, self.shape.slope());
        let (value, rest) = row.split_at(c);
        let (slopes, rest) = rest.split_at(slope);
        let (curved, hessian) = rest.split_at(self.shape.curved());
        jets.value[node * c..(node + 1) * c].copy_from_slice(value);
        jets.slope[node * slope..(node + 1) * slope].copy_from_slice(slopes);
        if !curved.is_empty() {
            jets.curved[node * c..(node + 1) * c].copy_from_slice(curved);
        }
        if !hessian.is_empty() {
            let size = hessian.len();
            jets.hessian[node * size..(node + 1) * size].copy_from_slice(hessian);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::Channels;

    #[test]
    fn diagonals_do_as_the_rows_they_stand_for() {
        let n = 5;
        let shape = JetShape {
            dimension: 3,
            components: 3,
            channels: Channels::Value,
        };
        let mut diagonal = Blocks::default();
        diagonal.reset_diagonal(n, shape);
        let entries = diagonal.iter_mut().flatten().enumerate();
        entries.for_each(|(at, a)| *a = 0.3 + (at as f64).sin());
        let mut full = Blocks::default();
        full.reset(n, 3, shape);
        full.data.copy_from_slice(&diagonal.of(0..n));
        assert_eq!(diagonal.of(1..4), full.of(1..4));
        let jets = Jets {
            value: (0..n * 3).map(|at| (at as f64).cos()).collect(),
            ..Jets::default()
        };
        let (mut one, mut other) = (jets.clone(), jets.clone());
        diagonal.apply(0, &mut one.as_mut());
        full.apply(0, &mut other.as_mut());
        for (a, b) in one.value.iter().zip(&other.value) {
            assert!((a - b).abs() < 1e-15, "{a} for {b}");
        }
        let weights = || jets.value.chunks_exact(3);
        let (one, other) = (diagonal.combined(weights()), full.combined(weights()));
        assert_eq!(one.value, other.value);
        let products = |blocks: &Blocks| {
            let mut all = Vec::new();
            blocks.multiply(&jets, |node, row, product| all.push((node, row, product)));
            all
        };
        assert_eq!(products(&diagonal), products(&full));
    }
}
