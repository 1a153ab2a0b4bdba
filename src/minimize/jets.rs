//! What is known at all nodes: the network's values, phi and its derivatives there.

use super::gauss_newton::dot;
use crate::energy::{Batch, Derivatives};

/// Values at all nodes: of the network, of phi and of its derivatives.
#[derive(Default)]
pub(super) struct Jets {
    pub u: Vec<f64>,
    pub p: Vec<f64>,
    pub f: Vec<f64>,
    pub f_u: Vec<f64>,
    pub f_p: Vec<f64>,
    pub f_uu: Vec<f64>,
    pub f_up: Vec<f64>,
    pub f_pp: Vec<f64>,
}

/// Which derivatives of phi are wanted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd)]
pub(super) enum Order {
    Value,
    First,
    Second,
}

/// One call of the integrand.
pub(super) struct BatchTask<'a> {
    pub batch: Batch<'a>,
    pub wanted: Derivatives<'a>,
}

impl Jets {
    /// Room for n nodes and the derivatives that an evaluation of this order fills.
    pub fn resize(&mut self, n: usize, d: usize, order: Order) {
        self.u.resize(n, 0.0);
        self.p.resize(n * d, 0.0);
        self.f.resize(n, 0.0);
        if order >= Order::First {
            self.f_u.resize(n, 0.0);
            self.f_p.resize(n * d, 0.0);
        }
        if order >= Order::Second {
            self.f_uu.resize(n, 0.0);
            self.f_up.resize(n * d, 0.0);
            self.f_pp.resize(n * d * d, 0.0);
        }
    }

    /// The arrays cut into batches of nodes.
    pub fn batches<'a>(
        &'a mut self,
        x: &'a [f64],
        d: usize,
        batch: usize,
        order: Order,
    ) -> Vec<BatchTask<'a>> {
        let mut f = self.f.chunks_mut(batch);
        let mut f_u = self.f_u.chunks_mut(batch);
        let mut f_p = self.f_p.chunks_mut(batch * d);
        let mut f_uu = self.f_uu.chunks_mut(batch);
        let mut f_up = self.f_up.chunks_mut(batch * d);
        let mut f_pp = self.f_pp.chunks_mut(batch * d * d);
        let (first, second) = (order >= Order::First, order >= Order::Second);
        x.chunks(batch * d)
            .zip(self.u.chunks(batch).zip(self.p.chunks(batch * d)))
            .map(|(x, (u, p))| BatchTask {
                batch: Batch { d, x, u, p },
                wanted: Derivatives {
                    f: f.next(),
                    f_u: f_u.next().filter(|_| first),
                    f_p: f_p.next().filter(|_| first),
                    f_x: None,
                    f_uu: f_uu.next().filter(|_| second),
                    f_up: f_up.next().filter(|_| second),
                    f_pp: f_pp.next().filter(|_| second),
                },
            })
            .collect()
    }

    /// Puts `H j` in the place of the first derivatives, which reverse passes are seeded with; H is
    /// the second derivatives and `j` has the values `u` (`[n]`) and gradients `p` (`[n][d]`).
    pub fn seed_with_curvature(&mut self, u: &[f64], p: &[f64], d: usize) {
        let rows = self.f_up.chunks_exact(d).zip(self.f_pp.chunks_exact(d * d));
        let at = u.iter().zip(p.chunks_exact(d)).zip(rows).zip(&self.f_uu);
        let out = self.f_u.iter_mut().zip(self.f_p.chunks_exact_mut(d));
        for ((f_u, f_p), (((u, p), (up, pp)), uu)) in out.zip(at) {
            *f_u = uu * u + dot(up, p);
            for ((f_p, up), row) in f_p.iter_mut().zip(up).zip(pp.chunks_exact(d)) {
                *f_p = up * u + dot(row, p);
            }
        }
    }
}
