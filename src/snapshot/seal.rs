//! The seal at the end of a snapshot, by which a file that was damaged, cut off or made by something else
//! is told before HDF5 sees it.
//!
//! HDF5 knows where its own part of the file ends and leaves alone what follows. The seal is 40 bytes, numbers
//! little-endian:
//!
//! | bytes | content |
//! |---|---|
//! | 0 to 15 | `movimento seal 1` |
//! | 16 to 23 | how many bytes lie before it |
//! | 24 to 39 | their XXH3 hash of 128 bits |

use crate::error::{Error, Result};
use crate::fingerprint::Fingerprint;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

const MARK: &[u8; 16] = b"movimento seal 1";
const LENGTH: usize = 40;

/// The seal of a file of these bytes.
pub fn of(image: &[u8]) -> [u8; LENGTH] {
    with(image.len() as u64, Fingerprint::of(image))
}

fn with(length: u64, fingerprint: Fingerprint) -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    let (mark, rest) = bytes.split_at_mut(MARK.len());
    let (size, hash) = rest.split_at_mut(8);
    mark.copy_from_slice(MARK);
    size.copy_from_slice(&length.to_le_bytes());
    hash.copy_from_slice(&fingerprint.0.to_le_bytes());
    bytes
}

/// Seals a file that was made on the disk, and returns the hash.
///
/// # Errors
/// Errors of the system.
pub fn append(path: &Path) -> io::Result<Fingerprint> {
    let mut file = File::options().read(true).append(true).open(path)?;
    let length = file.metadata()?.len();
    let (fingerprint, read) = Fingerprint::of_stream(&file, length)?;
    file.write_all(&with(read, fingerprint))?;
    Ok(fingerprint)
}

/// The hash in the seal of a file, if it ends in one that says how long it is. The bytes before the seal are
/// not looked at.
///
/// # Errors
/// Errors of the system, which say nothing of the file.
pub fn read(path: &Path) -> io::Result<Option<Fingerprint>> {
    let mut file = File::open(path)?;
    let metadata = file.metadata()?;
    let Some(length) = metadata.len().checked_sub(LENGTH as u64) else {
        return Ok(None);
    };
    if !metadata.is_file() {
        return Ok(None);
    }
    let mut end = [0; LENGTH];
    file.seek(SeekFrom::Start(length))?;
    file.read_exact(&mut end)?;
    let hash = end.last_chunk().map(|bytes| u128::from_le_bytes(*bytes));
    let fingerprint = hash.map(Fingerprint);
    Ok(fingerprint.filter(|fingerprint| end == with(length, *fingerprint)))
}

/// Whether all bytes of a file are those that its seal was made of.
///
/// # Errors
/// Errors of the system, which say nothing of the file.
pub fn is_whole(path: &Path) -> io::Result<bool> {
    let Some(listed) = read(path)? else {
        return Ok(false);
    };
    let file = File::open(path)?;
    let length = file.metadata()?.len().saturating_sub(LENGTH as u64);
    let (there, read) = Fingerprint::of_stream(&file, length)?;
    Ok(read == length && there == listed)
}

/// Checks the seal of a file.
///
/// # Errors
/// [`File`](crate::ErrorKind::File) if it cannot be read, has no seal or does not fit it.
pub fn check(path: &Path) -> Result<()> {
    let refused = |why: &str| {
        let path = path.display();
        Error::file(format!("cannot restart from `{path}`: {why}"))
    };
    let failed = |error: std::io::Error| refused(&error.to_string());
    let mut file = File::open(path).map_err(failed)?;
    let metadata = file.metadata().map_err(failed)?;
    if !metadata.is_file() {
        return Err(refused("it is not a file"));
    }
    let Some(length) = metadata.len().checked_sub(LENGTH as u64) else {
        return Err(refused("it is no snapshot, or was cut off"));
    };
    let mut end = [0; LENGTH];
    file.seek(SeekFrom::Start(length)).map_err(failed)?;
    file.read_exact(&mut end).map_err(failed)?;
    if !end.starts_with(MARK) {
        return Err(refused(
            "it does not end in the seal of a snapshot: it was cut off, changed, or is something else",
        ));
    }
    file.seek(SeekFrom::Start(0)).map_err(failed)?;
    let (fingerprint, read) = Fingerprint::of_stream(&file, length).map_err(failed)?;
    if read != length || end != with(length, fingerprint) {
        return Err(refused(
            "it is damaged: its bytes are not those that were written",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flipped_bit_and_every_cut_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sealed");
        let mut image: Vec<u8> = (0..300_u32).map(|i| (i * i) as u8).collect();
        let seal = of(&image);
        image.extend(seal);
        std::fs::write(&path, &image).unwrap();
        check(&path).unwrap();
        assert_eq!(read(&path).unwrap(), Some(Fingerprint::of(&image[..300])));
        assert!(is_whole(&path).unwrap());
        for bit in 0..8 * image.len() {
            let mut other = image.clone();
            other[bit / 8] ^= 1 << (bit % 8);
            std::fs::write(&path, &other).unwrap();
            let error = check(&path).unwrap_err();
            assert!(error.message().contains("sealed"), "{error}");
            assert!(!is_whole(&path).unwrap(), "{bit}");
        }
        for length in 0..image.len() {
            std::fs::write(&path, &image[..length]).unwrap();
            check(&path).unwrap_err();
            assert_eq!(read(&path).unwrap(), None, "{length}");
            assert!(!is_whole(&path).unwrap(), "{length}");
        }
        assert!(check(folder.path()).is_err());
        assert!(check(&folder.path().join("missing")).is_err());
    }
}
