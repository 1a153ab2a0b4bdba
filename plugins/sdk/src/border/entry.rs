//! The entry: the energies of one plugin behind the five functions of the ABI.

use std::ffi::{CStr, c_char, c_void};
use std::marker::PhantomData;
use std::{mem, ptr};

use movimento_abi as abi;
use movimento_contract::Entry;

use super::guard::{guard, silently};
use super::instance::{AnyEnergy, Instance};
use super::{local, pair};
use crate::descriptor::{self, ParameterTable};
use crate::{Arguments, Error, Functional, PairKernel, Parameter, Result};

/// The energies of one plugin, by index. Implemented by the macros only.
#[doc(hidden)]
pub trait Plugin: 'static {
    const COUNT: u32;
    fn energy(index: u32) -> Option<Energy>;
}

/// One energy of a plugin, its type erased.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct Energy {
    descriptor: &'static abi::Descriptor,
    parameters: &'static [Parameter],
    create: fn(&Arguments) -> Result<AnyEnergy>,
    extension: &'static CStr,
    table: *const c_void,
}

/// How the macros find the tables of a type: the method `energy` of `PhantomData<T>` resolves to
/// whichever of the two traits `T` implements, so that one list may mix both.
#[doc(hidden)]
pub trait ViaFunctional {
    fn energy(self) -> Energy;
}

#[doc(hidden)]
pub trait ViaPairKernel {
    fn energy(self) -> Energy;
}

impl<F: Functional> ViaFunctional for PhantomData<F> {
    fn energy(self) -> Energy {
        Energy {
            descriptor: LocalTables::<F>::DESCRIPTOR,
            parameters: F::DESCRIPTOR.parameters,
            create: |arguments| Ok(Box::new(F::create(arguments)?)),
            extension: abi::LOCAL_1,
            table: ptr::from_ref(LocalTables::<F>::TABLE).cast(),
        }
    }
}

impl<K: PairKernel> ViaPairKernel for PhantomData<K> {
    fn energy(self) -> Energy {
        Energy {
            descriptor: PairTables::<K>::DESCRIPTOR,
            parameters: K::DESCRIPTOR.parameters,
            create: |arguments| Ok(Box::new(K::create(arguments)?)),
            extension: abi::PAIR_1,
            table: ptr::from_ref(PairTables::<K>::TABLE).cast(),
        }
    }
}

/// The static tables of a functional.
struct LocalTables<F>(PhantomData<F>);

impl<F: Functional> LocalTables<F> {
    const PARAMETERS: &'static ParameterTable = &F::DESCRIPTOR.parameter_table();
    /// The flag and the closed form are one fact.
    const SECOND: u32 = if F::SECOND.is_some() {
        abi::SECOND_DERIVATIVES
    } else {
        0
    };
    const DESCRIPTOR: &'static abi::Descriptor =
        &F::DESCRIPTOR.raw(Self::SECOND, Self::PARAMETERS, descriptor::LOCAL);
    const TABLE: &'static abi::LocalTable = &abi::LocalTable {
        struct_size: mem::size_of::<abi::LocalTable>() as u64,
        evaluate: Some(local::evaluate::<F>),
    };
}

/// The static tables of a pair kernel.
struct PairTables<K>(PhantomData<K>);

impl<K: PairKernel> PairTables<K> {
    const PARAMETERS: &'static ParameterTable = &K::DESCRIPTOR.parameter_table();
    const DESCRIPTOR: &'static abi::Descriptor =
        &K::DESCRIPTOR.raw(0, Self::PARAMETERS, descriptor::PAIR);
    const TABLE: &'static abi::PairTable = &abi::PairTable {
        struct_size: mem::size_of::<abi::PairTable>() as u64,
        evaluate: Some(pair::evaluate::<K>),
    };
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
    match P::energy(index) {
        Some(energy) if energy.extension == id => energy.table,
        _ => ptr::null(),
    }
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
        Instance::destroy(instance)
    }));
}
