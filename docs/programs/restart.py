import sys

import movimento
import numpy as np

folder, end = sys.argv[1], float(sys.argv[2])
with movimento.Solver(dimension=1, tau=0.005, movement="second") as solver:
    solver.add_energy("dirichlet", kappa=0.1)
    if taken := solver.restore(folder):
        print(f"goes on from {taken.name}, t = {solver.time:g}")
    else:
        print("begins")
        solver.set_initial(lambda x: np.cos(np.pi * x[:, 0]))
    with movimento.Writer(solver, folder) as writer:
        while solver.time < end - 1e-9:
            solver.step()
            writer.write()  # on the disk when this returns
    print(f"u(0.25) = {solver.evaluate([0.25]):.6f} at t = {solver.time:g}")
