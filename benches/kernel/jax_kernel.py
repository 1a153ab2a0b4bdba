"""The same in JAX, jitted for the CPU. Prints a JSON line for each task and way of writing it.

The formulas of the case are those of case.rs.
"""

import argparse
import json
import os
import time

arguments = argparse.ArgumentParser()
arguments.add_argument("--case", required=True)
arguments.add_argument("--dimension", type=int, required=True)
arguments.add_argument("--hidden", required=True)
arguments.add_argument("--nodes", type=int, required=True)
arguments.add_argument("--threads", type=int, default=1)
arguments.add_argument("--single", action="store_true")
arguments.add_argument("--repetitions", type=int, default=5)
arguments = arguments.parse_args()

# XLA sizes its pool by the processors that the process may run on.
os.environ["JAX_PLATFORMS"] = "cpu"
os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[: arguments.threads]))

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402

jax.config.update("jax_enable_x64", not arguments.single)
STRENGTH, KAPPA = 200.0, 0.1
n, d = arguments.nodes, arguments.dimension
widths = [d, *map(int, arguments.hidden.split(",")), 1]


def case():
    """Parameters, direction, nodes and centres."""
    count = sum((a + 1) * b for a, b in zip(widths, widths[1:]))
    i = np.arange(count, dtype=np.float64)
    flat = 2.0 * np.modf(i * 0.754877666246693)[0] - 1.0
    direction = np.cos(0.7 * i)

    def layers(array, scaled):
        start, result = 0, []
        for a, b in zip(widths, widths[1:]):
            scale = np.sqrt(3.0 / a) if scaled else 1.0
            w = scale * array[start : start + a * b].reshape(b, a)
            start += a * b
            result.append((jnp.asarray(w), jnp.asarray(array[start : start + b])))
            start += b
        return result

    rates = np.sqrt(2.0 + np.arange(d))
    x = 2.0 * np.modf(rates[None, :] * (1.0 + np.arange(n))[:, None])[0] - 1.0
    c = np.cos(np.pi * x[:, 0])
    return layers(flat, True), layers(direction, False), jnp.asarray(x), jnp.asarray(c)


def u(parameters, x):
    """The network at one point, or at a batch of them."""
    h = x
    for w, b in parameters[:-1]:
        h = jnp.tanh(h @ w.T + b)
    w, b = parameters[-1]
    return (h @ w.T + b)[..., 0]


def field_vmap(parameters, x):
    """u and grad u by `vmap(value_and_grad)`."""
    return jax.vmap(jax.value_and_grad(u, argnums=1), in_axes=(None, 0))(parameters, x)


def field_batched(parameters, x):
    """u and grad u by one reverse pass over the batch."""
    values, pull = jax.vjp(lambda x: u(parameters, x), x)
    return values, pull(jnp.ones_like(values))[0]


def field_tangents(parameters, x):
    """u and grad u by d tangents forward."""
    one = lambda v: jax.jvp(lambda x: u(parameters, x), (x,), (jnp.broadcast_to(v, x.shape),))
    values, slopes = jax.vmap(one, out_axes=(None, -1))(jnp.eye(d, dtype=x.dtype))
    return values, slopes


def objective(field):
    def sum_of(parameters, x, c):
        values, slopes = field(parameters, x)
        squares = jnp.sum(slopes * slopes, axis=-1)
        return jnp.sum(0.5 * (STRENGTH * (values - c) ** 2 + KAPPA * squares)) / n

    return sum_of


def whole(field):
    """One evaluation over all nodes."""
    gradient = jax.jit(jax.value_and_grad(objective(field)))
    product = jax.jit(
        lambda p, v, x: jax.jvp(lambda p: field(p, x), (p,), (v,))[1],
    )
    return gradient, product


def chunked(field, size):
    """The nodes in parts that stay in cache, in a loop inside the compiled function."""

    def parts(x):
        return x.reshape(n // size, size, *x.shape[1:])

    def gradient(p, x, c):
        def add(total, part):
            value, slope = jax.value_and_grad(objective(field))(p, *part)
            return jax.tree.map(jnp.add, total, (value, slope)), None

        zero = (jnp.zeros((), x.dtype), jax.tree.map(jnp.zeros_like, p))
        return jax.lax.scan(add, zero, (parts(x), parts(c)))[0]

    def product(p, v, x):
        one = lambda x: jax.jvp(lambda p: field(p, x), (p,), (v,))[1]
        du, dp = jax.lax.map(one, parts(x))
        return du.reshape(n), dp.reshape(n, d)

    return jax.jit(gradient), jax.jit(product)


def measure(run):
    jax.block_until_ready(run())
    seconds, busy = [], []
    for _ in range(arguments.repetitions):
        start, start_busy = time.perf_counter(), time.process_time()
        result = jax.block_until_ready(run())
        seconds.append(time.perf_counter() - start)
        busy.append(time.process_time() - start_busy)
    return result, (seconds, busy)


def norm(tree):
    return float(np.sqrt(sum(np.sum(np.asarray(t, np.float64) ** 2) for t in jax.tree.leaves(tree))))


parameters, direction, x, c = case()
ways = {
    "vmap": whole(field_vmap),
    "batched": whole(field_batched),
    "chunks of 500": chunked(field_batched, 500),
    "chunks of 2000": chunked(field_batched, 2000),
}
if d <= 2:
    ways["tangents"] = whole(field_tangents)
for name, (gradient, product) in ways.items():
    (value, slope), seconds = measure(lambda: gradient(parameters, x, c))
    (du, dp), seconds_product = measure(lambda: product(parameters, direction, x))
    for task, value, size, times in [
        ("gradient", float(value), norm(slope), seconds),
        ("product", norm(du), norm(dp), seconds_product),
    ]:
        line = {
            "contender": f"jax-{name}",
            "case": arguments.case,
            "task": task,
            "threads": arguments.threads,
            "precision": "f32" if arguments.single else "f64",
            "seconds": times[0],
            "cpu_seconds": times[1],
            "value": value,
            "norm": size,
        }
        print(json.dumps(line), flush=True)
