//! The network at many points.

use super::{CHUNK, Linearization, Network, Tape};
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

/// The product of the Jacobian of (u, grad u) in the parameters with `direction`, at positions `x`
/// (`[n][d]`): the change of u goes to `du` (`[n]`), that of grad u to `dgrad` (`[n][d]`).
pub fn jacobian_product(
    network: &Network,
    pool: &Pool,
    parameters: &[f64],
    direction: &[f64],
    x: &[f64],
    du: &mut [f64],
    dgrad: &mut [f64],
) {
    let d = network.dimension();
    let (task, chunk) = shares(network, du.len());
    let tasks = x
        .chunks(task * d)
        .zip(du.chunks_mut(task).zip(dgrad.chunks_mut(task * d)));
    let done = pool.try_for_each(tasks, |(x, (du, dgrad))| {
        let mut linear = Linearization::default();
        let outputs = du.chunks_mut(chunk).zip(dgrad.chunks_mut(chunk * d));
        for (x, (du, dgrad)) in x.chunks(chunk * d).zip(outputs) {
            linear.set(network, parameters, x);
            linear.apply(network, parameters, direction, du, dgrad);
        }
        Ok(())
    });
    debug_assert!(done.is_ok(), "the tasks return no errors");
}

/// Nodes of a task and of a chunk in it: tasks of one size, not fewer than threads may want.
fn shares(network: &Network, n: usize) -> (usize, usize) {
    const TASKS: usize = 16;
    let task = n.div_ceil(TASKS).max(CHUNK);
    let chunks = task.div_ceil(network.chunk::<f64>());
    (task, task.div_ceil(chunks))
}
