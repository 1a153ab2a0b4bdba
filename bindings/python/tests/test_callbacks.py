"""Functions of the user: what they raise, when they end a call, how long they live."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import threading
import traceback
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from problems import TINY, bump, half_square

import movimento
from movimento import Cancelled, Energy, HandleError, Progress, Solver, TryAgain


class Own(Exception):
    """An exception that no one else knows."""


def raising(*arguments: Any) -> Any:
    raise Own("of the user")


def comes_back(call: Callable[[], object]) -> None:
    with pytest.raises(Own, match="of the user") as caught:
        call()
    frames = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert frames[-1] == "raising", frames


def test_what_a_function_raises_comes_back_as_itself(solver: Solver) -> None:
    before = solver.parameters
    comes_back(lambda: solver.set_initial(raising))
    comes_back(lambda: solver.set_initial(bump, raising))
    comes_back(lambda: solver.step_to(1.0, progress=raising))
    solver.set_progress(raising)
    comes_back(solver.step)
    solver.set_progress(None)
    assert np.array_equal(solver.parameters, before)
    solver.add_energy(Energy.from_function(raising))
    comes_back(solver.step)
    comes_back(lambda: solver.energy)
    assert np.array_equal(solver.parameters, before)
    with Solver(TINY, dimension=2) as other:
        comes_back(lambda: other.set_inside(raising))
    with Solver(TINY, flow="wasserstein") as other:
        comes_back(lambda: other.set_initial(raising))


def test_what_a_function_returns_is_checked(solver: Solver) -> None:
    for function, error, message in (
        (lambda x: x[:-1, 0], ValueError, "shape"),
        (lambda x: "text", TypeError, "real numbers"),
        (lambda x: x[:, 0] * 1j, TypeError, "complex"),
        (lambda x: np.full(len(x), np.nan), movimento.NotFiniteError, "u_0|initial"),
    ):
        with pytest.raises(error, match=message):
            solver.set_initial(function)
    for density, error, message in (
        (lambda x, u, p: u, TypeError, r"\(f, f_u\), a tuple"),
        (lambda x, u, p: (u, u, u), TypeError, r"\(f, f_u\), a tuple"),
        (lambda x, u, p: (u, u[:-1]), ValueError, "f_u of the density has the shape"),
    ):
        with Solver(TINY) as other:
            other.add_energy(Energy.from_function(density))
            other.set_initial(bump)
            with pytest.raises(error, match=message):
                other.step()


def test_a_function_may_ask_for_another_try() -> None:
    asked: list[int] = []

    def stubborn(x: None, u: Any, p: None) -> Any:
        asked.append(len(u))
        raise TryAgain("shorter, please")

    with Solver(TINY) as solver:
        solver.add_energy(Energy.from_function(stubborn))
        solver.set_initial(bump)
        with pytest.raises(TryAgain) as caught:
            solver.step()
        assert str(caught.value.__cause__) == "shorter, please"
        assert asked


def test_false_cancels_and_nothing_else(solver: Solver) -> None:
    seen: list[Progress] = []

    def watch(progress: Progress) -> object:
        seen.append(progress)
        return 0 if len(seen) < 5 else False

    solver.set_progress(watch)
    with pytest.raises(Cancelled):
        solver.step_to(10.0)
    assert len(seen) == 5
    assert not seen[0].fitting
    steps = solver.steps
    assert seen[-1].step == steps
    solver.set_progress(None)
    solver.step()
    assert len(seen) == 5
    assert solver.steps == steps + 1
    fitting: list[Progress] = []
    solver.set_initial(bump, progress=fitting.append)
    assert all(it.fitting for it in fitting)
    assert fitting[-1].objective < 1e-2


def test_an_interrupt_in_a_callback_comes_back(solver: Solver) -> None:
    def watch(progress: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        solver.step_to(10.0, progress=watch)


def test_ctrl_c_ends_a_step() -> None:
    # Shells have what they start in the background ignore the signal, and Python then leaves it at that.
    former = signal.signal(signal.SIGINT, signal.default_int_handler)
    # No function of the user is called, so that only the library can notice.
    with Solver(TINY) as solver:
        solver.add_energy("dirichlet", kappa=1e-4)
        solver.set_initial(bump)
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
        try:
            with pytest.raises(KeyboardInterrupt):
                solver.step_to(1e5)
            assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        finally:
            signal.signal(signal.SIGINT, former)
        steps = solver.steps
        assert steps < 1e7
        solver.step()
        assert solver.steps == steps + 1


def test_a_handler_of_the_host_is_heard_and_does_not_end_a_step(solver: Solver) -> None:
    heard: list[int] = []
    former = signal.signal(signal.SIGINT, lambda number, frame: heard.append(number))
    try:
        solver.step_to(0.05, progress=lambda _: None if heard else signal.raise_signal(signal.SIGINT))
    finally:
        signal.signal(signal.SIGINT, former)
    assert heard == [signal.SIGINT]
    assert solver.time == 0.05


def test_a_busy_solver_is_refused_and_others_are_not(solver: Solver) -> None:
    with Solver(TINY) as other:
        other.add_energy("dirichlet")
        other.set_initial(bump)
        # A call within a call: that of another solver goes through.
        solver.step_to(0.02, progress=lambda _: other.step())
        assert other.steps > 1
        with pytest.raises(HandleError, match="busy"):
            solver.step_to(0.04, progress=lambda _: solver.evaluate([0.5]))
        # What the inner call raised is caught inside, and the outer one goes on.
        seen: list[str] = []

        def careful(_: Progress) -> None:
            with pytest.raises(Own):
                other.set_initial(raising)
            seen.append(repr(solver))

        solver.step_to(0.04, progress=careful)
        assert seen
        assert "busy" in seen[0]


def test_a_solver_may_be_closed_by_its_own_callback(solver: Solver) -> None:
    def close(_: Progress) -> None:
        solver.close()

    with contextlib.suppress(HandleError):
        solver.step_to(0.03, progress=close)
    assert solver.closed


def test_functions_live_as_long_as_they_are_called() -> None:
    def make() -> tuple[Solver, list[weakref.ref[Any]]]:
        def density(x: None, u: Any, p: None) -> Any:
            return half_square(x, u, p)

        def inside(x: Any) -> Any:
            return x[:, 0] < 2.0

        def start(x: Any) -> Any:
            return bump(x)

        def watch(progress: Progress) -> None:
            pass

        solver = Solver(TINY, quadrature="sobol", nodes=64)
        solver.set_inside(inside)
        energy = Energy.from_function(density, convex=True)
        solver.add_energy(energy)
        energy.close()
        solver.set_initial(start)
        solver.set_progress(watch)
        return solver, [weakref.ref(it) for it in (density, inside, watch)]

    solver, functions = make()
    gc.collect()
    assert all(function() for function in functions)
    solver.step()
    x = np.array([[0.5]])
    assert abs(solver.evaluate(x)[0] - 1 / 1.01) < 2e-2
    del solver
    gc.collect()
    assert not any(function() for function in functions)


def test_arguments_may_be_kept() -> None:
    kept: list[Any] = []

    def greedy(x: Any, u: Any, p: None) -> Any:
        kept.append((x, u, u.copy()))
        return half_square(None, u, None)

    with Solver(TINY) as solver:
        solver.add_energy(Energy.from_function(greedy, position=True))
        solver.set_initial(bump)
        solver.step()
    assert kept
    for x, u, copy in kept:
        assert np.array_equal(u, copy)
        assert x.min() >= 0.0
        assert x.max() <= 1.0
