"""What include/movimento.h declares, as data: the one reader from which bindings are generated and
by which tests count what they cover.

The header is cbindgen's, so its form is regular: a documentation comment, then a `#define`, an opaque
`typedef struct`, a callback `typedef` or a function. Anything else is an error, not a guess.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

HEADER = Path(__file__).resolve().parent.parent / "include" / "movimento.h"


@dataclass(frozen=True)
class Parameter:
    """A parameter: `type` is C's without the name, such as `const double *`."""

    type: str
    name: str


@dataclass(frozen=True)
class Function:
    """A function, or with `is_callback` the type of one that the host provides."""

    name: str
    result: str
    parameters: tuple[Parameter, ...]
    doc: str
    is_callback: bool = False


@dataclass(frozen=True)
class Constant:
    name: str
    value: int
    doc: str


@dataclass(frozen=True)
class Handle:
    """An opaque type, of which there are only pointers."""

    name: str
    doc: str


@dataclass(frozen=True)
class Header:
    constants: tuple[Constant, ...]
    handles: tuple[Handle, ...]
    callbacks: tuple[Function, ...]
    functions: tuple[Function, ...]


_ITEM = re.compile(
    r"/\*\*(?P<doc>.*?)\*/\s*"
    r"(?:#define\s+(?P<constant>\w+)\s+(?P<value>-?\d+)"
    r"|typedef\s+struct\s+(?P<handle>\w+)\s+(?P=handle);"
    r"|typedef\s+(?P<callback_result>[\w\s*]+?)\(\*(?P<callback>\w+)\)\((?P<callback_parameters>[^)]*)\);"
    r"|(?P<result>[\w\s*]+?)(?P<function>\bmov_\w+)\((?P<parameters>[^)]*)\);)",
    re.DOTALL,
)
_DECLARED = re.compile(r"^(?:[\w ]+[ *])?(mov_\w+)\(|\(\*(mov_\w+)\)\(|^#define (MOV_\w+) ", re.M)


def read(path: Path = HEADER) -> Header:
    """Reads the header; a declaration that is not understood is a ValueError that names it."""
    text = path.read_text(encoding="utf-8")
    # The opening comment has an example in it.
    body = text[text.index("#define MOVIMENTO_H") :]
    constants, handles, callbacks, functions = [], [], [], []
    for item in _ITEM.finditer(body):
        doc = _doc(item["doc"])
        if item["constant"]:
            constants.append(Constant(item["constant"], int(item["value"]), doc))
        elif item["handle"]:
            handles.append(Handle(item["handle"], doc))
        elif item["callback"]:
            parameters = _parameters(item["callback_parameters"])
            result = _type(item["callback_result"])
            callbacks.append(Function(item["callback"], result, parameters, doc, True))
        else:
            parameters = _parameters(item["parameters"])
            functions.append(Function(item["function"], _type(item["result"]), parameters, doc))
    known = {it.name for group in (constants, callbacks, functions) for it in group}
    code = re.sub(r"/\*.*?\*/", "", body, flags=re.DOTALL)
    declared = {next(filter(None, found)) for found in _DECLARED.findall(code)}
    if missed := declared - known:
        raise ValueError(f"{path}: not understood: {', '.join(sorted(missed))}")
    return Header(tuple(constants), tuple(handles), tuple(callbacks), tuple(functions))


def _doc(comment: str) -> str:
    lines = (re.sub(r"^\s*\*? ?", "", line) for line in comment.splitlines())
    return "\n".join(line.rstrip() for line in lines).strip()


def _type(text: str) -> str:
    return re.sub(r"\s*\*", " *", " ".join(text.split())).strip()


def _parameters(text: str) -> tuple[Parameter, ...]:
    text = " ".join(text.split())
    if text in ("", "void"):
        return ()
    parameters = []
    for part in text.split(","):
        found = re.fullmatch(r"(.*?[\s*])(\w+)", part.strip())
        if not found:
            raise ValueError(f"a parameter without name: {part!r}")
        parameters.append(Parameter(_type(found[1]), found[2]))
    return tuple(parameters)
