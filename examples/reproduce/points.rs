//! Points that no step trains on.

use crate::case::Case;
use crate::exact::Exact;
use movimento::{Result, Solver};
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Points beyond three dimensions, the paper's, and beyond its eight.
const RANDOM: [usize; 2] = [50_000, 10_000];

/// A seed that none of the solver's streams starts from.
const SEED: u64 = 0x706f_696e_7473;

pub struct Points {
    pub x: Vec<f64>,
    d: usize,
    /// The volume of the box.
    volume: f64,
}

impl Points {
    /// Cell centres of a grid, in a ball or on a mesh those inside, which no Gauss rule shares; random in more than
    /// three dimensions.
    pub fn new(case: &Case, exact: &dyn Exact) -> Self {
        let d = case.dimension as usize;
        let bounds = case.bounds();
        let at = |t: f64, axis: usize| {
            let [lower, upper] = bounds[axis];
            lower + (upper - lower) * t
        };
        let volume = bounds.iter().map(|[lower, upper]| upper - lower).product();
        if d > 3 {
            let mut rng = Xoshiro256PlusPlus::seed_from_u64(SEED);
            let n = RANDOM[usize::from(d > 8)];
            let x = (0..n * d).map(|k| at(rng.random(), k % d)).collect();
            return Self { x, d, volume };
        }
        let per_axis: usize = [1001, 101, 41][d - 1];
        let index = |point: usize, axis: usize| point / per_axis.pow(axis as u32) % per_axis;
        let x = (0..per_axis.pow(d as u32)).flat_map(|point| {
            let part = move |axis| (index(point, axis) as f64 + 0.5) / per_axis as f64;
            let at = &at;
            (0..d).map(move |axis| at(part(axis), axis))
        });
        let is_ball = (case.options)()
            .iter()
            .any(|(key, value)| *key == "domain" && *value == "ball".into());
        let mut x: Vec<f64> = x.collect();
        if is_ball {
            let square = case.half_width * case.half_width;
            let points = x.chunks_exact(d);
            let inside = points.filter(|x| x.iter().map(|x| x * x).sum::<f64>() < square);
            x = inside.flatten().copied().collect();
        }
        let covered = x.chunks_exact(d).filter(|x| exact.covers(x));
        x = covered.flatten().copied().collect();
        Self { x, d, volume }
    }

    /// The root of the integral of `(a - b)^2` over the box.
    pub fn distance(&self, a: &[f64], b: &[f64]) -> f64 {
        let n = self.x.len() / self.d;
        (self.volume * square_distance(a, b) / n as f64).sqrt()
    }

    pub fn evaluate(&self, solver: &Solver) -> Result<Vec<f64>> {
        let mut u = vec![0.0; self.x.len() / self.d * solver.components()];
        solver.evaluate(&self.x, &mut u, None)?;
        Ok(u)
    }
}

/// `|a - b| / |b|` in the Euclidean norm.
pub fn relative(a: &[f64], b: &[f64]) -> f64 {
    (square_distance(a, b) / b.iter().map(|b| b * b).sum::<f64>()).sqrt()
}

/// `|a - b|^2`
pub fn square_distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}
