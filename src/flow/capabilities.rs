//! Capabilities that only some flows have: a domain described by the host, a field that it may change, masses,
//! trajectories.

use super::{Context, Flow, HandOver, State};
use crate::domain::{BoundaryValue, Bounds, Inside};
use crate::energy::{Mobility, Outer, Term};
use crate::error::Result;
use crate::minimize::Watch;
use crate::quadrature::Nodes;
use std::sync::Arc;

/// Points with masses that sum to 1, and the density there.
pub struct Masses {
    /// Positions, `[n][d]`.
    pub x: Vec<f64>,
    /// Masses, `[n]`.
    pub w: Vec<f64>,
    /// The density, `[n]`.
    pub rho: Vec<f64>,
}

/// Domain and quadrature given by the host: see the methods of the same names of
/// [`Solver`](crate::Solver). Each is called before the initial condition, and leaves the flow as
/// it was if it fails.
pub trait HostDomain {
    /// Keeps of the box only where `inside` says so.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option), [`Argument`](crate::ErrorKind::Argument), and errors
    /// of the function.
    fn set_inside(&mut self, cx: &mut Context, inside: Arc<Inside>) -> Result<()>;

    /// Takes all integrals with nodes of the host, and measures on `check`. Collective.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option) and [`Argument`](crate::ErrorKind::Argument).
    fn set_nodes(
        &mut self,
        cx: &mut Context,
        x: &[f64],
        w: &[f64],
        check: Option<(&[f64], &[f64])>,
    ) -> Result<()>;

    /// Takes integrals over the boundary with nodes of the host, which are on these sides, `[n]`, or all on
    /// side 0 if none are given. Collective.
    ///
    /// # Errors
    /// [`Argument`](crate::ErrorKind::Argument).
    fn set_boundary(
        &mut self,
        cx: &Context,
        x: &[f64],
        normal: &[f64],
        w: &[f64],
        side: &[i32],
    ) -> Result<()>;

    /// Adds an energy on a side of the boundary, or on all of it. Collective.
    ///
    /// # Errors
    /// [`Argument`](crate::ErrorKind::Argument) if there is no such side,
    /// [`Plugin`](crate::ErrorKind::Plugin) if the term is no integral of a density of x and u alone, and
    /// [`Option`](crate::ErrorKind::Option) if options do not fit.
    fn add_boundary_term(&mut self, cx: &mut Context, term: Term, side: Option<i32>) -> Result<()>;

    /// Gives u a value on a side of the boundary, or on all of it. Collective.
    ///
    /// # Errors
    /// [`Argument`](crate::ErrorKind::Argument) if there is no such side, it has a value, or values of two sides
    /// contradict each other, [`State`](crate::ErrorKind::State) if the domain is one that takes none, and what
    /// the function returns.
    fn set_boundary_value(
        &mut self,
        cx: &mut Context,
        side: Option<i32>,
        value: &BoundaryValue,
    ) -> Result<()>;

    /// Sets the mobility M of `u_t = -M dF/du`. Collective.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option) if the movement scheme is of an order that it does not keep,
    /// [`Argument`](crate::ErrorKind::Argument) and [`NotFinite`](crate::ErrorKind::NotFinite) if it is not
    /// positive or no number, and what the function returns.
    fn set_mobility(&mut self, cx: &mut Context, mobility: Mobility) -> Result<()>;

    /// Holds u between bounds. Collective.
    ///
    /// # Errors
    /// [`Argument`](crate::ErrorKind::Argument) and [`NotFinite`](crate::ErrorKind::NotFinite) where nothing is
    /// between them, [`Option`](crate::ErrorKind::Option) if the option `form` asks for the strong form, and what
    /// the function returns.
    fn set_bounds(&mut self, cx: &mut Context, bounds: Bounds) -> Result<()>;

    /// Holds the integral of a density of t, x and u at a value, or without one the mean of u. Collective.
    ///
    /// # Errors
    /// [`Plugin`](crate::ErrorKind::Plugin) if the term is no such integral,
    /// [`Argument`](crate::ErrorKind::Argument) if the value is not finite or the mean is held already, and
    /// [`Option`](crate::ErrorKind::Option) if the option `form` asks for the strong form.
    fn hold_integral(&mut self, cx: &mut Context, of: Option<Term>, value: f64) -> Result<()>;

    /// Adds a function of the integral of a density of t, x and u as an energy. Collective.
    ///
    /// # Errors
    /// [`Plugin`](crate::ErrorKind::Plugin) if the term is no such integral, and
    /// [`Option`](crate::ErrorKind::Option) if the option `form` asks for the strong form.
    fn add_outer(&mut self, cx: &mut Context, of: Term, phi: Outer) -> Result<()>;
}

/// A flow of a field that stays where it is: the host may change it between steps, and its rate of change is
/// known at any point.
pub trait Eulerian {
    /// The flow that goes on with what the host makes of the present field, and in `state` its
    /// parameters and the report. Collective.
    ///
    /// # Errors
    /// Those of a [`start`](Flow::start).
    fn handed_over(
        &self,
        cx: &Context,
        state: &mut State,
        given: HandOver<'_>,
        watch: &mut Watch<'_>,
    ) -> Result<Box<dyn Flow>>;

    /// The flow with other parameters, of which `state` has as many. Collective.
    ///
    /// # Errors
    /// Those of a [`start`](Flow::start).
    fn with_parameters(&self, state: &mut State, parameters: &[f64]) -> Result<Box<dyn Flow>>;

    /// du/dt at `x` (`[n][d]`), `[n][c]`.
    ///
    /// # Errors
    /// Errors of the energies.
    fn rates(&self, cx: &Context, parameters: &[f64], x: &[f64]) -> Result<Vec<f64>>;
}

/// Queries of a flow of transport maps, whose mass has trajectories, in the state of `parameters`.
pub trait Lagrangian {
    /// The images of labels `x`, both `[n][d]`, however often the flow was relabelled since.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) without initial condition.
    fn push_forward(&self, cx: &Context, parameters: &[f64], x: &[f64]) -> Result<Vec<f64>>;

    /// The velocity `-grad (dF/drho)` of the mass at points `y` (`[n][d]`) with density `rho`
    /// (`[n]`) and gradient `slope` (`[n][d]`); 0 where there is no mass, NaN where rho is.
    ///
    /// # Errors
    /// Errors of the energies.
    fn velocity(
        &self,
        cx: &Context,
        parameters: &[f64],
        y: &[f64],
        rho: &[f64],
        slope: &[f64],
    ) -> Result<Vec<f64>>;

    /// Positions and masses of labels of the rule, drawn for the step: what quantiles are read from.
    ///
    /// # Errors
    /// [`TryAgain`](crate::ErrorKind::TryAgain) if the map folds labels over.
    fn sample(&self, cx: &Context, state: &State) -> Result<Nodes>;

    /// About n masses of the initial density, the same in every call, where they are now;
    /// of a flow that began with particles all of them.
    ///
    /// # Errors
    /// [`TryAgain`](crate::ErrorKind::TryAgain) if the map folds labels over.
    fn particles(&self, cx: &Context, parameters: &[f64], n: usize) -> Result<Nodes>;

    /// The masses that began at `x` (`[n][d]`), where they are now.
    ///
    /// # Errors
    /// [`TryAgain`](crate::ErrorKind::TryAgain) if the map folds labels over.
    fn particles_from(&self, cx: &Context, parameters: &[f64], x: &[f64]) -> Result<Nodes>;
}
