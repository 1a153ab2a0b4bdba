"""Energies of second derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import movimento
from movimento import Energy, Solver

TAU = 2 * np.pi

Array = npt.NDArray[np.float64]


def plate(_x: None, _u: Array, _p: None, h: Array) -> tuple[Array, int, Array]:
    """int (Lap u)^2/2, whose flow is u_t = -Lap^2 u."""
    trace = np.trace(h, axis1=1, axis2=2)
    return trace**2 / 2, 0, trace[:, None, None] * np.eye(h.shape[1])


def make(**options: Any) -> Solver:
    return Solver(dimension=1, lower=[0.0], upper=[TAU], embedding="periodic", movement="third", tau=0.1, **options)


def test_a_mode_of_a_periodic_plate_decays() -> None:
    with make() as solver:
        solver.add_energy(Energy.from_function(plate, hessian=True))
        solver.set_initial(lambda x: 0.5 + np.cos(x[:, 0]))
        for _ in range(10):
            solver.step()
        x = np.linspace(0, TAU, 41)[:, None]
        exact = 0.5 + np.exp(-1) * np.cos(x[:, 0])
        assert np.abs(solver.evaluate(x) - exact).max() < 1e-5


def test_gradients_and_time_come_along() -> None:
    def of_all(t: float, x: None, u: Array, p: Array, h: Array) -> tuple[Array, Array, Array, Array]:
        assert x is None
        trace = np.trace(h, axis1=1, axis2=2)
        growth = 1 + t
        f = growth * (p**2).sum(axis=1) / 2 + trace**2 / 2
        return f, np.zeros_like(u), growth * p, trace[:, None, None] * np.eye(h.shape[1])

    with make() as solver:
        solver.add_energy(Energy.from_function(of_all, "of all", hessian=True, gradient=True, time=True))
        solver.set_initial(lambda x: np.cos(x[:, 0]))
        for _ in range(5):
            solver.step()
        # The rate is 2 + t.
        exact = np.exp(-(2 * 0.5 + 0.5**2 / 2))
        assert abs(solver.evaluate(np.array([[0.0]]))[0] - exact) < 1e-4


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(movimento.errors.ArgumentError, match="`components` is 2"):
        Energy.from_function(plate, hessian=True, components=2)
    with make(training="all") as solver, pytest.raises(movimento.errors.StateError, match="`training` is all"):
        solver.add_energy(Energy.from_function(plate, hessian=True))
    with make() as solver:
        solver.add_energy(Energy.from_function(lambda x, u, p, h: (0, 0), "short", hessian=True))
        solver.set_initial(lambda x: np.cos(x[:, 0]))
        with pytest.raises(TypeError, match=r"\(f, f_u, f_h\)"):
            solver.step()
