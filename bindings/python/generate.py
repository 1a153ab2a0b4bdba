"""Writes movimento/_c.py, the raw layer, from include/movimento.h.

Usage: generate.py [--check]

With --check nothing is written, and a file that differs is an error.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import header  # noqa: E402 # it lies beside this folder

TARGET = HERE / "movimento" / "_c.py"

#: C's numbers, and what Python passes for them.
NUMBERS = {
    "int32_t": ("c_int32", "int"),
    "uint32_t": ("c_uint32", "int"),
    "int64_t": ("c_int64", "int"),
    "uint64_t": ("c_uint64", "int"),
    "double": ("c_double", "float"),
}

OPENING = '''\
"""The functions of the library, as the C header declares them.

Generated from include/movimento.h by bindings/python/generate.py: do not edit.

Pointers are addresses: a number, None for NULL, or what ctypes makes of a variable or buffer. Names and
texts are bytes. Calls through `ctypes.CDLL` let go of the interpreter's lock; callbacks take it again.
"""

# ruff: noqa: E501

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any, Final, TypeAlias

Address: TypeAlias = Any
'''


def ctype(of: str, callbacks: Iterable[str]) -> tuple[str, str]:
    """The type of ctypes, and the annotation, of a type in C."""
    if of == "void":
        return "None", "None"
    if of in NUMBERS:
        kind, annotation = NUMBERS[of]
        return f"ctypes.{kind}", annotation
    if of in callbacks:
        return of, "Address"
    if of == "const char *":
        return "ctypes.c_char_p", "bytes | None"
    if of == "char *":
        return "ctypes.c_char_p", "Address"
    if of.endswith("*"):
        return "ctypes.c_void_p", "Address"
    raise ValueError(f"the type {of!r} has no counterpart in ctypes")


def signature(function: header.Function) -> str:
    parameters = ", ".join(f"{p.type} {p.name}".replace("* ", "*") for p in function.parameters)
    name = f"(*{function.name})" if function.is_callback else function.name
    return f"{function.result} {name}({parameters or 'void'})".replace("* ", "*")


def generate(declared: header.Header) -> str:
    callbacks = [callback.name for callback in declared.callbacks]
    lines = [OPENING]
    for constant in declared.constants:
        lines.append(f"{constant.name}: Final = {constant.value}")
    lines.append("")
    for callback in declared.callbacks:
        result, _ = ctype(callback.result, callbacks)
        types = [result]
        for parameter in callback.parameters:
            types.append(ctype(parameter.type, callbacks)[0])
        lines.append(f"# {signature(callback)}")
        lines.append(f"{callback.name} = ctypes.CFUNCTYPE({', '.join(types)})")
    lines += [
        "",
        "",
        "class Functions:",
        '    """Every function of a library that was loaded, with its types."""',
        "",
        "    def __init__(self, library: ctypes.CDLL) -> None:",
    ]
    for function in declared.functions:
        result, answer = ctype(function.result, callbacks)
        types, annotations = [], []
        for parameter in function.parameters:
            kind, annotation = ctype(parameter.type, callbacks)
            types.append(kind)
            annotations.append(annotation)
        if answer == "Address":
            answer = "int | None"
        lines += [
            f"        # {signature(function)}",
            f"        self.{function.name}: Callable[[{', '.join(annotations)}], {answer}] = library.{function.name}",
            f"        library.{function.name}.restype = {result}",
            f"        library.{function.name}.argtypes = [{', '.join(types)}]",
        ]
    return "\n".join(lines) + "\n"


def main() -> int:
    text = generate(header.read())
    if sys.argv[1:] == ["--check"]:
        if not TARGET.is_file() or TARGET.read_text(encoding="utf-8") != text:
            print(f"{TARGET} is not what the header says: run bindings/python/generate.py", file=sys.stderr)
            return 1
        return 0
    if sys.argv[1:]:
        print(__doc__, file=sys.stderr)
        return 2
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
