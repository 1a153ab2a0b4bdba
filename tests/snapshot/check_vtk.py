"""Usage: check_vtk.py SNAPSHOT DIMENSION"""

import sys

from field import LOWER, RESOLUTION, UPPER, axes, field
from vtkmodules.vtkIOHDF import vtkHDFReader

path, d = sys.argv[1], int(sys.argv[2])
name = "u"
shown = len(axes(d))

reader = vtkHDFReader()
assert reader.CanReadFile(path)
reader.SetFileName(path)
reader.Update()
image = reader.GetOutput()
assert image.GetClassName() == "vtkImageData", image.GetClassName()

last = RESOLUTION - 1
assert image.GetExtent() == tuple(e for i in range(3) for e in (0, last if i < shown else 0))
for i in range(3):
    origin, spacing = (LOWER[i], (UPPER[i] - LOWER[i]) / last) if i < shown else (0.0, 1.0)
    assert image.GetOrigin()[i] == origin, image.GetOrigin()
    assert abs(image.GetSpacing()[i] - spacing) < 1e-15, image.GetSpacing()

data = image.GetPointData()
names = [data.GetArrayName(i) for i in range(data.GetNumberOfArrays())]
assert names == [name], names
u = data.GetArray(name)
assert u.GetNumberOfTuples() == RESOLUTION**shown
for point in range(u.GetNumberOfTuples()):
    x = image.GetPoint(point)[:shown]
    assert abs(u.GetValue(point) - field(x, d)) < 1e-11, (x, u.GetValue(point))
