"""Records which functions of the library are called: `--record-calls FILE` gets their names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from problems import TINY, bump

from movimento import Solver
from movimento._library import c

called: set[str] = set()


def _recorded(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def recording(*arguments: Any) -> Any:
        called.add(name)
        return function(*arguments)

    return recording


for _name, _function in vars(c).copy().items():
    setattr(c, _name, _recorded(_name, _function))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record-calls", metavar="FILE", help="write the names of the functions that were called")


def pytest_sessionfinish(session: pytest.Session) -> None:
    if file := session.config.getoption("--record-calls"):
        Path(file).write_text("\n".join(sorted(called)) + "\n", encoding="utf-8")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    never = sorted(set(vars(c)) - called)
    terminalreporter.write_line(f"{len(called)} of {len(vars(c))} functions called; never: {' '.join(never) or '-'}")


@pytest.fixture
def solver() -> Iterator[Solver]:
    """A tiny solver of the heat equation, before its first step."""
    with Solver(TINY) as solver:
        solver.add_energy("dirichlet", kappa=0.1)
        solver.set_initial(bump)
        yield solver
