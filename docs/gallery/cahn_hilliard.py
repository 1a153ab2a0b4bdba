"""An alloy parts and keeps its mass: the Cahn-Hilliard equation, the flow in H^-1 of the cahn-hilliard energy."""

import sys

import matplotlib.pyplot as plt
import movimento
import numpy as np

random = np.random.default_rng(1)
WAVES = [(random.normal(), random.integers(-4, 5, 2), random.uniform(0, 2 * np.pi)) for _ in range(30)]


def alloy(x):
    return -0.2 + 0.05 * sum(a * np.cos(x @ k + phase) for a, k, phase in WAVES)


figure, axes = plt.subplots(1, 4, figsize=(11, 2.9), layout="constrained")
side = 2 * np.pi
with movimento.Solver(flow="h-1", embedding="periodic", upper=side, tau=0.05, step_tolerance=2e-2) as solver:
    solver.add_energy("cahn-hilliard", eps=0.25)
    solver.set_initial(alloy)
    for axis, t in zip(axes, (0.0, 0.2, 0.6, 2.0), strict=True):
        solver.step_to(t)
        u = solver.to_xarray(resolution=101).u
        axis.imshow(u, origin="lower", extent=(0, side, 0, side), cmap="PuOr", vmin=-1, vmax=1)
        axis.set_title(f"t = {t:g}, mean {u[:-1, :-1].mean().item():.4f}")
figure.savefig(sys.argv[1], dpi=110)
