"""The problems of scripts/compare: what each program is to solve, and how its answer is measured.

They are those of `reproduce`, with the same metric: relative L2 error at points that nobody trains on, at the end or
over all times that are asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

#: Modes of the heat equations: an amplitude, and wave numbers by axis. Section 4.1.1 of the paper.
MODES_2D = [(-0.5, {0: 4}), (0.6, {1: 4}), (1.0, {0: 8, 1: 4}), (1.0, {0: 8, 1: 8})]
MODES_8D = [
    (-0.2, {1: 8}),
    (2.0, {3: 4}),
    (-1.0, {5: 4}),
    (1.0, {7: 4}),
    (2.0, {0: 4, 2: 4, 7: 4}),
    (2.0, {1: 4, 4: 4, 6: 4}),
]


@dataclass
class Problem:
    """`u_t = kappa Laplacian u + well (u - u^3)` on `[-half, half]^d` to the last of `times`."""

    name: str
    #: What `reproduce` is asked for, in several ways of going about it.
    runs: list[list[str]]
    dimension: int
    half: float
    kappa: float
    well: float
    periodic: bool
    times: list[float]
    initial: Callable[[np.ndarray], np.ndarray]
    #: Values at the points, `[len(times)][n]`.
    points: np.ndarray
    truth: Callable[[], np.ndarray]

    def error(self, u: np.ndarray) -> float:
        """The error of values at all times and points."""
        exact = self.truth()
        return float(np.linalg.norm(u - exact) / np.linalg.norm(exact))


def heat(name: str, constant: float, modes: list, kappa: float, dimension: int, points: np.ndarray) -> Problem:
    end = 0.2

    def solution(x: np.ndarray, time: float) -> np.ndarray:
        u = np.full(len(x), constant)
        for amplitude, waves in modes:
            term = amplitude * np.exp(-kappa * sum(q * q for q in waves.values()) * time)
            for axis, q in waves.items():
                term = term * np.cos(q * x[:, axis])
            u = u + term
        return u

    runs = [[name], [name, "--scheme", "second"]]
    return Problem(
        name, runs, dimension, np.pi / 4, kappa, 0.0, False, [end],
        lambda x: solution(x, 0.0), points, lambda: solution(points, end)[None],
    )


def centres(count: int, half: float) -> np.ndarray:
    return half * (2 * (np.arange(count) + 0.5) / count - 1)


def heat_2d() -> Problem:
    along = centres(101, np.pi / 4)
    points = np.stack(np.meshgrid(along, along, indexing="ij"), -1).reshape(-1, 2)
    return heat("heat-2d", 4.0, MODES_2D, 0.1, 2, points)


def heat_8d() -> Problem:
    points = np.random.default_rng(1).uniform(-np.pi / 4, np.pi / 4, (20_000, 8))
    return heat("heat-8d", 1.0, MODES_8D, 0.25, 8, points)


def allen_cahn() -> Problem:
    times = [0.02 * step for step in range(51)]
    points = centres(1001, 1.0)[:, None]

    def initial(x: np.ndarray) -> np.ndarray:
        return x[:, 0] ** 2 * np.cos(np.pi * x[:, 0])

    known: list[np.ndarray] = []

    def truth() -> np.ndarray:
        if not known:
            known.append(np.vstack([initial(points), waves(times[1:], points[:, 0])]))
        return known[0]

    return Problem("allen-cahn-pinn", [["allen-cahn-pinn"]], 1, 1.0, 1e-4, 5.0, True, times, initial, points, truth)


def waves(times: list[float], x: np.ndarray) -> np.ndarray:
    """The solution of `allen-cahn-pinn` at equal intervals: cosines, and exponential Runge-Kutta steps of order 4."""
    # Cosines, points of half a period, and steps of an interval.
    count, fine, steps = 512, 1024, 50
    k = np.arange(count)
    parts = [np.where(n == 0, 2 / 3, 4 * (-1.0) ** n / (np.maximum(np.abs(n), 1) * np.pi) ** 2) for n in (k - 1, k + 1)]
    u = 0.5 * (parts[0] + parts[1])
    u[0] *= 0.5

    def react(u: np.ndarray) -> np.ndarray:
        padded = np.zeros(fine + 1)
        padded[:count] = u * fine
        padded[0] *= 2
        value = np.fft.irfft(padded, 2 * fine)
        out = np.fft.rfft(5 * (value - value**3)).real[:count] / fine
        out[0] *= 0.5
        return out

    h = times[0] / steps
    z = -1e-4 * (k * np.pi) ** 2 * h
    # phi functions by their integrals over a circle, where nothing cancels.
    circle = np.exp(2j * np.pi * (np.arange(32) + 0.5) / 32)

    def mean(f: Callable[[np.ndarray], np.ndarray], z: np.ndarray) -> np.ndarray:
        return np.mean(f(z[:, None] + circle), axis=1).real

    half, whole = np.exp(z / 2), np.exp(z)
    stage = 0.5 * h * mean(lambda z: (np.exp(z) - 1) / z, z / 2)
    first = h * mean(lambda z: (-4 - z + np.exp(z) * (4 - 3 * z + z * z)) / z**3, z)
    middle = h * mean(lambda z: 2 * (2 + z + np.exp(z) * (z - 2)) / z**3, z)
    last = h * mean(lambda z: (-4 - 3 * z - z * z + np.exp(z) * (4 - z)) / z**3, z)
    cosines = np.cos(np.pi * np.outer(x, k))
    rows = []
    for _ in times:
        for _ in range(steps):
            n_u = react(u)
            a = half * u + stage * n_u
            n_a = react(a)
            n_b = react(half * u + stage * n_a)
            n_c = react(half * a + stage * (2 * n_b - n_u))
            u = whole * u + first * n_u + middle * (n_a + n_b) + last * n_c
        rows.append(cosines @ u)
    return np.array(rows)


#: Every problem by its name.
ALL = {"heat-2d": heat_2d, "heat-8d": heat_8d, "allen-cahn-pinn": allen_cahn}
