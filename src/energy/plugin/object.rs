//! Opening a shared object without trusting it: what can be known of the file is checked first,
//! because the dynamic loader answers some damaged files with a signal.

use super::refused;
use crate::error::Result;
use crate::fingerprint::Fingerprint;
use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
use movimento_abi::{ENTRY_SYMBOL, PluginEntry};
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Loads the shared object at this absolute path for good and finds its entry and its fingerprint.
pub fn open(path: &Path) -> Result<(*const PluginEntry, Fingerprint)> {
    let metadata = std::fs::metadata(path).map_err(|e| refused(path, e))?;
    if !metadata.is_file() {
        return Err(refused(path, "it is not a file"));
    }
    let file = File::open(path).map_err(|e| refused(path, e))?;
    check_elf(&file, metadata.len()).map_err(|why| refused(path, why))?;
    // Before it is loaded: what is there later may be another.
    let (fingerprint, _) = Fingerprint::of_stream(&file, u64::MAX).map_err(|e| refused(path, e))?;
    // SAFETY: loading runs the initialisers of the shared object. That they are sound is what a
    // user vouches for who names the file or puts it in a plugin folder; the path is absolute, so
    // that no other file is taken instead.
    let library = unsafe { Library::open(Some(path), RTLD_NOW | RTLD_LOCAL) }
        .map_err(|e| refused(path, format!("the dynamic loader says: {}", innermost(&e))))?;
    // SAFETY: a symbol of this name is the data symbol that the plugin ABI defines; only its
    // address is taken here.
    let entry = unsafe { library.get::<*const PluginEntry>(ENTRY_SYMBOL.as_bytes()) }
        .map(|symbol| *symbol)
        .map_err(|_| {
            refused(
                path,
                format!("it does not export the symbol `{ENTRY_SYMBOL}`"),
            )
        });
    // Never unloaded, refused or not: it may have left pointers to its code behind.
    let _for_good = library.into_raw();
    Ok((entry?, fingerprint))
}

fn innermost(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), innermost)
}

/// A 64-bit ELF shared object of this machine's byte order, whose segments all lie in the file:
/// mapping a truncated one ends in SIGBUS.
#[cfg(all(
    target_os = "linux",
    target_endian = "little",
    target_pointer_width = "64"
))]
fn check_elf(file: &File, length: u64) -> Result<(), String> {
    const HEADER: usize = 64;
    const DYNAMIC: u64 = 3;
    const LOAD: u64 = 1;
    let mut header = [0; HEADER];
    let read = file.read_at(&mut header, 0).map_err(|e| e.to_string())?;
    let start = header.get(..read).unwrap_or_default();
    if !start.starts_with(b"\x7fELF") {
        let shown: String = start
            .iter()
            .take(16)
            .map(|b| b.escape_ascii().to_string())
            .collect();
        return Err(format!(
            "it is not a shared object (it starts with \"{shown}\")"
        ));
    }
    let truncated = || "it is a truncated shared object".to_owned();
    if read < HEADER {
        return Err(truncated());
    }
    let number = |bytes: &[u8], at: usize, size: usize| {
        let field = bytes.get(at..at + size).unwrap_or_default();
        field.iter().rev().fold(0, |n, b| n << 8 | u64::from(*b))
    };
    if number(&header, 4, 1) != 2 || number(&header, 5, 1) != 1 || number(&header, 16, 2) != DYNAMIC
    {
        return Err("it is an ELF file but not a 64-bit shared object".to_owned());
    }
    let (table, size, count) = (
        number(&header, 32, 8),
        number(&header, 54, 2),
        number(&header, 56, 2),
    );
    for segment in 0..count {
        let mut entry = [0; 56];
        let at = segment.checked_mul(size).and_then(|s| s.checked_add(table));
        at.and_then(|at| file.read_exact_at(&mut entry, at).ok())
            .ok_or_else(truncated)?;
        let end = number(&entry, 8, 8).checked_add(number(&entry, 32, 8));
        if number(&entry, 0, 4) == LOAD && end.is_none_or(|end| end > length) {
            return Err(truncated());
        }
    }
    Ok(())
}

#[cfg(not(all(
    target_os = "linux",
    target_endian = "little",
    target_pointer_width = "64"
)))]
fn check_elf(_: &File, _: u64) -> Result<(), String> {
    Ok(())
}
