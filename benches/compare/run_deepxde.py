"""Solves a problem by DeepXDE as its manual does: a dense network with tanh, and Adam with a rate that falls.

JAX is the fastest of its backends that need no graphics card; with it there is no L-BFGS.

Usage: run_deepxde.py CASE SECONDS

Prints a JSON line each time that the error was looked at: seconds of training so far, without the looks, and the error.
"""

from __future__ import annotations

import json
import os
import sys
import time

os.environ.setdefault("DDE_BACKEND", "jax")

import deepxde as dde
import jax.numpy as jnp
import numpy as np
import problems

#: Looks at the error at most.
LOOKS = 40


class Clock(dde.callbacks.Callback):
    """Looks at the error from time to time and ends the training."""

    def __init__(self, problem: problems.Problem, limit: float) -> None:
        super().__init__()
        self.problem, self.limit = problem, limit
        self.looking = 0.0
        self.begin = time.perf_counter()
        self.next = limit / LOOKS

    def seconds(self) -> float:
        return time.perf_counter() - self.begin - self.looking

    def on_epoch_end(self) -> None:
        if self.seconds() >= min(self.next, self.limit):
            self.look()
        if self.seconds() >= self.limit:
            self.model.stop_training = True

    def look(self) -> None:
        now, start = self.seconds(), time.perf_counter()
        points = self.problem.points
        rows = [self.model.predict(np.hstack([points, np.full((len(points), 1), t)]))[:, 0] for t in self.problem.times]
        print(json.dumps({"seconds": now, "error": self.problem.error(np.array(rows))}), file=lines, flush=True)
        self.next = now + self.limit / LOOKS
        self.looking += time.perf_counter() - start


def value(found):
    """What JAX has a pair of, with the function."""
    return found[0] if isinstance(found, tuple) else found


def build(problem: problems.Problem) -> dde.Model:
    d, half = problem.dimension, problem.half
    if d == 1:
        space = dde.geometry.Interval(-half, half)
    else:
        space = dde.geometry.Hypercube([-half] * d, [half] * d)
    domain = dde.geometry.GeometryXTime(space, dde.geometry.TimeDomain(0, problem.times[-1]))

    def equation(x, u):
        laplacian = sum(value(dde.grad.hessian(u, x, i=i, j=i)) for i in range(d))
        rate = value(dde.grad.jacobian(u, x, i=0, j=d))
        reaction = problem.well * (value(u) - value(u) ** 3)
        return rate - problem.kappa * laplacian - reaction

    start = dde.icbc.IC(domain, lambda x: problem.initial(x[:, :d])[:, None], lambda _, initial: initial)
    data = dde.data.TimePDE(domain, equation, [start], num_domain=2500, num_initial=1000)
    net = dde.nn.FNN([2 * d + 1] + [32] * 3 + [1], "tanh", "Glorot normal")

    def features(x):
        """The boundary conditions are those of what the network sees: the waves that this library gives its own."""
        if problem.periodic:
            turn = jnp.pi / half * x[..., :d]
            waves = [jnp.cos(turn), jnp.sin(turn)]
        else:
            turn = jnp.pi / (2 * half) * (x[..., :d] + half)
            waves = [jnp.cos(turn), jnp.cos(2 * turn)]
        return jnp.concatenate([*waves, x[..., d:]], axis=-1)

    net.apply_feature_transform(features)
    model = dde.Model(data, net)
    # The start weighs more, as in its example of Allen and Cahn's equation.
    model.compile("adam", lr=1e-3, decay=("exponential", 2000, 0.9), loss_weights=[1, 100], verbose=0)
    return model


def main() -> None:
    problem = problems.ALL[sys.argv[1]]()
    limit = float(sys.argv[2])
    dde.config.set_random_seed(1)
    clock = Clock(problem, limit)
    build(problem).train(iterations=10**7, display_every=10**8, callbacks=[clock], verbose=0)


if __name__ == "__main__":
    # What it prints itself goes to standard error.
    lines, sys.stdout = sys.stdout, sys.stderr
    main()
