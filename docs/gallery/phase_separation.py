"""Phases part: the Allen-Cahn equation u_t = Laplacian u - (u^3 - u) / eps^2, periodic, from small waves."""

import sys

import matplotlib.pyplot as plt
import movimento
import numpy as np

random = np.random.default_rng(4)
WAVES = [(random.normal(), random.integers(-3, 4, 2), random.uniform(0, 2 * np.pi)) for _ in range(24)]


def waves(x):
    return 0.1 * sum(a * np.cos(2 * np.pi * x @ k + phase) for a, k, phase in WAVES)


figure, axes = plt.subplots(1, 4, figsize=(11, 2.9), layout="constrained")
with movimento.Solver(embedding="periodic", tau=1e-3, movement="second") as solver:
    solver.add_energy("dirichlet")
    solver.add_energy("double-well", eps=0.06)
    solver.set_initial(waves)
    for axis, t in zip(axes, (0.0, 0.004, 0.01, 0.02), strict=True):
        solver.step_to(t)
        u = solver.to_xarray(resolution=101).u
        axis.imshow(u, origin="lower", extent=(0, 1, 0, 1), cmap="RdBu_r", vmin=-1, vmax=1)
        axis.set_title(f"t = {t:g}, F = {solver.energy:.0f}")
figure.savefig(sys.argv[1], dpi=110)
