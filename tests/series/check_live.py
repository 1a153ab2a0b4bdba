"""Usage: check_live.py FOLDER STOP: reads the series while it is written, until there is a file STOP.

VTK opens a file by its name twice, first for how many steps it has and then for their times, and writes beyond its
memory if there are more by then: it is given the index that there is now under a name of its own.
"""

import os
import sys
import time
from pathlib import Path

import h5py
import numpy as np
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkIOHDF import vtkHDFReader

folder, stop = Path(sys.argv[1]), Path(sys.argv[2])
index = folder / "run.vtkhdf"
(folder / "reader_is_there").touch()
looks, most, images = 0, 0, 0
while not stop.exists():
    time.sleep(0.001)
    for path in sorted(folder.glob("snap_*.h5"))[-2:]:
        with h5py.File(path) as file:  # whole, whenever it is looked at
            assert np.isfinite(file["u"][...]).all() and "options" in file
    if not index.exists():
        continue
    with h5py.File(index) as file:
        times, u, steps = file["t"][:], file["u"], file["series/step"][:]
        assert len(times) >= most, (len(times), most)
        most = len(times)
        assert np.array_equal(steps, np.arange(most)), steps
        assert u.shape[0] == most or most == 1
        last = u[-1] if most > 1 else u[...]
        assert np.isfinite(last).all() and np.isfinite(u[...]).all()
        looks += 1
    if most > 1:
        mine = folder / "mine.vtkhdf"
        os.link(index, mine)
        reader = vtkHDFReader()
        reader.SetFileName(str(mine))
        reader.UpdateInformation()
        reader.SetStep(0)
        reader.Update()
        data = reader.GetOutput().GetPointData().GetArray("u")
        assert data and np.isfinite(vtk_to_numpy(data)).all()
        mine.unlink()
        images += 1
print(f"{looks} looks, {images} images, {most} snapshots")
assert looks > 10 and images > 5 and most > 10, (looks, images, most)
