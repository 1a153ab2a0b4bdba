//! `1/2 (x - c)^T A (x - c)`.

use movimento_plugin::candle_core::{self, Device, Tensor};
use movimento_plugin::{
    Arguments, Descriptor, Energy, Error, FirstForm, Functional, Parameter, Result, Sample,
    SecondForm,
};

use crate::linear::{self, Potential};

/// The quadratic form `1/2 (x - c)^T A (x - c)`, whose Fokker-Planck equation is that of the
/// Ornstein-Uhlenbeck process.
#[derive(Debug, Clone)]
pub struct Quadratic {
    /// `[d][d]`, symmetric.
    matrix: Vec<f64>,
    center: Vec<f64>,
}

impl Energy for Quadratic {
    const DESCRIPTOR: Descriptor = Descriptor::new(c"potential-quadratic", c"Quadratic potential")
        .version(c"1.0.0")
        .formula(c"V(x) u, V = 1/2 (x - c)^T A (x - c)")
        .references(
            c"Risken, The Fokker-Planck Equation, 2nd ed., Springer 1996, \
              doi:10.1007/978-3-642-61544-3\n\
              Jordan, Kinderlehrer, Otto, The variational formulation of the Fokker-Planck \
              equation, SIAM J. Math. Anal. 29 (1998) 1-17, doi:10.1137/S0036141096303359",
        )
        .uses_position()
        .convex()
        .parameters(&[
            Parameter::array(
                c"a",
                1.0,
                c"A: 1 number (times the identity), d (diagonal) or d*d \
            (rows, symmetric)",
            ),
            Parameter::array(c"center", 0.0, c"c: 1 or d numbers"),
        ]);

    fn create(arguments: &Arguments) -> Result<Self> {
        let matrix = matrix(arguments.array("a")?, arguments.dimension())?;
        Ok(Self {
            matrix,
            center: arguments.vector("center")?,
        })
    }
}

impl Functional for Quadratic {
    const FIRST: Option<FirstForm<Self>> = Some(linear::first);
    const SECOND: Option<SecondForm<Self>> = Some(linear::second);

    fn density(&self, s: &Sample) -> candle_core::Result<Tensor> {
        let d = self.center.len();
        let center = Tensor::from_slice(&self.center, d, &Device::Cpu)?;
        let matrix = Tensor::from_slice(&self.matrix, (d, d), &Device::Cpu)?;
        let r = s.x.broadcast_sub(&center)?;
        let products = r.unsqueeze(2)?.broadcast_mul(&r.unsqueeze(1)?)?;
        let form = products.broadcast_mul(&matrix)?.flatten_from(1)?.sum(1)?;
        (form * 0.5)? * &s.u
    }
}

/// The symmetric matrix that 1, `d` or `d*d` numbers stand for.
fn matrix(a: &[f64], d: usize) -> Result<Vec<f64>> {
    if a.len() == d * d && d > 1 {
        return symmetric(a, d);
    }
    if a.len() != 1 && a.len() != d {
        return Err(Error::fatal(format!(
            "parameter 'a' takes 1, d = {d} or d*d = {} values, not {}",
            d * d,
            a.len()
        )));
    }
    let mut matrix = vec![0.0; d * d];
    for (diagonal, a) in matrix.iter_mut().step_by(d + 1).zip(a.iter().cycle()) {
        *diagonal = *a;
    }
    Ok(matrix)
}

/// `a`, made symmetric to the last bit; refused when it is off by more than rounding.
fn symmetric(a: &[f64], d: usize) -> Result<Vec<f64>> {
    let scale = a.iter().fold(0.0, |scale: f64, a| scale.max(a.abs()));
    let at = |i: usize, j: usize| a.get(i * d + j).copied().unwrap_or(f64::NAN);
    let mut matrix = Vec::with_capacity(d * d);
    for i in 0..d {
        for j in 0..d {
            if (at(i, j) - at(j, i)).abs() > 1e-12 * scale {
                return Err(Error::fatal(format!(
                    "parameter 'a' must be symmetric: entry ({i}, {j}) = {:?}, ({j}, {i}) = {:?}",
                    at(i, j),
                    at(j, i)
                )));
            }
            matrix.push(0.5 * (at(i, j) + at(j, i)));
        }
    }
    Ok(matrix)
}

impl Quadratic {
    /// The components of `A (x - c)`.
    fn slopes(&self, x: &[f64]) -> impl Iterator<Item = f64> {
        let rows = self.matrix.chunks_exact(x.len());
        rows.map(move |row| product(row, x, &self.center))
    }
}

/// `sum_i a_i (x_i - c_i)`, by several sums at once, none of which waits for another.
fn product(a: &[f64], x: &[f64], c: &[f64]) -> f64 {
    let mut sums = [0.0; 4];
    let whole = a.len() - a.len() % 4;
    let (fours, rest) = (0..whole, whole..a.len());
    let fours = a[fours.clone()]
        .chunks_exact(4)
        .zip(x[fours.clone()].chunks_exact(4))
        .zip(c[fours].chunks_exact(4));
    for ((a, x), c) in fours {
        for (i, sum) in sums.iter_mut().enumerate() {
            *sum += a[i] * (x[i] - c[i]);
        }
    }
    let rest = rest.map(|i| a[i] * (x[i] - c[i]));
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest.sum::<f64>()
}

impl Potential for Quadratic {
    fn value(&self, x: &[f64]) -> f64 {
        let terms = x
            .iter()
            .zip(&self.center)
            .zip(self.slopes(x))
            .map(|((x, c), s)| (x - c) * s);
        0.5 * terms.sum::<f64>()
    }

    fn gradient(&self, x: &[f64], into: &mut [f64]) {
        into.iter_mut()
            .zip(self.slopes(x))
            .for_each(|(into, slope)| *into = slope);
    }
}
