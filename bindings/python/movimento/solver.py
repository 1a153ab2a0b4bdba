"""A gradient flow that is being solved."""

from __future__ import annotations

import ctypes
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from . import _c, _callbacks, _communicator, errors
from ._arrays import absolute, address, of_field, points, reals, shaped
from ._callbacks import Bound, BoundaryField, Change, Event, Gradient, Mobility, OfIntegral, Region, Source
from ._calls import call, count, create, number
from ._communicator import Communicator
from ._handle import Handle
from ._library import c
from ._progress import Watch, Watcher
from ._state import State
from .energy import Energy
from .initial import Initial, Values, prepared
from .options import Options, Value

_ENDED: dict[int, Literal["time", "rest", "event", "seconds"]] = {
    _c.MOV_ENDED_TIME: "time",
    _c.MOV_ENDED_REST: "rest",
    _c.MOV_ENDED_EVENT: "event",
    _c.MOV_ENDED_SECONDS: "seconds",
}


#: The whole boundary, to the library.
ALL_SIDES = -1


class Solver(State):
    """A gradient flow ``du/dt = -grad F(u)``, solved by minimizing movements over a neural network.

    Parameters
    ----------
    options : Options or mapping, optional
        The problem; copied.
    **values
        More options, such as ``tau=0.005``; see `Options.describe`.

    Notes
    -----
    Arrays of points have the shape (..., d), coordinates last; results have the shape that is left. A
    C-contiguous array of float64 is read where it lies, any other is converted. With the option ``components`` = c
    above 1 all that is of u has the axis c after those of the points: u (n, c), its gradient (n, c, d).

    While the library computes, other Python threads run. A solver serves one call at a time: a second one,
    from another thread or from a callback, is refused with a `HandleError` and the word "busy". Separate
    solvers run in separate threads.

    An exception in a function of yours comes out of the call that called it, as it is, and so does the
    KeyboardInterrupt of Ctrl-C; the solver is then at its last whole step.

    Examples
    --------
    >>> import numpy as np
    >>> with Solver(tau=0.005, hidden=[12]) as solver:
    ...     solver.add_energy("dirichlet", kappa=0.1)
    ...     solver.set_initial(lambda x: np.cos(np.pi * x[:, 0]))
    ...     solver.step_to(0.02)
    ...     print(f"{solver.evaluate([0.25, 0.5]):.4f}")
    0.6933
    """

    def __init__(self, options: Options | Mapping[str, Value] | None = None, /, **values: Value) -> None:
        self._options = Options(options, **values)
        handle = create(c.mov_solver_create, self._options._address)
        super().__init__(handle, c.mov_solver_free)
        self._d = int(self._options["dimension"])
        self._components = count(c.mov_solver_get_components, handle)
        #: Callbacks that the library may call until the solver is freed.
        self._callbacks: list[Any] = []
        self._initial: Any = None
        self._region: Region | None = None
        self._watch: Watch | None = None
        self._watcher = Watcher()
        call(c.mov_solver_set_progress, handle, self._watcher.callback, None)

    # What the problem is.

    def add_energy(self, energy: Energy | str, /, **parameters: float | npt.ArrayLike) -> None:
        """Adds a term to F, the sum of all energies added. Terms can be added until the first step.

        Parameters
        ----------
        energy : Energy or str
            A term, copied with its parameters as they are now; or the id of a plugin's.
        **parameters
            Those of the plugin's energy, when it is given by its id.
        """
        if isinstance(energy, str):
            with Energy(energy, **parameters) as made:
                call(c.mov_solver_add_energy, self._address, made._address)
            return
        if parameters:
            raise TypeError("parameters are those of an energy that is given by its id")
        call(c.mov_solver_add_energy, self._address, energy._address)
        self._callbacks.append(energy._callback)

    def add_source(self, source: Source, /) -> None:
        """Adds a source: ``du/dt = -grad F(u) + s(t, x)``, the energy ``-int s u dx`` named "source".

        Sources can be added until the first step. In Wasserstein space, where mass is kept, they are refused.

        Parameters
        ----------
        source : callable
            ``source(t, x)`` gets a time and points (n, d), and returns what it adds to du/dt (n,). It is a
            function of t as it is of x, asked for the times of a scheme's stages in any order.
        """
        callback = _callbacks.source(source)
        call(c.mov_solver_add_source, self._address, callback, None)
        self._callbacks.append(callback)

    def set_inside(self, inside: Region, /) -> None:
        """Cuts the box: the domain is where the function says so. Called before `set_initial`.

        Parameters
        ----------
        inside : callable
            ``inside(x)`` gets points (n, d) and returns (n,) of bool. The same point must always get the
            same answer.
        """
        callback = _callbacks.region(inside)
        # A former one is still in use if this one is refused.
        self._callbacks.append(callback)
        call(c.mov_solver_set_inside, self._address, callback, None)
        self._region = inside

    def set_nodes(
        self,
        x: npt.ArrayLike,
        w: npt.ArrayLike,
        x_check: npt.ArrayLike | None = None,
        w_check: npt.ArrayLike | None = None,
    ) -> None:
        """Takes all integrals with nodes of yours, such as the quadrature points of a mesh.

        Called before `set_initial`.

        Parameters
        ----------
        x : array_like, shape (n, d)
            Nodes inside the box, in the user's unit of length.
        w : array_like, shape (n,)
            Weights, 0 or larger, which sum to the volume.
        x_check, w_check : array_like, shapes (m, d) and (m,), optional
            A second, independent set, on which each step is checked; else every eighth node is held out.
        """
        nodes, leading, n = points(x, self._d)
        weights = shaped(w, leading, "w")
        if (x_check is None) != (w_check is None):
            raise errors.ArgumentError("`x_check` and `w_check` are given together")
        checks, check_weights, m = None, None, 0
        if x_check is not None and w_check is not None:
            checks, leading, m = points(x_check, self._d, "x_check")
            check_weights = shaped(w_check, leading, "w_check")
        call(
            c.mov_solver_set_nodes,
            self._address,
            n,
            address(nodes),
            address(weights),
            m,
            address(checks),
            address(check_weights),
        )

    def add_boundary_energy(
        self, energy: Energy | str, /, side: int | None = None, **parameters: float | npt.ArrayLike
    ) -> None:
        """Adds to F the integral of an energy's density b(x, u) over a side of the boundary.

        Robin conditions, given fluxes, contact angles: what holds there is ``f_p . n + b_u = 0``, with f the
        density in the domain. Called before `set_initial`.

        Parameters
        ----------
        energy : Energy or str
            A term that does not depend on grad u, copied with its parameters; or the id of a plugin's.
        side : int, optional
            Of a box 2 k where coordinate k is least and 2 k + 1 where it is largest, or a number given to
            `set_boundary`. Without it, all of the boundary.
        **parameters
            Those of the plugin's energy, when it is given by its id.

        Examples
        --------
        >>> with Solver(dimension=1, tau=0.05, movement="second") as solver:
        ...     solver.add_energy("dirichlet", kappa=1.0)
        ...     solver.add_boundary_energy("quadratic", side=1, kappa=2.0)  # u_x + 2 u = 0 at x = 1
        """
        which = ALL_SIDES if side is None else side
        if isinstance(energy, str):
            with Energy(energy, **parameters) as made:
                call(c.mov_solver_add_boundary_energy, self._address, made._address, which)
            return
        if parameters:
            raise TypeError("parameters are those of an energy that is given by its id")
        call(c.mov_solver_add_boundary_energy, self._address, energy._address, which)
        self._callbacks.append(energy._callback)

    def set_dirichlet(self, value: float | BoundaryField, /, side: int | None = None) -> None:
        """Gives u a value on a side of the boundary, a Dirichlet condition.

        It holds exactly on boxes and balls; on cut boxes, on your nodes with their boundary and where it varies
        around a ball in space, multipliers hold u to it, and ``wall_error`` of the report measures how well.
        Called before `set_initial`, for each side once. Sides without a value keep their natural condition. (The
        plugin "dirichlet" is the Dirichlet energy, no such condition.)

        Parameters
        ----------
        value : float or callable
            The same everywhere and always, or ``value(t, x)``, which gets points (n, d) and returns (n,). It may
            vary along the boundary, smoothly; on boxes beyond dimension 6 with t alone.
        side : int, optional
            As for `add_boundary_energy`. Without it, all of the boundary.
        """
        which = ALL_SIDES if side is None else side
        if not callable(value):
            call(c.mov_solver_set_dirichlet_constant, self._address, which, float(value))
            return
        callback = _callbacks.boundary_value(value)
        call(c.mov_solver_set_dirichlet, self._address, which, callback, None)
        self._callbacks.append(callback)

    def set_mobility(self, mobility: Mobility, /, *, uses_value: bool = False, uses_time: bool = False) -> None:
        """Gives the flow of a field a mobility M > 0: ``du/dt = -M dF/du``.

        The metric is ``int v w / M dx``, which distances and the energy inequality of the report are in. Of M(x)
        schemes keep their order; M of u or t is frozen for each step, to first order with ``movement="euler"`` and to
        second with "second", and refused with "third". Called before `set_initial`.

        Parameters
        ----------
        mobility : callable
            ``mobility(x)`` gets points (n, d) and returns M there, (n,). With ``uses_value`` it is
            ``mobility(x, u)``, with ``uses_time`` ``mobility(t, x)``, with both ``mobility(t, x, u)``.
        uses_value, uses_time : bool
            What M depends on beside x.

        Examples
        --------
        >>> with Solver(dimension=1, tau=0.05, movement="second") as solver:
        ...     solver.add_energy("dirichlet", kappa=1.0)
        ...     solver.set_mobility(lambda x, u: 1.0 + u**2, uses_value=True)
        """
        callback = _callbacks.mobility(mobility, uses_value, uses_time)
        flags = (_c.MOV_USES_VALUE if uses_value else 0) | (_c.MOV_USES_TIME if uses_time else 0)
        call(c.mov_solver_set_mobility, self._address, callback, flags, None)
        self._callbacks.append(callback)

    def set_bounds(self, lower: float | Bound | None = None, upper: float | Bound | None = None) -> None:
        """Holds u between bounds, ``lower <= u <= upper``: the flow of F among such fields, an obstacle problem.

        Multipliers hold it at nodes of their own; ``bound_error`` of the report is the largest violation, measured
        also at others. Called before `set_initial`; a second call replaces the first.

        Parameters
        ----------
        lower, upper : float or callable, optional
            The same everywhere, or ``lower(x)``, which gets points (n, d) and returns (n,). Without it there is none.

        Examples
        --------
        >>> with Solver(dimension=1, tau=0.05) as solver:
        ...     solver.add_energy("dirichlet", kappa=1.0)
        ...     solver.set_bounds(lower=lambda x: 0.5 - x[:, 0] ** 2)  # a membrane over an obstacle
        """
        if callable(lower) or callable(upper):
            callback = _callbacks.bounds(lower, upper)
            call(c.mov_solver_set_bounds, self._address, callback, None)
            self._callbacks.append(callback)
            return
        low = -math.inf if lower is None else float(lower)
        high = math.inf if upper is None else float(upper)
        call(c.mov_solver_set_bounds_constant, self._address, low, high)

    def hold_mean(self, value: float) -> None:
        """Holds the mean of u over the domain at a value, to rounding: the flow of F that keeps a volume.

        Called before `set_initial`, whose mean it need not be.
        """
        call(c.mov_solver_hold_mean, self._address, float(value))

    def hold_integral(self, energy: Energy | str, /, value: float, **parameters: float | npt.ArrayLike) -> None:
        """Holds the integral of an energy's density g(t, x, u) at a value; the energy is no part of F.

        ``integral_error`` of the report tells what it is off. Called before `set_initial`; several may be held.

        Parameters
        ----------
        energy : Energy or str
            A term that does not depend on grad u, copied with its parameters; or the id of a plugin's.
        value : float
            The value that ``int g dx`` is held at.
        **parameters
            Those of the plugin's energy, when it is given by its id.
        """
        if isinstance(energy, str):
            with Energy(energy, **parameters) as made:
                call(c.mov_solver_hold_integral, self._address, made._address, float(value))
            return
        if parameters:
            raise TypeError("parameters are those of an energy that is given by its id")
        call(c.mov_solver_hold_integral, self._address, energy._address, float(value))
        self._callbacks.append(energy._callback)

    def add_function_of_integral(
        self, energy: Energy | str, /, function: OfIntegral, **parameters: float | npt.ArrayLike
    ) -> None:
        """Adds to F a function of the integral of an energy's density, ``phi(int g(t, x, u) dx)``.

        The energy itself is no part of F. Called before `set_initial`.

        Parameters
        ----------
        energy : Energy or str
            A term that does not depend on grad u, copied with its parameters; or the id of a plugin's.
        function : callable
            ``function(integral)`` returns phi, its first and its second derivative.
        **parameters
            Those of the plugin's energy, when it is given by its id.
        """
        callback = _callbacks.of_integral(function)
        if isinstance(energy, str):
            with Energy(energy, **parameters) as made:
                call(c.mov_solver_add_function_of_integral, self._address, made._address, callback, None)
            self._callbacks.append(callback)
            return
        if parameters:
            raise TypeError("parameters are those of an energy that is given by its id")
        call(c.mov_solver_add_function_of_integral, self._address, energy._address, callback, None)
        self._callbacks += [callback, energy._callback]

    def set_boundary(
        self,
        x: npt.ArrayLike,
        normal: npt.ArrayLike,
        w: npt.ArrayLike,
        side: npt.ArrayLike | None = None,
    ) -> None:
        """Takes integrals over the boundary with nodes of yours: ``boundary_flux`` and energies on it.

        Called before `set_initial` and `add_boundary_energy`.

        Parameters
        ----------
        x : array_like, shape (n, d)
            Nodes on the boundary, in the user's unit of length.
        normal : array_like, shape (n, d)
            Outward normals of length 1.
        w : array_like, shape (n,)
            Weights, 0 or larger, which sum to the area of the boundary.
        side : array_like of int, shape (n,), optional
            The part of the boundary that each node is on, from 0 up, for `add_boundary_energy`.
        """
        nodes, leading, n = points(x, self._d)
        normals = shaped(normal, nodes.shape, "normal")
        weights = shaped(w, leading, "w")
        arrays = (n, address(nodes), address(normals), address(weights))
        if side is None:
            call(c.mov_solver_set_boundary, self._address, *arrays)
            return
        sides = np.require(side, np.int32, ["C", "A"])
        if sides.shape != leading:
            raise errors.ArgumentError(f"`side` has the shape {sides.shape}; {leading} is accepted")
        call(c.mov_solver_set_boundary_sides, self._address, *arrays, sides.ctypes.data)

    def set_initial(
        self,
        initial: Initial,
        /,
        gradient: Gradient | None = None,
        *,
        progress: bool | Watch = False,
    ) -> None:
        """Fits the network to an initial condition. Time starts at 0 again.

        Parameters
        ----------
        initial : callable, str, Values, Gaussians, Barenblatt or Particles
            ``initial(x)`` gets points (n, d) and returns u_0 there, (n,). Of a flow with a field
            ``density`` it is a density on the box of ``lower`` and ``upper``, not negative and of mass 1, and
            is asked again later. A text is the name of a closed form.
        gradient : callable, optional
            ``gradient(x)`` gets points (n, d) and returns grad u_0 there, (n, d), which makes the fit cheaper
            and better. For a field given by a function.
        progress : bool or callable
            True shows a bar, if tqdm is installed; a function is told of progress, see `set_progress`.

        Raises
        ------
        NotConverged
            If the fit's error is above the option ``fit_accept``. The solver stays as it was, as with any error.
        """
        given = prepared(initial, gradient, self._d, "density" in self.fields, self._components)
        with self._watcher.showing(progress, 0.0, None):
            call(given.function, self._address, *given.arguments)
        # A density's function is used until there is another; a former one was, up to here.
        self._initial = given

    def set_communicator(self, comm: Communicator | Any, /) -> None:
        """Splits the nodes of the solver among ranks, such as processes of MPI.

        Every rank makes a solver with the same options and energies, and calls this before `set_nodes`,
        `set_boundary` and `set_initial`. From then on all ranks make these calls, `step`, `step_to`, `energy`,
        `energies` and `write_snapshot` together; what fails on one rank fails on all. `set_nodes`,
        `set_boundary`, `Values` and `Particles` are each rank's own. The answer is that of one rank, but for
        rounding.

        Parameters
        ----------
        comm : mpi4py.MPI.Comm or Communicator
            A communicator of mpi4py, or an object with ``rank``, ``size`` and the collective operations
            ``sum``, ``max`` and ``broadcast`` on arrays in place.
        """
        communicator = _communicator.adapted(comm)
        callbacks = _communicator.callbacks(communicator)
        # Kept before it is known whether they are accepted: the library tries them.
        self._callbacks.append(callbacks)
        rank, size = communicator.rank, communicator.size
        call(c.mov_solver_set_communicator, self._address, rank, size, *callbacks, None)

    # Coupling.

    def set_state(self, state: Change | Values, /) -> None:
        """Goes on with another field than the present one; time, steps and the series of snapshots go on.

        What is fitted is the change: a small one costs about a step. The figures ``hand_over_*`` of the report
        tell how well. Of an L2 flow; a density begins anew instead, with `set_initial` and then `time`.

        Parameters
        ----------
        state : callable or Values
            ``state(x, u)`` gets points (n, d) and the present u there, (n,), and returns the new u. Or values at
            points that cover the domain, without gradients; the same points each time are the quickest.

        Raises
        ------
        NotConverged
            If the error is above the option ``fit_accept``. The solver stays as it was, as with any error.
        """
        self._hand_over(c.mov_solver_set_state_values, c.mov_solver_set_state_callback, state)

    def add_increment(self, increment: Change | Values, /) -> None:
        """Adds to the present field: what another operator makes of it in a step. Otherwise as `set_state`.

        Parameters
        ----------
        increment : callable or Values
            ``increment(x, u)`` returns what is added; or its values at points.
        """
        self._hand_over(c.mov_solver_add_increment_values, c.mov_solver_add_increment_callback, increment)

    def _hand_over(self, by_values: Any, by_callback: Any, given: Change | Values) -> None:
        if isinstance(given, Values):
            if given.grad is not None:
                raise errors.ArgumentError("gradients are of no use here; values alone are accepted")
            x, leading, n = points(given.x, self._d)
            values = shaped(given.u, of_field(leading, self._components), "u")
            call(by_values, self._address, n, address(x), address(values))
            return
        callback = _callbacks.expression(given, self._components, self._components)
        call(by_callback, self._address, callback, None)

    def set_parameters(self, values: npt.ArrayLike, /) -> None:
        """Goes on with other parameters of the network, of the shape of `parameters`. Of an L2 flow."""
        given = reals(values, "values")
        call(c.mov_solver_set_parameters, self._address, given.size, address(given))

    def set_time(self, time: float, /) -> None:
        """Changes the time reached, of a run that begins at another than 0, or anew where one ended."""
        call(c.mov_solver_set_time, self._address, time)

    def save_state(self) -> SavedState:
        """Saves the state in memory: a step from it leads to the same bits each time."""
        return SavedState(self)

    def restore_state(self, state: SavedState, /) -> None:
        """Goes back, or on, to a state that was saved of this solver or of a clone."""
        call(c.mov_solver_restore_state, self._address, state._address)
        self._options, self._initial, self._region = state._options, state._initial, state._region
        self._callbacks = [*state._callbacks, *(it for it in self._callbacks if it not in state._callbacks)]

    def clone(self) -> Solver:
        """Returns a solver of its own that goes on from the same state, and shares functions of yours."""
        copy = Solver.__new__(type(self))
        handle = create(c.mov_solver_clone, self._address)
        State.__init__(copy, handle, c.mov_solver_free)
        copy._options, copy._d, copy._components = self._options, self._d, self._components
        copy._callbacks, copy._initial, copy._region = [*self._callbacks], self._initial, self._region
        copy._watch, copy._watcher = None, Watcher()
        call(c.mov_solver_set_progress, handle, copy._watcher.callback, None)
        return copy

    # Time.

    def step(self) -> None:
        """Takes one time step. On failure the solver is what it was before.

        Raises
        ------
        RecoverableError
            If a smaller `tau` may succeed: `NotConverged`, `EnergyIncrease`, `TryAgain`, `Cancelled`.
        """
        call(c.mov_solver_step, self._address)

    def step_to(self, time: float, /, *, progress: bool | Watch = False) -> None:
        """Steps until a time, the last step shortened to end there exactly.

        Parameters
        ----------
        time : float
            In the unit of time of `tau`; not before the time reached.
        progress : bool or callable
            True shows a bar, if tqdm is installed; a function is told of progress, see `set_progress`.
        """
        with self._watcher.showing(progress, self.time, time):
            call(c.mov_solver_step_to, self._address, time)

    def step_by(self, tau: float, /) -> None:
        """Takes one time step of this length; `tau` stays."""
        call(c.mov_solver_step_by, self._address, tau)

    def run(
        self,
        *,
        time: float | None = None,
        rest: float | None = None,
        seconds: float | None = None,
        event: Event | None = None,
        x: npt.ArrayLike | None = None,
        progress: bool | Watch = False,
    ) -> Literal["time", "rest", "event", "seconds"]:
        """Steps until the first of what is given, and says which.

        Parameters
        ----------
        time : float, optional
            Reached exactly.
        rest : float, optional
            Tolerance of rest: the rate of change is below it relative to the fastest that there was, and the
            flow would change by less than that part of its size in as long a time as it has taken.
        seconds : float, optional
            By the clock, after which no step is begun.
        event : callable, optional
            ``event(time, energy, u)`` gets u at the points `x` and returns a number, whose change of sign ends
            the run, located to 1e-7 of a step.
        x : array_like, shape (n, d), optional
            Points at which `event` looks at u.
        progress : bool or callable
            As in `step_to`.
        """
        where, n = None, 0
        if x is not None:
            where, _, n = points(x, self._d)
        how = ctypes.c_int32()
        with self._watcher.showing(progress, self.time, time):
            call(
                c.mov_solver_run,
                self._address,
                math.inf if time is None else time,
                0.0 if rest is None else rest,
                math.inf if seconds is None else seconds,
                n,
                address(where),
                _c.mov_event_fn() if event is None else _callbacks.event(event, self._components),
                None,
                ctypes.byref(how),
            )
        return _ENDED[how.value]

    def set_progress(self, watch: Watch | None, /) -> None:
        """Watches the progress of every fit and step from now on.

        Parameters
        ----------
        watch : callable or None
            ``watch(progress)`` gets a `Progress` now and then. When it returns False, that and nothing
            else, the call ends with `Cancelled`. None watches no longer.
        """
        call(c.mov_solver_set_progress, self._address, self._watcher.callback, None)
        if self._watch is not None:
            self._watcher.watches.remove(self._watch)
        if watch is not None:
            self._watcher.watches.append(watch)
        self._watch = watch

    @property
    def tau(self) -> float:
        """The time step that the next step takes; it can be changed."""
        return number(c.mov_solver_get_tau, self._address)

    @tau.setter
    def tau(self, tau: float) -> None:
        call(c.mov_solver_set_tau, self._address, tau)

    def set_options(self, **values: Value) -> None:
        """Changes options from the next step on, such as those that a refused step advises to change.

        Of a field `hidden` and `nodes` may be among them; another `hidden` takes a fit of the new network to
        the present field. Collective with a communicator.

        Parameters
        ----------
        **values
            Options that `Options.describe` calls live, such as ``step_accept=0.1``.

        Raises
        ------
        OptionError
            If one of them cannot be changed in a run. The solver stays as it was.
        """
        changed = Options(self._options, **values)
        call(c.mov_solver_set_options, self._address, changed._address)
        self._options = changed

    def restore(self, path: str | os.PathLike[str], /) -> Path | None:
        """Goes on from a snapshot, to the same bits as a run that did not stop.

        The solver is made as that of the run was: the same options, energies and nodes. An L2 flow needs no
        initial condition; a flow in Wasserstein space is given its initial density again.

        Parameters
        ----------
        path : str or path
            A snapshot, or a folder of them, of which the last whole one is taken.

        Returns
        -------
        Path or None
            The snapshot that was taken; None if the folder has none or is not there, so that the run begins.

        Raises
        ------
        FileError
            If the file is damaged, or comes from a processor with other vector units.
        OptionError, PluginError, ArgumentError
            If the solver is not made as that of the run was; the message names what differs.

        Examples
        --------
        >>> import numpy as np
        >>> with Solver(tau=0.005, hidden=[12]) as solver:
        ...     solver.add_energy("dirichlet", kappa=0.1)
        ...     if not solver.restore("no such folder"):
        ...         solver.set_initial(lambda x: np.cos(np.pi * x[:, 0]))
        """
        number = ctypes.c_uint64()
        where = absolute(path)
        try:
            call(c.mov_solver_restore, self._address, os.fsencode(where), ctypes.byref(number))
        except errors.TryAgain as error:
            # Not that of an energy in Python, which asked for another try.
            if error.__cause__ is None and not Path(where).is_file():
                return None
            raise
        return Path(where) if Path(where).is_file() else Path(where) / f"snap_{number.value:06}.h5"

    def set_initial_snapshot(self, path: str | os.PathLike[str], /) -> Path:
        """Begins with the field of a snapshot, of whichever run: its network is evaluated, and the solver's own is
        fitted to it. Nothing else of that run is taken over.

        Parameters
        ----------
        path : str or path
            A snapshot of an L2 or H^-1 flow in the same dimension whose box has that of the solver in it, or a
            folder, of which the last whole one is taken.

        Returns
        -------
        Path
            The snapshot that was taken.
        """
        number = ctypes.c_uint64()
        where = absolute(path)
        call(c.mov_solver_set_initial_snapshot, self._address, os.fsencode(where), ctypes.byref(number))
        return Path(where) if Path(where).is_file() else Path(where) / f"snap_{number.value:06}.h5"

    def __repr__(self) -> str:
        if self.closed:
            return "<closed Solver>"
        try:
            return f"<Solver of {self._options!r} at t = {self.time:g} after {self.steps} steps>"
        except errors.HandleError:
            return f"<Solver of {self._options!r}, busy>"


class SavedState(Handle):
    """The state of a solver in memory, from `Solver.save_state`; it outlives the solver."""

    def __init__(self, solver: Solver) -> None:
        super().__init__(create(c.mov_solver_save_state, solver._address), c.mov_state_free)
        # What the library may call when it is restored.
        self._options, self._initial, self._region = solver._options, solver._initial, solver._region
        self._callbacks = [*solver._callbacks]
