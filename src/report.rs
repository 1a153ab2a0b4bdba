//! What a step and an initial fit report.

/// What the last step did and how well. Distances and norms are in the metric of the flow.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StepReport {
    /// Steps taken so far; 0 before the first, when the other figures describe the initial fit.
    pub step: u64,
    /// Time reached.
    pub time: f64,
    /// Time step used.
    pub tau: f64,
    /// F(u) after the step, on the independent nodes.
    pub energy: f64,
    /// F(u) before the step, on the same nodes.
    pub energy_before: f64,
    /// d(u_{k+1}, u_k).
    pub movement_distance: f64,
    /// `F(u_k) - F(u_{k+1}) - d^2/(2 tau)`: not negative when the energy inequality of the
    /// Euler movement holds (for higher orders `F(u_k) - F(u_{k+1})`).
    pub energy_slack: f64,
    /// L2 norm of the Euler-Lagrange residual `(u - c) S/tau + grad F(u)` of the last stage on
    /// independent nodes.
    pub residual: f64,
    /// Bound `tau/S |residual|` on the distance to the exact minimiser of the last stage, valid
    /// for convex F and a vanishing boundary flux; infinity when a term is not known to be convex.
    pub error_bound: f64,
    /// What the minimiser estimates it could still gain in the stage's objective.
    pub gap: f64,
    /// Root mean square over the boundary of the normal component of f_p (the flux).
    pub boundary_flux: f64,
    /// The integral of u, on the independent nodes.
    pub mass: f64,
    /// Minimiser iterations of the step, all stages.
    pub iterations: u64,
    /// Times the step was tried again with fresh nodes.
    pub retries: u64,
    /// Wall-clock seconds of the step.
    pub seconds: f64,
}

/// How the initial condition was fitted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FitReport {
    /// Relative L2 error on independent nodes.
    pub relative_error: f64,
    /// Minimiser iterations.
    pub iterations: u64,
    /// Wall-clock seconds.
    pub seconds: f64,
}
