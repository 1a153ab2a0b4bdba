"""Formulas of pages as MathML, which browsers draw without a script or a font from elsewhere."""

from __future__ import annotations

import html
import re
from typing import Any

from latex2mathml.converter import convert

_FORMULA = re.compile(r'<(span|div) class="arithmatex">(\\\(|\\\[)(.*?)(\\\)|\\\])</\1>', re.DOTALL)


def on_page_content(content: str, **_: Any) -> str:
    return _FORMULA.sub(_mathml, content)


def _mathml(found: re.Match[str]) -> str:
    display = "block" if found[1] == "div" else "inline"
    formula = convert(html.unescape(found[3]).strip(), display=display)
    return f'<div class="formula">{formula}</div>' if display == "block" else formula
