//! Whether a solver is made like the one that a checkpoint comes from; what differs is named.

use super::Solver;
use super::checkpoint::Checkpoint;
use crate::energy::Identity;
use crate::error::{Error, Result};
use crate::flow::{self, registry};
use crate::options::Value;
use crate::vector_units;

/// Options that change no bit of a run.
fn is_free(option: &str) -> bool {
    option == "threads" || option.starts_with("snapshot_")
}

/// Everything that can be told before anything is made.
///
/// # Errors
/// See [`Solver::restore`].
pub(super) fn check(solver: &Solver, checkpoint: &Checkpoint) -> Result<()> {
    for (what, theirs, ours) in [
        (
            "version of movimento",
            &checkpoint.version,
            &env!("CARGO_PKG_VERSION").to_owned(),
        ),
        ("processor", &checkpoint.machine, &vector_units::name()),
    ] {
        if theirs != ours {
            return Err(Error::file(format!(
                "it was written with the {what} `{theirs}`, and this is `{ours}`, which computes other \
                 bits"
            )));
        }
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
    energies(&solver.energies, &checkpoint.energies)
}

fn energies(ours: &[Identity], theirs: &[Identity]) -> Result<()> {
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
        .try_for_each(|(ours, theirs)| energy(ours, theirs))
}

fn energy(ours: &Identity, theirs: &Identity) -> Result<()> {
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
    if let (Some(ours), Some(theirs)) = (&ours.plugin, &theirs.plugin) {
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
    for (energy, (ours, theirs)) in solver.energies.iter().zip(pairs) {
        if ours.to_bits() == theirs.to_bits() {
            continue;
        }
        let message = format!(
            "energy `{}` is {ours:?}, and was {theirs:?} when the snapshot was written",
            energy.name
        );
        if energy.plugin.is_some() {
            return Err(Error::plugin(message));
        }
        log::warn!("{message}: the run goes on with other bits");
    }
    Ok(())
}

/// Whether the minimiser's matrix came out as it was.
///
/// # Errors
/// See [`Solver::restore`].
pub(super) fn matrix(solver: &Solver, same: bool) -> Result<()> {
    if same {
        return Ok(());
    }
    let message =
        "the minimiser's matrix comes out with other bits than in the run that wrote the snapshot";
    if solver.energies.iter().all(|energy| energy.plugin.is_some()) {
        return Err(Error::file(message));
    }
    log::warn!("{message}: an energy of the host has changed, and the run goes on with other bits");
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
