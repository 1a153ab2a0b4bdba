//! The entry: the energies of one plugin behind the five functions of the ABI.

use std::ffi::{CStr, c_char, c_void};
use std::marker::PhantomData;
use std::{mem, ptr};

use movimento_abi as abi;
use movimento_contract::Entry;

use super::guard::{guard, silently};
use super::instance::{AnyEnergy, Instance};
use super::table::{TableOffer, TableOffers};
use crate::descriptor::ParameterTable;
use crate::{Arguments, Energy, Error, Parameter, Result};

/// The energies of one plugin, by index. Implemented by the macros only.
#[doc(hidden)]
pub trait Plugin: 'static {
    const COUNT: u32;
    fn energy(index: u32) -> Option<ErasedEnergy>;
}

/// One energy of a plugin, its type erased.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct ErasedEnergy {
    descriptor: &'static abi::Descriptor,
    parameters: &'static [Parameter],
    create: fn(&Arguments) -> Result<AnyEnergy>,
    tables: &'static [Option<TableOffer>],
}

impl ErasedEnergy {
    /// The energy `E` with the descriptor that [`raw_descriptor`] made of these tables.
    #[must_use]
    pub const fn new<E: Energy, const N: usize>(
        descriptor: &'static abi::Descriptor,
        offers: &'static TableOffers<N>,
    ) -> Self {
        Self {
            descriptor,
            parameters: E::DESCRIPTOR.parameters,
            create: |arguments| Ok(Box::new(E::create(arguments)?)),
            tables: &offers.tables,
        }
    }
}

/// The parameters of an energy in the form of the host.
struct Parameters<E>(PhantomData<E>);

impl<E: Energy> Parameters<E> {
    const TABLE: &'static ParameterTable = &E::DESCRIPTOR.parameter_table();
}

/// The descriptor of the energy `E` with these tables, in the form of the host.
#[doc(hidden)]
#[must_use]
pub const fn raw_descriptor<E: Energy, const N: usize>(
    offers: &'static TableOffers<N>,
) -> abi::Descriptor {
    E::DESCRIPTOR.raw(offers.flags(), Parameters::<E>::TABLE, offers.ids())
}

/// The entry of plugin `P`.
#[doc(hidden)]
#[must_use]
pub const fn entry<P: Plugin>() -> Entry {
    let entry = abi::PluginEntry {
        abi_major: abi::ABI_MAJOR,
        abi_minor: abi::ABI_MINOR,
        struct_size: mem::size_of::<abi::PluginEntry>() as u64,
        descriptor_count: Some(descriptor_count::<P>),
        descriptor: Some(descriptor::<P>),
        create: Some(create::<P>),
        destroy: Some(destroy),
        get_extension: Some(get_extension::<P>),
    };
    // SAFETY: the functions below, which keep the ABI's promises.
    unsafe { Entry::new(entry) }
}

extern "C" fn descriptor_count<P: Plugin>() -> u32 {
    P::COUNT
}

extern "C" fn descriptor<P: Plugin>(index: u32) -> *const abi::Descriptor {
    P::energy(index).map_or(ptr::null(), |energy| ptr::from_ref(energy.descriptor))
}

unsafe extern "C" fn get_extension<P: Plugin>(index: u32, id: *const c_char) -> *const c_void {
    if id.is_null() {
        return ptr::null();
    }
    // SAFETY: the host's promise: a NUL-terminated text.
    let id = unsafe { CStr::from_ptr(id) };
    let tables = P::energy(index).map_or(&[][..], |energy| energy.tables);
    let table = tables.iter().flatten().find(|table| table.id == id);
    table.map_or(ptr::null(), |table| table.table)
}

unsafe extern "C" fn create<P: Plugin>(
    index: u32,
    dimension: u32,
    arguments: *const abi::Argument,
    count: u64,
    instance: *mut *mut c_void,
    message: *mut c_char,
    message_size: u64,
) -> i32 {
    let body = || {
        // SAFETY: the host's promise.
        let Some(instance) = (unsafe { instance.as_mut() }) else {
            return Err(Error::fatal("there is no place for the instance"));
        };
        *instance = ptr::null_mut();
        let energy = P::energy(index)
            .ok_or_else(|| Error::fatal(format!("there is no energy with index {index}")))?;
        if dimension == 0 {
            return Err(Error::fatal("the dimension must be at least 1"));
        }
        let dimension = usize::try_from(dimension)
            .map_err(|_| Error::fatal(format!("dimension {dimension} is too large")))?;
        let mut given = Arguments::new(dimension, energy.parameters);
        // SAFETY: the host's promise.
        unsafe { read_arguments(arguments, count, &mut given)? };
        let energy = (energy.create)(&given)?;
        *instance = Instance { dimension, energy }.into_raw();
        Ok(())
    };
    // SAFETY: the host's promise on its message buffer.
    unsafe { guard(message, message_size, body) }
}

/// # Safety
/// `arguments` is NULL or holds `count` arguments whose texts and values can be read.
unsafe fn read_arguments(
    arguments: *const abi::Argument,
    count: u64,
    into: &mut Arguments,
) -> Result<()> {
    let too_many = |_| Error::fatal("too many arguments");
    let count = usize::try_from(count).map_err(too_many)?;
    if count == 0 {
        return Ok(());
    }
    if arguments.is_null() {
        return Err(Error::fatal("the arguments are NULL"));
    }
    // SAFETY: the caller's promise.
    for argument in unsafe { std::slice::from_raw_parts(arguments, count) } {
        if argument.name.is_null() || argument.values.is_null() {
            return Err(Error::fatal("an argument has no name or no values"));
        }
        // SAFETY: not NULL, and the caller's promise.
        let name = unsafe { CStr::from_ptr(argument.name) }.to_string_lossy();
        let length = usize::try_from(argument.count).map_err(too_many)?;
        // SAFETY: not NULL, and the caller's promise.
        let values = unsafe { std::slice::from_raw_parts(argument.values, length) };
        into.set(&name, values)?;
    }
    Ok(())
}

unsafe extern "C" fn destroy(instance: *mut c_void) {
    // A panic in a destructor has nowhere to be reported, but must not cross the border.
    // SAFETY: the host's promise: the instance comes from `create` and is not used again.
    let _ = silently(std::panic::AssertUnwindSafe(|| unsafe {
        Instance::destroy(instance);
    }));
}
