"""Options."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

from movimento import HandleError, OptionError, Options, UnknownOptionError


def test_every_option_has_its_default_and_can_be_set_to_it() -> None:
    options = Options()
    described = Options.describe()
    assert list(options) == list(described)
    assert len(options) == len(described) > 30
    for name, info in described.items():
        default = tuple(info.default) if isinstance(info.default, list) else info.default
        assert options[name] == default, name
        assert type(options[name]) is type(default), name
        assert name in str(info)
        options[name] = info.default
    assert options.changed() == {}


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("tau", 0.125, 0.125),
        ("tau", 1, 1.0),
        ("tau", np.float32(0.5), 0.5),
        ("dimension", np.int32(3), 3),
        ("seed", 2**63 - 1, 2**63 - 1),
        ("movement", "second", "second"),
        ("lower", -1.0, (-1.0,)),
        ("lower", [-1, -2], (-1.0, -2.0)),
        ("upper", np.array([3.0, 4.0])[::-1], (4.0, 3.0)),
        ("hidden", 16, (16,)),
        ("hidden", (16, 8), (16, 8)),
        ("hidden", np.array([5, 6], np.int16), (5, 6)),
    ],
)
def test_values_of_every_type(name: str, value: Any, expected: Any) -> None:
    options = Options({name: value})
    assert options[name] == expected
    assert options.changed() == {name: expected}
    assert repr(options) == f"Options({name}={expected!r})"
    assert options.copy() == options == pickle.loads(pickle.dumps(options))


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("tau", -1.0, "1e-15"),
        ("tau", float("nan"), "tau"),
        ("tau", "long", "tau"),
        ("tau", [0.1, 0.2], "tau"),
        ("dimension", 2.0, "integers"),
        ("dimension", 257, "256"),
        ("seed", 2**63, "64 bits"),
        ("movement", "fourth", "third"),
        ("movement", 2, "movement"),
        ("hidden", [8, 0], "4096"),
        ("hidden", [8.5], "integers"),
        ("hidden", [], "hidden"),
        ("lower", float("inf"), "lower"),
        ("no_such", 1, "no_such"),
        ("no_such", "text", "no_such"),
        ("no_such", [1.0], "no_such"),
    ],
)
def test_what_does_not_fit_is_refused_and_changes_nothing(name: str, value: Any, message: str) -> None:
    options = Options(tau=0.25)
    with pytest.raises((OptionError, ValueError), match=message):
        options[name] = value
    assert options.changed() == {"tau": 0.25}


def test_it_is_a_mapping() -> None:
    options = Options({"tau": 0.5}, lambda_=2.0)
    assert options["lambda"] == 2.0
    assert "tau" in options
    assert "no_such" not in options
    assert options.get("no_such", 7) == 7
    with pytest.raises(UnknownOptionError, match="no option `no_such`"):
        options["no_such"]
    options.update(dimension=1, hidden=[4])
    assert dict(options)["dimension"] == 1
    assert Options(options) == options
    assert Options() != options


def test_closed_options_are_refused() -> None:
    with Options(tau=0.5) as options:
        assert not options.closed
    assert options.closed
    options.close()
    assert repr(options) == "<closed Options>"
    for use in (lambda: options["tau"], lambda: options.update(tau=1.0), options.copy):
        with pytest.raises(HandleError, match="Options is closed"):
            use()
