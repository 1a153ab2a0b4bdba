//! The search for plugins.
//!
//! An energy is asked for by its id, and the first plugin that offers it is taken, from files
//! named `libmovimento_*.so`
//! 1. in the folders of the environment variable `MOVIMENTO_PLUGIN_PATH`, separated by colons;
//! 2. in the folder `movimento/plugins` beside this library;
//! 3. beside this library, and if that is the folder `deps` or `examples` of a build tree, in the
//!    folder above it.
//!
//! A program that links this crate statically is its own library. A plugin elsewhere is named by
//! its path.

use super::plugin::{Plugin, PluginEnergy};
use crate::error::{Error, Result};
use std::ffi::{CStr, OsStr, c_void};
use std::fmt::Write as _;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The environment variable with folders to search first.
pub const VARIABLE: &str = "MOVIMENTO_PLUGIN_PATH";

/// The energy with this id.
///
/// # Errors
/// [`Plugin`](crate::ErrorKind::Plugin), listing the folders that were searched, the ids that
/// were found and the files that were refused.
pub fn find(id: &str) -> Result<PluginEnergy> {
    let folders = folders();
    let mut seen = Seen::default();
    for folder in &folders {
        let mut files = seen.candidates(folder);
        // The file that is named after the energy first, so that few are loaded.
        let likely = format!("libmovimento_{}.so", id.replace('-', "_"));
        files.sort_by_key(|file| file.file_name() != Some(OsStr::new(&likely)));
        for file in files {
            if let Some(offer) = seen.load(&file).and_then(|plugin| plugin.energy(id)) {
                return Ok(offer);
            }
        }
    }
    Err(Error::plugin(seen.explain(id, &folders)))
}

/// Every energy that [`find`] would find, in the order of the search.
#[must_use]
pub fn all() -> Vec<PluginEnergy> {
    let mut seen = Seen::default();
    let mut offers: Vec<PluginEnergy> = Vec::new();
    let files = folders().into_iter();
    let files: Vec<PathBuf> = files.flat_map(|f| seen.candidates(&f)).collect();
    for file in files {
        for offer in seen.load(&file).into_iter().flat_map(Plugin::energies) {
            if offers
                .iter()
                .all(|o| o.descriptor().id != offer.descriptor().id)
            {
                offers.push(offer);
            }
        }
    }
    offers
}

/// The folders that are searched, in order.
#[must_use]
pub fn folders() -> Vec<PathBuf> {
    let variable = std::env::var_os(VARIABLE).unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&variable)
        .filter(|folder| !folder.as_os_str().is_empty())
        .collect();
    if let Some(home) = home() {
        folders.push(home.join("movimento/plugins"));
        folders.push(home.to_owned());
        // In a build tree `deps` has what the last build of any kind made, the folder above it
        // what the last `cargo build` made, so that the nearer folder comes first.
        let name = home.file_name().unwrap_or_default();
        if name == "deps" || name == "examples" {
            folders.extend(home.parent().map(Path::to_owned));
        }
    }
    folders
}

/// Record of a search: ids that were found and files that were refused.
#[derive(Default)]
struct Seen {
    ids: Vec<String>,
    refused: Vec<String>,
}

impl Seen {
    fn load(&mut self, file: &Path) -> Option<&'static Plugin> {
        match Plugin::load(file) {
            Ok(plugin) => {
                self.ids.extend(plugin.ids().map(str::to_owned));
                Some(plugin)
            }
            Err(error) => {
                log::warn!("{error}");
                self.refused.push(error.to_string());
                None
            }
        }
    }

    /// The files in a folder that may be plugins, by name. A folder that is not there has none; one that cannot be
    /// looked into is told.
    fn candidates(&mut self, folder: &Path) -> Vec<PathBuf> {
        match candidates(folder) {
            Ok(files) => files,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => {
                let folder = folder.display();
                self.refused.push(format!(
                    "the folder {folder} cannot be looked into: {error}"
                ));
                Vec::new()
            }
        }
    }

    fn explain(mut self, id: &str, folders: &[PathBuf]) -> String {
        self.ids.sort();
        self.ids.dedup();
        let list = |items: Vec<String>| match items.len() {
            0 => "none".to_owned(),
            _ => items.join(", "),
        };
        let folders = folders.iter().map(|f| f.display().to_string()).collect();
        let mut text = format!(
            "no plugin offers the energy `{id}`; folders searched ({VARIABLE} comes first): {}; \
             energies found: {}",
            list(folders),
            list(self.ids),
        );
        for refused in self.refused {
            text.push_str("; ");
            text.push_str(&refused);
        }
        let _ = write!(
            text,
            "; accepted is one of those found, or any other once its folder is in {VARIABLE}"
        );
        text
    }
}

/// The files in a folder that may be plugins, by name.
fn candidates(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder)?;
    let paths: io::Result<Vec<PathBuf>> = entries.map(|entry| Ok(entry?.path())).collect();
    let mut files: Vec<PathBuf> = paths?
        .into_iter()
        .filter(|path| {
            let name = path.file_name().map_or(&b""[..], OsStr::as_bytes);
            name.starts_with(b"libmovimento_") && name.ends_with(b".so")
        })
        .collect();
    files.sort();
    Ok(files)
}

/// Finds the own folder now: a relative one is no longer found once the host has changed its working directory.
pub fn prepare() {
    home();
}

/// The folder of the shared object or program that this code lies in.
fn home() -> Option<&'static Path> {
    static HOME: OnceLock<Option<PathBuf>> = OnceLock::new();
    HOME.get_or_init(|| Some(own_file()?.parent()?.to_owned()))
        .as_deref()
}

fn own_file() -> Option<PathBuf> {
    let mut info = libc::Dl_info {
        dli_fname: std::ptr::null(),
        dli_fbase: std::ptr::null_mut(),
        dli_sname: std::ptr::null(),
        dli_saddr: std::ptr::null_mut(),
    };
    let inside = own_file as fn() -> Option<PathBuf> as *const c_void;
    // SAFETY: the address is one of this very function, and `info` is a place to write to.
    let found = unsafe { libc::dladdr(inside, &raw mut info) } != 0 && !info.dli_fname.is_null();
    let named = found.then(|| {
        // SAFETY: on success the name is NUL-terminated and belongs to the dynamic loader, which
        // keeps it as long as this object is loaded.
        let name = unsafe { CStr::from_ptr(info.dli_fname) };
        PathBuf::from(OsStr::from_bytes(name.to_bytes()))
    });
    // A program is known to the loader as it was called, which need not be a path.
    let file = named.and_then(|name| name.canonicalize().ok().filter(|f| f.is_file()));
    file.or_else(|| std::env::current_exe().ok()?.canonicalize().ok())
}
