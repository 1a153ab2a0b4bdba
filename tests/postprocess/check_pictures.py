"""Usage: check_pictures.py KIND PATH: whether pictures of a bump that moves show it where it is.

KIND is the program and the series of tests/it/postprocess.rs; PATH is a folder of frames or a picture.
"""

import sys
from pathlib import Path

import matplotlib.image
import numpy as np

LOWER, UPPER = np.array([-1.0, 2.0, 0.5]), np.array([2.0, 3.5, 1.5])
WAY = np.array([[0.25, 0.3, 0.3], [0.75, 0.3, 0.3], [0.75, 0.75, 0.3], [0.75, 0.75, 0.7]])

kind, path = sys.argv[1], Path(sys.argv[2])
program, series = kind.split("-")
if series == "1d":
    WAY[2, 0] = 0.5


def read(path):
    pixels = matplotlib.image.imread(path)[:, :, :3]
    colours = np.unique((pixels.reshape(-1, 3) * 31).astype(int), axis=0)
    assert len(colours) > 15, (path, "is nearly blank", len(colours))
    # The ground is white, and the letters are dark grey.
    assert (pixels[[0, -1]].min(), pixels[:, [0, -1]].min()) == (1.0, 1.0), (path, "is cut off")
    return pixels


def coloured(pixels):
    return np.ptp(pixels, axis=2) > 0.15


def high(pixels):
    """Where the colour is the yellow of the highest values, in shade or light."""
    red, green, blue = np.moveaxis(pixels, 2, 0)
    return (red > 0.5) & (green > 0.5) & (blue < 0.55 * green) & (red > 0.8 * green)


def low(pixels):
    """The dark violet of the lowest values."""
    red, green, blue = np.moveaxis(pixels, 2, 0)
    return (blue > 1.3 * green + 0.05) & (red > 0.5 * blue) & coloured(pixels)


def centre(mask, what):
    """Column and row, from the left and from below."""
    rows, columns = np.nonzero(mask)
    assert len(rows) > 30, (path, "does not show", what, len(rows))
    return np.array([columns.mean(), len(mask) - 1 - rows.mean()])


def part(mask, least, most, what):
    assert least < mask.mean() < most, (path, what, mask.mean())


def runs(line):
    """Begin and end of the runs of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], line.astype(int), [0]])))
    return edges.reshape(-1, 2)


def widest(line, what):
    found = runs(line)
    assert len(found), (path, "does not show", what)
    return slice(*max(found, key=np.ptp))


def check_film(frames):
    assert len(frames) == max(3, int(series[0]) + 1)
    pictures = [read(frame) for frame in frames]
    assert [p.shape for p in pictures] == [(900, 1200, 3)] * len(frames), pictures[0].shape
    drawings = []
    for picture in pictures:
        bar = picture[:, 1040:]
        # The bar of colours reads upwards.
        assert centre(high(bar), "the bar")[1] > centre(low(bar), "the bar")[1] + 300, frames
        part(bar.max(axis=2) < 0.4, 0.002, 0.2, "the letters of the bar")
        clock = picture[:90, :400]
        part(clock.max(axis=2) < 0.4, 0.003, 0.2, "the time")
        drawings.append(picture[90:, :1040])
    for one, other in zip(drawings, drawings[1:]):
        assert (np.abs(one - other).max(axis=2) > 0.1).mean() > 1e-3, "frames are alike"
    if series == "1d":
        check_curve(drawings)
    else:
        check_moves(drawings)


def check_curve(drawings):
    for drawing, at in zip(drawings, WAY[[0, 1, 2], 0]):
        part(coloured(drawing), 0.005, 0.2, "the curve")
        columns = np.flatnonzero(coloured(drawing).any(axis=0))
        left, right = columns[0], columns[-1]
        assert right - left > 600, (left, right)
        top = centre(high(drawing), "the top")
        assert abs((top[0] - left) / (right - left) - at) < 0.03, (top, left, right, at)
        assert top[1] > centre(low(drawing), "the floor")[1] + 250, top


def check_moves(drawings):
    """The camera looks along +x and +y from above: x goes to the right, y to the left and back, z up."""
    where = []
    for drawing in drawings:
        if series == "2d":
            part(coloured(drawing), 0.15, 0.7, "the surface")
            where.append(centre(high(drawing), "the top"))
            assert where[-1][1] > 200, where
        else:
            part(coloured(drawing), 0.01, 0.4, "the surfaces")
            where.append(centre(coloured(drawing), "the surfaces"))
    moves = np.diff(where, axis=0)
    assert moves[0][0] > 80 and moves[0][1] > 20, ("along x", moves)
    assert moves[1][0] < -20 and moves[1][1] > 20, ("along y", moves)
    if series == "3d":
        assert abs(moves[2][0]) < 20 and moves[2][1] > 80, ("along z", moves)


def map_of(picture, what):
    """The widest coloured rectangle, which is not the bar beside it."""
    columns = widest(coloured(picture).mean(axis=0) > 0.2, what)
    return picture[widest(coloured(picture[:, columns]).mean(axis=1) > 0.8, what), columns]


def check_look(picture):
    rows, columns = picture.shape[0] // 2, picture.shape[1] // 2
    assert 900 < picture.shape[0] < 1200 and 1100 < picture.shape[1] < 1400, picture.shape
    corners = [picture[:rows, :columns], picture[:rows, columns:], picture[rows:, :columns]]
    frames = max(3, int(series[0]) + 1)
    for corner, step in zip(corners, [0, frames // 2, frames - 1]):
        part(corner.max(axis=2) < 0.4, 0.002, 0.2, "the letters")
        at = WAY[step]
        if series == "1d":
            line = coloured(corner)
            part(line, 0.002, 0.2, "the curve")
            # The curve hides behind the frame where it is flat: the frame tells the ends of the axis.
            frame = np.flatnonzero((corner.max(axis=2) < 0.4).mean(axis=0) > 0.5)
            left, right = frame[0], frame[-1]
            rows_of, columns_of = np.nonzero(line)
            peak = columns_of[rows_of <= rows_of.min() + 3].mean()
            assert abs((peak - left) / (right - left) - at[0]) < 0.06, (step, peak, left, right)
            continue
        area = map_of(corner, "the map")
        found = centre(high(area), "the top") / (np.array(area.shape[1::-1]) - 1)
        assert np.abs(found - at[:2]).max() < 0.06, (step, found, at)
        assert area.shape[1] > 1.3 * area.shape[0], ("the axes are not to scale", area.shape)
    energy = picture[rows:, columns:]
    part(coloured(energy), 0.001, 0.1, "the energy")


def check_series(picture):
    assert 350 < picture.shape[0] < 700 and 900 < picture.shape[1] < 1400, picture.shape
    half = picture.shape[1] // 2
    part(picture.max(axis=2) < 0.4, 0.005, 0.2, "the letters")
    area = map_of(picture[:, :half], "the map")
    steps = max(3, int(series[0]) + 1)
    each = area.shape[0] / steps
    # Time goes up. Only in one dimension the bump is all that is on the line through the middle.
    for step in range(steps):
        band = area[int(area.shape[0] - (step + 0.8) * each) : int(area.shape[0] - (step + 0.2) * each)]
        brightness = band[:, :, 1].mean(axis=0)
        found = brightness.argmax() / (len(brightness) - 1)
        assert abs(found - WAY[step, 0]) < 0.06, (step, found)
    part(coloured(picture[:, half:]), 0.001, 0.2, "the integral")


if program == "film":
    check_film(sorted(path.glob("frame_*.png")))
else:
    {"look": check_look, "series": check_series}[program](read(path))
print(kind, path.name)
