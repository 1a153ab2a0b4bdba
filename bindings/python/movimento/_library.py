"""Finds and loads the library that the package carries."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

from . import _c

#: For those who work on the library itself: the path of another build of it.
VARIABLE = "MOVIMENTO_LIBRARY"


def _inside() -> Path:
    """The library in the package; one that is installed to be edited has it where it would be installed."""
    name = Path("_lib") / f"libmovimento.so.{_c.MOV_ABI_VERSION}"
    here = Path(__file__).parent
    places = [here, *(Path(place) / here.name for place in sys.path)]
    return next((place / name for place in places if (place / name).is_file()), here / name)


#: The file of the library.
FILE = Path(os.environ.get(VARIABLE) or _inside())


def _load() -> _c.Functions:
    path = FILE
    try:
        functions = _c.Functions(ctypes.CDLL(str(path)))
    except (OSError, AttributeError) as error:
        raise ImportError(f"cannot load the library of movimento: {error}", path=str(path)) from error
    version = functions.mov_abi_version()
    if version != _c.MOV_ABI_VERSION:
        raise ImportError(
            f"the library has the interface {version}; this package is for {_c.MOV_ABI_VERSION}",
            path=str(path),
        )
    return functions


#: The functions of the library.
c = _load()


def version() -> str:
    """The version of the library."""
    return (c.mov_version() or b"").decode()
