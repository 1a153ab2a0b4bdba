"""The reference of C, from the headers and from the files of src/capi, which say what belongs together."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from markdown_text import linked, prose

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bindings"))
from header import Function, Header, read


def library(root: Path) -> str:
    """The page of movimento.h."""
    header = read(root / "include/movimento.h")
    names = {it.name for it in (*header.functions, *header.callbacks, *header.handles, *header.constants)}
    return "\n".join(
        [
            "# C",
            "",
            "Made from `include/movimento.h`, which is made from the sources. What holds for all functions "
            "(statuses, handles, arrays, threads, floating point) is in the beginning of the header:",
            "",
            "```text",
            opening(root / "include/movimento.h"),
            "```",
            "",
            *constants(header, names),
            *grouped(root, header, names),
            *callbacks(header, names),
        ]
    )


def opening(path: Path) -> str:
    """The comment that a header begins with, up to the example."""
    comment = path.read_text(encoding="utf-8").split("*/", 1)[0]
    comment = comment.split(" * Example:")[0]
    return re.sub(r"^(/\*| \*) ?", "", comment, flags=re.M).strip()


def constants(header: Header, names: set[str]) -> list[str]:
    rows = ["## Constants", "", "| name | value | meaning |", "|---|---|---|"]
    for it in header.constants:
        meaning = linked(" ".join(it.doc.split()), names - {it.name})
        rows.append(f"| <span id='{it.name}'></span>`{it.name}` | {it.value} | {meaning} |")
    return [*rows, ""]


def grouped(root: Path, header: Header, names: set[str]) -> list[str]:
    """The functions under the subject of the file that defines them, in the order of the header."""
    subjects: dict[str, str] = {}
    for source in sorted((root / "src/capi").glob("*.rs")):
        text = source.read_text(encoding="utf-8")
        about = re.search(r"^//! (.*?)[.:]", text, re.M)
        for name in re.findall(r"extern \"C\" fn (mov_\w+)", text):
            subjects[name] = about[1] if about else source.stem
    lines, subject = [], ""
    for function in header.functions:
        if subjects[function.name] != subject:
            subject = subjects[function.name]
            lines += [f"## {subject}", ""]
        lines += documented(function, names)
    return lines


def callbacks(header: Header, names: set[str]) -> list[str]:
    lines = ["## Types of callbacks", ""]
    for it in header.callbacks:
        lines += documented(it, names)
    lines += ["## Handles", ""]
    for handle in header.handles:
        lines += [f"### `{handle.name}` {{#{handle.name}}}", "", linked(handle.doc, names - {handle.name}), ""]
    return lines


def documented(function: Function, names: set[str]) -> list[str]:
    parameters = ",\n    ".join(joined(it.type, it.name) for it in function.parameters) or "void"
    name = f"(*{function.name})" if function.is_callback else function.name
    if len(function.parameters) > 1:
        parameters = "\n    " + parameters
    declared = f"{joined(function.result, name)}({parameters});"
    if function.is_callback:
        declared = "typedef " + declared
    return [
        f"### `{function.name}` {{#{function.name}}}",
        "",
        "```c",
        declared,
        "```",
        "",
        prose(function.doc, names - {function.name}),
        "",
    ]


def joined(type: str, name: str) -> str:
    return f"{type}{name}" if type.endswith("*") else f"{type} {name}"


def plugins(root: Path) -> str:
    """The page of movimento_plugin.h, whole: its comments are between its declarations."""
    return "\n".join(
        [
            "# The plugin interface",
            "",
            "What a plugin is made of, in C, C++, Fortran or any other language that makes shared objects. "
            "[From an energy on paper to a plugin](../tutorials/plugin.md) is the way in; in Rust the crate "
            "`movimento-plugin` writes these tables.",
            "",
            "```c",
            (root / "include/movimento_plugin.h").read_text(encoding="utf-8").strip(),
            "```",
            "",
        ]
    )
