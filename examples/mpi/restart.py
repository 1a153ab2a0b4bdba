"""A run of MPI that may be killed at any time and goes on where its folder ends, on the same number of processes
or on another: that of restart.c.

Usage: mpirun -n 4 python restart.py FOLDER [TIME]
"""

import sys

import movimento
import numpy as np
from mpi4py import MPI

folder = sys.argv[1] if len(sys.argv) > 1 else "run"
end = float(sys.argv[2]) if len(sys.argv) > 2 else 0.1
first = MPI.COMM_WORLD.rank == 0
options = {"tau": 0.005, "hidden": [16, 16], "threads": 1, "snapshot_resolution": 21, "snapshot_existing": "continue"}
with movimento.Solver(options) as solver:
    solver.add_energy("dirichlet", kappa=0.1)
    solver.set_communicator(MPI.COMM_WORLD)
    # Process 0 reads the last whole snapshot for all; there is none in the beginning.
    if taken := solver.restore(folder):
        if first:
            print("restored", int(taken.stem.split("_")[1]))
    else:
        solver.set_initial(lambda x: np.cos(np.pi * x[:, 0]))
    # All make these calls; process 0 has the folder.
    with movimento.Writer(solver, folder) as writer:
        writer.write()
        while solver.time < end - 1e-9:
            solver.step()
            written = writer.write()
            if first:
                print("written", int(written.stem.split("_")[1]), flush=True)
    if first:
        u = solver.evaluate([[0.25, 0.5]]).item()
        print(f"u(0.25, 0.5) = {u:.17g} at t = {solver.time:g}")
