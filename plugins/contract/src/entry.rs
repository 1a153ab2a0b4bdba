//! The entry of a plugin that is taken to keep the ABI's promises.

use std::ptr;

use movimento_abi as abi;

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

    /// The entry as the host reads it.
    #[must_use]
    pub fn as_raw(&self) -> &abi::PluginEntry {
        &self.0
    }
}
