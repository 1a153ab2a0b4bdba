"""Usage: check_vtk.py FOLDER PACKED SPEC: VTK's own reader, every step of every file."""

import sys
from pathlib import Path

import numpy as np
from spec import Spec
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonExecutionModel import vtkStreamingDemandDrivenPipeline
from vtkmodules.vtkIOHDF import vtkHDFReader

folder, packed, spec = Path(sys.argv[1]), Path(sys.argv[2]), Spec(sys.argv[3])
times = spec.times
x = spec.grid()


def steps(path):
    """Time and data of every step."""
    reader = vtkHDFReader()
    assert reader.CanReadFile(str(path)), path
    reader.SetFileName(str(path))
    reader.UpdateInformation()
    information = reader.GetOutputInformation(0)
    key = vtkStreamingDemandDrivenPipeline.TIME_STEPS()
    seen = [information.Get(key, i) for i in range(information.Length(key))]
    if not seen:
        reader.Update()
        yield None, reader.GetOutput()
        return
    assert seen == times.tolist(), seen
    # Backwards, so that nothing is right by being left from before.
    for step in reversed(range(len(seen))):
        reader.SetStep(step)
        reader.Update()
        yield seen[step], reader.GetOutput()


def arrays(data):
    points = data.GetPointData()
    every = {}
    for number in range(points.GetNumberOfArrays()):
        every[points.GetArrayName(number)] = vtk_to_numpy(points.GetArray(number))
    return every


def check_vectors(all, at, t, what):
    for name in ("flux", "grad_u") if spec.d > 1 else ("grad_u",):
        assert all[name].shape == (len(at), 3), (what, name, all[name].shape)
    if spec.d > 1:
        spec.close(all["flux"], shown(spec.flux(at, t)), (what, "flux"))
    spec.close(all["probe"], spec.probe(at, t), (what, "probe"))
    spec.close(all["five"], spec.five(at, t), (what, "five"))
    if spec.d == len(spec.axes):
        slope = 0.5 * spec.kappa * (all["grad_u"].astype(float) ** 2).sum(-1)
        spec.close(all["energy_densities"][:, 0], slope, (what, "grad_u"))
    assert set(all) >= {"u", "energy_density"}, all.keys()


def shown(vector):
    return spec.shown(vector)


def check_image(image, t, what):
    assert image.GetClassName() == "vtkImageData", image.GetClassName()
    sizes = [spec.resolution] * len(spec.axes) + [1] * (3 - len(spec.axes))
    assert list(image.GetDimensions()) == sizes, image.GetDimensions()
    for number, coordinates in enumerate(spec.coordinates):
        assert image.GetOrigin()[number] == coordinates[0]
        assert abs(image.GetSpacing()[number] - (coordinates[1] - coordinates[0])) < 1e-14
    flat = x.reshape(-1, spec.d)
    for point in (0, 1, len(flat) // 2, len(flat) - 1):
        here = [flat[point][axis] for axis in spec.axes]
        np.testing.assert_allclose(image.GetPoint(point)[: len(here)], here, atol=1e-12)
    check_vectors(arrays(image), flat, t, what)


def check_points(data, t, what):
    assert data.GetClassName() == "vtkPolyData", data.GetClassName()
    assert data.GetNumberOfPoints() == len(spec.points), (what, data.GetNumberOfPoints())
    assert data.GetNumberOfVerts() == len(spec.points) and data.GetNumberOfLines() == 0
    all = arrays(data)
    assert all["id"].tolist() == list(range(len(spec.points))), what
    position = vtk_to_numpy(data.GetPoints().GetData())
    axes = range(min(3, spec.d)) if spec.axes == list(range(len(spec.axes))) else spec.axes
    for number, axis in enumerate(axes):
        spec.close(position[:, number], spec.points[:, axis], (what, "position"))
    spec.close(all["probe"], spec.probe(spec.points, t), (what, "probe"))
    spec.close(all["five"], spec.five(spec.points, t), (what, "five"))
    assert all["flux"].shape == (len(spec.points), 3)
    flux = spec.flux(spec.points, t)
    for number, axis in enumerate(axes):
        spec.close(all["flux"][:, number], flux[:, axis], (what, "flux"))


for path in (folder / "run.vtkhdf", packed):
    seen = 0
    for t, image in steps(path):
        check_image(image, t, (path.name, t))
        seen += 1
    assert seen == len(times), (path, seen)
for path, t in zip(sorted(folder.glob("snap_*.h5")), times):
    for _, image in steps(path):
        check_image(image, t, path.name)
if len(spec.points):
    seen = 0
    for t, data in steps(folder / "run_points.vtkhdf"):
        check_points(data, t, ("run_points.vtkhdf", t))
        seen += 1
    assert seen == len(times), seen
