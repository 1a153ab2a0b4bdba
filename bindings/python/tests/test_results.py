"""Datasets of xarray, the log, and the bar."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray
from problems import TINY, bump

import movimento
from movimento import ArgumentError, Gaussians, Solver, Values, open_series


def test_a_state_as_a_dataset(solver: Solver) -> None:
    solver.step()
    shown = solver.to_xarray(11, ["u", "gradient"], units={"x": "m", "t": "s"})
    assert shown.u.dims == ("x",)
    assert shown.gradient.dims == ("x", "component")
    assert shown.x.attrs == {"long_name": "x", "units": "m"}
    assert shown.t.attrs["units"] == "s"
    assert shown.u.attrs["units"] == "1"
    assert float(shown.t) == solver.time
    assert shown.attrs["step"] == 1
    assert list(shown.component.values) == ["x"]
    u, grad = solver.evaluate(shown.x.values[:, None], gradient=True)
    assert np.array_equal(shown.u, u)
    assert np.array_equal(shown.gradient, grad)
    assert solver.to_xarray().sizes == {"x": 65}
    with pytest.raises(ArgumentError, match="no field 'rho'"):
        solver.to_xarray(fields=["rho"])
    with pytest.raises(ArgumentError, match="resolution"):
        solver.to_xarray(1)


def test_fields_are_those_of_the_flow(solver: Solver) -> None:
    assert list(solver.fields) == ["u", "grad_u", "energy_density", "energy_densities"]
    assert solver.fields["grad_u"].vector
    x = [[0.2], [0.7]]
    u, grad = solver.evaluate(x, gradient=True)
    assert np.array_equal(solver.evaluate_field("u", x), u)
    assert np.array_equal(solver.evaluate_field("grad_u", x), grad)
    assert solver.evaluate_field("energy_density", 0.2 * np.ones((3, 2, 1))).shape == (3, 2)
    shown = solver.to_xarray(5, ["energy_density", "grad_u"])
    assert shown.grad_u.dims == ("x", "component")
    assert np.array_equal(shown.energy_density, solver.evaluate_field("energy_density", shown.x.values[:, None]))
    with pytest.raises(ArgumentError, match=r"no field `velocity`.* is l2"):
        solver.evaluate_field("velocity", x)


@pytest.mark.parametrize("transport", ["map", "w2gn"])
def test_a_flow_shows_no_field_that_it_has_not(transport: str) -> None:
    paper: dict[str, Any] = {"minimizer": "adam", "embedding": "none", "max_iterations": 5}
    own = paper if transport == "w2gn" else {"domain": "space"}
    options = {"dimension": 1, "flow": "wasserstein", "transport": transport, "hidden": [6], "nodes": 64, **own}
    with Solver(options, lower=-4.0, upper=4.0) as solver:
        solver.add_energy("entropy")
        solver.set_initial(Gaussians([[0.0]], [[[0.5]]]))
        assert ("velocity" in solver.fields) == (transport == "map")
        assert solver.to_xarray(5, ["density", "gradient"]).gradient.shape == (5, 1)
        if transport == "map":
            assert solver.to_xarray(5, ["velocity"]).velocity.attrs["long_name"] == "velocity of the mass"
        else:
            with pytest.raises(ArgumentError, match="no field 'velocity'; density, u, grad_u"):
                solver.to_xarray(5, ["velocity"])


def test_a_field_of_a_dataset_begins_a_flow(solver: Solver) -> None:
    solver.step()
    field = solver.to_xarray(81).u
    with Solver(TINY) as other:
        other.set_initial(Values.from_xarray(field.where(field.x != 0.5)))
        assert np.abs(other.to_xarray(81).u - field).max() < 1e-3
    plane = xarray.DataArray(
        [[1.0, 2.0, 3.0], [4.0, 5.0, np.nan]], {"y": [0.0, 1.0], "x": [0.0, 0.5, 1.0]}, ("y", "x")
    )
    values = Values.from_xarray(plane)
    assert np.asarray(values.x).tolist() == [[0, 0], [0, 1], [0.5, 0], [0.5, 1], [1, 0]]
    assert np.asarray(values.u).tolist() == [1, 4, 2, 5, 3]
    with pytest.raises(ArgumentError, match="dimensions"):
        Values.from_xarray(plane.rename(x="t"))


def test_axes_are_not_mixed_up() -> None:
    options = {**TINY, "dimension": 3, "lower": [0.0, 1.0, 2.0], "upper": [1.0, 3.0, 5.0], "nodes": 200}
    with Solver(options, fit_accept=10.0, fit_max_iterations=4) as solver:
        solver.set_initial(lambda x: x[:, 0] + 2 * x[:, 1] - x[:, 2])
        shown = solver.to_xarray(4, ["u", "gradient"])
        assert shown.u.dims == ("z", "y", "x")
        at = shown.isel(x=1, y=2, z=3)
        point = [float(at.x), float(at.y), float(at.z)]
        assert point == pytest.approx([1 / 3, 1 + 4 / 3, 5.0])
        u, grad = solver.evaluate(point, gradient=True)
        assert float(at.u) == pytest.approx(float(u), abs=1e-13)
        assert np.allclose(at.gradient, grad, atol=1e-13)


def test_a_ball_and_a_slice_are_shown_as_snapshots_show_them(tmp_path: Path) -> None:
    ball: dict[str, Any] = {"dimension": 2, "domain": "ball"}
    beyond: dict[str, Any] = {"dimension": 5, "upper": [1.0, 2.0, 3.0, 4.0, 5.0]}
    for options in (ball, beyond):
        few = {"nodes": 300, "fit_accept": 10.0, "fit_max_iterations": 2, "snapshot_resolution": 9}
        with Solver({**TINY, **options, **few}) as solver:
            solver.add_energy("dirichlet")
            solver.set_initial(lambda x: (x**2).sum(axis=1))
            shown = solver.to_xarray()
            solver.write_snapshot(tmp_path / str(options["dimension"]))
        stored = open_series(tmp_path / str(options["dimension"]))
        assert np.allclose(stored.u[0], shown.u, atol=1e-13, equal_nan=True)
        assert ("slice_point" in shown.attrs) == (options is beyond)
        stored.close()


def test_a_slice_has_the_axes_and_the_point_of_the_options(tmp_path: Path) -> None:
    options = {**TINY, "dimension": 4, "upper": [1.0, 2.0, 3.0, 4.0], "nodes": 300, "snapshot_resolution": 5}
    point = [0.1, 0.2, 0.3, 0.4]
    slices: dict[str, Any] = {"snapshot_axes": [3, 1], "snapshot_point": point, "snapshot_upper": 1.5}
    with Solver(options, fit_accept=10.0, fit_max_iterations=2, **slices) as solver:
        solver.add_energy("dirichlet")
        solver.set_initial(lambda x: x[:, 0] + 2 * x[:, 1] - x[:, 2] * x[:, 3])
        shown = solver.to_xarray(fields=["u", "gradient"])
        solver.write_snapshot(tmp_path)
        with open_series(tmp_path) as stored:
            assert np.allclose(stored.u[0], shown.u, atol=1e-13)
            assert np.array_equal(stored.x, shown.x)
        assert shown.attrs["slice_point"] == point
        assert shown.component.values.tolist() == [0, 1, 2, 3]
        at = shown.isel(x=1, y=3)
        where = [0.1, float(at.y), 0.3, float(at.x)]
        assert where[1::2] == pytest.approx([0.75 * 1.5, 0.25 * 1.5])
        assert float(at.u) == pytest.approx(float(solver.evaluate(where)), abs=1e-13)
        # The arguments stand before the options.
        line = solver.to_xarray(3, axes=[2], point=0.5)
        assert line.u.dims == ("x",)
        assert line.attrs["slice_point"] == [0.5] * 4
        assert float(line.u[2]) == pytest.approx(float(solver.evaluate([0.5, 0.5, 1.5, 0.5])), abs=1e-13)
        # An empty list is the choice of the library, as of the option.
        assert solver.to_xarray(3, axes=[]).u.dims == ("y", "x")
        for axes in ([0, 0], [4], [-1], [0, 1, 2, 3]):
            with pytest.raises(ArgumentError, match="option `snapshot_axes`"):
                solver.to_xarray(axes=axes)
        with pytest.raises(ArgumentError, match="`snapshot_point` has 2 entries"):
            solver.to_xarray(point=[0.5, 0.5])


def test_the_log_is_that_of_python(caplog: pytest.LogCaptureFixture) -> None:
    def messages(level: int) -> list[logging.LogRecord]:
        caplog.clear()
        with caplog.at_level(level, "movimento"), Solver(TINY) as solver:
            solver.add_energy("dirichlet")
            solver.set_initial(bump)
            solver.step()
        return list(caplog.records)

    quiet, informed, all_of_it = (messages(it) for it in (logging.WARNING, logging.INFO, logging.DEBUG))
    assert quiet == []
    assert informed
    assert {it.levelno for it in informed} == {logging.INFO}
    assert len(all_of_it) > len(informed)
    assert {it.name for it in all_of_it} == {"movimento"}


def test_the_bar(solver: Solver, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    solver.set_initial(bump, progress=True)
    assert "iterations" in capsys.readouterr().err
    solver.step_to(0.03, progress=True)
    shown = capsys.readouterr().err
    assert "100%" in shown
    assert "t = 0.03 of 0.03" in shown
    solver.step_to(0.04)
    assert capsys.readouterr().err == ""
    monkeypatch.setitem(__import__("sys").modules, "tqdm.auto", None)
    solver.step_to(0.05, progress=True)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    solver.step_to(0.06, progress=True)
    assert solver.time == 0.06
    assert "\rt = 0.06 of 0.06\n" in capsys.readouterr().err


def test_the_version_is_in_the_dataset(solver: Solver) -> None:
    assert solver.to_xarray(3).attrs["source"] == f"movimento {movimento.version()}"
