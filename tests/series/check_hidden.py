"""Whether viewers hide what is outside of a domain: check_hidden.py FOLDER STEPS OUTSIDE

FOLDER holds a series and what `pack` makes of it, packed.h5; OUTSIDE is how many points of the grid are hidden.
"""

import sys
from pathlib import Path

from vtkmodules.vtkCommonExecutionModel import vtkStreamingDemandDrivenPipeline
from vtkmodules.vtkFiltersCore import vtkThreshold
from vtkmodules.vtkFiltersGeometry import vtkGeometryFilter
from vtkmodules.vtkIOHDF import vtkHDFReader
from vtkmodules.vtkIOXdmf2 import vtkXdmfReader

folder, steps, outside = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])


def look(reader, path, count):
    reader.SetFileName(str(path))
    reader.UpdateInformation()
    times = reader.GetOutputInformation(0).Get(vtkStreamingDemandDrivenPipeline.TIME_STEPS()) or [None]
    assert len(times) == count, (path, times)
    for time in times:
        reader.Update() if time is None else reader.UpdateTimeStep(time)
        data = reader.GetOutputDataObject(0)
        while data.IsA("vtkMultiBlockDataSet"):
            data = data.GetBlock(0)
        ghosts = data.GetPointData().GetArray("vtkGhostType")
        assert ghosts.GetClassName() == "vtkUnsignedCharArray", (path, ghosts)
        values = [ghosts.GetValue(i) for i in range(ghosts.GetNumberOfValues())]
        assert values.count(2) == outside and values.count(0) == len(values) - outside, (path, time)
        # What a mapper draws is what is left where NaN is cut away.
        data.GetPointData().SetActiveScalars("u")
        drawn = vtkGeometryFilter()
        known = vtkThreshold()
        known.SetInputArrayToProcess(0, 0, 0, 0, "u")
        known.SetLowerThreshold(-1e300)
        known.SetUpperThreshold(1e300)
        cells = []
        for it in (drawn, known):
            it.SetInputData(data)
            it.Update()
            cells.append(it.GetOutput().GetNumberOfCells())
        assert 0 < cells[0] == cells[1] < data.GetNumberOfCells(), (path, time, cells)


look(vtkHDFReader(), folder / "run.vtkhdf", steps)
look(vtkHDFReader(), folder / "packed.h5", steps)
look(vtkXdmfReader(), folder / "run.xmf", steps)
look(vtkHDFReader(), folder / "snap_000001.h5", 1)
