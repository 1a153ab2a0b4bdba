"""The reference of Python, from the signatures and docstrings of the package."""

from __future__ import annotations

import inspect
import re
from types import FunctionType
from typing import Any

import movimento
from markdown_text import escaped

_SECTION = re.compile(r"^(\w[\w ]+)\n-{3,}\n", re.M)


def page() -> str:
    lines = [
        "# Python",
        "",
        "Made from the docstrings of the package.",
        "",
        *docstring(movimento.__doc__ or ""),
    ]
    things = {name: getattr(movimento, name) for name in movimento.__all__}
    classes = {name: it for name, it in things.items() if inspect.isclass(it) and not issubclass(it, BaseException)}
    errors = {name: it for name, it in things.items() if inspect.isclass(it) and issubclass(it, BaseException)}
    functions = {name: it for name, it in things.items() if isinstance(it, FunctionType)}
    first = ("Solver", "Options", "Energy", "Writer")
    for name in (*first, *sorted(set(classes) - set(first))):
        lines += of_class(name, classes[name])
    lines += ["## Functions", ""]
    for name, function in functions.items():
        lines += member(f"movimento.{name}", name, function, "###")
    lines += ["## Exceptions", "", "All are `movimento.Error`; `status` is that of C.", ""]
    lines += [f"- `{name}`: {summary(it)}" for name, it in errors.items()]
    return "\n".join([*lines, ""])


def of_class(name: str, it: type) -> list[str]:
    lines = [f"## `{name}` {{#{name}}}", "", "```python", f"movimento.{name}{signature(it)}", "```", ""]
    lines += docstring(inspect.getdoc(it) or "")
    for key, value in members(it):
        if isinstance(value, property):
            lines += [f"### `{name}.{key}`", "", *docstring(value.__doc__ or "")]
        else:
            lines += member(f"{name}.{key}", key, value, "###")
    return lines


def members(it: type) -> list[tuple[str, Any]]:
    """Public methods and properties, those of the package's own bases included, in the order of the sources."""
    found: dict[str, Any] = {}
    for base in it.__mro__:
        if base.__module__.startswith("movimento"):
            for key, value in vars(base).items():
                plain = value.__func__ if isinstance(value, staticmethod | classmethod) else value
                if not key.startswith("_") and isinstance(plain, FunctionType | property) and plain.__doc__:
                    found.setdefault(key, plain)
    return list(found.items())


def member(title: str, name: str, function: Any, level: str) -> list[str]:
    heading = f"{level} `{title}`"
    return [
        heading,
        "",
        "```python",
        f"{name}{signature(function)}",
        "```",
        "",
        *docstring(inspect.getdoc(function) or ""),
    ]


def signature(it: Any) -> str:
    try:
        text = str(inspect.signature(it))
    except (TypeError, ValueError):
        return ""
    text = re.sub(r"\(self, (/, )?", r"(", text).replace("(self)", "()").replace("(cls, ", "(").replace("'", "")
    return text.replace("npt.ArrayLike", "array_like").replace("typing.", "")


def summary(it: type) -> str:
    return escaped(" ".join((inspect.getdoc(it) or "").split("\n\n")[0].split()))


def docstring(text: str) -> list[str]:
    """A docstring of numpy's form: sections as bold words, parameters as a list, examples as code."""
    parts = _SECTION.split(inspect.cleandoc(text))
    lines = [*paragraphs(parts[0]), ""]
    for title, body in zip(parts[1::2], parts[2::2], strict=True):
        lines += [f"**{title}**", ""]
        if title in ("Parameters", "Attributes", "Raises", "Returns", "See Also"):
            lines += [*entries(body), ""]
        else:
            lines += [*paragraphs(body), ""]
    return lines


def paragraphs(text: str) -> list[str]:
    lines: list[str] = []
    for part in re.split(r"\n\s*\n", text.strip()):
        code = part.lstrip().startswith(">>>")
        lines += ["```pycon", part, "```", ""] if code else [roles(" ".join(part.split())), ""]
    return lines


def entries(body: str) -> list[str]:
    lines: list[str] = []
    for line in body.splitlines():
        if line and not line[0].isspace():
            name, _, kind = line.partition(" : ")
            lines.append(f"- **{escaped(name)}**" + (f" ({escaped(kind)})" if kind else ""))
        elif line.strip():
            lines.append("    " + roles(line.strip()))
    return lines


def roles(text: str) -> str:
    """Double backquotes are code, as single ones."""
    return escaped(text.replace("``", "`"))
