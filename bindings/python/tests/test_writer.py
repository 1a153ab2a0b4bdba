"""Series of snapshots, read back by xarray."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray
from problems import TINY

import movimento
from movimento import Solver, Writer


def test_a_series_is_written_read_and_packed(solver: Solver, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with Writer(solver, folder, snapshot_resolution=9) as writer:
        writer.add("u", "grad_u")
        writer.add_function("twice", lambda x, u: 2.0 * u)
        writer.add_function("three", lambda x, u: np.stack([u, x[:, 0], 0.0 * u], axis=1), components=3)
        writer.describe("twice", "twice the solution", "m")
        writer.set_points([[0.25] * solver.dimension, [0.5] * solver.dimension])
        times = []
        for number in range(3):
            assert writer.write() == number
            times.append(solver.time)
            solver.step()
        assert len(writer) == 3
    movimento.pack_snapshots(folder, tmp_path / "packed.h5")
    for path in (folder / "run.vtkhdf", tmp_path / "packed.h5"):
        with xarray.open_dataset(path, engine="h5netcdf") as data:
            assert data.t.values.tolist() == times
            np.testing.assert_allclose(data.twice, 2.0 * data.u, rtol=1e-14)
            assert data.twice.attrs["units"] == "m"
            assert data.three.shape == (*data.u.shape, 3)
            np.testing.assert_array_equal(data.three[..., 0], data.u)
        with xarray.open_dataset(path, engine="h5netcdf", group="points") as data:
            assert data.u.shape == (3, 2)
    with pytest.raises(movimento.StateError, match="snapshot_existing"):
        Writer(solver, folder, snapshot_existing="empty")


def test_exceptions_of_a_field_come_out_as_they_are(solver: Solver, tmp_path: Path) -> None:
    class Mine(Exception):
        pass

    def fails(x: object, u: object) -> float:
        raise Mine

    writer = Writer(solver, tmp_path / "run")
    writer.add_function("fails", fails)
    with pytest.raises(Mine):
        writer.write()
    with pytest.raises(movimento.ArgumentError, match="no field"):
        writer.add("v")
    writer.close()
    writer.close()
    with pytest.raises(movimento.HandleError):
        writer.write()


def test_a_writer_without_initial_condition_writes_nothing(tmp_path: Path) -> None:
    with Solver(TINY) as solver, Writer(solver, tmp_path) as writer:
        with pytest.raises(movimento.StateError):
            writer.write()
        assert len(writer) == 0
    assert not list(tmp_path.glob("snap_*"))
