//! Whether a solver is made like the one that a checkpoint comes from; what differs is named.
//!
//! Within one release a run goes on to the same bits, so that the files of plugins and their energies must be the very
//! same. What an earlier release wrote had plugins of its own build and may have had other bits: a run goes on from its
//! fields and parameters, says so in the log, and takes a plugin by its name, parameters and values. A later release may
//! have options that this one does not know.

use super::Solver;
use super::checkpoint::Checkpoint;
use super::mismatches::{Mismatches, is_portable};
use crate::communicator::Ranks;
use crate::energy::Identity;
use crate::error::{Error, Result};
use crate::flow::{self, registry};
use crate::options::Value;
use crate::vector_units;

/// How far an energy of plugins of two releases may be apart, relatively to all: rounding, and no other formula.
const OTHER_RELEASE: f64 = 1e-6;

const RELEASE: &str = env!("CARGO_PKG_VERSION");

/// Whether a release came after this one, by its first two numbers.
fn is_later(release: &str) -> bool {
    let numbers = |release: &str| -> Vec<u64> {
        let parts = release.split('.').take(2);
        parts.map(|part| part.parse().unwrap_or(0)).collect()
    };
    numbers(release) > numbers(RELEASE)
}

/// By how much the energies of a state may differ in a portable restart, and the volume of the domain: nodes take
/// integrals with smaller errors than that, and another problem has other energies.
const ENERGY: f64 = 0.05;
const VOLUME: f64 = 0.01;

/// By how much the energies of one state differ on other numbers of ranks.
const ROUNDING: f64 = 1e-12;

/// Options that change no bit of a run.
fn is_free(option: &str) -> bool {
    option == "threads" || option == "restart" || option.starts_with("snapshot_")
}

/// Everything that can be told before anything is made.
///
/// # Errors
/// See [`Solver::restore`].
pub(super) fn check(
    solver: &Solver,
    checkpoint: &Checkpoint,
    differ: &mut Mismatches,
) -> Result<()> {
    let release = &checkpoint.version;
    if is_later(release) {
        differ.take(Error::file(format!(
            "it was written by version {release} of movimento, and this is {RELEASE}, which may not know all that is in \
             it; accepted are snapshots of this version and of earlier ones, so take {release} or a later one"
        )))?;
    } else if release != RELEASE {
        differ.expect_earlier_release();
        differ.take_of_build(Error::file(format!(
            "it was written by version {release} of movimento, and this is {RELEASE}, which computes other bits"
        )))?;
    }
    let (theirs, ours) = (&checkpoint.machine, vector_units::name());
    if *theirs != ours {
        differ.take(Error::file(format!(
            "it was written with the processor `{theirs}`, and this is `{ours}`, which computes other bits; accepted is \
             such a processor"
        )))?;
    }
    ranks(solver.ranks(), checkpoint, differ)?;
    options(solver, checkpoint, differ)?;
    energies(&solver.energies, &checkpoint.energies, differ)
}

fn options(solver: &Solver, checkpoint: &Checkpoint, differ: &mut Mismatches) -> Result<()> {
    let pairs = checkpoint.options.iter().zip(solver.options().iter());
    for ((name, theirs), (_, ours)) in pairs {
        let chosen = Value::from(solver.flow.spec().transport);
        let ours = match name {
            // What it has turned out to stand for.
            "transport" if ours == Value::from(registry::AUTO) && theirs != ours => chosen,
            _ => ours,
        };
        if theirs == ours || is_free(name) {
            continue;
        }
        let error = Error::option(format!(
            "option `{name}` is {} in the snapshot and {} in the solver; accepted is the same{}",
            shown(&theirs),
            shown(&ours),
            if name == "tau" {
                ", which can be changed after the restart"
            } else {
                ""
            }
        ));
        if !is_portable(name) {
            return Err(error);
        }
        differ.take(error)?;
    }
    Ok(())
}

/// Sums over nodes have other bits on other numbers of ranks, but for those that divide eight.
fn ranks(ours: &Ranks, checkpoint: &Checkpoint, differ: &mut Mismatches) -> Result<()> {
    if ours.sums_as(checkpoint.ranks) {
        return Ok(());
    }
    let named = |ranks: Option<u64>| {
        ranks.map_or("one process without a communicator".to_owned(), |n| {
            format!("{n} ranks")
        })
    };
    differ.take(Error::state(format!(
        "the snapshot is of {}, and the solver of {}, whose sums have other bits; accepted is the same number, or 1, \
         2, 4 and 8 ranks for each other",
        named(checkpoint.ranks),
        named(ours.number())
    )))
}

/// What is posed beside energies and options, of which the first snapshots say nothing.
///
/// # Errors
/// See [`Solver::restore`].
pub(super) fn problem(solver: &Solver, checkpoint: &Checkpoint) -> Result<()> {
    let ours = flow::problem(&*solver.flow);
    let volume = solver.domain().volume();
    let Some((theirs, theirs_volume)) = checkpoint.problem else {
        return Ok(());
    };
    // Nodes of a host and of a cut box take the volume with an error, and are compared themselves.
    let other = (volume - theirs_volume).abs() > VOLUME * volume.max(theirs_volume);
    if ours != theirs || other {
        return Err(Error::argument(solver.flow.other_nodes()));
    }
    Ok(())
}

fn energies(ours: &[Identity], theirs: &[Identity], differ: &mut Mismatches) -> Result<()> {
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
        .try_for_each(|(ours, theirs)| energy(ours, theirs, differ))
}

fn energy(ours: &Identity, theirs: &Identity, differ: &mut Mismatches) -> Result<()> {
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
        for (what, theirs, ours) in [
            ("its version", &theirs.version, &ours.version),
            (
                "the plugin interface it was built for",
                &theirs.abi,
                &ours.abi,
            ),
            (
                "the fingerprint of the plugin's file",
                &theirs.file,
                &ours.file,
            ),
        ] {
            same(what, theirs, ours).or_else(|error| differ.take_of_build(error))?;
        }
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

/// The nodes, once they are made. Those of ranks and those of one process without are told by other means, and are
/// not compared.
///
/// # Errors
/// See [`Solver::restore`].
pub(super) fn nodes(
    solver: &Solver,
    checkpoint: &Checkpoint,
    differ: &mut Mismatches,
) -> Result<()> {
    let ours = flow::fingerprint(&*solver.flow, solver.ranks())?;
    let are_like = solver.ranks().number().is_some() == checkpoint.ranks.is_some();
    if ours == checkpoint.nodes || !are_like {
        return Ok(());
    }
    differ.take(Error::argument(solver.flow.other_nodes()))
}

/// The energies of the state that was restored. Those of a host may depend on more than the state, such as
/// the time, so that they need not be the same.
///
/// # Errors
/// See [`Solver::restore`].
pub(super) fn values(
    solver: &Solver,
    values: &[f64],
    checkpoint: &Checkpoint,
    differ: &mut Mismatches,
) -> Result<()> {
    let size: f64 = checkpoint.values.iter().map(|value| value.abs()).sum();
    // Steps have the same bits on 1, 2, 4 and 8 ranks, and what is measured on independent nodes but for rounding.
    let rounding = match solver.ranks().number() == checkpoint.ranks {
        true => 0.0,
        false => ROUNDING,
    };
    let pairs = values.iter().zip(&checkpoint.values);
    for (energy, (ours, theirs)) in solver.energies.iter().zip(pairs) {
        if ours.to_bits() == theirs.to_bits() || (ours - theirs).abs() <= rounding * size {
            continue;
        }
        let error = Error::plugin(format!(
            "energy `{}` is {ours:?}, and was {theirs:?} when the snapshot was written",
            energy.name
        ));
        if differ.is_of_earlier_release() && (ours - theirs).abs() <= OTHER_RELEASE * size {
            differ.take_of_build(error)?;
            continue;
        }
        if differ.is_exact() {
            if energy.plugin.is_some() {
                return differ.take(error);
            }
            log::warn!("{error}: the run goes on with other bits");
            continue;
        }
        let apart = (ours - theirs).abs();
        if apart.is_nan() || apart > ENERGY * size {
            return Err(
                error.followed_by("; accepted is the energy of the run, on other nodes perhaps")
            );
        }
        differ.take(error)?;
    }
    Ok(())
}

/// Whether the minimiser's matrix came out as it was.
///
/// # Errors
/// See [`Solver::restore`].
pub(super) fn matrix(
    solver: &Solver,
    same: bool,
    checkpoint: &Checkpoint,
    differ: &mut Mismatches,
) -> Result<()> {
    // That of a map is summed in another order on another number of ranks.
    if same || solver.ranks().number() != checkpoint.ranks {
        return Ok(());
    }
    let message =
        "the minimiser's matrix comes out with other bits than in the run that wrote the snapshot";
    if solver.energies.iter().all(|energy| energy.plugin.is_some()) {
        return differ.take_of_build(Error::file(message));
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
