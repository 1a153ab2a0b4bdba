"""A solver's state as a dataset of xarray."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from . import errors
from ._arrays import Reals, address
from ._calls import call
from ._library import c, version
from .options import Options, Value

if TYPE_CHECKING:
    import xarray

AXES = ("x", "y", "z")
#: Names of fields in Python, where they are not those of the library.
NAMES = {"gradient": "grad_u"}
#: As many points are asked for at once as bound the memory that their coordinates take.
CHUNK = 1 << 16


@dataclass(frozen=True)
class FieldInfo:
    """A field that a flow has by name.

    Attributes
    ----------
    name : str
    long_name : str
        One line on what it is.
    components : int
        Numbers at a point.
    vector : bool
        Whether they are the components of a vector in R^d.
    """

    name: str
    long_name: str
    components: int
    vector: bool


class Shown(Protocol):
    """What a dataset needs of a solver."""

    _options: Options

    @property
    def _address(self) -> int: ...
    @property
    def dimension(self) -> int: ...
    @property
    def time(self) -> float: ...
    @property
    def steps(self) -> int: ...
    @property
    def fields(self) -> dict[str, FieldInfo]: ...
    def evaluate_field(self, name: str, x: npt.ArrayLike, /) -> Reals: ...


def dataset(
    solver: Shown,
    resolution: int | None,
    fields: Sequence[str],
    units: Mapping[str, str],
    axes: Sequence[int] | None,
    point: npt.ArrayLike | None,
) -> xarray.Dataset:
    import xarray

    known = solver.fields
    for name in fields:
        if NAMES.get(name, name) not in known:
            raise errors.ArgumentError(f"there is no field {name!r}; {', '.join([*known, *NAMES])} are accepted")
    shown, coordinates, origin = _grid(solver, resolution, axes, point)
    # x is the first of the axes that are shown, whichever of R^d that is; arrays have it last.
    names = AXES[: len(shown)][::-1]
    at = dict(zip(AXES, coordinates, strict=False))
    x = np.empty((int(np.prod([len(values) for values in coordinates])), solver.dimension))
    x[:] = origin
    grid = np.meshgrid(*(at[name] for name in names), indexing="ij")
    for axis, values in zip(reversed(shown), grid, strict=True):
        x[:, axis] = values.ravel()

    def unit(name: str) -> dict[str, str]:
        return {"units": units.get(name, "1")}

    along: dict[str, Any] = {name: (name, at[name], {"long_name": name, **unit(name)}) for name in names}
    along["t"] = ((), solver.time, {"long_name": "time", **unit("t")})
    variables: dict[str, Any] = {}
    for name in fields:
        field = known[NAMES.get(name, name)]
        dims = names
        if field.vector:
            dims = (*names, "component")
            # Those of all of R^d, by name where the axes have the same names.
            d = solver.dimension
            along["component"] = ("component", list(AXES[:d]) if shown == list(range(d)) else list(range(d)))
        elif field.components > 1:
            dims = (*names, f"{name}_component")
        values = np.concatenate([solver.evaluate_field(field.name, part) for part in _chunks(x)])
        values = values.reshape(*(len(at[axis]) for axis in names), *values.shape[1:])
        variables[name] = (dims, values, {"long_name": field.long_name, **unit(name)})
    about: dict[str, Any] = {
        "title": "gradient flow by minimizing movements",
        "source": f"movimento {version()}",
        "flow": solver._options["flow"],
        "step": solver.steps,
    }
    if len(shown) < solver.dimension:
        about["slice_point"] = origin.tolist()
    return xarray.Dataset(variables, along, about)


def _grid(
    solver: Shown, resolution: int | None, axes: Sequence[int] | None, point: npt.ArrayLike | None
) -> tuple[list[int], list[Reals], Reals]:
    """The grid of snapshots: which axes of R^d it has, the coordinates along each, and a point on it."""
    given: dict[str, Value] = {}
    if resolution is not None:
        given["snapshot_resolution"] = resolution
    if axes is not None:
        given["snapshot_axes"] = list(axes)
    if point is not None:
        given["snapshot_point"] = np.atleast_1d(np.asarray(point, float))
    index, counts = (ctypes.c_uint64 * 3)(), (ctypes.c_uint64 * 3)()
    origin = np.empty(solver.dimension)
    with solver._options.copy() as options:
        if not options["snapshot_resolution"]:
            # Snapshots may have no grid; this has the one of the default.
            options["snapshot_resolution"] = Options.describe()["snapshot_resolution"].default
        try:
            options.update(given)
            about = (solver._address, options._address, index, counts, address(origin))
            call(c.mov_solver_grid, *about, 0, None)
        except errors.OptionError as error:
            if not given:
                raise
            raise errors.ArgumentError(f"{', '.join(given)}: {error}") from None
        values = np.empty(sum(counts))
        call(c.mov_solver_grid, *about, values.size, address(values))
    count = sum(it > 0 for it in counts)
    ends = np.cumsum(list(counts))[: count - 1]
    return list(index)[:count], np.split(values, ends), origin


def _chunks(x: Reals) -> list[Reals]:
    return [x[start : start + CHUNK] for start in range(0, len(x), CHUNK)]
