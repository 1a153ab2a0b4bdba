"""Wasserstein distances of samples by POT: prints W2 of the pairs of files of points that it is given."""

import sys

import numpy as np
import ot


def distance(before, after):
    """W2 of two samples of as many points, each of the same mass."""
    x, y = (np.loadtxt(name, ndmin=2) for name in (before, after))
    return np.sqrt(ot.emd2([], [], ot.dist(x, y)))


for before, after in zip(sys.argv[1::2], sys.argv[2::2]):
    print(repr(float(distance(before, after))))
