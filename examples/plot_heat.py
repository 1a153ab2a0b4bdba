"""Draws the heat equation of the paper's section 4.1.1 from its snapshots.

Usage: plot_heat.py FOLDER PICTURE

Top to bottom: the exact solution, the computed one, their difference; left to right: time
2 tau, 20 tau and 40 tau.
"""

import sys
from pathlib import Path

import h5py
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

KAPPA, TAU = 0.1, 0.005
STEPS = (2, 20, 40)

# Amplitude and the two wave numbers of each mode: u = sum a cos(p x) cos(q y) exp(-kappa (p^2 + q^2) t).
MODES = ((4.0, 0, 0), (-0.5, 4, 0), (0.6, 0, 4), (1.0, 8, 4), (1.0, 8, 8))


def exact(x, y, t):
    """The exact solution on the grid of x and y, shape (len(y), len(x)) as in a snapshot."""
    x, y = np.meshgrid(x, y)
    return sum(
        a * np.cos(p * x) * np.cos(q * y) * np.exp(-KAPPA * (p * p + q * q) * t)
        for a, p, q in MODES
    )


def read(folder):
    """The snapshots at the wanted steps: time, x, y and u of each."""
    found = {}
    for path in sorted(Path(folder).glob("snap_*.h5")):
        with h5py.File(path, "r") as file:
            step = int(file["state/step"][()])
            if step in STEPS:
                found[step] = (file["t"][0], file["x"][:], file["y"][:], file["u"][:])
    missing = [step for step in STEPS if step not in found]
    if missing:
        sys.exit(f"there is no snapshot of step {missing} in {folder}")
    return [found[step] for step in STEPS]


def main(folder, picture):
    snapshots = read(folder)
    truth = [exact(x, y, t) for t, x, y, _ in snapshots]
    error = [u - v for (_, _, _, u), v in zip(snapshots, truth)]
    low, high = min(v.min() for v in truth), max(v.max() for v in truth)
    largest = max(abs(e).max() for e in error)

    plt.rcParams.update({"font.size": 10, "axes.titlesize": 11})
    figure, axes = plt.subplots(3, 3, figsize=(9.6, 8.3), sharex=True, sharey=True, layout="constrained")
    for column, ((t, x, y, u), v, e) in enumerate(zip(snapshots, truth, error)):
        relative = np.sqrt((e**2).mean() / (v**2).mean())
        box = {
            "origin": "lower",
            "extent": (x[0], x[-1], y[0], y[-1]),
            "interpolation": "bicubic",
        }
        solution = dict(box, cmap="viridis", vmin=low, vmax=high)
        field = axes[0, column].imshow(v, **solution)
        axes[1, column].imshow(u, **solution)
        difference = axes[2, column].imshow(e, cmap="RdBu_r", vmin=-largest, vmax=largest, **box)
        axes[0, column].set_title(rf"$t = {t:.3g} = {STEPS[column]}\,\tau$")
        axes[2, column].set_title(f"relative $L^2$ error {scientific(relative)}")
        axes[2, column].set_xlabel("$x$")

    for row, name in enumerate(("exact solution", "computed solution", "error")):
        axes[row, 0].set_ylabel(f"{name}\n\n$y$")
    ticks = [-np.pi / 4, 0, np.pi / 4]
    axes[0, 0].set_xticks(ticks, [r"$-\pi/4$", "0", r"$\pi/4$"])
    axes[0, 0].set_yticks(ticks, [r"$-\pi/4$", "0", r"$\pi/4$"])
    figure.colorbar(field, ax=axes[:2], shrink=0.6, label="$u$")
    figure.colorbar(difference, ax=axes[2], label="computed $-$ exact").formatter.set_powerlimits((0, 0))
    figure.suptitle(r"$\partial_t u = \kappa\,\Delta u$ as the $L^2$ gradient flow of the Dirichlet energy, stepped by a neural network")
    figure.savefig(picture, dpi=140)


def scientific(value):
    """1.13e-3 as mathematics."""
    mantissa, exponent = f"{value:.2e}".split("e")
    return rf"${mantissa} \cdot 10^{{{int(exponent)}}}$"


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
