"""Between numpy arrays and addresses."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import ArgumentError

Reals = npt.NDArray[np.float64]


def reals(values: npt.ArrayLike, name: str) -> Reals:
    """The values as the library reads them: itself if it is a C-contiguous array of float64, else a copy."""
    if np.iscomplexobj(values):
        raise ArgumentError(f"`{name}` is complex; real numbers are accepted")
    try:
        return np.require(values, np.float64, ["C", "A", "E"])
    except (TypeError, ValueError) as error:
        raise ArgumentError(f"`{name}` is no array of real numbers: {error}") from error


def shaped(values: npt.ArrayLike, shape: tuple[int, ...], name: str) -> Reals:
    """The same, of a known shape."""
    array = reals(values, name)
    if array.shape != shape:
        raise ArgumentError(f"`{name}` has the shape {array.shape}; {shape} is accepted")
    return array


def points(x: npt.ArrayLike, d: int, name: str = "x") -> tuple[Reals, tuple[int, ...], int]:
    """Points of shape (..., d), the shape without d, and their number."""
    array = reals(x, name)
    if array.ndim == 0 or array.shape[-1] != d:
        hint = f"; with d = 1, {name}[..., numpy.newaxis] adds the axis" if d == 1 else ""
        raise ArgumentError(f"`{name}` has the shape {array.shape}; (..., {d}) is accepted{hint}")
    leading = array.shape[:-1]
    return array, leading, math.prod(leading)


def of_field(leading: tuple[int, ...], components: int, *rest: int) -> tuple[int, ...]:
    """The shape of what u has at points: without an axis of components where it has one."""
    return (*leading, components, *rest) if components > 1 else (*leading, *rest)


def result(out: Reals | None, shape: tuple[int, ...]) -> Reals:
    """An array for results: the caller's own, or a new one."""
    if out is None:
        return np.empty(shape)
    if not isinstance(out, np.ndarray) or out.dtype != np.float64 or out.shape != shape:
        raise ArgumentError(f"`out` must be an array of float64 and of the shape {shape}")
    if not (out.flags.c_contiguous and out.flags.aligned and out.flags.writeable):
        raise ArgumentError("`out` must be C-contiguous and writeable")
    return out


def address(array: npt.NDArray[Any] | None) -> int | None:
    """Where the numbers begin; NULL for None."""
    return None if array is None else array.ctypes.data


class _Foreign:
    """Memory of the library."""

    def __init__(self, where: int, shape: tuple[int, ...], kind: str) -> None:
        self.__array_interface__ = {"data": (where, False), "shape": shape, "typestr": kind, "version": 3}


def view(where: int, shape: tuple[int, ...], kind: str = "<f8") -> npt.NDArray[Any]:
    """An array over memory of the library, to be written to during a callback."""
    return np.asarray(_Foreign(where, shape, kind))


def copied(where: int, shape: tuple[int, ...]) -> Reals:
    """What a callback is given: a copy, since what a function keeps of its arguments, or a debugger
    after an exception, may be looked at when the library's memory is long gone.
    """
    return np.array(view(where, shape))


def absolute(path: str | bytes | os.PathLike[str] | os.PathLike[bytes]) -> str:
    """A path that stays right when the working directory changes; an empty one stays empty."""
    given = os.fsdecode(path)
    return os.fspath(Path.cwd() / given) if given else given
