//! The network at many points.

use super::{CHUNK, Network, Tape};
use crate::parallel::Pool;

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
    let mut grad = grad.map(|g| g.chunks_mut(CHUNK * d));
    let tasks: Vec<_> = x
        .chunks(CHUNK * d)
        .zip(u.chunks_mut(CHUNK))
        .map(|(x, u)| (x, u, grad.as_mut().and_then(Iterator::next)))
        .collect();
    // A few chunks to a task, so that a tape is not made for each.
    let mut groups = Vec::new();
    let mut tasks = tasks.into_iter().peekable();
    while tasks.peek().is_some() {
        groups.push(tasks.by_ref().take(16).collect::<Vec<_>>());
    }
    let done = pool.try_for_each(groups, |group| {
        let mut tape = Tape::default();
        for (x, u, grad) in group {
            tape.forward(network, parameters, x);
            tape.copy_to(u, grad);
        }
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
