//! An energy of a plugin with its parameters, evaluated through the tables of the ABI.

use super::{Descriptor, Offer, Plugin};
use crate::energy::density::{Batch, Density, Derivatives, PairBatch, PairKernel, Traits};
use crate::error::{Error, ErrorKind, Result};
use movimento_abi as abi;
use std::ffi::{CStr, c_char, c_void};
use std::ptr::{null, null_mut};
use std::sync::Arc;

/// What a plugin made of an energy and its parameters in one dimension.
#[derive(Debug)]
pub struct Instance {
    plugin: &'static Plugin,
    energy: &'static Descriptor,
    raw: *mut c_void,
    dimension: usize,
}

// SAFETY: the ABI allows `create`, the tables and `destroy` on any thread.
unsafe impl Send for Instance {}
// SAFETY: the ABI demands that the tables take concurrent calls and change nothing; `destroy`
// needs `&mut` and so the last owner.
unsafe impl Sync for Instance {}

impl Instance {
    /// Creates it; `values` has one entry for each parameter of the descriptor, in its order.
    ///
    /// # Errors
    /// What the plugin answers, with its message.
    pub fn create(offer: &Offer, dimension: usize, values: &[Vec<f64>]) -> Result<Self> {
        let (plugin, energy) = (offer.plugin, offer.energy);
        let arguments: Vec<abi::Argument> = energy
            .parameters
            .iter()
            .zip(values)
            .map(|(parameter, values)| abi::Argument {
                name: parameter.key.as_ptr(),
                count: values.len() as u64,
                values: values.as_ptr(),
            })
            .collect();
        let named = |e: Error| e.context(format!("energy `{}`", energy.id));
        let in_abi = u32::try_from(dimension).map_err(|_| {
            named(Error::argument(format!(
                "the dimension {dimension} is too large"
            )))
        })?;
        let mut raw = null_mut();
        answered(|message, size| {
            let (list, count) = (arguments.as_ptr(), arguments.len() as u64);
            // SAFETY: the arguments and what they point to outlive the call, as do the message
            // buffer and the place for the instance.
            unsafe {
                (plugin.create)(
                    energy.index,
                    in_abi,
                    list,
                    count,
                    &raw mut raw,
                    message,
                    size,
                )
            }
        })
        .map_err(named)?;
        Ok(Self {
            plugin,
            energy,
            raw,
            dimension,
        })
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        // SAFETY: this is the last use of what `create` gave.
        unsafe { (self.plugin.destroy)(self.raw) }
    }
}

/// The density of an instance. Asked for second derivatives only if the plugin declares them.
#[derive(Debug)]
pub struct Local {
    instance: Arc<Instance>,
    evaluate: abi::LocalEvaluate,
}

impl Local {
    /// If the energy has one.
    #[must_use]
    pub fn of(instance: &Arc<Instance>) -> Option<Self> {
        instance.energy.local.map(|evaluate| Self {
            instance: Arc::clone(instance),
            evaluate,
        })
    }
}

impl Density for Local {
    fn traits(&self) -> Traits {
        let flags = self.instance.energy.flags;
        Traits {
            uses_gradient: flags & abi::USES_GRADIENT != 0,
            uses_position: flags & abi::USES_POSITION != 0,
            convex: flags & abi::CONVEX != 0,
            caller_thread_only: false,
        }
    }

    fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> Result<()> {
        batch.check(wanted)?;
        dimension(batch.d, &self.instance)?;
        let mut wanted = wanted.reborrow();
        wanted.settle_zeros(self.traits());
        let second = wanted.f_uu.is_some() || wanted.f_up.is_some() || wanted.f_pp.is_some();
        if second && !self.instance.energy.has_second_derivatives() {
            let why = "it was asked for second derivatives that it does not declare";
            return Err(Error::new(ErrorKind::Internal, why));
        }
        if batch.n() == 0 || wanted.is_empty() {
            return Ok(());
        }
        let gradient = self.traits().uses_gradient;
        let batch = abi::LocalBatch {
            struct_size: size_of::<abi::LocalBatch>() as u64,
            n: batch.n() as u64,
            d: batch.d as u64,
            x: batch.x.as_ptr(),
            u: batch.u.as_ptr(),
            p: if gradient { batch.p.as_ptr() } else { null() },
            f: place(&mut wanted.f),
            f_u: place(&mut wanted.f_u),
            f_p: place(&mut wanted.f_p),
            f_x: place(&mut wanted.f_x),
            f_uu: place(&mut wanted.f_uu),
            f_up: place(&mut wanted.f_up),
            f_pp: place(&mut wanted.f_pp),
        };
        answered(|message, size| {
            // SAFETY: the instance is alive; every array has the shape that n and d say, checked
            // above, and the outputs are exclusive borrows, so that nothing overlaps.
            unsafe { (self.evaluate)(self.instance.raw, &raw const batch, message, size) }
        })
    }
}

/// The kernel of an instance.
#[derive(Debug)]
pub struct Pair {
    instance: Arc<Instance>,
    evaluate: abi::PairEvaluate,
}

impl Pair {
    /// If the energy has one.
    #[must_use]
    pub fn of(instance: &Arc<Instance>) -> Option<Self> {
        instance.energy.pair.map(|evaluate| Self {
            instance: Arc::clone(instance),
            evaluate,
        })
    }
}

impl PairKernel for Pair {
    fn evaluate(
        &self,
        batch: &PairBatch<'_>,
        mut w: Option<&mut [f64]>,
        mut w_x: Option<&mut [f64]>,
    ) -> Result<()> {
        dimension(batch.d, &self.instance)?;
        let n = batch.n();
        let points = n * batch.d;
        for (name, len, accepted) in [
            ("x", batch.x.len(), points),
            ("y", batch.y.len(), points),
            ("w", w.as_ref().map_or(n, |w| w.len()), n),
            ("w_x", w_x.as_ref().map_or(points, |w| w.len()), points),
        ] {
            if len != accepted {
                return Err(Error::argument(format!(
                    "array `{name}` of a batch has {len} entries; {n} pairs in dimension {} ask for {accepted}",
                    batch.d
                )));
            }
        }
        if n == 0 || (w.is_none() && w_x.is_none()) {
            return Ok(());
        }
        let batch = abi::PairBatch {
            struct_size: size_of::<abi::PairBatch>() as u64,
            n: n as u64,
            d: batch.d as u64,
            x: batch.x.as_ptr(),
            y: batch.y.as_ptr(),
            w: place(&mut w),
            w_x: place(&mut w_x),
        };
        answered(|message, size| {
            // SAFETY: as for the density.
            unsafe { (self.evaluate)(self.instance.raw, &raw const batch, message, size) }
        })
    }
}

fn dimension(d: usize, instance: &Instance) -> Result<()> {
    if d == instance.dimension {
        return Ok(());
    }
    Err(Error::argument(format!(
        "a batch is in dimension {d}; the energy was made for {}",
        instance.dimension
    )))
}

fn place(array: &mut Option<&mut [f64]>) -> *mut f64 {
    array.as_mut().map_or(null_mut(), |a| a.as_mut_ptr())
}

/// Calls into a plugin with room for a message and turns its status into a result.
fn answered(call: impl FnOnce(*mut c_char, u64) -> i32) -> Result<()> {
    let mut message = [0_u8; 1024];
    let status = call(message.as_mut_ptr().cast(), message.len() as u64);
    if status == abi::OK {
        return Ok(());
    }
    if let Some(last) = message.last_mut() {
        *last = 0; // whatever the plugin did with the last byte, the text ends
    }
    let text = CStr::from_bytes_until_nul(&message).map_or("".into(), CStr::to_string_lossy);
    let text = if text.is_empty() {
        format!("the plugin returned {status} without a message")
    } else {
        format!("the plugin returned {status}: {text}")
    };
    Err(if status > 0 {
        Error::new(ErrorKind::TryAgain, text)
    } else {
        Error::plugin(text)
    })
}
