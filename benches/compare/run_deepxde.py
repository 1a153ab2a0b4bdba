"""Solves a problem by DeepXDE as its manual does: a dense network with tanh, Adam, then L-BFGS.

Usage: run_deepxde.py CASE SECONDS

Prints a JSON line each time that the error was looked at: seconds of training so far, without the looks, and the error.
"""

from __future__ import annotations

import json
import os
import sys
import time

os.environ.setdefault("DDE_BACKEND", "tensorflow.compat.v1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import deepxde as dde
import numpy as np
import problems

#: Part of the time that is Adam's.
ADAM = 0.3
#: Looks at the error at most, and iterations of L-BFGS between two, which begins anew after each.
LOOKS = 40
CHUNK = 500


class Clock(dde.callbacks.Callback):
    """Looks at the error from time to time and ends the training."""

    def __init__(self, problem: problems.Problem, limit: float) -> None:
        super().__init__()
        self.problem, self.limit = problem, limit
        self.looking = 0.0
        self.begin = time.perf_counter()
        self.next = limit / LOOKS
        self.until = limit

    def seconds(self) -> float:
        return time.perf_counter() - self.begin - self.looking

    def on_epoch_end(self) -> None:
        if self.seconds() >= min(self.next, self.until):
            self.look()
        if self.seconds() >= self.until:
            self.model.stop_training = True

    def look(self) -> None:
        now, start = self.seconds(), time.perf_counter()
        points = self.problem.points
        rows = [self.model.predict(np.hstack([points, np.full((len(points), 1), t)]))[:, 0] for t in self.problem.times]
        print(json.dumps({"seconds": now, "error": self.problem.error(np.array(rows))}), file=lines, flush=True)
        self.next = now + self.limit / LOOKS
        self.looking += time.perf_counter() - start


def build(problem: problems.Problem) -> dde.Model:
    d, half = problem.dimension, problem.half
    if d == 1:
        space = dde.geometry.Interval(-half, half)
    else:
        space = dde.geometry.Hypercube([-half] * d, [half] * d)
    domain = dde.geometry.GeometryXTime(space, dde.geometry.TimeDomain(0, problem.times[-1]))

    def equation(x, u):
        laplacian = sum(dde.grad.hessian(u, x, i=i, j=i) for i in range(d))
        return dde.grad.jacobian(u, x, i=0, j=d) - problem.kappa * laplacian - problem.well * (u - u**3)

    conditions = [dde.icbc.IC(domain, lambda x: problem.initial(x[:, :d])[:, None], lambda _, initial: initial)]
    # The start weighs more, as in the examples of Allen-Cahn.
    weights = [1, 100]
    if not problem.periodic:
        conditions.append(dde.icbc.NeumannBC(domain, lambda x: np.zeros((len(x), 1)), lambda _, on: on))
        weights.append(1)
    data = dde.data.TimePDE(
        domain, equation, conditions, num_domain=8000, num_boundary=0 if problem.periodic else 800, num_initial=1600
    )
    inputs = d + 1
    if problem.periodic:
        inputs = 2 * d + 1
    net = dde.nn.FNN([inputs] + [64] * 4 + [1], "tanh", "Glorot normal")
    if problem.periodic:
        tf = dde.backend.tf

        def features(x):
            turn = np.pi / half * x[:, :d]
            return tf.concat([tf.cos(turn), tf.sin(turn), x[:, d:]], axis=1)

        net.apply_feature_transform(features)
    model = dde.Model(data, net)
    model.weights = weights
    return model


def main() -> None:
    problem = problems.ALL[sys.argv[1]]()
    limit = float(sys.argv[2])
    dde.config.set_default_float("float64")
    dde.config.set_random_seed(1)
    dde.optimizers.config.set_LBFGS_options(maxiter=CHUNK, maxfun=10 * CHUNK, ftol=0, gtol=0)
    model = build(problem)
    clock = Clock(problem, limit)
    clock.until = ADAM * limit
    model.compile("adam", lr=1e-3, loss_weights=model.weights, verbose=0)
    model.train(iterations=10**7, display_every=10**8, callbacks=[clock], verbose=0)
    model.compile("L-BFGS", loss_weights=model.weights, verbose=0)
    while clock.seconds() < limit:
        model.train(display_every=10**8, verbose=0)
        clock.look()


if __name__ == "__main__":
    # What it prints itself goes to standard error.
    lines, sys.stdout = sys.stdout, sys.stderr
    main()
