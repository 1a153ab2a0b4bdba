"""Fields of several components."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import movimento
from movimento import Energy, Solver, Values

Array = npt.NDArray[np.float64]

KAPPA, COUPLING = np.array([0.1, 0.02]), 5.0


def coupled(_x: None, u: Array, p: Array) -> tuple[Array, Array, Array]:
    """Two fields that diffuse and draw each other."""
    apart = COUPLING * (u[:, 0] - u[:, 1])
    f = 0.5 * apart * (u[:, 0] - u[:, 1]) + 0.5 * np.einsum("c,ncd->n", KAPPA, p**2)
    return f, np.stack([apart, -apart], axis=1), KAPPA[:, None] * p


def solver(**options: Any) -> Solver:
    made = Solver(dimension=1, components=2, movement="second", **{"tau": 0.02, **options})
    made.add_energy(Energy.from_function(coupled, gradient=True, components=2))
    made.set_initial(lambda x: np.cos(np.pi * x) * [1.0, 0.0])
    return made


def exact(x: Array, t: float) -> Array:
    matrix = np.diag(KAPPA * np.pi**2) + COUPLING * np.array([[1.0, -1.0], [-1.0, 1.0]])
    rates, vectors = np.linalg.eigh(matrix)
    heights = vectors @ (np.exp(-rates * t) * vectors[0])
    return np.asarray(np.cos(np.pi * x) * heights)


def test_two_fields_are_their_closed_form(tmp_path: Path) -> None:
    with solver() as it:
        it.step_to(0.2)
        x = np.linspace(0.0, 1.0, 41)[:, None]
        u, grad = it.evaluate(x, gradient=True)
        assert u.shape == (41, 2)
        assert grad.shape == (41, 2, 1)
        assert it.components == 2
        np.testing.assert_allclose(u, exact(x, 0.2), atol=2e-4)
        found = it.evaluate_all(x, "u", "hessian", "laplacian", "rate")
        assert found["hessian"].shape == (41, 2, 1, 1)
        np.testing.assert_array_equal(found["u"], u)
        np.testing.assert_allclose(found["laplacian"], -(np.pi**2) * u, atol=2e-2)
        np.testing.assert_array_equal(it.evaluate_field("u1", x), u[:, 1])
        np.testing.assert_array_equal(it.evaluate_field("u", x), u)
        assert it.evaluate_between(0.19, x).shape == (41, 2)
        with movimento.Writer(it, tmp_path / "series") as writer:
            writer.add("u", "u0")
            writer.add_function("sum", lambda x, u: u.sum(axis=1))
            writer.write()


def test_a_state_is_handed_over() -> None:
    with solver() as it:
        it.step()
        x = np.linspace(0.0, 1.0, 2001)[:, None]
        before = it.evaluate(x)
        it.set_state(lambda x, u: u[:, ::-1])
        np.testing.assert_allclose(it.evaluate(x), before[:, ::-1], atol=1e-6)
        it.set_state(Values(x, before))
        np.testing.assert_allclose(it.evaluate(x), before, atol=1e-6)
        assert it.run(event=lambda t, energy, u: u[0, 0] - 0.7, x=[[0.0]], time=1.0) == "event"


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(movimento.errors.ArgumentError, match="`components` is 17"):
        Energy.from_function(coupled, gradient=True, components=17)
    with Solver(dimension=1) as scalar, pytest.raises(movimento.errors.PluginError, match="of 2 components"):
        scalar.add_energy(Energy.from_function(coupled, gradient=True, components=2))
    with solver() as it:
        with pytest.raises(ValueError, match="shape"):
            it.set_initial(lambda x: np.zeros((len(x), 3)))
        with pytest.raises(movimento.errors.ArgumentError, match="`u` has the shape"):
            it.set_initial(Values(np.linspace(0, 1, 900)[:, None], np.zeros(900)))
