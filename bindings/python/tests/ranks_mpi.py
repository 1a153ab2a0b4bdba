"""Run by mpirun: prints the largest difference of this rank's answer from that of one rank alone."""

from __future__ import annotations

import numpy as np
from mpi4py import MPI
from problems import TINY, bump

from movimento import Solver


def heat(comm: MPI.Comm) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    with Solver(TINY, nodes=600, check_nodes=600) as solver:
        solver.set_communicator(comm)
        solver.add_energy("dirichlet", kappa=0.1)
        solver.set_initial(bump)
        solver.step_to(0.03)
        return np.append(solver.evaluate(np.linspace(0, 1, 17)[:, None]), solver.energy)


world = MPI.COMM_WORLD
assert world.Get_size() == 2
difference = np.abs(heat(world) - heat(MPI.COMM_SELF)).max()
assert difference < 1e-13, difference
print(f"rank {world.Get_rank()}: {difference:.1e}")
