//! Energies: what a gradient flow descends, a sum of terms each of which is a plugin, a host
//! callback or Rust code.
//!
//! An [`Energy`] says which one, with which parameters; the solver makes a [`Term`] of it once
//! the dimension is known.

mod density;
mod sum;

pub use density::{Batch, Density, Derivatives, PairBatch, PairKernel, Traits};
pub use sum::evaluate_sum;

use crate::error::Result;
use std::path::Path;
use std::sync::Arc;

/// One term of the functional, before it meets a solver.
pub struct Energy {
    name: String,
    source: Source,
}

enum Source {
    Rust(Arc<dyn Density>),
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
    /// The plugin energy with this id, searched for as [`plugin`] describes.
    pub fn plugin(_id: &str) -> Result<Self> {
        todo!()
    }

    /// An energy of the plugin in this file: the one with this id, or the first.
    pub fn from_file(_path: &Path, _id: Option<&str>) -> Result<Self> {
        todo!()
    }

    /// An energy written in Rust, or a host callback.
    pub fn from_density(name: impl Into<String>, density: Arc<dyn Density>) -> Self {
        Self {
            name: name.into(),
            source: Source::Rust(density),
        }
    }

    /// Sets a parameter: one number, or several for an array.
    pub fn set(&mut self, _parameter: &str, _values: &[f64]) -> Result<()> {
        todo!()
    }

    /// The plugin's id, or the name its maker gave it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The term in this dimension.
    pub fn instantiate(&self, _dimension: usize) -> Result<Term> {
        let Source::Rust(density) = &self.source;
        Ok(Term {
            name: self.name.clone(),
            local: Some(Arc::clone(density)),
            pair: None,
        })
    }
}
