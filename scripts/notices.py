"""Licences of what is compiled in, from cargo's metadata and the files of the crates.

Usage: notices.py FILE
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

PLATFORM = "x86_64-unknown-linux-gnu"
#: Names that files with licences begin with.
NAMES = ("license", "licence", "copying", "notice", "copyright", "unlicense")
COMMAND = ["cargo", "metadata", "--format-version", "1", "--locked", "--filter-platform", PLATFORM]


def compiled_in(metadata: dict[str, Any]) -> list[dict[str, Any]]:
    """The crates that the library and the plugins link, without those that only build or test."""
    packages = {it["id"]: it for it in metadata["packages"]}
    nodes = {it["id"]: it for it in metadata["resolve"]["nodes"]}
    members = set(metadata["workspace_members"])
    left = [id for id in members if any("cdylib" in it["crate_types"] for it in packages[id]["targets"])]
    found = set(left)
    while left:
        for dependency in nodes[left.pop()]["deps"]:
            normal = any(kind["kind"] is None for kind in dependency["dep_kinds"])
            if normal and dependency["pkg"] not in found:
                found.add(dependency["pkg"])
                left.append(dependency["pkg"])
    others = (packages[id] for id in found - members)
    # No code of a procedural macro is in what it makes.
    linked = (it for it in others if not any("proc-macro" in target["kind"] for target in it["targets"]))
    return sorted(linked, key=lambda it: (it["name"], it["version"]))


def texts(package: dict[str, Any]) -> list[str]:
    folder = Path(package["manifest_path"]).parent
    files = sorted(it for it in folder.iterdir() if it.is_file() and it.name.lower().startswith(NAMES))
    return [it.read_text(encoding="utf-8", errors="replace").strip() for it in files]


def main(path: str) -> int:
    metadata = json.loads(subprocess.run(COMMAND, capture_output=True, text=True, check=True).stdout)
    packages = compiled_in(metadata)
    unknown = [it["name"] for it in packages if not it["license"] and not it["license_file"]]
    if unknown:
        sys.exit(f"crates without a licence: {', '.join(unknown)}")
    shared: dict[str, list[str]] = {}
    lines = [
        "What is compiled into libmovimento.so and its plugins besides their own code, which is under MIT or",
        "Apache-2.0. HDF5 has its own file, LICENSE-HDF5. The texts follow the list.",
        "",
    ]
    for it in packages:
        title = f"{it['name']} {it['version']}"
        found = texts(it)
        where = "" if found else " (its package has no text; see the name of the licence)"
        lines.append(f"{title}: {it['license'] or it['license_file']}{where}  {it['repository'] or ''}".rstrip())
        for text in found:
            shared.setdefault(text, []).append(title)
    for text, titles in shared.items():
        lines += ["", "-" * 100, *titles, "-" * 100, "", text]
    Path(path).write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{path}: {len(packages)} crates, {len(shared)} texts")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) == 2 else __doc__)
