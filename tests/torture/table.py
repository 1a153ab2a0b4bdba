"""The table of scripts/torture, from its report. Exits with 1 if something ended, printed or was lost."""

from __future__ import annotations

import re
import sys
from pathlib import Path

lines = Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
rows: list[tuple[str, int, str]] = []
bad: list[str] = []

runs = [[int(it) for it in re.findall(r"\d+", line)] for line in lines if line.startswith("calls ")]
calls, ok, made, internal = (sum(column) for column in zip(*runs, strict=True)) if runs else (0, 0, 0, 0)
rows.append(("calls of C at random", calls, f"{ok} well, {made} handles, {internal} internal errors, 0 crashes"))
bad += [line for line in lines if line.startswith(("ended ", "signal ", "internal "))]
for line in lines:
    words = line.split()
    if line.startswith("printed calls"):
        rows.append(("bytes printed by them", int(words[2]), ""))
        bad += [line] if int(words[2]) else []
    elif line.startswith("allocations "):
        total, well, memory, other, broken, ended, printed, files = (int(it) for it in words[1::2])
        rows.append(
            (
                "allocations that failed",
                total,
                f"{well} without a trace, {memory} MOV_ERROR_MEMORY, {other} another status, {broken} not whole, "
                f"{ended} ended, {printed} printed; {files} of HDF5's own after which it writes no more",
            )
        )
        bad += [line] if broken or ended or printed else []
    elif found := re.search(r"(\d+) damaged files were refused", line):
        rows.append(("damaged restart files", int(found[1]), "each MOV_ERROR_FILE, the state as it was"))
    elif found := re.search(r"(\d+) kills, (.*)", line):
        rows.append(("kills of a series", int(found[1]), found[2]))
    elif found := re.search(r"(\d+) calls failed, (.*)", line):
        rows.append(("calls of the system that failed", int(found[1]), found[2]))
print("| what | how often | outcome |")
print("|---|---|---|")
for what, count, outcome in rows:
    print(f"| {what} | {count} | {outcome} |")
if len(rows) < 6:
    bad.append("a part of the campaign left no figures")
for line in bad:
    print(f"FAILED: {line}")
sys.exit(bool(bad))
