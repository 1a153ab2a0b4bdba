//! The entry of a plugin that is taken to keep the ABI's promises, and its functions.

use std::ffi::{CStr, c_char, c_void};
use std::ptr;

use movimento_abi as abi;

use crate::sized;

/// A plugin's entry, what the symbol `movimento_plugin` holds.
///
/// Whoever makes one vouches for the plugin: that its pointers are what the header says.
#[repr(transparent)]
pub struct Entry(abi::PluginEntry);

impl Entry {
    /// The entry with these slots.
    ///
    /// # Safety
    /// The slots keep what `movimento_plugin.h` asks of a plugin.
    #[must_use]
    pub const unsafe fn new(raw: abi::PluginEntry) -> Self {
        Self(raw)
    }

    /// The entry of a plugin that was loaded at run time.
    ///
    /// # Safety
    /// `entry` keeps what `movimento_plugin.h` asks of a plugin, and stays loaded.
    #[must_use]
    pub unsafe fn from_raw(entry: &'static abi::PluginEntry) -> &'static Self {
        // SAFETY: the representation is transparent.
        unsafe { &*ptr::from_ref(entry).cast() }
    }

    /// The entry as the library reads it.
    #[must_use]
    pub const fn as_raw(&self) -> &abi::PluginEntry {
        &self.0
    }
}

/// The most energies that a plugin may offer.
const MOST_ENERGIES: u32 = 4096;

/// The functions of an entry of this ABI, all of them there.
///
/// They are safe to call since whoever made the [`Entry`] vouches for the plugin.
#[derive(Clone, Copy, Debug)]
pub struct Functions {
    abi_minor: u32,
    descriptor_count: unsafe extern "C" fn() -> u32,
    descriptor: unsafe extern "C" fn(u32) -> *const abi::Descriptor,
    create: abi::Create,
    destroy: unsafe extern "C" fn(*mut c_void),
    get_extension: unsafe extern "C" fn(u32, *const c_char) -> *const c_void,
}

impl Functions {
    /// The functions of an entry.
    ///
    /// # Errors
    /// Another major version, a size that is too small, a function that is missing.
    pub fn of(entry: &Entry) -> Result<Self, String> {
        // SAFETY: the entry's promise.
        unsafe { Self::read(&raw const entry.0) }
    }

    /// The functions of the entry at the address of the symbol `movimento_plugin`.
    ///
    /// # Errors
    /// It is NULL, misaligned, or as [`Functions::of`].
    ///
    /// # Safety
    /// The entry keeps what `movimento_plugin.h` asks of a plugin, and stays loaded. Nothing
    /// past the version and the size is looked at before these fit.
    pub unsafe fn read(entry: *const abi::PluginEntry) -> Result<Self, String> {
        const WHAT: &str = "its entry";
        if entry.is_null() || !entry.is_aligned() {
            return Err(format!("{WHAT} is NULL or misaligned"));
        }
        // SAFETY: every entry of every version starts with its version.
        let (major, minor) = unsafe {
            let (major, minor) = (&raw const (*entry).abi_major, &raw const (*entry).abi_minor);
            (major.read(), minor.read())
        };
        if major != abi::ABI_MAJOR {
            return Err(format!(
                "it was built for version {major}.{minor} of the plugin ABI; this library \
                 takes {}.x",
                abi::ABI_MAJOR
            ));
        }
        // SAFETY: as this function's.
        let entry = unsafe { sized::read(WHAT, entry) }?;
        let missing = |slot: &str| format!("{WHAT} lacks the function `{slot}`");
        Ok(Self {
            abi_minor: minor,
            descriptor_count: entry
                .descriptor_count
                .ok_or_else(|| missing("descriptor_count"))?,
            descriptor: entry.descriptor.ok_or_else(|| missing("descriptor"))?,
            create: entry.create.ok_or_else(|| missing("create"))?,
            destroy: entry.destroy.ok_or_else(|| missing("destroy"))?,
            get_extension: entry
                .get_extension
                .ok_or_else(|| missing("get_extension"))?,
        })
    }

    /// The minor version of the ABI that the plugin was built for.
    #[must_use]
    pub const fn abi_minor(&self) -> u32 {
        self.abi_minor
    }

    /// Counts the energies.
    ///
    /// # Errors
    /// There are no energies or too many, or there is a descriptor past the last one.
    pub fn energy_count(&self) -> Result<u32, String> {
        // SAFETY: the entry's promise.
        let count = unsafe { (self.descriptor_count)() };
        if count == 0 || count > MOST_ENERGIES {
            return Err(format!(
                "it offers {count} energies; accepted is 1 to {MOST_ENERGIES}"
            ));
        }
        if !self.descriptor_at(count).is_null() {
            return Err(format!(
                "descriptor {count} is not NULL; accepted is NULL past the last energy"
            ));
        }
        Ok(count)
    }

    fn descriptor_at(&self, index: u32) -> *const abi::Descriptor {
        // SAFETY: the entry's promise.
        unsafe { (self.descriptor)(index) }
    }

    /// The descriptor of an energy as it stands there; fields that it does not have are zero.
    pub(crate) fn raw_descriptor(&self, index: u32) -> Result<abi::Descriptor, String> {
        let descriptor = self.descriptor_at(index);
        if descriptor.is_null() {
            return Err(format!("descriptor {index} is NULL"));
        }
        // SAFETY: the entry's promise: a descriptor, not NULL.
        unsafe { sized::read("the descriptor", descriptor) }
    }

    /// The table of that id, or NULL.
    pub(crate) fn extension(&self, index: u32, id: &CStr) -> *const c_void {
        // SAFETY: the entry's promise, and `id` is a text.
        unsafe { (self.get_extension)(index, id.as_ptr()) }
    }

    /// Calls `create` for energy `index`.
    ///
    /// # Safety
    /// The targets of the arguments are alive, and `message` can hold `size` bytes.
    pub(crate) unsafe fn create(
        &self,
        (index, dimension): (u32, u32),
        arguments: &[abi::Argument],
        instance: &mut *mut c_void,
        message: *mut c_char,
        size: u64,
    ) -> i32 {
        let (first, count) = (arguments.as_ptr(), arguments.len() as u64);
        // SAFETY: the entry's promise and the caller's.
        unsafe { (self.create)(index, dimension, first, count, instance, message, size) }
    }

    /// Calls `destroy`.
    ///
    /// # Safety
    /// `instance` comes from [`Functions::create`] of the same plugin and is not used again.
    pub(crate) unsafe fn destroy(&self, instance: *mut c_void) {
        // SAFETY: the entry's promise and the caller's.
        unsafe { (self.destroy)(instance) }
    }
}
