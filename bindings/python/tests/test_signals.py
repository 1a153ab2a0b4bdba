"""Exceptions of handlers of signals, wherever they strike."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from problems import TINY

from movimento import Energy, Solver, Writer


class Struck(Exception):
    """What the handler raises."""


@pytest.fixture
def strikes() -> Iterator[Any]:
    """A timer whose signal raises, now and then."""

    def strike(*_: object) -> None:
        raise Struck

    before = signal.signal(signal.SIGALRM, strike)
    rng = np.random.default_rng(0)

    def arm() -> None:
        signal.setitimer(signal.ITIMER_REAL, float(rng.uniform(1e-5, 2e-3)))

    yield arm
    signal.setitimer(signal.ITIMER_REAL, 0.0)
    signal.signal(signal.SIGALRM, before)


def busy(x: Any, u: Any) -> Any:
    return u + 1.0


def half_square(x: Any, u: Any, p: Any) -> Any:
    return 0.5 * u * u, u


def started() -> Solver:
    solver = Solver({**TINY, "snapshot_resolution": 65, "tau": 1e-6})
    solver.add_energy(Energy.from_function(half_square))
    solver.set_initial(lambda x: 2.0 + np.cos(np.pi * x[:, 0]))
    return solver


def test_what_is_acknowledged_is_right_and_what_is_raised_comes_out(tmp_path: Path, strikes: Any) -> None:
    written, struck, whole = [], 0, 0
    with started() as solver, Writer(solver, tmp_path, snapshot_index_seconds=1e6) as writer:
        writer.add("u")
        for number in range(8):
            writer.add_function(f"plus{number}", busy)
        expected = solver.energy
        for _ in range(300):
            try:
                try:
                    strikes()
                    energy = solver.energy
                    solver.step()
                    written.append(writer.write())
                finally:
                    signal.setitimer(signal.ITIMER_REAL, 0.0)
            except Struck:
                struck += 1
            else:
                whole += 1
                assert abs(energy - expected) < 1e-2 * expected
    assert struck > 50, (struck, whole)
    for path in written:
        with h5py.File(path) as file:
            for number in range(8):
                assert np.array_equal(file[f"plus{number}"][:], file["u"][:] + 1.0), path


def test_a_handler_that_ends_the_process_ends_it(tmp_path: Path) -> None:
    code = f"""
import os, signal, sys, threading
import numpy as np
from movimento import RecoverableError, Solver
signal.signal(signal.SIGTERM, lambda *a: sys.exit(7))
solver = Solver({TINY!r}, tau=1e-6)
solver.add_energy("dirichlet")
solver.set_initial(lambda x: np.cos(np.pi * x[:, 0]))
threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGTERM)).start()
while solver.time < 1:
    try:
        solver.step_to(solver.time + 0.05)
    except RecoverableError:
        solver.tau *= 0.5
"""
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 7


def test_the_end_of_the_process_ends_calls_of_other_threads() -> None:
    code = f"""
import threading, time
import numpy as np
from movimento import Energy, Solver
solver = Solver({TINY!r}, tau=1e-6)
solver.add_energy(Energy.from_function(lambda x, u, p: (0.5 * u * u, u)))
solver.set_initial(lambda x: np.cos(np.pi * x[:, 0]))
threading.Thread(target=lambda: solver.step_to(10.0), daemon=True).start()
time.sleep(0.3)
"""
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", code], timeout=60, stderr=subprocess.PIPE)
        assert (done.returncode, done.stderr) == (0, b"")


def test_handlers_are_as_they_were() -> None:
    def handler(*_: object) -> None:
        pass

    before = signal.signal(signal.SIGUSR1, handler)
    try:
        with started() as solver:
            hook = sys.unraisablehook
            solver.step()
            assert signal.getsignal(signal.SIGUSR1) is handler
            assert sys.unraisablehook is hook
            os.kill(os.getpid(), signal.SIGUSR1)
            start = time.perf_counter()
            for _ in range(1000):
                _ = solver.time
            assert time.perf_counter() - start < 0.5
    finally:
        signal.signal(signal.SIGUSR1, before)
