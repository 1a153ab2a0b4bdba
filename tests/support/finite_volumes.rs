//! The reference of the flows on domains: finite volumes on grids that fit them.

use movimento::Solver;
use std::collections::BTreeMap;
use std::f64::consts::TAU;

pub const KAPPA: f64 = 0.3;
pub const TAU_STEP: f64 = 0.02;
pub const STEPS: u64 = 5;

/// A bump off every symmetry, and its gradient. Its normal derivative does not vanish on the
/// boundary: the condition has to emerge.
pub fn u_0(x: &[f64]) -> (f64, [f64; 2]) {
    let (s, t) = (x[0] + 0.55, x[1] + 0.4);
    let bump = 1.2 * (-3.0 * (s * s + t * t)).exp();
    (bump - 0.2, [-6.0 * s * bump, -6.0 * t * bump])
}

/// Finite volumes on a logically rectangular grid: second order in space, and in time the Euler
/// steps that the solver takes, each solved to rounding.
pub struct Volumes {
    /// Index of each cell by its place in the grid.
    cells: BTreeMap<(usize, usize), usize>,
    pub x: Vec<f64>,
    volume: Vec<f64>,
    /// Two cells, and the area of their face over the distance of their centres.
    faces: Vec<(usize, usize, f64)>,
}

impl Volumes {
    /// `[-1, 1]^2` without `[0, 1]^2` in squares, `2 m` along a side.
    pub fn l_shape(m: usize) -> Self {
        let h = 1.0 / m as f64;
        let centre = |k: usize| -1.0 + (k as f64 + 0.5) * h;
        let mut grid = Self::empty();
        let all = (0..2 * m).flat_map(|i| (0..2 * m).map(move |j| (i, j)));
        for (i, j) in all.filter(|(i, j)| *i < m || *j < m) {
            grid.push((i, j), [centre(i), centre(j)], h * h);
        }
        grid.connect(|(i, j)| (i + 1, j), |_| 1.0);
        grid.connect(|(i, j)| (i, j + 1), |_| 1.0);
        grid
    }

    /// `0.4 < r < 1` in polar coordinates, `m` cells along the radius and `8 m` around.
    pub fn annulus(m: usize) -> Self {
        let (h, angle) = (0.6 / m as f64, TAU / (8 * m) as f64);
        let radius = |i: usize| 0.4 + (i as f64 + 0.5) * h;
        let mut grid = Self::empty();
        for (i, j) in (0..m).flat_map(|i| (0..8 * m).map(move |j| (i, j))) {
            let (sin, cos) = ((j as f64 + 0.5) * angle).sin_cos();
            let r = radius(i);
            grid.push((i, j), [r * cos, r * sin], r * h * angle);
        }
        grid.connect(|(i, j)| (i + 1, j), |i| (radius(i) + 0.5 * h) * angle / h);
        grid.connect(|(i, j)| (i, (j + 1) % (8 * m)), |i| h / (radius(i) * angle));
        grid
    }

    fn empty() -> Self {
        Self {
            cells: BTreeMap::new(),
            x: Vec::new(),
            volume: Vec::new(),
            faces: Vec::new(),
        }
    }

    fn push(&mut self, place: (usize, usize), x: [f64; 2], volume: f64) {
        self.cells.insert(place, self.volume.len());
        self.x.extend(x);
        self.volume.push(volume);
    }

    /// Faces to the neighbour at `next`; `width` depends on the first index.
    fn connect(
        &mut self,
        next: impl Fn((usize, usize)) -> (usize, usize),
        width: impl Fn(usize) -> f64,
    ) {
        for (place, a) in &self.cells {
            if let Some(b) = self.cells.get(&next(*place)) {
                self.faces.push((*a, *b, width(place.0)));
            }
        }
    }

    /// `-kappa` times the integral of the Laplacian over each cell, added to `out`.
    fn add_stiffness(&self, kappa: f64, u: &[f64], out: &mut [f64]) {
        for (a, b, t) in &self.faces {
            let flux = kappa * t * (u[*b] - u[*a]);
            out[*a] -= flux;
            out[*b] += flux;
        }
    }

    /// Euler steps of the flow of `kappa/2 |grad u|^2 + (u^2 - 1)^2 / (4 eps^2)`: Newton's method,
    /// and conjugate gradients for its linear systems.
    pub fn flow(&self, kappa: f64, eps: f64) -> Vec<f64> {
        let mut u: Vec<f64> = self.x.chunks(2).map(|x| u_0(x).0).collect();
        for _ in 0..STEPS {
            let before = u.clone();
            for _ in 0..if eps.is_infinite() { 1 } else { 4 } {
                let mut residual = vec![0.0; u.len()];
                let mut diagonal = vec![0.0; u.len()];
                for i in 0..u.len() {
                    let force = u[i] * (u[i] * u[i] - 1.0) / (eps * eps);
                    let slope = (3.0 * u[i] * u[i] - 1.0) / (eps * eps);
                    residual[i] = self.volume[i] * ((before[i] - u[i]) / TAU_STEP - force);
                    diagonal[i] = self.volume[i] * (1.0 / TAU_STEP + slope);
                }
                let mut outward = vec![0.0; u.len()];
                self.add_stiffness(kappa, &u, &mut outward);
                residual.iter_mut().zip(&outward).for_each(|(r, o)| *r -= o);
                let step = self.solve(kappa, &diagonal, residual);
                u.iter_mut().zip(step).for_each(|(u, s)| *u += s);
            }
        }
        u
    }

    fn solve(&self, kappa: f64, diagonal: &[f64], mut residual: Vec<f64>) -> Vec<f64> {
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let mut solution = vec![0.0; residual.len()];
        let mut direction = residual.clone();
        let mut square = dot(&residual, &residual);
        let least = 1e-24 * square;
        while square > least {
            let mut image: Vec<f64> = direction.iter().zip(diagonal).map(|(p, d)| p * d).collect();
            self.add_stiffness(kappa, &direction, &mut image);
            let length = square / dot(&direction, &image);
            for i in 0..residual.len() {
                solution[i] += length * direction[i];
                residual[i] -= length * image[i];
            }
            let next = dot(&residual, &residual);
            for (p, r) in direction.iter_mut().zip(&residual) {
                *p = r + next / square * *p;
            }
            square = next;
        }
        solution
    }

    /// The relative L2 distance of a field on this grid to one on the grid twice as fine.
    pub fn refined_by(&self, u: &[f64], fine: &Self, v: &[f64]) -> f64 {
        let mean = |(i, j): (usize, usize)| {
            let children =
                [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(k, l)| fine.cells[&(2 * i + k, 2 * j + l)]);
            let total: f64 = children.iter().map(|c| fine.volume[*c] * v[*c]).sum();
            total / children.iter().map(|c| fine.volume[*c]).sum::<f64>()
        };
        let mut means = vec![0.0; u.len()];
        for (place, cell) in &self.cells {
            means[*cell] = mean(*place);
        }
        super::problems::relative(u, &means)
    }

    /// The relative L2 distance of a solver's field.
    pub fn distance(&self, solver: &Solver, u: &[f64]) -> f64 {
        let mut mine = vec![0.0; u.len()];
        solver.evaluate(&self.x, &mut mine, None).unwrap();
        let weighted = |u: &[f64]| -> Vec<f64> {
            let pairs = u.iter().zip(&self.volume);
            pairs.map(|(u, v)| u * v.sqrt()).collect()
        };
        super::problems::relative(&weighted(&mine), &weighted(u))
    }
}
