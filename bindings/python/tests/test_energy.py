"""Energies: plugins, and functions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from problems import TINY, bump

from movimento import Energy, Gaussians, HandleError, OptionError, PluginError, Solver, StateError, plugins


def test_the_plugins_of_the_package_are_found() -> None:
    found = plugins()
    assert {"dirichlet", "double-well", "entropy", "power", "potential-quadratic", "interaction-power"} <= set(found)
    info = found["dirichlet"]
    assert "_lib/movimento/plugins/" in info.file
    assert info.parameters["kappa"].type == "real"
    assert info.formula
    assert plugins("dirichlet") == {"dirichlet": info}
    assert info == plugins(Path(info.file))["dirichlet"]
    with pytest.raises(PluginError, match="no-such"):
        plugins("no-such")


def test_energies_by_name_and_by_file() -> None:
    energy = Energy("dirichlet", kappa=0.25)
    assert repr(energy) == "Energy('dirichlet', kappa=0.25)"
    assert energy.name == "dirichlet"
    file = plugins()["dirichlet"].file
    assert Energy.from_file(file).name.startswith("libmovimento")
    assert Energy.from_file(Path(file), "dirichlet", kappa=2).name == "dirichlet"
    with pytest.raises(PluginError, match="no-such"):
        Energy("no-such")
    with pytest.raises(PluginError, match="nothing"):
        Energy.from_file("/nothing.so")


def test_parameters_are_checked() -> None:
    energy = Energy("dirichlet", kappa=0.25)
    with pytest.raises(OptionError, match="kapa"):
        energy.set(kapa=1.0)
    with pytest.raises(OptionError, match="kappa"):
        energy.set(kappa=-1.0)
    with pytest.raises(OptionError, match="kappa"):
        energy.set(kappa=[1.0, 2.0])
    assert repr(energy) == "Energy('dirichlet', kappa=0.25)"
    well = plugins()["potential-quadratic"]
    (name,) = [it.name for it in well.parameters.values() if it.type == "reals"][:1]
    assert name in repr(Energy("potential-quadratic", **{name: [0.5]}))
    energy.close()
    with pytest.raises(HandleError, match="Energy is closed"):
        energy.set(kappa=1.0)
    assert repr(energy).startswith("<closed> ")


def values(*energies: Energy | tuple[str, dict[str, Any]], gradient: bool = False) -> Any:
    """u on a grid after some steps."""
    with Solver(TINY, tau=0.05) as solver:
        for energy in energies:
            if isinstance(energy, Energy):
                solver.add_energy(energy)
            else:
                solver.add_energy(energy[0], **energy[1])
        solver.set_initial(bump)
        for _ in range(3):
            solver.step()
        return solver.evaluate(np.linspace(0, 1, 17)[:, None])


def test_a_function_is_as_good_as_the_plugin() -> None:
    def dirichlet(x: None, u: Any, p: Any) -> Any:
        assert x is None
        return 0.05 * (p**2).sum(axis=1), 0.0, 0.1 * p

    own = Energy.from_function(dirichlet, gradient=True, convex=True)
    assert own.name == "dirichlet"
    assert np.allclose(values(own), values(("dirichlet", {"kappa": 0.1})), atol=1e-6)
    # Implicit Euler takes cos(pi x) / 2 by 1 / (1 + 0.1 pi^2 tau) in each step.
    exact = 1 + 0.5 * np.cos(np.pi * np.linspace(0, 1, 17)) / (1 + 0.1 * np.pi**2 * 0.05) ** 3
    assert np.allclose(values(own), exact, atol=2e-4)


def test_a_function_sees_x_when_it_asks_for_it() -> None:
    # f = w(x) u^2 / 2 with w = 1 + cos(2 pi x) / 2: u decays by 1 / (1 + w tau), its slope at the ends stays 0.
    def w(x: Any) -> Any:
        return 1.0 + 0.5 * np.cos(2 * np.pi * x)

    def f(x: Any, u: Any, p: None) -> Any:
        assert p is None
        assert x.shape == (len(u), 1)
        return 0.5 * w(x[:, 0]) * u**2, w(x[:, 0]) * u

    x = np.linspace(0, 1, 17)
    exact = (1 + 0.5 * np.cos(np.pi * x)) / (1 + w(x) * 0.05) ** 3
    assert np.allclose(values(Energy.from_function(f, position=True, convex=True)), exact, atol=5e-4)


def exact(t: float, x: Any) -> Any:
    return np.cos(t) + 0.5 * t * np.cos(np.pi * x)


def test_a_density_and_a_source_see_the_time() -> None:
    def decay(t: float, x: None, u: Any, p: None) -> Any:
        return 0.5 * (1 + t) * u**2, (1 + t) * u

    def source(t: float, x: Any) -> Any:
        wave = 0.5 * np.cos(np.pi * x[:, 0])
        return -np.sin(t) + wave * (1 + 0.1 * np.pi**2 * t) + (1 + t) * exact(t, x[:, 0])

    with Solver(dimension=1, movement="second", tau=0.05) as solver:
        solver.add_energy("dirichlet", kappa=0.1)
        solver.add_energy(Energy.from_function(decay, convex=True, time=True))
        solver.add_source(source)
        solver.set_initial(lambda x: exact(0.0, x[:, 0]))
        solver.step_to(0.2)
        x = np.linspace(0, 1, 17)
        assert np.allclose(solver.evaluate(x[:, None]), exact(0.2, x), atol=5e-4)
        assert list(solver.energies) == ["dirichlet", "decay", "source"]
        with pytest.raises(StateError):
            solver.add_source(source)


def test_what_a_source_raises_comes_out_of_the_call() -> None:
    with Solver(TINY) as solver:
        solver.add_source(lambda t, x: np.zeros((3, 2)))
        solver.set_initial(bump)
        with pytest.raises(ValueError, match="the value of the source has the shape"):
            solver.step()


def test_a_kernel_that_depends_on_time() -> None:
    # With diffusion the variance is 1 + t.
    def springs(t: float, x: Any, y: Any) -> Any:
        k = 0.5 / (1 + t)
        return 0.5 * k * ((x - y) ** 2).sum(axis=1), k * (x - y)

    cloud: dict[str, Any] = {"dimension": 1, "flow": "wasserstein", "domain": "space", "transport": "map"}
    with Solver(cloud, movement="second", tau=0.05) as solver:
        solver.add_energy("entropy")
        solver.add_energy(Energy.from_kernel(springs, time=True))
        with pytest.raises(PluginError, match="a source adds mass"):
            solver.add_source(lambda t, x: 0.0)
        solver.set_initial(Gaussians([[0.0]], [[[1.0]]]))
        solver.step_to(0.2)
        _, covariance = solver.moments()
        assert covariance[0, 0] == pytest.approx(1.2, abs=5e-4)


def test_a_kernel_returns_two_arrays() -> None:
    cloud: dict[str, Any] = {
        "dimension": 1,
        "flow": "wasserstein",
        "domain": "space",
        "transport": "map",
        "hidden": 4,
    }
    with Solver(cloud, tau=0.05) as solver:
        solver.add_energy(Energy.from_kernel(lambda x, y: x - y, "half"))
        solver.set_initial(Gaussians([[0.0]], [[[1.0]]]))
        with pytest.raises(TypeError, match="a kernel returns"):
            solver.step()


def test_terms_have_their_names() -> None:
    with Solver(TINY) as solver:
        with pytest.raises(StateError):
            _ = solver.energy
        assert solver.energies == {}
        solver.add_energy("dirichlet", kappa=2.0)
        solver.add_energy(Energy.from_function(lambda x, u, p: (u**2, 2 * u), "größe"))
        solver.add_energy("dirichlet", kappa=4.0)
        with pytest.raises(TypeError, match="by its id"):
            solver.add_energy(Energy("dirichlet"), kappa=1.0)
        solver.set_initial(bump)
        terms = solver.energies
        assert list(terms) == ["dirichlet", "größe", "dirichlet (2)"]
        assert terms["dirichlet (2)"] == pytest.approx(2 * terms["dirichlet"], rel=1e-12)
        # int (pi/2 sin(pi x))^2 = pi^2 / 8 and int (1 + cos(pi x)/2)^2 = 9/8.
        assert terms["dirichlet"] == pytest.approx(np.pi**2 / 8, rel=1e-2)
        assert terms["größe"] == pytest.approx(9 / 8, rel=1e-3)
        assert solver.energy == pytest.approx(sum(terms.values()), rel=1e-12)
        solver.step()
        with pytest.raises(StateError):
            solver.add_energy("dirichlet")
