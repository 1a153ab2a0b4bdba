"""Solves a problem by py-pde on finer and finer grids, of second order in their width, in steps of its own choice.

Usage: run_pypde.py CASE SECONDS ERROR

Prints a JSON line a grid, until one is as good as ERROR or the time is over: seconds, which leave out compilation, and
the error.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np
import pde
import problems
from scipy.interpolate import RegularGridInterpolator


def solve(problem: problems.Problem, cells: int) -> tuple[float, float]:
    d, half = problem.dimension, problem.half
    grid = pde.CartesianGrid([[-half, half]] * d, cells, periodic=problem.periodic)
    x = np.stack(np.meshgrid(*grid.axes_coords, indexing="ij"), -1).reshape(-1, d)
    state = pde.ScalarField(grid, problem.initial(x).reshape(grid.shape))
    right = f"{problem.kappa} * laplace(u)"
    if problem.well:
        right += f" + {problem.well} * (u - u**3)"
    condition = "periodic" if problem.periodic else {"derivative": 0}
    equation = pde.PDE({"u": right}, bc=condition)
    # Explicit, within the bound of stability, and shorter on finer grids.
    width = 2 * half / cells
    step = min(0.4 * width**2 / (2 * d * problem.kappa), problem.times[-1] / cells)
    solver = pde.RungeKuttaSolver(equation)
    stepper = solver.make_stepper(state, dt=step)
    # Compiles.
    stepper(state.copy(), 0.0, step)
    rows, seconds, now = [], 0.0, 0.0
    for end in problem.times:
        begin = time.perf_counter()
        if end > now:
            # Whole steps.
            count = int(np.ceil((end - now) / step - 1e-9))
            solver_step = (end - now) / count
            if abs(solver_step - step) > 1e-12 * step:
                stepper = solver.make_stepper(state, dt=solver_step)
                stepper(state.copy(), 0.0, solver_step)
                step = solver_step
                begin = time.perf_counter()
            stepper(state, now, end)
            now = end
        seconds += time.perf_counter() - begin
        rows.append(at_points(problem, grid, state.data))
    return seconds, problem.error(np.array(rows))


def at_points(problem: problems.Problem, grid: pde.CartesianGrid, values: np.ndarray) -> np.ndarray:
    axes, pad = [], 3
    for axis, (coordinates, width) in enumerate(zip(grid.axes_coords, grid.discretization, strict=True)):
        more = np.arange(1, pad + 1) * width
        axes.append(np.concatenate([coordinates[0] - more[::-1], coordinates, coordinates[-1] + more]))
        mode = "wrap" if problem.periodic else "symmetric"
        values = np.pad(values, [(pad, pad) if other == axis else (0, 0) for other in range(values.ndim)], mode=mode)
    return RegularGridInterpolator(axes, values, method="cubic")(problem.points)


def main() -> None:
    problem = problems.ALL[sys.argv[1]]()
    limit, wanted = float(sys.argv[2]), float(sys.argv[3])
    spent, cells = 0.0, 32
    while True:
        seconds, error = solve(problem, cells)
        spent += seconds
        print(json.dumps({"seconds": seconds, "error": error, "cells": cells}), flush=True)
        # The next one takes sixteen times as long in the plane.
        if error <= wanted or spent + 2 ** (problem.dimension + 2) * seconds > limit:
            return
        cells *= 2


if __name__ == "__main__":
    main()
