"""A membrane falls on the ground: u_t = u_xx - 8, u >= 0, u = 1 at both ends; the rest is 4 (|x| - 1/2)_+^2."""

import sys

import matplotlib.pyplot as plt
import movimento
import numpy as np

x = np.linspace(-1, 1, 401)
figure, axis = plt.subplots(figsize=(7, 3.6), layout="constrained")
with movimento.Solver(dimension=1, lower=-1, upper=1, tau=0.02) as solver:
    solver.add_energy("dirichlet")
    solver.add_source(lambda t, x: np.full(len(x), -8.0))
    solver.set_dirichlet(1.0)
    solver.set_bounds(lower=0.0)
    solver.set_initial(lambda x: np.ones(len(x)))
    for t in (0.0, 0.04, 0.1, 0.2, 1.0):
        solver.step_to(t)
        axis.plot(x, solver.evaluate(x[:, None]), label=f"t = {t:g}")
axis.plot(x, 4 * np.maximum(np.abs(x) - 0.5, 0) ** 2, "k:", label="exact rest")
axis.set(xlabel="x", ylabel="u", title="the height of the membrane")
axis.legend(ncols=2)
figure.savefig(sys.argv[1], dpi=110)
