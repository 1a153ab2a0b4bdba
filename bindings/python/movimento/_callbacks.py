"""Python functions as callbacks of the library.

Each maker returns what ctypes calls. It must be kept for as long as the library may call it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _c
from ._arrays import Reals, copied, of_field, view
from ._calls import guarded

#: Values at points: x (n, d) -> u (n,), or (n, c) of several components, as of every u below.
Field = Callable[[Reals], npt.ArrayLike]
#: Gradients at points: x (n, d) -> grad (n, d), or (n, c, d).
Gradient = Callable[[Reals], npt.ArrayLike]
#: Values on the boundary at a time: (t, x (n, d)) -> g (n,).
BoundaryField = Callable[[float, Reals], npt.ArrayLike]
#: A mobility: t, x (n, d), u (n,) -> M (n,).
Mobility = Callable[..., npt.ArrayLike]
#: A bound: x (n, d) -> (n,).
Bound = Callable[[Reals], npt.ArrayLike]
#: A function of an integral: I -> (phi, phi', phi'').
OfIntegral = Callable[[float], tuple[float, float, float]]
#: Which points are inside: x (n, d) -> (n,) of bool.
Region = Callable[[Reals], npt.ArrayLike]
#: What u becomes, or what is added to it: x (n, d), u (n,) -> (n,).
Change = Callable[[Reals, Reals], npt.ArrayLike]
#: A function of the state: time, energy, u (n,) -> a number.
Event = Callable[[float, float, Reals], float]
#: A density and its derivatives: (x, u, p) -> (f, f_u) or (f, f_u, f_p); with time (t, x, u, p) -> ...; of second
#: derivatives (x, u, p, h) -> (f, f_u, f_h) or (f, f_u, f_p, f_h).
Density = Callable[..., tuple[npt.ArrayLike, ...]]
#: A kernel and its gradient: (x, y) -> (w, w_x); with time (t, x, y) -> (w, w_x).
Kernel = Callable[..., tuple[npt.ArrayLike, npt.ArrayLike]]
#: A source: t, x (n, d) -> s (n,).
Source = Callable[[float, Reals], npt.ArrayLike]


def _fill(out: npt.NDArray[Any], values: npt.ArrayLike, what: str) -> None:
    """Writes what a function returned; with d = 1 the last axis does not matter."""
    given = np.asarray(values)
    if given.shape == (*out.shape, 1) or (*given.shape, 1) == out.shape:
        given = given.reshape(out.shape)
    if given.shape not in ((), out.shape):
        raise ValueError(f"{what} has the shape {given.shape}; {out.shape} or a number is accepted")
    if given.dtype.kind not in "biuf":
        raise TypeError(f"{what} is of the type {given.dtype}; real numbers are accepted")
    out[...] = given


def field(function: Field, c: int = 1) -> Any:
    def body(n: int, d: int, x: int, u: int, _: int | None) -> None:
        _fill(view(u, of_field((n,), c)), function(copied(x, (n, d))), "the value of the function")

    return _c.mov_value_fn(guarded(body))


def _timed(kind: Any, function: Source | BoundaryField, what: str) -> Any:
    def body(t: float, n: int, d: int, x: int, values: int, _: int | None) -> None:
        _fill(view(values, (n,)), function(t, copied(x, (n, d))), what)

    return kind(guarded(body))


def boundary_value(function: BoundaryField) -> Any:
    return _timed(_c.mov_boundary_value_fn, function, "the value on the boundary")


def mobility(function: Mobility, uses_value: bool, uses_time: bool) -> Any:
    def body(t: float, n: int, d: int, x: int, u: int | None, m: int, _: int | None) -> None:
        arguments: list[Any] = [t] if uses_time else []
        arguments.append(copied(x, (n, d)))
        if uses_value and u is not None:
            arguments.append(copied(u, (n,)))
        _fill(view(m, (n,)), function(*arguments), "the mobility")

    return _c.mov_mobility_fn(guarded(body))


def bounds(lower: float | Bound | None, upper: float | Bound | None) -> Any:
    def body(n: int, d: int, x: int, low: int, high: int, _: int | None) -> None:
        points = copied(x, (n, d))
        for bound, out, what in ((lower, low, "the lower bound"), (upper, high, "the upper bound")):
            if bound is not None:
                _fill(view(out, (n,)), bound(points) if callable(bound) else bound, what)

    return _c.mov_bounds_fn(guarded(body))


def of_integral(function: OfIntegral) -> Any:
    def body(integral: float, phi: int, _: int | None) -> None:
        _fill(view(phi, (3,)), np.asarray(function(integral)), "the function of an integral")

    return _c.mov_function_of_integral_fn(guarded(body))


def source(function: Source) -> Any:
    return _timed(_c.mov_source_fn, function, "the value of the source")


def gradient(function: Gradient, c: int = 1) -> Any:
    def body(n: int, d: int, x: int, grad: int, _: int | None) -> None:
        _fill(view(grad, of_field((n,), c, d)), function(copied(x, (n, d))), "the gradient of the function")

    return _c.mov_gradient_fn(guarded(body))


def region(function: Region) -> Any:
    def body(n: int, d: int, x: int, inside: int, _: int | None) -> None:
        answer = np.asarray(function(copied(x, (n, d))))
        if answer.dtype != np.bool_:
            raise TypeError(f"the answer of `inside` is of the type {answer.dtype}; bool is accepted")
        _fill(view(inside, (n,), "<i4"), answer, "the answer of `inside`")

    return _c.mov_inside_fn(guarded(body))


def expression(function: Callable[[Reals, Reals], npt.ArrayLike], components: int, c: int = 1) -> Any:
    shape = (components,) if components > 1 else ()

    def body(n: int, d: int, x: int, u: int, values: int, _: int | None) -> None:
        given = function(copied(x, (n, d)), copied(u, of_field((n,), c)))
        _fill(view(values, (n, *shape)), given, "the value of the field")

    return _c.mov_field_fn(guarded(body))


def event(function: Event, c: int = 1) -> Any:
    def body(time: float, energy: float, n: int, _d: int, _x: int, u: int, value: int, _: int | None) -> None:
        shape = of_field((n,), c)
        there = copied(u, shape) if n else np.empty(shape)
        _fill(view(value, (1,)), np.reshape(function(time, energy, there), (1,)), "the value of the event")

    return _c.mov_event_fn(guarded(body))


def kernel(function: Kernel, uses_time: bool) -> Any:
    def body(t: float, n: int, d: int, x: int, y: int, w: int | None, w_x: int | None, _: int | None) -> None:
        points = (copied(x, (n, d)), copied(y, (n, d)))
        given = function(t, *points) if uses_time else function(*points)
        if not isinstance(given, tuple) or len(given) != 2:
            raise TypeError("a kernel returns (w, w_x), a tuple")
        for values, (where, shape, name) in zip(given, ((w, (n,), "w"), (w_x, (n, d), "w_x")), strict=True):
            if where is not None:
                _fill(view(where, shape), values, f"{name} of the kernel")

    return _c.mov_pair_fn(guarded(body))


def hessian_density(function: Density, uses_position: bool, uses_gradient: bool, uses_time: bool) -> Any:
    names = ("f", "f_u", "f_p", "f_h") if uses_gradient else ("f", "f_u", "f_h")

    def body(t: float, n: int, d: int, x: int, u: int, p: int | None, h: int, *rest: int | None) -> None:
        at = (
            copied(x, (n, d)) if uses_position else None,
            copied(u, (n,)),
            None if p is None else copied(p, (n, d)),
            copied(h, (n, d, d)),
        )
        given = function(t, *at) if uses_time else function(*at)
        if not isinstance(given, tuple) or len(given) != len(names):
            raise TypeError(f"a density of second derivatives returns ({', '.join(names)}), a tuple")
        places = dict(zip(("f", "f_u", "f_p", "f_h"), rest, strict=False))
        shapes = {"f": (n,), "f_u": (n,), "f_p": (n, d), "f_h": (n, d, d)}
        for name, values in zip(names, given, strict=True):
            where = places[name]
            if where is not None:
                _fill(view(where, shapes[name]), values, f"{name} of the density")

    return _c.mov_hessian_fn(guarded(body))


def density(function: Density, uses_position: bool, uses_gradient: bool, uses_time: bool = False, c: int = 1) -> Any:
    wanted = 3 if uses_gradient else 2

    def body(
        t: float,
        n: int,
        d: int,
        x: int,
        u: int,
        p: int | None,
        f: int | None,
        f_u: int | None,
        f_p: int | None,
        _: int | None,
    ) -> None:
        at = (
            copied(x, (n, d)) if uses_position else None,
            copied(u, of_field((n,), c)),
            None if p is None else copied(p, of_field((n,), c, d)),
        )
        given = function(t, *at) if uses_time else function(*at)
        if not isinstance(given, tuple) or len(given) != wanted:
            raise TypeError(f"a density returns {'(f, f_u, f_p)' if uses_gradient else '(f, f_u)'}, a tuple")
        outputs = ((f, (n,), "f"), (f_u, of_field((n,), c), "f_u"), (f_p, of_field((n,), c, d), "f_p"))
        # Some are not asked for.
        for values, (where, shape, name) in zip(given, outputs, strict=False):
            if where is not None:
                _fill(view(where, shape), values, f"{name} of the density")

    if c > 1:
        return _c.mov_system_fn(guarded(lambda t, n, d, _, *arrays: body(t, n, d, *arrays)))
    if uses_time:
        return _c.mov_energy_in_time_fn(guarded(body))
    return _c.mov_energy_fn(guarded(lambda *arguments: body(0.0, *arguments)))
