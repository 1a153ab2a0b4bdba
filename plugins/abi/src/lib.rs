//! The structures of `include/movimento_plugin.h`, field by field, for the host and for the SDK.
//!
//! The header is the reference and holds the documentation; a test compares every size and
//! offset here with what a C compiler makes of it.
#![no_std]
#![allow(missing_docs)] // every item is documented in the header, under the same name

use core::ffi::{c_char, c_void};

pub const ABI_MAJOR: u32 = 1;
pub const ABI_MINOR: u32 = 0;
pub const OK: i32 = 0;

pub const REAL: u32 = 0;
pub const INTEGER: u32 = 1;
pub const REAL_ARRAY: u32 = 2;

pub const USES_GRADIENT: u32 = 1;
pub const USES_POSITION: u32 = 2;
pub const SECOND_DERIVATIVES: u32 = 4;
pub const CONVEX: u32 = 8;

pub const LOCAL_1: &core::ffi::CStr = c"movimento.local/1";
pub const PAIR_1: &core::ffi::CStr = c"movimento.pair/1";

/// The name of the one exported symbol.
pub const ENTRY_SYMBOL: &str = "movimento_plugin";

#[repr(C)]
pub struct Parameter {
    pub name: *const c_char,
    pub help: *const c_char,
    pub kind: u32,
    pub reserved: u32,
    pub default_value: f64,
    pub minimum: f64,
    pub maximum: f64,
}

#[repr(C)]
pub struct Argument {
    pub name: *const c_char,
    pub count: u64,
    pub values: *const f64,
}

#[repr(C)]
pub struct Descriptor {
    pub struct_size: u64,
    pub id: *const c_char,
    pub name: *const c_char,
    pub version: *const c_char,
    pub formula: *const c_char,
    pub references: *const c_char,
    pub flags: u32,
    pub parameter_count: u32,
    pub parameter_size: u64,
    pub parameters: *const Parameter,
    pub extensions: *const *const c_char,
}

#[repr(C)]
pub struct LocalBatch {
    pub struct_size: u64,
    pub n: u64,
    pub d: u64,
    pub x: *const f64,
    pub u: *const f64,
    pub p: *const f64,
    pub f: *mut f64,
    pub f_u: *mut f64,
    pub f_p: *mut f64,
    pub f_x: *mut f64,
    pub f_uu: *mut f64,
    pub f_up: *mut f64,
    pub f_pp: *mut f64,
}

pub type LocalEvaluate =
    unsafe extern "C" fn(*const c_void, *const LocalBatch, *mut c_char, u64) -> i32;

#[repr(C)]
pub struct LocalTable {
    pub struct_size: u64,
    pub evaluate: Option<LocalEvaluate>,
}

#[repr(C)]
pub struct PairBatch {
    pub struct_size: u64,
    pub n: u64,
    pub d: u64,
    pub x: *const f64,
    pub y: *const f64,
    pub w: *mut f64,
    pub w_x: *mut f64,
}

pub type PairEvaluate =
    unsafe extern "C" fn(*const c_void, *const PairBatch, *mut c_char, u64) -> i32;

#[repr(C)]
pub struct PairTable {
    pub struct_size: u64,
    pub evaluate: Option<PairEvaluate>,
}

#[repr(C)]
pub struct PluginEntry {
    pub abi_major: u32,
    pub abi_minor: u32,
    pub struct_size: u64,
    pub descriptor_count: Option<unsafe extern "C" fn() -> u32>,
    pub descriptor: Option<unsafe extern "C" fn(u32) -> *const Descriptor>,
    pub create: Option<
        unsafe extern "C" fn(
            u32,
            u32,
            *const Argument,
            u64,
            *mut *mut c_void,
            *mut c_char,
            u64,
        ) -> i32,
    >,
    pub destroy: Option<unsafe extern "C" fn(*mut c_void)>,
    pub get_extension: Option<unsafe extern "C" fn(u32, *const c_char) -> *const c_void>,
}

// SAFETY: an entry holds function pointers and plain numbers only; nothing in it is ever written.
unsafe impl Sync for PluginEntry {}
// SAFETY: the same holds for the tables.
unsafe impl Sync for LocalTable {}
// SAFETY: the same holds for the tables.
unsafe impl Sync for PairTable {}
// SAFETY: descriptors and their parameters are static texts and numbers; nothing is ever written.
unsafe impl Sync for Descriptor {}
// SAFETY: the same.
unsafe impl Sync for Parameter {}
