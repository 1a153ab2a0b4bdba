"""A signal loses its noise and keeps its edges: int lambda |u_x| + (u - data)^2 / 2, followed to rest."""

import sys

import matplotlib.pyplot as plt
import movimento
import numpy as np

x = np.linspace(0, 1, 801)
clean = np.tanh((x - 0.3) / 0.01) - 0.6 * np.tanh((x - 0.7) / 0.01)
waves = np.random.default_rng(0).normal(size=(2, 30))
k = 2 * np.pi * np.arange(1, 31)
noisy = clean + 0.06 * sum(a * np.sin(q * x) + b * np.cos(q * x) for a, b, q in zip(*waves, k, strict=True))


def misfit(at, u, p):
    difference = u - np.interp(at[:, 0], x, noisy)
    return 0.5 * difference**2, difference


with movimento.Solver(dimension=1, tau=0.05) as solver:
    solver.add_energy("total-variation", lambda_=0.02, delta=0.05)
    solver.add_energy(movimento.Energy.from_function(misfit, position=True, convex=True))
    solver.set_initial(movimento.Values(x[:, None], noisy))
    solver.step_to(5.0)
    u = solver.evaluate(x[:, None])
figure, axis = plt.subplots(figsize=(7, 3.6), layout="constrained")
axis.plot(x, noisy, color="0.75", label=f"data, rms error {np.sqrt(np.mean((noisy - clean) ** 2)):.3f}")
axis.plot(x, u, label=f"at rest, {np.sqrt(np.mean((u - clean) ** 2)):.3f}")
axis.plot(x, clean, "k:", linewidth=1, label="without noise")
axis.set(xlabel="x", ylabel="u")
axis.legend()
figure.savefig(sys.argv[1], dpi=110)
