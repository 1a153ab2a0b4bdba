//! Files that appear under their names when all of them is on the disk, or not at all, whatever
//! happens to the process, the disk or the power: written under a temporary name beside the target,
//! flushed, renamed, and the folder flushed.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A file under its temporary name. Dropped before it is published, it is removed.
pub struct Draft {
    target: PathBuf,
    temporary: PathBuf,
    file: Option<File>,
    is_there: bool,
}

impl Draft {
    /// A draft that replaces a file, and a draft of it that a killed process left behind.
    ///
    /// # Errors
    /// Errors of the system, and [`InvalidInput`](io::ErrorKind::InvalidInput) if the target names no
    /// file.
    pub fn replacing(target: &Path) -> io::Result<Self> {
        if target.is_dir() {
            return Err(io::Error::from(io::ErrorKind::IsADirectory));
        }
        let mut draft = Self::of(target)?;
        draft.file = Some(File::create(&draft.temporary)?);
        draft.is_there = true;
        Ok(draft)
    }

    /// A draft of a file that nobody else drafts.
    ///
    /// # Errors
    /// [`AlreadyExists`](io::ErrorKind::AlreadyExists) if there is a draft of it, and those of
    /// [`replacing`](Self::replacing).
    pub fn new(target: &Path) -> io::Result<Self> {
        let mut draft = Self::of(target)?;
        let mut options = OpenOptions::new();
        let file = options
            .write(true)
            .create_new(true)
            .open(&draft.temporary)?;
        draft.file = Some(file);
        draft.is_there = true;
        Ok(draft)
    }

    /// A draft that others create at [`path`](Self::path). One that is there is removed.
    ///
    /// # Errors
    /// Errors of [`replacing`](Self::replacing).
    pub fn for_others(target: &Path) -> io::Result<Self> {
        let mut draft = Self::of(target)?;
        match fs::remove_file(&draft.temporary) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        draft.is_there = true;
        Ok(draft)
    }

    fn of(target: &Path) -> io::Result<Self> {
        let Some(name) = target.file_name() else {
            let why = "accepted is the name of a file";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        };
        let mut hidden = OsString::from(".");
        hidden.push(name);
        hidden.push(".tmp");
        Ok(Self {
            target: target.to_owned(),
            temporary: target.with_file_name(hidden),
            file: None,
            is_there: false,
        })
    }

    /// The temporary name.
    pub fn path(&self) -> &Path {
        &self.temporary
    }

    /// Adds bytes.
    ///
    /// # Errors
    /// Errors of the system.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let file = self.file.as_mut();
        file.expect("drafts for others are written by others")
            .write_all(bytes)
    }

    /// Makes the file appear under its name. When this returns, it is on the disk.
    ///
    /// # Errors
    /// Errors of the system. The draft is gone then; where the folder alone could not be flushed, the
    /// file may be there.
    pub fn publish(mut self) -> io::Result<()> {
        let file = match self.file.take() {
            Some(file) => file,
            None => File::open(&self.temporary)?,
        };
        file.sync_all()?;
        drop(file);
        fs::rename(&self.temporary, &self.target)?;
        self.is_there = false;
        let folder = self.target.parent();
        let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
        sync_folder(folder.unwrap_or(Path::new(".")))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if self.is_there {
            // There is an error on its way to the caller already.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

/// Replaces a file, or makes it: readers see the old one or the new one.
///
/// # Errors
/// Errors of [`Draft`].
pub fn replace(target: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut draft = Draft::replacing(target)?;
    draft.write(bytes)?;
    draft.publish()
}

/// Flushes a folder: a rename or a removal in it is on the disk then.
///
/// # Errors
/// Errors of the system.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(not(unix)) {
        return Ok(());
    }
    match File::open(folder)?.sync_all() {
        // Some network file systems cannot, and do it by themselves.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported
            ) =>
        {
            Ok(())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.collect()
    }

    #[test]
    fn a_file_appears_when_it_is_published() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, b"old").unwrap();
        let mut draft = Draft::replacing(&path).unwrap();
        draft.write(b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert!(Draft::new(&path).is_err());
        draft.publish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(entries(folder.path()), ["file"]);
    }

    #[test]
    fn a_draft_that_is_dropped_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let mut draft = Draft::new(&path).unwrap();
        draft.write(b"half").unwrap();
        drop(draft);
        let draft = Draft::for_others(&path).unwrap();
        fs::write(draft.path(), b"theirs").unwrap();
        drop(draft);
        // Nobody wrote this one.
        assert!(Draft::for_others(&path).unwrap().publish().is_err());
        assert!(replace(folder.path(), b"").is_err());
        assert!(replace(Path::new("/"), b"").is_err());
        assert_eq!(entries(folder.path()), [""; 0]);
    }
}
