"""The porous medium equation rho_t = (rho^2)_xx with the energy int rho^2 as a function of this program.

    pip install ./bindings/python
    python porous_medium.py

The same program is porous_medium.c, porous_medium.cpp and porous_medium.f90 beside it; all four print
the same. The exact solution is Barenblatt's, rho(x, t) = t^(-1/3) (c - x^2 / (12 t^(2/3))) where that is
positive, c = (3/64)^(1/3), of the age of 0.1 at the start: here 0.590511.
"""

import movimento


def square(x, rho, p):
    """f = rho^2 and f_u = df/drho at n points; x and p = grad rho are None, as f does not depend on them."""
    return rho**2, 2 * rho


options = movimento.Options(flow="wasserstein", domain="space", dimension=1, movement="second", hidden=[8], tau=0.005)
with movimento.Solver(options) as solver:
    solver.add_energy(movimento.Energy.from_function(square, "porous medium", convex=True))
    solver.set_initial(movimento.Barenblatt(m=2, t=0.1))
    solver.step_to(0.1)
    print(f"rho(0.25) = {solver.evaluate([0.25]):.5f} at t = {solver.time:g}")
