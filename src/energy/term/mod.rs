//! Terms of the functional, ready to be evaluated, and what they are the sum of: a file and a field
//! for each. What is wrapped around a density or a kernel is decided here.

mod density;
mod pair;

pub(crate) use density::require_scalar;
pub use density::{
    Batch, Derivatives, Differences, EnergyDensity, MOST_COMPONENTS, SuppliedDerivatives, Traits,
    evaluate_sum,
};
pub use pair::{PairBatch, PairKernel};

use crate::error::{Error, Result};
use density::{Checked, Compared, PluginDensity, PluginHessian, PluginSystem};
use movimento_abi::{HESSIAN_1, LOCAL_1, PAIR_1, SYSTEM_1};
use movimento_contract::Instance;
use pair::{CheckedPairKernel, PluginPairKernel};
use std::ffi::CStr;
use std::fmt;
use std::sync::Arc;

/// One term in a given dimension: the sum of what its fields hold.
#[derive(Clone, Default)]
pub struct Term {
    /// The plugin's id, or the name its maker gave it.
    pub name: String,
    /// The density, if the energy has an integral of one.
    pub local: Option<Arc<dyn EnergyDensity>>,
    /// The kernel, if the energy has an interaction.
    pub pair: Option<Arc<dyn PairKernel>>,
    /// Whether the density is that of the table of systems.
    pub of_system: bool,
    /// Whether the density is `-s u` of a source s, which adds to u what a flow may have to keep.
    pub is_source: bool,
}

impl Term {
    /// The term of a density.
    pub(super) fn of_density(name: String, density: Arc<dyn EnergyDensity>) -> Self {
        Self {
            local: Some(complete(&name, Compared::new(density))),
            name,
            ..Self::default()
        }
    }

    /// The term of a kernel.
    pub(super) fn of_kernel(name: String, kernel: Arc<dyn PairKernel>) -> Self {
        Self {
            pair: Some(Arc::new(CheckedPairKernel::new(&name, kernel))),
            name,
            ..Self::default()
        }
    }

    /// The term of a plugin's energy, with each table that it offers.
    ///
    /// # Errors
    /// [`Plugin`](crate::ErrorKind::Plugin) if it has densities of several kinds.
    pub(super) fn of_instance(name: String, instance: &Arc<Instance>) -> Result<Self> {
        let scalar = PluginDensity::of(instance).map(|density| complete(&name, density));
        let system = PluginSystem::of(instance).map(|density| complete(&name, density));
        let hessian = PluginHessian::of(instance).map(|density| complete(&name, density));
        let of_system = system.is_some();
        let offered = [&scalar, &system, &hessian];
        if offered.into_iter().flatten().count() > 1 {
            return Err(Error::plugin(format!(
                "the energy `{name}` offers more than one of movimento.local/1, of a scalar u, movimento.system/1, of \
                 several components, and movimento.hessian/1, of second derivatives; accepted is one of them"
            )));
        }
        let local = scalar.or(system).or(hessian);
        let pair = PluginPairKernel::of(instance).map(|kernel| -> Arc<dyn PairKernel> {
            Arc::new(CheckedPairKernel::new(&name, kernel))
        });
        Ok(Self {
            name,
            local,
            pair,
            of_system,
            is_source: false,
        })
    }

    /// Whether the term depends on time explicitly.
    #[must_use]
    pub fn uses_time(&self) -> bool {
        let local = self.local.as_ref().is_some_and(|d| d.traits().uses_time);
        local || self.pair.as_ref().is_some_and(PairKernel::uses_time)
    }

    /// Whether the term depends on the gradient of u.
    #[must_use]
    pub fn uses_slope(&self) -> bool {
        self.local
            .as_ref()
            .is_some_and(|d| d.traits().uses_gradient)
    }

    /// Whether the term depends on second derivatives of u.
    #[must_use]
    pub fn uses_hessian(&self) -> bool {
        self.local.as_ref().is_some_and(|d| d.traits().uses_hessian)
    }

    /// The components of the u that the term is of.
    #[must_use]
    pub fn components(&self) -> usize {
        self.local.as_ref().map_or(1, EnergyDensity::components)
    }

    /// Refuses a term of another number of components than u has.
    ///
    /// # Errors
    /// [`Plugin`](crate::ErrorKind::Plugin) naming both.
    pub fn require_components(&self, components: usize) -> Result<()> {
        let own = self.components();
        if own == components {
            return Ok(());
        }
        let name = &self.name;
        let what = match (own, self.is_source) {
            (1, true) => "is of a scalar u (a source)".to_owned(),
            (1, false) => "is of a scalar u".to_owned(),
            _ => format!("is of {own} components"),
        };
        Err(Error::plugin(format!(
            "the energy `{name}` {what}, but option `components` is {components}; accepted are {}",
            match components {
                1 => "densities of a scalar u".to_owned(),
                _ => format!(
                    "densities of {components} components (`mov_energy_create_system`, or plugins with movimento.system/1)"
                ),
            }
        )))
    }

    /// The ids of the tables that the term stands for.
    fn tables(&self) -> impl Iterator<Item = &'static CStr> {
        let tables = [
            self.local.as_ref().map(|_| match self.of_system {
                _ if self.uses_hessian() => HESSIAN_1,
                true => SYSTEM_1,
                false => LOCAL_1,
            }),
            self.pair.as_ref().map(|_| PAIR_1),
        ];
        tables.into_iter().flatten()
    }

    /// Refuses a term with a table that a flow does not take: without it, it would be another
    /// energy.
    ///
    /// # Errors
    /// [`Plugin`](crate::ErrorKind::Plugin) naming the table.
    pub fn require_only(&self, flow: &str, accepted: &[&'static CStr]) -> Result<()> {
        let Some(other) = self.tables().find(|id| !accepted.contains(id)) else {
            return Ok(());
        };
        let accepted: Vec<_> = accepted.iter().map(|id| id.to_string_lossy()).collect();
        Err(Error::plugin(format!(
            "the energy `{}` offers {} and is the sum of all that it offers, but {flow} takes \
             no such term; accepted is {}",
            self.name,
            other.to_string_lossy(),
            accepted.join(", "),
        )))
    }
}

/// Gives a density the derivatives that it lacks, and lets its numbers be looked at.
fn complete<D: EnergyDensity + 'static>(name: &str, density: D) -> Arc<dyn EnergyDensity> {
    match density.traits().derivatives {
        SuppliedDerivatives::All => Arc::new(Checked::new(name, density)),
        SuppliedDerivatives::First => Arc::new(Checked::new(name, Differences::new(density))),
        SuppliedDerivatives::ValueAndSlopes => {
            Arc::new(Checked::new(name, Differences::with_position(density)))
        }
    }
}

impl fmt::Debug for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Term")
            .field("name", &self.name)
            .field("tables", &self.tables().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
