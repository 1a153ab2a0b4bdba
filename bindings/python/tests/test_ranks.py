"""Ranks that work on one problem: threads here, processes of MPI in ranks_mpi.py."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from problems import TINY, bump, half_square

from movimento import CallbackError, Energy, Solver, StateError


class Meeting:
    """Where as many threads meet as there are ranks."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.barrier = threading.Barrier(size)
        self.shared: list[Any] = [None] * size

    def exchange(self, rank: int, values: Any, combine: Callable[[list[Any]], Any]) -> None:
        self.shared[rank] = values.copy()
        self.barrier.wait(30)
        values[:] = combine(self.shared)
        # No one overwrites what another has not read yet.
        self.barrier.wait(30)


class Rank:
    """One thread's way to the others."""

    def __init__(self, meeting: Meeting, rank: int) -> None:
        self.meeting, self.rank, self.size = meeting, rank, meeting.size
        self.calls = 0

    def sum(self, values: Any, /) -> None:
        self.calls += 1
        self.meeting.exchange(self.rank, values, sum)

    def max(self, values: Any, /) -> None:
        self.meeting.exchange(self.rank, values, lambda shared: np.max(shared, axis=0))

    def broadcast(self, values: Any, /) -> None:
        self.meeting.exchange(self.rank, values, lambda shared: shared[0])


def on_ranks(size: int, run: Callable[[Rank], Any]) -> list[Any]:
    meeting = Meeting(size)
    with ThreadPoolExecutor(size) as pool:
        return [it.result() for it in [pool.submit(run, Rank(meeting, rank)) for rank in range(size)]]


X = np.linspace(0, 1, 17)[:, None]
#: So many nodes that each rank has some.
MANY: dict[str, Any] = {**TINY, "nodes": 600, "check_nodes": 600}


def heat(rank: Rank | None) -> Any:
    with Solver(MANY) as solver:
        if rank is not None:
            solver.set_communicator(rank)
        solver.add_energy("dirichlet", kappa=0.1)
        solver.set_initial(bump)
        solver.step_to(0.03)
        assert rank is None or rank.size == 1 or rank.calls > 3
        return np.append(solver.evaluate(X), solver.energy)


def test_the_answer_is_that_of_one() -> None:
    (alone,) = on_ranks(1, heat)
    # Sums are taken in the same order.
    for found in on_ranks(2, heat) + on_ranks(4, heat):
        assert np.abs(found - alone).max() < 1e-13
    # And here in another, from which the fit may begin elsewhere.
    for found in [*on_ranks(3, heat), heat(None)]:
        assert np.abs(found - alone).max() < 1e-6


def test_each_rank_gives_its_own_nodes() -> None:
    nodes, weights = np.polynomial.legendre.leggauss(40)

    def run(rank: Rank) -> Any:
        with Solver(TINY, tau=0.05) as solver:
            solver.set_communicator(rank)
            mine = slice(rank.rank, None, rank.size)
            solver.set_nodes(0.5 + 0.5 * nodes[mine, None], 0.5 * weights[mine])
            solver.add_energy(Energy.from_function(half_square, convex=True))
            solver.set_initial(bump)
            solver.step()
            return solver.evaluate(X)

    for found in on_ranks(2, run):
        assert np.abs(found - bump(X) / 1.05).max() < 1e-3


def test_an_exception_on_one_rank_ends_the_call_on_all() -> None:
    def run(rank: Rank) -> Any:
        def failing(x: None, u: Any, p: None) -> Any:
            if rank.rank == 1:
                raise ZeroDivisionError("on rank 1")
            return half_square(x, u, p)

        with Solver(MANY) as solver:
            solver.set_communicator(rank)
            with pytest.raises(StateError):
                solver.set_communicator(rank)
            solver.add_energy(Energy.from_function(failing))
            solver.set_initial(bump)
            # Itself where it was raised, and elsewhere the name of the rank.
            error, message = (ZeroDivisionError, "on rank 1") if rank.rank == 1 else (CallbackError, "rank 1")
            with pytest.raises(error, match=message):
                solver.step()
            return solver.steps

    assert on_ranks(2, run) == [0, 0]


def test_a_communicator_that_fails_is_its_own_exception() -> None:
    class Broken(Rank):
        def exchange(self, values: Any, /) -> None:
            raise OSError("the cable")

        sum = max = broadcast = exchange

    with Solver(TINY) as solver, pytest.raises(OSError, match="the cable"):
        solver.set_communicator(Broken(Meeting(2), 0))


def test_a_communicator_like_that_of_mpi4py() -> None:
    with Solver(MANY) as solver:
        solver.set_communicator(FakeComm())
        solver.add_energy("dirichlet", kappa=0.1)
        solver.set_initial(bump)
        solver.step_to(0.03)
        assert np.abs(np.append(solver.evaluate(X), solver.energy) - heat(None)).max() < 1e-6
        with pytest.raises(TypeError, match="communicator"):
            solver.set_communicator(3)


# What the module mpi4py.MPI has.
IN_PLACE, SUM, MAX = object(), object(), object()


class FakeComm:
    """One rank alone."""

    def Get_rank(self) -> int:
        return 0

    def Get_size(self) -> int:
        return 1

    def Allreduce(self, send: object, receive: Any, op: object) -> None:
        assert send is IN_PLACE
        assert op in (SUM, MAX)
        assert receive.dtype == np.float64

    def Bcast(self, values: Any, root: int) -> None:
        assert root == 0
