"""A vortex and an antivortex meet and vanish: the Ginzburg-Landau energy of a field of two components.

The color is the angle of (u, v), and the circles are where it has lost its length.
"""

import sys

import matplotlib.pyplot as plt
import movimento
import numpy as np

EPS, APART = 0.12, 0.35


def ginzburg_landau(x, u, p):
    """|grad u|^2 / 2 + (|u|^2 - 1)^2 / (4 eps^2), u [n][2], p [n][2][2]."""
    w = (u**2).sum(1) - 1
    return (p**2).sum((1, 2)) / 2 + w**2 / (4 * EPS**2), w[:, None] * u / EPS**2, p


def pair(x):
    z = x[:, 0] + 1j * x[:, 1]
    plus, minus = z - APART, np.conj(z + APART)
    field = plus / np.hypot(np.abs(plus), EPS) * minus / np.hypot(np.abs(minus), EPS)
    return np.stack([field.real, field.imag], 1)


figure, axes = plt.subplots(1, 4, figsize=(11, 2.9), layout="constrained")
energy = movimento.Energy.from_function(ginzburg_landau, gradient=True, components=2)
with movimento.Solver(components=2, lower=-1, upper=1, tau=4e-3) as solver:
    solver.add_energy(energy)
    solver.set_initial(pair)
    for axis, t in zip(axes, (0.0, 0.04, 0.08, 0.12), strict=True):
        solver.step_to(t)
        u, v = np.moveaxis(solver.to_xarray(resolution=101).u.values, -1, 0)
        shown = {"extent": (-1, 1, -1, 1), "origin": "lower"}
        axis.imshow(np.arctan2(v, u), cmap="twilight", vmin=-np.pi, vmax=np.pi, **shown)
        axis.contour(np.hypot(u, v), [0.3, 0.6], colors="w", **shown)
        axis.set_title(f"t = {t:g}, F = {solver.energy:.2f}")
figure.savefig(sys.argv[1], dpi=110)
