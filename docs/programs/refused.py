import movimento
import numpy as np

# One iteration for each step is too little, and little of it may be missing.
with movimento.Solver(dimension=1, tau=0.2, max_iterations=1, step_accept=5e-3, effort=1) as solver:
    solver.add_energy("dirichlet", kappa=0.1)
    solver.add_energy("double-well", eps=0.5)
    solver.set_initial(lambda x: 0.5 * np.cos(np.pi * x[:, 0]))
    try:
        solver.step()
    except movimento.RecoverableError as refused:
        print(f"{type(refused).__name__}: {refused}")
    print(f"the state is as it was: t = {solver.time:g}")
    solver.set_options(max_iterations=50, effort=10)  # what the message advises, in the run
    while solver.time < 1.0 - 1e-9:
        try:
            solver.step()
        except movimento.RecoverableError:
            solver.tau /= 2  # or a shorter step
    print(f"t = {solver.time:g}, last tau = {solver.tau:g}, energy {solver.energy:.4f}")
