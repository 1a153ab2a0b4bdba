"""Seconds to equal error, of this library and of others, and the table of it; see scripts/compare.

Usage: main.py PROGRAM SECONDS CASE...
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import problems

HERE = Path(__file__).resolve().parent
PROGRAM, LIMIT, CASES = sys.argv[1], float(sys.argv[2]), sys.argv[3:]

#: What is on each line of the table.
Row = tuple[str, str, str, str, str]


def lines(command: list[str], limit: float) -> list[dict]:
    """The JSON lines that a program prints until its time is over."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            out, errors = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            process.kill()
            out, errors = process.communicate()
    found = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
    if process.returncode != 0 and not found:
        print(errors[-2000:], file=sys.stderr)
    return found


def ours(run: list[str]) -> tuple[dict, float | None]:
    """The line of `reproduce`, and the seconds of the fit and the steps, without the measuring of errors."""
    found = lines([PROGRAM, *run, "--budget", str(LIMIT)], 2 * LIMIT + 60)
    line = found[0] if found else {"error": None}
    if line["error"] is None:
        return line, None
    return line, line["fit_seconds"] + line["steps"] * line["step_seconds"]


def others(name: str, wanted: float) -> dict[str, list[dict]]:
    """How near each other program came, and when."""
    python = sys.executable
    # They look at their errors too, and compile.
    longest = 3 * LIMIT + 120
    tried = {"DeepXDE": lines([python, str(HERE / "run_deepxde.py"), name, str(LIMIT)], longest)}
    if problems.ALL[name]().dimension <= 3:
        command = [python, str(HERE / "run_pypde.py"), name, str(LIMIT), str(wanted)]
        tried["py-pde"] = lines(command, longest)
    return tried


def row(case: str, program: str, tried: list[dict], wanted: float, seconds: float | None) -> Row:
    """The first that was as near as wanted, or else the nearest; the nearest, too, where this library has no error."""
    if seconds is None:
        look = min(tried, key=lambda look: look["error"], default=None)
        return (case, program, *((f"{look['error']:.1e}", f"{look['seconds']:.2g}") if look else ("none", "-")), "-")
    there = [look for look in tried if look["error"] <= wanted]
    if there:
        look = min(there, key=lambda look: look["seconds"])
        return case, program, f"{look['error']:.1e}", f"{look['seconds']:.2g}", f"{look['seconds'] / seconds:.2g}"
    if not tried:
        return case, program, "none", "-", "-"
    look = min(tried, key=lambda look: look["error"])
    return case, program, f"{look['error']:.1e}", f"> {LIMIT:.0f}", f"> {LIMIT / seconds:.2g}"


def compare(name: str) -> list[Row]:
    solved = [(" ".join(run), *ours(run)) for run in problems.ALL[name]().runs]
    errors = [line["error"] for _, line, _ in solved if line["error"] is not None]
    tried = others(name, min(errors, default=0.0))
    rows: list[Row] = []
    for case, line, seconds in solved:
        wanted = line["error"]
        if seconds is None:
            why = line.get("refused") or f"not at the end after {LIMIT:.0f} s"
            rows.append((case, "movimento", why, "-", "-"))
        else:
            rows.append((case, "movimento", f"{wanted:.1e}", f"{seconds:.2g}", "1"))
        rows += [row(case, program, looks, wanted, seconds) for program, looks in tried.items()]
        if "py-pde" not in tried:
            rows.append((case, "py-pde", f"no grid in {problems.ALL[name]().dimension} dimensions", "-", "-"))
    for program, looks in tried.items():
        for look in looks:
            print(json.dumps({"case": name, "program": program, **look}), file=log)
    return rows


def main() -> None:
    table: list[Row] = [("case", "program", "error", "seconds", "ratio"), ("---",) * 5]
    for name in CASES or problems.ALL:
        print(f"{name}: at most {LIMIT:.0f} s for each program", file=sys.stderr)
        table += compare(name)
        log.flush()
    for cells in table:
        print("| " + " | ".join(cells) + " |")
    print("Seconds until a program is as near as movimento, and how many times movimento's those are; >: not in time.")


if __name__ == "__main__":
    with Path("target/compare.jsonl").open("w", encoding="utf-8") as log:
        main()
