"""The reference of Fortran, from the modules: what is bound to the public types, with the comment before it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from markdown_text import escaped

#: The public types, each with the modules that have its procedures.
TYPES = {
    "mov_options": ("movimento_options",),
    "mov_energy": ("movimento_energies",),
    "mov_solver": ("movimento_steps", "movimento_problem", "movimento_coupling", "movimento_fields"),
    "mov_state": (),
    "mov_writer": ("movimento_writer",),
}
_BEGIN = re.compile(r"^  (?:impure elemental |pure )?(subroutine|function) (\w+)\((.*)", re.I)


def page(root: Path) -> str:
    folder = root / "bindings/fortran"
    about = (folder / "movimento.f90").read_text(encoding="utf-8").split("module movimento")[0]
    lines = [
        "# Fortran",
        "",
        "Made from the modules in `bindings/fortran`. `use movimento` brings all of it.",
        "",
        "```text",
        re.sub(r"^! ?", "", about, flags=re.M).strip(),
        "```",
        "",
    ]
    for name, modules in TYPES.items():
        if not modules:
            continue
        lines += [f"## `type({name})`", ""]
        for module in modules:
            lines += _procedures((folder / f"{module}.f90").read_text(encoding="utf-8"))
    lines += ["## Interfaces of callbacks", "", "```fortran"]
    lines += [_interfaces((folder / "movimento_callbacks.f90").read_text(encoding="utf-8")), "```", ""]
    return "\n".join(lines)


def _bound(source: str) -> dict[str, str]:
    """What the types bind: specific name to the name that is called."""
    names: dict[str, str] = {}
    joined = re.sub(r"&\s*\n\s*", " ", source)
    for line in joined.splitlines():
        if found := re.match(r"\s+procedure(?:, private)? :: (.*)", line):
            if ", private" not in line:
                names.update({name.strip(): name.strip() for name in found[1].split("!")[0].split(",")})
        elif found := re.match(r"\s+generic :: (\w+) => (.*)", line):
            names.update({name.strip(): found[1] for name in found[2].split("!")[0].split(",")})
    return names


def _about(source: str) -> dict[str, str]:
    """The comments before what the types bind, by the name that is called."""
    found: dict[str, str] = {}
    comment: list[str] = []
    for row in source.split("\ncontains\n", 1)[0].splitlines():
        row = row.strip()
        if row.startswith("! "):
            comment.append(row[2:])
            continue
        if comment and (bound := re.match(r"(?:generic|procedure)(?:, \w+)? :: (\w+)", row)):
            found[bound[1]] = " ".join(comment)
        comment = []
    return found


@dataclass
class Procedure:
    """What is called by one name: the forms of a generic together."""

    calls: list[str] = field(default_factory=list)
    declared: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)


def _procedures(source: str) -> list[str]:
    bound, about = _bound(source), _about(source)
    found: dict[str, Procedure] = {}
    comment: list[str] = []
    rows = source.split("\ncontains\n", 1)[1].splitlines()
    for at, row in enumerate(rows):
        if row.startswith("  ! "):
            comment.append(row[4:].strip())
            continue
        begin = _BEGIN.match(row)
        if begin and begin[2] in bound:
            whole = [row.strip()]
            while whole[-1].endswith("&"):
                whole[-1] = whole[-1].rstrip("& ")
                whole.append(rows[at + len(whole)].strip())
            arguments, _, result = " ".join(whole).split("(", 1)[1].partition(")")
            names = arguments.split(", ")[1:]
            name = bound[begin[2]]
            called = f"self%{name}({', '.join(names)})"
            it = found.setdefault(name, Procedure())
            if comment:
                it.comments.append(" ".join(comment))
            _add(
                it.calls,
                [f"call {called}" if begin[1] == "subroutine" else f"{_result(result, begin[2])} = {called}"],
            )
            _add(it.declared, [f"    {line.strip()}" for line in _declared(rows[at + len(whole) :], names)])
        if row.strip():
            comment = []
    lines: list[str] = []
    for name, it in found.items():
        said = it.comments or [about.get(name, "")]
        lines += [
            f"### `{name}`",
            "",
            "```fortran",
            *it.calls,
            *it.declared,
            "```",
            "",
            escaped(" ".join(dict.fromkeys(said))),
            "",
        ]
    return lines


def _add(to: list[str], more: list[str]) -> None:
    to += [line for line in more if line not in to]


def _result(text: str, name: str) -> str:
    found = re.search(r"result\((\w+)\)", text)
    return found[1] if found else name


def _declared(body: list[str], names: list[str]) -> list[str]:
    """The declarations of the arguments, but for `stat` and `errmsg`, which all have."""
    found: list[str] = []
    for row in body:
        if re.match(r"  end (subroutine|function)", row):
            break
        if "intent(" in row or "procedure(" in row:
            name = row.split("::")[1].strip().split("(")[0] if "::" in row else ""
            if name in names and name not in ("stat", "errmsg"):
                found.append(row)
    return found


def _interfaces(source: str) -> str:
    found = re.search(r"^  abstract interface\n.*?^  end interface", source, re.M | re.DOTALL)
    if not found:
        raise ValueError("movimento_callbacks.f90 has no abstract interface")
    return re.sub(r"^  ", "", found[0], flags=re.M)
