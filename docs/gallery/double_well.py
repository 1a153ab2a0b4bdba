"""A cloud of particles chooses between two valleys: the Fokker-Planck equation of V = 2 (x^2 - 1)^2 on a line."""

import sys

import matplotlib.pyplot as plt
import movimento
import numpy as np

x = np.linspace(-2, 2, 401)
gibbs = np.exp(-2 * (x**2 - 1) ** 2)
gibbs /= gibbs.sum() * (x[1] - x[0])
figure, axis = plt.subplots(figsize=(7, 3.6), layout="constrained")
with movimento.Solver(flow="wasserstein", domain="space", dimension=1, tau=0.005, movement="second") as solver:
    solver.add_energy("entropy")
    solver.add_energy("potential-double-well", a=8.0, b=1.0)
    solver.set_initial(movimento.Gaussians([0.3], [[0.02]]))
    for t in (0.0, 0.03, 0.1, 0.5, 4.0):
        solver.step_to(t)
        axis.plot(x, solver.evaluate(x[:, None]), label=f"t = {t:g}")
axis.plot(x, gibbs, "k:", label="exact rest")
axis.set(xlabel="x", ylabel=r"$\rho$")
axis.legend(ncols=2)
figure.savefig(sys.argv[1], dpi=110)
