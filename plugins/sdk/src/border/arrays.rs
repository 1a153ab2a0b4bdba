//! Slices of the host's arrays.

use movimento_contract::{ArraySpec, Extent as Given, Widths};

use crate::{Error, Result};

/// Points, dimension, components and time of a batch, checked once: `n d^2 c^2` numbers can be addressed.
#[derive(Clone, Copy)]
pub(crate) struct Extent {
    pub(crate) n: usize,
    pub(crate) d: usize,
    pub(crate) c: usize,
    pub(crate) t: f64,
}

impl Extent {
    pub(crate) fn new(
        Given { n, d, c }: Given,
        t: f64,
        dimension: usize,
        components: usize,
    ) -> Result<Self> {
        let factors = [d, d, c, c, 8];
        let bytes = factors
            .iter()
            .try_fold(n, |bytes, factor| bytes.checked_mul(*factor));
        if c != components as u64 {
            return Err(Error::fatal(format!(
                "of {components} components, called with {c}"
            )));
        }
        if d != dimension as u64 {
            return Err(Error::fatal(format!(
                "created in dimension {dimension}, called in {d}"
            )));
        }
        match (usize::try_from(n), bytes.map(isize::try_from)) {
            (Ok(n), Some(Ok(_))) => Ok(Self {
                n,
                d: dimension,
                c: components,
                t,
            }),
            _ => Err(Error::fatal(format!(
                "a batch of {n} points in dimension {d} is too large"
            ))),
        }
    }

    /// The length of an array.
    pub(crate) const fn length(self, spec: &ArraySpec) -> usize {
        let Self { d, c, .. } = self;
        spec.length(self.n, Widths { c, d })
    }
}

/// # Safety
/// `array` is NULL or valid for reads of `length` numbers during `'a`.
pub(super) unsafe fn input<'a>(name: &str, array: *const f64, length: usize) -> Result<&'a [f64]> {
    if array.is_null() {
        return Err(Error::fatal(format!("the input {name} is NULL")));
    }
    // SAFETY: the caller's promise; `Extent` has bounded the length.
    Ok(unsafe { std::slice::from_raw_parts(array, length) })
}

/// A wanted output, filled with zeros.
///
/// # Safety
/// `array` is NULL or valid for writes of `length` numbers during `'a`, and nothing else refers
/// to them.
pub(super) unsafe fn output<'a>(array: *mut f64, length: usize) -> Option<&'a mut [f64]> {
    if array.is_null() {
        return None;
    }
    // SAFETY: the caller's promise. Zeros are written first since the host may hand over
    // memory that it never initialised.
    unsafe {
        std::ptr::write_bytes(array, 0, length);
        Some(std::slice::from_raw_parts_mut(array, length))
    }
}
