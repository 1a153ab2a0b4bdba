"""The table of scripts/bench from its JSON lines; ends with an error if contenders disagree."""

import collections
import json
import statistics
import sys

lines = [json.loads(line) for line in open(sys.argv[1])]
seconds = collections.defaultdict(list)
busy = collections.defaultdict(list)
answers = collections.defaultdict(dict)
for line in lines:
    setting = tuple(line[key] for key in ("case", "task", "precision", "threads"))
    # Which way a contender was written is part of its name; the fastest counts.
    seconds[setting, line["contender"]] += line["seconds"]
    busy[setting, line["contender"]] += line.get("cpu_seconds", [])
    if "value" in line:
        answers[setting[:3]][line["contender"]] = (line["value"], line["norm"])

peaks = {}
for line in lines:
    if "gflops_peak" in line:
        key = (line["precision"], line["threads"])
        best = (line["gflops_peak"], line["gbytes_bandwidth"])
        peaks[key] = max(peaks.get(key, best), best)
for (precision, threads), (peak, bandwidth) in sorted(peaks.items()):
    print(f"{precision}, {threads} thread(s): {peak:.1f} GFLOP/s, {bandwidth:.1f} GB/s")

wrong = False
for setting, results in answers.items():
    tolerance = 1e-9 if setting[2] == "f64" else 1e-3
    for contender, (value, norm) in results.items():
        for got, ours in zip((value, norm), results.get("ours", (value, norm))):
            if abs(got - ours) > tolerance * abs(ours):
                print(f"{contender} computes {got}, ours {ours}: {setting}")
                wrong = True


def best(times, setting, prefix):
    """Median time of a contender's fastest way."""
    ways = [
        (statistics.median(of_way), name)
        for (other, name), of_way in times.items()
        if other == setting and name.startswith(prefix) and of_way
    ]
    return min(ways, default=(float("nan"), "-"))


def row(times, setting):
    """Columns from wall-clock or processor times."""
    ours, jax, candle = (best(times, setting, name) for name in ("ours", "jax", "candle"))
    # The floor is what the machine did at its best in this run.
    floor = min(seconds[setting, "floor"], default=float("nan"))
    if times is busy:
        floor *= setting[3]
    return ours, jax, candle, floor


for times, kind in [(seconds, "wall clock"), (busy, "processor time of all threads")]:
    print(
        f"\nMedians, {kind}:\n{'case':<24} {'task':<9} {'prec':<4} {'thr':>3} {'ours ms':>9}"
        f" {'JAX ms':>9} {'Candle ms':>9} {'floor ms':>9} {'JAX/ours':>8} {'Cand/ours':>9}"
        f" {'of floor':>8} {'1->2':>5}  JAX's best; Candle's"
    )
    for setting in sorted({setting for setting, _ in seconds}):
        ours, jax, candle, floor = row(times, setting)
        case, task, precision, threads = setting
        speedup = "     "
        if threads > 1 and times is seconds:
            speedup = f"{best(times, (case, task, precision, 1), 'ours')[0] / ours[0]:5.2f}"
        print(
            f"{case:<24} {task:<9} {precision:<4} {threads:>3} {1e3 * ours[0]:9.2f}"
            f" {1e3 * jax[0]:9.2f} {1e3 * candle[0]:9.2f} {1e3 * floor:9.2f}"
            f" {jax[0] / ours[0]:8.2f} {candle[0] / ours[0]:9.2f}"
            f" {100 * floor / ours[0]:7.0f}% {speedup}  {jax[1]}; {candle[1]}"
        )
sys.exit(wrong)
