//! Energies: what a gradient flow descends, a sum of terms each of which is a plugin, a host
//! callback or Rust code.
//!
//! An [`Energy`] says which one, with which parameters; the solver makes a [`Term`] of it once
//! the dimension is known.

mod checked;
mod density;
mod describe;
mod differences;
mod identity;
pub mod plugin;
pub mod search;
mod sum;

pub use density::{Batch, Density, Derivatives, PairBatch, PairKernel, Traits};
pub use describe::describe;
pub use differences::Differences;
pub use identity::{Identity, Made};
pub use sum::evaluate_sum;

use crate::error::{Error, Result};
use checked::{Checked, CheckedPair};
use plugin::{Instance, Local, Offer, Pair, Plugin};
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// One term of the functional, before it meets a solver.
pub struct Energy {
    name: String,
    source: Source,
}

enum Source {
    Rust(Arc<dyn Density>),
    /// The energy of a plugin and its parameters, in the order of the descriptor.
    Plugin(Offer, Vec<Vec<f64>>),
}

/// One term, ready to be evaluated in a given dimension.
#[derive(Clone)]
pub struct Term {
    /// The plugin's id, or the name its maker gave it.
    pub name: String,
    /// The density, if the energy is an integral of one.
    pub local: Option<Arc<dyn Density>>,
    /// The kernel, if the energy is an interaction.
    pub pair: Option<Arc<dyn PairKernel>>,
}

impl Energy {
    /// The plugin energy with this id, searched for as [`search`] describes.
    ///
    /// # Errors
    /// [`Plugin`](crate::ErrorKind::Plugin) if no plugin in the searched folders offers it.
    pub fn plugin(id: &str) -> Result<Self> {
        search::find(id).map(Self::from_offer)
    }

    /// An energy of the plugin in this file: the one with this id, or the first.
    ///
    /// # Errors
    /// [`Plugin`](crate::ErrorKind::Plugin) if the file cannot be loaded, is refused, or does not
    /// offer the id.
    pub fn from_file(path: &Path, id: Option<&str>) -> Result<Self> {
        let plugin = Plugin::load(path)?;
        let offer = match id {
            Some(id) => plugin.offer(id),
            None => plugin.offers().next(),
        };
        offer.map(Self::from_offer).ok_or_else(|| {
            Error::plugin(format!(
                "the plugin {} offers no energy `{}`; it offers {}",
                plugin.path().display(),
                id.unwrap_or_default(),
                plugin.ids().collect::<Vec<_>>().join(", "),
            ))
        })
    }

    /// An energy written in Rust. A density without second derivatives of its own is wrapped in
    /// [`Differences`] first.
    pub fn from_density(name: impl Into<String>, density: Arc<dyn Density>) -> Self {
        Self {
            name: name.into(),
            source: Source::Rust(density),
        }
    }

    fn from_offer(offer: Offer) -> Self {
        let parameters = &offer.energy().parameters;
        Self {
            name: offer.energy().id.clone(),
            source: Source::Plugin(offer, parameters.iter().map(|p| vec![p.default]).collect()),
        }
    }

    /// Sets a parameter: one number, or several for an array.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option) if the energy has no such parameter, or the values do
    /// not fit its type or range; the parameter stays as it was.
    pub fn set(&mut self, parameter: &str, values: &[f64]) -> Result<()> {
        let name = &self.name;
        let Source::Plugin(offer, all) = &mut self.source else {
            return Err(Error::option(format!(
                "energy `{name}` was given the parameter `{parameter}`; it is no plugin and takes none"
            )));
        };
        let slots = offer.energy().parameters.iter().zip(all);
        let Some((known, slot)) = slots.into_iter().find(|(p, _)| p.name == parameter) else {
            let names: Vec<_> = offer.energy().parameters.iter().map(|p| &*p.name).collect();
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
            .map_err(|e| e.context(format!("energy `{name}`")))?;
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
        let (offer, values) = match &self.source {
            Source::Rust(density) => {
                return Ok(Term {
                    local: Some(Arc::new(Checked::new(&name, Arc::clone(density)))),
                    pair: None,
                    name,
                });
            }
            Source::Plugin(offer, values) => (offer, values),
        };
        let instance = Arc::new(Instance::create(offer, dimension, values)?);
        let local = Local::of(&instance).map(|local| -> Arc<dyn Density> {
            if offer.energy().has_second_derivatives() {
                Arc::new(Checked::new(&name, local))
            } else {
                Arc::new(Checked::new(&name, Differences::new(local)))
            }
        });
        let pair = Pair::of(&instance)
            .map(|pair| -> Arc<dyn PairKernel> { Arc::new(CheckedPair::new(&name, pair)) });
        Ok(Term { name, local, pair })
    }
}

impl fmt::Debug for Energy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Energy");
        shown.field("name", &self.name);
        if let Source::Plugin(offer, values) = &self.source {
            shown.field("file", &offer.plugin().path());
            shown.field("parameters", values);
        }
        shown.finish_non_exhaustive()
    }
}

impl fmt::Debug for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Term")
            .field("name", &self.name)
            .field("local", &self.local.is_some())
            .field("pair", &self.pair.is_some())
            .finish()
    }
}
