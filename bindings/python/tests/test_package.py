"""The package as such."""

from __future__ import annotations

import subprocess
import sys
from abc import ABCMeta
from importlib import metadata
from pathlib import Path

import pytest

import movimento
from movimento import _c, errors
from movimento._library import c


def test_what_is_tested_is_what_was_installed() -> None:
    assert Path(movimento.__file__).is_relative_to(sys.prefix)
    assert movimento.__version__ == movimento.version() == metadata.version("movimento")
    assert c.mov_abi_version() == _c.MOV_ABI_VERSION
    wheel = metadata.distribution("movimento").read_text("WHEEL")
    assert wheel is not None
    assert "py3-none-linux" in wheel


def test_the_licences_are_in_the_wheel() -> None:
    wheel = metadata.distribution("movimento")
    # HDF5 is inside the library, and asks for its own to be there.
    for name, says in (
        ("MIT", "Permission is hereby granted"),
        ("APACHE", "Apache License"),
        ("HDF5", "Redistributions in binary form must reproduce"),
    ):
        text = next((file.read_text() for file in wheel.files or [] if file.name == f"LICENSE-{name}"), "")
        assert says in text, name


def test_every_name_is_there_and_has_a_docstring() -> None:
    for name in movimento.__all__:
        thing = getattr(movimento, name)
        # Not those that stand for the type of a function.
        if type(thing) in (type, ABCMeta):
            assert thing.__doc__, name


def test_every_status_has_its_class() -> None:
    statuses = {
        value
        for name, value in vars(_c).items()
        if name.startswith(("MOV_ERROR_", "MOV_NOT", "MOV_CANCEL", "MOV_TRY", "MOV_ENERGY"))
    }
    assert len(statuses) == 14
    for status in statuses:
        error = errors.of_status(status, "what happened")
        assert error.status == status
        assert (type(error) is errors.InternalError) == (status == _c.MOV_ERROR_INTERNAL)
        assert isinstance(error, errors.RecoverableError) == (status > 0)
        assert str(error) == "what happened"
    assert issubclass(movimento.OptionError, ValueError)
    assert issubclass(movimento.UnknownOptionError, KeyError)
    assert str(movimento.UnknownOptionError("a name")) == "a name"


def run(program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, env=environment, timeout=60
    )


def test_another_library_is_refused_at_import(tmp_path: Path) -> None:
    found = run("import movimento", MOVIMENTO_LIBRARY=str(tmp_path / "nothing.so"))
    assert "ImportError: cannot load the library of movimento" in found.stderr
    libc = run("import ctypes.util as u; print(u.find_library('c') or '')").stdout.strip()
    if not libc:
        pytest.skip("no other library is known here")
    assert "mov_last_error" in run("import movimento", MOVIMENTO_LIBRARY=libc).stderr


def test_nothing_is_printed_and_an_open_solver_is_no_harm_at_the_end() -> None:
    found = run(
        "import movimento as m\n"
        "solver = m.Solver(dimension=1, hidden=4, fit_accept=1.0, fit_max_iterations=3)\n"
        "solver.add_energy(m.Energy.from_function(lambda x, u, p: (u, 1.0)))\n"
        "solver.set_initial(lambda x: x[:, 0])\n"
        "options = m.Options()\n"
    )
    assert (found.returncode, found.stdout, found.stderr) == (0, "", "")
