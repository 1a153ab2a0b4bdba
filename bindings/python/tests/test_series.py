"""Series whose index is not what is in the folder."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from problems import TINY, bump

from movimento import FileError, Gaussians, Solver, StateError, Writer, index_snapshots, open_series, pack_snapshots


def heat(**options: Any) -> Solver:
    solver = Solver({**TINY, "snapshot_resolution": 9, **options})
    solver.add_energy("dirichlet", kappa=0.1)
    solver.set_initial(bump)
    return solver


def written(folder: Path, count: int = 3, **options: Any) -> list[float]:
    """A series of snapshots; returns u at the first point."""
    values = []
    with heat() as solver, Writer(solver, folder, **options) as writer:
        for step in range(count):
            if step:
                solver.step()
            path = writer.write()
            with h5py.File(path) as file:
                values.append(float(file["u"][0]))
    return values


def test_removed_and_replaced_snapshots_are_told(tmp_path: Path) -> None:
    run, other = tmp_path / "run", tmp_path / "other"
    values = written(run)
    written(other)
    (run / "snap_000001.h5").unlink()
    for path in (run, run / "run.vtkhdf"):
        with pytest.raises(FileError, match=r"snap_000001\.h5, which is not there.*index_snapshots"):
            open_series(path)
    with h5py.File(other / "snap_000001.h5", "r+") as file:
        file["u"][...] = 7.0
    shutil.copy(other / "snap_000001.h5", run)
    with pytest.raises(FileError, match=r"snap_000001\.h5, which is another one now"):
        open_series(run)
    (run / "snap_000001.h5").unlink()
    assert index_snapshots(run) == run / "run.vtkhdf"
    with open_series(run) as series:
        assert series.u[:, 0].values.tolist() == [values[0], values[2]]
        assert series.t.values.tolist() == [0.0, 0.02]
    # The index without its folder.
    alone = tmp_path / "alone"
    alone.mkdir()
    shutil.copy(run / "run.vtkhdf", alone)
    with pytest.raises(FileError, match="is not there, nor are 1 others"):
        open_series(alone / "run.vtkhdf")


def test_an_index_that_is_behind_shows_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = tmp_path / "100 % of it"
    with heat() as solver, Writer(solver, run, snapshot_index_seconds=1e6) as writer:
        values = []
        for step in range(5):
            if step:
                solver.step()
            with h5py.File(writer.write()) as file:
                values.append(float(file["u"][0]))
        # The writer is open, and its index has the first alone.
        with h5py.File(run / "run.vtkhdf") as file:
            assert file["t"].shape == (1,)
        with open_series(run) as series:
            assert series.u[:, 0].values.tolist() == values
            assert series.energy.dims == ("t",)
        with pytest.raises(FileError, match="another writer"):
            index_snapshots(run)
        killed = tmp_path / "killed"
        shutil.copytree(run, killed)
    monkeypatch.chdir(tmp_path)
    with open_series("killed") as series:
        monkeypatch.chdir("/")
        assert series.u[:, 0].values.tolist() == values
    command = [sys.executable, "-m", "movimento.series", os.fspath(killed)]
    assert subprocess.run([*command, "--check"], stdout=subprocess.DEVNULL).returncode == 1
    assert (
        subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.decode().strip() == f"{killed}/run.vtkhdf"
    )
    assert subprocess.run([*command, "--check"], stdout=subprocess.DEVNULL).returncode == 0
    with h5py.File(killed / "run.vtkhdf") as file:
        assert file["u"][:, 0].tolist() == values
    assert subprocess.run([*command[:-1], "/nowhere"], stderr=subprocess.DEVNULL).returncode == 2


@pytest.fixture
def few_files() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    inside = sum(1 for _ in Path("/proc/self/fd").iterdir())
    resource.setrlimit(resource.RLIMIT_NOFILE, (inside + 70, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_more_snapshots_than_open_files(tmp_path: Path, few_files: None) -> None:
    values = written(tmp_path, 90)
    with open_series(tmp_path) as series:
        assert series.u[:, 0].values.tolist() == values
    # Where the limit cannot be raised, it is named.
    code = (
        "import movimento, resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (130, 130))\n"
        "try: movimento.open_series(sys.argv[1])\n"
        "except movimento.FileError as error: print(error)"
    )
    said = subprocess.run(
        [sys.executable, "-c", code, os.fspath(tmp_path)], stdout=subprocess.PIPE, check=True
    ).stdout
    assert b"90 snapshots, and this process may open 130 files: raise `ulimit -n`" in said, said


def test_points_have_times(tmp_path: Path) -> None:
    with Solver({**TINY, "flow": "wasserstein", "domain": "space", "nodes": 200}) as solver:
        solver.add_energy("entropy")
        solver.set_initial(Gaussians([[0.0]], [[[1.0]]]))
        run, single = tmp_path / "run", tmp_path / "single"
        with Writer(solver, run) as writer:
            writer.set_points([[0.0], [0.5]])
            writer.write()
            path = solver.write_snapshot(single)
            solver.step()
            writer.write()
            solver.write_snapshot(single)
    packed = pack_snapshots(run, tmp_path / "packed.h5")
    for where, count in ((run, 2), (packed, 2), (single, 2), (path, 1)):
        with open_series(where, points=where != single and where != path) as series:
            assert series.t.values.tolist() == [0.0, 0.01][:count]
            assert series.sel(t=0.0).t == 0.0
            assert series.energy.dims == ("t",)


def test_units_of_time_stay_units(tmp_path: Path) -> None:
    with heat() as solver, Writer(solver, tmp_path / "run") as writer:
        writer.describe("t", units="seconds")
        writer.describe("u", units="days")
        writer.write()
        solver.step()
        writer.write()
    for path in (tmp_path / "run", pack_snapshots(tmp_path / "run", tmp_path / "packed.h5")):
        with open_series(path) as series:
            assert series.t.dtype == np.float64
            assert series.u.dtype == np.float64
            assert series.sel(t=0.01, method="nearest").t == 0.01


def test_all_groups_open_as_the_page_says(tmp_path: Path) -> None:
    xarray = pytest.importorskip("xarray")
    written(tmp_path)
    for name in ("snap_000001.h5", "run.vtkhdf"):
        tree = xarray.open_datatree(tmp_path / name, engine="h5netcdf", phony_dims="sort", decode_times=False)
        assert {"series", "VTKHDF"} <= set(tree.children)
        with h5py.File(tmp_path / name) as file:
            assert set(tree.children) == {key for key in file if isinstance(file[key], h5py.Group)}


def test_a_child_has_no_part_in_the_writer(tmp_path: Path) -> None:
    with heat() as solver, Writer(solver, tmp_path, snapshot_index_seconds=1e6) as writer:
        writer.write()
        solver.step()
        writer.write()
        child = os.fork()
        if child == 0:
            code = 1
            try:
                solver.step()
                try:
                    writer.write()
                except StateError as error:
                    writer.close()
                    code = 0 if "forked" in str(error) else 2
            finally:
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        with h5py.File(tmp_path / "run.vtkhdf") as file:
            assert file["t"].shape == (1,)
        with pytest.raises(FileError, match="another writer"):
            Writer(solver, tmp_path)
        solver.step()
        assert writer.write().name == "snap_000002.h5"


def test_paths_are_those_of_the_beginning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elsewhere" / "run").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    with heat() as solver, Writer(solver, "run") as writer:
        writer.write()
        single = solver.write_snapshot("single")
        monkeypatch.chdir(tmp_path / "elsewhere")
        solver.step()
        assert writer.write() == tmp_path / "run" / "snap_000001.h5"
        assert writer.folder == tmp_path / "run"
        assert single == tmp_path / "single" / "snap_000000.h5"
        monkeypatch.chdir(tmp_path)
        assert solver.restore("single") == single
    assert not list((tmp_path / "elsewhere" / "run").iterdir())
