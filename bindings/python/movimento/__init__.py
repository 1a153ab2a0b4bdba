"""Gradient flows ``du/dt = -grad F(u)`` by minimizing movements over a neural network.

Make a `Solver` with its options, add energies (plugins by name, or Python functions), set the initial
condition, take steps, and look at the result at points of yours or as a dataset of xarray.
"""

from ._callbacks import Density, Field, Gradient, Region
from ._communicator import Communicator
from ._library import version
from ._progress import Progress, Watch
from ._results import FieldInfo
from ._state import describe_report
from .energy import Energy, EnergyInfo, ParameterInfo, plugins
from .errors import (
    ArgumentError,
    CallbackError,
    Cancelled,
    EnergyIncrease,
    Error,
    FileError,
    HandleError,
    InternalError,
    NotConverged,
    NotFiniteError,
    OptionError,
    OutOfMemoryError,
    PluginError,
    RecoverableError,
    StateError,
    TryAgain,
    UnknownOptionError,
)
from .initial import Barenblatt, Gaussians, Particles, Values
from .options import OptionInfo, Options, Value
from .series import index_snapshots, open_series
from .solver import SavedState, Solver
from .writer import Expression, Writer, pack_snapshots

__version__ = version()

__all__ = [
    "ArgumentError",
    "Barenblatt",
    "CallbackError",
    "Cancelled",
    "Communicator",
    "Density",
    "Energy",
    "EnergyIncrease",
    "EnergyInfo",
    "Error",
    "Expression",
    "Field",
    "FieldInfo",
    "FileError",
    "Gaussians",
    "Gradient",
    "HandleError",
    "InternalError",
    "NotConverged",
    "NotFiniteError",
    "OptionError",
    "OptionInfo",
    "Options",
    "OutOfMemoryError",
    "ParameterInfo",
    "Particles",
    "PluginError",
    "Progress",
    "RecoverableError",
    "Region",
    "SavedState",
    "Solver",
    "StateError",
    "TryAgain",
    "UnknownOptionError",
    "Value",
    "Values",
    "Watch",
    "Writer",
    "describe_report",
    "index_snapshots",
    "open_series",
    "pack_snapshots",
    "plugins",
    "version",
]
