"""Calls into the library: a status becomes an exception, and so does what a callback raised."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

from . import _c, _log, errors
from ._border import crossing, ending, left
from ._library import c

#: What a callback returns when it failed.
FAILED = -1
#: And when the step may succeed if it is made smaller.
AGAIN = 1


def message() -> str:
    """What the library says about the last failure on this thread."""
    return (c.mov_last_error() or b"").decode(errors="replace")


def call(function: Callable[..., int], *arguments: Any) -> None:
    """Calls a function that returns a status. What a callback or a signal's handler raises comes out."""
    _log.follow()
    status, raised, retried = crossing(function, *arguments)
    try:
        if raised is not None:
            raise raised
        if status != _c.MOV_OK:
            error = errors.of_status(status, message())
            raise error from (retried if isinstance(error, errors.TryAgain) else None)
    finally:
        # The traceback holds this frame; without this each would keep the other alive.
        del raised, retried


def create(function: Callable[..., int | None], *arguments: Any) -> int:
    """Calls a function that returns a handle."""
    _log.follow()
    handle, raised, _ = crossing(function, *arguments)
    try:
        if raised is not None:
            raise raised
    finally:
        del raised
    if handle is None:
        raise errors.of_status(c.mov_last_status(), message())
    return int(handle)


def text(function: Callable[..., int], *arguments: Any) -> str:
    """Calls a function whose last arguments are a buffer, its size and the size needed."""
    needed = ctypes.c_uint64()
    call(function, *arguments, None, 0, ctypes.byref(needed))
    buffer = ctypes.create_string_buffer(needed.value)
    call(function, *arguments, buffer, needed.value, None)
    return buffer.value.decode()


def number(function: Callable[..., int], *arguments: Any) -> float:
    """Calls a function whose last argument receives a number."""
    value = ctypes.c_double()
    call(function, *arguments, ctypes.byref(value))
    return value.value


def count(function: Callable[..., int], *arguments: Any) -> int:
    """Calls a function whose last argument receives a count."""
    value = ctypes.c_uint64()
    call(function, *arguments, ctypes.byref(value))
    return value.value


def guarded(body: Callable[..., bool | None]) -> Callable[..., int]:
    """A callback for C from one for Python: no exception crosses the border, none is lost.

    `body` returns False to cancel.
    """

    def callback(*arguments: Any) -> int:
        # After a failure, and after Ctrl-C, nothing more is computed.
        if left.raised is not None or ending():
            return FAILED
        try:
            return FAILED if body(*arguments) is False else 0
        except errors.TryAgain as error:
            left.retried = error
            return AGAIN
        except BaseException as error:
            left.raised = error
            return FAILED

    return callback


def collective(body: Callable[..., None]) -> Callable[..., int]:
    """A callback for C in which all ranks take part: this one, too, after a failure of its own, of which the
    library tells the others by it.
    """

    def callback(*arguments: Any) -> int:
        try:
            body(*arguments)
            return 0
        except BaseException as error:
            left.raised = left.raised or error
            return FAILED

    return callback
