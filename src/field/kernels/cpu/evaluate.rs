//! The network at many points.

use super::{At, CHUNK, Cut, Linearization, Real, ScalarNetwork, Shelf, Tape, Weights};
use crate::parallel::Pool;
use std::ops::Range;

/// u (`[n]`) and, when wanted, grad u (`[n][d]`).
pub(super) fn scalar(
    network: ScalarNetwork<'_>,
    at: &At<'_>,
    u: &mut [f64],
    grad: Option<&mut [f64]>,
) {
    let (pool, d) = (at.pool, network.dimension());
    let mut weights = Weights::<f64>::default();
    weights.set(&network, at.parameters);
    let cut = Cut::of::<f64>(&network, u.len());
    let x = |nodes: Range<usize>| &at.x[nodes.start * d..nodes.end * d];
    match grad {
        Some(grad) => over_shares(pool, &cut, d, (u, grad), |linear, nodes, (u, grad)| {
            linear.set(network, &weights, x(nodes));
            linear.copy_to(u, Some(grad));
        }),
        None => over_shares(pool, &cut, 0, (u, &mut []), |linear, nodes, (u, _)| {
            linear.set_value(network, &weights, x(nodes));
            linear.copy_to(u, None);
        }),
    }
}

/// The outputs (`[n][c]`) and, when wanted, their derivatives (`[n][c][d]`).
pub(super) fn vector(at: &At<'_>, value: &mut [f64], slope: Option<&mut [f64]>) {
    let (d, c) = (at.network.dimension(), at.network.outputs());
    let shelf = Shelf::<Tape>::default();
    let mut slopes = slope.map(|slope| slope.chunks_mut(CHUNK * c * d));
    let tasks = at.x.chunks(CHUNK * d).zip(value.chunks_mut(CHUNK * c));
    let tasks = tasks.map(|task| (task, slopes.as_mut().and_then(Iterator::next)));
    let done = at.pool.try_for_each(tasks, |((x, value), slope)| {
        shelf.with(|tape| {
            if slope.is_some() {
                tape.forward(at.network, at.parameters, x);
            } else {
                tape.forward_values(at.network, at.parameters, x);
            }
            tape.copy_to(value, slope);
        });
        Ok(())
    });
    debug_assert!(done.is_ok(), "the tasks return no errors");
}

/// The product of the Jacobian of (u, grad u) in the parameters with `direction`, at positions `x`
/// (`[n][d]`), in the precision R: the change of u goes to `du` (`[n]`), that of grad u to `dgrad`
/// (`[n][d]`).
pub fn jacobian_product<R: Real>(
    network: ScalarNetwork<'_>,
    pool: &Pool,
    parameters: &[f64],
    direction: &[f64],
    x: &[f64],
    du: &mut [f64],
    dgrad: &mut [f64],
) {
    let d = network.dimension();
    let (mut weights, mut change) = (Weights::<R>::default(), Weights::default());
    weights.set(&network, parameters);
    change.set(&network, direction);
    let cut = Cut::of::<R>(&network, du.len());
    over_shares(pool, &cut, d, (du, dgrad), |linear, nodes, (du, dgrad)| {
        linear.set(network, &weights, &x[nodes.start * d..nodes.end * d]);
        linear.apply(network, &weights, &change, du, dgrad);
    });
}

/// Calls `work` with the nodes of every chunk and their parts of the outputs, `[n]` and
/// `[n][width]`.
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
    let shelf = Shelf::<Linearization<R>>::default();
    let done = pool.try_for_each(tasks, |(share, first, second)| {
        shelf.with(|linear| {
            let start = cut.share(share).start;
            for chunk in 0..cut.chunks() {
                let nodes = cut.chunk(share, chunk);
                if !nodes.is_empty() {
                    let (from, to) = (nodes.start - start, nodes.end - start);
                    let parts = (&mut first[from..to], &mut second[from * width..to * width]);
                    work(linear, nodes, parts);
                }
            }
        });
        Ok(())
    });
    debug_assert!(done.is_ok(), "the tasks return no errors");
}
