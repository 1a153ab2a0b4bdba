"""Draws the figures of the paper for cases that `reproduce CASE --out CASE_DIR` has run.

Usage: plot.py CASE_DIR...

Beside the errors.h5 (or sweep.h5) of each folder it writes, as far as the case has them:

    solution.png   the solution over time: lines in one dimension, else planes, exact and computed
    diagonal.png   the solution along x_1 = ... = x_d
    error.png      relative L2 error over time, and its mean over time
    mean.png       the way of the mean, and of particles
    balance.png    (u_{k+1} - u_k)/tau beside -grad F(u_{k+1}) (the motivating example)
    sweep.png      errors and Wasserstein distances for each weight lambda
"""

import sys
from pathlib import Path

import h5py
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

plt.rcParams.update(
    {
        "font.size": 10,
        "axes.titlesize": 10,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "legend.frameon": False,
        "savefig.dpi": 120,
    }
)

# Exact solutions are drawn so in every figure.
EXACT = {"color": "black", "linestyle": (0, (4, 3)), "linewidth": 0.9}
SCHEMES = {"euler": "first order", "second": "second order", "third": "third order"}


def scientific(value):
    """1.13e-3 as mathematics."""
    mantissa, exponent = f"{value:.1e}".split("e")
    return rf"${mantissa} \cdot 10^{{{int(exponent)}}}$"


def time_colors(times):
    """A color for each time, early ones dark."""
    return plt.cm.viridis(np.linspace(0.0, 0.88, len(times)))


def unknown(transported):
    return r"$\rho$" if transported else "$u$"


def title(file):
    name, scheme = file.attrs["case"], SCHEMES.get(file.attrs["scheme"], "")
    by = ", w2gn" if file.attrs["transport"] == "w2gn" else ""
    return f"{name}, {scheme}{by}"


def lines(cut, symbol, label, heading):
    """A cut along a line: the solution at the shown times over the exact one."""
    times, x, u, exact = (cut[name][:] for name in ("shown", "x", "u", "exact"))
    figure, axes = plt.subplots(figsize=(6.2, 3.9), layout="constrained")
    for t, color, values in zip(times, time_colors(times), u):
        axes.plot(x, values, color=color, linewidth=1.8, label=f"$t = {t:.3g}$")
    for values in exact:
        axes.plot(x, values, **EXACT)
    axes.plot([], [], **EXACT, label="exact")
    axes.set(xlabel=label, ylabel=symbol, title=heading, xlim=(x[0], x[-1]))
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def panels(planes, symbol, heading):
    """Planes: exact above, computed, and the difference below; columns are times, or planes at the last time."""
    if len(planes) == 1:
        (name, cut), = planes
        times = cut["shown"][:]
        # An early time, the middle and the end, as in the paper.
        chosen = sorted({min(1, len(times) - 1), len(times) // 2, len(times) - 1})
        columns = [(name, cut, k, f"$t = {times[k]:.3g}$") for k in chosen]
    else:
        columns = []
        for name, cut in planes:
            first, second = name.split("-")[1:]
            where = f"$(x_{first}, x_{second})$, $t = {cut['shown'][-1]:.3g}$"
            columns.append((name, cut, -1, where))
    figure, axes = plt.subplots(
        3,
        len(columns),
        figsize=(2.5 * len(columns) + 1.7, 7.2),
        sharex=True,
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    shown = [(cut["exact"][k], cut["u"][k]) for _, cut, k, _ in columns]
    low = min(exact.min() for exact, _ in shown)
    high = max(exact.max() for exact, _ in shown)
    largest = max(np.nanmax(abs(u - exact)) for exact, u in shown) or 1.0
    for column, ((name, cut, _, where), (exact, u)) in enumerate(zip(columns, shown)):
        x, y = cut["x"][:], cut["y"][:]
        first, second = name.split("-")[1:]
        box = {"origin": "lower", "extent": (x[0], x[-1], y[0], y[-1]), "interpolation": "bilinear"}
        field = axes[0, column].imshow(exact, vmin=low, vmax=high, cmap="viridis", **box)
        axes[1, column].imshow(u, vmin=low, vmax=high, cmap="viridis", **box)
        difference = axes[2, column].imshow(
            u - exact, vmin=-largest, vmax=largest, cmap="RdBu_r", **box
        )
        axes[0, column].set_title(where)
        axes[2, column].set_xlabel(f"$x_{first}$")
        for row, what in zip(axes[:, column], ("exact", "computed", "difference")):
            row.set_ylabel(f"{what}\n\n$x_{second}$" if column == 0 else f"$x_{second}$")
            row.spines[:].set_visible(True)
    figure.colorbar(field, ax=axes[:2], shrink=0.6, label=symbol)
    bar = figure.colorbar(difference, ax=axes[2], label="computed $-$ exact")
    bar.formatter.set_powerlimits((0, 0))
    figure.suptitle(heading)
    return figure


def error_over_time(file, heading):
    time, error = file["time"][:], file["rel_l2"][:]
    figure, axes = plt.subplots(figsize=(5.2, 3.6), layout="constrained")
    after = slice(1, None)
    axes.semilogy(time[after], error[after], "o-", markersize=3, linewidth=1.2, label="at the time")
    mean = np.cumsum(error[after]) / np.arange(1, len(error))
    axes.semilogy(time[after], mean, "--", linewidth=1.2, label="mean up to it")
    end = scientific(error[-1])
    axes.annotate(end, (time[-1], error[-1]), xytext=(-4, 7), textcoords="offset points", ha="right")
    axes.set(xlabel="time $t$", ylabel="relative $L^2$ error", title=heading)
    axes.margins(y=0.25)
    axes.grid(which="both", alpha=0.25)
    axes.legend(loc="lower right")
    return figure


def ways(file, heading):
    """The mean and particles: in the planes of each pair of coordinates, or over time in one dimension."""
    time, mean = file["time"][:], file["mean"][:]
    exact = file["mean_exact"][:] if "mean_exact" in file else None
    particles = file["particles"][:] if "particles" in file else None
    d = mean.shape[1]
    if d == 1:
        figure, axes = plt.subplots(figsize=(5.2, 3.6), layout="constrained")
        if particles is not None:
            axes.plot(time, particles[:, :, 0], color="#9ecae1", linewidth=0.8)
            axes.plot([], [], color="#9ecae1", label="particles")
        axes.plot(time, mean[:, 0], color="#d62728", linewidth=1.8, label="mean")
        if exact is not None:
            axes.plot(time, exact[:, 0], **EXACT, label="mean, exact")
        axes.set(xlabel="time $t$", ylabel="$x$", title=heading)
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
        return figure
    pairs = [(i, i + 1) for i in range(0, d - 1, 2)][:2]
    rows = 1 if particles is None else 2
    figure, axes = plt.subplots(
        rows, len(pairs), figsize=(4.3 * len(pairs) + 0.6, 3.5 * rows), squeeze=False, layout="constrained"
    )
    for column, (i, j) in enumerate(pairs):
        of_mean = axes[0, column]
        dots = of_mean.scatter(mean[:, i], mean[:, j], c=time, cmap="viridis", s=22, zorder=2, label="mean")
        if exact is not None:
            of_mean.plot(exact[:, i], exact[:, j], zorder=3, **EXACT, label="exact")
        spread = max(np.ptp(mean[:, i]), np.ptp(mean[:, j]), 0.02)
        centre = [0.5 * (mean[:, k].min() + mean[:, k].max()) for k in (i, j)]
        of_mean.set(
            xlim=(centre[0] - 0.65 * spread, centre[0] + 0.65 * spread),
            ylim=(centre[1] - 0.65 * spread, centre[1] + 0.65 * spread),
            title="mean",
        )
        of_mean.locator_params(nbins=5)
        if exact is not None:
            of_mean.legend(loc="best")
        if particles is not None:
            of_all = axes[1, column]
            of_all.plot(particles[:, :, i], particles[:, :, j], color="#9ecae1", linewidth=0.9)
            of_all.scatter(particles[0, :, i], particles[0, :, j], s=7, color="#c6c6c6", label="start")
            of_all.scatter(particles[-1, :, i], particles[-1, :, j], s=9, color="#08519c", label="end")
            of_all.set(title="particles", aspect="equal")
            of_all.legend(loc="best")
        for row in axes[:, column]:
            row.set(xlabel=f"$x_{i + 1}$", ylabel=f"$x_{j + 1}$")
    figure.colorbar(dots, ax=axes[0], label="time $t$")
    figure.suptitle(heading)
    return figure


def balance(file, heading):
    """Both sides of the Euler-Lagrange equation, as in the paper's figure 4.1."""
    rate, force = file["euler_lagrange/rate"][:], file["euler_lagrange/force"][:]
    x = file["cuts/line/x"][:]
    at = np.linspace(x[0], x[-1], rate.shape[1])
    figure, axes = plt.subplots(1, 2, figsize=(8.2, 3.4), sharey=True, layout="constrained")
    steps = range(0, len(rate), max(1, len(rate) // 5))
    colors = time_colors(list(steps))
    for side, values, name in (
        (axes[0], rate, r"$(u_{k+1} - u_k)\,/\,\tau$"),
        (axes[1], force, r"$-\nabla F(u_{k+1})$"),
    ):
        for k, color in zip(steps, colors):
            side.scatter(at[::12], values[k, ::12], s=5, color=color, label=f"$k = {k}$")
        side.set(xlabel="$x$", title=name)
    axes[1].legend(loc="center left", bbox_to_anchor=(1.0, 0.5), markerscale=2)
    largest = np.linalg.norm(rate - force, axis=1) / np.linalg.norm(force, axis=1)
    figure.suptitle(f"{heading}: the sides differ by {scientific(largest.max())} at most")
    return figure


def sweep(file):
    """Errors over time for every lambda, where they ended, and the estimated distances."""
    time, weights, failed = file["time"][:], file["lambda"][:], file["failed"][:] > 0
    error, w2 = file["rel_l2"][:], file["w2"][:]
    exact = file["w2_exact"][:]
    figure, axes = plt.subplots(1, 3, figsize=(12.4, 3.8), layout="constrained")
    colors = plt.cm.turbo(np.linspace(0.05, 0.95, len(weights)))
    for weight, color, row, distances, bad in zip(weights, colors, error, w2, failed):
        style = {"color": color, "marker": "o", "markersize": 3, "linestyle": ":" if bad else "-"}
        axes[0].semilogy(time, row, label=rf"$\lambda = {weight:g}$" + (" (fails)" if bad else ""), **style)
        if np.isfinite(distances).any():
            axes[2].plot(time[1:], distances, **style)
    last = np.array([row[np.isfinite(row)][-1] for row in error])
    axes[1].loglog(weights[~failed], last[~failed], "o-", color="#08519c", label="works")
    axes[1].loglog(weights[failed], last[failed], "x", color="#d62728", label="fails, where it stopped")
    axes[2].plot(time[1:], exact, **EXACT, label="by a transport map")
    axes[0].set(xlabel="time $t$", ylabel="relative $L^2$ error", title="error")
    axes[1].set(xlabel=r"weight $\lambda$", ylabel="relative $L^2$ error", title="error at the end")
    axes[2].set(xlabel="time $t$", ylabel="$W_2(u_k, u_{k+1})$", title="length of a step")
    axes[1].legend()
    axes[2].legend()
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside right center")
    figure.suptitle("lambda-sweep: the weight of the conjugacy of the two potentials (w2gn)")
    return figure


def draw(folder):
    """The figures of one folder, by name."""
    table = folder / "sweep.h5"
    if table.exists():
        with h5py.File(table) as file:
            return {"sweep": sweep(file)}
    with h5py.File(folder / "errors.h5") as file:
        heading, transported = title(file), "mean" in file
        symbol = unknown(transported)
        cuts = file["cuts"]
        figures = {"error": error_over_time(file, heading)}
        planes = [(name, cuts[name]) for name in cuts if name.startswith("plane")]
        if "line" in cuts:
            figures["solution"] = lines(cuts["line"], symbol, "$x$", heading)
        if planes:
            figures["solution"] = panels(planes, symbol, heading)
        if "diagonal" in cuts:
            along = "$s$, at $x_1 = \\ldots = x_d = s$"
            figures["diagonal"] = lines(cuts["diagonal"], symbol, along, heading)
        if transported:
            figures["mean"] = ways(file, heading)
        if "euler_lagrange" in file:
            figures["balance"] = balance(file, heading)
        return figures


def main(folders):
    for folder in map(Path, folders):
        try:
            figures = draw(folder)
        except OSError as error:
            sys.exit(f"{folder}: {error}; it takes a folder that reproduce --out has written")
        for name, figure in figures.items():
            picture = folder / f"{name}.png"
            figure.savefig(picture)
            plt.close(figure)
            print(picture)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1:])
