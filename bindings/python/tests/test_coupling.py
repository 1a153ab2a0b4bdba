"""A solver within another code: hand-overs, states in memory, clones, runs that end by themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from problems import TINY, bump, half_square

from movimento import ArgumentError, Energy, HandleError, SavedState, Solver, StateError, Values


@pytest.fixture
def features() -> Any:
    # u_t = -u, by combinations of few features.
    options = {**TINY, "hidden": 12, "training": "outputs", "tau": 0.05, "movement": "second"}
    with Solver(options) as solver:
        solver.add_energy(Energy.from_function(half_square, convex=True))
        solver.set_initial(bump)
        yield solver


X = np.linspace(0.0, 1.0, 80)[:, np.newaxis]


def test_fields_of_the_host_are_gone_on_with(features: Solver) -> None:
    features.step()
    u = features.evaluate(X)
    features.set_state(Values(X, 2 * u))
    assert np.abs(features.evaluate(X) - 2 * u).max() < 1e-3
    features.add_increment(Values(X, -u))
    features.set_state(lambda x, now: 3.0 * now + 0 * x[:, 0])
    features.add_increment(lambda x, now: -now * 2 / 3)
    assert np.abs(features.evaluate(X) - u).max() < 1e-3
    report = features.report()
    assert report["hand_over_count"] == 4
    assert report["hand_over_relative_error"] < 1e-3
    assert features.steps == 1
    assert features.time == pytest.approx(0.05)
    with pytest.raises(ZeroDivisionError):
        features.set_state(lambda x, now: now / 0 if x is None else 1 // 0)
    with pytest.raises(ArgumentError, match="gradients"):
        features.set_state(Values(X, u, X))
    features.set_time(3.0)
    features.step()
    assert features.time == pytest.approx(3.05)


def test_states_come_back_and_clones_go_on(features: Solver) -> None:
    features.step()
    state = features.save_state()
    assert isinstance(state, SavedState)
    features.step_by(0.02)
    then = features.evaluate(X)
    features.restore_state(state)
    with features.clone() as copy:
        assert copy.tau == 0.05
        copy.step_by(0.02)
        features.step_by(0.02)
        assert np.array_equal(features.evaluate(X), then)
        assert np.array_equal(copy.evaluate(X), then)
        copy.restore_state(state)
        copy.set_parameters(features.parameters)
        assert np.array_equal(copy.evaluate(X), then)
        copy.step()
    with Solver(TINY) as other, pytest.raises(ArgumentError, match="another solver"):
        other.restore_state(state)
    state.close()
    with pytest.raises(HandleError):
        features.restore_state(state)


def test_all_of_u_at_once(features: Solver) -> None:
    features.step()
    everything = features.evaluate_all(X, "u", "hessian", "laplacian", "rate")
    assert everything["hessian"].shape == (80, 1, 1)
    assert np.array_equal(everything["laplacian"], everything["hessian"][:, 0, 0])
    assert np.allclose(everything["rate"], -everything["u"])
    assert set(features.evaluate_all(X)) == {"u", "grad", "hessian", "laplacian"}
    between = features.evaluate_between(0.025, X)
    assert np.abs(between - bump(X) * np.exp(-0.025)).max() < 2e-3
    with pytest.raises(ArgumentError, match="'v' is not known"):
        features.evaluate_all(X, "v")
    features.add_increment(lambda _, now: now)
    with pytest.raises(StateError, match="hand-over"):
        features.evaluate_between(0.025, X)


def test_runs_end_by_themselves(features: Solver) -> None:
    assert features.run(time=0.1) == "time"
    # The mean at the ends is e^-t.
    ends = np.array([[0.0], [1.0]])
    assert features.run(event=lambda time, energy, u: u.mean() - 0.5, x=ends) == "event"
    assert features.time == pytest.approx(np.log(2), rel=1e-3)
    assert features.run(time=10.0, seconds=1e-9) == "seconds"
    features.tau = 1.0
    assert features.run(time=1e3, rest=1e-3) == "rest"
    assert np.abs(features.evaluate(X)).max() < 1e-2
    with pytest.raises(ArgumentError, match="nothing is given"):
        features.run()
    with pytest.raises(ZeroDivisionError):
        features.run(time=2e3, event=lambda *_: 1 // 0)
