//! The functions of an [`Entry`] behind safe ones, which its promise makes sound.

use std::ffi::{CStr, CString, c_char, c_void};
use std::{fmt, ptr};

use movimento_abi as abi;

use crate::Entry;
use crate::table::{Kind, Table};

/// How many energies there are.
#[must_use]
pub fn count(entry: &Entry) -> u32 {
    // SAFETY: the entry's promise.
    let count = |count: unsafe extern "C" fn() -> u32| unsafe { count() };
    entry.as_raw().descriptor_count.map_or(0, count)
}

/// The descriptor of an energy; none past the last one.
#[must_use]
pub fn descriptor(entry: &'static Entry, index: u32) -> Option<&'static abi::Descriptor> {
    // SAFETY: the entry's promise: static, or NULL.
    unsafe { entry.as_raw().descriptor?(index).as_ref() }
}

/// The id of an energy.
#[must_use]
pub fn id(entry: &'static Entry, index: u32) -> Option<String> {
    let id = descriptor(entry, index)?.id;
    // SAFETY: the entry's promise: a static text; NULL is looked out for.
    (!id.is_null()).then(|| unsafe { CStr::from_ptr(id) }.to_string_lossy().into_owned())
}

/// The parameters of an energy. The caller has checked their stride.
#[must_use]
pub fn parameters(descriptor: &abi::Descriptor) -> Vec<&abi::Parameter> {
    let stride = descriptor.parameter_size as usize;
    // SAFETY: the entry's promise: an array with that stride.
    let at = |i: usize| unsafe { descriptor.parameters.byte_add(i * stride).as_ref() };
    let indices = 0..descriptor.parameter_count as usize;
    indices.filter_map(at).collect()
}

/// The name of a parameter.
#[must_use]
pub fn name(parameter: &abi::Parameter) -> String {
    if parameter.name.is_null() {
        return String::new();
    }
    // SAFETY: the entry's promise: a static text.
    let name = unsafe { CStr::from_ptr(parameter.name) };
    name.to_string_lossy().into_owned()
}

/// The ids of the tables that an energy declares.
pub(crate) fn extensions(descriptor: &abi::Descriptor) -> Vec<&CStr> {
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

/// The table of that id, or NULL.
pub(crate) fn extension(entry: &Entry, index: u32, id: &CStr) -> *const c_void {
    // SAFETY: the entry's promise, and `id` is a text.
    let get = |get: unsafe extern "C" fn(_, _) -> _| unsafe { get(index, id.as_ptr()) };
    entry.as_raw().get_extension.map_or(ptr::null(), get)
}

/// A status that is not 0, with its message.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// What was returned.
    pub status: i32,
    /// What was written into the message; empty if nothing was.
    pub message: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "status {}: {}", self.status, self.message)
    }
}

/// Values for some parameters, by name.
pub type Given = [(String, Vec<f64>)];

/// An energy that was created.
pub struct Instance {
    entry: &'static Entry,
    index: u32,
    /// The dimension of `x`.
    pub dimension: usize,
    raw: *mut c_void,
}

// SAFETY: the ABI promises that tables may be called concurrently on one instance.
unsafe impl Sync for Instance {}
// SAFETY: the ABI asks for one thread at a time, not for the same one, in `create` and `destroy`.
unsafe impl Send for Instance {}

impl Instance {
    /// Creates an instance as the host does: with every parameter, defaults filled in.
    ///
    /// Names that the descriptor does not have are passed too, to be refused.
    ///
    /// # Errors
    /// What the plugin answered.
    pub fn create(
        entry: &'static Entry,
        index: u32,
        dimension: u32,
        given: &Given,
    ) -> Result<Self, Refusal> {
        let mut instance = None;
        answered(|message, size| {
            // SAFETY: the message can hold `size` bytes.
            let made = unsafe { Self::create_with(entry, index, dimension, given, message, size) };
            made.map_or_else(
                |status| status,
                |made| {
                    instance = Some(made);
                    abi::OK
                },
            )
        })?;
        instance.ok_or_else(|| Refusal {
            status: 0,
            message: "there is no instance".to_owned(),
        })
    }

    /// The same with a message of the caller's.
    ///
    /// # Errors
    /// The status, which is not 0.
    ///
    /// # Safety
    /// `message` can hold `size` bytes.
    pub unsafe fn create_with(
        entry: &'static Entry,
        index: u32,
        dimension: u32,
        given: &Given,
        message: *mut c_char,
        size: u64,
    ) -> Result<Self, i32> {
        let descriptor = descriptor(entry, index).ok_or(i32::MIN)?;
        let create = entry.as_raw().create.ok_or(i32::MIN)?;
        let mut values: Vec<(String, Vec<f64>)> = Vec::new();
        for parameter in parameters(descriptor) {
            let name = name(parameter);
            let given = given.iter().find(|(key, _)| *key == name);
            let default = || vec![parameter.default_value];
            let value = given.map_or_else(default, |(_, value)| value.clone());
            values.push((name, value));
        }
        for (name, value) in given {
            if !values.iter().any(|(known, _)| known == name) {
                values.push((name.clone(), value.clone()));
            }
        }
        let names: Vec<CString> = values
            .iter()
            .map(|(name, _)| CString::new(name.as_str()).unwrap_or_default())
            .collect();
        let arguments: Vec<abi::Argument> = names
            .iter()
            .zip(&values)
            .map(|(name, (_, values))| abi::Argument {
                name: name.as_ptr(),
                count: values.len() as u64,
                values: values.as_ptr(),
            })
            .collect();
        let mut raw = ptr::null_mut();
        let (first, count) = (arguments.as_ptr(), arguments.len() as u64);
        // SAFETY: the entry's promise and the caller's; every pointer is to something alive here.
        let status = unsafe { create(index, dimension, first, count, &raw mut raw, message, size) };
        match status {
            abi::OK => Ok(Self {
                entry,
                index,
                dimension: dimension as usize,
                raw,
            }),
            status => Err(status),
        }
    }

    /// The tables of this ABI that the energy offers.
    #[must_use]
    pub fn tables(&self) -> Vec<Table<'_>> {
        let flags = descriptor(self.entry, self.index).map_or(0, |descriptor| descriptor.flags);
        let of = |kind: Kind| {
            let table = extension(self.entry, self.index, kind.id());
            (!table.is_null()).then(|| Table::new(self, kind, table, flags))
        };
        [Kind::Local, Kind::Pair]
            .into_iter()
            .filter_map(of)
            .collect()
    }

    pub(crate) fn raw(&self) -> *const c_void {
        self.raw
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        if let Some(destroy) = self.entry.as_raw().destroy {
            // SAFETY: the entry's promise; the instance is not used again.
            unsafe { destroy(self.raw) };
        }
    }
}

/// Calls with a message buffer; a status that is not 0 becomes its message.
pub(crate) fn answered(function: impl FnOnce(*mut c_char, u64) -> i32) -> Result<(), Refusal> {
    let mut buffer = [0u8; 512];
    let status = function(buffer.as_mut_ptr().cast(), buffer.len() as u64);
    if status == abi::OK {
        return Ok(());
    }
    let message = match CStr::from_bytes_until_nul(&buffer) {
        Ok(text) => text.to_string_lossy().into_owned(),
        Err(_) => "the message has no end".to_owned(),
    };
    Err(Refusal { status, message })
}
