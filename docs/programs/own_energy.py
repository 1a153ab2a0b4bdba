import sys

import movimento
import numpy as np

KAPPA = 0.1


def sine_gordon(x, u, p):
    """f = kappa/2 |p|^2 + 1 - cos u, and its derivatives by u and by p = grad u, at n points."""
    f = 0.5 * KAPPA * (p**2).sum(1) + 1 - np.cos(u)
    return f, np.sin(u), KAPPA * p


if len(sys.argv) > 1:  # the same energy, from a plugin
    energy = movimento.Energy.from_file(sys.argv[1], kappa=KAPPA)
else:
    energy = movimento.Energy.from_function(sine_gordon, gradient=True)

with movimento.Solver(dimension=1, tau=0.05) as solver:
    solver.add_energy(energy)
    solver.set_initial(lambda x: 2 * np.cos(np.pi * x[:, 0]))
    before = solver.energy
    solver.step_to(1.0)
    print(f"F = {before:.3f}, then {solver.energy:.3f}; u(0) = {solver.evaluate([0.0]):.3f}")
