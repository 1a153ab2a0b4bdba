//! What the solver was doing, as plain numbers: energies, reports, parameters and options.

use super::Snapshot;
use super::file::{array, integer, integer_list, real, text, texts};
use crate::options::Value;
use crate::report::{FitReport, StepReport};
use hdf5::{File, Result};

/// Writes the groups `/energy`, `/report`, `/fit`, `/state` and `/options`.
pub(super) fn write(file: &File, snapshot: &Snapshot<'_>) -> Result<()> {
    write_energies(file, &snapshot.energies)?;
    if let Some(report) = snapshot.report {
        write_report(file, report)?;
    }
    if let Some(fit) = snapshot.fit {
        write_fit(file, fit)?;
    }
    write_state(file, snapshot)?;
    write_options(file, snapshot)
}

fn write_energies(file: &File, energies: &[(String, f64)]) -> Result<()> {
    let group = file.create_group("energy")?;
    real(&group, "total", energies.iter().map(|(_, f)| f).sum())?;
    // An empty dataset is an error to some readers.
    if !energies.is_empty() {
        let terms: Vec<f64> = energies.iter().map(|(_, f)| *f).collect();
        array(&group, "terms", &[terms.len()], &terms)?;
        texts(
            &group,
            "names",
            energies.iter().map(|(name, _)| name.as_str()),
        )?;
    }
    Ok(())
}

fn write_report(file: &File, report: &StepReport) -> Result<()> {
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
    let group = file.create_group("report")?;
    for (name, value) in [
        ("step", step),
        ("iterations", iterations),
        ("retries", retries),
        ("rejected", rejected),
    ] {
        integer(&group, name, count(value))?;
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
        real(&group, name, value)?;
    }
    Ok(())
}

fn write_fit(file: &File, fit: &FitReport) -> Result<()> {
    let FitReport {
        relative_error,
        iterations,
        seconds,
    } = *fit;
    let group = file.create_group("fit")?;
    real(&group, "relative_error", relative_error)?;
    integer(&group, "iterations", count(iterations))?;
    real(&group, "seconds", seconds)
}

fn write_state(file: &File, snapshot: &Snapshot<'_>) -> Result<()> {
    let group = file.create_group("state")?;
    integer(&group, "step", count(snapshot.step))?;
    real(&group, "time", snapshot.time)?;
    real(&group, "tau", snapshot.tau)?;
    if !snapshot.parameters.is_empty() {
        let len = snapshot.parameters.len();
        array(&group, "parameters", &[len], snapshot.parameters)?;
    }
    Ok(())
}

fn write_options(file: &File, snapshot: &Snapshot<'_>) -> Result<()> {
    let group = file.create_group("options")?;
    for (name, value) in snapshot.options.iter() {
        match value {
            Value::Real(value) => real(&group, name, value)?,
            Value::Integer(value) => integer(&group, name, value)?,
            Value::Text(value) => text(&group, name, &value)?,
            Value::Reals(values) => array(&group, name, &[values.len()], &values).map(drop)?,
            Value::Integers(values) => integer_list(&group, name, &values)?,
        }
    }
    Ok(())
}

/// HDF5 readers know int64 better than its unsigned twin.
fn count(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
