//! What a step and an initial fit report.

use crate::error::{Error, Result};
use crate::section::Section;
use serde_json::json;

/// Figures that the first snapshots do not have.
const ADDED: [&str; 10] = [
    "bound_error",
    "integral_error",
    "work",
    "wall_error",
    "substeps",
    "parameters",
    "nodes",
    "stage_error",
    "space_error",
    "accepted_iterations",
];

/// Declares a report: its fields, and from the same lines the table of its figures, by which they
/// are described, told by key, saved and taken back. Figures are `f64` or counts, `u64`.
macro_rules! report {
    (
        $(#[$about:meta])*
        struct $report:ident, keys $prefix:literal {
            $($(#[$doc:meta])* $field:ident: $kind:ident, $help:literal;)*
        }
    ) => {
        $(#[$about])*
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct $report {
            $($(#[$doc])* pub $field: $kind,)*
        }

        impl $report {
            const FIGURES: &[Figure<Self>] = &[
                $(Figure {
                    key: concat!($prefix, stringify!($field)),
                    field: stringify!($field),
                    help: $help,
                    access: report!(@access $field $kind),
                },)*
            ];

            /// Saves every figure under the name of its field.
            pub fn save(&self, into: &mut Section) {
                Self::FIGURES.iter().for_each(|figure| figure.save(self, into));
            }

            /// Takes back what [`save`](Self::save) saved; figures that were added since the first
            /// snapshots are 0 where they are missing.
            ///
            /// # Errors
            /// [`File`](crate::ErrorKind::File) if another figure is missing, or one is of another kind.
            pub fn load(from: &Section) -> Result<Self> {
                let mut report = Self::default();
                for figure in Self::FIGURES {
                    if from.has(figure.field) || !ADDED.contains(&figure.field) {
                        figure.load(&mut report, from)?;
                    }
                }
                Ok(report)
            }
        }
    };
    (@access $field:ident f64) => {
        Access::Real(|report| report.$field, |report, value| report.$field = value)
    };
    (@access $field:ident u64) => {
        Access::Count(|report| report.$field, |report, value| report.$field = value)
    };
}

report! {
    /// What the last step did and how well. Distances and norms are in the metric of the flow.
    struct StepReport, keys "" {
        /// Steps taken so far; 0 before the first, when the other figures describe the initial fit.
        step: u64, "steps taken so far";
        /// Time reached.
        time: f64, "time reached";
        /// Time step used.
        tau: f64, "time step used";
        /// F(u) after the step, on the independent nodes.
        energy: f64, "F(u) after the step, on the independent nodes";
        /// F(u) before the step, on the same nodes.
        energy_before: f64, "F(u) before the step, on the same nodes";
        /// What F gained in the step by changing with time, `int dF/dt dt`, as the stages take it:
        /// `sum F(t_m, U_{m-1}) - F(t_{m-1}, U_{m-1})`, t_m the times of the stages; 0 where no term
        /// depends on time.
        work: f64, "what F(t, u) gained in the step by changing with t; 0 where it does not depend on time";
        /// d(u_{k+1}, u_k).
        movement_distance: f64, "d(u_{k+1}, u_k) in the metric of the flow";
        /// `F(u_k) + work - F(u_{k+1}) - d^2/(2 tau)`: not negative when the energy inequality of the
        /// Euler movement holds (for higher orders `F(u_k) + work - F(u_{k+1})`). Where values on the boundary
        /// have moved, the same of the last stage's own functional and of u_k with these values.
        energy_slack: f64,
            "F(u_k) + work - F(u_{k+1}) - d^2/(2 tau), not negative when the energy inequality holds; \
             without the last term for orders 2 and 3";
        /// L2 norm of the Euler-Lagrange residual `(u - c) S/tau + grad F(u)` of the last stage on
        /// independent nodes. Of a field that is held it is that with the multipliers of integrals, and with bounds
        /// `S/tau (u - P(u - tau r / S))`, P the projection between them.
        residual: f64, "L2 norm of the Euler-Lagrange residual of the last stage";
        /// Bound `tau/S |residual|` on the distance to the exact minimiser of the last stage, valid
        /// for convex F and a vanishing boundary flux; infinity when a term is not known to be
        /// convex.
        error_bound: f64,
            "bound on the distance to the exact minimiser of the last stage; infinity when F is \
             not known to be convex";
        /// What the minimiser estimates it could still gain in the stage's objective.
        gap: f64, "what the minimiser estimates it could still gain in its objective";
        /// Root mean square over the boundary, but for sides with given values, of what the natural condition
        /// makes vanish: the normal component of f_p (the flux), and b_u where there are energies on it. NaN
        /// where the host gave its own nodes and did not say where the boundary is, or all sides have values.
        boundary_flux: f64,
            "root mean square of the normal component of f_p on the boundary, with b_u where there \
             are energies on it and without sides of given values; NaN for nodes of the host \
             without a boundary and where all sides have values";
        /// The largest `|u - g|` on the boundary where values g are given, relative to the variation of u and g,
        /// or to that of u_0 where it was larger; 0 where u has the values exactly or none are given.
        wall_error: f64,
            "largest |u - g| on the boundary where values g are given, relative to the variation of u; 0 \
             where u has them exactly or none are given";
        /// The largest violation of bounds of u, at their own nodes and at the independent ones, relative to the
        /// variation of u, or to that of u_0 where it was larger; 0 without bounds.
        bound_error: f64,
            "largest part of its variation by which u is beyond its bounds, at their own nodes and at \
             independent ones; 0 without bounds";
        /// The largest part of its size, `int |g|` or its value, by which an integral that is held is off its value,
        /// by the nodes of the steps and by the independent nodes, at which it is held; 0 if none are held.
        integral_error: f64,
            "largest part of its size by which an integral that is held is off its value, by the nodes of \
             the steps and by the independent ones, at which it is held; 0 if none are held";
        /// The least determinant of the transport map's derivative at the independent labels; NaN
        /// for an L2 flow.
        least_jacobian: f64,
            "least determinant of the transport map's derivative; NaN for an L2 flow";
        /// The integral of u, on the independent nodes; of several components the sum of theirs.
        mass: f64, "integral of u; of several components the sum of theirs";
        /// Minimiser iterations of the step, all stages, attempts that failed included.
        iterations: u64,
            "minimiser iterations of the step, all stages, attempts that failed included";
        /// Minimiser iterations of the attempts that were accepted.
        accepted_iterations: u64, "minimiser iterations of the attempts that were accepted";
        /// Times the step was tried again with fresh nodes, or for a map with denser labels.
        retries: u64,
            "times the step was tried again with fresh nodes, or for a map with denser labels";
        /// Parts that the step was taken in, where the whole failed: 1, or up to 4.
        substeps: u64, "parts that the step was taken in, where the whole failed; 1 is none";
        /// Parameters that are minimised over.
        parameters: u64, "parameters of the network that is minimised over";
        /// Nodes or labels that the step was trained on, on all ranks.
        nodes: u64, "nodes or labels that the step was trained on";
        /// The distance to the exact minimiser of the last stage that the minimiser estimates from
        /// what is left to gain, `sqrt(2 gap tau/S)`.
        stage_error: f64,
            "estimated distance to the exact minimiser of the last stage, from what is left to gain";
        /// Estimated error of the step in space, `tau/S |residual|`, relative to the variation of u: how far the last
        /// stage is from its minimiser among all fields. NaN where the residual is.
        space_error: f64,
            "estimated error of the step in space, tau/S times the residual, relative to the variation of u";
        /// With `step_tolerance`, times it was tried again with a shorter time step.
        rejected: u64,
            "times the step was tried again with a shorter time step, with `step_tolerance`";
        /// With `step_tolerance`, the estimated error of the step relative to the norm of u; else
        /// 0.
        error_estimate: f64,
            "estimated error of the step in time, relative to the norm of u, with \
             `step_tolerance`; else 0";
        /// Wall-clock seconds of the step.
        seconds: f64, "wall-clock seconds of the step";
    }
}

report! {
    /// The fit of the initial condition.
    struct FitReport, keys "fit_" {
        /// Relative L2 error on independent nodes.
        relative_error: f64, "relative L2 error of the initial fit, on independent nodes";
        /// The largest `|u - g|` of the fit on the boundary where values g are given, relative to the variation
        /// of u; 0 where u has the values exactly or none are given.
        wall_error: f64,
            "largest |u - g| of the initial fit on the boundary where values g are given, relative to the \
             variation of u; 0 where u has them exactly or none are given";
        /// Minimiser iterations.
        iterations: u64, "minimiser iterations of the initial fit";
        /// Wall-clock seconds.
        seconds: f64, "wall-clock seconds of the initial fit";
    }
}

report! {
    /// The last field that the host handed over between two steps.
    struct HandOverReport, keys "hand_over_" {
        /// Hand-overs so far.
        count: u64, "fields and increments that the host has handed over so far";
        /// Steps that were taken before the last one.
        step: u64, "steps that were taken before the last hand-over";
        /// The error at independent points, relative to the size of the field.
        relative_error: f64,
            "L2 error of the last hand-over at independent points, relative to the size of the field";
        /// The change of the field, relative to its size.
        change: f64, "change of the field by the last hand-over, relative to its size";
        /// Minimiser iterations.
        iterations: u64, "minimiser iterations of the last hand-over";
        /// The error that more features would not have lessened; 0 if none were tried.
        in_vain: f64, "error of a hand-over that more features did not lessen; 0 if none were tried";
        /// Wall-clock seconds.
        seconds: f64, "wall-clock seconds of the last hand-over";
    }
}

/// A figure of a report.
struct Figure<R> {
    /// Its name among the figures of all reports.
    key: &'static str,
    /// The name of its field.
    field: &'static str,
    help: &'static str,
    access: Access<R>,
}

/// Reads and sets the field of a figure.
enum Access<R> {
    Real(fn(&R) -> f64, fn(&mut R, f64)),
    Count(fn(&R) -> u64, fn(&mut R, u64)),
}

impl<R> Figure<R> {
    /// Counts far below 2^53 are exact as floating-point numbers.
    #[allow(clippy::cast_precision_loss)]
    fn value(&self, report: &R) -> f64 {
        match self.access {
            Access::Real(get, _) => get(report),
            Access::Count(get, _) => get(report) as f64,
        }
    }

    fn save(&self, report: &R, into: &mut Section) {
        match self.access {
            Access::Real(get, _) => into.set_f64(self.field, get(report)),
            Access::Count(get, _) => into.set_u64(self.field, get(report)),
        }
    }

    fn load(&self, report: &mut R, from: &Section) -> Result<()> {
        match self.access {
            Access::Real(_, set) => set(report, from.get_f64(self.field)?),
            Access::Count(_, set) => set(report, from.get_u64(self.field)?),
        }
        Ok(())
    }
}

/// The figure with this key, from the reports that there are.
///
/// # Errors
/// [`Option`](crate::ErrorKind::Option) if no figure has this key,
/// [`State`](crate::ErrorKind::State) if there is no such report yet.
pub fn figure(
    key: &str,
    step: Option<&StepReport>,
    fit: Option<&FitReport>,
    hand_over: Option<&HandOverReport>,
) -> Result<f64> {
    if let Some(figure) = find(StepReport::FIGURES, key) {
        let report = step.ok_or_else(|| {
            Error::state(format!(
                "`{key}` describes a step, and none has been taken yet; take one first"
            ))
        })?;
        return Ok(figure.value(report));
    }
    if let Some(figure) = find(FitReport::FIGURES, key) {
        let report = fit.ok_or_else(|| {
            Error::state(format!(
                "`{key}` describes the initial fit, and there is no initial condition yet; set one first"
            ))
        })?;
        return Ok(figure.value(report));
    }
    if let Some(figure) = find(HandOverReport::FIGURES, key) {
        let report = hand_over.ok_or_else(|| {
            Error::state(format!(
                "`{key}` describes a hand-over, and there is no initial condition yet; set one first"
            ))
        })?;
        return Ok(figure.value(report));
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
    StepReport::FIGURES.iter().map(move |figure| {
        let value = report.map_or(f64::NAN, |report| figure.value(report));
        (figure.key, figure.help, value)
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
    let step = StepReport::FIGURES.iter();
    let step = step.map(|figure| (figure.key, figure.help));
    let fit = FitReport::FIGURES.iter();
    let hand_over = HandOverReport::FIGURES.iter();
    step.chain(fit.map(|figure| (figure.key, figure.help)))
        .chain(hand_over.map(|figure| (figure.key, figure.help)))
}

fn find<R>(figures: &'static [Figure<R>], key: &str) -> Option<&'static Figure<R>> {
    figures.iter().find(|figure| figure.key == key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_figure_of_a_report_comes_back() {
        let mut report = StepReport::default();
        for (number, figure) in (1_u32..).zip(StepReport::FIGURES) {
            match figure.access {
                Access::Real(_, set) => set(&mut report, f64::from(number) + 0.5),
                Access::Count(_, set) => set(&mut report, number.into()),
            }
        }
        report.error_bound = f64::INFINITY;
        let mut section = Section::new("report");
        report.save(&mut section);
        assert_eq!(StepReport::load(&section).unwrap(), report);
        let without = |name: &str| {
            let mut section = section.clone();
            section.retain(|entry| entry != name);
            StepReport::load(&section)
        };
        for figure in StepReport::FIGURES {
            match without(figure.field) {
                Ok(_) => assert!(ADDED.contains(&figure.field), "{}", figure.field),
                Err(error) => assert_eq!(
                    error.message(),
                    format!("its `report/{}` is missing", figure.field)
                ),
            }
        }
        assert!(ADDED.iter().all(|name| without(name).is_ok()));
    }

    #[test]
    fn keys_of_figures_differ() {
        let keys: std::collections::BTreeSet<_> = figures().map(|(key, _)| key).collect();
        assert_eq!(keys.len(), figures().count());
    }
}
