"""Compares the interfaces of today with the baselines beside this file, of each release: what has gone or changed
breaks programs.

Usage: compare.py [--bless] LIBRARY

Of include/movimento.h: constants, functions, callbacks and handles. Of include/movimento_plugin.h: constants, and the
size of every structure with the offset and size of its fields, as the C compiler lays them out. Of the library: its
exported symbols. With --bless the baseline of the
version in Cargo.toml becomes what there is now.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "bindings"))
import header  # noqa: E402

_STRUCT = re.compile(r"typedef struct (\w+) \{(.*?)\} \1;", re.DOTALL)
_CONSTANT = re.compile(r"^#define (MOVIMENTO_\w+) +(\"[^\"]*\"|-?\w+)", re.M)


def of_the_header() -> dict[str, dict[str, str]]:
    """Declarations of movimento.h by name. Names of parameters are free to change."""
    read = header.read()
    return {
        "constants": {it.name: str(it.value) for it in read.constants},
        "functions": {it.name: signature(it) for it in read.functions},
        "callbacks": {it.name: signature(it) for it in read.callbacks},
        "handles": {it.name: "opaque" for it in read.handles},
    }


def signature(function: header.Function) -> str:
    return f"{function.result} ({', '.join(it.type for it in function.parameters)})"


def of_plugins() -> dict[str, dict[str, str]]:
    """Constants and layouts of movimento_plugin.h."""
    text = (ROOT / "include/movimento_plugin.h").read_text(encoding="utf-8")
    code = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    constants = {name: value for name, value in _CONSTANT.findall(code) if name != "MOVIMENTO_PLUGIN_H"}
    structs = {name: fields(body) for name, body in _STRUCT.findall(code)}
    if len(structs) < 8:
        raise ValueError("include/movimento_plugin.h is no longer understood")
    return {"plugin constants": constants, "plugin structures": layouts(structs)}


def fields(body: str) -> list[str]:
    """The names of the members: those of functions stand in brackets."""
    found = []
    for member in filter(str.strip, body.split(";")):
        function = re.search(r"\(\*(\w+)\)", member)
        plain = re.search(r"(\w+)\s*(?:\[\w+\])?\s*$", member)
        name = function or plain
        if name is None:
            raise ValueError(f"a member without name: {member!r}")
        found.append(name[1])
    return found


def layouts(structs: dict[str, list[str]]) -> dict[str, str]:
    """Sizes and offsets, by a program that is compiled and run. Structures may grow at their end."""
    lines = ["#include <movimento_plugin.h>", "#include <stddef.h>", "#include <stdio.h>", "int main(void) {"]
    for name, members in structs.items():
        for member in members:
            place = f"offsetof({name}, {member}), sizeof((({name} *)0)->{member})"
            lines.append(f'printf("{name}.{member} %zu %zu\\n", {place});')
    lines += ["return 0;", "}"]
    with tempfile.TemporaryDirectory() as folder:
        source, program = Path(folder, "layout.c"), Path(folder, "layout")
        source.write_text("\n".join(lines), encoding="utf-8")
        subprocess.run(["cc", "-std=c11", f"-I{ROOT / 'include'}", str(source), "-o", str(program)], check=True)
        printed = subprocess.run([str(program)], capture_output=True, text=True, check=True).stdout
    rows = (line.split(" ", 1) for line in printed.splitlines())
    return {name: f"offset and size {place}" for name, place in rows}


def of_the_library(path: Path) -> dict[str, dict[str, str]]:
    listed = subprocess.run(["nm", "-D", "--defined-only", str(path)], capture_output=True, text=True, check=True)
    symbols = (line.split() for line in listed.stdout.splitlines())
    return {"exported symbols": {words[-1]: words[-2] for words in symbols if words[-1].startswith("mov")}}


def compared(before: dict[str, Any], now: dict[str, Any]) -> tuple[list[str], list[str]]:
    """What breaks, and what was added."""
    broken, added = [], []
    for kind, there in now.items():
        names = before.get(kind, {})
        for name, what in names.items():
            found = there.get(name)
            if found is None:
                broken.append(f"{kind}: {name} has gone")
            elif found != what and name not in ("MOVIMENTO_PLUGIN_ABI_MINOR",):
                broken.append(f"{kind}: {name} was {what}, is {found}")
        added += [f"{kind}: {name}" for name in there if name not in names]
    return broken, added


def main(arguments: list[str]) -> int:
    bless = arguments[:1] == ["--bless"]
    if len(arguments) != 1 + bless:
        sys.exit(__doc__)
    now = {**of_the_header(), **of_plugins(), **of_the_library(Path(arguments[-1]))}
    if bless:
        version = re.search(r'^version = "(.*)"', (ROOT / "Cargo.toml").read_text(encoding="utf-8"), re.M)
        if version is None:
            raise ValueError("Cargo.toml says no version")
        baseline = HERE / f"{version[1]}.json"
        baseline.write_text(json.dumps(now, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        print(f"{baseline.relative_to(ROOT)}: {sum(map(len, now.values()))} names")
        return 0
    baselines = sorted(HERE.glob("*.json"))
    if not baselines:
        sys.exit("there is no baseline: scripts/abi --bless makes one")
    all_broken = []
    for baseline in baselines:
        before = json.loads(baseline.read_text(encoding="utf-8"))
        broken, added = compared(before, now)
        print(f"Since {baseline.stem}:")
        print("\n".join([f"added: {it}" for it in added] + [f"BROKEN: {it}" for it in broken]))
        print(f"{len(added)} added, {len(broken)} broken, of {sum(map(len, before.values()))} names")
        all_broken += broken
    if all_broken:
        print(
            "Programs or plugins would break. Undo it; or raise MOV_ABI_VERSION or the major version of plugins, and"
        )
        print("make a new baseline: scripts/abi --bless. The rules: docs/pages/project/compatibility.md")
    return 1 if all_broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
