//! Problems whose solution is told by what holds on the boundary, with closed forms.

use crate::exact::{Exact, growth, start_from};
use crate::problem::term;
use crate::reference::{HeatedBall, heated_plane};
use movimento::domain::BoundaryValue;
use movimento::movement::Movement;
use movimento::{Energy, Result, Solver};
use std::f64::consts::{FRAC_PI_2, PI};
use std::sync::Arc;

/// A closed form on the boundary of whose domain something is posed.
pub struct Known {
    /// The dimension.
    pub d: usize,
    /// Poses it.
    pub pose: fn(&mut Solver) -> Result<()>,
    /// u at a point at a time.
    pub u: fn(&[f64], f64) -> f64,
    /// The rate at which u decays, where it is a mode.
    pub rate: Option<f64>,
    /// What the flow begins with, where that is not u at time 0.
    pub begins: Option<fn(&[f64]) -> f64>,
    /// Where in the box the domain is.
    pub covers: fn(&[f64]) -> bool,
}

impl Exact for Known {
    fn start(&self, solver: &mut Solver) -> Result<()> {
        (self.pose)(solver)?;
        start_from(solver, |x, u| {
            for (x, u) in x.chunks_exact(self.d).zip(u) {
                *u = self
                    .begins
                    .map_or_else(|| (self.u)(x, 0.0), |begins| begins(x));
            }
        })
    }

    fn solution(&mut self, x: &[f64], time: f64) -> Vec<f64> {
        x.chunks_exact(self.d).map(|x| (self.u)(x, time)).collect()
    }

    fn covers(&self, x: &[f64]) -> bool {
        (self.covers)(x)
    }

    fn movement(&self, x: &[f64], movement: &Movement, tau: f64, steps: u64) -> Option<Vec<f64>> {
        let factor = growth(movement, tau * self.rate?).powf(steps as f64);
        let points = x.chunks_exact(self.d);
        Some(points.map(|x| factor * (self.u)(x, 0.0)).collect())
    }
}

/// `w tan(w/2) = 1`: the lowest mode of `u_n + u = 0` on an interval of length 1 is `cos(w x)` about its middle.
const W: f64 = 1.306_542_374_188_806;

fn cosines(x: &[f64], w: f64) -> f64 {
    x.iter().map(|x| (w * x).cos()).product()
}

/// `u_t = Laplacian u` with `u_n + u = 0` on the boundary of a box of sides 1.
pub fn robin(d: usize) -> Known {
    Known {
        d,
        pose: |solver| {
            let energy = term("quadratic", &[("kappa", &[1.0])])?;
            solver.add_boundary_energy(&energy, None)
        },
        u: |x, t| (-W * W * t * x.len() as f64).exp() * cosines(x, W),
        rate: Some(W * W * d as f64),
        begins: None,
        covers: |_| true,
    }
}

/// `u_t = Laplacian u` on `[-1, 1]^2` with u = 0 on the boundary.
pub fn cold() -> Known {
    Known {
        d: 2,
        pose: |solver| solver.set_dirichlet(None, &BoundaryValue::Constant(0.0)),
        u: |x, t| (-0.5 * PI * PI * t).exp() * cosines(x, FRAC_PI_2),
        rate: Some(0.5 * PI * PI),
        begins: None,
        covers: |_| true,
    }
}

/// `-Laplacian u = 2 cos x cos y` on `[-pi/2, pi/2]^2` with u = 0 on the boundary, from 0.
pub fn poisson_wall() -> Known {
    Known {
        u: |x, _| cosines(x, 1.0),
        rate: None,
        begins: Some(|_| 0.0),
        ..cold()
    }
}

pub fn poisson_wall_energies() -> Result<Vec<Energy>> {
    with_source(|x| 2.0 * cosines(x, 1.0))
}

/// `-Laplacian u = 1` in the unit disc with u = 0 on the circle, from 0.
pub fn poisson_disk() -> Known {
    Known {
        u: |x, _| 0.25 * (1.0 - x[0] * x[0] - x[1] * x[1]),
        ..poisson_wall()
    }
}

pub fn poisson_disk_energies() -> Result<Vec<Energy>> {
    with_source(|_| 1.0)
}

/// `u_t = Laplacian u + 1` with values on the boundary that decay, grow and stay.
pub fn moving_wall() -> Known {
    Known {
        pose: |solver| {
            let value = |t: f64, x: &[f64], g: &mut [f64]| {
                let points = x.chunks_exact(2).zip(g);
                points.for_each(|(x, g)| *g = heated_plane(t, x));
                Ok(())
            };
            solver.set_dirichlet(None, &BoundaryValue::Function(Arc::new(value)))
        },
        u: |x, t| heated_plane(t, x),
        rate: None,
        ..cold()
    }
}

/// `u_t = Laplacian u + S` in the unit ball with values on the sphere that go up and down.
pub fn moving_wall_ball() -> Known {
    Known {
        d: 3,
        pose: |solver| {
            let value = |t: f64, _: &[f64], g: &mut [f64]| {
                g.fill(HeatedBall::wall(t));
                Ok(())
            };
            solver.set_dirichlet(None, &BoundaryValue::Function(Arc::new(value)))
        },
        u: |x, t| HeatedBall::value(t, x),
        rate: None,
        begins: None,
        covers: |_| true,
    }
}

pub fn moving_wall_ball_energies() -> Result<Vec<Energy>> {
    with_source_in_time(HeatedBall::source)
}

/// The same on the L-shape of three squares that is left of the box, by nodes of a mesh and its boundary.
pub fn moving_wall_l_shape() -> Known {
    Known {
        pose: |solver| {
            let ((x, w), check) = (squares(20), squares(23));
            solver.set_nodes(&x, &w, Some((&check.0, &check.1)))?;
            give_sides(solver, 20)?;
            (moving_wall().pose)(solver)
        },
        covers: |x| x[0] < 0.0 || x[1] < 0.0,
        ..moving_wall()
    }
}

/// Gauss nodes and weights on an interval, three in each of so many panels.
fn panels(lower: f64, upper: f64, count: usize) -> Vec<(f64, f64)> {
    let width = (upper - lower) / count as f64;
    let reach = 0.5 * width * 0.6_f64.sqrt();
    let panel = |panel: usize| {
        let centre = lower + (panel as f64 + 0.5) * width;
        [(-reach, 5.0), (0.0, 8.0), (reach, 5.0)].map(|(at, w)| (centre + at, w * width / 18.0))
    };
    (0..count).flat_map(panel).collect()
}

/// Nodes and weights of the three squares.
fn squares(count: usize) -> (Vec<f64>, Vec<f64>) {
    let (mut x, mut w) = (Vec::new(), Vec::new());
    for [left, bottom] in [[-1.0, -1.0], [0.0, -1.0], [-1.0, 0.0]] {
        for (a, w_a) in panels(left, left + 1.0, count) {
            for (b, w_b) in panels(bottom, bottom + 1.0, count) {
                x.extend([a, b]);
                w.push(w_a * w_b);
            }
        }
    }
    (x, w)
}

/// The six sides, each with its normal on the right.
fn give_sides(solver: &mut Solver, count: usize) -> Result<()> {
    const CORNERS: [[f64; 2]; 7] = [
        [-1.0, -1.0],
        [1.0, -1.0],
        [1.0, 0.0],
        [0.0, 0.0],
        [0.0, 1.0],
        [-1.0, 1.0],
        [-1.0, -1.0],
    ];
    let (mut x, mut normal, mut w) = (Vec::new(), Vec::new(), Vec::new());
    for ends in CORNERS.windows(2) {
        let along = [ends[1][0] - ends[0][0], ends[1][1] - ends[0][1]];
        let length = along[0].hypot(along[1]);
        for (s, weight) in panels(0.0, 1.0, count * length as usize) {
            x.extend([ends[0][0] + s * along[0], ends[0][1] + s * along[1]]);
            normal.extend([along[1] / length, -along[0] / length]);
            w.push(weight * length);
        }
    }
    solver.set_boundary(&x, &normal, &w)
}

/// The Dirichlet energy and `-int s u`.
fn with_source(s: fn(&[f64]) -> f64) -> Result<Vec<Energy>> {
    with_source_in_time(move |_, x| s(x))
}

fn with_source_in_time(
    source: impl Fn(f64, &[f64]) -> f64 + Send + Sync + 'static,
) -> Result<Vec<Energy>> {
    let heat = term("dirichlet", &[("kappa", &[1.0])])?;
    Ok(vec![heat, Energy::from_source("source", Arc::new(source))])
}
