//! Instances as the host sees them: one opaque pointer.

use std::any::Any;
use std::ffi::c_void;

use crate::{Error, Result};

/// An energy of any type, ready to be evaluated by concurrent callers.
pub(crate) type AnyEnergy = Box<dyn Any + Send + Sync>;

pub(crate) struct Instance {
    pub(crate) dimension: usize,
    pub(crate) energy: AnyEnergy,
}

impl Instance {
    pub(crate) fn into_raw(self) -> *mut c_void {
        Box::into_raw(Box::new(self)).cast()
    }

    /// # Safety
    /// `instance` is NULL or comes from [`Self::into_raw`] and is not used again.
    pub(crate) unsafe fn destroy(instance: *mut c_void) {
        if !instance.is_null() {
            // SAFETY: the caller's promise.
            drop(unsafe { Box::from_raw(instance.cast::<Self>()) });
        }
    }

    /// # Safety
    /// `instance` is NULL or comes from [`Self::into_raw`] and is not destroyed during `'a`.
    pub(crate) unsafe fn borrow<'a>(instance: *const c_void) -> Result<&'a Self> {
        // SAFETY: the caller's promise.
        let instance = unsafe { instance.cast::<Self>().as_ref() };
        instance.ok_or_else(|| Error::fatal("the instance is NULL"))
    }

    /// The energy inside, if it is an `E`.
    pub(crate) fn energy<E: 'static>(&self) -> Result<&E> {
        let energy = self.energy.downcast_ref();
        energy.ok_or_else(|| Error::fatal("the instance belongs to another energy of the plugin"))
    }
}
