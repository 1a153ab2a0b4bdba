"""Renders a series of snapshots, a PNG frame for each, with nothing to click and no state file.

Usage: movie.py FOLDER FRAMES [FIELD]

FOLDER is what the library wrote, or one of the indices in it: run_points.vtkhdf shows particles beside
a grid. The run may go on meanwhile; the film is of what the index has when it begins. FRAMES is made.
FIELD is the one to show; the default is the first.

It runs under ParaView's `pvpython` and under Python with the wheel `vtk` (9.3 or newer), with or without
a screen. The VTK of ParaView 5.11 and older ends the process over a VTKHDF file of one or two dimensions:
there the index run.xmf is read, and snapshots without one are not. A field in one dimension is drawn as a
curve, in two as a surface over the plane, in three as nested surfaces of equal value; particles are drawn
as points, coloured by the density.

To a film: ffmpeg -framerate 10 -i FRAMES/frame_%06d.png film.mp4
"""

import os
import shutil
import signal
import sys
from contextlib import contextmanager
from pathlib import Path

# Makes the window and the fonts known; nothing is used by name.
import vtkmodules.vtkRenderingFreeType
import vtkmodules.vtkRenderingOpenGL2  # noqa: F401
from vtkmodules.vtkCommonCore import vtkLookupTable, vtkVersion
from vtkmodules.vtkCommonExecutionModel import vtkStreamingDemandDrivenPipeline
from vtkmodules.vtkFiltersCore import (
    vtkContourFilter,
    vtkPolyDataNormals,
    vtkThreshold,
    vtkTubeFilter,
)
from vtkmodules.vtkFiltersGeneral import vtkVertexGlyphFilter, vtkWarpScalar
from vtkmodules.vtkFiltersGeometry import vtkGeometryFilter
from vtkmodules.vtkIOImage import vtkPNGWriter
from vtkmodules.vtkRenderingAnnotation import vtkCubeAxesActor, vtkScalarBarActor
from vtkmodules.vtkRenderingCore import (
    vtkActor,
    vtkPolyDataMapper,
    vtkRenderer,
    vtkRenderWindow,
    vtkTextActor,
    vtkWindowToImageFilter,
)

SIZE = (1200, 900)
INK = (0.13, 0.13, 0.15)
# Viridis, thinned; between the colours the table interpolates.
COLOURS = (
    (0.267, 0.005, 0.329),
    (0.283, 0.141, 0.458),
    (0.254, 0.265, 0.530),
    (0.207, 0.372, 0.553),
    (0.164, 0.471, 0.558),
    (0.128, 0.567, 0.551),
    (0.135, 0.659, 0.518),
    (0.267, 0.749, 0.441),
    (0.478, 0.821, 0.318),
    (0.741, 0.873, 0.150),
    (0.993, 0.906, 0.144),
)


@contextmanager
def held(index):
    """An index under a name of its own beside it, as long as it is needed.

    VTK opens a file by its name again and again, and overruns its memory if the index of a run that goes on
    was replaced by a longer one. The name is in the same folder, where the index finds its snapshots.
    """
    mine = index.with_name(f".{index.stem}_{os.getpid()}.vtkhdf")
    mine.unlink(missing_ok=True)
    try:
        try:
            os.link(index, mine)
        except OSError:  # a file system without such links
            try:
                shutil.copyfile(index, mine)
            except OSError:  # a folder that nobody writes to, so the index stays as it is
                mine.unlink(missing_ok=True)
                yield index
                return
        yield mine
    finally:
        mine.unlink(missing_ok=True)


def sweep(folder):
    """Removes the names that a process has left which was ended over a film."""
    for left in folder.glob(".run*_*.vtkhdf"):
        number = left.stem.rpartition("_")[2]
        if number.isdigit() and not Path(f"/proc/{number}").exists() and Path("/proc/self").exists():
            left.unlink(missing_ok=True)


@contextmanager
def opened(path):
    """The series of a folder or an index."""
    sweep(path if path.is_dir() else path.parent)
    index = path / "run.vtkhdf" if path.is_dir() else path
    if IS_OLD:
        older = index.with_suffix(".xmf")
        if not older.is_file():
            sys.exit(f"{older} is not there: this VTK reads no other index, and no snapshot of one or two dimensions")
        yield OlderSeries(older)
        return
    if index.is_file():
        with held(index) as mine:
            yield Series([mine], indexed=True)
        return
    files = sorted(path.glob("snap_*.h5"))
    if not files:
        sys.exit(f"there are no snapshots in {path}")
    yield Series(files, indexed=False)


# Whether VTKHDF files end the process, or have no time yet.
IS_OLD = (vtkVersion.GetVTKMajorVersion(), vtkVersion.GetVTKMinorVersion()) < (9, 3)


class OlderSeries:
    """The data at each step of an index in XDMF."""

    def __init__(self, index):
        from vtkmodules.vtkIOXdmf2 import vtkXdmfReader

        self.reader = vtkXdmfReader()
        self.reader.SetFileName(str(index))
        self.reader.UpdateInformation()
        information = self.reader.GetOutputInformation(0)
        self.times = list(information.Get(vtkStreamingDemandDrivenPipeline.TIME_STEPS()) or (0.0,))

    def at(self, step):
        """The data of a step, valid until the next call."""
        self.reader.UpdateTimeStep(self.times[step])
        data = self.reader.GetOutputDataObject(0)
        while data.IsA("vtkMultiBlockDataSet"):
            data = data.GetBlock(0)
        return data


class Series:
    """The data at each step: of an index, or of snapshots one by one."""

    def __init__(self, files, indexed):
        from vtkmodules.vtkIOHDF import vtkHDFReader

        self.new = vtkHDFReader
        self.reader = self.new()
        self.files = files
        self._open(0)
        information = self.reader.GetOutputInformation(0)
        times = information.Get(vtkStreamingDemandDrivenPipeline.TIME_STEPS()) or (0.0,)
        self.times = list(times) if indexed else [None] * len(files)

    def _open(self, number):
        self.reader.SetFileName(str(self.files[number]))
        self.reader.UpdateInformation()

    def at(self, step):
        """The data of a step, valid until the next call."""
        if self.times[step] is None:
            # A reader that is given another file may show the former one.
            self.reader = self.new()
            self._open(step)
            self.reader.Update()
        else:
            self.reader.UpdateTimeStep(self.times[step])
        return self.reader.GetOutputDataObject(0)


def chosen(data, wanted):
    """The name of the array to show."""
    points = data.GetPointData()
    names = [points.GetArrayName(i) for i in range(points.GetNumberOfArrays())]
    names = [name for name in names if name != "vtkGhostType"]  # says which points are outside of the domain
    if not names:
        sys.exit("the snapshots hold no field")
    if wanted and wanted not in names:
        sys.exit(f"there is no field {wanted}; there are {', '.join(names)}")
    # They are in alphabetical order.
    numbers = [name for name in names if points.GetArray(name).GetNumberOfComponents() == 1]
    known = [name for name in ("u", "density") if name in numbers]
    return wanted or (known + numbers + names)[0]


def colours(low, high):
    table = vtkLookupTable()
    table.SetNumberOfTableValues(256)
    for i in range(256):
        place = i / 255 * (len(COLOURS) - 1)
        left = min(int(place), len(COLOURS) - 2)
        part = place - left
        mixed = [a + (b - a) * part for a, b in zip(COLOURS[left], COLOURS[left + 1])]
        table.SetTableValue(i, *mixed, 1.0)
    table.SetRange(low, high)
    return table


def shape(data, name, low, high):
    """What is drawn of the data, as polygons, and how many dimensions it has."""
    if data.GetClassName() in ("vtkPolyData", "vtkUnstructuredGrid"):
        points = vtkVertexGlyphFilter()
        points.SetInputData(data)
        points.Update()
        return points.GetOutput(), 0
    axes = sum(n > 1 for n in data.GetDimensions())
    data.GetPointData().SetActiveScalars(name)
    if axes == 3:
        surfaces = vtkContourFilter()
        surfaces.SetInputData(data)
        surfaces.GenerateValues(5, low + 0.15 * (high - low), high - 0.15 * (high - low))
        surfaces.Update()
        return surfaces.GetOutput(), axes
    # Outside a domain that is no box the field is NaN.
    known = vtkThreshold()
    known.SetInputData(data)
    known.SetLowerThreshold(-1e300)
    known.SetUpperThreshold(1e300)
    known.SetThresholdFunction(vtkThreshold.THRESHOLD_BETWEEN)
    flat = vtkGeometryFilter()
    flat.SetInputConnection(known.GetOutputPort())
    bounds = data.GetBounds()
    across = max(bounds[1] - bounds[0], bounds[3] - bounds[2])
    warp = vtkWarpScalar()
    warp.SetInputConnection(flat.GetOutputPort())
    warp.SetNormal(0.0, 0.0, 1.0) if axes == 2 else warp.SetNormal(0.0, 1.0, 0.0)
    warp.UseNormalOn()
    warp.SetScaleFactor((0.35 if axes == 2 else 0.6) * across / ((high - low) or 1.0))
    if axes == 1:
        tube = vtkTubeFilter()
        tube.SetInputConnection(warp.GetOutputPort())
        tube.SetRadius(0.005 * across)
        tube.SetNumberOfSides(12)
        tube.Update()
        return tube.GetOutput(), axes
    smooth = vtkPolyDataNormals()
    smooth.SetInputConnection(warp.GetOutputPort())
    smooth.SplittingOff()
    smooth.Update()
    return smooth.GetOutput(), axes


def lettering(string, x, y, size):
    actor = vtkTextActor()
    actor.SetInput(string)
    actor.SetPosition(x, y)
    actor.GetTextProperty().SetFontSize(size)
    actor.GetTextProperty().SetColor(*INK)
    return actor


def scale_bar(table, name):
    bar = vtkScalarBarActor()
    bar.SetLookupTable(table)
    bar.SetTitle(name + "\n ")
    bar.SetNumberOfLabels(5)
    bar.SetLabelFormat("%.3g")
    bar.UnconstrainedFontSizeOn()
    for style, size in ((bar.GetTitleTextProperty(), 26), (bar.GetLabelTextProperty(), 20)):
        style.SetColor(*INK)
        style.SetFontSize(size)
        style.ItalicOff()
        style.BoldOff()
        style.ShadowOff()
    bar.SetPosition(0.88, 0.15)
    bar.SetWidth(0.09)
    bar.SetHeight(0.7)
    return bar


def axes_about(bounds, camera, high):
    """Axes about the drawing; the height of a surface or curve is told by its colours alone."""
    axes = vtkCubeAxesActor()
    axes.SetBounds(bounds)
    axes.SetCamera(camera)
    axes.SetFlyModeToOuterEdges()
    if not high:
        axes.ZAxisVisibilityOff()
        axes.ZAxisLabelVisibilityOff()
        axes.ZAxisTickVisibilityOff()
    for i in range(3):
        for style in (axes.GetTitleTextProperty(i), axes.GetLabelTextProperty(i)):
            style.SetColor(*INK)
    axes.SetXTitle("x")
    axes.SetYTitle("y")
    axes.SetZTitle("z" if high else " ")
    for line in (axes.GetXAxesLinesProperty(), axes.GetYAxesLinesProperty(), axes.GetZAxesLinesProperty()):
        line.SetColor(*INK)
    return axes


def extremes(series, name):
    """The least and largest value, and the box of all steps: one scale for the whole film."""
    low, high, bounds = float("inf"), float("-inf"), None
    for step in range(len(series.times)):
        data = series.at(step)
        least, most = data.GetPointData().GetArray(name).GetFiniteRange(0)
        low, high = min(low, least), max(high, most)
        box = data.GetBounds()
        pairs = zip(bounds or box, box)
        bounds = [max(pair) if i % 2 else min(pair) for i, pair in enumerate(pairs)]
    # What is left of a field that falls to nothing is no number to write on a bar.
    if abs(low) < 1e-9 * abs(high):
        low = 0.0
    return low, high, bounds


class Film:
    """A window nobody sees, and what is in it."""

    def __init__(self, series, wanted):
        self.series = series
        self.name = chosen(series.at(0), wanted)
        self.low, self.high, self.bounds = extremes(series, self.name)
        table = colours(self.low, self.high)
        self.mapper = vtkPolyDataMapper()
        self.mapper.SetLookupTable(table)
        self.mapper.SetScalarModeToUsePointFieldData()
        self.mapper.SelectColorArray(self.name)
        self.mapper.SetScalarRange(self.low, self.high)
        self.mapper.InterpolateScalarsBeforeMappingOn()
        self.actor = vtkActor()
        self.actor.SetMapper(self.mapper)
        self.actor.GetProperty().SetPointSize(4)
        self.actor.GetProperty().SetSpecular(0.15)
        self.clock = lettering("", 40, SIZE[1] - 70, 30)
        self.renderer = vtkRenderer()
        self.renderer.SetBackground(1.0, 1.0, 1.0)
        for prop in (self.actor, scale_bar(table, self.name), self.clock):
            self.renderer.AddViewProp(prop)
        self.window = vtkRenderWindow()
        self.window.SetOffScreenRendering(1)
        self.window.SetSize(*SIZE)
        self.window.SetMultiSamples(8)
        self.window.AddRenderer(self.renderer)

    def aim(self, axes):
        """Puts the camera where the first frame shows that it must be."""
        camera = self.renderer.GetActiveCamera()
        box = list(self.bounds)
        frame = list(box)
        if axes in (1, 2):
            height = (0.35 if axes == 2 else 0.6) * max(box[1] - box[0], box[3] - box[2])
            up = slice(4, 6) if axes == 2 else slice(2, 4)
            frame[up] = [height * v / ((self.high - self.low) or 1.0) for v in (self.low, self.high)]
            box[up] = [frame[up][0]] * 2
        if axes == 3:
            self.actor.GetProperty().SetOpacity(0.35)
            self.window.SetAlphaBitPlanes(1)
            self.window.SetMultiSamples(0)
            self.renderer.UseDepthPeelingOn()
        flat = axes == 1 or box[5] - box[4] <= 0.0 and axes == 0
        if not flat:
            camera.SetPosition(-0.9, -1.6, 1.25)
            camera.SetFocalPoint(0.0, 0.0, 0.0)
            camera.SetViewUp(0.0, 0.0, 1.0)
        self.renderer.AddActor(axes_about(box, camera, box[5] > box[4]))
        self.renderer.ResetCamera(frame)
        camera.Zoom(1.05 if axes else 0.9)

    def frame(self, step, path):
        drawing, axes = shape(self.series.at(step), self.name, self.low, self.high)
        self.mapper.SetInputData(drawing)
        if step == 0:
            self.aim(axes)
        time = self.series.times[step]
        self.clock.SetInput(f"snapshot {step}" if time is None else f"t = {time:.4g}")
        self.window.Render()
        picture = vtkWindowToImageFilter()
        picture.SetInput(self.window)
        picture.ReadFrontBufferOff()
        writer = vtkPNGWriter()
        writer.SetFileName(str(path))
        writer.SetInputConnection(picture.GetOutputPort())
        writer.Write()


def main(folder, frames, wanted=None):
    frames = Path(frames)
    frames.mkdir(parents=True, exist_ok=True)
    with opened(Path(folder)) as series:
        film = Film(series, wanted)
        for step in range(len(series.times)):
            film.frame(step, frames / f"frame_{step:06}.png")
        print(f"{len(series.times)} frames in {frames}")


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    # Stopped from outside it tidies up too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    main(*sys.argv[1:])
