"""Tells what is installed, and tests it in seconds: ``python -m movimento``.

The exit status is 0 if all tests pass.
"""

from __future__ import annotations

import math
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

import numpy as np

import movimento
from movimento import _c
from movimento._library import FILE
from movimento.options import Value

UNITS = "MOVIMENTO_VECTOR_UNITS"
_PLAIN: dict[str, Value] = {"dimension": 1, "hidden": [12], "tau": 0.005}


def vector_units() -> str:
    """Those in use; the library lists what the processor has to a process that asks for others."""
    if chosen := os.environ.get(UNITS):
        return f"{chosen}, as {UNITS} says"
    program = "import movimento; movimento.Solver(dimension=1)"
    environment = {**os.environ, UNITS: "?"}
    asked = [sys.executable, "-c", program]
    said = subprocess.run(asked, env=environment, capture_output=True, text=True, check=False).stderr
    found = re.search(r"accepted on this processor is ([\w, ]+)", said)
    return found[1].split(", ")[-1] if found else "not known"


def threads() -> int:
    """Those that a solver takes by default: what the process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def hdf5() -> str:
    """The version that is inside the library, by the text that it carries."""
    held = FILE.read_bytes()
    found = re.search(rb"HDF5 library version:? (\d+\.\d+\.\d+)", held)
    if found:
        return found[1].decode()
    return "that of the machine" if re.search(rb"libhdf5\w*\.so", held) else "inside the library"


def heat() -> str:
    """A field against its closed form."""
    with movimento.Solver(_PLAIN, movement="second") as solver:
        solver.add_energy("dirichlet", kappa=0.1)
        solver.set_initial(lambda x: np.cos(np.pi * x[:, 0]))
        solver.step_to(0.1)
        error = abs(solver.evaluate([0.25]) - math.cos(math.pi / 4) * math.exp(-0.01 * math.pi**2))
    if error > 1e-4:
        raise ArithmeticError(f"the error is {error:.1e}")
    return f"error {error:.0e}"


def diffusion() -> str:
    """A density against its closed form: the variance of a Gaussian grows by 2 t."""
    options: dict[str, Value] = {"flow": "wasserstein", "domain": "space", "dimension": 1, "tau": 0.05}
    with movimento.Solver(options, movement="second") as solver:
        solver.add_energy("entropy")
        solver.set_initial(movimento.Gaussians([0.0], [[1.0]]))
        solver.step_to(0.5)
        error = abs(solver.moments()[1].item() - 2.0)
    if error > 1e-3:
        raise ArithmeticError(f"the variance is off by {error:.1e}")
    return f"variance off by {error:.0e}"


def function() -> str:
    """An energy in Python, u^2 / 2, whose flow is u_0 exp(-t)."""
    energy = movimento.Energy.from_function(lambda _x, u, _p: (u**2 / 2, u), "square", convex=True)
    with movimento.Solver(_PLAIN, movement="second") as solver:
        solver.add_energy(energy)
        solver.set_initial(lambda x: np.cos(np.pi * x[:, 0]))
        solver.step_to(0.1)
        error = abs(solver.evaluate([0.25]) - math.cos(math.pi / 4) * math.exp(-0.1))
    if error > 1e-4:
        raise ArithmeticError(f"the error is {error:.1e}")
    return f"error {error:.0e}"


def restart() -> str:
    """A snapshot, and a run that goes on from it to the same bits."""
    ends = []
    with tempfile.TemporaryDirectory() as folder:
        for begins in (True, False):
            with movimento.Solver(_PLAIN) as solver:
                solver.add_energy("dirichlet", kappa=0.1)
                if begins:
                    solver.set_initial(lambda x: np.cos(np.pi * x[:, 0]))
                    solver.step()
                    solver.write_snapshot(folder)
                elif solver.restore(folder) is None:
                    raise OSError("the snapshot is not there")
                solver.step()
                ends.append(solver.parameters.tobytes())
    if ends[0] != ends[1]:
        raise ArithmeticError("the restart has other bits")
    return "the same bits"


TESTS: tuple[tuple[str, Callable[[], str]], ...] = (
    ("a field: heat", heat),
    ("a density: diffusion", diffusion),
    ("an energy in Python", function),
    ("a snapshot and a restart", restart),
)


def main() -> int:
    energies = movimento.plugins()
    print(f"movimento {movimento.__version__}, C interface {_c.MOV_ABI_VERSION}")
    print(f"library       {FILE}")
    print(f"plugins       {len({it.file for it in energies.values()})} with the energies {', '.join(energies)}")
    print(f"vector units  {vector_units()}")
    print(f"threads       {threads()}")
    print(f"HDF5          {hdf5()}")
    print(f"Python        {sys.version.split()[0]}, numpy {np.__version__}")
    failed = 0
    for name, test in TESTS:
        begin = time.perf_counter()
        try:
            result = "passed, " + test()
        except Exception as error:
            result = f"FAILED: {type(error).__name__}: {error}"
            failed += 1
        print(f"{name:<26}{result} ({time.perf_counter() - begin:.1f} s)")
    print("All tests passed." if not failed else f"{failed} of {len(TESTS)} tests failed.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
