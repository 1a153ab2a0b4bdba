"""The layout of files, from the lines of the sources that declare it."""

from __future__ import annotations

import re
from pathlib import Path

from markdown_text import escaped, table

_OBJECT = re.compile(r'(Fields|Index|State) "([^"]+)"(?: as \w+)?,\s*"([^"]*)",\s*"((?:[^"\\]|\\.)*)";', re.DOTALL)
_PARTS = {
    "Fields": "In snapshots, indices and packed series",
    "Index": "In indices of series",
    "State": "In snapshots: the state of the solver",
}


def page(root: Path) -> str:
    source = (root / "src/snapshot/layout.rs").read_text(encoding="utf-8")
    objects = _OBJECT.findall(source)
    if len(objects) < 20:
        raise ValueError("src/snapshot/layout.rs is no longer understood")
    lines = [
        "# Files",
        "",
        "Made from `src/snapshot/layout.rs` and `src/export.rs`.",
        "",
        "A run writes a folder: `snap_000000.h5` and so on, each a whole HDF5 file, and indices that open all of "
        "them as one file with an axis of time: `run.vtkhdf` for ParaView from 6 on, xarray, h5py and Octave, "
        "`run.xmf` for an older ParaView. [Looking at results](../tutorials/results.md) shows how to read them.",
        "",
        "## Fields",
        "",
        _prose(_comment(source).split("\n\n")[1]),
        "",
    ]
    for part, title in _PARTS.items():
        rows = [
            [f"`{path}`", escaped(shape), _content(content)] for kind, path, shape, content in objects if kind == part
        ]
        lines += [f"## {title}", "", *table(["object", "type and shape", "content"], rows)]
    lines += [
        "## Networks as safetensors",
        "",
        _tables(_comment((root / "src/export.rs").read_text(encoding="utf-8"))),
    ]
    return "\n".join(lines)


def _comment(source: str) -> str:
    return "\n".join(line[3:].removeprefix(" ") for line in source.splitlines() if line.startswith("//!"))


def _prose(text: str) -> str:
    return " ".join(text.split())


def _content(text: str) -> str:
    text = re.sub(r"\\\s*\n\s*", "", text)
    text = re.sub(r"\[`(?:crate::)?(\w+)`\](?:\([^)]*\))?", r"`\1`", text)
    return escaped(re.sub(r"\[crate::export\]", "the end of this page", text))


def _tables(comment: str) -> str:
    """The comment is Markdown already; its headings go two levels down."""
    return re.sub(r"^# ", "### ", comment, flags=re.M) + "\n"
