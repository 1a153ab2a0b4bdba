"""Looks at a series of snapshots with xarray; cells begin with `# %%`, as notebooks and editors know them.

Usage: series.py FOLDER PICTURE [FIELD]
"""

# %% Open: the snapshots one by one, each with its time; nothing is read before it is wanted.
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import xarray as xr

if len(sys.argv) not in (3, 4):
    sys.exit(__doc__)
folder, picture = Path(sys.argv[1]), sys.argv[2]


def at_its_time(snapshot):
    """The fields of one snapshot, on an axis of time."""
    fields = [name for name, field in snapshot.data_vars.items() if "x" in field.dims]
    return snapshot[fields].drop_vars("t", errors="ignore").expand_dims(t=snapshot["t"].values)


files = sorted(folder.glob("snap_*.h5"))
if not files:
    sys.exit(f"there are no snapshots in {folder}")
series = xr.open_mfdataset(
    files, engine="h5netcdf", preprocess=at_its_time, combine="nested", concat_dim="t"
)
print(series)

# %% The field to look at, its integral over the box and its range, at every time.
names = np.atleast_1d(xr.open_dataset(files[0], engine="h5netcdf").attrs["fields"])  # in their order
field = series[sys.argv[3] if len(sys.argv) == 4 else names[0]]
components = [name for name in field.dims if name not in ("t", "x", "y", "z")]
if components:
    field = np.sqrt((field**2).sum(components)).rename(f"|{field.name}|")
axes = [name for name in ("x", "y", "z") if name in field.dims]
total = field.integrate(axes)

# %% Draw: along x through the middle at all times, and the integral.
across = {name: field.sizes[name] // 2 for name in axes[1:]}
figure, (left, right) = plt.subplots(1, 2, figsize=(9.6, 3.6), layout="constrained")
line = field.isel(across)
if "t" in line.dims and line.sizes["t"] > 1:
    line.plot(x="x", y="t", ax=left, cmap="viridis")
else:
    line.squeeze().plot(ax=left)
left.set_title(f"{field.name} along x through the middle")
total.plot(ax=right, marker="o", markersize=3)
right.set_title(f"integral of {field.name} over the grid")
figure.savefig(picture, dpi=120)
