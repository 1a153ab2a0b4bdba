"""Heat spreads: u_t = 0.02 Laplacian u on a square without flux, from three hot spots."""

import sys

import matplotlib.pyplot as plt
import movimento
import numpy as np

SPOTS = ((0.3, 0.3, 1.0), (0.7, 0.4, 0.7), (0.45, 0.75, 0.9))


def spots(x):
    return sum(h * np.exp(-((x[:, 0] - a) ** 2 + (x[:, 1] - b) ** 2) / 0.01) for a, b, h in SPOTS)


figure, axes = plt.subplots(1, 4, figsize=(11, 2.9), layout="constrained")
with movimento.Solver(tau=0.02, movement="second") as solver:
    solver.add_energy("dirichlet", kappa=0.02)
    solver.set_initial(spots)
    for axis, t in zip(axes, (0.0, 0.06, 0.2, 0.6), strict=True):
        solver.step_to(t)
        u = solver.to_xarray(resolution=101).u
        axis.imshow(u, origin="lower", extent=(0, 1, 0, 1), cmap="inferno")
        axis.set_title(f"t = {t:g}, F = {solver.energy:.5f}")
figure.savefig(sys.argv[1], dpi=110)
