//! Averages over the cells of tensor Gauss nodes: what to integrate by where a function jumps.
//!
//! The value at a node says which side of a jump the node is on; the average over its cell says
//! where in the cell the jump is. With values the error of an integral is of the order of the cells'
//! width, with averages of its square.

use super::gauss;
use crate::domain::Domain;
use crate::error::{Error, Result};

/// Values that are asked for at once, about.
const BATCH: usize = 1 << 16;

/// The average of `field` over the cell of each node of the rule into `u`, in the order of the
/// nodes, from `m` midpoints per axis of the cell.
pub(crate) fn cell_averages(
    domain: &Domain,
    per_axis: usize,
    m: usize,
    field: &mut dyn FnMut(&[f64], &mut [f64]) -> Result<()>,
    u: &mut [f64],
) -> Result<()> {
    let d = domain.dimension();
    let points = midpoints(domain, per_axis, m)?;
    let in_cell = m.pow(d as u32);
    let cells = (BATCH / in_cell).max(1);
    let (mut x, mut values) = (Vec::new(), Vec::new());
    for (batch, u) in u.chunks_mut(cells).enumerate() {
        x.clear();
        for node in batch * cells..batch * cells + u.len() {
            for point in 0..in_cell {
                // The last axis runs fastest in nodes and points alike.
                x.extend(points.iter().enumerate().map(|(axis, midpoints)| {
                    let places = (d - 1 - axis) as u32;
                    let cell = node / per_axis.pow(places) % per_axis;
                    midpoints[cell * m + point / m.pow(places) % m]
                }));
            }
        }
        values.resize(u.len() * in_cell, 0.0);
        field(&x, &mut values)?;
        if let Some(value) = values.iter().find(|v| !v.is_finite()) {
            return Err(Error::argument(format!(
                "`u_0` is {value} somewhere; accepted are finite numbers"
            )));
        }
        for (u, values) in u.iter_mut().zip(values.chunks_exact(in_cell)) {
            *u = values.iter().sum::<f64>() / in_cell as f64;
        }
    }
    Ok(())
}

/// For each axis the midpoints of m parts of every cell.
fn midpoints(domain: &Domain, per_axis: usize, m: usize) -> Result<Vec<Vec<f64>>> {
    let cells = gauss::cells(per_axis)?;
    let on_axis = |(lower, upper): (&f64, &f64)| {
        let part = |(start, end): &(f64, f64), k: usize| {
            let t = start + (end - start) * (k as f64 + 0.5) / m as f64;
            0.5 * (lower + upper) + 0.5 * (upper - lower) * t
        };
        let cells = cells.iter();
        cells
            .flat_map(|cell| (0..m).map(move |k| part(cell, k)))
            .collect()
    };
    let sides = domain.lower().iter().zip(domain.upper());
    Ok(sides.map(on_axis).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Options;
    use crate::quadrature::{Quadrature, Stream, generator};

    fn domain(d: i64) -> Domain {
        let mut options = Options::new();
        options.set("dimension", d).unwrap();
        options.set("lower", vec![-1.0]).unwrap();
        options.set("upper", vec![2.0]).unwrap();
        Domain::from_options(&options).unwrap()
    }

    /// The mean over many jumps of the error of `int cos(x_1) 1{n . x < b}`, from averages or
    /// values, whose quadrature with `fine` nodes is taken for exact.
    fn error(d: usize, per_axis: usize, averaged: bool) -> f64 {
        let domain = domain(d as i64);
        let integral = |per_axis: usize, m: usize, b: f64| {
            let mut rng = generator(1, Stream::Nodes, 0, 0);
            let nodes = Quadrature::Gauss { per_axis }
                .nodes(&domain, &mut rng)
                .unwrap();
            let mut jump = |x: &[f64], u: &mut [f64]| {
                for (x, u) in x.chunks_exact(d).zip(u) {
                    // A slanted jump in more than one dimension.
                    let n_x = x[0] + 0.37 * x[1..].iter().sum::<f64>();
                    *u = f64::from(u8::from(n_x < b));
                }
                Ok(())
            };
            let mut u = vec![0.0; nodes.len()];
            if m > 1 {
                cell_averages(&domain, per_axis, m, &mut jump, &mut u).unwrap();
            } else {
                jump(&nodes.x, &mut u).unwrap();
            }
            let x = nodes.x.chunks_exact(d);
            x.zip(nodes.w.iter().zip(&u))
                .map(|(x, (w, u))| w * u * x[0].cos())
                .sum::<f64>()
        };
        let jumps = (0..20).map(|k| 0.1 + 0.035 * f64::from(k));
        let errors = jumps.map(|b| {
            let exact = if d == 1 {
                b.sin() + 1.0_f64.sin()
            } else {
                // int int 1{x + 0.37 y < b} cos x dx dy = int (sin(b - 0.37 y) + sin 1) dy
                3.0 * 1.0_f64.sin() + ((b - 0.74).cos() - (b + 0.37).cos()) / 0.37
            };
            (integral(per_axis, if averaged { 64 } else { 1 }, b) - exact).abs()
        });
        errors.sum::<f64>() / 20.0
    }

    #[test]
    fn integrals_of_jumps_gain_an_order() {
        for d in [1, 2] {
            let (coarse, fine) = (error(d, 8, true), error(d, 32, true));
            let values = error(d, 32, false);
            println!("{d}: {coarse:e} {fine:e} {values:e}");
        }
    }

    #[test]
    fn every_cell_holds_its_node_and_the_average_of_a_line_is_its_middle() {
        let domain = domain(2);
        for per_axis in [2, 5, 12] {
            let mut rng = generator(1, Stream::Nodes, 0, 0);
            let nodes = Quadrature::Gauss { per_axis }
                .nodes(&domain, &mut rng)
                .unwrap();
            for axis in 0..2 {
                let mut u = vec![0.0; nodes.len()];
                let mut line = |x: &[f64], u: &mut [f64]| {
                    let x = x.iter().skip(axis).step_by(2);
                    u.iter_mut().zip(x).for_each(|(u, x)| *u = *x);
                    Ok(())
                };
                cell_averages(&domain, per_axis, 3, &mut line, &mut u).unwrap();
                let cells = gauss::cells(per_axis).unwrap();
                for (x, middle) in nodes.x.chunks_exact(2).zip(&u) {
                    let of_node = cells.iter().map(|(a, b)| (0.5 + 1.5 * a, 0.5 + 1.5 * b));
                    let mut of_node = of_node.filter(|(a, b)| *a < x[axis] && x[axis] < *b);
                    let (a, b) = of_node.next().unwrap();
                    assert!((middle - 0.5 * (a + b)).abs() < 1e-13, "{per_axis}");
                }
            }
        }
    }
}
