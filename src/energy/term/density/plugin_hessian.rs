//! Densities of plugins of second derivatives, by the table `movimento.hessian/1`.

use super::plugin::{is_asked, place, slopes, traits_of};
use super::{Batch, Derivatives, EnergyDensity, Traits, require_scalar};
use crate::energy::plugin::{error_of, require_dimension};
use crate::error::{Error, Result};
use movimento_abi as abi;
use movimento_contract::capability::Evaluate;
use movimento_contract::{Instance, Refusal};
use std::sync::Arc;

/// The density of an instance.
#[derive(Debug)]
pub struct PluginHessian {
    instance: Arc<Instance>,
    evaluate: Evaluate<abi::HessianBatch>,
}

impl PluginHessian {
    /// The density, if the energy has one.
    #[must_use]
    pub fn of(instance: &Arc<Instance>) -> Option<Self> {
        let table = instance.energy().table::<abi::HessianTable>()?;
        Some(Self {
            instance: Arc::clone(instance),
            evaluate: table.evaluate?,
        })
    }
}

impl EnergyDensity for PluginHessian {
    fn traits(&self) -> Traits {
        Traits {
            uses_hessian: true,
            ..traits_of(self.instance.energy())
        }
    }

    fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> Result<()> {
        require_dimension(batch.d, &self.instance)?;
        require_scalar(batch)?;
        if !is_asked(&self.instance, batch, wanted)? {
            return Ok(());
        }
        if batch.h.is_empty() {
            return Err(Error::internal(
                "a density of second derivatives is asked for without them",
            ));
        }
        let energy = self.instance.energy();
        let batch = abi::HessianBatch {
            struct_size: size_of::<abi::HessianBatch>() as u64,
            n: batch.n() as u64,
            d: batch.d as u64,
            x: batch.x.as_ptr(),
            u: batch.u.as_ptr(),
            p: slopes(energy, batch),
            h: batch.h.as_ptr(),
            f: place(&mut wanted.f),
            f_u: place(&mut wanted.f_u),
            f_p: place(&mut wanted.f_p),
            f_x: place(&mut wanted.f_x),
            f_h: place(&mut wanted.f_h),
            f_uu: place(&mut wanted.f_uu),
            f_up: place(&mut wanted.f_up),
            f_pp: place(&mut wanted.f_pp),
            f_uh: place(&mut wanted.f_uh),
            f_ph: place(&mut wanted.f_ph),
            f_hh: place(&mut wanted.f_hh),
            t: batch.t,
        };
        Refusal::of_call(|message, size| {
            // SAFETY: the instance is alive; every array has the shape that n and d say, checked
            // above, and the outputs are exclusive borrows, so that nothing overlaps.
            unsafe { (self.evaluate)(self.instance.as_ptr(), &raw const batch, message, size) }
        })
        .map_err(error_of)
    }
}
