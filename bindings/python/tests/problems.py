"""Problems that take milliseconds."""

from __future__ import annotations

from typing import Any

import numpy as np

#: A problem on [0, 1] that takes milliseconds.
TINY: dict[str, Any] = {
    "dimension": 1,
    "hidden": 8,
    "nodes": 40,
    "check_nodes": 50,
    "fit_max_iterations": 60,
    "fit_tolerance": 1e-4,
    "fit_accept": 0.5,
    "threads": 1,
}


def bump(x: Any) -> Any:
    """u_0 = 1 + cos(pi x) / 2."""
    return 1.0 + 0.5 * np.cos(np.pi * x[:, 0])


def half_square(x: None, u: Any, p: None) -> Any:
    """The density u^2/2, of the flow u_t = -u."""
    return 0.5 * u**2, u
