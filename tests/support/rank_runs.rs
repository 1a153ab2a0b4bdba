//! Solvers that are one of several ranks.

use super::problems::{allen_cahn, small};
use movimento::communicator::Communicator;
use movimento::options::Value;
use movimento::{Initial, Options, Result, Solver};
use std::f64::consts::PI;

/// `1 + cos(pi x_0) cos(pi x_1) / 2`, or of one variable.
pub fn waves(d: usize) -> impl FnMut(&[f64], &mut [f64], Option<&mut [f64]>) -> Result<()> {
    move |x, u, grad| {
        let second = |x: &[f64]| x.get(1).map_or(1.0, |y| (PI * y).cos());
        for (u, x) in u.iter_mut().zip(x.chunks(d)) {
            *u = 1.0 + 0.5 * (PI * x[0]).cos() * second(x);
        }
        if let Some(grad) = grad {
            for (g, x) in grad.chunks_mut(d).zip(x.chunks(d)) {
                g.fill(0.0);
                g[0] = -0.5 * PI * (PI * x[0]).sin() * second(x);
                if d > 1 {
                    g[1] = -0.5 * PI * (PI * x[0]).cos() * (PI * x[1]).sin();
                }
            }
        }
        Ok(())
    }
}

pub fn made(options: &Options, them: Option<Box<dyn Communicator>>) -> Solver {
    let mut solver = Solver::new(options).unwrap();
    if let Some(them) = them {
        solver.set_communicator(them).unwrap();
    }
    solver
}

pub fn start(solver: &mut Solver) -> Result<()> {
    let mut field = waves(solver.domain().dimension());
    solver.set_initial(Initial::Function {
        field: &mut field,
        has_gradient: true,
    })
}

pub fn with(mut options: Options, pairs: &[(&str, Value)]) -> Options {
    options.set("threads", 1).unwrap();
    for (key, value) in pairs {
        options.set(key, value.clone()).unwrap();
    }
    options
}

pub fn plane(pairs: &[(&str, Value)]) -> Options {
    let options = with(
        small(2, 0.0, 1.0, &[10, 10]),
        &[("tau", 0.01.into()), ("fit_accept", 0.1.into())],
    );
    with(options, pairs)
}

pub fn l2(options: &Options, steps: usize, them: Option<Box<dyn Communicator>>) -> Solver {
    let mut solver = made(options, them);
    solver.add_energy(&allen_cahn(0.1, 0.7)).unwrap();
    start(&mut solver).unwrap();
    for _ in 0..steps {
        solver.step().unwrap();
    }
    solver
}

/// Midpoints of the cells of a grid of the unit square: each rank has the columns that are its own.
pub fn cells(per_axis: usize, rank: usize, size: usize) -> (Vec<f64>, Vec<f64>) {
    let h = 1.0 / per_axis as f64;
    let mut x = Vec::new();
    for i in rank * per_axis / size..(rank + 1) * per_axis / size {
        for j in 0..per_axis {
            x.extend([(i as f64 + 0.5) * h, (j as f64 + 0.5) * h]);
        }
    }
    let w = vec![h * h; x.len() / 2];
    (x, w)
}
