"""Usage: check_h5py.py FOLDER PACKED SPEC: h5py, xarray by both of its engines, and XDMF."""

import sys
import xml.etree.ElementTree
from pathlib import Path

import h5py
import numpy as np
import xarray
from spec import Spec

folder, packed, spec = Path(sys.argv[1]), Path(sys.argv[2]), Spec(sys.argv[3])
names = ["u", "grad_u", "energy_density", "energy_densities", "probe", "flux", "five"]
x, times = spec.grid(), spec.times
shown = "zyx"[3 - len(spec.axes) :]
snapshots = sorted(folder.glob("snap_*.h5"))
assert len(snapshots) == len(times), snapshots
assert not list(folder.glob(".*")), "something is left over"


def scales(array):
    return [list(dimension.keys()) for dimension in array.dims]


for path, t in zip(snapshots, times):
    with h5py.File(path) as file:
        assert file["t"][:].tolist() == [t]
        fields = {name: file[name][...] for name in names}
        spec.check(fields, x, t, path.name)
        assert all(array.dtype == spec.dtype for array in fields.values())
        assert scales(file["probe"]) == [[axis] for axis in shown]
        assert scales(file["grad_u"]) == [[axis] for axis in shown] + [["axis"]]
        for number, coordinates in enumerate(spec.coordinates):
            axis = file["xyz"[number]]
            np.testing.assert_allclose(axis[:], coordinates, rtol=0, atol=1e-14)
            assert axis.attrs["coordinate"].tolist() == [spec.axes[number]]
            assert axis.attrs["axis"] == axis.name[1:].upper().encode()
        assert file["probe"].attrs["units"] == b"m" and file["probe"].attrs["long_name"] == b"a probe"
        assert file["t"].attrs["units"] == b"s"
        assert file["series/energy"].shape == (1,)
        if len(spec.points):
            points = {name: file["points"][name][...] for name in names}
            assert file["points/id"][:].tolist() == list(range(len(spec.points)))
            spec.close(file["points/position"][...], spec.points, "position")
            spec.check(points, spec.points, t, "points")

# One file for all of them: virtual, and packed.
series = {}
for path in (folder / "run.vtkhdf", packed):
    with h5py.File(path) as file:
        assert (file["probe"].is_virtual, path) in ((True, folder / "run.vtkhdf"), (False, packed))
        assert file["t"][:].tolist() == times.tolist()
        assert scales(file["probe"]) == [["t"]] + [[axis] for axis in shown]
        for step, t in enumerate(times):
            spec.check({name: file[name][step] for name in names}, x, t, (path.name, step))
            if len(spec.points):
                points = {name: file["points"][name][step] for name in names}
                spec.check(points, spec.points, t, (path.name, step, "points"))
        series[path] = {name: array[...] for name, array in file["series"].items()}
for name, array in series[packed].items():
    np.testing.assert_array_equal(array, series[folder / "run.vtkhdf"][name])
all_figures = series[packed]
assert all_figures["step"].tolist() == list(range(len(times)))
assert np.isnan(all_figures["residual"][0]) and (all_figures["residual"][1:] > 0).all()
np.testing.assert_allclose(all_figures["tau"][1:], np.diff(times), rtol=1e-12)
assert (np.diff(all_figures["energy"]) < 0).all()
assert all_figures["energy_terms"].shape == (len(times), 2)
np.testing.assert_allclose(all_figures["energy_terms"].sum(1), all_figures["energy"], rtol=1e-14)
assert (all_figures["movement_distance"][1:] > 0).all() and (all_figures["iterations"][1:] >= 1).all()
assert (all_figures["error_bound"][1:] > 0).all() and np.isfinite(all_figures["mass"]).all()

for engine in ("h5netcdf", "netcdf4"):
    for path in (folder / "run.vtkhdf", packed):
        with xarray.open_dataset(path, engine=engine) as data:
            assert data["probe"].dims == ("t", *shown), data["probe"].dims
            assert data["grad_u"].dims == ("t", *shown, "axis")
            assert data["probe"].attrs["units"] == "m"
            for number, coordinates in enumerate(spec.coordinates):
                np.testing.assert_allclose(data["xyz"[number]], coordinates, rtol=0, atol=1e-14)
            for step, t in enumerate(times):
                at = data.sel(t=t)
                spec.check({name: at[name].values for name in names}, x, t, (engine, step))
        with xarray.open_dataset(path, engine=engine, group="series") as data:
            np.testing.assert_array_equal(data["energy"], all_figures["energy"])
            assert data["energy"].dims == ("t",), data["energy"].dims
        if len(spec.points):
            with xarray.open_dataset(path, engine=engine, group="points") as data:
                assert data["position"].dims == ("t", "id", "axis"), data["position"].dims
    with xarray.open_dataset(snapshots[1], engine=engine) as data:
        spec.check({name: data[name].values for name in names}, x, times[1], engine)

# XDMF: every array is there, with the shape that is said.
for name, number in (("run.xmf", 1), ("run_points.xmf", int(len(spec.points) > 0))):
    if not number:
        assert not (folder / name).exists()
        continue
    root = xml.etree.ElementTree.parse(folder / name).getroot()
    grids = root.findall("./Domain/Grid/Grid")
    assert [float(grid.find("Time").get("Value")) for grid in grids] == times.tolist()
    for grid, t in zip(grids, times):
        arrays = {}
        for attribute in grid.findall("Attribute"):
            item = attribute.find("DataItem")
            shape = tuple(map(int, item.get("Dimensions").split()))
            file, path = item.text.split(":")
            with h5py.File(folder / file) as file:
                array = file[path]
                assert int(np.prod(shape)) == array.size and shape[-1:] == array.shape[-1:], (path, shape)
                arrays[attribute.get("Name")] = (array[...], attribute.get("AttributeType"))
        if name == "run_points.xmf":
            # Without the numbers of the points ParaView's reader shows no cell, and it colours by the first attribute.
            file, path = grid.find("Topology/DataItem").text.split(":")
            with h5py.File(folder / file) as file:
                np.testing.assert_array_equal(file[path], np.arange(len(spec.points)))
            assert grid.findall("Attribute")[-1].get("Name") == "id"
        at = x if name == "run.xmf" else spec.points
        spec.close(arrays["probe"][0], spec.probe(at, t), "XDMF probe")
        assert arrays["probe"][1] == "Scalar" and arrays["grad_u"][1] == "Vector"
        if spec.d > 1 and name == "run.xmf":
            assert arrays["flux"][1] == "Vector"
            spec.close(arrays["flux"][0], spec.shown(spec.flux(at, t)), "XDMF flux")
    if name == "run.xmf":
        first = grids[0]
        origin, spacing = (
            list(map(float, item.text.split())) for item in first.findall("Geometry/DataItem")
        )
        for number, coordinates in enumerate(spec.coordinates):
            assert origin[2 - number] == coordinates[0]
            assert abs(spacing[2 - number] - (coordinates[1] - coordinates[0])) < 1e-14
