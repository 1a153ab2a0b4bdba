"""Snapshots of a run, as one dataset over time."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import xarray


def open_series(folder: str | os.PathLike[str], /) -> xarray.Dataset:
    """Opens the snapshots ``snap_*.h5`` of a folder as one dataset over time.

    Fields are read when they are asked for. It needs xarray with h5netcdf and dask, which
    ``pip install movimento[xarray]`` brings.

    Parameters
    ----------
    folder : str or path

    Returns
    -------
    xarray.Dataset
        Fields over t and the axes z, y, x; over t alone the energy, its terms ``energy_terms`` by name, the
        number ``step`` of steps, and the figures of the report, such as ``report_residual``, NaN where there
        was none.

    Raises
    ------
    FileNotFoundError
        If there is no snapshot in the folder.
    """
    import h5py
    import xarray

    paths = sorted(Path(folder).glob("snap_*.h5"), key=lambda path: int(path.stem.removeprefix("snap_")))
    if not paths:
        raise FileNotFoundError(f"there is no snapshot snap_*.h5 in {os.fspath(folder)!r}")

    def over_time(one: xarray.Dataset) -> xarray.Dataset:
        fields: xarray.Dataset = one.map(
            lambda field: field if "t" in field.dims else field.expand_dims(t=one.t), keep_attrs=True
        )
        return fields

    fields: xarray.Dataset = xarray.open_mfdataset(
        paths, engine="h5netcdf", combine="nested", concat_dim="t", preprocess=over_time, combine_attrs="override"
    )
    rows = []
    for path in paths:
        with h5py.File(path, "r") as file:
            rows.append(_scalars(file))
    series: dict[str, Any] = {}
    for name in dict.fromkeys(name for row in rows for name in row):
        values = [row.get(name, np.nan) for row in rows]
        series[name] = ("t", np.array(values), {"units": "1", "long_name": name.replace("_", " ")})
    whole: xarray.Dataset = fields.assign(series)
    return whole


def _scalars(file: Any) -> dict[str, float]:
    row: dict[str, float] = {"step": file["state/step"][()], "energy": file["energy/total"][()]}
    names = [name.decode() for name in file["energy"].attrs.get("names", ())]
    for name, value in zip(names, file["energy/terms"][:] if names else (), strict=True):
        row[f"energy_{name}"] = value
    for name, value in file.get("report", {}).items():
        row[f"report_{name}"] = value[()]
    return row
