"""A day of heat in a brick wall, in SI units: u_t = a u_xx, outside at a temperature that follows the day, inside
exchanging heat with a room.

    pip install ./bindings/python
    python wall.py

At x = 0 the temperature is given and depends on time (a Dirichlet condition), at x = L heat goes over to the air of the
room, lambda u_x + h (u - T_room) = 0 (a Robin condition, the energy h/(rho c) (u - T_room)^2 / 2 on that side). The
wall begins in the oscillation that it has always been in, of which a closed form is known.
"""

import movimento
import numpy as np

THICKNESS, CONDUCTIVITY, HEAT_CAPACITY, EXCHANGE = 0.3, 0.8, 1.4e6, 8.0  # m, W/(m K), J/(m^3 K), W/(m^2 K)
OUTSIDE, SWING, ROOM, DAY = 10.0, 8.0, 20.0, 86400.0  # degrees Celsius, seconds
DIFFUSIVITY = CONDUCTIVITY / HEAT_CAPACITY


def outside(t, x):
    return np.full(len(x), OUTSIDE + SWING * np.sin(2 * np.pi * t / DAY))


def exact(t, x):
    """The temperature: linear from side to side, and a wave that fades inwards."""
    slope = EXCHANGE * (ROOM - OUTSIDE) / (CONDUCTIVITY + EXCHANGE * THICKNESS)
    q = np.sqrt(2j * np.pi / DAY / DIFFUSIVITY)
    wave = lambda y: np.cosh(q * y) + EXCHANGE / (CONDUCTIVITY * q) * np.sinh(q * y)
    swing = SWING * np.exp(2j * np.pi * t / DAY) * wave(THICKNESS - x) / wave(THICKNESS)
    return OUTSIDE + slope * x + swing.imag


def exchange(x, u, p):
    """b(u) and b_u on the inner side, where p = grad u is not asked for."""
    rate = EXCHANGE / HEAT_CAPACITY
    return 0.5 * rate * (u - ROOM) ** 2, rate * (u - ROOM)


with movimento.Solver(dimension=1, upper=THICKNESS, tau=DAY / 48, movement="second") as solver:
    solver.add_energy("dirichlet", kappa=DIFFUSIVITY)
    solver.set_dirichlet(outside, side=0)
    solver.add_boundary_energy(movimento.Energy.from_function(exchange, "exchange with the room", convex=True), side=1)
    solver.set_initial(lambda x: exact(0.0, x[:, 0]))
    x = np.linspace(0, THICKNESS, 61)
    worst = 0.0
    for hour in range(3, 25, 3):
        solver.step_to(hour * 3600.0)
        u = solver.evaluate(x[:, np.newaxis])
        worst = max(worst, np.abs(u - exact(solver.time, x)).max())
        print(f"{hour:2d} h: outside {u[0]:5.2f}, in the middle {u[30]:5.2f}, inside {u[-1]:5.2f} degrees")
    print(f"largest error {worst:.1e} degrees")
