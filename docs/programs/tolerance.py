import movimento
import numpy as np

# Two wells, whose layers form fast and stay: steps by the error that is asked for.
with movimento.Solver(dimension=1, tau=1e-3, movement="second", step_tolerance=1e-2) as solver:
    solver.add_energy("dirichlet", kappa=0.02)
    solver.add_energy("double-well", eps=0.5)
    solver.set_initial(lambda x: 0.3 * np.cos(2 * np.pi * x[:, 0]) + 0.1 * x[:, 0])
    for time in (0.1, 0.5, 2.0, 10.0):
        solver.step_to(time)
        print(f"t = {time:<4g} after {solver.steps:3d} steps, F = {solver.energy:.5f}, next tau {solver.tau:.2g}")
