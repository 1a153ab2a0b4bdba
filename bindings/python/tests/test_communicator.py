"""Solvers that share their nodes, here in two threads. Processes of MPI do so in C and Fortran."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from problems import TINY, bump

from movimento import Solver, _c
from movimento._library import c

Combine = Callable[[list[Any]], Any]


class Meeting:
    """The collective functions of two ranks."""

    def __init__(self) -> None:
        self.barrier = threading.Barrier(2, timeout=60)
        self.brought: list[Any] = [None, None]

    def function(self, rank: int, combine: Combine) -> Any:
        def run(n: int, address: int, _: int | None) -> int:
            values = np.ctypeslib.as_array((ctypes.c_double * n).from_address(address))
            self.brought[rank] = values.copy()
            self.barrier.wait()
            result = combine(self.brought)
            self.barrier.wait()
            values[:] = result
            return 0

        return _c.mov_collective_fn(run)


def solved(rank: int, meeting: Meeting) -> tuple[int, float]:
    with Solver(TINY) as solver:
        add = meeting.function(rank, sum)
        largest = meeting.function(rank, lambda both: np.maximum(*both))
        first = meeting.function(rank, lambda both: both[0])
        status = c.mov_solver_set_communicator(solver._address, rank, 2, add, largest, first, None)
        solver.add_energy("dirichlet", kappa=0.1)
        solver.set_initial(bump)
        solver.step()
        return status, solver.energy


def test_two_ranks_find_what_one_finds(solver: Solver) -> None:
    meeting = Meeting()
    with ThreadPoolExecutor(2) as threads:
        both = list(threads.map(solved, range(2), [meeting] * 2))
    solver.step()
    assert both[0] == both[1]
    status, energy = both[0]
    assert status == _c.MOV_OK
    assert abs(energy - solver.energy) < 1e-3 * solver.energy


def test_no_rank_beyond_the_size(solver: Solver) -> None:
    function = Meeting().function(0, sum)
    status = c.mov_solver_set_communicator(solver._address, 2, 2, function, function, function, None)
    assert status == _c.MOV_ERROR_ARGUMENT
