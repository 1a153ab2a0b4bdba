//! The network at many points.

use super::{Linearization, Network, Weights};
use crate::parallel::Pool;

/// Points are evaluated in so many tasks, or fewer.
const TASKS: usize = 16;

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
    let (task, chunk) = shares(network, u.len());
    let mut grad = grad.map(|g| g.chunks_mut(task * d));
    let tasks = x
        .chunks(task * d)
        .zip(u.chunks_mut(task))
        .map(|(x, u)| (x, u, grad.as_mut().and_then(Iterator::next)));
    let done = pool.try_for_each(tasks, |(x, u, grad)| {
        let mut linear = Linearization::<f64>::default();
        let mut grad = grad.map(|g| g.chunks_mut(chunk * d));
        for (x, u) in x.chunks(chunk * d).zip(u.chunks_mut(chunk)) {
            match grad.as_mut().and_then(Iterator::next) {
                Some(grad) => {
                    linear.set(network, &weights, x);
                    linear.copy_to(u, Some(grad));
                }
                None => {
                    linear.set_value(network, &weights, x);
                    linear.copy_to(u, None);
                }
            }
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
    let (mut weights, mut change) = (Weights::<f64>::default(), Weights::default());
    weights.set(network, parameters);
    change.set(network, direction);
    let (task, chunk) = shares(network, du.len());
    let tasks = x
        .chunks(task * d)
        .zip(du.chunks_mut(task).zip(dgrad.chunks_mut(task * d)));
    let done = pool.try_for_each(tasks, |(x, (du, dgrad))| {
        let mut linear = Linearization::<f64>::default();
        let outputs = du.chunks_mut(chunk).zip(dgrad.chunks_mut(chunk * d));
        for (x, (du, dgrad)) in x.chunks(chunk * d).zip(outputs) {
            linear.set(network, &weights, x);
            linear.apply(network, &weights, &change, du, dgrad);
        }
        Ok(())
    });
    debug_assert!(done.is_ok(), "the tasks return no errors");
}

/// Points of a task, in whole blocks, and of a chunk of it.
fn shares(network: &Network, n: usize) -> (usize, usize) {
    let (chunk, block) = network.chunk::<f64>();
    let task = n.div_ceil(block).div_ceil(TASKS).max(1) * block;
    (task, chunk.min(task))
}
