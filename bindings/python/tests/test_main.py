"""`python -m movimento`."""

from __future__ import annotations

import subprocess
import sys

import pytest

import movimento
from movimento import __main__ as tell


def test_it_tells_what_is_installed_and_tests_it() -> None:
    run = [sys.executable, "-m", "movimento"]
    found = subprocess.run(run, capture_output=True, text=True, check=False, timeout=120)
    assert (found.returncode, found.stderr) == (0, ""), found.stdout
    assert found.stdout.startswith(f"movimento {movimento.__version__}, C interface ")
    for part in ("dirichlet", "vector units", "threads", "HDF5          2", "All tests passed."):
        assert part in found.stdout


def test_vector_units_are_those_of_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(tell.UNITS, raising=False)
    assert tell.vector_units() in ("scalar", "avx2", "avx512", "native")


def test_a_failure_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fails() -> str:
        raise ArithmeticError("off by one")

    monkeypatch.setattr(tell, "TESTS", (("what fails", fails), ("what does not", lambda: "well")))
    assert tell.main() == 1
    printed = capsys.readouterr().out
    assert "FAILED: ArithmeticError: off by one" in printed
    assert printed.endswith("1 of 2 tests failed.\n")
