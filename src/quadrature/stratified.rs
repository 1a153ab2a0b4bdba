//! Stratified points of the unit cube: one in each cell of a grid up to three dimensions, and a
//! Latin hypercube beyond, where a grid of two cells an axis would already have too many.

use rand::RngExt;

/// The highest dimension of grids of cells.
pub(super) const CELLS: usize = 3;

/// The number of points when about `n` are asked for.
pub(super) fn round_up(n: usize, d: usize) -> usize {
    if d > CELLS {
        return n;
    }
    per_axis(n, d).pow(d as u32)
}

fn per_axis(n: usize, d: usize) -> usize {
    let root = (n as f64).powf(1.0 / d as f64).round().max(1.0) as usize;
    if root.pow(d as u32) < n {
        root + 1
    } else {
        root
    }
}

/// At least `n` points, `[n][d]`.
pub(super) fn points(n: usize, d: usize, rng: &mut impl RngExt) -> Vec<f64> {
    if d > CELLS {
        return latin_hypercube(n, d, rng);
    }
    let m = per_axis(n, d);
    let cells = m.pow(d as u32);
    let mut x = Vec::with_capacity(cells * d);
    for cell in 0..cells {
        for axis in 0..d {
            let index = cell / m.pow(axis as u32) % m;
            x.push((index as f64 + rng.random::<f64>()) / m as f64);
        }
    }
    x
}

/// Points whose projections on each axis are one in each of n cells.
fn latin_hypercube(n: usize, d: usize, rng: &mut impl RngExt) -> Vec<f64> {
    let mut x = vec![0.0; n * d];
    let mut cells: Vec<usize> = (0..n).collect();
    for axis in 0..d {
        for last in (1..n).rev() {
            cells.swap(last, rng.random_range(0..=last));
        }
        for (x, cell) in x.iter_mut().skip(axis).step_by(d).zip(&cells) {
            *x = (*cell as f64 + rng.random::<f64>()) / n as f64;
        }
    }
    x
}
