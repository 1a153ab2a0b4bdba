//! Energies: what a gradient flow descends, a sum of terms each of which is a plugin, a host
//! callback or Rust code.
//!
//! An [`Energy`] says which one, with which parameters; the solver makes a [`Term`] of it once
//! the dimension is known.

mod describe;
mod identity;
mod mobility;
mod outer;
pub mod plugin;
pub mod search;
mod source;
mod term;

pub use describe::describe;
pub use identity::{Identity, PluginIdentity};
pub use mobility::{Dependence, Mobility, OfState};
pub use outer::{OfNumber, Outer};
pub use source::Source;
pub use term::*;

use crate::error::{Error, Result};
use plugin::{Plugin, PluginEnergy};
use source::SourceDensity;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// One term of the functional, before it meets a solver.
pub struct Energy {
    name: String,
    origin: Origin,
}

enum Origin {
    Density(Arc<dyn EnergyDensity>),
    Kernel(Arc<dyn PairKernel>),
    Source(Arc<dyn Source>),
    /// The energy of a plugin and its parameters, in the order of the descriptor.
    Plugin(PluginEnergy, Vec<Vec<f64>>),
}

impl Energy {
    /// The plugin energy with this id, searched for as [`search`] describes.
    ///
    /// # Errors
    /// [`Plugin`](crate::ErrorKind::Plugin) if no plugin in the searched folders offers it.
    pub fn plugin(id: &str) -> Result<Self> {
        search::find(id).map(Self::of_plugin)
    }

    /// An energy of the plugin in this file: the one with this id, or the first.
    ///
    /// # Errors
    /// [`Plugin`](crate::ErrorKind::Plugin) if the file cannot be loaded, is refused, or does not
    /// offer the id.
    pub fn from_file(path: &Path, id: Option<&str>) -> Result<Self> {
        let plugin = Plugin::load(path)?;
        let energy = match id {
            Some(id) => plugin.energy(id),
            None => plugin.energies().next(),
        };
        energy.map(Self::of_plugin).ok_or_else(|| {
            Error::plugin(format!(
                "the plugin {} offers no energy `{}`; it offers {}",
                plugin.path().display(),
                id.unwrap_or_default(),
                plugin.ids().collect::<Vec<_>>().join(", "),
            ))
        })
    }

    /// The energy of a density written in Rust, or of a callback.
    pub fn from_density(name: impl Into<String>, density: Arc<dyn EnergyDensity>) -> Self {
        Self {
            name: name.into(),
            origin: Origin::Density(density),
        }
    }

    /// The interaction `1/2 int int W(x, y) u(x) u(y) dx dy` of a kernel written in Rust, or of a
    /// callback.
    pub fn from_kernel(name: impl Into<String>, kernel: Arc<dyn PairKernel>) -> Self {
        Self {
            name: name.into(),
            origin: Origin::Kernel(kernel),
        }
    }

    /// The energy `-int s(t, x) u dx` of a source: it adds s to du/dt.
    pub fn from_source(name: impl Into<String>, source: Arc<dyn Source>) -> Self {
        Self {
            name: name.into(),
            origin: Origin::Source(source),
        }
    }

    fn of_plugin(energy: PluginEnergy) -> Self {
        let parameters = &energy.descriptor().parameters;
        Self {
            name: energy.descriptor().id.clone(),
            origin: Origin::Plugin(energy, parameters.iter().map(|p| vec![p.default]).collect()),
        }
    }

    /// Sets a parameter: one number, or several for an array.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option) if the energy has no such parameter, or the values do
    /// not fit its type or range; the parameter stays as it was.
    pub fn set(&mut self, parameter: &str, values: &[f64]) -> Result<()> {
        let name = &self.name;
        let Origin::Plugin(energy, all) = &mut self.origin else {
            return Err(Error::option(format!(
                "energy `{name}` was given the parameter `{parameter}`; it is no plugin and takes \
                 none"
            )));
        };
        let slots = energy.descriptor().parameters.iter().zip(all);
        let Some((known, slot)) = slots.into_iter().find(|(p, _)| p.name == parameter) else {
            let names: Vec<_> = energy
                .descriptor()
                .parameters
                .iter()
                .map(|p| &*p.name)
                .collect();
            return Err(Error::option(format!(
                "energy `{name}` has no parameter `{parameter}`; it has {}",
                if names.is_empty() {
                    "none".to_owned()
                } else {
                    names.join(", ")
                },
            )));
        };
        known
            .check(values)
            .map_err(|why| Error::option(format!("energy `{name}`: {why}")))?;
        *slot = values.to_vec();
        Ok(())
    }

    /// The plugin's id, or the name its maker gave it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The term in this dimension.
    ///
    /// # Errors
    /// [`Plugin`](crate::ErrorKind::Plugin) if the plugin refuses the dimension or its parameters.
    pub fn instantiate(&self, dimension: usize) -> Result<Term> {
        let name = self.name.clone();
        match &self.origin {
            Origin::Density(density) => Ok(Term::of_density(name, Arc::clone(density))),
            Origin::Kernel(kernel) => Ok(Term::of_kernel(name, Arc::clone(kernel))),
            Origin::Source(source) => Ok(Term {
                is_source: true,
                ..Term::of_density(name, Arc::new(SourceDensity(Arc::clone(source))))
            }),
            Origin::Plugin(energy, values) => {
                let instance = energy.instantiate(dimension, values)?;
                Term::of_instance(name, &Arc::new(instance))
            }
        }
    }
}

impl fmt::Debug for Energy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Energy");
        shown.field("name", &self.name);
        if let Origin::Plugin(energy, values) = &self.origin {
            shown.field("file", &energy.plugin().path());
            shown.field("parameters", values);
        }
        shown.finish_non_exhaustive()
    }
}
