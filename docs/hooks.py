"""Formulas of pages as MathML, which browsers draw without a script, and names of functions as links."""

from __future__ import annotations

import html
import re
import sys
from pathlib import Path
from typing import Any

from latex2mathml.converter import convert

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "bindings"))
import header  # noqa: E402

FUNCTIONS = {it.name for it in header.read(ROOT / "include/movimento.h").functions}
_FORMULA = re.compile(r'<(span|div) class="arithmatex">(\\\(|\\\[)(.*?)(\\\)|\\\])</\1>', re.DOTALL)
_BLOCK = re.compile(r"^( *)```.*?^\1```", re.M | re.DOTALL)
_NAME = re.compile(r"(?<!\[)`(mov_\w+)`")


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Functions of C that a page names become links to their documentation."""
    if page.file.src_uri.startswith("reference/c."):
        return markdown
    up = "../" * page.file.src_uri.count("/")

    def link(found: re.Match[str]) -> str:
        name = found[1]
        return f"[`{name}`]({up}reference/c.md#{name})" if name in FUNCTIONS else found[0]

    text, end = [], 0
    for block in _BLOCK.finditer(markdown):
        text += [_NAME.sub(link, markdown[end : block.start()]), block[0]]
        end = block.end()
    return "".join([*text, _NAME.sub(link, markdown[end:])])


def on_page_content(content: str, **_: Any) -> str:
    return _FORMULA.sub(_mathml, content)


def _mathml(found: re.Match[str]) -> str:
    display = "block" if found[1] == "div" else "inline"
    formula = convert(html.unescape(found[3]).strip(), display=display)
    return f'<div class="formula">{formula}</div>' if display == "block" else formula
