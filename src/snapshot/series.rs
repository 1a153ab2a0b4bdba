//! The figures of a step that make time series: one number or a small array each, as float64.

use crate::error::Result;
use crate::report;
use crate::solver::{Measured, Solver};

/// A figure of a snapshot.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// The name of its dataset.
    pub name: &'static str,
    /// Its meaning.
    pub help: String,
    /// Its shape; one number has none.
    pub shape: Vec<usize>,
    /// Row-major; NaN where it is not known.
    pub values: Vec<f64>,
}

impl Figure {
    fn new(name: &'static str, help: &str, shape: &[usize], values: Vec<f64>) -> Self {
        Self {
            name,
            help: help.to_owned(),
            shape: shape.to_vec(),
            values,
        }
    }
}

/// Names of figures that are not in the report of a step, or have another meaning here.
const OWN: [&str; 7] = [
    "step",
    "energy",
    "mass",
    "energy_terms",
    "mean",
    "covariance",
    "entropy",
];

/// Names of all figures that there may be.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let of_steps = report::step_figures(None).map(|(name, ..)| name);
    OWN.into_iter()
        .chain(of_steps.filter(|name| is_of_report(name)))
}

/// Whether a figure has this name.
pub(super) fn is_figure(name: &str) -> bool {
    names().any(|known| known == name)
}

/// Whether a figure of the report is one of the series: time is an axis there.
fn is_of_report(name: &str) -> bool {
    name != "time" && !OWN.contains(&name)
}

/// The figures of the solver's last step and of its state.
#[allow(clippy::cast_precision_loss)] // steps are far below 2^53
pub(super) fn figures(solver: &Solver, measured: &Measured) -> Result<Vec<Figure>> {
    let one = |name, help: &str, value| Figure::new(name, help, &[], vec![value]);
    let energies = &measured.energies;
    let total = energies.iter().sum();
    let mut all = vec![
        one("step", "steps taken so far", solver.steps() as f64),
        one("energy", "F(u), on the independent nodes", total),
        one("mass", "integral of u", measured.mass),
    ];
    if !energies.is_empty() {
        let names = solver.energy_names().join(", ");
        let help = format!("energy by term: {names}");
        let shape = [energies.len()];
        all.push(Figure::new("energy_terms", &help, &shape, energies.clone()));
    }
    for (name, help, value) in report::step_figures(solver.report()) {
        if is_of_report(name) {
            all.push(one(name, help, value));
        }
    }
    if let Some(moments) = &measured.moments {
        let d = moments.mean.len();
        all.extend([
            Figure::new("mean", "mean of the density", &[d], moments.mean.clone()),
            Figure::new(
                "covariance",
                "covariance of the density",
                &[d, d],
                moments.covariance.clone(),
            ),
            one(
                "entropy",
                "int rho ln rho, minus the entropy",
                moments.entropy,
            ),
        ]);
    }
    Ok(all)
}
