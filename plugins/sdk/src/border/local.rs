//! The table `movimento.local/1` of a [`Functional`].

use std::ffi::{c_char, c_void};
use std::mem;

use movimento_abi as abi;

use super::arrays::{Extent, input, output};
use super::guard::guard;
use super::instance::Instance;
use crate::{Error, First, Functional, Points, Result, Second, autograd};

/// The callback of the table.
///
/// # Safety
/// As the header says of `movimento_local_table`, for an instance of `F`.
pub(crate) unsafe extern "C" fn evaluate<F: Functional>(
    instance: *const c_void,
    batch: *const abi::LocalBatch,
    message: *mut c_char,
    message_size: u64,
) -> i32 {
    let body = || {
        // SAFETY: the host's promise.
        let instance = unsafe { Instance::borrow(instance)? };
        // SAFETY: the host's promise. Only the size, which every version has, is read here.
        let size = unsafe { batch.cast::<u64>().as_ref() };
        if size.is_none_or(|&size| size < mem::size_of::<abi::LocalBatch>() as u64) {
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
        let (scalars, vectors) = (extent.scalars(), extent.vectors());
        // SAFETY: the host's promise on the length of each array, and that outputs do not
        // overlap; `p` is looked at only where the host must give it.
        unsafe {
            let p = if F::DESCRIPTOR.has(abi::USES_GRADIENT) {
                input("p", batch.p, vectors)?
            } else {
                &[]
            };
            let (x, u) = (input("x", batch.x, vectors)?, input("u", batch.u, scalars)?);
            let points = Points {
                n: extent.n,
                d: extent.d,
                x,
                u,
                p,
            };
            let first = First {
                f: output(batch.f, scalars),
                f_u: output(batch.f_u, scalars),
                f_p: output(batch.f_p, vectors),
                f_x: output(batch.f_x, vectors),
            };
            let second = Second {
                f_uu: output(batch.f_uu, scalars),
                f_up: output(batch.f_up, vectors),
                f_pp: output(batch.f_pp, extent.matrices()),
            };
            fill(instance.energy::<F>()?, &points, first, second)
        }
    };
    // SAFETY: the host's promise on its message buffer.
    unsafe { guard(message, message_size, body) }
}

/// Fills the wanted outputs, in safe Rust.
pub(crate) fn fill<F: Functional>(
    energy: &F,
    points: &Points<'_>,
    mut first: First<'_>,
    mut second: Second<'_>,
) -> Result<()> {
    energy.require(points)?;
    if first.is_wanted() {
        match F::FIRST {
            Some(form) => form(energy, points, &mut first)?,
            None => autograd::functional(energy, points, &mut first)?,
        }
    }
    match F::SECOND {
        Some(form) if second.is_wanted() => form(energy, points, &mut second),
        None if second.is_wanted() => Err(Error::fatal(
            "second derivatives are asked for but not offered",
        )),
        _ => Ok(()),
    }
}
