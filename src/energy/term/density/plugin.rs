//! Densities of plugins, by the table `movimento.local/1`.

use super::{Batch, Derivatives, EnergyDensity, SuppliedDerivatives, Traits, require_scalar};
use crate::energy::plugin::{error_of, require_dimension};
use crate::error::{Error, ErrorKind, Result};
use movimento_abi as abi;
use movimento_contract::capability::Evaluate;
use movimento_contract::{EnergyDescriptor, Instance, Refusal};
use std::ptr::{null, null_mut};
use std::sync::Arc;

/// Whether there is anything to ask a plugin for, of arrays of the right shapes.
///
/// # Errors
/// [`Argument`](ErrorKind::Argument) if they are not, and [`Internal`](ErrorKind::Internal) if it is what the plugin
/// does not give.
pub(super) fn is_asked(
    instance: &Instance,
    batch: &Batch<'_>,
    wanted: &mut Derivatives<'_>,
) -> Result<bool> {
    batch.check(wanted)?;
    let of_hessian = wanted.f_uh.is_some() || wanted.f_ph.is_some() || wanted.f_hh.is_some();
    let second = wanted.f_uu.is_some() || wanted.f_up.is_some() || wanted.f_pp.is_some();
    let second = second || of_hessian;
    if second && !instance.energy().has(abi::SECOND_DERIVATIVES) {
        let why = "a plugin was asked for second derivatives that it does not declare";
        return Err(Error::new(ErrorKind::Internal, why));
    }
    Ok(batch.n() > 0 && !wanted.is_empty())
}

/// Where an output goes.
pub(super) fn place(array: &mut Option<&mut [f64]>) -> *mut f64 {
    array
        .as_mut()
        .map_or(null_mut(), |array| array.as_mut_ptr())
}

/// grad u for an energy that uses it.
pub(super) fn slopes(energy: &EnergyDescriptor, batch: &Batch<'_>) -> *const f64 {
    match energy.has(abi::USES_GRADIENT) {
        true => batch.p.as_ptr(),
        false => null(),
    }
}

/// The properties of a density, as its descriptor declares them.
pub(super) fn traits_of(energy: &EnergyDescriptor) -> Traits {
    Traits {
        uses_gradient: energy.has(abi::USES_GRADIENT),
        uses_hessian: false,
        uses_position: energy.has(abi::USES_POSITION),
        uses_time: energy.has(abi::USES_TIME),
        convex: energy.has(abi::CONVEX),
        caller_thread_only: false,
        derivatives: match energy.has(abi::SECOND_DERIVATIVES) {
            true => SuppliedDerivatives::All,
            false => SuppliedDerivatives::First,
        },
    }
}

/// The density of an instance.
#[derive(Debug)]
pub struct PluginDensity {
    instance: Arc<Instance>,
    evaluate: Evaluate<abi::LocalBatch>,
}

impl PluginDensity {
    /// The density, if the energy has one.
    #[must_use]
    pub fn of(instance: &Arc<Instance>) -> Option<Self> {
        let table = instance.energy().table::<abi::LocalTable>()?;
        Some(Self {
            instance: Arc::clone(instance),
            evaluate: table.evaluate?,
        })
    }
}

impl EnergyDensity for PluginDensity {
    fn traits(&self) -> Traits {
        traits_of(self.instance.energy())
    }

    fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> Result<()> {
        require_dimension(batch.d, &self.instance)?;
        require_scalar(batch)?;
        if !is_asked(&self.instance, batch, wanted)? {
            return Ok(());
        }
        let energy = self.instance.energy();
        let batch = abi::LocalBatch {
            struct_size: size_of::<abi::LocalBatch>() as u64,
            n: batch.n() as u64,
            d: batch.d as u64,
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
            // SAFETY: the instance is alive; every array has the shape that n and d say, checked
            // above, and the outputs are exclusive borrows, so that nothing overlaps.
            unsafe { (self.evaluate)(self.instance.as_ptr(), &raw const batch, message, size) }
        })
        .map_err(error_of)
    }
}
