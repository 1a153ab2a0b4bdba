"""What can go wrong: a class of exceptions for each status of the library."""

from __future__ import annotations

from typing import ClassVar

from . import _c


class Error(Exception):
    """Base of every error of the library.

    Attributes
    ----------
    status : int
        The status as in the C header: above 0 when another try may succeed, below 0 otherwise.
    """

    status: ClassVar[int] = _c.MOV_ERROR_INTERNAL

    def __str__(self) -> str:
        # KeyError, a base of one of these, would show the message in quotes.
        return Exception.__str__(self)


class RecoverableError(Error):
    """The solver is what it was, and another try may succeed: a smaller tau, more iterations."""


class NotConverged(RecoverableError):
    """The minimiser did not reach its tolerance within its iterations."""

    status = _c.MOV_NOT_CONVERGED


class Cancelled(RecoverableError):
    """The progress callback returned False. The solver is at its last whole step."""

    status = _c.MOV_CANCELLED


class TryAgain(RecoverableError):
    """A plugin or callback asked for another try. Callbacks may raise it to ask for a shorter step."""

    status = _c.MOV_TRY_AGAIN


class EnergyIncrease(RecoverableError):
    """The energy inequality was violated beyond tolerance."""

    status = _c.MOV_ENERGY_INCREASE


class ArgumentError(Error, ValueError):
    """An argument has the wrong size, or holds NaN or infinity."""

    status = _c.MOV_ERROR_ARGUMENT


class OptionError(Error, ValueError):
    """An option or a parameter of an energy has the wrong type or is out of range."""

    status = _c.MOV_ERROR_OPTION


class UnknownOptionError(OptionError, KeyError):
    """There is no option of this name."""


class HandleError(Error, RuntimeError):
    """The object is closed, or busy with another call, or was left broken by a bug."""

    status = _c.MOV_ERROR_HANDLE


class StateError(Error, RuntimeError):
    """The call comes too early or too late: there is no initial condition yet, say."""

    status = _c.MOV_ERROR_STATE


class PluginError(Error, RuntimeError):
    """A plugin could not be found, was refused, lacks a capability or failed."""

    status = _c.MOV_ERROR_PLUGIN


class CallbackError(Error, RuntimeError):
    """A callback failed. One in Python that raises comes back as its own exception instead."""

    status = _c.MOV_ERROR_CALLBACK


class FileError(Error, OSError):
    """A file could not be written or read."""

    status = _c.MOV_ERROR_FILE


class NotFiniteError(Error, ArithmeticError):
    """A computation left the range of finite numbers."""

    status = _c.MOV_ERROR_NOT_FINITE


class OutOfMemoryError(Error, MemoryError):
    """A size asks for more memory than can be had."""

    status = _c.MOV_ERROR_MEMORY


class InternalError(Error, RuntimeError):
    """A bug in the library, caught. The object that was in use can only be closed."""

    status = _c.MOV_ERROR_INTERNAL


_CLASSES: dict[int, type[Error]] = {
    kind.status: kind
    for kind in (
        NotConverged,
        Cancelled,
        TryAgain,
        EnergyIncrease,
        ArgumentError,
        OptionError,
        HandleError,
        StateError,
        PluginError,
        CallbackError,
        FileError,
        NotFiniteError,
        OutOfMemoryError,
        InternalError,
    )
}


def of_status(status: int, message: str) -> Error:
    """The exception for a status and its message."""
    return _CLASSES.get(status, InternalError)(message)
