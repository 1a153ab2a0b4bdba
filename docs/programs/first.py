import movimento
import numpy as np

with movimento.Solver(tau=0.005) as solver:  # a problem on the unit square
    solver.add_energy("dirichlet", kappa=0.1)  # a plugin: kappa/2 int |grad u|^2
    solver.set_initial(lambda x: np.cos(np.pi * x[:, 0]))
    solver.step_to(0.02, progress=True)
    print(f"u(0.25, 0.5) = {solver.evaluate([0.25, 0.5]):.4f} at t = 0.02")
