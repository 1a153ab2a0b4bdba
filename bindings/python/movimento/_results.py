"""A solver's state as a dataset of xarray."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from . import errors
from ._arrays import Reals
from ._library import version

if TYPE_CHECKING:
    import xarray

    from ._state import State

AXES = ("x", "y", "z")
#: As many points are asked for at once as bound the memory that their coordinates take.
CHUNK = 1 << 16


def dataset(
    solver: State,
    resolution: int | None,
    fields: Sequence[str],
    units: Mapping[str, str],
    axes: Sequence[int] | None,
    point: npt.ArrayLike | None,
) -> xarray.Dataset:
    import xarray

    options = solver._options
    is_transport = options["flow"] == "wasserstein"
    d = solver.dimension
    known = ("u", "gradient", "velocity") if is_transport else ("u", "gradient")
    for name in fields:
        if name not in known:
            raise errors.ArgumentError(f"there is no field {name!r}; {', '.join(known)} are accepted")
    # Snapshots may have no grid; this has one.
    size = (options["snapshot_resolution"] or 65) if resolution is None else resolution
    if size < 2:
        raise errors.ArgumentError(f"`resolution` is {size}; 2 and more are accepted")
    lower, upper = _box(solver)
    shown = _axes(solver, axes)
    origin = _point(solver, point, 0.5 * (lower + upper))
    # x is the first of the axes that are shown, whichever of R^d that is; arrays have it last.
    names = AXES[: len(shown)][::-1]
    at = {name: np.linspace(lower[axis], upper[axis], size) for name, axis in zip(AXES, shown, strict=False)}
    x = np.empty((size ** len(shown), d))
    x[:] = origin
    grid = np.meshgrid(*(at[name] for name in names), indexing="ij")
    for axis, values in zip(reversed(shown), grid, strict=True):
        x[:, axis] = values.ravel()
    inside = _inside(solver, x)

    def unit(name: str) -> dict[str, str]:
        return {"units": units.get(name, "1")}

    def whole(values: Reals) -> Reals:
        values[~inside] = np.nan
        return values.reshape(*(size,) * len(shown), *values.shape[1:])

    coordinates: dict[str, Any] = {
        name: (name, at[name], {"long_name": f"coordinate {name}", **unit(name)}) for name in names
    }
    coordinates["t"] = ((), solver.time, {"long_name": "time", **unit("t")})
    what = "density" if is_transport else "solution of the gradient flow"
    variables: dict[str, Any] = {}
    u, gradient = _evaluate(solver, x, "gradient" in fields)
    if "u" in fields:
        variables["u"] = (names, whole(u), {"long_name": what, **unit("u")})
    if set(fields) - {"u"}:
        # Those of all of R^d, by name where the axes have the same names.
        coordinates["component"] = ("component", list(AXES[:d]) if shown == list(range(d)) else list(range(d)))
    if gradient is not None:
        attributes = {"long_name": f"gradient of the {what}", **unit("gradient")}
        variables["gradient"] = ((*names, "component"), whole(gradient), attributes)
    if "velocity" in fields:
        velocity = np.concatenate([solver.velocity(part) for part in _chunks(x)])
        attributes = {"long_name": "velocity of the mass", **unit("velocity")}
        variables["velocity"] = ((*names, "component"), whole(velocity), attributes)
    about: dict[str, Any] = {
        "title": "gradient flow by minimizing movements",
        "source": f"movimento {version()}",
        "flow": options["flow"],
        "step": solver.steps,
    }
    if len(shown) < d:
        about["slice_point"] = origin.tolist()
    return xarray.Dataset(variables, coordinates, about)


def _box(solver: State) -> tuple[Reals, Reals]:
    """The box of the grid, as snapshots have it."""
    options = solver._options
    changed = options.changed()
    sides = {side: options[f"snapshot_{side}"] or options[side] for side in ("lower", "upper")}
    lower, upper = (np.broadcast_to(np.array(sides[side], float), solver.dimension) for side in ("lower", "upper"))
    if options["domain"] == "space" and not {"lower", "upper", "snapshot_lower", "snapshot_upper"} & set(changed):
        # All of space has no box of its own: where the mass is.
        mean, covariance = solver.moments()
        reach = 5.0 * np.sqrt(np.diag(covariance))
        lower, upper = mean - reach, mean + reach
    return lower, upper


def _axes(solver: State, given: Sequence[int] | None) -> list[int]:
    """The axes of R^d that are shown as x, y and z."""
    d = solver.dimension
    axes = [operator.index(axis) for axis in (solver._options["snapshot_axes"] if given is None else given)]
    if given is None and not axes:
        return list(range(d if d <= len(AXES) else 2))
    if not 1 <= len(axes) <= len(AXES) or len(set(axes)) < len(axes) or not set(axes) <= set(range(d)):
        name = "option `snapshot_axes`" if given is None else "`axes`"
        raise errors.ArgumentError(f"{name} is {axes}; one to three different axes from 0 to {d - 1} are accepted")
    return axes


def _point(solver: State, given: npt.ArrayLike | None, centre: Reals) -> Reals:
    """A point that the grid goes through."""
    point = np.asarray(solver._options["snapshot_point"] if given is None else given, float)
    if given is None and not point.size:
        return centre
    if point.shape not in ((), (1,), centre.shape):
        name = "option `snapshot_point`" if given is None else "`point`"
        raise errors.ArgumentError(f"{name} has the shape {point.shape}; one number or {centre.shape} is accepted")
    return np.broadcast_to(point, centre.shape)


def _chunks(x: Reals) -> list[Reals]:
    return [x[start : start + CHUNK] for start in range(0, len(x), CHUNK)]


def _evaluate(solver: State, x: Reals, gradient: bool) -> tuple[Reals, Reals | None]:
    u = np.empty(len(x))
    grad = np.empty(x.shape) if gradient else None
    for start, part in zip(range(0, len(x), CHUNK), _chunks(x), strict=True):
        here = slice(start, start + len(part))
        if grad is None:
            solver.evaluate(part, out=u[here])
        else:
            u[here], grad[here] = solver.evaluate(part, gradient=True)
    return u, grad


def _inside(solver: State, x: Reals) -> Any:
    """Which points are in the domain: outside there is no solution to show."""
    inside = np.ones(len(x), bool)
    if solver._options["domain"] == "ball":
        lower, upper = (np.broadcast_to(solver._options[side], solver.dimension) for side in ("lower", "upper"))
        radius = 0.5 * (upper[0] - lower[0])
        distance = np.linalg.norm(x - 0.5 * (lower + upper), axis=1)
        # Rounding must not lose the points where the ball touches the box.
        inside &= distance <= radius * (1.0 + 1e-12)
    if solver._region is not None:
        inside &= np.asarray(solver._region(x.copy())).reshape(len(x))
    return inside
