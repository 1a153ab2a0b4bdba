//! A batch of any table as the bytes that the table reads.

use std::ffi::c_void;
use std::ptr;

use crate::sized::SizedStruct;

/// A batch of any table. It starts with its size.
#[derive(Debug)]
pub struct RawBatch {
    /// In words of 8 bytes, some of which are pointers.
    words: Vec<*const c_void>,
    size: usize,
}

const WORD: usize = size_of::<*const c_void>();

impl RawBatch {
    /// The bytes of a batch.
    pub(crate) fn of<T: SizedStruct>(batch: T) -> Self {
        let size = size_of::<T>();
        let mut words: Vec<*const c_void> = vec![ptr::null(); size.div_ceil(WORD)];
        // SAFETY: the words have room for the structure, which is without padding, so that each
        // of its bytes is initialised; what are its pointers stay pointers.
        unsafe {
            ptr::copy_nonoverlapping(
                (&raw const batch).cast::<u8>(),
                words.as_mut_ptr().cast(),
                size,
            );
        }
        Self { words, size }
    }

    /// The batch of a host that knows `more` fields of 8 bytes, none of which is a pointer.
    #[must_use]
    pub fn grown(mut self, more: usize) -> Self {
        let foreign = ptr::without_provenance(0xA5A5_A5A5_A5A5_A5A5);
        self.words.resize(self.words.len() + more, foreign);
        self.size += more * WORD;
        if let Some(first) = self.words.first_mut() {
            *first = ptr::without_provenance(self.size);
        }
        self
    }

    /// Size in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }

    /// The first of the bytes.
    #[must_use]
    pub fn as_ptr(&self) -> *const c_void {
        self.words.as_ptr().cast()
    }
}
