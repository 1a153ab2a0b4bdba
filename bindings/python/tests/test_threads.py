"""Threads of Python beside a computation."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np
import pytest
from problems import TINY, bump

from movimento import HandleError, Solver


def ticks(call: Callable[[], object]) -> tuple[int, float]:
    """How often another thread had its turn during a call, and how long that took."""
    count, done = 0, threading.Event()

    def tick() -> None:
        nonlocal count
        while not done.is_set():
            time.sleep(1e-3)
            count += 1

    thread = threading.Thread(target=tick)
    thread.start()
    try:
        before, start = count, time.perf_counter()
        call()
        return count - before, time.perf_counter() - start
    finally:
        done.set()
        thread.join()


def test_other_threads_run_during_a_call(solver: Solver) -> None:
    # No callback is called, so that the lock is free only if the call lets go of it.
    x = np.random.default_rng(0).uniform(size=(200_000, 1))
    count, seconds = 0, 0.0
    while seconds < 0.3:
        count, seconds = ticks(partial(solver.evaluate, x))
        x = np.concatenate([x, x])
    assert count > 20, f"{count} turns in {seconds} s"


def test_other_threads_run_during_a_step() -> None:
    calls = 0

    def watch(_: object) -> None:
        nonlocal calls
        calls += 1

    with Solver(TINY, hidden=[32, 32], nodes=2000, fit_max_iterations=2) as solver:
        solver.add_energy("dirichlet", kappa=0.1)
        solver.set_initial(bump)
        count, seconds = ticks(lambda: solver.step_to(0.03, progress=watch))
    # At most a turn or so for each time that a callback hands the lock over.
    assert count > 5 * calls or seconds < 0.1 * calls, f"{count} turns, {calls} callbacks, {seconds} s"
    assert count > 20


def test_a_second_thread_is_refused(solver: Solver) -> None:
    within, done = threading.Event(), threading.Event()

    def watch(_: object) -> None:
        within.set()
        done.wait(30)

    with ThreadPoolExecutor(1) as pool:
        stepping = pool.submit(solver.step_to, 0.01, progress=watch)
        assert within.wait(30)
        with pytest.raises(HandleError, match="busy"):
            solver.evaluate([0.5])
        done.set()
        stepping.result()
    assert solver.time == 0.01


def test_solvers_in_threads_do_not_disturb_each_other() -> None:
    def run(kappa: float) -> Any:
        with Solver(TINY) as solver:
            solver.add_energy("dirichlet", kappa=kappa)
            # An exception on one thread is none of the others' business.
            with pytest.raises(ZeroDivisionError):
                solver.set_initial(lambda x: 1 // 0)
            solver.set_initial(bump)
            solver.step_to(0.03)
            return solver.parameters

    kappas = [0.05, 0.1, 0.2, 0.4]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(run, kappas))
    for kappa, parameters in zip(kappas, together, strict=True):
        assert np.array_equal(parameters, run(kappa))
