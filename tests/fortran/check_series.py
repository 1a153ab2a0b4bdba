"""The field of two components and the point that tests/fortran/series.f90 gave in Fortran's order are in the
file where they belong.

Argument: a snapshot."""

import sys

import h5py
import numpy as np

with h5py.File(sys.argv[1]) as file:
    points = file["points"]
    assert np.array_equal(points["position"], [[0.25, 0.5]])
    assert np.allclose(points["two"], [[points["u"][0], 0.25]], rtol=1e-12)
    assert points["two"].attrs["units"] == b"m"
    grid, u = file["VTKHDF/PointData/two"][:], file["VTKHDF/PointData/u"][:]
    x = file["x"][:]
    # VTK knows vectors of three numbers only.
    assert grid.shape == (9, 9, 3) and np.all(grid[:, :, 2] == 0.0) and np.allclose(np.diff(x), 0.125)
    assert np.allclose(grid[:, :, 1], x[None, :], atol=1e-6)
    assert np.allclose(grid[:, :, 0], u, rtol=1e-6)
