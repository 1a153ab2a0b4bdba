//! The network at many points.

use super::{CHUNK, Cut, Linearization, Network, Real, Tape, Weights};
use crate::parallel::Pool;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// u (`[n]`) and, when wanted, grad u (`[n][d]`) at positions `x` (`[n][d]`).
pub fn evaluate(
    network: &Network,
    pool: &Pool,
    parameters: &[f64],
    x: &[f64],
    u: &mut [f64],
    grad: Option<&mut [f64]>,
) {
    let d = network.dimension();
    let mut weights = Weights::<f64>::default();
    weights.set(network, parameters);
    let cut = network.cut::<f64>(u.len());
    match grad {
        Some(grad) => over_shares(pool, &cut, d, (u, grad), |linear, nodes, (u, grad)| {
            linear.set(network, &weights, &x[nodes.start * d..nodes.end * d]);
            linear.copy_to(u, Some(grad));
        }),
        None => over_shares(pool, &cut, 0, (u, &mut []), |linear, nodes, (u, _)| {
            linear.set_value(network, &weights, &x[nodes.start * d..nodes.end * d]);
            linear.copy_to(u, None);
        }),
    }
}

/// The product of the Jacobian of (u, grad u) in the parameters with `direction`, at positions `x`
/// (`[n][d]`), in the precision R: the change of u goes to `du` (`[n]`), that of grad u to `dgrad` (`[n][d]`).
pub fn jacobian_product<R: Real>(
    network: &Network,
    pool: &Pool,
    parameters: &[f64],
    direction: &[f64],
    x: &[f64],
    du: &mut [f64],
    dgrad: &mut [f64],
) {
    let d = network.dimension();
    let (mut weights, mut change) = (Weights::<R>::default(), Weights::default());
    weights.set(network, parameters);
    change.set(network, direction);
    let cut = network.cut::<R>(du.len());
    over_shares(pool, &cut, d, (du, dgrad), |linear, nodes, (du, dgrad)| {
        linear.set(network, &weights, &x[nodes.start * d..nodes.end * d]);
        linear.apply(network, &weights, &change, du, dgrad);
    });
}

/// Calls `work` with the nodes of every chunk and their parts of the outputs, `[n]` and `[n][width]`.
fn over_shares<R: Real>(
    pool: &Pool,
    cut: &Cut,
    width: usize,
    outputs: (&mut [f64], &mut [f64]),
    work: impl Fn(&mut Linearization<R>, Range<usize>, (&mut [f64], &mut [f64])) + Sync,
) {
    let mut rest = outputs;
    let tasks = (0..cut.shares()).map(|share| {
        let (first, second) = std::mem::take(&mut rest);
        let n = cut.share(share).len();
        let (first, first_rest) = first.split_at_mut(n);
        let (second, second_rest) = second.split_at_mut(n * width);
        rest = (first_rest, second_rest);
        (share, first, second)
    });
    // One for each running task: their arrays are large.
    let shelf: Mutex<Vec<Linearization<R>>> = Mutex::default();
    let lock = || shelf.lock().unwrap_or_else(PoisonError::into_inner);
    let done = pool.try_for_each(tasks, |(share, first, second)| {
        let mut linear = lock().pop().unwrap_or_default();
        let start = cut.share(share).start;
        for chunk in 0..cut.chunks() {
            let nodes = cut.chunk(share, chunk);
            if !nodes.is_empty() {
                let (from, to) = (nodes.start - start, nodes.end - start);
                let parts = (&mut first[from..to], &mut second[from * width..to * width]);
                work(&mut linear, nodes, parts);
            }
        }
        lock().push(linear);
        Ok(())
    });
    debug_assert!(done.is_ok(), "the tasks return no errors");
}

/// `A : Hess u` (`[n]`) at positions `x` (`[n][d]`), with a symmetric matrix A for each, `[n][d][d]`.
pub fn evaluate_curved(
    network: &Network,
    pool: &Pool,
    parameters: &[f64],
    x: &[f64],
    a: &[f64],
    out: &mut [f64],
) {
    let d = network.dimension();
    // A few chunks to a task, so that a tape is not made for each.
    let group = 16 * CHUNK;
    let tasks = x
        .chunks(group * d)
        .zip(a.chunks(group * d * d))
        .zip(out.chunks_mut(group));
    let done = pool.try_for_each(tasks, |((x, a), out)| {
        let mut tape = Tape::default();
        let chunks = x.chunks(CHUNK * d).zip(a.chunks(CHUNK * d * d));
        for ((x, a), out) in chunks.zip(out.chunks_mut(CHUNK)) {
            tape.forward_curved(network, parameters, x, a);
            out.copy_from_slice(tape.curved());
        }
        Ok(())
    });
    debug_assert!(done.is_ok(), "the tasks return no errors");
}
