//! Opening a shared object without trusting it: what can be known of the file is checked first,
//! because the dynamic loader answers some damaged files with a signal.

use super::refused;
use crate::error::Result;
use crate::fingerprint::Fingerprint;
use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
use movimento_abi::{ENTRY_SYMBOL, PluginEntry};
use object::NativeEndian;
use object::elf::{ET_DYN, FileHeader64, PT_LOAD};
use object::read::elf::{FileHeader, ProgramHeader};
use object::read::{ReadCache, ReadRef};
use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::path::Path;

/// Loads the shared object at this absolute path for good and finds its entry and its fingerprint.
pub fn open(path: &Path) -> Result<(*const PluginEntry, Fingerprint)> {
    let metadata = std::fs::metadata(path).map_err(|e| refused(path, e))?;
    if !metadata.is_file() {
        return Err(refused(path, "it is not a file"));
    }
    let mut file = File::open(path).map_err(|e| refused(path, e))?;
    check_elf(&ReadCache::new(&file)).map_err(|why| refused(path, why))?;
    file.seek(SeekFrom::Start(0))
        .map_err(|e| refused(path, e))?;
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

/// Checks that this is a 64-bit ELF shared object of this machine's byte order, whose segments all
/// lie in the file: mapping a truncated one ends in SIGBUS.
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
fn check_elf<'data>(data: impl ReadRef<'data>) -> Result<(), String> {
    type Header = FileHeader64<NativeEndian>;
    const MAGIC: &[u8] = b"\x7fELF";
    const SHOWN: u64 = 16;
    let length = data.len().map_err(|()| "it cannot be read".to_owned())?;
    let start = data.read_bytes_at(0, length.min(SHOWN));
    let start = start.map_err(|()| "it cannot be read".to_owned())?;
    if !start.starts_with(MAGIC) {
        return Err(format!(
            "it is not a shared object (it starts with \"{}\")",
            start.escape_ascii()
        ));
    }
    let truncated = || "it is a truncated shared object".to_owned();
    if length < size_of::<Header>() as u64 {
        return Err(truncated());
    }
    let header = Header::parse(data).and_then(|header| Ok((header, header.endian()?)));
    let (header, endian) = match header {
        Ok((header, endian)) if header.e_type(endian) == ET_DYN => (header, endian),
        _ => return Err("it is an ELF file but not a 64-bit shared object".to_owned()),
    };
    let segments = header.program_headers(endian, data);
    for segment in segments.map_err(|_| truncated())? {
        let (offset, size) = segment.file_range(endian);
        let inside = offset.checked_add(size).is_some_and(|end| end <= length);
        if segment.p_type(endian) == PT_LOAD && !inside {
            return Err(truncated());
        }
    }
    Ok(())
}

#[cfg(not(all(target_os = "linux", target_pointer_width = "64")))]
fn check_elf<'data>(_: impl ReadRef<'data>) -> Result<(), String> {
    Ok(())
}

#[cfg(all(test, target_os = "linux", target_pointer_width = "64"))]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};

    /// The program of this test, which is a position-independent one: a shared object in form.
    fn sound() -> Vec<u8> {
        let program = std::env::current_exe().expect("a test is a program");
        std::fs::read(program).expect("which can be read")
    }

    #[test]
    fn a_sound_file_passes_and_every_shorter_one_is_refused() {
        let sound = sound();
        check_elf(&*sound).expect("it runs, so it is sound");
        // Sections that are not loaded may follow the segments.
        let (mut refused, mut accepted) = (0, sound.len());
        while accepted - refused > 1 {
            let middle = refused.midpoint(accepted);
            match check_elf(&sound[..middle]) {
                Ok(()) => accepted = middle,
                Err(_) => refused = middle,
            }
        }
        assert!(accepted > sound.len() / 4, "{accepted} bytes are enough");
        for keep in (0..4096).chain((4096..accepted).step_by(7919)) {
            assert!(check_elf(&sound[..keep]).is_err(), "{keep} bytes");
        }
    }

    /// A damaged header is refused or harmless, whatever it says.
    #[test]
    fn damaged_headers_end_in_an_answer() {
        let sound = sound();
        let mut random = rand_xoshiro::Xoshiro256PlusPlus::seed_from_u64(1);
        for _ in 0..20_000 {
            let mut head = sound[..1024].to_vec();
            for _ in 0..random.random_range(1..9) {
                let at = random.random_range(4..head.len());
                head[at] = random.random();
            }
            let _ = check_elf(&*head);
        }
    }
}
