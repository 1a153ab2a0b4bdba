//! Fitting a network to a given function: weighted least squares of values and, when they are
//! known, gradients.

use crate::energy::{Batch, Derivatives};
use crate::error::Result;
use crate::objective::Integrand;
use std::ops::Range;

/// Values, and if known gradients, at nodes.
#[derive(Clone, Debug)]
pub struct Target {
    /// Components c of u.
    pub components: usize,
    /// `[n][c]`
    pub u: Vec<f64>,
    /// `[n][c][d]`, or empty.
    pub grad: Vec<f64>,
}

impl Default for Target {
    fn default() -> Self {
        Self {
            components: 1,
            u: Vec::new(),
            grad: Vec::new(),
        }
    }
}

impl Target {
    /// The fit of this target.
    #[must_use]
    pub fn fit<'a>(&'a self, beta: f64, directions: &'a [f64]) -> Fit<'a> {
        Fit {
            components: self.components,
            u: &self.u,
            grad: &self.grad,
            beta,
            directions,
        }
    }
}

/// The integrand `|u - u_0|^2 / 2 + beta |grad u - grad u_0|^2 / 2`.
///
/// With a direction s at each node, every entry 1 or -1 at random, the second square is for each component
/// `(s . (grad u - grad u_0))^2`: the same on average, and one equation a node in the place of d.
#[derive(Clone, Copy, Debug)]
pub struct Fit<'a> {
    /// Components c of u.
    pub components: usize,
    /// u_0 at the nodes, `[n][c]`.
    pub u: &'a [f64],
    /// grad u_0 at the nodes, `[n][c][d]`, or empty.
    pub grad: &'a [f64],
    /// Weight of the gradients: a length squared.
    pub beta: f64,
    /// `[n][d]`, or empty to take the whole gradients.
    pub directions: &'a [f64],
}

impl Fit<'_> {
    /// The fit at a range of the nodes.
    #[must_use]
    pub fn part(&self, part: Range<usize>) -> Self {
        let n = (self.u.len() / self.components).max(1);
        let rows = |array: &'_ [f64]| part.start * (array.len() / n)..part.end * (array.len() / n);
        Self {
            grad: &self.grad[rows(self.grad)],
            directions: &self.directions[rows(self.directions)],
            u: &self.u[rows(self.u)],
            ..*self
        }
    }

    /// `beta (grad u - grad u_0)`, or its part along the directions, and the sum of its squares.
    fn slope(&self, node: usize, p: &[f64], q: &[f64], out: &mut [f64]) -> f64 {
        let d = p.len();
        let misfit = || p.iter().zip(q).map(|(p, q)| p - q);
        match self.directions.get(node * d..(node + 1) * d) {
            Some(s) => {
                let along: f64 = misfit().zip(s).map(|(m, s)| m * s).sum();
                out.iter_mut()
                    .zip(s)
                    .for_each(|(o, s)| *o = self.beta * along * s);
                along * along
            }
            None => {
                out.iter_mut()
                    .zip(misfit())
                    .for_each(|(o, m)| *o = self.beta * m);
                misfit().map(|m| m * m).sum()
            }
        }
    }
}

impl Integrand for Fit<'_> {
    fn evaluate(
        &self,
        nodes: Range<usize>,
        batch: &Batch<'_>,
        wanted: &mut Derivatives<'_>,
    ) -> Result<()> {
        let (c, d) = (batch.c, batch.d);
        let u_0 = &self.u[nodes.start * c..nodes.end * c];
        let misfit = || batch.u.iter().zip(u_0).map(|(u, v)| u - v);
        if let Some(f) = &mut wanted.f {
            f.fill(0.0);
            for (entry, e) in misfit().enumerate() {
                f[entry / c] += 0.5 * e * e;
            }
        }
        if let Some(f_u) = &mut wanted.f_u {
            f_u.iter_mut().zip(misfit()).for_each(|(f, e)| *f = e);
        }
        if let Some(f_uu) = &mut wanted.f_uu {
            f_uu.fill(0.0);
            for f_uu in f_uu.chunks_exact_mut(c * c) {
                f_uu.iter_mut().step_by(c + 1).for_each(|f| *f = 1.0);
            }
        }
        if let Some(f_up) = &mut wanted.f_up {
            f_up.fill(0.0);
        }
        wanted.f_p.iter_mut().for_each(|f_p| f_p.fill(0.0));
        wanted.f_pp.iter_mut().for_each(|f_pp| f_pp.fill(0.0));
        let Some(grad) = self.grad.get(nodes.start * c * d..nodes.end * c * d) else {
            return Ok(());
        };
        let mut slope = vec![0.0; d];
        for (entry, (p, q)) in batch.p.chunks(d).zip(grad.chunks(d)).enumerate() {
            let squares = self.slope(nodes.start + entry / c, p, q, &mut slope);
            if let Some(f) = wanted.f.as_mut().and_then(|f| f.get_mut(entry / c)) {
                *f += 0.5 * self.beta * squares;
            }
            if let Some(f_p) = &mut wanted.f_p {
                f_p[entry * d..(entry + 1) * d].copy_from_slice(&slope);
            }
        }
        if let Some(f_pp) = &mut wanted.f_pp {
            let size = c * d;
            for (index, f_pp) in f_pp.chunks_exact_mut(size * size).enumerate() {
                let start = (nodes.start + index) * d;
                match self.directions.get(start..start + d) {
                    // A block for each component.
                    Some(s) => f_pp.iter_mut().enumerate().for_each(|(at, f)| {
                        let (k, l) = (at / size, at % size);
                        if k / d == l / d {
                            *f = self.beta * s[k % d] * s[l % d];
                        }
                    }),
                    None => f_pp
                        .iter_mut()
                        .step_by(size + 1)
                        .for_each(|f| *f = self.beta),
                }
            }
        }
        Ok(())
    }

    fn caller_thread_only(&self) -> bool {
        false
    }

    fn scale(&self, node: usize, u: &[f64]) -> f64 {
        let first = node * self.components;
        let pairs = u.iter().zip(&self.u[first..first + self.components]);
        pairs.map(|(u, v)| 0.5 * (u - v) * (u - v)).sum()
    }
}
