//! Plugins: shared objects that offer energies through `include/movimento_plugin.h`.
//!
//! A plugin is loaded once per file, checked whole before anything of it is used, and never
//! unloaded.

mod descriptor;
mod instance;
mod object;

pub use descriptor::{Descriptor, Parameter, ParameterKind};
pub use instance::{Instance, Local, Pair};

use crate::error::{Error, Result};
use crate::fingerprint::Fingerprint;
use movimento_abi as abi;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{c_char, c_void};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// A plugin that passed every check.
#[derive(Debug)]
pub struct Plugin {
    path: PathBuf,
    /// Of the file, as it was loaded.
    fingerprint: Fingerprint,
    abi_minor: u32,
    create: Create,
    destroy: unsafe extern "C" fn(*mut c_void),
    energies: Vec<Descriptor>,
}

type Create = unsafe extern "C" fn(
    u32,
    u32,
    *const abi::Argument,
    u64,
    *mut *mut c_void,
    *mut c_char,
    u64,
) -> i32;

/// One energy of a plugin.
#[derive(Clone, Copy, Debug)]
pub struct Offer {
    plugin: &'static Plugin,
    energy: &'static Descriptor,
}

impl Offer {
    /// The plugin.
    #[must_use]
    pub const fn plugin(&self) -> &'static Plugin {
        self.plugin
    }

    /// The energy.
    #[must_use]
    pub const fn energy(&self) -> &'static Descriptor {
        self.energy
    }
}

/// The plugins of this process by canonical path.
static LOADED: Mutex<BTreeMap<PathBuf, &'static Plugin>> = Mutex::new(BTreeMap::new());

impl Plugin {
    /// Loads the plugin in this file, or finds it loaded.
    ///
    /// # Errors
    /// [`Plugin`](crate::ErrorKind::Plugin) naming the file and why it is refused.
    pub fn load(path: &Path) -> Result<&'static Self> {
        let canonical = path.canonicalize().map_err(|e| refused(path, e))?;
        // The map is whole at any time, so a panic elsewhere while it was locked changes nothing.
        let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(plugin) = loaded.get(&canonical) {
            return Ok(plugin);
        }
        let (entry, fingerprint) = object::open(&canonical)?;
        // SAFETY: the symbol `movimento_plugin` of a plugin is its entry.
        let plugin = unsafe { Self::read(&canonical, fingerprint, entry) };
        let plugin = plugin.map_err(|why| refused(path, why))?;
        let plugin: &'static Self = Box::leak(Box::new(plugin));
        log::info!("loaded the plugin {}", canonical.display());
        loaded.insert(canonical, plugin);
        Ok(plugin)
    }

    /// # Safety
    /// `entry` is the address of the data symbol `movimento_plugin`.
    unsafe fn read(
        path: &Path,
        fingerprint: Fingerprint,
        entry: *const abi::PluginEntry,
    ) -> Result<Self, String> {
        const MOST: u32 = 4096;
        if entry.is_null() || !entry.is_aligned() {
            return Err("its entry is NULL or misaligned".to_owned());
        }
        // SAFETY: every entry of every version starts with these three fields.
        let (major, minor, size) = unsafe {
            (
                (&raw const (*entry).abi_major).read(),
                (&raw const (*entry).abi_minor).read(),
                (&raw const (*entry).struct_size).read(),
            )
        };
        if major != abi::ABI_MAJOR {
            return Err(format!(
                "it was built for version {major}.{minor} of the plugin ABI; this library takes {}.x",
                abi::ABI_MAJOR
            ));
        }
        descriptor::enough("its entry", size, size_of::<abi::PluginEntry>())?;
        // SAFETY: the entry is at least as large as this host's idea of it.
        let entry = unsafe { &*entry };
        let missing = |slot: &str| format!("its entry lacks the function `{slot}`");
        let count = entry
            .descriptor_count
            .ok_or_else(|| missing("descriptor_count"))?;
        let get = entry.descriptor.ok_or_else(|| missing("descriptor"))?;
        let create = entry.create.ok_or_else(|| missing("create"))?;
        let destroy = entry.destroy.ok_or_else(|| missing("destroy"))?;
        let get_extension = entry
            .get_extension
            .ok_or_else(|| missing("get_extension"))?;
        // SAFETY: a slot of the entry, called as the ABI says.
        let count = unsafe { count() };
        if count == 0 || count > MOST {
            return Err(format!(
                "it offers {count} energies; accepted is 1 to {MOST}"
            ));
        }
        let mut ids = BTreeSet::new();
        let mut energies = Vec::new();
        for index in 0..count {
            // SAFETY: slots of the entry, called as the ABI says; descriptors are static.
            let energy = unsafe { descriptor::read(get(index), index, get_extension) }?;
            if !ids.insert(energy.id.clone()) {
                return Err(format!("it offers the energy `{}` twice", energy.id));
            }
            energies.push(energy);
        }
        Ok(Self {
            path: path.to_owned(),
            fingerprint,
            abi_minor: minor,
            create,
            destroy,
            energies,
        })
    }

    /// The canonical path of its file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The fingerprint of its file, as it was loaded.
    #[must_use]
    pub const fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// The minor version of the plugin interface that it was built for.
    #[must_use]
    pub const fn abi_minor(&self) -> u32 {
        self.abi_minor
    }

    /// Its energies.
    pub fn offers(&'static self) -> impl Iterator<Item = Offer> {
        self.energies.iter().map(move |energy| Offer {
            plugin: self,
            energy,
        })
    }

    /// The energy with this id.
    #[must_use]
    pub fn offer(&'static self, id: &str) -> Option<Offer> {
        self.offers().find(|offer| offer.energy.id == id)
    }

    /// The ids of its energies.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.energies.iter().map(|energy| &*energy.id)
    }
}

fn refused(path: &Path, why: impl fmt::Display) -> Error {
    Error::plugin(format!("the plugin {} is refused: {why}", path.display()))
}
