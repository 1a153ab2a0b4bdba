//! A checkpoint, read from a snapshot whose seal was found whole.

use crate::energy::{Identity, PluginIdentity};
use crate::error;
use crate::fingerprint::Fingerprint;
use crate::flow::{Linearized, Past, Relabelling, Saved, Turn};
use crate::minimize::{Kept, MatrixMemory, Memory};
use crate::options::{Options, Value};
use crate::report::{FitReport, StepReport};
use crate::snapshot::content::TEXT_LEN;
use crate::snapshot::read;
use crate::solver::Checkpoint;
use hdf5::types::FixedAscii;
use hdf5::{Group, Location, Result};
use std::path::Path;
use std::sync::Arc;

/// The layout that is read.
const FORMAT: i64 = 1;

/// Reads the checkpoint of a snapshot.
pub fn read(path: &Path) -> Result<Checkpoint> {
    let file = read::file(path)?;
    let format = file.attr("format_version")?.read_raw::<i64>()?;
    if text(&file, "format")? != "movimento snapshot" || format != [FORMAT] {
        return Err(format!(
            "it has format {format:?} of `{}`; accepted is {FORMAT} of `movimento snapshot`",
            text(&file, "format")?
        )
        .into());
    }
    if !file.link_exists("restart") {
        return Err("it holds fields only, nothing to restart from".into());
    }
    let (state, restart) = (file.group("state")?, file.group("restart")?);
    let fingerprint = |name| fingerprint(&restart, name);
    let memory = memory(&restart)?;
    Ok(Checkpoint {
        version: text(&file, "movimento_version")?,
        machine: text(&restart, "machine")?,
        options: options(&file.group("options")?)?,
        energies: energies(&restart)?,
        values: optional(&file.group("energy")?, "terms")?,
        nodes: fingerprint("nodes")?,
        flow: Saved {
            origin: match restart.attr_names()?.iter().any(|name| name == "origin") {
                true => Some(fingerprint("origin")?),
                false => None,
            },
            relabelled: relabelled(&restart)?,
        },
        tau: real(&state, "tau")?,
        step: count(&state, "step")?,
        time: real(&state, "time")?,
        refinements: refined(&restart)?,
        parameters: reals(&state, "parameters")?,
        past: past(&restart)?,
        linearized: memory.as_ref().and_then(|(_, stage)| *stage),
        memory: memory.map(|(memory, _)| memory),
        fit: fit(&file.group("fit")?)?,
        report: match file.link_exists("report") {
            true => report(&file.group("report")?)?,
            false => StepReport::default(),
        },
    })
}

/// Options that the file does not have keep their defaults: it is older than they are.
fn options(group: &Group) -> Result<Options> {
    let mut options = Options::new();
    for (name, default) in Options::new().iter() {
        let is_text = matches!(default, Value::Text(_));
        let there = match is_text {
            true => group.attr_names()?.iter().any(|n| n == name),
            false => group.link_exists(name),
        };
        if !there {
            continue;
        }
        let value = match default {
            Value::Real(_) => Value::Real(real(group, name)?),
            Value::Integer(_) => Value::Integer(group.dataset(name)?.read_scalar()?),
            Value::Text(_) => Value::Text(text(group, name)?),
            Value::Reals(_) => Value::Reals(reals(group, name)?),
            Value::Integers(_) => Value::Integers(group.dataset(name)?.read_raw()?),
        };
        options.set(name, value).map_err(said)?;
    }
    Ok(options)
}

fn energies(restart: &Group) -> Result<Vec<Identity>> {
    let mut energies = Vec::new();
    loop {
        let name = format!("energy_{}", energies.len());
        if !restart.link_exists(&name) {
            return Ok(energies);
        }
        let group = restart.group(&name)?;
        let is_plugin = group.attr_names()?.iter().any(|name| name == "file");
        let mut parameters = Vec::new();
        for name in group.member_names()? {
            let values = reals(&group, &name)?;
            parameters.push((name, values));
        }
        energies.push(Identity {
            name: text(&group, "name")?,
            plugin: match is_plugin {
                true => Some(PluginIdentity {
                    version: text(&group, "version")?,
                    abi: text(&group, "abi")?,
                    file: text(&group, "file")?,
                }),
                false => None,
            },
            parameters,
        });
    }
}

fn past(restart: &Group) -> Result<Vec<Past>> {
    if !restart.link_exists("past") {
        return Ok(Vec::new());
    }
    let shape = restart.dataset("past")?.shape();
    let [_, stages, size] = shape[..] else {
        return Err("its `past` is not of three dimensions".into());
    };
    let (all, taus) = (reals(restart, "past")?, reals(restart, "past_tau")?);
    let steps = all.chunks_exact((stages * size).max(1)).zip(taus);
    Ok(steps
        .map(|(step, tau)| Past {
            tau,
            changes: step.chunks_exact(size).map(<[f64]>::to_vec).collect(),
        })
        .collect())
}

fn memory(restart: &Group) -> Result<Option<(Memory, Option<Linearized>)>> {
    if !restart.link_exists("minimizer") {
        return Ok(None);
    }
    let [damping, least, reuse] = exactly(restart, "minimizer")?;
    let mut memory = Memory {
        damping,
        least,
        reuse: reuse != 0.0,
        matrix: None,
    };
    if !restart.link_exists("matrix") {
        return Ok(Some((memory, None)));
    }
    let [step, attempt, strength, damping, mean] = exactly(restart, "matrix_stage")?;
    memory.matrix = Some(MatrixMemory {
        parameters: reals(restart, "matrix")?,
        kept: Kept { damping, mean },
    });
    // Both are far below 2^53.
    let stage = Linearized {
        turn: Turn {
            step: step as u64,
            attempt: attempt as u64,
        },
        strength,
    };
    Ok(Some((memory, Some(stage))))
}

/// Absent where labels were never made denser.
fn refined(restart: &Group) -> Result<u64> {
    if !restart.link_exists("refined") {
        return Ok(0);
    }
    let value = restart.dataset("refined")?.read_raw::<i64>()?;
    let wrong = || format!("its `refined` is {value:?}; accepted is one number of 0 or more");
    let first = value.first().filter(|_| value.len() == 1);
    Ok(first
        .and_then(|v| u64::try_from(*v).ok())
        .ok_or_else(wrong)?)
}

fn relabelled(restart: &Group) -> Result<Vec<Relabelling>> {
    if !restart.link_exists("relabelled") {
        return Ok(Vec::new());
    }
    let all = reals(restart, "relabelled")?;
    let steps = restart.dataset("relabelled_step")?.read_raw::<i64>()?;
    let size = all.len() / steps.len().max(1);
    let maps = all.chunks_exact(size.max(1)).zip(steps);
    maps.map(|(map, step)| {
        Ok(Relabelling {
            step: u64::try_from(step).map_err(|_| "its `relabelled_step` is negative")?,
            parameters: Arc::new(map.to_vec()),
        })
    })
    .collect()
}

fn fit(group: &Group) -> Result<FitReport> {
    Ok(FitReport {
        relative_error: real(group, "relative_error")?,
        iterations: count(group, "iterations")?,
        seconds: real(group, "seconds")?,
    })
}

fn report(group: &Group) -> Result<StepReport> {
    let real = |name| real(group, name);
    let count = |name| count(group, name);
    Ok(StepReport {
        step: count("step")?,
        time: real("time")?,
        tau: real("tau")?,
        energy: real("energy")?,
        energy_before: real("energy_before")?,
        movement_distance: real("movement_distance")?,
        energy_slack: real("energy_slack")?,
        residual: real("residual")?,
        error_bound: real("error_bound")?,
        gap: real("gap")?,
        boundary_flux: real("boundary_flux")?,
        least_jacobian: real("least_jacobian")?,
        mass: real("mass")?,
        iterations: count("iterations")?,
        retries: count("retries")?,
        rejected: count("rejected")?,
        error_estimate: real("error_estimate")?,
        seconds: real("seconds")?,
    })
}

fn real(group: &Group, name: &str) -> Result<f64> {
    group.dataset(name)?.read_scalar()
}

fn reals(group: &Group, name: &str) -> Result<Vec<f64>> {
    group.dataset(name)?.read_raw()
}

fn optional(group: &Group, name: &str) -> Result<Vec<f64>> {
    match group.link_exists(name) {
        true => reals(group, name),
        false => Ok(Vec::new()),
    }
}

fn exactly<const N: usize>(group: &Group, name: &str) -> Result<[f64; N]> {
    let values = reals(group, name)?;
    let given = values.len();
    let wrong = |_| format!("its `{name}` holds {given} numbers; accepted are {N}");
    Ok(values.try_into().map_err(wrong)?)
}

fn count(group: &Group, name: &str) -> Result<u64> {
    let value: i64 = group.dataset(name)?.read_scalar()?;
    Ok(u64::try_from(value).map_err(|_| format!("its `{name}` is {value}"))?)
}

fn text(at: &Location, name: &str) -> Result<String> {
    let text: FixedAscii<TEXT_LEN> = at.attr(name)?.read_scalar()?;
    Ok(text.as_str().to_owned())
}

fn fingerprint(at: &Location, name: &str) -> Result<Fingerprint> {
    let text = text(at, name)?;
    let number = u128::from_str_radix(&text, 16);
    Ok(Fingerprint(number.map_err(|error| {
        format!("its fingerprint `{name}` is `{text}`: {error}")
    })?))
}

fn said(error: error::Error) -> hdf5::Error {
    error.to_string().into()
}
