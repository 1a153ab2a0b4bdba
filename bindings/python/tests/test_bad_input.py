"""What a host hands over that is wrong, and what its machine has not: an exception, and the process lives on."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from problems import TINY, bump

from movimento import ArgumentError, CallbackError, Energy, PluginError, Solver, plugins


def stepped(density: Any, **given: Any) -> float:
    with Solver(TINY, tau=0.01) as solver:
        solver.add_energy(Energy.from_function(density, **given))
        solver.set_initial(bump)
        for _ in range(3):
            solver.step()
        return float(solver.evaluate([0.25]))


def test_a_wrong_derivative_is_found() -> None:
    def with_f_u(factor: float) -> Any:
        return lambda x, u, p: (0.5 * u * u, factor * u)

    def with_f_p(factor: float) -> Any:
        return lambda x, u, p: (0.05 * (p * p).sum(1) + 0.5 * u * u, u, factor * 0.1 * p)

    assert stepped(with_f_u(1.0)) < 1.36
    stepped(with_f_p(1.0), gradient=True)
    for factor in (2.0, 0.5, 1.1, -1.0):
        with pytest.raises(CallbackError, match=r"f_u is .* where differences of f give"):
            stepped(with_f_u(factor))
        with pytest.raises(CallbackError, match=r"f_p along a direction is .* where differences of f give"):
            stepped(with_f_p(factor), gradient=True)


def test_densities_with_kinks_and_ends_are_not_refused() -> None:
    def kinked(x: Any, u: Any, p: Any) -> Any:
        return np.abs(u - 1.0), np.sign(u - 1.0)

    def entropy(x: Any, u: Any, p: Any) -> Any:
        # It is not asked where it is not defined.
        assert (u > 0).all()
        return u * np.log(u), np.log(u) + 1.0

    with Solver(TINY, tau=1e-3) as solver:
        solver.add_energy(Energy.from_function(kinked))
        solver.set_initial(bump)
        _ = solver.energy
    stepped(entropy)


def test_weights_are_of_the_domain() -> None:
    x = np.linspace(0.01, 0.99, 50)[:, None]
    with Solver(TINY) as solver:
        with pytest.raises(ArgumentError, match=r"`w` sums to 9\.9.*at most that of the box"):
            solver.set_nodes(x, np.full(50, 9.9 / 50))
        with pytest.raises(ArgumentError, match="at most that of the box"):
            solver.set_nodes(np.full((99, 1), 0.5), np.full(99, 1.0))
        solver.set_nodes(x, np.full(50, 1.0 / 50))


def test_a_density_in_a_wider_box() -> None:
    with Solver(flow="wasserstein", dimension=1, lower=-4.0, upper=4.0, threads=1) as solver:
        solver.add_energy("entropy")
        solver.set_initial(lambda x: np.where(abs(x[:, 0]) < 2.0, 0.25, 0.0))
        x = np.linspace(-3.9, 3.9, 400)[:, None]
        assert abs(solver.evaluate(x).sum() * 7.8 / 400 - 1.0) < 0.02


def test_an_inside_function_gives_the_same_answer_twice() -> None:
    rng = np.random.default_rng(0)
    with Solver({**TINY, "dimension": 2, "embedding": "none"}) as solver:
        with pytest.raises(ArgumentError, match="answers differently when it is asked again, at"):
            solver.set_inside(lambda x: rng.random(len(x)) < 0.5)
        solver.set_inside(lambda x: ((x - 0.5) ** 2).sum(1) < 0.2)


def run(code: str, *arguments: str) -> str:
    done = subprocess.run([sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, timeout=120)
    assert done.returncode == 0, done
    return done.stdout.decode()


def test_a_want_of_memory_ends_nothing() -> None:
    code = """
import resource, sys
import numpy as np
from movimento import OutOfMemoryError, Solver
def used():
    return int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
def heat(**options):
    solver = Solver(dimension=1, threads=1, **options)
    solver.add_energy("dirichlet")
    return solver
u0 = lambda x: np.cos(np.pi * x[:, 0])
heat(nodes=64, hidden=4).set_initial(u0)
for options in eval(sys.argv[1]):
    resource.setrlimit(resource.RLIMIT_AS, (used() + 200_000_000, -1))
    try:
        with heat(**options) as solver:
            solver.set_initial(u0)
        print("passed")
    except OutOfMemoryError as error:
        print(error)
    resource.setrlimit(resource.RLIMIT_AS, (-1, -1))
"""
    said = run(code, repr([{"nodes": 100_000_000}, {"nodes": 3_000_000, "hidden": [24, 24], "training": "all"}]))
    assert said.count("cannot be had") == 2, said


def test_a_folder_that_cannot_be_written_is_told_before_the_work(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    code = """
import os, sys
from movimento import FileError, Solver, Writer
with Solver(dimension=1, nodes=64, hidden=4, threads=1) as solver:
    if os.geteuid() == 0:
        os.seteuid(65534)
    try:
        Writer(solver, sys.argv[1])
    except FileError as error:
        print(error)
"""
    for folder in (tmp_path.parent.parent, tmp_path.parent):
        folder.chmod(folder.stat().st_mode | 0o055)
    assert "Permission denied" in run(code, os.fspath(tmp_path))


def test_series_say_what_they_need(tmp_path: Path) -> None:
    code = """
import sys
from movimento import Solver, open_series
with Solver(dimension=1, nodes=64, hidden=4, threads=1, fit_accept=1.0, step_accept=1.0) as solver:
    solver.add_energy("dirichlet")
    solver.set_initial(lambda x: x[:, 0])
    for _ in range(2):
        solver.write_snapshot(sys.argv[1])
for missing in ("dask", "xarray"):
    sys.modules[missing] = None
    try:
        open_series(sys.argv[1])
    except ImportError as error:
        print(error)
"""
    said = run(code, os.fspath(tmp_path))
    assert said.count("pip install 'movimento[xarray]'") == 2, said


def test_why_no_plugin_is_found() -> None:
    code = """
import os, resource
from movimento import Energy, PluginError
inside = len(os.listdir("/proc/self/fd"))
resource.setrlimit(resource.RLIMIT_NOFILE, (inside - 1, inside - 1))
try:
    Energy("dirichlet")
except PluginError as error:
    print(error)
"""
    assert "cannot be looked into: Too many open files" in run(code)


def test_a_plugin_that_was_rebuilt_is_told(tmp_path: Path) -> None:
    known = plugins()
    place = tmp_path / "libmovimento_mine.so"
    shutil.copy(known["dirichlet"].file, place)
    Energy.from_file(place)
    os.utime(place)  # the same file still
    Energy.from_file(place)
    other = tmp_path / "other"
    shutil.copy(known["double-well"].file, other)
    other.replace(place)
    with pytest.raises(PluginError, match="start the process again"):
        Energy.from_file(place)
