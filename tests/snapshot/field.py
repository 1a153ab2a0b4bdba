"""The field that tests/it/snapshot.rs writes, once more."""

import numpy as np

LOWER = [-1.0, 2.0, 0.5, 1.0, -3.0]
UPPER = [3.0, 3.0, 1.5, 2.0, 5.0]
RESOLUTION = 6


def axes(d):
    """Coordinates of the grid's axes, x first."""
    shown = d if d <= 3 else 2
    return [np.linspace(LOWER[i], UPPER[i], RESOLUTION) for i in range(shown)]


def field(x, d):
    """u at one point, given on the grid's axes; the other coordinates are at the centre."""
    x = list(x) + [(LOWER[i] + UPPER[i]) / 2 for i in range(len(x), d)]
    return sum(10.0**i * x[i] ** 2 for i in range(d)) + np.sin(x[0])
