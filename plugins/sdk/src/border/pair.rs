//! The table `movimento.pair/1` of a [`PairKernel`].

use std::ffi::{c_char, c_void};
use std::mem;

use movimento_abi as abi;

use super::arrays::{Extent, input, output};
use super::guard::guard;
use super::instance::Instance;
use crate::{Error, PairKernel, PairValues, Pairs, Result, autograd};

/// The callback of the table.
///
/// # Safety
/// As the header says of `movimento_pair_table`, for an instance of `K`.
pub(crate) unsafe extern "C" fn evaluate<K: PairKernel>(
    instance: *const c_void,
    batch: *const abi::PairBatch,
    message: *mut c_char,
    message_size: u64,
) -> i32 {
    let body = || {
        // SAFETY: the host's promise.
        let instance = unsafe { Instance::borrow(instance)? };
        // SAFETY: the host's promise. Only the size, which every version has, is read here.
        let size = unsafe { batch.cast::<u64>().as_ref() };
        if size.is_none_or(|&size| size < mem::size_of::<abi::PairBatch>() as u64) {
            return Err(Error::fatal(
                "the batch is NULL or of a host that is too old",
            ));
        }
        // SAFETY: not NULL, and as large as the structure.
        let batch = unsafe { &*batch };
        let extent = Extent::new(batch.n, batch.d, instance.dimension)?;
        if extent.n == 0 {
            return Ok(());
        }
        // SAFETY: the host's promise on the length of each array, and that outputs do not
        // overlap.
        unsafe {
            let x = input("x", batch.x, extent.vectors())?;
            let y = input("y", batch.y, extent.vectors())?;
            let pairs = Pairs {
                n: extent.n,
                d: extent.d,
                x,
                y,
            };
            let w = output(batch.w, extent.scalars());
            let w_x = output(batch.w_x, extent.vectors());
            fill(instance.energy::<K>()?, &pairs, PairValues { w, w_x })
        }
    };
    // SAFETY: the host's promise on its message buffer.
    unsafe { guard(message, message_size, body) }
}

/// Fills the wanted outputs, in safe Rust.
pub(crate) fn fill<K: PairKernel>(
    energy: &K,
    pairs: &Pairs<'_>,
    mut out: PairValues<'_>,
) -> Result<()> {
    if !out.is_wanted() {
        return Ok(());
    }
    match K::GRADIENT {
        Some(form) => form(energy, pairs, &mut out),
        None => autograd::kernel(energy, pairs, &mut out),
    }
}
