"""Gas spreads in a porous medium: rho_t = Laplacian rho^2, against Barenblatt's exact solution."""

import sys

import matplotlib.pyplot as plt
import movimento
import numpy as np


def barenblatt(x, t):
    return t ** (-1 / 3) * np.maximum((3 / 64) ** (1 / 3) - x**2 / (12 * t ** (2 / 3)), 0.0)


x = np.linspace(-1.5, 1.5, 601)
figure, axis = plt.subplots(figsize=(7, 3.6), layout="constrained")
with movimento.Solver(flow="wasserstein", domain="space", dimension=1, tau=0.01, movement="second") as solver:
    solver.add_energy("power", m=2.0)
    solver.set_initial(movimento.Barenblatt(m=2, t=0.02))
    for t in (0.0, 0.02, 0.08, 0.3):
        solver.step_to(t)
        (line,) = axis.plot(x, solver.evaluate(x[:, None]), label=f"t = {t:g}")
        axis.plot(x, barenblatt(x, 0.02 + t), "k:", linewidth=1)
    axis.set(xlabel="x", ylabel=r"$\rho$", title="computed (lines) and exact (dots)")
    axis.legend()
figure.savefig(sys.argv[1], dpi=110)
