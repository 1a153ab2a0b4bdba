//! Whether a solver is made like the one that a checkpoint comes from; what differs is named.
//!
//! Within one release a run goes on to the same bits, so that the files of plugins and their energies must be the very
//! same. Another release has plugins of its own build and may compute other bits: it goes on from the same fields and
//! parameters, says so in the log, and takes a plugin by its name, parameters and values. An earlier release, which may not
//! know every option, refuses.

use super::Solver;
use super::checkpoint::Checkpoint;
use crate::energy::Identity;
use crate::error::{Error, Result};
use crate::flow::{self, registry};
use crate::options::Value;
use crate::vector_units;

/// How far an energy of plugins of two releases may be apart, relatively to all: rounding, and no other formula.
const OTHER_RELEASE: f64 = 1e-6;

const RELEASE: &str = env!("CARGO_PKG_VERSION");

/// Whether this is the release that wrote a checkpoint.
fn same_release(checkpoint: &Checkpoint) -> bool {
    checkpoint.version == RELEASE
}

/// Whether a release came after this one, by its first two numbers: it may have options that this one does not know.
fn is_later(release: &str) -> bool {
    let numbers = |release: &str| -> Vec<u64> {
        let parts = release.split('.').take(2);
        parts.map(|part| part.parse().unwrap_or(0)).collect()
    };
    numbers(release) > numbers(RELEASE)
}

/// Options that change no bit of a run.
fn is_free(option: &str) -> bool {
    option == "threads" || option.starts_with("snapshot_")
}

/// Everything that can be told before anything is made.
///
/// # Errors
/// See [`Solver::restore`].
pub(super) fn check(solver: &Solver, checkpoint: &Checkpoint) -> Result<()> {
    let (theirs, ours) = (&checkpoint.machine, vector_units::name());
    if *theirs != ours {
        return Err(Error::file(format!(
            "it was written with the processor `{theirs}`, and this is `{ours}`, which computes other bits; go on on \
             such a processor, or begin with the field of the snapshot as initial condition"
        )));
    }
    if is_later(&checkpoint.version) {
        return Err(Error::file(format!(
            "it was written by version {} of movimento, and this is {RELEASE}, which may not know all that is in it; \
             accepted are snapshots of this version and of earlier ones, so take {0} or a later one",
            checkpoint.version
        )));
    }
    if !same_release(checkpoint) {
        log::warn!(
            "the snapshot was written by version {} of movimento, and this is {RELEASE}: the run goes on with \
             other bits",
            checkpoint.version
        );
    }
    let pairs = checkpoint.options.iter().zip(solver.options().iter());
    for ((name, theirs), (_, ours)) in pairs {
        let chosen = Value::from(solver.flow.spec().transport);
        let ours = match name {
            // What it has turned out to stand for.
            "transport" if ours == Value::from(registry::AUTO) && theirs != ours => chosen,
            _ => ours,
        };
        if theirs != ours && !is_free(name) {
            return Err(Error::option(format!(
                "option `{name}` is {} in the snapshot and {} in the solver; accepted is the same{}",
                shown(&theirs),
                shown(&ours),
                if name == "tau" {
                    ", which can be changed after the restart"
                } else {
                    ""
                }
            )));
        }
    }
    energies(
        &solver.energies,
        &checkpoint.energies,
        same_release(checkpoint),
    )
}

fn energies(ours: &[Identity], theirs: &[Identity], same_release: bool) -> Result<()> {
    let names = |all: &[Identity]| {
        let names: Vec<_> = all.iter().map(|e| e.name.as_str()).collect();
        if names.is_empty() {
            "none".to_owned()
        } else {
            names.join(", ")
        }
    };
    if ours.len() != theirs.len() || ours.iter().zip(theirs).any(|(a, b)| a.name != b.name) {
        return Err(Error::plugin(format!(
            "the energies of the snapshot are {} and those of the solver {}; accepted are the same in the \
             same order",
            names(theirs),
            names(ours)
        )));
    }
    ours.iter()
        .zip(theirs)
        .try_for_each(|(ours, theirs)| energy(ours, theirs, same_release))
}

fn energy(ours: &Identity, theirs: &Identity, same_release: bool) -> Result<()> {
    let same = |what: &str, theirs: &str, mine: &str| {
        if theirs == mine {
            return Ok(());
        }
        Err(Error::plugin(format!(
            "energy `{}`: {what} is {theirs} in the snapshot and {mine} in the solver; accepted is the same",
            ours.name
        )))
    };
    let kind = |of: &Identity| {
        if of.plugin.is_some() {
            "a plugin"
        } else {
            "of the host"
        }
    };
    same("it", kind(theirs), kind(ours))?;
    let place = |of: &Identity| of.place.clone().unwrap_or_else(|| "the domain".to_owned());
    same("its place", &place(theirs), &place(ours))?;
    if let (Some(ours), Some(theirs), true) = (&ours.plugin, &theirs.plugin, same_release) {
        same("its version", &theirs.version, &ours.version)?;
        same(
            "the plugin interface it was built for",
            &theirs.abi,
            &ours.abi,
        )?;
        same(
            "the fingerprint of the plugin's file",
            &theirs.file,
            &ours.file,
        )?;
    }
    let names = |of: &Identity| {
        let names: Vec<_> = of.parameters.iter().map(|(name, _)| name.clone()).collect();
        names.join(", ")
    };
    same("the list of its parameters", &names(theirs), &names(ours))?;
    for ((name, ours), (_, theirs)) in ours.parameters.iter().zip(&theirs.parameters) {
        let (ours, theirs) = (format!("{ours:?}"), format!("{theirs:?}"));
        same(&format!("parameter `{name}`"), &theirs, &ours)?;
    }
    Ok(())
}

/// The nodes, once they are made.
///
/// # Errors
/// See [`Solver::restore`].
pub(super) fn nodes(solver: &Solver, checkpoint: &Checkpoint) -> Result<()> {
    if flow::fingerprint(&*solver.flow) == checkpoint.nodes {
        return Ok(());
    }
    Err(Error::argument(solver.flow.other_nodes()))
}

/// The energies of the state that was restored. Those of a host may depend on more than the state, such as
/// the time, so that they need not be the same.
///
/// # Errors
/// See [`Solver::restore`].
pub(super) fn values(solver: &Solver, values: &[f64], checkpoint: &Checkpoint) -> Result<()> {
    let pairs = values.iter().zip(&checkpoint.values);
    let scale: f64 = checkpoint.values.iter().map(|value| value.abs()).sum();
    for (energy, (ours, theirs)) in solver.energies.iter().zip(pairs) {
        if ours.to_bits() == theirs.to_bits() {
            continue;
        }
        let message = format!(
            "energy `{}` is {ours:?}, and was {theirs:?} when the snapshot was written",
            energy.name
        );
        let rounding = (ours - theirs).abs() <= OTHER_RELEASE * scale + f64::EPSILON;
        if energy.plugin.is_some() && (same_release(checkpoint) || !rounding) {
            return Err(Error::plugin(format!(
                "{message}; accepted is the plugin that the run was made with"
            )));
        }
        log::warn!("{message}: the run goes on with other bits");
    }
    Ok(())
}

/// Whether the minimiser's matrix came out as it was.
///
/// # Errors
/// See [`Solver::restore`].
pub(super) fn matrix(solver: &Solver, same: bool, checkpoint: &Checkpoint) -> Result<()> {
    if same {
        return Ok(());
    }
    let message =
        "the minimiser's matrix comes out with other bits than in the run that wrote the snapshot";
    let all_plugins = solver.energies.iter().all(|energy| energy.plugin.is_some());
    if all_plugins && same_release(checkpoint) {
        return Err(Error::file(format!(
            "{message}; accepted are the same nodes, boundary and plugins"
        )));
    }
    log::warn!(
        "{message}: the library or an energy of the host has changed, and the run goes on with other bits"
    );
    Ok(())
}

fn shown(value: &Value) -> String {
    match value {
        Value::Real(v) => format!("{v:?}"),
        Value::Integer(v) => v.to_string(),
        Value::Text(v) => v.clone(),
        Value::Reals(v) => format!("{v:?}"),
        Value::Integers(v) => format!("{v:?}"),
    }
}
