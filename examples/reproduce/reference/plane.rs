//! Diffusion in a potential of the plane, `rho_t = div(rho grad V) + Laplacian rho`, by finite volumes:
//! Scharfetter and Gummel's fluxes, explicit steps of second order, and extrapolation in the width of
//! the cells.

use super::finite_volumes::{bernoulli, through_six};

/// The square `[-end, end]^2` in `cells^2` cells, and in nine times as many.
#[derive(Clone, Copy, Debug)]
pub struct Plane {
    pub end: f64,
    pub cells: usize,
}

/// Rates at which a cell's mass goes to its neighbours along an axis: to the next, and back from it.
struct Edges {
    onward: Vec<f64>,
    back: Vec<f64>,
    /// Distance of the two cells in the arrays.
    stride: usize,
}

impl Plane {
    /// Values at the centres of the cells after a time.
    pub fn values(
        &self,
        potential: impl Fn(&[f64]) -> f64,
        start: impl Fn(&[f64]) -> f64,
        time: f64,
    ) -> Vec<f64> {
        let coarse = self.follow(self.cells, &potential, &start, time);
        let fine = self.follow(3 * self.cells, &potential, &start, time);
        // The centre of a coarse cell is that of the middle one of its nine.
        let middle = |k: usize| {
            let (i, j) = (k / self.cells, k % self.cells);
            fine[(3 * i + 1) * 3 * self.cells + 3 * j + 1]
        };
        let pairs = coarse.iter().enumerate();
        pairs
            .map(|(k, c)| middle(k) + (middle(k) - c) / 8.0)
            .collect()
    }

    /// The values at a point, through six by six about it.
    pub fn interpolate(&self, values: &[f64], x: &[f64]) -> f64 {
        let rows = values.chunks_exact(self.cells);
        let along: Vec<f64> = rows.map(|row| through_six(row, self.end, x[1])).collect();
        through_six(&along, self.end, x[0])
    }

    fn follow(
        &self,
        count: usize,
        potential: &impl Fn(&[f64]) -> f64,
        start: &impl Fn(&[f64]) -> f64,
        time: f64,
    ) -> Vec<f64> {
        let width = 2.0 * self.end / count as f64;
        let at = |i: usize| -self.end + width * (i as f64 + 0.5);
        let place = |k: usize| [at(k / count), at(k % count)];
        let mut rho: Vec<f64> = (0..count * count).map(|k| start(&place(k))).collect();
        let v: Vec<f64> = (0..count * count).map(|k| potential(&place(k))).collect();
        let edges = [count, 1].map(|stride| {
            // At the end of its axis a cell has no next one.
            let last = |k: usize| k / stride % count == count - 1;
            let rate = |k: usize, sign: f64| match last(k) {
                true => 0.0,
                false => bernoulli(sign * (v[k + stride] - v[k])) / (width * width),
            };
            Edges {
                onward: (0..count * count).map(|k| rate(k, 1.0)).collect(),
                back: (0..count * count).map(|k| rate(k, -1.0)).collect(),
                stride,
            }
        });
        // Steps within the bound of stability, twice the fastest rate out of a cell.
        let largest = |rates: &[f64]| rates.iter().fold(0.0_f64, |m, r| m.max(*r));
        let fastest = |e: &Edges| largest(&e.onward) + largest(&e.back);
        let steps = (time * edges.iter().map(fastest).sum::<f64>())
            .ceil()
            .max(1.0);
        let tau = time / steps;
        let mut change = vec![0.0; rho.len()];
        let mut half = rho.clone();
        for _ in 0..steps as usize {
            // The midpoint rule.
            flow(&edges, &rho, &mut change);
            for ((half, rho), change) in half.iter_mut().zip(&rho).zip(&change) {
                *half = rho + 0.5 * tau * change;
            }
            flow(&edges, &half, &mut change);
            for (rho, change) in rho.iter_mut().zip(&change) {
                *rho += tau * change;
            }
        }
        rho
    }
}

fn flow(edges: &[Edges; 2], rho: &[f64], change: &mut [f64]) {
    change.fill(0.0);
    for Edges {
        onward,
        back,
        stride,
    } in edges
    {
        let end = rho.len() - stride;
        for k in 0..end {
            let flux = onward[k] * rho[k] - back[k] * rho[k + stride];
            change[k] -= flux;
            change[k + stride] += flux;
        }
    }
}
