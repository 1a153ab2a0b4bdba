"""A solver of an L2 flow."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from problems import TINY, bump, half_square

import movimento
from movimento import (
    ArgumentError,
    Energy,
    HandleError,
    OptionError,
    Options,
    PluginError,
    Solver,
    StateError,
    Values,
)
from movimento._arrays import Reals
from movimento._library import c


def test_heat_decays_as_the_closed_form_says() -> None:
    # u_0 = cos(pi x) cos(2 pi y): each step of implicit Euler takes it by 1 / (1 + 5 kappa pi^2 tau).
    tau, kappa = 0.01, 0.1
    with Solver(tau=tau, hidden=[12], threads=1) as solver:
        solver.add_energy("dirichlet", kappa=kappa)
        assert solver.steps == 0
        solver.set_initial(
            lambda x: np.cos(np.pi * x[:, 0]) * np.cos(2 * np.pi * x[:, 1]),
            lambda x: (
                -np.pi
                * np.stack(
                    [
                        np.sin(np.pi * x[:, 0]) * np.cos(2 * np.pi * x[:, 1]),
                        2 * np.cos(np.pi * x[:, 0]) * np.sin(2 * np.pi * x[:, 1]),
                    ],
                    axis=1,
                )
            ),
        )
        solver.step_to(0.05)
        assert solver.steps == 5
        assert solver.time == pytest.approx(0.05, abs=1e-15)
        x = np.random.default_rng(0).uniform(size=(400, 2))
        u, grad = solver.evaluate(x, gradient=True)
        factor = (1 + 5 * kappa * np.pi**2 * tau) ** -5
        exact = factor * np.cos(np.pi * x[:, 0]) * np.cos(2 * np.pi * x[:, 1])
        assert np.abs(u - exact).max() < 2e-3
        slope = -np.pi * factor * np.sin(np.pi * x[:, 0]) * np.cos(2 * np.pi * x[:, 1])
        assert np.abs(grad[:, 0] - slope).max() < 2e-2
        report = solver.report()
        assert set(report) == set(movimento.describe_report())
        assert report["step"] == 5
        assert report["energy"] < report["energy_before"]
        # F = kappa/2 int |grad u|^2 = kappa/8 5 pi^2 factor^2.
        assert solver.energy == pytest.approx(kappa / 8 * 5 * np.pi**2 * factor**2, rel=1e-2)


def test_points_of_any_shape_and_layout(solver: Solver) -> None:
    x = np.random.default_rng(1).uniform(size=(3, 4, 1))
    u, grad = solver.evaluate(x, gradient=True)
    assert u.shape == (3, 4)
    assert grad.shape == (3, 4, 1)
    assert np.array_equal(u, solver.evaluate(x))
    assert np.array_equal(u[1, 2], solver.evaluate(x[1, 2]))
    assert solver.evaluate([0.5]).shape == ()
    assert solver.evaluate(np.empty((0, 1))).shape == (0,)
    for other in (np.asfortranarray(x), x.astype(">f8"), x.tolist(), x[::-1][::-1]):
        assert np.array_equal(u, solver.evaluate(other))
    assert np.array_equal(u[::2, ::-1], solver.evaluate(x[::2, ::-1]))
    assert np.allclose(u, solver.evaluate(x.astype(np.float32)), atol=1e-5)
    step = 1e-6
    difference = (solver.evaluate(x + step) - solver.evaluate(x - step)) / (2 * step)
    assert np.allclose(grad[..., 0], difference, atol=1e-6)
    for wrong, message in (
        ([0.1, 0.2], r"shape \(2,\); \(\.\.\., 1\) is accepted; with d = 1"),
        (0.5, r"shape \(\)"),
        ([[1j]], "complex"),
        ([["a"]], "no array"),
        ([[np.nan]], "`x`"),
    ):
        with pytest.raises(ArgumentError, match=message):
            solver.evaluate(wrong)


def test_arrays_are_not_copied_where_their_layout_allows(solver: Solver, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    evaluate = c.mov_solver_evaluate

    def spy(*arguments: Any) -> int:
        seen[:] = arguments
        return evaluate(*arguments)

    monkeypatch.setattr(c, "mov_solver_evaluate", spy)
    x, u = np.linspace(0, 1, 50)[:, None], np.empty(50)
    assert solver.evaluate(x, out=u) is u
    assert seen[2:] == [x.ctypes.data, u.ctypes.data, None]
    # A part that is contiguous in itself is not copied either.
    values, grad = solver.evaluate(x[10:20], gradient=True, out=u[5:15])
    assert seen[2:] == [x[10:].ctypes.data, u[5:].ctypes.data, grad.ctypes.data]
    assert np.shares_memory(values, u)
    solver.evaluate(x[::2])
    assert not x.ctypes.data <= seen[2] < x.ctypes.data + x.nbytes
    wrong: list[Any] = [np.empty(49), np.empty(50, np.float32), np.empty(100)[::2], np.empty((50, 1))]
    for out in wrong:
        with pytest.raises(ArgumentError, match="`out` must be"):
            solver.evaluate(x, out=out)
    u.flags.writeable = False
    with pytest.raises(ArgumentError, match="writeable"):
        solver.evaluate(x, out=u)


def test_initial_conditions_of_every_kind() -> None:
    x = np.linspace(0, 1, 60)[:, None]
    with Solver(TINY) as solver:
        solver.add_energy(Energy.from_function(half_square, convex=True))
        with pytest.raises(StateError, match="initial"):
            solver.evaluate(x)
        for start in (
            bump,
            Values(x, bump(x)),
            Values(x, bump(x), -0.5 * np.pi * np.sin(np.pi * x)),
        ):
            solver.set_initial(start)
            assert np.abs(solver.evaluate(x) - bump(x)).max() < 1e-2
            assert "energy" not in solver.report()
            assert solver.report()["fit_relative_error"] < 1e-2
        # With d = 1 the last axis may be there or not.
        solver.set_initial(lambda x: bump(x)[:, None], lambda x: -0.5 * np.pi * np.sin(np.pi * x[:, 0]))
        assert np.abs(solver.evaluate(x) - bump(x)).max() < 1e-2
        solver.set_initial(lambda x: 1.5)
        assert np.abs(solver.evaluate(x) - 1.5).max() < 1e-3
        with pytest.raises(ArgumentError) as refusal:
            solver.set_initial("no-such-form")
        assert "no-such-form" in str(refusal.value)
        for wrong, message in ((3.0, "float"), (Values(x, bump(x)[1:]), "`u`"), (Values(x[:, 0], x), "`x`")):
            with pytest.raises(ArgumentError, match=message):
                solver.set_initial(wrong)  # type: ignore[arg-type]
        with pytest.raises(ArgumentError, match="gradient"):
            solver.set_initial("no-such-form", bump)
        # Refusals leave the state.
        assert np.abs(solver.evaluate(x) - 1.5).max() < 1e-3


def test_a_closed_form_by_its_name() -> None:
    quarter = np.pi / 4
    with Solver(lower=-quarter, upper=quarter, hidden=6, fit_accept=10.0, fit_max_iterations=3) as solver:
        solver.set_initial("heat-2d")
        assert solver.report()["fit_iterations"] >= 1
        assert np.isfinite(solver.evaluate([0.1, 0.3]))


def test_time_steps(solver: Solver) -> None:
    assert solver.tau == 0.01
    solver.tau = 0.02
    solver.step()
    assert (solver.time, solver.steps, solver.tau) == (0.02, 1, 0.02)
    solver.step_to(0.05)
    assert solver.time == 0.05
    assert solver.steps == 3
    with pytest.raises(ArgumentError, match=r"from now on, which is 0\.05"):
        solver.step_to(0.01)
    with pytest.raises(OptionError, match="tau"):
        solver.tau = -1.0
    assert solver.tau == 0.02
    assert "t = 0.05 after 3 steps" in repr(solver)


def test_options_in_a_run(solver: Solver) -> None:
    assert all(isinstance(info.live, bool) for info in Options.describe().values())
    assert Options.describe()["tolerance"].live
    assert not Options.describe()["seed"].live
    before = solver.evaluate([0.2])
    solver.set_options(tolerance=0.02, nodes=60)
    assert solver.evaluate([0.2]) == before
    with pytest.raises(OptionError, match="`seed`"):
        solver.set_options(seed=5, tolerance=0.1)
    solver.set_options(hidden=[6])
    assert solver.evaluate([0.2]) == pytest.approx(before, abs=0.2)
    solver.step()
    assert 60 <= solver.report()["nodes"] < 70


def test_the_network(solver: Solver) -> None:
    before = solver.parameters
    # One input for each of two harmonics, eight neurons, one output.
    assert before.shape == (2 * 8 + 8 + 8 + 1,)
    solver.step()
    assert np.any(solver.parameters != before)


def test_options_are_copied() -> None:
    options = Options(TINY, tau=0.25)
    with Solver(options) as solver:
        options["tau"] = 0.5
        assert solver.options["tau"] == solver.tau == 0.25
        assert solver.dimension == 1
    with pytest.raises(OptionError, match="lower"):
        Solver(dimension=3, lower=[0.0, 0.0])


def test_a_closed_solver_is_refused(solver: Solver) -> None:
    x = np.zeros((1, 1))
    solver.close()
    assert solver.closed
    solver.close()
    assert repr(solver) == "<closed Solver>"
    for use in (
        solver.step,
        solver.report,
        lambda: solver.step_to(1.0),
        lambda: solver.evaluate(x),
        lambda: solver.time,
        lambda: solver.add_energy("dirichlet"),
        lambda: solver.set_initial(bump),
        lambda: solver.set_progress(None),
        lambda: solver.to_xarray(),
    ):
        with pytest.raises(HandleError, match="Solver is closed"):
            use()


def test_a_domain_that_a_function_cuts() -> None:
    # Half of the square: int u^2/2 over it is 1/4 of that of u = 1.
    with Solver(TINY, dimension=2, nodes=200, fit_max_iterations=5) as solver:
        solver.add_energy(Energy.from_function(half_square, convex=True))
        with pytest.raises(TypeError, match="bool"):
            solver.set_inside(lambda x: x[:, 0])
        with pytest.raises(ArgumentError, match="inside"):
            solver.set_inside(lambda x: x[:, 0] > 2.0)
        solver.set_inside(lambda x: x[:, 0] + x[:, 1] < 1.0)
        solver.set_initial(lambda x: 1.0)
        assert solver.energy == pytest.approx(0.25, rel=1e-3)
        shown = solver.to_xarray(9)
        outside = shown.x + shown.y >= 1.0
        assert bool((shown.u.isnull() == outside.transpose("y", "x")).all())
        with pytest.raises(StateError):
            solver.set_inside(lambda x: x[:, 0] < 1.0)


def test_nodes_and_boundary_of_the_host() -> None:
    x, w = np.polynomial.legendre.leggauss(40)
    nodes, weights = 0.5 + 0.5 * x[:, None], 0.5 * w
    checks = np.polynomial.legendre.leggauss(50)
    with Solver(TINY, tau=0.05) as solver:
        solver.add_energy(Energy.from_function(half_square, convex=True))
        with pytest.raises(ArgumentError, match="`w` has the shape"):
            solver.set_nodes(nodes, weights[1:])
        with pytest.raises(ArgumentError, match="given together"):
            solver.set_nodes(nodes, weights, nodes)
        with pytest.raises(ArgumentError, match="`w`"):
            solver.set_nodes(nodes, -weights)
        solver.set_nodes(nodes, weights)
        solver.set_nodes(nodes, weights, 0.5 + 0.5 * checks[0][:, None], 0.5 * checks[1])
        with pytest.raises(ArgumentError, match="normal"):
            solver.set_boundary([[0.0], [1.0]], [[2.0], [1.0]], [1.0, 1.0])
        solver.set_boundary([[0.0], [1.0]], [[-1.0], [1.0]], [1.0, 1.0])
        solver.set_initial(bump)
        solver.step()
        assert solver.report()["boundary_flux"] == 0.0
        exact = bump(nodes) / 1.05
        assert np.abs(solver.evaluate(nodes) - exact).max() < 1e-3


def source(_: Any, u: Reals, __: Any) -> tuple[Reals, float]:
    return -u, -1.0


def test_a_value_and_a_flux_on_the_boundary() -> None:
    # u = 1 + x + t.
    with Solver(dimension=1, tau=0.05) as solver, Energy.from_function(source, convex=True) as flux:
        solver.add_energy("dirichlet")
        solver.add_energy(flux)
        with pytest.raises(PluginError, match="grad u"):
            solver.add_boundary_energy("dirichlet")
        with pytest.raises(TypeError, match="by its id"):
            solver.add_boundary_energy(flux, side=1, kappa=1.0)
        solver.add_boundary_energy(flux, side=1)
        with pytest.raises(ArgumentError, match="`side` is 2"):
            solver.set_dirichlet(1.0, side=2)
        with pytest.raises(ZeroDivisionError):
            solver.set_dirichlet(lambda t, x: 1.0 / 0.0, side=0)
        solver.set_dirichlet(lambda t, x: 1.0 + x[:, 0] + t, side=0)
        solver.set_initial(lambda x: 1.0 + x[:, 0])
        solver.step_to(0.2)
        assert solver.evaluate([0.25]) == pytest.approx(1.45, abs=1e-5)
        assert solver.evaluate([0.0]) == pytest.approx(1.2, abs=1e-12)


def test_parts_of_a_boundary_of_the_host() -> None:
    ends = [[0.0], [1.0]], [[-1.0], [1.0]], [1.0, 1.0]
    with Solver(dimension=1, tau=0.05) as solver:
        with pytest.raises(ArgumentError, match="`side` has the shape"):
            solver.set_boundary(*ends, side=[1])
        solver.set_boundary(*ends, side=[7, 3])
        with pytest.raises(ArgumentError, match="`side` is 1"):
            solver.add_boundary_energy("quadratic", side=1)
        solver.add_boundary_energy("quadratic", side=3)
        with pytest.raises(ArgumentError, match="`side` is 1"):
            solver.set_dirichlet(0.0, side=1)
        solver.set_dirichlet(0.0, side=7)


def decayed(**posed: Any) -> float:
    with Solver(dimension=1, tau=0.05, movement="second") as solver:
        solver.add_energy("quadratic")
        for name, (arguments, keywords) in posed.items():
            getattr(solver, name)(*arguments, **keywords)
        solver.set_initial(lambda x: 1.0 + 0.0 * x[:, 0])
        solver.step_to(0.2)
        return float(solver.evaluate([0.25]))


def test_mobilities() -> None:
    assert decayed(set_mobility=([lambda x: 1.0 + x[:, 0]], {})) == pytest.approx(math.exp(-0.25), abs=1e-3)
    of_value = ([lambda x, u: u], {"uses_value": True})
    assert decayed(set_mobility=of_value) == pytest.approx(1 / 1.2, abs=1e-3)
    of_both = ([lambda t, x, u: u + 0.0 * t], {"uses_value": True, "uses_time": True})
    assert decayed(set_mobility=of_both) == pytest.approx(1 / 1.2, abs=1e-3)
    with Solver(dimension=1, movement="third") as solver:
        with pytest.raises(OptionError, match="euler and second"):
            solver.set_mobility(lambda x, u: u, uses_value=True)
        with pytest.raises(ZeroDivisionError):
            solver.set_mobility(lambda x: 1.0 / 0.0)
        with pytest.raises(ArgumentError, match="above 0"):
            solver.set_mobility(lambda x: -1.0)


def test_bounds() -> None:
    assert decayed(set_bounds=([0.95], {})) == pytest.approx(0.95, abs=1e-4)
    ramp = ([lambda x: 0.9 + x[:, 0] / 20], {"upper": 2.0})
    assert decayed(set_bounds=ramp) == pytest.approx(0.9125, abs=1e-4)
    with Solver(dimension=1) as solver, pytest.raises(ArgumentError, match="the bounds are 1 and 0"):
        solver.set_bounds(1.0, upper=0.0)


def square(_: Any, u: Reals, __: Any) -> tuple[Reals, Reals]:
    return u**2, 2 * u


def test_integrals_that_are_held() -> None:
    with Solver(dimension=1, tau=0.05) as solver, Energy.from_function(square, convex=True) as energy:
        solver.add_energy("dirichlet")
        solver.hold_mean(1.5)
        with pytest.raises(ArgumentError, match="held already"):
            solver.hold_mean(1.5)
        with pytest.raises(PluginError, match="grad u"):
            solver.hold_integral("dirichlet", 1.0)
        with pytest.raises(TypeError, match="by its id"):
            solver.hold_integral(energy, 2.5, kappa=1.0)
        solver.hold_integral(energy, 2.5)
        solver.set_initial(lambda x: 1.0 + x[:, 0])
        solver.step()
        report = solver.report()
        assert report["mass"] == pytest.approx(1.5, abs=1e-12)
        assert report["integral_error"] < 1e-10


def test_a_function_of_an_integral() -> None:
    # u' = -I u with I = int u^2 / 2.
    with Solver(dimension=1, tau=0.05, movement="second") as solver:
        with pytest.raises(PluginError, match="grad u"):
            solver.add_function_of_integral("dirichlet", lambda i: (i, 1.0, 0.0))
        solver.add_function_of_integral("quadratic", lambda i: (i**2 / 2, i, 1.0))
        solver.set_initial(lambda x: 1.0 + 0.0 * x[:, 0])
        solver.step_to(0.2)
        assert solver.evaluate([0.25]) == pytest.approx(1.2**-0.5, abs=1e-3)


def test_snapshots(solver: Solver, tmp_path: Path) -> None:
    assert solver.write_snapshot(tmp_path / "run") == tmp_path / "run" / "snap_000000.h5"
    second = solver.write_snapshot(str(tmp_path / "run"))
    assert second.name == "snap_000001.h5"
    assert second.is_file()
    with pytest.raises(movimento.FileError, match="/dev/null") as refusal:
        solver.write_snapshot("/dev/null/run")
    assert isinstance(refusal.value, OSError)


def test_export(solver: Solver, tmp_path: Path) -> None:
    path = tmp_path / "network.safetensors"
    solver.export(path)
    header = path.read_bytes()
    assert b"movimento network" in header
    assert b"layers.0.weight" in header
    with pytest.raises(movimento.FileError, match="missing"):
        solver.export(tmp_path / "missing" / "network")
