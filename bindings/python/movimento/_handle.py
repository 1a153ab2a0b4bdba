"""Objects of the library and how long they live."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from types import TracebackType
from typing import TypeVar

from .errors import HandleError

Kind = TypeVar("Kind", bound="Handle")


class Handle:
    """An object of the library: freed by `close`, at the end of a `with`, or with its last reference."""

    def __init__(self, address: int, free: Callable[[int], None]) -> None:
        self._handle: int | None = address
        self._finalizer = weakref.finalize(self, free, address)

    @property
    def _address(self) -> int:
        if self._handle is None:
            raise HandleError(f"the {type(self).__name__} is closed")
        return self._handle

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._handle is None

    def close(self) -> None:
        """Frees what the library holds. Closing again does nothing; any other use is a `HandleError`."""
        self._handle = None
        self._finalizer()

    def __enter__(self: Kind) -> Kind:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
