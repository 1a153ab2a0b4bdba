"""The way into the library and back: no exception is lost on it, and no thread ends in the middle of it.

Python runs the handler of a signal as soon as a callback begins, before anything there could catch what the handler
raises; ctypes then drops the exception and returns a number that nobody wrote. So handlers are replaced for the time
of a call by ones that keep the exception, which the call raises when it is over, and callbacks refuse to go on
meanwhile.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

#: How long the end of the process waits for calls in other threads, in seconds.
PATIENCE = 60.0

try:
    # Without the enumerations of the module on top, which take longer than most calls.
    from _signal import getsignal  # type: ignore[import-not-found]
    from _signal import signal as setsignal
except ImportError:
    from signal import getsignal
    from signal import signal as setsignal

#: The signals that there may be handlers of.
_SIGNALS = tuple(sorted(int(number) for number in signal.valid_signals()))


class _Left(threading.local):
    """What callbacks on this thread left for the call that is running here."""

    #: Calls that this thread is in.
    depth: int = 0
    #: An exception, which ends the call.
    raised: BaseException | None = None
    #: One that the library may get over by itself.
    retried: Any = None


left = _Left()


def crossing(function: Callable[..., Any], *arguments: Any) -> tuple[Any, BaseException | None, Any]:
    """Calls a function; returns its result, what was raised in callbacks, and the last TryAgain there."""
    # Callbacks may call the library in turn: what belongs to the outer call waits.
    outer = left.raised, left.retried
    left.raised = left.retried = None
    left.depth += 1
    try:
        if threading.current_thread() is threading.main_thread():
            result = _keeping(function, arguments)
        else:
            result = _counted(function, arguments)
    finally:
        left.depth -= 1
        raised, retried = left.raised, left.retried
        left.raised, left.retried = outer
    try:
        return result, raised, retried
    finally:
        del raised, retried, outer


# Signals, which Python handles on the main thread.


def _keeping(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    kept: list[tuple[int, Any, Any]] = []
    try:
        for number in _SIGNALS:
            handler = getsignal(number)
            if callable(handler):
                keeper = _keeper(handler)
                kept.append((number, handler, keeper))
                try:
                    setsignal(number, keeper)
                except (ValueError, OSError):  # an interpreter within another has no signals
                    kept.pop()
        with _Unraisable():
            return function(*arguments)
    finally:
        for number, handler, keeper in kept:
            try:
                # A handler may have set another one.
                if getsignal(number) is keeper:
                    setsignal(number, handler)
            except BaseException as error:  # of the handler that is back
                left.raised = left.raised or error


def _keeper(handler: Callable[[int, FrameType | None], Any]) -> Callable[[int, FrameType | None], None]:
    def keep(number: int, frame: FrameType | None) -> None:
        try:
            handler(number, frame)
        except BaseException as error:
            left.raised = left.raised or error

    return keep


class _Unraisable:
    """Has what ctypes drops for other reasons, such as an exception that another thread sends, come out too."""

    _lock = threading.Lock()
    _inside = 0
    _before: Any = None

    def __enter__(self) -> None:
        kind = type(self)
        with kind._lock:
            kind._inside += 1
            if kind._inside == 1:
                kind._before = sys.unraisablehook
                sys.unraisablehook = _take

    def __exit__(self, *_: object) -> None:
        kind = type(self)
        with kind._lock:
            kind._inside -= 1
            if kind._inside == 0 and sys.unraisablehook is _take:
                sys.unraisablehook = kind._before


def _take(dropped: Any) -> None:
    if left.depth and "ctypes callback" in (dropped.err_msg or "") and dropped.exc_value is not None:
        left.raised = left.raised or dropped.exc_value
        return
    (_Unraisable._before or sys.__unraisablehook__)(dropped)


# The end of the process, at which Python ends other threads where they ask to run: in the middle of the library.

_under_way = 0
_changed = threading.Condition()
_is_ending = False


def ending() -> bool:
    """Whether the process ends, and this thread is to leave the library."""
    return _is_ending and threading.current_thread() is not threading.main_thread()


def _counted(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    global _under_way
    with _changed:
        if _is_ending:
            raise SystemExit
        _under_way += 1
    try:
        with _Unraisable():
            return function(*arguments)
    finally:
        with _changed:
            _under_way -= 1
            _changed.notify_all()
        if _is_ending:
            raise SystemExit


@atexit.register
def _end() -> None:
    global _is_ending
    with _changed:
        _is_ending = True
        _changed.wait_for(lambda: _under_way == 0, PATIENCE)


def _begin_child() -> None:
    global _under_way, _changed
    _under_way, _changed = 0, threading.Condition()
    _Unraisable._lock, _Unraisable._inside = threading.Lock(), 0


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_child)
