"""Snapshots of a run, as one dataset over time."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from . import errors
from ._arrays import absolute
from ._calls import call, text
from ._library import c

if TYPE_CHECKING:
    import xarray

ENGINE = "h5netcdf"
#: The index of a folder.
INDEX = "run.vtkhdf"
#: Files that a process has open beside the snapshots.
OTHERS = 64
#: Opens a group of what was found.
Opened: TypeAlias = "Callable[[str | None], xarray.Dataset]"


def open_series(path: str | os.PathLike[str], /, *, points: bool = False) -> xarray.Dataset:
    """Opens a series of snapshots as one dataset over time, whose arrays are read when they are asked for.

    It needs xarray with h5netcdf: ``pip install movimento[xarray]``. All snapshots in the folder are shown, also
    those that the index does not have yet or, after a run that was killed, will never have.

    Parameters
    ----------
    path : str or path
        A folder of a `Writer`, or of `Solver.write_snapshot`, which makes no index; the index in it; one snapshot; or
        a file of `pack_snapshots`.
    points : bool
        Whether what is shown at points is wanted, such as the masses of a flow in Wasserstein space, instead of
        what is shown on a grid.

    Returns
    -------
    xarray.Dataset
        Fields over t and the axes z, y, x, and the figures of each step over t, such as ``energy``,
        ``energy_terms`` and ``residual``. With `points` the fields, positions and masses over t and the
        points' ``id``. Times are numbers, whatever their unit.

    Raises
    ------
    FileNotFoundError
        If there is no snapshot in the folder.
    FileError
        If the index lists snapshots that are gone or were replaced, whose places HDF5 would fill with NaN or with
        something else; or if the process may not open as many files as there are snapshots.
    """
    try:
        import h5netcdf  # type: ignore[import-untyped]  # noqa: F401
        import xarray  # noqa: F401
    except ImportError as error:
        raise ImportError(
            f"open_series needs xarray with h5netcdf: pip install 'movimento[xarray]' ({error})"
        ) from error
    where = Path(absolute(path))
    made: Path | None = None
    if where.is_dir():
        opened, made = _of_folder(where)
    elif where.is_file():
        check = _checked(where)
        if check["is_index"]:
            _allow_files(check["files"], check["listed"], where.parent)
        opened = _of_one(where)
    else:
        raise FileNotFoundError(f"there is no snapshot at {os.fspath(where)!r}")
    try:
        return _whole(opened, points, made)
    except BaseException:
        if made is not None:
            made.unlink(missing_ok=True)
        raise


def index_snapshots(folder: str | os.PathLike[str], /) -> Path:
    """Makes the index of a folder anew from the snapshots there, such as that of a run that was killed.

    ``python -m movimento.series FOLDER`` does the same.

    Parameters
    ----------
    folder : str or path
        Of a `Writer` that is closed, or of `Solver.write_snapshot`.

    Returns
    -------
    Path
        Of the index.

    Raises
    ------
    FileError
        If there are no snapshots, they are of different series, or a writer has the folder.
    """
    where = absolute(folder)
    call(c.mov_index_snapshots, os.fsencode(where), None)
    return Path(where) / INDEX


def _described(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text(c.mov_index_describe, os.fsencode(path)))
    return found


def _checked(path: Path) -> dict[str, Any]:
    """What there is, without snapshots that an index lists and that are others now."""
    found = _described(path)
    for names, what in ((found["gone"], "is not there"), (found["replaced"], "is another one now")):
        if names:
            more = f", nor are {len(names) - 1} others as they were" if len(names) > 1 else ""
            raise errors.FileError(
                f"the index at {os.fspath(path)!r} lists {names[0]}, which {what}{more}: HDF5 would show something "
                "else in its place. movimento.index_snapshots(folder) makes an index of the snapshots that are there"
            )
    return found


def _of_folder(folder: Path) -> tuple[Opened, Path | None]:
    found = _checked(folder)
    count = found["listed"] + len(found["unlisted"])
    if not count:
        raise FileNotFoundError(f"there is no snapshot snap_*.h5 in {os.fspath(folder)!r}")
    if not found["unlisted"]:
        _allow_files(found["files"], count, folder)
        return _of_one(folder / INDEX), None
    # An index of all of them, for as long as it is looked at.
    handle, name = tempfile.mkstemp(suffix=".vtkhdf", prefix="movimento_")
    os.close(handle)
    made = Path(name)
    try:
        call(c.mov_index_snapshots, os.fsencode(folder), os.fsencode(made))
    except errors.FileError:
        made.unlink()
        if found["is_index"]:
            raise
        # Snapshots that make no series: each for itself.
        return _of_snapshots(folder), None
    _allow_files(found["files"] + len(found["unlisted"]), count, folder)
    return _of_one(made), made


def _allow_files(files: int, count: int, folder: Path) -> None:
    """Has the process open so many files more, of so many snapshots: HDF5 shows NaN for what it cannot open."""
    try:
        import resource
    except ImportError:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return
    try:
        inside = sum(1 for _ in Path("/proc/self/fd").iterdir())
    except OSError:
        inside = OTHERS
    needed = files + inside + OTHERS
    if needed <= soft:
        return
    if hard == resource.RLIM_INFINITY or needed <= hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
        return
    raise errors.FileError(
        f"the series in {os.fspath(folder)!r} has {count} snapshots, and this process may open {hard} files: raise "
        "`ulimit -n`, or open what pack_snapshots makes of it"
    )


def _opened(source: Path, group: str | None) -> xarray.Dataset:
    import xarray

    # A unit "s" or "days" is a unit, and no reason to round numbers to nanoseconds.
    return xarray.open_dataset(source, engine=ENGINE, group=group, decode_times=False, decode_timedelta=False)


def _whole(opened: Opened, points: bool, made: Path | None) -> xarray.Dataset:
    root = opened(None)
    time = root["t"]
    fields, figures = (opened("points") if points else root), opened("series")
    parts = [fields, figures, root]
    fields, figures = (_over_time(part, time) for part in (fields, figures))
    # At points there is a mass of each, which is not the figure.
    whole: xarray.Dataset = fields.assign({name: figures[name] for name in figures if name not in fields})
    # The scale of time stands in the root alone.
    whole = whole.assign_coords(t=time)

    def close() -> None:
        for part in parts:
            part.close()
        if made is not None:
            made.unlink(missing_ok=True)

    whole.set_close(close)
    if made is not None:
        # Arrays of it may live longer than it does.
        atexit.register(_remove, made)
    return whole


def _remove(made: Path) -> None:
    with contextlib.suppress(OSError):
        made.unlink(missing_ok=True)


def _of_one(file: Path) -> Opened:
    return lambda group: _opened(file, group)


def _of_snapshots(folder: Path) -> Opened:
    import xarray

    try:
        import dask  # noqa: F401
    except ImportError as error:
        raise ImportError(
            f"snapshots that make no series are opened by dask: pip install 'movimento[xarray]' ({error})"
        ) from error
    paths = sorted(folder.glob("snap_*.h5"), key=lambda path: int(path.stem.removeprefix("snap_")))
    times = [float(_read_time(path)) for path in paths]

    def opened(group: str | None) -> xarray.Dataset:
        return xarray.open_mfdataset(
            paths,
            engine=ENGINE,
            group=group,
            combine="nested",
            concat_dim="t",
            preprocess=lambda one: _over_time(one, xarray.DataArray([times[paths.index(_source(one))]], dims="t")),
            combine_attrs="override",
            join="outer",
            decode_times=False,
            decode_timedelta=False,
        )

    return opened


def _source(one: xarray.Dataset) -> Path:
    return Path(one.encoding["source"])


def _read_time(path: Path) -> Any:
    with _opened(path, None) as one:
        return one["t"].values[0]


def _over_time(one: xarray.Dataset, time: xarray.DataArray) -> xarray.Dataset:
    """With an axis of time, which a single snapshot has not."""
    if all("t" in field.dims for field in one.values()):
        return one
    fields: xarray.Dataset = one.map(
        lambda field: field if "t" in field.dims else field.expand_dims(t=time.values), keep_attrs=True
    )
    return fields


def _main() -> int:
    import argparse

    parser = argparse.ArgumentParser(
        prog="python -m movimento.series",
        description="Makes the index of a folder of snapshots anew, or tells what is wrong with it.",
    )
    parser.add_argument("folder", help="where the snapshots are")
    parser.add_argument(
        "--check", action="store_true", help="compare the index with the snapshots, and change nothing"
    )
    given = parser.parse_args()
    try:
        if given.check:
            found = _described(Path(given.folder))
            print(json.dumps(found, indent=1))
            return int(not found["is_index"] or any(found[key] for key in ("gone", "replaced", "unlisted")))
        print(index_snapshots(given.folder))
    except errors.Error as error:
        parser.exit(2, f"{error}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(_main())
