"""The library's log, as that of the logger `movimento`."""

from __future__ import annotations

import logging

from . import _c
from ._library import c

logger = logging.getLogger("movimento")
logger.addHandler(logging.NullHandler())

#: Python has no level below DEBUG; 5 is what others use for it.
TRACE = 5
_LEVELS = {
    _c.MOV_LOG_ERROR: logging.ERROR,
    _c.MOV_LOG_WARN: logging.WARNING,
    _c.MOV_LOG_INFO: logging.INFO,
    _c.MOV_LOG_DEBUG: logging.DEBUG,
    _c.MOV_LOG_TRACE: TRACE,
}


def _receive(level: int, message: bytes, _: int | None) -> None:
    logger.log(_LEVELS.get(level, logging.INFO), "%s", message.decode(errors="replace"))


# Any thread of the library may call it for as long as the process lives.
_callback = _c.mov_log_fn(_receive)
_followed = -1


def follow() -> None:
    """Asks the library for what the logger wants now, so that nothing is formatted in vain."""
    global _followed
    wanted = logger.getEffectiveLevel()
    if wanted == _followed:
        return
    levels = [ours for ours, theirs in _LEVELS.items() if theirs >= wanted]
    # A Rust program with a logger of its own refuses it, and keeps its log.
    c.mov_set_log(max(levels, default=_c.MOV_LOG_OFF), _callback, None)
    _followed = wanted
