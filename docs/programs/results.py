import sys

import movimento
import numpy as np

folder = sys.argv[1]
options = {"upper": [2.0, 1.0], "snapshot_resolution": 41, "tau": 0.02}
with movimento.Solver(options) as solver:
    solver.add_energy("dirichlet", kappa=0.1)
    solver.set_initial(lambda x: np.cos(np.pi * x[:, 0] / 2) + x[:, 1])
    with movimento.Writer(solver, folder) as writer:
        writer.add("u", "grad_u")
        writer.describe("u", "temperature", "K")
        for _ in range(5):
            writer.write()
            solver.step()

with movimento.open_series(folder) as series:
    print(dict(series.u.sizes))
    print(f"u at (0, 0): {series.u.sel(x=0.0, y=0.0, method='nearest').values.round(2)}")
    print(f"mean of u at each time: {series.u.mean(['x', 'y']).values.round(2)}")
