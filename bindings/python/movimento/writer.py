"""Series of snapshots."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from . import _callbacks
from ._arrays import Reals, absolute, address, points
from ._calls import call, count, create
from ._handle import Handle
from ._library import c
from .options import Options, Value

if TYPE_CHECKING:
    from .solver import Solver

#: Values at points where u is known: (x, u) -> (n,) or (n, components).
Expression = Callable[[Reals, Reals], npt.ArrayLike]


class Writer(Handle):
    """A writer of a series: a folder with an HDF5 file for each snapshot, and an index of all of them.

    ``run.vtkhdf`` in the folder is the index: ParaView from 6.0 on and xarray (`open_series`) open it as one file
    with an axis of time, also while the series grows. ``run.xmf`` is for an older ParaView.

    Parameters
    ----------
    solver : Solver
    folder : str or path
        Created if it is not there. A series in it continues, see the option ``snapshot_existing``.
    options : Options or mapping, optional
        The options ``snapshot_*``; else those of the solver.
    **values
        More of them.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from movimento import Solver
    >>> with Solver(hidden=[12]) as solver, Writer(solver, tempfile.mkdtemp()) as writer:
    ...     solver.add_energy("dirichlet", kappa=0.1)
    ...     solver.set_initial(lambda x: np.cos(np.pi * x[:, 0]))
    ...     writer.add("u", "grad_u")
    ...     writer.add_function("square", lambda x, u: u**2)
    ...     writer.write().name
    ...     solver.step()
    ...     writer.write().name
    'snap_000000.h5'
    'snap_000001.h5'
    """

    def __init__(
        self,
        solver: Solver,
        folder: str | os.PathLike[str],
        options: Options | Mapping[str, Value] | None = None,
        /,
        **values: Value,
    ) -> None:
        chosen: Options | Mapping[str, Value] = solver.options if options is None else options
        with Options(chosen, **values) as own:
            handle = create(c.mov_writer_create, solver._address, os.fsencode(folder), own._address)
            where = absolute(folder)
        super().__init__(handle, c.mov_writer_free)
        self._folder = Path(where)
        self._solver = solver
        #: Callbacks that the library may call until the writer is freed.
        self._callbacks: list[Any] = []

    def add(self, *names: str) -> None:
        """Shows fields that the solver has by itself; the first replaces those that are shown by default.

        Parameters
        ----------
        *names : str
            Of "u", "grad_u", "energy_density", "energy_densities" (by term), for a flow in Wasserstein space
            "density" and "velocity", and of several components "u0", "u1" and so on.
        """
        for name in names:
            call(c.mov_writer_add_field, self._address, self._solver._address, name.encode())

    def add_function(self, name: str, function: Expression, /, components: int = 1) -> None:
        """Shows a field of yours.

        Parameters
        ----------
        name : str
            A letter, and letters, digits and underscores.
        function : callable
            ``function(x, u)`` gets points (n, d) and the solution or density there (n,), and returns (n,) or
            (n, components), with NaN for a blank. `write` calls it.
        components : int
            Numbers at a point; d of them are taken for a vector.
        """
        callback = _callbacks.expression(function, components, self._solver.components)
        # A former one is still in use if this one is refused.
        self._callbacks.append(callback)
        call(c.mov_writer_add_callback, self._address, name.encode(), components, callback, None)

    def describe(self, name: str, long_name: str | None = None, units: str | None = None) -> None:
        """Says what a field, "t", "x", "y", "z", "position" or "mass" is, and in which unit; in ASCII."""
        texts = (None if it is None else it.encode() for it in (long_name, units))
        call(c.mov_writer_describe_field, self._address, name.encode(), *texts)

    def set_points(self, x: npt.ArrayLike, /) -> None:
        """Shows the fields at points too, which a transport map carries along.

        Parameters
        ----------
        x : array_like, shape (n, d)
            In Wasserstein space where the mass is in the beginning; of shape (0, d), no points are shown.
        """
        array, _, n = points(x, self._solver.dimension)
        call(c.mov_writer_set_points, self._address, n, address(array) if n else None)

    @property
    def folder(self) -> Path:
        """Where the snapshots are."""
        return self._folder

    def write(self) -> Path:
        """Writes a snapshot of the solver. It is on the disk when this returns.

        Returns
        -------
        Path
            Of the file.
        """
        number = count(c.mov_writer_write, self._address, self._solver._address)
        return self._folder / f"snap_{number:06}.h5"

    def __len__(self) -> int:
        """How many snapshots the series has."""
        return count(c.mov_writer_count, self._address)

    def close(self) -> None:
        """Brings the index up to date and lets go of the folder.

        Raises
        ------
        FileError
            If the index cannot be written; the snapshots are.
        """
        if not self.closed:
            try:
                call(c.mov_writer_close, self._address)
            finally:
                super().close()

    def __repr__(self) -> str:
        return f"<{'closed ' if self.closed else ''}Writer into {str(self._folder)!r}>"


def pack_snapshots(folder: str | os.PathLike[str], path: str | os.PathLike[str], /) -> Path:
    """Copies all snapshots of a folder into one HDF5 file with an axis of time.

    Parameters
    ----------
    folder : str or path
        Of a `Writer`.
    path : str or path
        The file, which appears when it is whole; one of that name is replaced.

    Returns
    -------
    Path
        Of the file, for `open_series`.
    """
    call(c.mov_pack_snapshots, os.fsencode(folder), os.fsencode(path))
    return Path(path)
