//! The structures of `include/movimento_plugin.h`, field by field, for the host and for the SDK.
//!
//! The header is the reference and holds the documentation; a test compares every size and
//! offset here with what a C compiler makes of it.
#![no_std]
#![allow(missing_docs)] // every item is documented in the header, under the same name

use core::ffi::{CStr, c_char, c_void};
use core::mem::offset_of;

pub const ABI_MAJOR: u32 = 1;
pub const ABI_MINOR: u32 = 1;
pub const OK: i32 = 0;

pub const REAL: u32 = 0;
pub const INTEGER: u32 = 1;
pub const REAL_ARRAY: u32 = 2;

pub const USES_GRADIENT: u32 = 1;
pub const USES_POSITION: u32 = 2;
pub const SECOND_DERIVATIVES: u32 = 4;
pub const CONVEX: u32 = 8;
pub const USES_TIME: u32 = 16;

pub const LOCAL_1: &CStr = c"movimento.local/1";
pub const PAIR_1: &CStr = c"movimento.pair/1";
pub const SYSTEM_1: &CStr = c"movimento.system/1";
pub const HESSIAN_1: &CStr = c"movimento.hessian/1";

/// The constants and ids above under their names in the header, for the test that compares them.
pub const CONSTANTS: &[(&str, u32)] = &[
    ("MOVIMENTO_PLUGIN_ABI_MAJOR", ABI_MAJOR),
    ("MOVIMENTO_PLUGIN_ABI_MINOR", ABI_MINOR),
    ("MOVIMENTO_OK", OK as u32),
    ("MOVIMENTO_REAL", REAL),
    ("MOVIMENTO_INTEGER", INTEGER),
    ("MOVIMENTO_REAL_ARRAY", REAL_ARRAY),
    ("MOVIMENTO_USES_GRADIENT", USES_GRADIENT),
    ("MOVIMENTO_USES_POSITION", USES_POSITION),
    ("MOVIMENTO_SECOND_DERIVATIVES", SECOND_DERIVATIVES),
    ("MOVIMENTO_CONVEX", CONVEX),
    ("MOVIMENTO_USES_TIME", USES_TIME),
];
pub const IDS: &[(&str, &CStr)] = &[
    ("MOVIMENTO_LOCAL_1", LOCAL_1),
    ("MOVIMENTO_PAIR_1", PAIR_1),
    ("MOVIMENTO_SYSTEM_1", SYSTEM_1),
    ("MOVIMENTO_HESSIAN_1", HESSIAN_1),
];

/// The name of the one exported symbol.
pub const ENTRY_SYMBOL: &str = "movimento_plugin";

pub type LocalEvaluate =
    unsafe extern "C" fn(*const c_void, *const LocalBatch, *mut c_char, u64) -> i32;

pub type PairEvaluate =
    unsafe extern "C" fn(*const c_void, *const PairBatch, *mut c_char, u64) -> i32;

pub type SystemEvaluate =
    unsafe extern "C" fn(*const c_void, *const SystemBatch, *mut c_char, u64) -> i32;

pub type HessianEvaluate =
    unsafe extern "C" fn(*const c_void, *const HessianBatch, *mut c_char, u64) -> i32;

pub type Create =
    unsafe extern "C" fn(u32, u32, *const Argument, u64, *mut *mut c_void, *mut c_char, u64) -> i32;

/// A structure under its name in the header, its size, and its fields with their offsets.
pub struct Layout {
    pub c_name: &'static str,
    pub size: usize,
    pub fields: &'static [(&'static str, usize)],
}

/// Plain data of the ABI.
///
/// # Safety
/// The type is `repr(C)` and has no padding, and all bytes zero are a value of it.
pub unsafe trait PlainStruct: Copy + 'static {}

/// Defines structures as C lays them out, of fields that may be zero, and lists their layouts.
macro_rules! structures {
    ($($c_name:ident $name:ident { $($field:ident: $type:ty,)+ })+) => {
        $(
            #[derive(Clone, Copy)]
            #[repr(C)]
            pub struct $name {
                $(pub $field: $type,)+
            }

            const _: () = assert!(size_of::<$name>() == 0 $(+ size_of::<$type>())+, "padding");
            // SAFETY: without padding, says the line above; numbers, raw pointers and optional
            // functions may be zero.
            unsafe impl PlainStruct for $name {}
        )+

        pub const LAYOUTS: &[Layout] = &[$(Layout {
            c_name: stringify!($c_name),
            size: size_of::<$name>(),
            fields: &[$((stringify!($field), offset_of!($name, $field))),+],
        }),+];
    };
}

structures! {
    movimento_parameter Parameter {
        name: *const c_char,
        help: *const c_char,
        kind: u32,
        reserved: u32,
        default_value: f64,
        minimum: f64,
        maximum: f64,
    }

    movimento_argument Argument {
        name: *const c_char,
        count: u64,
        values: *const f64,
    }

    movimento_descriptor Descriptor {
        struct_size: u64,
        id: *const c_char,
        name: *const c_char,
        version: *const c_char,
        formula: *const c_char,
        references: *const c_char,
        flags: u32,
        parameter_count: u32,
        parameter_size: u64,
        parameters: *const Parameter,
        extensions: *const *const c_char,
    }

    movimento_local_batch LocalBatch {
        struct_size: u64,
        n: u64,
        d: u64,
        x: *const f64,
        u: *const f64,
        p: *const f64,
        f: *mut f64,
        f_u: *mut f64,
        f_p: *mut f64,
        f_x: *mut f64,
        f_uu: *mut f64,
        f_up: *mut f64,
        f_pp: *mut f64,
        t: f64,
    }

    movimento_local_table LocalTable {
        struct_size: u64,
        evaluate: Option<LocalEvaluate>,
    }

    movimento_pair_batch PairBatch {
        struct_size: u64,
        n: u64,
        d: u64,
        x: *const f64,
        y: *const f64,
        w: *mut f64,
        w_x: *mut f64,
        t: f64,
    }

    movimento_pair_table PairTable {
        struct_size: u64,
        evaluate: Option<PairEvaluate>,
    }

    movimento_system_batch SystemBatch {
        struct_size: u64,
        n: u64,
        d: u64,
        c: u64,
        x: *const f64,
        u: *const f64,
        p: *const f64,
        f: *mut f64,
        f_u: *mut f64,
        f_p: *mut f64,
        f_x: *mut f64,
        f_uu: *mut f64,
        f_up: *mut f64,
        f_pp: *mut f64,
        t: f64,
    }

    movimento_system_table SystemTable {
        struct_size: u64,
        components: u64,
        evaluate: Option<SystemEvaluate>,
    }

    movimento_hessian_batch HessianBatch {
        struct_size: u64,
        n: u64,
        d: u64,
        x: *const f64,
        u: *const f64,
        p: *const f64,
        h: *const f64,
        f: *mut f64,
        f_u: *mut f64,
        f_p: *mut f64,
        f_x: *mut f64,
        f_h: *mut f64,
        f_uu: *mut f64,
        f_up: *mut f64,
        f_pp: *mut f64,
        f_uh: *mut f64,
        f_ph: *mut f64,
        f_hh: *mut f64,
        t: f64,
    }

    movimento_hessian_table HessianTable {
        struct_size: u64,
        evaluate: Option<HessianEvaluate>,
    }

    movimento_plugin_entry PluginEntry {
        abi_major: u32,
        abi_minor: u32,
        struct_size: u64,
        descriptor_count: Option<unsafe extern "C" fn() -> u32>,
        descriptor: Option<unsafe extern "C" fn(u32) -> *const Descriptor>,
        create: Option<Create>,
        destroy: Option<unsafe extern "C" fn(*mut c_void)>,
        get_extension: Option<unsafe extern "C" fn(u32, *const c_char) -> *const c_void>,
    }
}

// SAFETY: an entry holds function pointers and plain numbers only; nothing in it is ever written.
unsafe impl Sync for PluginEntry {}
// SAFETY: the same holds for the tables.
unsafe impl Sync for LocalTable {}
// SAFETY: the same holds for the tables.
unsafe impl Sync for PairTable {}
// SAFETY: the same holds for the tables.
unsafe impl Sync for SystemTable {}
// SAFETY: the same holds for the tables.
unsafe impl Sync for HessianTable {}
// SAFETY: descriptors and their parameters are static texts and numbers; nothing is ever written.
unsafe impl Sync for Descriptor {}
// SAFETY: the same.
unsafe impl Sync for Parameter {}
