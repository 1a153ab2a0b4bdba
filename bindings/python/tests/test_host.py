"""A host that does other things, too."""

from __future__ import annotations

import multiprocessing
from typing import Any

import h5py
import numpy as np
from problems import TINY, bump

from movimento import Solver

X = np.linspace(0, 1, 17)[:, None]


def heat() -> Any:
    with Solver(TINY, threads=2) as solver:
        solver.add_energy("dirichlet", kappa=0.1)
        solver.set_initial(bump)
        solver.step_to(0.03)
        return solver.evaluate(X)


def test_processes_that_fork(solver: Solver) -> None:
    before = heat()
    with multiprocessing.get_context("fork").Pool(2) as pool:
        for found in pool.starmap(heat, [()] * 4):
            assert np.array_equal(found, before)
    assert np.array_equal(heat(), before)


def test_numbers_that_are_not_finite_stay_the_hosts_business() -> None:
    # numpy asks the processor for what it warns of; the library must not leave marks behind.
    with np.errstate(all="raise"):
        heat()
        assert np.array([1.0])[0] / 2.0 == 0.5


def test_hdf5_of_the_host_is_another(tmp_path: Any, solver: Solver) -> None:
    with h5py.File(tmp_path / "host.h5", "w") as file:
        file["a"] = np.arange(3)
        path = solver.write_snapshot(tmp_path)
        file["b"] = np.arange(4)
        with h5py.File(path) as snapshot:
            assert snapshot["u"].shape == (65,)
    with h5py.File(tmp_path / "host.h5") as file:
        assert file["b"][:].tolist() == [0, 1, 2, 3]
