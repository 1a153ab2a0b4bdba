"""Where a flow begins, other than a function or the name of a closed form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from . import _c, _callbacks
from ._arrays import address, of_field, points, shaped
from ._callbacks import Field, Gradient
from ._library import c
from .errors import ArgumentError

if TYPE_CHECKING:
    import xarray


@dataclass(frozen=True)
class Values:
    """Values at points, all weighted alike.

    Attributes
    ----------
    x : array_like, shape (n, d)
        Points inside the domain, in the user's unit of length; more than the network has parameters make
        a sound fit.
    u : array_like, shape (n,), or (n, c) of several components
    grad : array_like, shape (n, d) or (n, c, d), optional
        Gradients there, if they are known.
    """

    x: npt.ArrayLike
    u: npt.ArrayLike
    grad: npt.ArrayLike | None = None

    @classmethod
    def from_xarray(cls, field: xarray.DataArray) -> Values:
        """The values of a field on a grid, such as `Solver.to_xarray` or `open_series` give it.

        Parameters
        ----------
        field : xarray.DataArray
            With the dimensions x, y and z, as many as the domain has, in any order, and their coordinates;
            points where it is NaN are left out.
        """
        names = [name for name in ("x", "y", "z") if name in field.dims]
        if set(names) != set(field.dims) or not names:
            raise ArgumentError(f"the field has the dimensions {field.dims}; x, y and z are accepted")
        u = field.transpose(*names).values.ravel()
        axes = np.meshgrid(*(field[name].values for name in names), indexing="ij")
        x = np.stack([axis.ravel() for axis in axes], axis=1)
        known = ~np.isnan(u)
        return cls(x[known], u[known])


@dataclass(frozen=True)
class Gaussians:
    """A Gaussian density, or a mixture of k of them.

    Attributes
    ----------
    mean : array_like, shape (k, d) or (d,)
        In the user's unit of length.
    covariance : array_like, shape (k, d, d) or (d, d)
        Symmetric and positive definite, in its square.
    share : array_like, shape (k,), optional
        Their masses, positive and of sum 1; else equal ones.
    """

    mean: npt.ArrayLike
    covariance: npt.ArrayLike
    share: npt.ArrayLike | None = None


@dataclass(frozen=True)
class Barenblatt:
    """The source solution of the porous medium equation, of mass 1 and about the origin.

    Attributes
    ----------
    m : float
        The exponent of the equation, above 1.
    t : float
        The time since all mass was at the origin.
    """

    m: float
    t: float


@dataclass(frozen=True)
class Particles:
    """Particles, which stay the labels of the flow; the density is known at them only.

    Attributes
    ----------
    x : array_like, shape (n, d)
        Positions, in the user's unit of length.
    rho : array_like, shape (n,)
        The density there, positive.
    w : array_like, shape (n,), optional
        Masses of sum 1; else equal ones.
    score : array_like, shape (n, d), optional
        The gradient of the logarithm of the density there; without it steps are posed in weak form, whose
        sampling error is larger.
    """

    x: npt.ArrayLike
    rho: npt.ArrayLike
    w: npt.ArrayLike | None = None
    score: npt.ArrayLike | None = None


#: What a flow can begin with: a function of x, the name of a closed form, or one of the above.
Initial: TypeAlias = Field | str | Values | Gaussians | Barenblatt | Particles


@dataclass(frozen=True)
class Prepared:
    """A call of the library, without the solver; `kept` is what must live as long as it is used."""

    function: Callable[..., int]
    arguments: tuple[Any, ...]
    kept: tuple[Any, ...] = ()


def prepared(initial: Initial, gradient: Gradient | None, d: int, is_density: bool, components: int = 1) -> Prepared:
    """What to call for an initial condition."""
    if gradient is not None and (is_density or not callable(initial)):
        raise ArgumentError("`gradient` goes with a field of an L2 flow that is given by a function")
    if isinstance(initial, str):
        return Prepared(c.mov_solver_set_initial_named, (initial.encode(),))
    if isinstance(initial, Values):
        x, leading, n = points(initial.x, d)
        u = shaped(initial.u, of_field(leading, components), "u")
        slopes_shape = of_field(leading, components, d)
        grad = None if initial.grad is None else shaped(initial.grad, slopes_shape, "grad")
        arguments: tuple[Any, ...] = (n, address(x), address(u), address(grad))
        return Prepared(c.mov_solver_set_initial_values, arguments, (x, u, grad))
    if isinstance(initial, Gaussians):
        mean, leading, k = points(initial.mean, d, "mean")
        covariance = shaped(initial.covariance, (*leading, d, d), "covariance")
        share = None if initial.share is None else shaped(initial.share, leading, "share")
        arguments = (k, address(share), address(mean), address(covariance))
        return Prepared(c.mov_solver_set_initial_gaussians, arguments, (mean, covariance, share))
    if isinstance(initial, Barenblatt):
        return Prepared(c.mov_solver_set_initial_barenblatt, (initial.m, initial.t))
    if isinstance(initial, Particles):
        x, leading, n = points(initial.x, d)
        rho = shaped(initial.rho, leading, "rho")
        w = None if initial.w is None else shaped(initial.w, leading, "w")
        score = None if initial.score is None else shaped(initial.score, x.shape, "score")
        arguments = (n, address(x), address(w), address(rho), address(score))
        return Prepared(c.mov_solver_set_initial_particles, arguments, (x, w, rho, score))
    if not callable(initial):
        raise ArgumentError(
            f"`initial` is a {type(initial).__name__}; a function, a name, Values, Gaussians, Barenblatt and "
            "Particles are accepted"
        )
    value = _callbacks.field(initial, components)
    if is_density:
        return Prepared(c.mov_solver_set_initial_density, (value, None), (value,))
    # NULL, when there is no gradient.
    slopes = _c.mov_gradient_fn() if gradient is None else _callbacks.gradient(gradient, components)
    return Prepared(c.mov_solver_set_initial_callback, (value, slopes, None), (value, slopes))
