//! The curvature of a step in the jet of each label, as `L L^T`.

use std::borrow::Cow;
use std::ops::Range;

/// `L^T` of every label.
#[derive(Clone, Debug, Default)]
pub(super) struct Blocks {
    /// Rows a label contributes.
    pub rows: usize,
    /// Entries that a row has: those of a jet, or the d of the values where no other counts.
    pub size: usize,
    /// Whether every `L^T` is diagonal, in many dimensions a small part of it all.
    diagonal: bool,
    /// `[n][rows][size]`, of diagonal ones `[n][size]`.
    pub data: Vec<f64>,
}

impl Blocks {
    /// Room for n labels.
    pub fn reset(&mut self, n: usize, rows: usize, size: usize) {
        self.rows = rows;
        self.size = size;
        self.diagonal = false;
        self.data.clear();
        self.data.resize(n * rows * size, 0.0);
    }

    /// Room for n labels with a diagonal each.
    pub fn reset_diagonal(&mut self, n: usize, size: usize) {
        self.rows = size;
        self.size = size;
        self.diagonal = true;
        self.data.clear();
        self.data.resize(n * size, 0.0);
    }

    /// The rows of some labels, `[n][rows][size]`.
    pub fn of(&self, nodes: Range<usize>) -> Cow<'_, [f64]> {
        let size = self.size;
        if !self.diagonal {
            let block = self.rows * size;
            return Cow::Borrowed(&self.data[nodes.start * block..nodes.end * block]);
        }
        let mut rows = vec![0.0; nodes.len() * size * size];
        for (row, entry) in self.data[nodes.start * size..nodes.end * size]
            .iter()
            .enumerate()
        {
            rows[row * size + row % size] = *entry;
        }
        Cow::Owned(rows)
    }

    /// Replaces jets j, as long as a row, by `L L^T j`.
    pub fn apply(&self, jets: &mut [f64]) {
        if self.diagonal {
            let entries = jets.iter_mut().zip(&self.data);
            entries.for_each(|(j, a)| *j *= a * a);
            return;
        }
        let mut out = vec![0.0; self.size];
        let rows = self.data.chunks_exact(self.rows * self.size);
        for (jet, rows) in jets.chunks_exact_mut(self.size).zip(rows) {
            out.fill(0.0);
            for row in rows.chunks_exact(self.size) {
                let sum: f64 = row.iter().zip(&*jet).map(|(a, j)| a * j).sum();
                out.iter_mut().zip(row).for_each(|(o, a)| *o += sum * a);
            }
            jet.copy_from_slice(&out);
        }
    }

    /// `sum_r weight_r L_r` of each label, `[n][size]`.
    pub fn combined<'w>(&self, weights: impl Iterator<Item = &'w [f64]>) -> Vec<f64> {
        if self.diagonal {
            let entries = weights.flatten().zip(&self.data);
            return entries.map(|(w, a)| w * a).collect();
        }
        let mut out = vec![0.0; self.data.len() / self.rows.max(1)];
        let labels = self.data.chunks_exact(self.rows * self.size);
        let labels = labels.zip(out.chunks_exact_mut(self.size));
        for ((rows, out), weights) in labels.zip(weights) {
            for (row, weight) in rows.chunks_exact(self.size).zip(weights) {
                out.iter_mut().zip(row).for_each(|(o, r)| *o += weight * r);
            }
        }
        out
    }

    /// Hands `(label, row, L_row . jet)` to `take`.
    pub fn multiply(&self, jets: &[f64], mut take: impl FnMut(usize, usize, f64)) {
        if self.diagonal {
            let entries = jets.iter().zip(&self.data).enumerate();
            entries.for_each(|(at, (j, a))| take(at / self.size, at % self.size, a * j));
            return;
        }
        let labels = self.data.chunks_exact(self.rows * self.size);
        for (node, (rows, jet)) in labels.zip(jets.chunks_exact(self.size)).enumerate() {
            for (row, coefficients) in rows.chunks_exact(self.size).enumerate() {
                take(
                    node,
                    row,
                    coefficients.iter().zip(jet).map(|(c, j)| c * j).sum(),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn diagonals_do_as_the_rows_they_stand_for() {
        let (n, d) = (5, 3);
        let mut diagonal = Blocks::default();
        diagonal.reset_diagonal(n, d);
        let entries = diagonal.data.iter_mut().enumerate();
        entries.for_each(|(at, a)| *a = 0.3 + (at as f64).sin());
        let mut full = Blocks::default();
        full.reset(n, d, d);
        full.data.copy_from_slice(&diagonal.of(0..n));
        assert_eq!(diagonal.of(1..4), full.of(1..4));
        let jets: Vec<f64> = (0..n * d).map(|at| (at as f64).cos()).collect();
        let (mut one, mut other) = (jets.clone(), jets.clone());
        diagonal.apply(&mut one);
        full.apply(&mut other);
        for (a, b) in one.iter().zip(&other) {
            assert!((a - b).abs() < 1e-15, "{a} for {b}");
        }
        let weights = || jets.chunks_exact(d);
        assert_eq!(diagonal.combined(weights()), full.combined(weights()));
        let products = |blocks: &Blocks| {
            let mut all = Vec::new();
            blocks.multiply(&jets, |label, row, product| all.push((label, row, product)));
            all
        };
        assert_eq!(products(&diagonal), products(&full));
    }
}
