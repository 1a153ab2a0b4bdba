"""Documentation comments as Markdown."""

from __future__ import annotations

import re

_PARAMETER = re.compile(r"@param\[(?P<way>[\w,]+)\]\s+(?P<name>\w+)\s+(?P<text>.*)", re.DOTALL)


def linked(text: str, names: set[str]) -> str:
    """Names of functions and constants, in backquotes or bare, as links to their headings."""

    def link(found: re.Match[str]) -> str:
        name = found["name"]
        return f"[`{name}`](#{name})" if name in names else found[0]

    return re.sub(r"`(?P<name>(?:mov|MOV)_\w+)`", link, escaped(text))


def escaped(text: str) -> str:
    """Bars and angles that a table or a browser would take for its own, outside of code."""
    parts = re.split(r"(`[^`]*`)", text)
    plain = (re.sub(r"<(?=\w)", "&lt;", re.sub(r"([*_|\[\]$])", r"\\\1", part)) for part in parts[::2])
    code = (part.replace("|", "&#124;") if "|" in part else part for part in parts[1::2])
    return "".join(piece for pair in zip(plain, [*code, ""], strict=True) for piece in pair)


def prose(doc: str, names: set[str]) -> str:
    """A comment in the form of C's headers: paragraphs, and `@param` lines as a list."""
    lines: list[str] = []
    for paragraph in re.split(r"\n\s*\n", doc.strip()):
        pieces = re.split(r"(?=@param\[)", paragraph)
        if before := pieces[0].strip():
            lines += [linked(" ".join(before.split()), names), ""]
        for piece in pieces[1:]:
            if found := _PARAMETER.match(piece):
                text = linked(" ".join(found["text"].split()), names)
                lines.append(f"- `{found['name']}` ({found['way']}): {text}")
        lines.append("")
    return "\n".join(lines)


def table(head: list[str], rows: list[list[str]]) -> list[str]:
    """A table, whose cells are Markdown already."""
    line = lambda cells: "| " + " | ".join(cells) + " |"  # noqa: E731
    return [line(head), line(["---"] * len(head)), *map(line, rows), ""]
