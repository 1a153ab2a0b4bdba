"""What there is to see of a gradient flow at the time reached."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
import numpy.typing as npt

from . import _results, errors
from ._arrays import Reals, absolute, address, of_field, points, result
from ._callbacks import Region
from ._calls import call, count, number, text
from ._handle import Handle
from ._library import c
from ._results import FieldInfo
from .options import Options

if TYPE_CHECKING:
    import xarray


class State(Handle):
    """The state of a solver: u, the energies, the report, and a density's mass."""

    _options: Options
    _d: int
    _components: int
    #: What cuts the box.
    _region: Region | None

    @property
    def options(self) -> Options:
        """A copy of the options that the solver was made with."""
        return self._options.copy()

    @property
    def dimension(self) -> int:
        """The dimension d of the domain."""
        return self._d

    @property
    def components(self) -> int:
        """The components c of the field u."""
        return self._components

    @property
    def time(self) -> float:
        """The time reached; 0 before the first step."""
        return number(c.mov_solver_get_time, self._address)

    @property
    def steps(self) -> int:
        """How many steps were taken."""
        return count(c.mov_solver_get_steps, self._address)

    @overload
    def evaluate(
        self, x: npt.ArrayLike, /, *, gradient: Literal[False] = False, out: Reals | None = None
    ) -> Reals: ...

    @overload
    def evaluate(
        self, x: npt.ArrayLike, /, *, gradient: Literal[True], out: Reals | None = None
    ) -> tuple[Reals, Reals]: ...

    def evaluate(
        self, x: npt.ArrayLike, /, *, gradient: bool = False, out: Reals | None = None
    ) -> Reals | tuple[Reals, Reals]:
        """u, or the density of a flow in Wasserstein space, at points.

        Parameters
        ----------
        x : array_like, shape (..., d)
            In the user's unit of length. Outside the domain the values mean nothing.
        gradient : bool
            Whether grad u is wanted as well.
        out : ndarray of float64, shape (...), optional
            Receives u.

        Returns
        -------
        u : ndarray, shape (...), or (..., c) of several components
        grad : ndarray, shape (..., d), or (..., c, d)
            With `gradient` only.
        """
        where, leading, n = points(x, self._d)
        u = result(out, of_field(leading, self._components))
        grad = np.empty(of_field(leading, self._components, self._d)) if gradient else None
        call(c.mov_solver_evaluate, self._address, n, address(where), address(u), address(grad))
        return u if grad is None else (u, grad)

    def evaluate_all(self, x: npt.ArrayLike, /, *wanted: str) -> dict[str, Reals]:
        """All that is wanted of u at points.

        Parameters
        ----------
        x : array_like, shape (..., d)
            In the user's unit of length. Outside the domain the values mean nothing.
        *wanted
            Of "u", "grad", "hessian", "laplacian" and "rate", which is du/dt; without any, all but the last. It is
            not known, which is a `StateError`, of a transport map with an energy of grad rho or an interaction that
            is not smooth at x = y, of particles without a density and of w2gn.

        Returns
        -------
        dict of str to ndarray
            Of the shapes (...), (..., d), (..., d, d), (...) and (...), with an axis c of several components
            after those of the points.
        """
        where, leading, n = points(x, self._d)
        d = self._d
        shapes = {"u": (), "grad": (d,), "hessian": (d, d), "laplacian": (), "rate": ()}
        for name in wanted:
            if name not in shapes:
                raise errors.ArgumentError(f"{name!r} is not known; {', '.join(shapes)} are accepted")
        names = wanted or tuple(shapes)[:-1]
        found = {name: np.empty(of_field(leading, self._components, *shapes[name])) for name in names}
        arrays = [address(found.get(name)) for name in shapes]
        call(c.mov_solver_evaluate_all, self._address, n, address(where), *arrays)
        return found

    def evaluate_between(self, time: float, x: npt.ArrayLike, /) -> Reals:
        """U at points x (..., d) at a time in the last step, to third order in the step; of a density positive.

        Of a flow in Wasserstein space that was restored from a file it is known after the next step.
        """
        where, leading, n = points(x, self._d)
        u = np.empty(of_field(leading, self._components))
        call(c.mov_solver_evaluate_between, self._address, time, n, address(where), address(u))
        return u

    @property
    def fields(self) -> dict[str, FieldInfo]:
        """The fields that the flow has by name; snapshots show the first by default."""
        rows = json.loads(text(c.mov_solver_fields_describe, self._address))
        return {row["name"]: FieldInfo(**row) for row in rows}

    def evaluate_field(self, name: str, x: npt.ArrayLike, /) -> Reals:
        """The values of a field at points, NaN outside the domain.

        Parameters
        ----------
        name : str
            Of `fields`.
        x : array_like, shape (..., d)
            In the user's unit of length.

        Returns
        -------
        ndarray, shape (...), or (..., components)
            The latter of a field that is a vector or has several components.
        """
        where, leading, n = points(x, self._d)
        known = self.fields.get(name)
        # Of a name that there is not, the library says so.
        several = known is not None and (known.vector or known.components > 1)
        values = np.empty((*leading, known.components) if known is not None and several else leading)
        points_and_values = (n, address(where), values.size, address(values))
        call(c.mov_solver_evaluate_field, self._address, name.encode(), *points_and_values)
        return values

    @property
    def energy(self) -> float:
        """The energy F(u), the sum of all terms, on the independent nodes."""
        return number(c.mov_solver_energy, self._address)

    @property
    def energies(self) -> dict[str, float]:
        """The terms of F(u) by name, in the order in which they were added.

        A name that comes again has its number with it, such as "entropy (2)".
        """
        terms: dict[str, float] = {}
        for index in range(count(c.mov_solver_energy_count, self._address)):
            name = text(c.mov_solver_energy_name, self._address, index)
            same = sum(it == name or it.startswith(f"{name} (") for it in terms)
            terms[f"{name} ({same + 1})" if same else name] = number(c.mov_solver_energy_term, self._address, index)
        return terms

    def report(self) -> dict[str, float]:
        """The figures about the last step and the initial fit; `describe_report` says what they are.

        Those of a step are there after the first one.
        """
        figures = {}
        for name in describe_report():
            try:
                figures[name] = number(c.mov_solver_report, self._address, name.encode())
            except errors.StateError:
                continue
        return figures

    @property
    def parameters(self) -> Reals:
        """A copy of the parameters of the network: layer after layer, weights before biases."""
        values = np.empty(count(c.mov_solver_parameter_count, self._address))
        call(c.mov_solver_parameters, self._address, values.size, address(values))
        return values

    # What there is to see of a flow in Wasserstein space.

    def push_forward(self, x: npt.ArrayLike, /) -> Reals:
        """The transport map: where the mass that was at x in the beginning is now.

        Parameters
        ----------
        x : array_like, shape (..., d)

        Returns
        -------
        ndarray, shape (..., d)
        """
        return self._map(c.mov_solver_push_forward, x)

    def velocity(self, y: npt.ArrayLike, /) -> Reals:
        """The velocity ``-grad (dF/drho)`` with which the mass at given points moves.

        Parameters
        ----------
        y : array_like, shape (..., d)

        Returns
        -------
        ndarray, shape (..., d)
            In the user's unit of length by that of time; 0 where there is no mass, and NaN where the map is not
            known to take a label.
        """
        return self._map(c.mov_solver_velocity, y)

    def _map(self, function: Any, x: npt.ArrayLike) -> Reals:
        where, _, n = points(x, self._d)
        there = np.empty(where.shape)
        call(function, self._address, n, address(where), address(there))
        return there

    def moments(self) -> tuple[Reals, Reals]:
        """Mean (d,) and covariance (d, d) of the density, from the independent labels."""
        mean, covariance = np.empty(self._d), np.empty((self._d, self._d))
        call(c.mov_solver_moments, self._address, address(mean), address(covariance))
        return mean, covariance

    def entropy(self) -> float:
        """``int rho ln rho``, minus the entropy, from the independent labels."""
        return number(c.mov_solver_entropy, self._address)

    def quantiles(self, probability: npt.ArrayLike, /, axis: int = 0) -> Reals:
        """Quantiles of one coordinate of the mass, to about one part in ten thousand of the mass.

        Parameters
        ----------
        probability : array_like, shape (...)
            Each from 0 to 1.
        axis : int
            Which coordinate.

        Returns
        -------
        ndarray, shape (...)
            The values below which such a part of the mass lies, in the user's unit of length.
        """
        wanted = np.require(probability, np.float64, ["C", "A", "E"])
        found = np.empty(wanted.shape)
        if not 0 <= axis < self._d:
            raise errors.ArgumentError(f"`axis` is {axis}; 0 to {self._d - 1} is accepted")
        call(c.mov_solver_quantiles, self._address, axis, wanted.size, address(wanted), address(found))
        return found

    def write_snapshot(self, folder: str | os.PathLike[str], /) -> Path:
        """Writes the next snapshot, an HDF5 file, into a folder, which is created if it is not there.

        Returns
        -------
        Path
            Of the file, ``snap_000000.h5`` or the next number that is free.
        """
        where = absolute(folder)
        number = count(c.mov_solver_write_snapshot, self._address, os.fsencode(where))
        return Path(where) / f"snap_{number:06}.h5"

    def export(self, path: str | os.PathLike[str], /) -> None:
        """Writes the network to a file in the format safetensors, with all that its evaluation takes."""
        call(c.mov_solver_export, self._address, os.fsencode(path))

    def to_xarray(
        self,
        resolution: int | None = None,
        fields: tuple[str, ...] | list[str] = ("u",),
        units: Mapping[str, str] | None = None,
        *,
        axes: Sequence[int] | None = None,
        point: npt.ArrayLike | None = None,
    ) -> xarray.Dataset:
        """The state on the grid that snapshots have: the axes z, y, x, and time t.

        The options ``snapshot_resolution``, ``snapshot_axes``, ``snapshot_point``, ``snapshot_lower`` and
        ``snapshot_upper`` choose it; the arguments stand for the first three.

        Parameters
        ----------
        resolution : int, optional
            Points for each axis; else the option ``snapshot_resolution``.
        fields : sequence of str
            Of `fields`, or "gradient" for "grad_u".
        units : mapping of str to str, optional
            Those of "x", "y", "z", "t" and the fields, which the library does not know; else "1".
        axes : sequence of int, optional
            The axes of R^d, counted from 0, that are shown as x, y and z: one to three. Without them and the
            option, all up to three dimensions, and the first two beyond.
        point : float or array_like, shape (d,), optional
            A point that the grid goes through, where the axes are not all; without it and the option, the
            centre of the grid.

        Returns
        -------
        xarray.Dataset
            The attribute ``slice_point`` is that point, where the axes are not all.
        """
        return _results.dataset(self, resolution, fields, units or {}, axes, point)


def describe_report() -> dict[str, str]:
    """Every figure that `Solver.report` knows, with a line on what it is."""
    return {row["name"]: row["help"] for row in json.loads(text(c.mov_report_describe))}
