//! Densities of plugins of fields of several components, by the table `movimento.system/1`.

use super::plugin::{is_asked, place, slopes, traits_of};
use super::{Batch, Derivatives, EnergyDensity, Traits};
use crate::energy::plugin::{error_of, require_dimension};
use crate::error::{Error, Result};
use movimento_abi as abi;
use movimento_contract::capability::Evaluate;
use movimento_contract::{Instance, Refusal};
use std::sync::Arc;

/// The density of an instance.
#[derive(Debug)]
pub struct PluginSystem {
    instance: Arc<Instance>,
    components: usize,
    evaluate: Evaluate<abi::SystemBatch>,
}

impl PluginSystem {
    /// The density, if the energy has one.
    #[must_use]
    pub fn of(instance: &Arc<Instance>) -> Option<Self> {
        let table = instance.energy().table::<abi::SystemTable>()?;
        Some(Self {
            instance: Arc::clone(instance),
            components: usize::try_from(table.components).ok()?,
            evaluate: table.evaluate?,
        })
    }
}

impl EnergyDensity for PluginSystem {
    fn traits(&self) -> Traits {
        traits_of(self.instance.energy())
    }

    fn components(&self) -> usize {
        self.components
    }

    fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> Result<()> {
        require_dimension(batch.d, &self.instance)?;
        if batch.c != self.components {
            return Err(Error::argument(format!(
                "a batch is of {} components; the energy is one of {}",
                batch.c, self.components
            )));
        }
        if !is_asked(&self.instance, batch, wanted)? {
            return Ok(());
        }
        let energy = self.instance.energy();
        let batch = abi::SystemBatch {
            struct_size: size_of::<abi::SystemBatch>() as u64,
            n: batch.n() as u64,
            d: batch.d as u64,
            c: batch.c as u64,
            x: batch.x.as_ptr(),
            u: batch.u.as_ptr(),
            p: slopes(energy, batch),
            f: place(&mut wanted.f),
            f_u: place(&mut wanted.f_u),
            f_p: place(&mut wanted.f_p),
            f_x: place(&mut wanted.f_x),
            f_uu: place(&mut wanted.f_uu),
            f_up: place(&mut wanted.f_up),
            f_pp: place(&mut wanted.f_pp),
            t: batch.t,
        };
        Refusal::of_call(|message, size| {
            // SAFETY: the instance is alive; every array has the shape that n, d and c say, checked
            // above, and the outputs are exclusive borrows, so that nothing overlaps.
            unsafe { (self.evaluate)(self.instance.as_ptr(), &raw const batch, message, size) }
        })
        .map_err(error_of)
    }
}
