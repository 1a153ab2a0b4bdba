//! What a step and an initial fit report.

use crate::error::{Error, Result};
use serde_json::json;

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
    /// Root mean square over the boundary of the normal component of f_p (the flux); NaN where the
    /// host gave its own nodes and did not say where the boundary is.
    pub boundary_flux: f64,
    /// The least determinant of the transport map's derivative at the independent labels; NaN for an L2
    /// flow.
    pub least_jacobian: f64,
    /// The integral of u, on the independent nodes.
    pub mass: f64,
    /// Minimiser iterations of the step, all stages.
    pub iterations: u64,
    /// Times the step was tried again with fresh nodes, or for a map with denser labels.
    pub retries: u64,
    /// With `step_tolerance`, times it was tried again with a shorter time step.
    pub rejected: u64,
    /// With `step_tolerance`, the estimated error of the step relative to the norm of u; else 0.
    pub error_estimate: f64,
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

/// One figure of a report, by its key.
struct Figure<R> {
    name: &'static str,
    help: &'static str,
    get: fn(&R) -> f64,
}

const fn figure_of<R>(name: &'static str, help: &'static str, get: fn(&R) -> f64) -> Figure<R> {
    Figure { name, help, get }
}

/// Every figure of a step. Counts far below 2^53 are exact as floating-point numbers.
#[allow(clippy::cast_precision_loss)]
static STEP: &[Figure<StepReport>] = &[
    figure_of("step", "steps taken so far", |r| r.step as f64),
    figure_of("time", "time reached", |r| r.time),
    figure_of("tau", "time step used", |r| r.tau),
    figure_of(
        "energy",
        "F(u) after the step, on the independent nodes",
        |r| r.energy,
    ),
    figure_of(
        "energy_before",
        "F(u) before the step, on the same nodes",
        |r| r.energy_before,
    ),
    figure_of(
        "movement_distance",
        "d(u_{k+1}, u_k) in the metric of the flow",
        |r| r.movement_distance,
    ),
    figure_of(
        "energy_slack",
        "F(u_k) - F(u_{k+1}) - d^2/(2 tau), not negative when the energy inequality holds; without the last term for orders 2 and 3",
        |r| r.energy_slack,
    ),
    figure_of(
        "residual",
        "L2 norm of the Euler-Lagrange residual of the last stage",
        |r| r.residual,
    ),
    figure_of(
        "error_bound",
        "bound on the distance to the exact minimiser of the last stage; infinity when F is not known to be convex",
        |r| r.error_bound,
    ),
    figure_of(
        "gap",
        "what the minimiser estimates it could still gain in its objective",
        |r| r.gap,
    ),
    figure_of(
        "boundary_flux",
        "root mean square of the normal component of f_p on the boundary; NaN for nodes of the host without a boundary",
        |r| r.boundary_flux,
    ),
    figure_of(
        "least_jacobian",
        "least determinant of the transport map's derivative; NaN for an L2 flow",
        |r| r.least_jacobian,
    ),
    figure_of("mass", "integral of u", |r| r.mass),
    figure_of(
        "iterations",
        "minimiser iterations of the step, all stages",
        |r| r.iterations as f64,
    ),
    figure_of(
        "retries",
        "times the step was tried again with fresh nodes, or for a map with denser labels",
        |r| r.retries as f64,
    ),
    figure_of(
        "rejected",
        "times the step was tried again with a shorter time step, with `step_tolerance`",
        |r| r.rejected as f64,
    ),
    figure_of(
        "error_estimate",
        "estimated error of the step in time, relative to the norm of u, with `step_tolerance`; else 0",
        |r| r.error_estimate,
    ),
    figure_of("seconds", "wall-clock seconds of the step", |r| r.seconds),
];

/// Every figure of the initial fit.
#[allow(clippy::cast_precision_loss)]
static FIT: &[Figure<FitReport>] = &[
    figure_of(
        "fit_relative_error",
        "relative L2 error of the initial fit, on independent nodes",
        |r| r.relative_error,
    ),
    figure_of(
        "fit_iterations",
        "minimiser iterations of the initial fit",
        |r| r.iterations as f64,
    ),
    figure_of(
        "fit_seconds",
        "wall-clock seconds of the initial fit",
        |r| r.seconds,
    ),
];

/// The figure with this key, from the reports that there are.
///
/// # Errors
/// [`Option`](crate::ErrorKind::Option) if no figure has this key, [`State`](crate::ErrorKind::State)
/// if there is no such report yet.
pub fn figure(key: &str, step: Option<&StepReport>, fit: Option<&FitReport>) -> Result<f64> {
    if let Some(figure) = STEP.iter().find(|figure| figure.name == key) {
        let report = step.ok_or_else(|| {
            Error::state(format!(
                "`{key}` describes a step, and none has been taken yet"
            ))
        })?;
        return Ok((figure.get)(report));
    }
    if let Some(figure) = FIT.iter().find(|figure| figure.name == key) {
        let report = fit.ok_or_else(|| {
            Error::state(format!(
                "`{key}` describes the initial fit, and there is no initial condition yet"
            ))
        })?;
        return Ok((figure.get)(report));
    }
    let known: Vec<_> = figures().map(|(name, _)| name).collect();
    Err(Error::option(format!(
        "there is no figure `{key}`; the figures are {}",
        known.join(", ")
    )))
}

/// Name, help and value of every figure of a step; without a report the values are NaN.
pub(crate) fn step_figures(
    report: Option<&StepReport>,
) -> impl Iterator<Item = (&'static str, &'static str, f64)> {
    STEP.iter().map(move |figure| {
        let value = report.map_or(f64::NAN, |report| (figure.get)(report));
        (figure.name, figure.help, value)
    })
}

/// The figures as a JSON array of objects with `name` and `help`.
#[must_use]
pub fn describe() -> String {
    let all: Vec<_> = figures()
        .map(|(name, help)| json!({"name": name, "help": help}))
        .collect();
    serde_json::Value::Array(all).to_string()
}

fn figures() -> impl Iterator<Item = (&'static str, &'static str)> {
    let step = STEP.iter().map(|figure| (figure.name, figure.help));
    step.chain(FIT.iter().map(|figure| (figure.name, figure.help)))
}
