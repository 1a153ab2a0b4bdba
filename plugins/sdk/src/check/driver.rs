//! The C tables behind safe functions, for [`Entry`]s, which keep the ABI's promises.

use std::ffi::{CStr, CString, c_char, c_void};
use std::ptr;

use movimento_abi as abi;

use crate::Entry;

pub(super) fn count(entry: &Entry) -> u32 {
    // SAFETY: the entry's promise.
    entry
        .as_raw()
        .descriptor_count
        .map_or(0, |count| unsafe { count() })
}

pub(super) fn descriptor(entry: &'static Entry, index: u32) -> Option<&'static abi::Descriptor> {
    // SAFETY: the entry's promise: static, or NULL.
    unsafe { entry.as_raw().descriptor?(index).as_ref() }
}

pub(super) fn id(entry: &'static Entry, index: u32) -> Option<String> {
    let id = descriptor(entry, index)?.id;
    // SAFETY: the entry's promise: a static text; NULL is looked out for.
    (!id.is_null()).then(|| unsafe { CStr::from_ptr(id) }.to_string_lossy().into_owned())
}

pub(super) fn parameters(descriptor: &abi::Descriptor) -> Vec<&abi::Parameter> {
    let stride = descriptor.parameter_size as usize;
    // SAFETY: the entry's promise: an array with that stride. The caller has checked the stride.
    let at = |i: usize| unsafe {
        descriptor
            .parameters
            .byte_add(i * stride)
            .as_ref()
            .into_iter()
    };
    (0..descriptor.parameter_count as usize)
        .flat_map(at)
        .collect()
}

pub(super) fn extensions(descriptor: &abi::Descriptor) -> Vec<&CStr> {
    let mut ids = Vec::new();
    let mut next = descriptor.extensions;
    // SAFETY: the entry's promise: an array of texts that ends with NULL.
    unsafe {
        while !next.is_null() && !(*next).is_null() {
            ids.push(CStr::from_ptr(*next));
            next = next.add(1);
        }
    }
    ids
}

pub(super) fn extension(entry: &Entry, index: u32, id: &CStr) -> *const c_void {
    // SAFETY: the entry's promise, and `id` is a text.
    let get = |get: unsafe extern "C" fn(_, _) -> _| unsafe { get(index, id.as_ptr()) };
    entry.as_raw().get_extension.map_or(ptr::null(), get)
}

/// One instance and its tables.
pub(super) struct Driver {
    entry: &'static Entry,
    index: u32,
    pub(super) dimension: usize,
    instance: *mut c_void,
}

// SAFETY: the ABI promises that tables may be called concurrently on one instance.
unsafe impl Sync for Driver {}

impl Driver {
    /// Creates an instance as the host does: with every parameter, defaults filled in.
    pub(super) fn create(
        entry: &'static Entry,
        index: u32,
        dimension: u32,
        given: &[(String, Vec<f64>)],
    ) -> Result<Self, String> {
        let descriptor = descriptor(entry, index).ok_or("no descriptor")?;
        let mut values: Vec<(CString, Vec<f64>)> = Vec::new();
        for parameter in parameters(descriptor) {
            // SAFETY: the entry's promise: a static text.
            let name = unsafe { CStr::from_ptr(parameter.name) };
            let given = given
                .iter()
                .find(|(key, _)| key.as_bytes() == name.to_bytes());
            let default = || vec![parameter.default_value];
            values.push((
                name.to_owned(),
                given.map_or_else(default, |(_, v)| v.clone()),
            ));
        }
        // Names that the descriptor does not have are passed too, to be refused.
        for (name, value) in given {
            if !values
                .iter()
                .any(|(known, _)| known.as_bytes() == name.as_bytes())
            {
                let name = CString::new(name.as_str()).map_err(|error| error.to_string())?;
                values.push((name, value.clone()));
            }
        }
        let arguments: Vec<abi::Argument> = values
            .iter()
            .map(|(name, values)| abi::Argument {
                name: name.as_ptr(),
                count: values.len() as u64,
                values: values.as_ptr(),
            })
            .collect();
        let create = entry.as_raw().create.ok_or("no create")?;
        let mut instance = ptr::null_mut();
        let count = arguments.len() as u64;
        // SAFETY: the entry's promise; every pointer is to something alive here.
        called(|message, size| unsafe {
            create(
                index,
                dimension,
                arguments.as_ptr(),
                count,
                &raw mut instance,
                message,
                size,
            )
        })?;
        Ok(Self {
            entry,
            index,
            dimension: dimension as usize,
            instance,
        })
    }

    pub(super) fn local_table(&self) -> Option<&'static abi::LocalTable> {
        // SAFETY: the entry's promise: the static table of that id, or NULL.
        unsafe {
            extension(self.entry, self.index, abi::LOCAL_1)
                .cast::<abi::LocalTable>()
                .as_ref()
        }
    }

    pub(super) fn pair_table(&self) -> Option<&'static abi::PairTable> {
        // SAFETY: the entry's promise: the static table of that id, or NULL.
        unsafe {
            extension(self.entry, self.index, abi::PAIR_1)
                .cast::<abi::PairTable>()
                .as_ref()
        }
    }

    /// # Safety
    /// The arrays of `batch` are as long as it says.
    pub(super) unsafe fn local(
        &self,
        table: &abi::LocalTable,
        batch: &abi::LocalBatch,
    ) -> Result<(), String> {
        let evaluate = table.evaluate.ok_or("the slot `evaluate` is empty")?;
        // SAFETY: the entry's promise and the caller's.
        called(|message, size| unsafe { evaluate(self.instance, batch, message, size) })
    }

    /// # Safety
    /// The arrays of `batch` are as long as it says.
    pub(super) unsafe fn pair(
        &self,
        table: &abi::PairTable,
        batch: &abi::PairBatch,
    ) -> Result<(), String> {
        let evaluate = table.evaluate.ok_or("the slot `evaluate` is empty")?;
        // SAFETY: the entry's promise and the caller's.
        called(|message, size| unsafe { evaluate(self.instance, batch, message, size) })
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if let Some(destroy) = self.entry.as_raw().destroy {
            // SAFETY: the entry's promise; the instance is not used again.
            unsafe { destroy(self.instance) };
        }
    }
}

/// Calls with a message buffer; a status that is not 0 becomes its message.
fn called(function: impl FnOnce(*mut c_char, u64) -> i32) -> Result<(), String> {
    let mut buffer = [0u8; 512];
    let status = function(buffer.as_mut_ptr().cast(), buffer.len() as u64);
    if status == abi::OK {
        return Ok(());
    }
    let text = match CStr::from_bytes_until_nul(&buffer) {
        Ok(text) => text.to_string_lossy().into_owned(),
        Err(_) => "the message has no end".to_owned(),
    };
    Err(format!("status {status}: {text}"))
}
