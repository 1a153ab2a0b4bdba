"""Terms of the energy: plugins, and Python functions."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _c, _callbacks
from ._arrays import address, reals
from ._callbacks import Density, Kernel
from ._calls import call, create, text
from ._handle import Handle
from ._library import c
from .errors import ArgumentError

#: The most components of a field.
MOST_COMPONENTS = 16


@dataclass(frozen=True)
class ParameterInfo:
    """A parameter of an energy: its type is "real", "integer" or "reals"; a range may have no end."""

    name: str
    type: str
    default: Any
    help: str
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True)
class EnergyInfo:
    """What a plugin says about one of its energies.

    Attributes
    ----------
    id, name, version : str
    formula : str
        The density, in one line.
    references : tuple of str
    flags, extensions : tuple of str
        What it depends on, and what flows can ask it for.
    parameters : mapping of str to ParameterInfo
    file : str
        The plugin.
    """

    id: str
    name: str
    version: str
    formula: str
    references: tuple[str, ...]
    flags: tuple[str, ...]
    extensions: tuple[str, ...]
    parameters: Mapping[str, ParameterInfo]
    file: str


def plugins(what: str | os.PathLike[str] | None = None) -> dict[str, EnergyInfo]:
    """The energies that plugins offer, by id.

    Parameters
    ----------
    what : str or path, optional
        An energy's id, or the path of a plugin; else every energy that is found: in the folders of the
        environment variable MOVIMENTO_PLUGIN_PATH, and in this package.

    Raises
    ------
    PluginError
        If the id is not found, or the file is refused.
    """
    named = None if what is None else os.fsencode(what)
    found = {}
    for row in json.loads(text(c.mov_plugin_describe, named)):
        parameters = {it["name"]: ParameterInfo(**it) for it in row.pop("parameters")}
        plain: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in row.items()
        }
        found[row["id"]] = EnergyInfo(parameters=parameters, **plain)
    return found


class Energy(Handle):
    """One term of the energy F, from a plugin.

    Parameters
    ----------
    id : str
        Such as "dirichlet"; `plugins` lists them.
    **parameters : float or sequence of float
        Those of the energy, such as ``kappa=0.1``; the others have their defaults.

    Raises
    ------
    PluginError
        If no plugin offers it; says where was looked and what was found.
    OptionError
        If there is no such parameter, or its value is out of range.

    See Also
    --------
    Energy.from_function : an energy of your own, in Python.
    Energy.from_kernel : an interaction of your own.
    Energy.from_file : a plugin by its path.
    """

    def __init__(self, id: str, /, **parameters: float | npt.ArrayLike) -> None:
        handle = create(c.mov_energy_create, id.encode())
        self._begin(handle, id, None)
        self.set(**parameters)

    @classmethod
    def from_file(
        cls, path: str | os.PathLike[str], id: str | None = None, /, **parameters: float | npt.ArrayLike
    ) -> Energy:
        """The energy of the plugin in a file, which is never unloaded.

        Parameters
        ----------
        path : str or path
        id : str, optional
            Which of its energies; else its first.
        **parameters
            As for `Energy`.
        """
        name = None if id is None else id.encode()
        handle = create(c.mov_energy_create_from_file, os.fsencode(path), name)
        energy = cls.__new__(cls)
        energy._begin(handle, id or os.path.basename(path), None)
        energy.set(**parameters)
        return energy

    @classmethod
    def from_function(
        cls,
        function: Density,
        /,
        name: str | None = None,
        *,
        gradient: bool = False,
        position: bool = False,
        convex: bool = False,
        time: bool = False,
        components: int = 1,
        hessian: bool = False,
    ) -> Energy:
        """The energy ``int f(x, u, grad u) dx`` with a density f in Python, or ``int f(x, u, grad u, Hess u) dx``.

        Second derivatives, which a step needs for its direction only, are taken as differences.

        Parameters
        ----------
        function : callable
            ``function(x, u, p)`` gets points x (n, d), values u (n,) and gradients p (n, d), all at once,
            and returns ``(f, f_u)``, or with `gradient` ``(f, f_u, f_p)``: the density (n,) and its
            derivatives by u (n,) and by p (n, d). Numbers stand for constant arrays. It may raise `TryAgain`
            to ask for a smaller step; any other exception ends the call and comes out of it. It is
            called on the thread that called the solver.
        name : str, optional
            For messages and reports; else the function's own.
        gradient : bool
            Whether f depends on p = grad u; else p is None.
        position : bool
            Whether f depends on x; else x is None.
        convex : bool
            Whether f is convex in (u, p) at every x.
        time : bool
            Whether f depends on time: then it is ``function(t, x, u, p)``, a function of the time t as it is
            of x, asked for the times of a scheme's stages in any order.
        components : int
            Components c of u, up to 16, as many as the option ``components`` of the solver. With several, u is
            (n, c) and p (n, c, d), and so are the derivatives by them.
        hessian : bool
            Whether f depends on h = Hess u (n, d, d): then it is ``function(x, u, p, h)`` and returns
            ``(f, f_u, f_h)``, or with `gradient` ``(f, f_u, f_p, f_h)``, f_h (n, d, d). It is for fields of random
            features in L2 with one component, whose flow is of fourth order.

        Examples
        --------
        The porous medium equation, in Wasserstein space:

        >>> Energy.from_function(lambda x, rho, p: (rho**2, 2 * rho), "square")
        Energy('square')
        """
        name = name or getattr(function, "__name__", None) or type(function).__name__
        flags = gradient * _c.MOV_USES_GRADIENT | position * _c.MOV_USES_POSITION | convex * _c.MOV_CONVEX
        if hessian and components != 1:
            raise ArgumentError(f"`components` is {components}; with `hessian` 1 is accepted")
        if hessian:
            callback = _callbacks.hessian_density(function, position, gradient, time)
            flags |= time * _c.MOV_USES_TIME
            handle = create(c.mov_energy_create_with_hessian, name.encode(), callback, flags, None)
        elif components == 1:
            callback = _callbacks.density(function, position, gradient, time)
            make = c.mov_energy_create_callback_in_time if time else c.mov_energy_create_callback
            handle = create(make, name.encode(), callback, flags, None)
        else:
            if not 1 < components <= MOST_COMPONENTS:
                raise ArgumentError(f"`components` is {components}; 1 to {MOST_COMPONENTS} is accepted")
            callback = _callbacks.density(function, position, gradient, time, components)
            flags |= time * _c.MOV_USES_TIME
            handle = create(c.mov_energy_create_system, name.encode(), callback, components, flags, None)
        energy = cls.__new__(cls)
        energy._begin(handle, name, callback)
        return energy

    @classmethod
    def from_kernel(cls, function: Kernel, /, name: str | None = None, *, time: bool = False) -> Energy:
        """The interaction ``1/2 int int W(x, y) rho(x) rho(y) dx dy`` with a kernel W in Python.

        Parameters
        ----------
        function : callable
            ``function(x, y)`` gets pairs of points, both (n, d), and returns ``(w, w_x)``: W(x, y) (n,) and
            its gradient in x (n, d); W(x, y) = W(y, x). Pairs with x = y occur: there the gradient is 0,
            and W too where it is infinite; what it does in the share of a mass is found from W nearby.
        name : str, optional
            For messages and reports; else the function's own.
        time : bool
            Whether W depends on time: then it is ``function(t, x, y)``.
        """
        name = name or getattr(function, "__name__", None) or type(function).__name__
        callback = _callbacks.kernel(function, time)
        flags = time * _c.MOV_USES_TIME
        handle = create(c.mov_energy_create_pair_callback, name.encode(), callback, flags, None)
        energy = cls.__new__(cls)
        energy._begin(handle, name, callback)
        return energy

    def _begin(self, handle: int, name: str, callback: Any) -> None:
        Handle.__init__(self, handle, c.mov_energy_free)
        self._name = name
        self._set: dict[str, Any] = {}
        #: Solvers keep it too, for as long as they may call it.
        self._callback = callback

    @property
    def name(self) -> str:
        """The energy's id, or the name of its function."""
        return self._name

    def set(self, **parameters: float | npt.ArrayLike) -> None:
        """Sets parameters. Solvers that the energy was added to before keep the former values."""
        for name, value in parameters.items():
            parameter = name.rstrip("_").encode()
            numbers = reals(value, name)
            if numbers.ndim == 0:
                call(c.mov_energy_set_real, self._address, parameter, float(numbers))
            else:
                flat = numbers.ravel()
                call(c.mov_energy_set_reals, self._address, parameter, flat.size, address(flat))
            self._set[name] = np.asarray(value).tolist()

    def __repr__(self) -> str:
        parameters = "".join(f", {name}={value!r}" for name, value in self._set.items())
        return f"{'<closed> ' if self.closed else ''}Energy({self._name!r}{parameters})"
