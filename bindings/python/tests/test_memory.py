"""What is made is freed."""

from __future__ import annotations

import contextlib
import gc
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
from problems import TINY, bump, half_square

from movimento import Energy, Options, Solver


def resident() -> int:
    """Bytes of memory that this process has."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def growth(once: Callable[[], object], times: int) -> float:
    """Bytes that each repetition costs, once the first have warmed up."""
    for _ in range(times):
        once()
    before = resident()
    for _ in range(times):
        once()
    return (resident() - before) / times


def test_solvers_are_freed_with_all_they_have() -> None:
    def closed() -> None:
        with Solver(TINY, fit_max_iterations=2, fit_accept=10.0) as solver:
            solver.add_energy(Energy.from_function(half_square))
            solver.set_initial(bump)
            solver.step()

    def forgotten() -> None:
        solver = Solver(TINY, fit_max_iterations=2, fit_accept=10.0)
        solver.add_energy("dirichlet")
        solver.set_initial(bump)

    # A leaked solver costs some 50 kB.
    assert growth(closed, 60) < 8e3
    assert growth(forgotten, 60) < 8e3


def test_calls_leave_nothing(solver: Solver) -> None:
    x = np.linspace(0, 1, 1000)[:, None]

    def failing() -> None:
        with contextlib.suppress(ZeroDivisionError):
            solver.set_initial(lambda x: 1 // 0)

    # An array of results has 8 kB, a set of options about as much.
    assert growth(lambda: solver.evaluate(x, gradient=True), 500) < 500
    assert growth(failing, 500) < 500
    assert growth(lambda: Options(hidden=[4, 4]).changed(), 300) < 500
