//! Plugins: shared objects that offer energies through `include/movimento_plugin.h`.
//!
//! A plugin is loaded once per file, checked whole before anything of it is used, and never
//! unloaded.

mod object;

use crate::error::{Error, ErrorKind, Result};
use crate::fingerprint::Fingerprint;
use movimento_contract::{EnergyDescriptor, Functions, Instance, Refusal};
use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// A plugin that passed every check.
#[derive(Debug)]
pub struct Plugin {
    path: PathBuf,
    /// The fingerprint of the file, as it was loaded.
    fingerprint: Fingerprint,
    /// What tells without reading it that the file is the one that was loaded.
    stamp: Option<Stamp>,
    abi_minor: u32,
    energies: Vec<Arc<EnergyDescriptor>>,
}

/// One energy of a plugin.
#[derive(Clone, Copy, Debug)]
pub struct PluginEnergy {
    plugin: &'static Plugin,
    descriptor: &'static Arc<EnergyDescriptor>,
}

impl PluginEnergy {
    /// The plugin.
    #[must_use]
    pub const fn plugin(&self) -> &'static Plugin {
        self.plugin
    }

    /// The descriptor, read when the plugin was loaded.
    #[must_use]
    pub fn descriptor(&self) -> &'static EnergyDescriptor {
        self.descriptor
    }

    /// Creates an instance in a dimension; `values` has an entry for each parameter of the
    /// descriptor, in its order.
    ///
    /// # Errors
    /// The plugin's refusal, with its message.
    pub(super) fn instantiate(&self, dimension: usize, values: &[Vec<f64>]) -> Result<Instance> {
        let named = |e: Error| e.context(format_args!("energy `{}`", self.descriptor.id));
        let in_abi = u32::try_from(dimension).map_err(|_| {
            named(Error::argument(format!(
                "the dimension {dimension} is too large; accepted is below 2^32"
            )))
        })?;
        let parameters = self.descriptor.parameters.iter().zip(values);
        let given = parameters.map(|(known, values)| (known.name.clone(), values.clone()));
        let given: Vec<_> = given.collect();
        Instance::create(self.descriptor, in_abi, &given).map_err(|why| named(error_of(why)))
    }
}

/// Identity, length and time of change of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    identity: (u64, u64),
    length: u64,
    changed: (i64, i64),
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let it = std::fs::metadata(path).ok()?;
        Some(Self {
            identity: (it.dev(), it.ino()),
            length: it.len(),
            changed: (it.ctime(), it.ctime_nsec()),
        })
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
            return plugin.unchanged();
        }
        let stamp = Stamp::of(&canonical);
        let (entry, fingerprint) = object::open(&canonical)?;
        // SAFETY: the symbol `movimento_plugin` of a plugin is its entry, and is never unloaded.
        let functions = unsafe { Functions::read(entry) };
        let read = |functions| Ok((functions, EnergyDescriptor::read_all(functions)?));
        let (functions, energies) = functions
            .and_then(read)
            .map_err(|why: String| refused(path, why))?;
        let plugin = Self {
            path: canonical.clone(),
            fingerprint,
            stamp,
            abi_minor: functions.abi_minor(),
            energies: energies.into_iter().map(Arc::new).collect(),
        };
        let plugin: &'static Self = Box::leak(Box::new(plugin));
        log::info!("loaded the plugin {}", canonical.display());
        loaded.insert(canonical, plugin);
        Ok(plugin)
    }

    /// Itself, if its file is still the one that was loaded: the code of another one would not be run, and what was
    /// written over the old one, which is mapped into memory, must not be.
    fn unchanged(&'static self) -> Result<&'static Self> {
        let path = &self.path;
        if self.stamp.is_some() && self.stamp == Stamp::of(path) {
            return Ok(self);
        }
        let file = File::open(path).map_err(|e| refused(path, e))?;
        let there = Fingerprint::of_stream(&file, u64::MAX).map_err(|e| refused(path, e))?;
        if there.0 == self.fingerprint {
            return Ok(self);
        }
        Err(refused(
            path,
            "another file of this name is loaded in this process; accepted is to start the process again, or to \
             build the plugin under another name",
        ))
    }

    /// The canonical path of the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The fingerprint of the file, as it was loaded.
    #[must_use]
    pub const fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// The minor version of the plugin ABI that the plugin was built for.
    #[must_use]
    pub const fn abi_minor(&self) -> u32 {
        self.abi_minor
    }

    /// The energies, in the plugin's order.
    pub fn energies(&'static self) -> impl Iterator<Item = PluginEnergy> {
        self.energies.iter().map(move |descriptor| PluginEnergy {
            plugin: self,
            descriptor,
        })
    }

    /// The energy with this id.
    #[must_use]
    pub fn energy(&'static self, id: &str) -> Option<PluginEnergy> {
        self.energies().find(|energy| energy.descriptor.id == id)
    }

    /// The ids of the energies.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.energies.iter().map(|energy| &*energy.id)
    }
}

/// The error of a plugin's refusal.
pub(super) fn error_of(refusal: Refusal) -> Error {
    let Refusal {
        status, message, ..
    } = refusal;
    let text = match message.is_empty() {
        true => format!("the plugin returned {status} without a message"),
        false => format!("the plugin returned {status}: {message}"),
    };
    match status > 0 {
        true => Error::new(ErrorKind::TryAgain, text),
        false => Error::plugin(text),
    }
}

/// Refuses points of another dimension than the instance was made for.
pub(super) fn require_dimension(d: usize, instance: &Instance) -> Result<()> {
    match instance.dimension() {
        made_for if made_for == d => Ok(()),
        made_for => Err(Error::argument(format!(
            "a batch is in dimension {d}; the energy was made for {made_for}"
        ))),
    }
}

fn refused(path: &Path, why: impl fmt::Display) -> Error {
    Error::plugin(format!("the plugin {} is refused: {why}", path.display()))
}
