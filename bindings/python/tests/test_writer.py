"""Series of snapshots."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from problems import TINY

from movimento import (
    ArgumentError,
    Barenblatt,
    FileError,
    HandleError,
    OptionError,
    Solver,
    StateError,
    Writer,
    open_series,
    pack_snapshots,
)


def flux(x: Any, u: Any) -> Any:
    """A vector, with d = 1 a number."""
    return u[:, None] * x


def test_a_series_is_one_dataset(solver: Solver, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    states = []
    with Writer(solver, folder, snapshot_resolution=17) as writer:
        writer.add("u", "grad_u")
        writer.add_function("flux", flux)
        writer.describe("flux", "u x", "m")
        writer.add_function("four", lambda x, u: np.arange(4.0) * u[:, None], 4)
        writer.describe("t", units="s")
        writer.set_points([[0.25], [0.75]])
        with pytest.raises(ArgumentError, match="no-such"):
            writer.add("no-such")
        for step in range(3):
            if step:
                solver.step()
            assert writer.write() == folder / f"snap_{step:06}.h5"
            states.append(solver.to_xarray(17, ["u", "gradient"]))
        assert len(writer) == 3
        with pytest.raises(StateError):
            writer.add("energy_density")
        with pytest.raises(StateError, match=r"later|time"):
            writer.write()
    with pytest.raises(HandleError, match="Writer is closed"):
        writer.write()
    writer.close()
    packed = pack_snapshots(folder, tmp_path / "packed.h5")
    for path in (folder, packed, folder / "run.vtkhdf"):
        with open_series(path) as series:
            assert series.u.dims == ("t", "x")
            assert series.four.shape == (3, 17, 4)
            assert series.flux.attrs["units"] == "m"
            assert series.flux.attrs["long_name"] == "u x"
            assert series.t.attrs["units"] == "s"
            assert np.allclose(series.t, [0.0, 0.01, 0.02])
            for step, state in enumerate(states):
                assert np.allclose(series.u[step], state.u, atol=1e-13)
                assert np.allclose(series.grad_u[step], state.gradient, atol=1e-13)
                assert np.allclose(series.flux[step].values.ravel(), state.u * state.x, atol=1e-13)
                assert np.allclose(series.four[step, :, 3], 3 * state.u, atol=1e-13)
            assert series.step.values.tolist() == [0, 1, 2]
            assert np.isnan(series.residual[0])
            assert float(series.energy[2]) == pytest.approx(solver.energy, rel=1e-12)
        with open_series(path, points=True) as there:
            assert there.position.dims == ("t", "id", "axis")
            assert np.allclose(there.u[2], solver.evaluate([[0.25], [0.75]]), atol=1e-13)


@pytest.mark.parametrize("name", ["network", "files", "VTKHDF", "t", "residual", "entry_0"])
def test_names_of_other_things_in_the_files_are_refused(name: str, solver: Solver, tmp_path: Path) -> None:
    with Writer(solver, tmp_path, snapshot_resolution=5) as writer:
        with pytest.raises(ArgumentError, match=f"`{name}`"):
            writer.add_function(name, lambda x, u: u)
        writer.write()


def test_a_series_without_index(solver: Solver, tmp_path: Path) -> None:
    states = []
    for step in range(3):
        if step:
            solver.step()
        solver.write_snapshot(tmp_path)
        states.append(solver.to_xarray())
    with open_series(tmp_path) as series:
        assert series.u.dims == ("t", "x")
        # Nothing of the fields was read so far.
        assert not series.u.variable._in_memory
        for step, state in enumerate(states):
            assert np.allclose(series.u[step], state.u, atol=1e-13)
        assert series.step.values.tolist() == [0, 1, 2]
        assert np.all(np.diff(series.energy) < 0)
    with pytest.raises(FileNotFoundError, match="no snapshot"):
        open_series(tmp_path / "elsewhere")


def test_fields_are_read_when_they_are_asked_for(solver: Solver, tmp_path: Path) -> None:
    with Writer(solver, tmp_path) as writer:
        writer.write()
        with open_series(tmp_path) as series:
            assert series.u.dims == ("t", "x")
        solver.step()
        writer.write()
    with open_series(tmp_path) as series:
        # Of what is in memory xarray would have the numbers here.
        assert not series.u.variable._in_memory
        assert series.u.values.shape == (2, 65)


def test_what_a_field_raises_comes_back(solver: Solver, tmp_path: Path) -> None:
    def failing(x: Any, u: Any) -> Any:
        raise ZeroDivisionError

    with Writer(solver, tmp_path) as writer:
        writer.add_function("failing", failing)
        with pytest.raises(ZeroDivisionError):
            writer.write()
        assert len(writer) == 0
    with Writer(solver, tmp_path) as writer:
        writer.add_function("ragged", lambda x, u: u[:-1])
        with pytest.raises(ValueError, match="shape"):
            writer.write()


def test_a_series_is_gone_on_with(solver: Solver, tmp_path: Path) -> None:
    with Writer(solver, tmp_path) as writer:
        writer.write()
        with pytest.raises(FileError):
            Writer(solver, tmp_path)
        solver.step()
        writer.write()
    with Solver(TINY) as other:
        other.add_energy("dirichlet", kappa=0.1)
        other.set_initial(lambda x: 1.0)
        with pytest.raises(StateError):
            Writer(other, tmp_path).write()
        with pytest.raises(OptionError, match="snapshot_existing"):
            Writer(other, tmp_path, snapshot_existing="never")
    solver.step()
    with Writer(solver, tmp_path) as writer:
        assert len(writer) == 2
        assert writer.write().name == "snap_000002.h5"
    assert repr(writer) == f"<closed Writer into {str(tmp_path)!r}>"
    with pytest.raises(FileError):
        pack_snapshots(tmp_path / "elsewhere", tmp_path / "packed.h5")


def test_masses_of_a_density(tmp_path: Path) -> None:
    options: dict[str, Any] = {"flow": "wasserstein", "domain": "space", "dimension": 1, "hidden": 4, "tau": 0.01}
    with Solver(options) as solver:
        solver.add_energy("power")
        solver.set_initial(Barenblatt(2.0, 0.1))
        with Writer(solver, tmp_path, snapshot_particles=50) as writer:
            for _ in range(2):
                solver.step()
                writer.write()
        with open_series(tmp_path, points=True) as masses:
            # Mass is kept, and spreads.
            assert np.allclose(masses.mass.sum("id"), 1.0)
            spread = (masses.mass * masses.position.isel(axis=0) ** 2).sum("id")
            assert spread[1] > spread[0]
            (mean, covariance) = solver.moments()
            assert float(spread[1]) == pytest.approx(float(covariance[0, 0] + mean[0] ** 2), rel=0.05)
        with h5py.File(tmp_path / "run.vtkhdf") as index:
            assert "points" in index


def test_a_writer_without_initial_condition_writes_nothing(tmp_path: Path) -> None:
    with Solver(TINY) as solver, Writer(solver, tmp_path) as writer:
        with pytest.raises(StateError):
            writer.write()
        assert len(writer) == 0
    assert not list(tmp_path.glob("snap_*"))
