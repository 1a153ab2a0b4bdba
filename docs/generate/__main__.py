"""Writes the pages that are made from the sources: the references, and pages that the root of the repository has.

Usage: python docs/generate FOLDER

The library is found as the Python package finds it, with the sources of the package on PYTHONPATH and the
environment variable MOVIMENTO_LIBRARY for the library that was built.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import c
import cpp
import described
import fortran
import layout
import python

ROOT = Path(__file__).resolve().parents[2]

#: Each page by its path, and what writes it.
PAGES = {
    "reference/c.md": lambda: c.library(ROOT),
    "reference/plugin-interface.md": lambda: c.plugins(ROOT),
    "reference/cpp.md": lambda: cpp.page(ROOT),
    "reference/fortran.md": lambda: fortran.page(ROOT),
    "reference/python.md": python.page,
    "reference/options.md": described.options,
    "reference/energies.md": described.energies,
    "reference/report.md": described.report,
    "reference/files.md": lambda: layout.page(ROOT),
    "project/changelog.md": lambda: of_the_root("CHANGELOG.md"),
    "project/contributing.md": lambda: of_the_root("CONTRIBUTING.md"),
    "project/architecture.md": lambda: of_the_root("ARCHITECTURE.md"),
}


def of_the_root(name: str) -> str:
    """A page of the root; its links to files of the repository become their names."""
    text = (ROOT / name).read_text(encoding="utf-8")
    return re.sub(r"\[([^\]]+)\]\((?!https?:|#)[^)]+\)", r"\1", text)


def main(folder: Path) -> None:
    for name, made in PAGES.items():
        page = folder / name
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(made(), encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
