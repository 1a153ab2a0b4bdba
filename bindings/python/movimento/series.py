"""Snapshots of a run, as one dataset over time."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import xarray

ENGINE = "h5netcdf"
#: Opens a group of what was found.
Opened: TypeAlias = "Callable[[str | None], xarray.Dataset]"


def open_series(path: str | os.PathLike[str], /, *, points: bool = False) -> xarray.Dataset:
    """Opens a series of snapshots as one dataset over time, whose arrays are read when they are asked for.

    It needs xarray with h5netcdf, and for a folder without index dask: ``pip install movimento[xarray]``.

    Parameters
    ----------
    path : str or path
        A folder of a `Writer`, or of `Solver.write_snapshot`, which makes no index; or a file of
        `pack_snapshots`.
    points : bool
        Whether what is shown at points is wanted, such as the masses of a flow in Wasserstein space, instead of
        what is shown on a grid.

    Returns
    -------
    xarray.Dataset
        Fields over t and the axes z, y, x, and the figures of each step over t, such as ``energy``,
        ``energy_terms`` and ``residual``. With `points` the fields, positions and masses over t and the
        points' ``id``.

    Raises
    ------
    FileNotFoundError
        If there is no snapshot in the folder.
    """
    where = Path(path)
    file = where if where.is_file() else where / "run.vtkhdf"
    opened = _of_one(file) if file.is_file() else _of_snapshots(where)
    fields, figures = opened("points" if points else None), opened("series")
    # At points there is a mass of each, which is not the figure.
    whole: xarray.Dataset = fields.assign({name: figures[name] for name in figures if name not in fields})

    def close() -> None:
        fields.close()
        figures.close()

    whole.set_close(close)
    return whole


def _of_one(file: Path) -> Opened:
    import xarray

    return lambda group: _over_time(xarray.open_dataset(file, engine=ENGINE, group=group))


def _of_snapshots(folder: Path) -> Opened:
    import xarray

    paths = sorted(folder.glob("snap_*.h5"), key=lambda path: int(path.stem.removeprefix("snap_")))
    if not paths:
        raise FileNotFoundError(f"there is no snapshot snap_*.h5 in {os.fspath(folder)!r}")
    return lambda group: xarray.open_mfdataset(
        paths,
        engine=ENGINE,
        group=group,
        combine="nested",
        concat_dim="t",
        preprocess=_over_time,
        combine_attrs="override",
    )


def _over_time(one: xarray.Dataset) -> xarray.Dataset:
    """With an axis of time, which a single snapshot has not."""
    if all("t" in field.dims for field in one.values()):
        return one
    fields: xarray.Dataset = one.map(
        lambda field: field if "t" in field.dims else field.expand_dims(t=one.t), keep_attrs=True
    )
    fields.set_close(one.close)
    return fields
