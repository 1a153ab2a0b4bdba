"""Runs that go on from snapshots."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from problems import TINY, bump, half_square

from movimento import ArgumentError, Energy, FileError, Gaussians, OptionError, Solver, TryAgain


def heat(**options: Any) -> Solver:
    solver = Solver({**TINY, **options})
    solver.add_energy("dirichlet", kappa=0.1)
    return solver


def test_a_run_goes_on_to_the_same_bits(tmp_path: Path) -> None:
    with heat() as whole, heat(threads=2) as again:
        assert again.restore(tmp_path / "nothing") is None
        assert again.restore(tmp_path) is None
        whole.set_initial(bump)
        whole.step()
        first = whole.write_snapshot(tmp_path)
        whole.step()
        second = whole.write_snapshot(tmp_path)
        assert again.restore(tmp_path) == second
        assert again.steps == 2
        assert np.array_equal(again.parameters, whole.parameters)
        assert again.restore(first) == first
        assert again.time == 0.01
        for _ in range(2):
            again.step()
        whole.step()
        assert again.time == whole.time
        assert np.array_equal(again.parameters, whole.parameters)
        assert again.energy == whole.energy


def test_what_differs_is_named(tmp_path: Path) -> None:
    with heat() as solver:
        solver.set_initial(bump)
        path = solver.write_snapshot(tmp_path)
    with heat(hidden=9) as other, pytest.raises(OptionError, match="hidden"):
        other.restore(path)
    (tmp_path / "snap_000000.h5").write_bytes(path.read_bytes()[:2000])
    with heat() as other, pytest.raises(FileError, match="snap_000000"):
        other.restore(path)


def test_a_density_is_given_again(tmp_path: Path) -> None:
    def flow() -> Solver:
        solver = Solver(flow="wasserstein", domain="space", dimension=1, hidden=4, tau=0.01)
        solver.add_energy("entropy")
        return solver

    start = Gaussians([0.5], [[1.0]])
    with flow() as whole, flow() as again:
        whole.set_initial(start)
        whole.step()
        whole.write_snapshot(tmp_path)
        again.set_initial(Gaussians([0.25], [[1.0]]))
        with pytest.raises(ArgumentError):
            again.restore(tmp_path)
        again.set_initial(start)
        again.restore(tmp_path)
        again.step()
        whole.step()
        assert np.array_equal(again.parameters, whole.parameters)


def test_an_energy_that_asks_for_another_try_is_heard(tmp_path: Path) -> None:
    stubborn = False

    def density(x: None, u: Any, p: None) -> Any:
        if stubborn:
            raise TryAgain("not now")
        return half_square(x, u, p)

    with Solver(TINY) as solver:
        solver.add_energy(Energy.from_function(density))
        solver.set_initial(bump)
        path = solver.write_snapshot(tmp_path)
        stubborn = True
        with pytest.raises(TryAgain) as caught:
            solver.restore(tmp_path)
        # It is not taken for a folder without snapshots.
        assert str(caught.value.__cause__) == "not now"
        stubborn = False
        assert solver.restore(tmp_path) == path


def test_a_file_of_another_name_and_one_that_is_cut_off(solver: Solver, tmp_path: Path) -> None:
    path = solver.write_snapshot(tmp_path).rename(tmp_path / "other.h5")
    before = solver.parameters
    solver.step()
    assert solver.restore(path) == path
    assert np.array_equal(solver.parameters, before)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(FileError, match=r"other\.h5"):
        solver.restore(path)


def test_a_portable_restart_goes_on_and_says_what_differs(tmp_path: Path) -> None:
    with heat() as solver:
        solver.set_initial(bump)
        solver.step()
        path = solver.write_snapshot(tmp_path)
        before = solver.evaluate([[0.3]])
    with heat(tolerance=1e-3, tau=0.002) as other, pytest.raises(OptionError, match="restart"):
        other.restore(path)
    with heat(tolerance=1e-3, tau=0.002, restart="portable") as other:
        other.restore(path)
        assert other.steps == 1
        assert other.tau == 0.002
        assert np.array_equal(other.evaluate([[0.3]]), before)
        other.step()
        other.write_snapshot(tmp_path)
    with h5py.File(tmp_path / "snap_000001.h5") as file:
        told = [text.decode() for text in file["restart"].attrs["restarts"]]
    assert [text.split("`")[1] for text in told] == ["tau", "tolerance"]
    assert all(text.startswith("from step 1, t = ") for text in told)
    with heat(hidden=9, restart="portable") as other, pytest.raises(OptionError, match="hidden"):
        other.restore(path)


def test_any_snapshot_is_an_initial_condition(tmp_path: Path) -> None:
    with heat() as solver, heat(hidden=9, tau=0.002) as other:
        solver.set_initial(bump)
        solver.step()
        path = solver.write_snapshot(tmp_path)
        assert other.set_initial_snapshot(tmp_path) == path
        assert (other.steps, other.time) == (0, 0.0)
        x = np.linspace(0, 1, 9)[:, None]
        assert np.abs(other.evaluate(x) - solver.evaluate(x)).max() < 1e-2
        other.step()
    with Solver({**TINY, "dimension": 2}) as other, pytest.raises(ArgumentError, match="dimension"):
        other.set_initial_snapshot(path)
