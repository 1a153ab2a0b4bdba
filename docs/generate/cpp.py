"""The reference of C++, from the comments `///` of the headers."""

from __future__ import annotations

import re
from pathlib import Path

from markdown_text import escaped

#: The headers in the order of the page; others are details.
HEADERS = ("solver", "options", "energy", "writer", "functions", "view", "error", "log")
_NAME = re.compile(r"(?:class|struct|enum class)\s+(\w+)")


def page(root: Path) -> str:
    lines = [
        "# C++",
        "",
        "Made from `movimento.hpp`: C++17, headers only. Objects own and move, exceptions take the place of statuses "
        "(`movimento::error`, `movimento::recoverable`), vectors and spans are arrays, lambdas are energies, initial "
        "conditions and domains. Each function names that of C, whose [documentation](c.md) holds.",
        "",
        "```text",
        _opening(root / "bindings/cpp/movimento.hpp"),
        "```",
        "",
    ]
    for name in HEADERS:
        lines += _header(root / f"bindings/cpp/movimento/{name}.hpp")
    return "\n".join(lines)


def _opening(path: Path) -> str:
    text = path.read_text(encoding="utf-8").split("#ifndef")[0]
    return re.sub(r"^// ?", "", text, flags=re.M).strip()


def _header(path: Path) -> list[str]:
    lines: list[str] = []
    comment: list[str] = []
    detail = False
    rows = path.read_text(encoding="utf-8").splitlines()
    at = 0
    while at < len(rows):
        row = rows[at].strip()
        if row.startswith("namespace detail"):
            detail = True
        elif row.startswith("}  // namespace detail"):
            detail = False
        elif row.startswith("///"):
            comment.append(row[3:].strip())
        elif comment and not detail:
            declared, at = _declaration(rows, at)
            found = _NAME.match(declared)
            text = _links(" ".join(comment))
            if found and not rows[at].startswith("  "):
                lines += [f"## `{found[1]}`", "", text, ""]
            elif declared:
                lines += ["```cpp", declared, "```", "", text, ""]
            comment = []
        else:
            comment = []
        at += 1
    return lines


def _declaration(rows: list[str], at: int) -> tuple[str, int]:
    """What stands from here to the end of the declaration, without its body and initialisers."""
    text = ""
    while at < len(rows):
        text += " " + rows[at].strip()
        depth = text.count("(") - text.count(")")
        if depth <= 0 and re.search(r"[;{:)]\s*$|\{.*\}|;", text):
            break
        at += 1
    text = re.sub(r"(\)(?: const)?(?: noexcept)?)\s*(?::|\{).*$", r"\1", text.strip())
    text = re.sub(r"\s*(?:\{|;\s*(?://.*)?)$", "", text)
    return text.replace("movimento::", ""), at


def _links(text: str) -> str:
    """Names of functions of C as links to their page."""
    return re.sub(r"\b(mov_\w+[a-z])\b", r"[`\1`](c.md#\1)", escaped(text).replace("\\_", "_"))
