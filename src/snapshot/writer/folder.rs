//! The folder of a series: whose it is, and what an earlier run left in it.

use crate::atomic_file::sync_folder;
use crate::error::{Error, Result};
use crate::options::ExistingSnapshots;
use crate::snapshot::commit;
use crate::snapshot::past::Past;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// The files of an index.
pub(super) const INDEX: [&str; 4] = [
    "run.vtkhdf",
    "run.xmf",
    "run_points.vtkhdf",
    "run_points.xmf",
];

/// A folder that one writer has for itself.
pub(super) struct Folder {
    path: PathBuf,
    /// Held open with a lock, which goes when the process does.
    lock: Option<File>,
}

impl Folder {
    /// Makes the folder if it is not there, and takes it.
    pub fn open(path: &Path) -> Result<Self> {
        commit::prepare(path)?;
        let failed = |error: io::Error| {
            let path = path.display();
            Error::file(format!(
                "cannot use `{path}` as the folder of the snapshots: {error}"
            ))
        };
        let mut lock = None;
        if cfg!(unix) {
            let folder = File::open(path).map_err(failed)?;
            match folder.try_lock() {
                Ok(()) => lock = Some(folder),
                Err(TryLockError::WouldBlock) => {
                    return Err(Error::file(format!(
                        "another writer has the folder `{}`; close it first, or take another folder",
                        path.display()
                    )));
                }
                // Some network file systems have no locks.
                Err(TryLockError::Error(error)) => log::debug!("no lock on the folder: {error}"),
            }
        }
        Ok(Self {
            path: path.to_owned(),
            lock,
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Lets another writer have it, whoever inherited the lock: closing alone leaves it to a process that the
    /// host has forked.
    pub fn unlock(&mut self) {
        if let Some(Err(error)) = self.lock.take().map(|lock| lock.unlock()) {
            log::debug!("the lock on the folder is left to the system: {error}");
        }
    }

    /// Removes files that a writer was killed over.
    pub fn clean(&self) -> Result<()> {
        let entries = fs::read_dir(&self.path).map_err(|error| self.failed(&error))?;
        for entry in entries {
            let name = entry.map_err(|error| self.failed(&error))?.file_name();
            let Some(name) = name.to_str() else { continue };
            let Some(inner) = name.strip_prefix('.').and_then(|n| n.strip_suffix(".tmp")) else {
                continue;
            };
            if inner.starts_with("snap_") || INDEX.contains(&inner) {
                self.remove(name)?;
            }
        }
        Ok(())
    }

    /// Does with the snapshots that are there what the option `snapshot_existing` says.
    pub fn settle(
        &self,
        existing: ExistingSnapshots,
        time: f64,
        past: &mut Vec<Past>,
    ) -> Result<()> {
        let (Some(first), Some(last)) = (past.first(), past.last()) else {
            return Ok(());
        };
        let path = self.path.display();
        if existing == ExistingSnapshots::Empty {
            return Err(Error::state(format!(
                "the folder `{path}` has {} snapshots, and option `snapshot_existing` is empty; take \
                 another folder, or set it to continue or truncate",
                past.len()
            )));
        }
        if last.time <= time {
            return Ok(());
        }
        if existing != ExistingSnapshots::Truncate {
            return Err(Error::state(format!(
                "the folder `{path}` has {} snapshots from time {} to {}, and the solver is at time \
                 {time}; take another folder, or set option `snapshot_existing` to truncate, which \
                 deletes those after that time",
                past.len(),
                first.time,
                last.time
            )));
        }
        // An index must not show what is gone. The last goes first: what is left is always a beginning.
        for name in INDEX {
            self.remove(name)?;
        }
        while let Some(gone) = past.pop_if(|past| past.time > time) {
            self.remove(&commit::name(gone.number))?;
        }
        sync_folder(&self.path).map_err(|error| self.failed(&error))
    }

    fn remove(&self, name: &str) -> Result<()> {
        let path = self.path.join(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::file(format!(
                "cannot remove `{}`: {error}",
                path.display()
            ))),
            _ => Ok(()),
        }
    }

    fn failed(&self, error: &io::Error) -> Error {
        Error::file(format!(
            "cannot use the folder `{}`: {error}",
            self.path.display()
        ))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        self.unlock();
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::fd::AsRawFd;
    use std::process::Command;

    #[test]
    fn a_process_that_inherited_the_lock_does_not_keep_it() {
        let folder = tempfile::tempdir().unwrap();
        let first = Folder::open(folder.path()).unwrap();
        assert!(Folder::open(folder.path()).is_err());
        let lock = first.lock.as_ref().unwrap().as_raw_fd();
        // SAFETY: the descriptor is open, and this only has it inherited.
        assert_eq!(unsafe { libc::fcntl(lock, libc::F_SETFD, 0) }, 0);
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        drop(first);
        let second = Folder::open(folder.path()).map(drop);
        child.kill().unwrap();
        child.wait().unwrap();
        second.unwrap();
    }
}
