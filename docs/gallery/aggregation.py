"""A swarm gathers on a line: attraction 1/2 int int |x - y|^2/2 rho rho against diffusion, from three groups.

The attraction goes to the common mean, which stays; the rest is a Gaussian of variance 1.
"""

import sys

import matplotlib.pyplot as plt
import movimento
import numpy as np

MEANS, SHARES = np.array([[-2.0], [0.2], [1.8]]), np.array([0.5, 0.2, 0.3])
COVARIANCES = np.array([[[0.1]], [[0.05]], [[0.15]]])

x = np.linspace(-4.5, 4.5, 501)
figure, axis = plt.subplots(figsize=(7, 3.6), layout="constrained")
with movimento.Solver(flow="wasserstein", domain="space", dimension=1, tau=0.02, movement="second") as solver:
    solver.add_energy("entropy")
    solver.add_energy("interaction-quadratic", kappa=1.0)
    solver.set_initial(movimento.Gaussians(MEANS, COVARIANCES, SHARES))
    for t in (0.0, 0.1, 0.3, 0.8, 4.0):
        solver.step_to(t)
        mean, variance = solver.moments()
        axis.plot(x, solver.evaluate(x[:, None]), label=f"t = {t:g}, variance {variance.item():.3f}")
rest = np.exp(-((x - SHARES @ MEANS[:, 0]) ** 2) / 2) / np.sqrt(2 * np.pi)
axis.plot(x, rest, "k:", label="exact rest, 1")
axis.set(xlabel="x", ylabel=r"$\rho$")
axis.legend()
figure.savefig(sys.argv[1], dpi=110)
