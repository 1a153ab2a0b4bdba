"""Usage: check_h5py.py SNAPSHOT DIMENSION"""

import sys

import h5py
import numpy as np
from field import LOWER, UPPER, axes, field

path, d = sys.argv[1], int(sys.argv[2])
name = "u"
axes = axes(d)

with h5py.File(path, "r") as file:
    u = file[name]
    assert u.shape == tuple(len(a) for a in reversed(axes)), u.shape
    for index in np.ndindex(u.shape):
        x = [a[i] for a, i in zip(axes, reversed(index))]
        assert abs(u[index] - field(x, d)) < 1e-12, (index, u[index])
    assert u == file["VTKHDF/PointData"][name], "the VTK field is another dataset"

    assert file["t"].is_scale and file["t"][:].tolist() == [0.35]
    for number, axis in enumerate("xyz"[: len(axes)]):
        scale = file[axis]
        assert scale.is_scale
        assert np.allclose(scale[:], axes[number], rtol=0, atol=1e-15)
        assert scale[0] == LOWER[number] and scale[-1] == UPPER[number]
        assert list(u.dims[len(axes) - 1 - number].keys()) == [axis]
    assert ("slice_point" in u.attrs) == (d > 3)
    if d > 3:
        assert u.attrs["slice_point"].tolist() == [1.0, 2.5, 1.0, 1.5, 1.0][:d]

    assert file["energy/total"][()] == 3.5
    assert file["energy/terms"][:].tolist() == [1.5, 2.0]
    assert file["energy"].attrs["names"].tolist() == [b"dirichlet", rb"gr\u{f6}\u{df}e"]
    report = {name: value[()] for name, value in file["report"].items()}
    assert report == dict(
        step=7, time=0.35, tau=0.05, energy=3.5, energy_before=3.75, work=0.0625,
        movement_distance=0.25,
        energy_slack=0.125, residual=1e-3, error_bound=np.inf, gap=1e-9, boundary_flux=1e-4, wall_error=1e-7, bound_error=2e-7, integral_error=3e-9, least_jacobian=0.75,
        mass=2.5, iterations=3, accepted_iterations=2, retries=1, substeps=4, parameters=1297, nodes=2500, stage_error=1e-6, space_error=2e-6,
        rejected=2, error_estimate=1e-5,
        seconds=0.5,
    ), report
    fit = {name: value[()] for name, value in file["fit"].items()}
    assert fit == dict(relative_error=1e-6, wall_error=1e-3, iterations=40, seconds=1.25), fit
    assert file["state/parameters"][:].tolist() == [0.1, -0.2, 0.3, sys.float_info.min]
    assert file["state/step"][()] == 7 and file["state/step"].dtype == np.int64
    assert file["state/time"][()] == 0.35 and file["state/tau"][()] == 0.05
    assert file["options/dimension"][()] == d
    assert file["options/lower"][:].tolist() == LOWER[:d]
    assert file["options/hidden"][:].tolist() == [24, 24, 24]
    assert file["options"].attrs["embedding"] == b"periodic"
    assert file.attrs["format"] == b"movimento snapshot"
    assert file.attrs["format_version"].tolist() == [1]

    # Numbers in datasets, text in fixed-length ASCII attributes, nothing else of ours.
    def plain(name, item):
        if isinstance(item, h5py.Dataset):
            assert item.dtype in (np.float64, np.int64), (name, item.dtype)
        for key in item.attrs:
            attribute = item.attrs.get_id(key)
            if attribute.get_type().get_class() == h5py.h5t.STRING:
                text = attribute.get_type()
                assert not text.is_variable_str(), (name, key)
                assert text.get_cset() == h5py.h5t.CSET_ASCII, (name, key)
            elif key not in ("DIMENSION_LIST", "REFERENCE_LIST"):  # HDF5's own
                assert attribute.dtype in (np.float64, np.int64), (name, key)

    file.visititems(plain)
    plain("/", file)
