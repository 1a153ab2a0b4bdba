"""Flows in Wasserstein space."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from problems import TINY, bump

from movimento import ArgumentError, Barenblatt, Energy, Gaussians, Particles, Solver, StateError


def flow(d: int, **options: Any) -> Solver:
    return Solver({"flow": "wasserstein", "domain": "space", "dimension": d, "hidden": 4, "tau": 0.01, **options})


def test_a_gaussian_diffuses() -> None:
    mean, covariance = np.array([0.5, -0.5]), np.array([[1.0, 0.25], [0.25, 0.5]])
    with flow(2) as solver:
        solver.add_energy("entropy")
        with pytest.raises(StateError, match="initial"):
            solver.moments()
        solver.set_initial(Gaussians(mean, covariance))
        solver.step()
        found, spread = solver.moments()
        assert np.allclose(found, mean, atol=1e-6)
        # By 2 t on the diagonal.
        assert np.allclose(spread, covariance + 0.02 * np.eye(2), atol=1e-3)
        # -grad ln rho = S^-1 (y - m).
        y = mean + np.array([[[0.5, 0.5], [-0.25, 0.0]]])
        assert np.allclose(solver.velocity(y), np.linalg.solve(spread, (y - mean)[..., None])[..., 0], atol=1e-2)
        rho, grad = solver.evaluate(y, gradient=True)
        assert np.allclose(grad / rho[..., None], -solver.velocity(y), atol=1e-6)
        exact = np.exp(-0.5 * np.einsum("...i,ij,...j", y - mean, np.linalg.inv(spread), y - mean))
        assert np.allclose(rho, exact / (2 * np.pi * np.sqrt(np.linalg.det(spread))), rtol=1e-2)
        assert solver.entropy() == pytest.approx(-1 - np.log(2 * np.pi * np.sqrt(np.linalg.det(spread))), abs=1e-3)
        assert np.allclose(solver.push_forward(mean), mean, atol=1e-5)
        quantiles = solver.quantiles([[0.25, 0.5], [0.75, 0.5]], axis=1)
        assert quantiles.shape == (2, 2)
        assert np.allclose(quantiles[:, 1], -0.5, atol=5e-3)
        assert quantiles[1, 0] + 0.5 == pytest.approx(0.67448975 * np.sqrt(spread[1, 1]), abs=5e-3)
        with pytest.raises(ArgumentError, match="`axis` is 2"):
            solver.quantiles(0.5, axis=2)
        with pytest.raises(ArgumentError, match=r"holds 1\.5"):
            solver.quantiles(1.5)
        shown = solver.to_xarray(5, ["u", "velocity", "gradient"])
        # Five standard deviations about the mean, as no box was given.
        assert np.allclose(shown.x[[0, 4]], found[0] + 5 * np.sqrt(spread[0, 0]) * np.array([-1, 1]))
        assert shown.velocity.dims == ("y", "x", "component")
        assert shown.u.attrs["long_name"] == solver.fields["u"].long_name
        at = shown.isel(x=1, y=3)
        assert np.allclose(at.velocity, solver.velocity([float(at.x), float(at.y)]))


def test_mixtures() -> None:
    means = np.array([[-1.0, 0.0], [1.0, 0.0]])
    both = np.broadcast_to(np.eye(2), (2, 2, 2))
    with flow(2) as solver:
        solver.add_energy("entropy")
        solver.set_initial(Gaussians(means, both))
        assert abs(solver.moments()[0][0]) < 1e-12
        solver.set_initial(Gaussians(means, both, [0.25, 0.75]))
        assert solver.moments()[0][0] == pytest.approx(0.5, abs=1e-12)
        with pytest.raises(ArgumentError, match="covariance"):
            solver.set_initial(Gaussians(means, np.eye(2)))
        with pytest.raises(ArgumentError, match="positive definite"):
            solver.set_initial(Gaussians(means[0], np.ones((2, 2))))
        assert solver.moments()[0][0] == pytest.approx(0.5, abs=1e-12)


def test_a_density_that_a_function_gives() -> None:
    with flow(1, domain="box") as solver:
        solver.add_energy("entropy")
        with pytest.raises(ArgumentError, match="mass 2"):
            solver.set_initial(lambda x: 1.0 + 2 * x[:, 0])
        with pytest.raises(ArgumentError, match="gradient"):
            solver.set_initial(lambda x: 1.0, lambda x: 0.0 * x)
        solver.set_initial(lambda x: 0.5 + x[:, 0])
        solver.step()
        x = np.array([[0.0], [1.0]])
        assert np.allclose(solver.push_forward(x), x, atol=1e-15)
        rho = solver.evaluate(x)
        assert 0.5 < rho[0] < 0.7
        assert 1.3 < rho[1] < 1.5


def test_source_and_particles() -> None:
    with flow(1, movement="second") as solver:
        solver.add_energy(Energy.from_function(lambda x, rho, p: (rho**2, 2 * rho), "square", convex=True))
        with pytest.raises(ArgumentError, match="`m` is 1"):
            solver.set_initial(Barenblatt(1.0, 0.1))
        solver.set_initial(Barenblatt(2.0, 0.1))
        solver.step_to(0.02)
        # (c - x^2 / (12 t^(2/3)))_+ / t^(1/3), of mass 1, at the age t = 0.12.
        x = np.array([[0.0], [0.25], [0.5]])
        exact = ((3 / 64) ** (1 / 3) - x[:, 0] ** 2 / (12 * 0.12 ** (2 / 3))) / 0.12 ** (1 / 3)
        assert np.allclose(solver.evaluate(x), exact, rtol=1e-3)
        assert solver.report()["mass"] == pytest.approx(1.0, abs=1e-12)
        assert solver.report()["least_jacobian"] > 1.0

    with flow(1) as solver:
        solver.add_energy("power")
        # An even density on [-1, 1], whose score is 0.
        x = (np.arange(100)[:, None] + 0.5) / 50 - 1
        for particles in (
            Particles(x, np.full(100, 0.5), score=np.zeros((100, 1))),
            Particles(x, np.full(100, 0.5), w=np.full(100, 0.01)),
        ):
            solver.set_initial(particles)
            solver.step()
            assert solver.moments()[0][0] == pytest.approx(0.0, abs=1e-6)
            with pytest.raises(StateError):
                solver.evaluate(x)
        with pytest.raises(ArgumentError, match="score"):
            solver.set_initial(Particles(x, np.full(100, 0.5), score=np.zeros(100)))


def test_a_flow_of_l2_has_no_map() -> None:
    with Solver(TINY) as solver:
        solver.set_initial(bump)
        with pytest.raises(StateError, match="wasserstein"):
            solver.push_forward([[0.5]])
        with pytest.raises(StateError, match="no use for a density"):
            solver.set_initial(Barenblatt(2.0, 0.1))
        with pytest.raises(ArgumentError, match="no field 'velocity'"):
            solver.to_xarray(fields=["velocity"])


def test_a_film_by_a_function_of_the_slope_spreads_as_the_plugin_has_it() -> None:
    def film(x: Any, rho: Any, p: Any) -> tuple[Any, ...]:
        return 0.5 * (p**2).sum(axis=1), 0.0, p

    spreads = []
    for energy in (Energy.from_function(film, gradient=True), Energy("thin-film")):
        with flow(1) as solver:
            solver.add_energy(energy)
            solver.set_initial(Gaussians([0.0], [[0.25]]))
            solver.step()
            spreads.append(solver.moments()[1].item())
    assert spreads[0] > 0.25
    assert spreads[0] == pytest.approx(spreads[1], rel=1e-6)


def test_mass_is_born_and_dies_by_options() -> None:
    # S' = (G - S)(2 al + be S)/G with weights 1, from S = 0.5 to G = 1.
    with Solver(flow="wfr", domain="space", dimension=1, movement="second", tau=0.05, total_mass="held") as solver:
        solver.add_energy("entropy")
        solver.add_energy(Energy("potential-quadratic", a=1.0))
        solver.set_initial(Gaussians([0.0], [[0.5]]))
        solver.step_to(0.2)
        # (1 - S)/(2 + S) decays by exp(-3 t).
        left = 0.2 * np.exp(-0.6)
        assert solver.moments()[1].item() == pytest.approx((1 - 2 * left) / (1 + left), abs=1e-3)
        assert solver.report()["mass"] == pytest.approx(1, abs=1e-6)
