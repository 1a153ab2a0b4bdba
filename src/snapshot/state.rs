//! What the solver was doing, as plain numbers: energies, reports, parameters and options.

use super::Snapshot;
use super::content::{Attribute, Content};
use super::restart;
use crate::options::Value;
use crate::report::{FitReport, StepReport};

/// Adds the groups `/energy`, `/report`, `/fit`, `/state`, `/options`, `/network` and `/restart`.
pub(super) fn add<'a>(content: &mut Content<'a>, snapshot: &'a Snapshot<'a>) {
    add_energies(content, &snapshot.energies);
    if let Some(report) = snapshot.report {
        add_report(content, report);
    }
    if let Some(fit) = snapshot.fit {
        add_fit(content, fit);
    }
    add_state(content, snapshot);
    add_options(content, snapshot);
    if let Some(network) = &snapshot.network {
        super::network::add(content, network);
    }
    if let Some(checkpoint) = &snapshot.checkpoint {
        restart::add(content, checkpoint);
    }
}

fn add_energies(content: &mut Content<'_>, energies: &[(String, f64)]) {
    content.group("/energy");
    content.real("/energy/total", energies.iter().map(|(_, f)| f).sum());
    // An empty dataset is an error to some readers.
    if !energies.is_empty() {
        let terms: Vec<f64> = energies.iter().map(|(_, f)| *f).collect();
        content.reals("/energy/terms", &[terms.len()], terms);
        let names = energies.iter().map(|(name, _)| name.clone()).collect();
        content.attribute("/energy", "names", Attribute::Texts(names));
    }
}

fn add_report(content: &mut Content<'_>, report: &StepReport) {
    // Taken apart by name so that a new figure is not forgotten here.
    let StepReport {
        step,
        time,
        tau,
        energy,
        energy_before,
        movement_distance,
        energy_slack,
        residual,
        error_bound,
        gap,
        boundary_flux,
        least_jacobian,
        mass,
        iterations,
        retries,
        rejected,
        error_estimate,
        seconds,
    } = *report;
    content.group("/report");
    for (name, value) in [
        ("step", step),
        ("iterations", iterations),
        ("retries", retries),
        ("rejected", rejected),
    ] {
        content.integer(&format!("/report/{name}"), count(value));
    }
    for (name, value) in [
        ("time", time),
        ("tau", tau),
        ("energy", energy),
        ("energy_before", energy_before),
        ("movement_distance", movement_distance),
        ("energy_slack", energy_slack),
        ("residual", residual),
        ("error_bound", error_bound),
        ("gap", gap),
        ("boundary_flux", boundary_flux),
        ("least_jacobian", least_jacobian),
        ("mass", mass),
        ("error_estimate", error_estimate),
        ("seconds", seconds),
    ] {
        content.real(&format!("/report/{name}"), value);
    }
}

fn add_fit(content: &mut Content<'_>, fit: &FitReport) {
    let FitReport {
        relative_error,
        iterations,
        seconds,
    } = *fit;
    content.group("/fit");
    content.real("/fit/relative_error", relative_error);
    content.integer("/fit/iterations", count(iterations));
    content.real("/fit/seconds", seconds);
}

fn add_state<'a>(content: &mut Content<'a>, snapshot: &Snapshot<'a>) {
    content.group("/state");
    content.integer("/state/step", count(snapshot.step));
    content.real("/state/time", snapshot.time);
    content.real("/state/tau", snapshot.tau);
    if !snapshot.parameters.is_empty() {
        let len = snapshot.parameters.len();
        content.reals("/state/parameters", &[len], snapshot.parameters);
    }
}

fn add_options(content: &mut Content<'_>, snapshot: &Snapshot<'_>) {
    content.group("/options");
    for (name, value) in snapshot.options.iter() {
        let path = format!("/options/{name}");
        match value {
            Value::Real(value) => content.real(&path, value),
            Value::Integer(value) => content.integer(&path, value),
            Value::Text(value) => content.text("/options", name, &value),
            // An empty list, which stands for an automatic choice, is an error to some readers.
            Value::Reals(values) if values.is_empty() => {}
            Value::Integers(values) if values.is_empty() => {}
            Value::Reals(values) => content.reals(&path, &[values.len()], values),
            Value::Integers(values) => content.integers(&path, values),
        }
    }
}

/// HDF5 readers know int64 better than its unsigned twin.
fn count(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
