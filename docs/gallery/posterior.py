"""From prior to posterior: the Fokker-Planck equation of V = -ln(likelihood * prior) goes to rest at the posterior.

Two unknowns, the prior N(0, I), and one measurement y = 1 of g(x) = x_2 + x_1^2 / 2 with the error 0.4.
"""

import sys

import matplotlib.pyplot as plt
import movimento
import numpy as np


def potential(x, rho, p):
    v = (x**2).sum(1) / 2 + (1.0 - x[:, 1] - x[:, 0] ** 2 / 2) ** 2 / (2 * 0.4**2)
    return v * rho, v


figure, axes = plt.subplots(1, 4, figsize=(11, 2.9), layout="constrained")
with movimento.Solver(flow="wasserstein", domain="space", lower=-3, upper=3, tau=0.02) as solver:
    solver.add_energy("entropy")
    solver.add_energy(movimento.Energy.from_function(potential, "posterior", position=True, convex=True))
    solver.set_initial(movimento.Gaussians([0.0, 0.0], np.eye(2)))
    for axis, t in zip(axes, (0.0, 0.06, 0.3, 2.0), strict=True):
        solver.step_to(t)
        rho = solver.to_xarray(resolution=101).u
        axis.imshow(rho, origin="lower", extent=(-3, 3, -3, 3), cmap="magma")
        axis.set_title(f"t = {t:g}, F = {solver.energy:.4f}")
figure.savefig(sys.argv[1], dpi=110)
