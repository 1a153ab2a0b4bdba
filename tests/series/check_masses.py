"""Usage: check_masses.py FOLDER: masses of a flow in Wasserstein space, by VTK, and by h5py where it is."""

import sys
from pathlib import Path

import numpy as np
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonExecutionModel import vtkStreamingDemandDrivenPipeline
from vtkmodules.vtkIOHDF import vtkHDFReader

folder = Path(sys.argv[1])
index = folder / "run_points.vtkhdf"
if not index.exists():
    index = folder / "run.vtkhdf"

reader = vtkHDFReader()
reader.SetFileName(str(index))
reader.UpdateInformation()
information = reader.GetOutputInformation(0)
key = vtkStreamingDemandDrivenPipeline.TIME_STEPS()
times = [information.Get(key, i) for i in range(information.Length(key))]
assert len(times) >= 3, times
tracks, density = [], []
for step in range(len(times)):
    reader.SetStep(step)
    reader.Update()
    data = reader.GetOutput()
    ids = vtk_to_numpy(data.GetPointData().GetArray("id"))
    place = np.argsort(ids)
    assert ids[place].tolist() == list(range(len(ids)))
    tracks.append(vtk_to_numpy(data.GetPoints().GetData())[place])
    density.append(vtk_to_numpy(data.GetPointData().GetArray("density"))[place].copy())
tracks = np.array(tracks)
# Every mass goes to x / (1 + tau) in each step.
for step in range(len(times)):
    error = np.abs(tracks[step] - tracks[0] / 1.05**step).max()
    assert error < 1e-2, (step, error)
assert (np.array(density) > 0).all()

try:
    import h5py
except ImportError:
    sys.exit()
with h5py.File(index) as file:
    position = file["points/position"][...]
    d = position.shape[-1]
    assert np.array_equal(position, tracks[:, :, :d]) and not tracks[:, :, d:].any()
    assert np.array_equal(file["points/density"][...], density)
    assert abs(file["points/mass"][...].sum(1) - 1).max() < 1e-12
    if index.name == "run_points.vtkhdf":
        import xarray

        for engine in ("h5netcdf", "netcdf4"):
            with xarray.open_dataset(folder / "run.vtkhdf", engine=engine) as grid:
                assert grid["density"].dims == ("t", "y", "x")
                assert grid["velocity"].dims == ("t", "y", "x", "axis")
