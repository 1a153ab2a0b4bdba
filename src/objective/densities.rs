//! An integrand phi and its derivatives at all nodes.

use super::Integrand;
use crate::energy::{Batch, Derivatives};
use crate::error::Result;
use crate::field::{CHUNK, JetShape, Jets};
use crate::parallel::Pool;

/// Values at all nodes of phi and of its derivatives.
#[derive(Default)]
pub(crate) struct Densities {
    pub f: Vec<f64>,
    pub f_u: Vec<f64>,
    pub f_p: Vec<f64>,
    pub f_uu: Vec<f64>,
    pub f_up: Vec<f64>,
    pub f_pp: Vec<f64>,
    /// Of second derivatives of u, where the jets have them.
    pub f_h: Vec<f64>,
    pub f_uh: Vec<f64>,
    pub f_ph: Vec<f64>,
    pub f_hh: Vec<f64>,
}

/// Nodes that one call of an energy takes: enough to hide what a call costs.
const BATCH: usize = 8 * CHUNK;

/// Which derivatives of phi are wanted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd)]
pub(crate) enum Order {
    Value,
    First,
    Second,
}

/// One call of the integrand.
struct BatchTask<'a> {
    batch: Batch<'a>,
    wanted: Derivatives<'a>,
}

impl Densities {
    /// Evaluates phi at all nodes, whose jets have this shape, as far as `order` asks.
    pub fn evaluate(
        &mut self,
        pool: &Pool,
        integrand: &dyn Integrand,
        x: &[f64],
        (jets, shape): (&Jets, JetShape),
        order: Order,
    ) -> Result<()> {
        let n = jets.value.len() / shape.components;
        self.resize(n, shape, order);
        if n == 0 {
            return Ok(());
        }
        // A host's callback stays on the thread that called, and is called once.
        let here = integrand.caller_thread_only();
        let batch = if here { n.max(1) } else { BATCH };
        let tasks = self.batches((integrand.time(), x), (jets, shape), batch, order);
        let evaluate = |(index, mut task): (usize, BatchTask<'_>)| {
            let start = index * batch;
            let nodes = start..start + task.batch.n();
            integrand.evaluate(nodes, &task.batch, &mut task.wanted)
        };
        let tasks = tasks.into_iter().enumerate();
        if here {
            tasks.into_iter().try_for_each(evaluate)
        } else {
            pool.try_for_each(tasks, evaluate)
        }
    }

    fn resize(&mut self, n: usize, shape: JetShape, order: Order) {
        let (c, d, h) = (shape.components, shape.dimension, shape.hessian());
        self.f.resize(n, 0.0);
        if order >= Order::First {
            self.f_u.resize(n * c, 0.0);
            self.f_p.resize(n * c * d, 0.0);
            self.f_h.resize(n * h, 0.0);
        }
        if order >= Order::Second {
            self.f_uu.resize(n * c * c, 0.0);
            self.f_up.resize(n * c * c * d, 0.0);
            self.f_pp.resize(n * c * d * c * d, 0.0);
            self.f_uh.resize(n * c * h, 0.0);
            self.f_ph.resize(n * c * d * h, 0.0);
            self.f_hh.resize(n * h * h, 0.0);
        }
    }

    /// The arrays cut into batches of nodes.
    fn batches<'a>(
        &'a mut self,
        (t, x): (f64, &'a [f64]),
        (jets, shape): (&'a Jets, JetShape),
        batch: usize,
        order: Order,
    ) -> Vec<BatchTask<'a>> {
        let (c, d, h) = (shape.components, shape.dimension, shape.hessian());
        let mut f = self.f.chunks_mut(batch);
        let mut f_u = self.f_u.chunks_mut(batch * c);
        let mut f_p = self.f_p.chunks_mut(batch * c * d);
        let mut f_uu = self.f_uu.chunks_mut(batch * c * c);
        let mut f_up = self.f_up.chunks_mut(batch * c * c * d);
        let mut f_pp = self.f_pp.chunks_mut(batch * c * d * c * d);
        let mut f_h = self.f_h.chunks_mut((batch * h).max(1));
        let mut f_uh = self.f_uh.chunks_mut((batch * c * h).max(1));
        let mut f_ph = self.f_ph.chunks_mut((batch * c * d * h).max(1));
        let mut f_hh = self.f_hh.chunks_mut((batch * h * h).max(1));
        let mut seconds = jets.hessian.chunks((batch * h).max(1));
        let values = jets.value.chunks(batch * c);
        let slopes = jets.slope.chunks(batch * c * d);
        let (first, second) = (order >= Order::First, order >= Order::Second);
        x.chunks(batch * d)
            .zip(values.zip(slopes))
            .map(|(x, (u, p))| BatchTask {
                batch: Batch {
                    c,
                    d,
                    t,
                    x,
                    u,
                    p,
                    h: seconds.next().unwrap_or_default(),
                },
                wanted: Derivatives {
                    f: f.next(),
                    f_u: f_u.next().filter(|_| first),
                    f_p: f_p.next().filter(|_| first),
                    f_x: None,
                    f_uu: f_uu.next().filter(|_| second),
                    f_up: f_up.next().filter(|_| second),
                    f_pp: f_pp.next().filter(|_| second),
                    f_h: f_h.next().filter(|_| first),
                    f_uh: f_uh.next().filter(|_| second),
                    f_ph: f_ph.next().filter(|_| second),
                    f_hh: f_hh.next().filter(|_| second),
                },
            })
            .collect()
    }
}
