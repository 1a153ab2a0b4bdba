//! The tables of an energy: one callback for all of them, which makes slices of the host's arrays.

use std::ffi::{CStr, c_char, c_void};
use std::ptr;

use movimento_contract::{Capability, sized};

use super::arrays::{Extent, input, output};
use super::guard::guard;
use super::instance::Instance;
use crate::{Energy, Error, Result};

/// A table of an energy whose type is erased.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct TableOffer {
    pub(crate) id: &'static CStr,
    pub(crate) table: *const c_void,
    /// The flags of the descriptor that follow from it.
    pub(crate) flags: u32,
}

impl TableOffer {
    pub(crate) const fn new<C: Capability>(table: &'static C, flags: u32) -> Self {
        Self {
            id: C::ID,
            table: ptr::from_ref(table).cast(),
            flags,
        }
    }
}

/// An energy that can fill the outputs of the table `C`.
pub(crate) trait Fill<C: Capability>: Energy {
    /// The components of u.
    const COMPONENTS: usize = 1;

    /// Fills the outputs, in the order of [`Capability::OUTPUTS`], at the inputs, in the order of
    /// [`Capability::INPUTS`]. Inputs that the energy does not use are empty; wanted outputs hold
    /// zeros.
    fn fill(
        &self,
        extent: Extent,
        inputs: &[&[f64]],
        outputs: &mut [Option<&mut [f64]>],
    ) -> Result<()>;
}

/// The most inputs, and the most outputs, of a table.
const MOST: usize = 16;

/// The slot `evaluate` of the table `C` of the energy `E`.
///
/// # Safety
/// As the header says of the table, for an instance of `E`.
pub(crate) unsafe extern "C" fn evaluate<C: Capability, E: Fill<C>>(
    instance: *const c_void,
    batch: *const C::Batch,
    message: *mut c_char,
    message_size: u64,
) -> i32 {
    const { assert!(C::INPUTS.len() <= MOST && C::OUTPUTS.len() <= MOST) };
    let body = || {
        // SAFETY: the host's promise.
        let instance = unsafe { Instance::borrow(instance)? };
        // SAFETY: the host's promise: NULL or a batch of this table, of some version.
        let batch = unsafe { sized::read("the batch", batch) }.map_err(Error::fatal)?;
        let (given, t) = (C::extent(&batch), C::time(&batch));
        let extent = Extent::new(given, t, instance.dimension, E::COMPONENTS)?;
        if extent.n == 0 {
            return Ok(());
        }
        let (read, written) = C::pointers(&batch);
        let mut inputs: [&[f64]; MOST] = [&[]; MOST];
        for ((spec, &array), slice) in C::INPUTS.iter().zip(read.as_ref()).zip(&mut inputs) {
            if E::DESCRIPTOR.has(spec.needs) {
                // SAFETY: the host's promise on the length of each array that it must give.
                *slice = unsafe { input(spec.name, array, extent.length(spec))? };
            }
        }
        let mut outputs = [const { None }; MOST];
        for ((spec, &array), slice) in C::OUTPUTS.iter().zip(written.as_ref()).zip(&mut outputs) {
            // SAFETY: the host's promise: as long as the header says, and without overlaps.
            *slice = unsafe { output(array, extent.length(spec)) };
        }
        let energy = instance.energy::<E>()?;
        let (inputs, outputs) = (
            inputs.get(..C::INPUTS.len()).unwrap_or_default(),
            outputs.get_mut(..C::OUTPUTS.len()).unwrap_or_default(),
        );
        energy.fill(extent, inputs, outputs)
    };
    // SAFETY: the host's promise on its message buffer.
    unsafe { guard(message, message_size, body) }
}

/// The error of an energy whose arrays are not those of its table, which is a bug here.
pub(crate) fn other_arrays(id: &CStr) -> Error {
    Error::fatal(format!("the arrays are not those of {id:?}"))
}

/// Tables in the form of the host, with the ids of a descriptor, ended by NULL.
#[doc(hidden)]
pub struct TableOffers<const N: usize> {
    pub(crate) tables: [Option<TableOffer>; N],
    ids: [*const c_char; MOST],
}

impl<const N: usize> TableOffers<N> {
    /// The tables among these that are there.
    ///
    /// # Panics
    /// There is none: in a constant, a compile error.
    #[must_use]
    pub const fn new(tables: [Option<TableOffer>; N]) -> Self {
        const { assert!(N < MOST) };
        let mut ids = [ptr::null(); MOST];
        let (mut i, mut count) = (0, 0);
        while i < N {
            if let Some(offer) = tables[i] {
                ids[count] = offer.id.as_ptr();
                count += 1;
            }
            i += 1;
        }
        assert!(
            count > 0,
            "an energy implements Functional, SystemFunctional, HessianFunctional or PairKernel"
        );
        Self { tables, ids }
    }

    pub(crate) const fn ids(&'static self) -> *const *const c_char {
        self.ids.as_ptr()
    }

    /// The flags that follow from the tables.
    pub(crate) const fn flags(&self) -> u32 {
        let (mut i, mut flags) = (0, 0);
        while i < N {
            if let Some(offer) = self.tables[i] {
                flags |= offer.flags;
            }
            i += 1;
        }
        flags
    }
}
