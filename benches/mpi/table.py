"""The table of scripts/bench-mpi, from the lines that heat.c printed. Exits with 1 if the answers differ."""

from __future__ import annotations

import sys
from pathlib import Path

#: By how much answers on one process and on more may differ.
TOLERANCE = 1e-10

runs: dict[tuple[int, str], list[list[float]]] = {}
for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines():
    how, size, nodes, *figures = line.split()
    name = {"alone": "no communicator", "apart": f"{size} apart"}.get(how, f"-n {size}")
    runs.setdefault((int(nodes), name), []).append([float(it) for it in figures])

worst = 0.0
print("| nodes | parameters | run | seconds | ratio | processor, without MPI | ratio | in MPI | MB summed |")
print("|---|---|---|---|---|---|---|---|---|")
for (nodes, name), all_runs in runs.items():
    # The best of each: what other programs take only adds.
    parameters, wall, processor, mpi, megabytes, *answers = (min(it) for it in zip(*all_runs, strict=True))
    _, wall_one, processor_one, _, _, *answers_one = (min(it) for it in zip(*runs[nodes, "-n 1"], strict=True))
    print(
        f"| {nodes} | {parameters:.0f} | {name} | {wall:.2f} | {wall_one / wall:.2f} "
        f"| {processor:.2f} | {processor_one / processor:.2f} | {mpi:.2f} | {megabytes:.1f} |"
    )
    if name.startswith("-n ") and name != "-n 1":
        size = int(name.split()[1])
        apart = min(it[1] for it in runs[nodes, f"{size} apart"])
        print(
            f"  at {nodes} nodes {100 * apart / wall:.0f} % of the speed of {size} processes that share nothing",
            file=sys.stderr,
        )
        for runs_of in all_runs:
            pairs = zip(runs_of[5:], answers_one, strict=True)
            worst = max(worst, *(abs(a - b) / abs(b) for a, b in pairs))
print(f"answers on one process and on more differ by {worst:.1e}; accepted is {TOLERANCE:.0e}")
sys.exit(worst > TOLERANCE)
