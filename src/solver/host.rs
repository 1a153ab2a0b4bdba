//! Domain and quadrature given by the host before the initial condition.

use super::Solver;
use crate::domain::{BoundaryValue, Bounds, Inside};
use crate::energy::{Energy, Mobility, Outer, Term};
use crate::error::{Error, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

impl Solver {
    /// Keeps of the box only where `inside` says so. Called before
    /// [`set_initial`](Self::set_initial); a second call replaces the first. The function is called
    /// now, at every step with random nodes, and for snapshots, whose points outside become NaN.
    ///
    /// Features below about 1/250 of a side (d = 2; 1/90 for d = 3) may be missed. With nodes of
    /// the host's own the function serves the boundary flux and the snapshots.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) after the initial condition,
    /// [`Option`](crate::ErrorKind::Option) if the domain is a ball or the embedding fits a box only,
    /// [`Argument`](crate::ErrorKind::Argument) if no point or too small a part of the box is inside,
    /// and what the function returns.
    pub fn set_inside(&mut self, inside: Arc<Inside>) -> Result<()> {
        let started = self.check_no_initial("the region");
        let host = self.flow.host_domain("a region")?;
        started?;
        host.set_inside(&mut self.context, consistent(inside))
    }

    /// Takes all integrals with nodes `x` (`[n][d]`) and weights `w` (`[n]`) of the host, such as
    /// those of its mesh, and measures on the nodes `check`, which should be another set; without
    /// one every eighth node is held out, and its weight goes to the seven about it in the order
    /// given. Called before [`set_initial`](Self::set_initial); a second call replaces the first.
    ///
    /// The boundary flux is measured where [`set_boundary`](Self::set_boundary) or
    /// [`set_inside`](Self::set_inside) say where the boundary is, and is NaN otherwise.
    ///
    /// With a communicator a collective call: each rank gives its own nodes, perhaps none.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) after the initial condition,
    /// [`Option`](crate::ErrorKind::Option) if the embedding fits a box only, and
    /// [`Argument`](crate::ErrorKind::Argument) if shapes do not fit, a position lies outside the box, a
    /// weight is negative or not finite, or the nodes are too few for the network.
    pub fn set_nodes(
        &mut self,
        x: &[f64],
        w: &[f64],
        check: Option<(&[f64], &[f64])>,
    ) -> Result<()> {
        self.collectively("set_nodes", |solver| {
            let started = solver.check_no_initial("nodes");
            let host = solver.flow.host_domain("nodes")?;
            started?;
            host.set_nodes(&mut solver.context, x, w, check)
        })
    }

    /// Measures the boundary flux on nodes of the host: `x` (`[n][d]`), outward unit normals
    /// (`[n][d]`) and weights (`[n]`). Called before [`set_initial`](Self::set_initial). With a
    /// communicator a collective call: each rank gives its own nodes, perhaps none.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) after the initial condition and
    /// [`Argument`](crate::ErrorKind::Argument) if shapes do not fit, a position lies outside the box, a
    /// weight is negative or not finite, or a normal is not of length 1.
    pub fn set_boundary(&mut self, x: &[f64], normal: &[f64], w: &[f64]) -> Result<()> {
        self.set_boundary_sides(x, normal, w, &[])
    }

    /// The same with the side that each node is on (`[n]`, from 0 up), which the host numbers as it
    /// likes, for [energies](Self::add_boundary_energy) on some of them; without, all are on side 0.
    ///
    /// # Errors
    /// As for [`set_boundary`](Self::set_boundary), and for a negative side.
    pub fn set_boundary_sides(
        &mut self,
        x: &[f64],
        normal: &[f64],
        w: &[f64],
        side: &[i32],
    ) -> Result<()> {
        self.collectively("set_boundary", |solver| {
            let started = solver.check_no_initial("the boundary");
            let host = solver.flow.host_domain("a boundary")?;
            started?;
            host.set_boundary(&solver.context, x, normal, w, side)
        })
    }

    /// Adds to F the integral of an energy's density `b(x, u)` over a side of the boundary, or without one
    /// over all of it. Called before [`set_initial`](Self::set_initial), and after what says where the
    /// boundary is. With a communicator a collective call.
    ///
    /// Of a box side 2 k is where coordinate k is least, and 2 k + 1 where it is largest; of a boundary of the
    /// host they are as it numbers them. The condition that the minimisation makes hold there is
    /// `f_p . n + b_u = 0`. The option `embedding` must be none, or auto, which becomes none.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) after the initial condition, for nodes of the host without a
    /// boundary, or if the flow has no boundary, [`Argument`](crate::ErrorKind::Argument) if there is no such
    /// side, [`Plugin`](crate::ErrorKind::Plugin) if the energy uses grad u or is no integral of a density, and
    /// [`Option`](crate::ErrorKind::Option) if options do not fit.
    pub fn add_boundary_energy(&mut self, energy: &Energy, side: Option<i32>) -> Result<()> {
        self.collectively("add_boundary_energy", |solver| {
            let started = solver.check_no_initial("an energy on the boundary");
            let term = energy.instantiate(solver.domain().dimension());
            let c = solver.flow.components();
            let host = solver.flow.host_domain("an energy on the boundary")?;
            started?;
            let term = term?;
            term.require_components(c)?;
            let uses_time = term.uses_time();
            host.add_boundary_term(&mut solver.context, term, side)?;
            solver.uses_time |= uses_time;
            let identity = energy.identity();
            let place = side.map_or_else(|| "boundary".to_owned(), |side| format!("side {side}"));
            solver.energies.push(identity.at(place));
            Ok(())
        })
    }

    /// Gives u the value g(t, x) on a side of the boundary, or without one on all of it: a Dirichlet condition,
    /// which holds exactly. Called before [`set_initial`](Self::set_initial); every side once. With a
    /// communicator a collective call. Sides without a value keep their natural condition.
    ///
    /// A function is asked in this call at t = 0, where u_0 is fitted, and in each step at its beginning, its thirds
    /// and its end, of which the stages take what keeps the scheme's order. On
    /// boxes up to dimension 3 and on discs values may vary along a side, smoothly; beyond, and on balls, they
    /// depend on t alone. The option `embedding` must be none, or auto, which becomes none.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) after the initial condition, on a cut box or nodes of the host, or if
    /// the flow has no boundary, [`Argument`](crate::ErrorKind::Argument) if there is no such side, it has a value
    /// or an energy already, values contradict each other where two sides meet or are too rough,
    /// [`NotFinite`](crate::ErrorKind::NotFinite), [`Option`](crate::ErrorKind::Option) if options do not fit,
    /// and what the function returns.
    pub fn set_dirichlet(&mut self, side: Option<i32>, value: &BoundaryValue) -> Result<()> {
        self.collectively("set_dirichlet", |solver| {
            let started = solver.check_no_initial("a value on the boundary");
            let host = solver.flow.host_domain("a value on the boundary")?;
            started?;
            host.set_boundary_value(&mut solver.context, side, value)
        })
    }

    /// Gives the flow the mobility M > 0: `u_t = -M dF/du`, the flow in the metric `<v, w> = int v w / M`. Called
    /// before [`set_initial`](Self::set_initial); a second call replaces the first. With a communicator a collective
    /// call: each rank's function is asked at its own nodes.
    ///
    /// Of a function of x alone schemes keep their order. One of u or t is frozen for each step: for `movement` =
    /// euler at the state before it, and for second in its middle, at the end of an implicit Euler step of half the
    /// length, which costs a stage more. Figures of the report are then in that metric.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) after the initial condition or if the flow has no field in L2,
    /// [`Option`](crate::ErrorKind::Option) if a mobility of u or t meets `movement` = third,
    /// [`Argument`](crate::ErrorKind::Argument) and [`NotFinite`](crate::ErrorKind::NotFinite) if one of x alone is
    /// not positive (another is refused by the step that meets it), and what the function returns.
    pub fn set_mobility(&mut self, mobility: Mobility) -> Result<()> {
        self.collectively("set_mobility", |solver| {
            let started = solver.check_no_initial("a mobility");
            let host = solver.flow.host_domain("a mobility")?;
            started?;
            host.set_mobility(&mut solver.context, mobility)
        })
    }

    /// Holds u between bounds, `lo(x) <= u <= hi(x)`: the flow of F in the set of such fields, an obstacle problem.
    /// Called before [`set_initial`](Self::set_initial) and after what describes the domain; a second call replaces
    /// the first. With a communicator a collective call.
    ///
    /// Multipliers hold it at nodes of their own, the same in all steps: each stage is minimised in rounds until u
    /// misses the bounds there, or what they push it to, by less than a hundredth of the tolerance of steps. The
    /// figure `bound_error` of the report is the largest violation, also at nodes that no step trains on. u_0 is not
    /// held. The inequality that `energy_slack` measures is that of the last stage's own functional, with what holds u.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) after the initial condition or if the flow has no field in L2,
    /// [`Argument`](crate::ErrorKind::Argument) and [`NotFinite`](crate::ErrorKind::NotFinite) where nothing is
    /// between the bounds, [`Option`](crate::ErrorKind::Option) if the option `form` asks for the strong form, and
    /// what the function returns.
    pub fn set_bounds(&mut self, bounds: Bounds) -> Result<()> {
        self.collectively("set_bounds", |solver| {
            let started = solver.check_no_initial("bounds of u");
            let host = solver.flow.host_domain("bounds of u")?;
            started?;
            host.set_bounds(&mut solver.context, bounds)
        })
    }

    /// Holds the mean of u at a value: the flow of F among fields of this mean, from the first step on. Otherwise as
    /// [`hold_integral`](Self::hold_integral).
    ///
    /// # Errors
    /// As for [`hold_integral`](Self::hold_integral).
    pub fn hold_mean(&mut self, value: f64) -> Result<()> {
        self.collectively("hold_mean", |solver| {
            let started = solver.check_no_initial("a mean that is held");
            let host = solver.flow.host_domain("a mean that is held")?;
            started?;
            host.hold_integral(&mut solver.context, None, value)
        })
    }

    /// Holds the integral of an energy's density g(t, x, u) over the domain at a value; several may be held. Called
    /// before [`set_initial`](Self::set_initial) and after what describes the domain. With a communicator a collective
    /// call.
    ///
    /// Each stage is minimised in rounds of multipliers, and then moved along the gradients of the integrals until
    /// these have their values to rounding, by the independent nodes, at which mass and energy are measured. The
    /// figure `integral_error` of the report is what they are off, also by the nodes of the steps. u_0 is not held.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) after the initial condition or if the flow has no field in L2,
    /// [`Plugin`](crate::ErrorKind::Plugin) if the energy uses grad u or is no integral of a density,
    /// [`Argument`](crate::ErrorKind::Argument) if the value is not finite or the mean is held already, and
    /// [`Option`](crate::ErrorKind::Option) if the option `form` asks for the strong form.
    pub fn hold_integral(&mut self, energy: &Energy, value: f64) -> Result<()> {
        self.collectively("hold_integral", |solver| {
            let started = solver.check_no_initial("an integral that is held");
            let term = energy.instantiate(solver.domain().dimension());
            let c = solver.flow.components();
            let host = solver.flow.host_domain("an integral that is held")?;
            started?;
            let term = term?;
            of_scalar(&term, c)?;
            host.hold_integral(&mut solver.context, Some(term), value)
        })
    }

    /// Adds to F a function of the integral of an energy's density, `phi(int g(t, x, u) dx)`: penalties of a volume,
    /// energies that are not local. The integral is that by the independent nodes. Called before
    /// [`set_initial`](Self::set_initial) and after what describes the domain. With a communicator a collective call.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) after the initial condition or if the flow has no field in L2,
    /// [`Plugin`](crate::ErrorKind::Plugin) if the energy uses grad u or is no integral of a density, and
    /// [`Option`](crate::ErrorKind::Option) if the option `form` asks for the strong form.
    pub fn add_function_of_integral(&mut self, energy: &Energy, phi: Outer) -> Result<()> {
        self.collectively("add_function_of_integral", |solver| {
            let started = solver.check_no_initial("a function of an integral");
            let term = energy.instantiate(solver.domain().dimension());
            let c = solver.flow.components();
            let host = solver.flow.host_domain("a function of an integral")?;
            started?;
            let term = term?;
            of_scalar(&term, c)?;
            let uses_time = term.uses_time();
            host.add_outer(&mut solver.context, term, phi)?;
            solver.uses_time |= uses_time;
            let identity = energy
                .identity()
                .at("a function of its integral".to_owned());
            solver.energies.push(identity);
            Ok(())
        })
    }

    fn check_no_initial(&self, what: &str) -> Result<()> {
        match self.state {
            None => Ok(()),
            Some(_) => Err(Error::state(format!(
                "{what} can be set before the initial condition only"
            ))),
        }
    }
}

/// Refuses an energy of several components for a scalar u; for several components the flow says what it has no use for.
fn of_scalar(term: &Term, components: usize) -> Result<()> {
    match components {
        1 => term.require_components(1),
        _ => Ok(()),
    }
}

/// The function that says what is inside, some of whose answers are asked for twice: one that answers at random cuts
/// nothing that could be found.
fn consistent(inside: Arc<Inside>) -> Arc<Inside> {
    /// How many points of a call are asked about again, and in how many calls.
    const POINTS: usize = 16;
    const CALLS: usize = 32;
    let calls = AtomicUsize::new(0);
    Arc::new(move |x: &[f64], answers: &mut [bool]| {
        inside(x, answers)?;
        if calls.fetch_add(1, Ordering::Relaxed) >= CALLS || answers.is_empty() {
            return Ok(());
        }
        let (d, n) = (x.len() / answers.len(), answers.len().min(POINTS));
        let mut again = [false; POINTS];
        inside(&x[..n * d], &mut again[..n])?;
        match (0..n).find(|at| again[*at] != answers[*at]) {
            None => Ok(()),
            Some(at) => Err(Error::argument(format!(
                "the inside function answers differently when it is asked again, at {:?}; accepted is one that always \
                 gives the same answer for the same point",
                &x[at * d..(at + 1) * d]
            ))),
        }
    })
}
