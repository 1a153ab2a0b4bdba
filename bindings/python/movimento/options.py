"""The options of a solver."""

from __future__ import annotations

import ctypes
import functools
import json
import operator
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from . import errors
from ._arrays import address, reals
from ._calls import call, create, number, text
from ._handle import Handle
from ._library import c

#: What an option can be: a number, a text, or several numbers.
Value: TypeAlias = float | int | str | Sequence[float] | npt.NDArray[Any]


@dataclass(frozen=True)
class OptionInfo:
    """What an option is.

    Attributes
    ----------
    name, type : str
        The type is "real", "integer", "text", "reals" or "integers".
    default : float, int, str or list
    help : str
        One line, with the unit where there is one.
    minimum, maximum : float or int, optional
        The range of numbers.
    choices : tuple of str
        What a text can be.
    live : bool
        Whether it may be changed in a run, by `Solver.set_options`.
    """

    name: str
    type: str
    default: Any
    help: str
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    live: bool = False

    def __str__(self) -> str:
        accepted = ", ".join(self.choices) or f"{self.minimum} to {self.maximum}"
        return f"{self.name} ({self.type}: {accepted}; default {self.default}): {self.help}"


@functools.cache
def _infos() -> Mapping[str, OptionInfo]:
    rows = json.loads(text(c.mov_options_describe))
    return {row["name"]: OptionInfo(**{**row, "choices": tuple(row.get("choices", ()))}) for row in rows}


class Options(Handle, Mapping[str, Any]):
    """A set of options, a mapping from names to values: those that are not set have their defaults.

    Parameters
    ----------
    options : mapping, optional
        Names and values to begin with.
    **values
        More of them. A name that Python reserves takes an underscore: ``lambda_``.

    Raises
    ------
    OptionError
        If a name is unknown or a value has the wrong type or is out of range; it says what is accepted.

    Examples
    --------
    >>> options = Options(dimension=1, tau=0.005)
    >>> options["hidden"] = [16, 16]
    >>> options
    Options(dimension=1, tau=0.005, hidden=(16, 16))
    """

    def __init__(self, options: Mapping[str, Value] | None = None, /, **values: Value) -> None:
        super().__init__(create(c.mov_options_create), c.mov_options_free)
        # What was never set stays so, which the library can tell from a value that is that of the default.
        begin = options.changed() if isinstance(options, Options) else options
        self.update(begin or {}, **values)

    @staticmethod
    def describe() -> Mapping[str, OptionInfo]:
        """Every option that there is, with type, default, range and help."""
        return dict(_infos())

    def update(self, options: Mapping[str, Value] | None = None, /, **values: Value) -> None:
        """Sets several options. What comes before one that is refused stays set."""
        for name, value in {**(options or {}), **values}.items():
            # No option ends in an underscore.
            self[name.rstrip("_")] = value

    def __setitem__(self, name: str, value: Value) -> None:
        kind = _infos()[name].type if name in _infos() else ""
        set_one = (self._address, name.encode())
        if np.shape(value) == (0,) and name in _infos() and self[name] == ():
            # Not set, and to stay so: the library takes no empty list.
            return
        if isinstance(value, str):
            call(c.mov_options_set_text, *set_one, value.encode())
        elif kind == "integers":
            numbers = np.array([_int64(name, it) for it in np.atleast_1d(np.asarray(value))], np.int64)
            call(c.mov_options_set_integers, *set_one, numbers.size, address(numbers))
        elif kind == "reals":
            array = np.atleast_1d(reals(value, name))
            call(c.mov_options_set_reals, *set_one, array.size, address(array))
        elif np.ndim(value):
            array = reals(value, name).ravel()
            call(c.mov_options_set_reals, *set_one, array.size, address(array))
        elif kind == "integer":
            call(c.mov_options_set_integer, *set_one, _int64(name, value))
        else:
            call(c.mov_options_set_real, *set_one, float(reals(value, name)))

    def __getitem__(self, name: str) -> Any:
        if name not in _infos():
            raise errors.UnknownOptionError(f"there is no option `{name}`; Options.describe() lists them")
        kind = _infos()[name].type
        get = (self._address, name.encode())
        if kind == "text":
            return text(c.mov_options_get_text, *get)
        if kind == "real":
            return number(c.mov_options_get_real, *get)
        if kind == "integer":
            integer = ctypes.c_int64()
            call(c.mov_options_get_integer, *get, ctypes.byref(integer))
            return integer.value
        function = c.mov_options_get_reals if kind == "reals" else c.mov_options_get_integers
        size = ctypes.c_uint64()
        call(function, *get, 0, None, ctypes.byref(size))
        values = np.empty(size.value, np.float64 if kind == "reals" else np.int64)
        call(function, *get, values.size, address(values), ctypes.byref(size))
        return tuple(values.tolist())

    def __iter__(self) -> Iterator[str]:
        return iter(_infos())

    def __len__(self) -> int:
        return len(_infos())

    def changed(self) -> dict[str, Any]:
        """The options that differ from their defaults."""
        found = {}
        for name, value in self.items():
            default = _infos()[name].default
            if value != (tuple(default) if isinstance(default, list) else default):
                found[name] = value
        return found

    def copy(self) -> Options:
        """Another set with the same values."""
        return Options(self.changed())

    def __repr__(self) -> str:
        if self.closed:
            return "<closed Options>"
        return f"Options({', '.join(f'{name}={value!r}' for name, value in self.changed().items())})"

    def __reduce__(self) -> tuple[type[Options], tuple[dict[str, Any]]]:
        return Options, (self.changed(),)


def _int64(name: str, value: Any) -> int:
    try:
        integer = operator.index(value)
    except TypeError as error:
        raise errors.OptionError(f"option `{name}` is {value!r}; integers are accepted") from error
    if not -(1 << 63) <= integer < 1 << 63:
        raise errors.OptionError(f"option `{name}` is {integer}; integers of 64 bits are accepted")
    return integer
