//! Putting a finished file into its folder, all of it or nothing.

use super::seal;
use crate::atomic_file::{self, Draft};
use crate::error::{Error, Result};
use std::ffi::CString;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Makes the folder if it is not there.
pub(super) fn prepare(folder: &Path) -> Result<()> {
    let made = fs::create_dir_all(folder).and_then(|()| check_writable(folder));
    made.map_err(|error| {
        let folder = folder.display();
        Error::file(format!(
            "cannot use `{folder}` as the folder of the snapshots: {error}"
        ))
    })
}

/// Whether files can be made in a folder, which is better known before the work than after it.
fn check_writable(folder: &Path) -> io::Result<()> {
    let path = CString::new(folder.as_os_str().as_bytes())?;
    let mode = libc::W_OK | libc::X_OK;
    // SAFETY: the path is a text that ends.
    match unsafe { libc::faccessat(libc::AT_FDCWD, path.as_ptr(), mode, libc::AT_EACCESS) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Writes the next snapshot of the folder, sealed, and returns its number, which is `least` or more. A snapshot
/// becomes visible by the rename, when its bytes are on the disk already.
pub(super) fn commit(folder: &Path, image: &[u8], least: u64) -> Result<u64> {
    let failed = |path: &Path, error: &io::Error| {
        let path = path.display();
        Error::file(format!("cannot write the snapshot `{path}`: {error}"))
    };
    let (number, mut draft) = begin(folder, least).map_err(|error| failed(folder, &error))?;
    let path = folder.join(name(number));
    let write = || {
        draft.write(image)?;
        draft.write(&seal::of(image))?;
        draft.publish()
    };
    write().map_err(|error| {
        // What is not acknowledged is not left behind either. The number is this writer's own.
        let _ = fs::remove_file(&path);
        failed(&path, &error)
    })?;
    Ok(number)
}

/// Replaces a file, or makes it: readers see the old one or the new one.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    atomic_file::replace(path, bytes).map_err(|error| {
        let path = path.display();
        Error::file(format!("cannot write the file `{path}`: {error}"))
    })
}

/// Gives a file a second name, in place of what has it: a link, or a copy where the file system has none.
pub(super) fn alias(path: &Path, other: &Path) -> Result<()> {
    let alias = || {
        let draft = Draft::for_others(other)?;
        fs::hard_link(path, draft.path()).or_else(|_| fs::copy(path, draft.path()).map(drop))?;
        draft.publish()
    };
    alias().map_err(|error| {
        let other = other.display();
        Error::file(format!("cannot write the file `{other}`: {error}"))
    })
}

/// Takes the next number by creating its draft, which whoever else writes into this folder cannot do
/// a second time. A draft that a killed process left behind keeps its number.
fn begin(folder: &Path, least: u64) -> io::Result<(u64, Draft)> {
    loop {
        let number = next_number(folder)?.max(least);
        let path = folder.join(name(number));
        let draft = match Draft::new(&path) {
            Ok(draft) => draft,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            Err(error) => return Err(error),
        };
        // Another writer may have finished this number between the look and the creation.
        if !path.try_exists()? {
            return Ok((number, draft));
        }
    }
}

/// The name of a snapshot.
pub(super) fn name(number: u64) -> String {
    format!("snap_{number:06}.h5")
}

/// The name of a block, after the number of its first snapshot.
pub(super) fn block_name(number: u64) -> String {
    format!("{BLOCK}{number:06}.h5")
}

/// What the names of blocks begin with.
pub(super) const BLOCK: &str = "run_block_";

/// The number in the name of a block.
pub(super) fn number_of_block(entry: &str) -> Option<u64> {
    digits_of(entry, BLOCK)
}

/// The numbers of the snapshots in the folder, in order.
pub(super) fn numbers(folder: &Path) -> io::Result<Vec<u64>> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?.file_name();
        let entry = entry.to_str().filter(|entry| !entry.starts_with('.'));
        numbers.extend(entry.and_then(number_of));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

/// One past the largest number in the folder, temporary files included.
fn next_number(folder: &Path) -> io::Result<u64> {
    let mut next = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?.file_name();
        if let Some(number) = entry.to_str().and_then(number_of) {
            next = next.max(number.saturating_add(1));
        }
    }
    Ok(next)
}

/// The number in the name of a snapshot.
pub(super) fn number_of_snapshot(entry: &str) -> Option<u64> {
    number_of(entry).filter(|_| !entry.starts_with('.'))
}

/// The number in the name of a snapshot or of its temporary file.
fn number_of(entry: &str) -> Option<u64> {
    let hidden = entry.strip_prefix('.').and_then(|e| e.strip_suffix(".tmp"));
    digits_of(hidden.unwrap_or(entry), "snap_")
}

/// The number between this beginning and `.h5`.
fn digits_of(entry: &str, before: &str) -> Option<u64> {
    let digits = entry.strip_prefix(before)?.strip_suffix(".h5")?;
    if digits.len() >= 6 && digits.bytes().all(|b| b.is_ascii_digit()) {
        digits.parse().ok()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn numbers_go_on_from_the_largest() {
        let folder = tempfile::tempdir().unwrap();
        for other in [
            "snap_7.h5",
            "snap_000002.h5.bak",
            "run.xmf",
            "snap_00000a.h5",
        ] {
            fs::write(folder.path().join(other), "").unwrap();
        }
        assert_eq!(commit(folder.path(), b"a", 0).unwrap(), 0);
        assert_eq!(commit(folder.path(), b"b", 0).unwrap(), 1);
        fs::write(folder.path().join("snap_1000000.h5"), "").unwrap();
        assert_eq!(commit(folder.path(), b"c", 0).unwrap(), 1_000_001);
        fs::write(folder.path().join(".snap_1000005.h5.tmp"), "").unwrap();
        assert_eq!(commit(folder.path(), b"d", 0).unwrap(), 1_000_006);
        assert_eq!(
            commit(folder.path(), b"e", 2_000_000).unwrap(),
            2_000_000,
            "one that a writer has given before is not given again"
        );
        let path = folder.path().join("snap_000001.h5");
        seal::check(&path).unwrap();
        assert!(fs::read(path).unwrap().starts_with(b"b"));
    }

    #[test]
    fn writers_of_one_folder_do_not_overwrite_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let write = |writer: u8| {
            (0..20)
                .map(|_| (commit(folder.path(), &[writer], 0).unwrap(), writer))
                .collect::<Vec<_>>()
        };
        let mut all: Vec<(u64, u8)> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|w| scope.spawn(move || write(w))).collect();
            let joined = threads.into_iter().flat_map(|t| t.join().unwrap());
            joined.collect()
        });
        all.sort_unstable();
        assert_eq!(entries(folder.path()).len(), 80);
        for (number, writer) in all {
            let read = fs::read(folder.path().join(name(number))).unwrap();
            assert_eq!(read.first(), Some(&writer));
        }
    }
}
