"""Ranks, such as processes of MPI, that work on one problem."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Protocol

from . import _c
from ._arrays import Reals, view
from ._calls import collective


class Communicator(Protocol):
    """What a solver needs to work on a problem together with others.

    The three operations are collective: every rank calls the same one at the same time, with arrays of
    float64 of the same length, in place.
    """

    @property
    def rank(self) -> int:
        """The number of this rank, from 0."""

    @property
    def size(self) -> int:
        """How many ranks there are."""

    def sum(self, values: Reals, /) -> None:
        """Replaces each number by its sum over the ranks."""

    def max(self, values: Reals, /) -> None:
        """Replaces each number by the largest of the ranks."""

    def broadcast(self, values: Reals, /) -> None:
        """Replaces the numbers by those of rank 0."""


class Mpi:
    """A communicator of mpi4py, or of what looks like it. mpi4py itself is not imported: who has a
    communicator has done so.
    """

    def __init__(self, comm: Any, mpi: Any) -> None:
        self._mpi = mpi
        self._comm = comm
        self.rank: int = comm.Get_rank()
        self.size: int = comm.Get_size()

    def sum(self, values: Reals, /) -> None:
        self._comm.Allreduce(self._mpi.IN_PLACE, values, self._mpi.SUM)

    def max(self, values: Reals, /) -> None:
        self._comm.Allreduce(self._mpi.IN_PLACE, values, self._mpi.MAX)

    def broadcast(self, values: Reals, /) -> None:
        self._comm.Bcast(values, 0)


def adapted(comm: Any) -> Communicator:
    """What a solver needs, from what the user has."""
    modules = (sys.modules.get(kind.__module__) for kind in type(comm).__mro__)
    mpi = next((module for module in modules if hasattr(module, "IN_PLACE")), None)
    if mpi is not None and hasattr(comm, "Allreduce"):
        return Mpi(comm, mpi)
    needed = ("rank", "size", "sum", "max", "broadcast")
    if missing := [name for name in needed if not hasattr(comm, name)]:
        raise TypeError(
            f"a {type(comm).__name__} is no communicator: it lacks {', '.join(missing)}; one of mpi4py is accepted, "
            f"and an object with {', '.join(needed)}"
        )
    communicator: Communicator = comm
    return communicator


def callbacks(communicator: Communicator) -> tuple[Any, Any, Any]:
    """The three functions for the library."""
    return _in_place(communicator.sum), _in_place(communicator.max), _in_place(communicator.broadcast)


def _in_place(operation: Callable[[Reals], object]) -> Any:
    def body(n: int, values: int, _: int | None) -> None:
        operation(view(values, (n,)))

    return _c.mov_collective_fn(collective(body))
