//! The folder of a series: whose it is, and what an earlier run left in it.

use crate::atomic_file::sync_folder;
use crate::error::{Error, Result};
use crate::options::ExistingSnapshots;
use crate::snapshot::blocks;
use crate::snapshot::census::{Presence, presence};
use crate::snapshot::commit;
use crate::snapshot::past::Past;
use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The files of an index.
pub(super) const INDEX: [&str; 6] = [
    "run.vtkhdf",
    "run.xmf",
    "run.xdmf",
    "run_points.vtkhdf",
    "run_points.xmf",
    "run_points.xdmf",
];

/// A folder that one writer has for itself.
pub(super) struct Folder {
    path: PathBuf,
    /// Whether it is rank 0's affair, and not this process's: then nothing is done here.
    is_elsewhere: bool,
    /// Held open with a lock, which goes when the process does.
    lock: Option<File>,
    /// What tells the folder from another one of its name.
    identity: (u64, u64),
    /// The process that took it: a child that it forks has a copy of this, and no right to the folder.
    process: u32,
}

/// What tells a folder from another one of its name.
fn identity(path: &Path) -> io::Result<(u64, u64)> {
    let metadata = fs::metadata(path)?;
    Ok((metadata.dev(), metadata.ino()))
}

impl Folder {
    /// Makes the folder if it is not there, and takes it. A relative path is of the process's working directory
    /// as it is now.
    pub fn open(path: &Path) -> Result<Self> {
        if path.as_os_str().is_empty() {
            return Err(Error::argument(
                "argument `folder` is empty; accepted is the path of a folder",
            ));
        }
        let failed = |error: io::Error| {
            let path = path.display();
            Error::file(format!(
                "cannot use `{path}` as the folder of the snapshots: {error}"
            ))
        };
        let path = &std::path::absolute(path).map_err(failed)?;
        commit::prepare(path)?;
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
            path: path.clone(),
            is_elsewhere: false,
            lock,
            identity: identity(path).map_err(failed)?,
            process: std::process::id(),
        })
    }

    /// The folder that rank 0 has, on another rank.
    pub fn elsewhere(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            is_elsewhere: true,
            lock: None,
            identity: (0, 0),
            process: std::process::id(),
        }
    }

    /// Whether rank 0 has it, and not this one.
    pub const fn is_elsewhere(&self) -> bool {
        self.is_elsewhere
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether this process took the folder, rather than the one that has forked it.
    pub fn is_of_this_process(&self) -> bool {
        self.process == std::process::id()
    }

    /// Checks that the folder is still the one that was taken.
    pub fn check(&self) -> Result<()> {
        let there = identity(&self.path).map_err(|error| self.failed(&error))?;
        if self.identity != there {
            return Err(Error::file(format!(
                "the folder `{}` was moved or replaced while the writer was open: this is another one; accepted \
                 is to make another writer",
                self.path.display()
            )));
        }
        Ok(())
    }

    /// Lets another writer have it, whoever inherited the lock: closing alone leaves it to a process that the
    /// host has forked. That process closes alone.
    pub fn unlock(&mut self) {
        if !self.is_of_this_process() {
            self.lock = None;
        } else if let Some(Err(error)) = self.lock.take().map(|lock| lock.unlock()) {
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
            let is_ours = inner.starts_with("snap_") || inner.starts_with(commit::BLOCK);
            if is_ours || INDEX.contains(&inner) {
                self.remove(name)?;
            }
        }
        Ok(())
    }

    /// Sets files aside that have names of snapshots and are damaged, so that nobody takes them for any.
    pub fn set_aside(&self, damaged: &[u64]) -> Result<()> {
        for number in damaged {
            let path = self.path.join(commit::name(*number));
            if !fs::symlink_metadata(&path).is_ok_and(|it| it.is_file()) {
                continue;
            }
            let aside = self.path.join(format!("{}.damaged", commit::name(*number)));
            fs::rename(&path, &aside).map_err(|error| self.failed(&error))?;
            log::warn!(
                "`{}` is no whole snapshot, and was renamed to `{}`",
                path.display(),
                aside.display()
            );
        }
        Ok(())
    }

    /// Checks that the option `snapshot_existing` allows to go on from a time with the snapshots that are there.
    pub fn check_existing(
        &self,
        existing: ExistingSnapshots,
        time: f64,
        past: &[Past],
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
        Ok(())
    }

    /// Deletes all snapshots after the first so many.
    pub fn cut(&self, past: &mut Vec<Past>, kept: usize) -> Result<()> {
        // An index must not show what is gone. The last goes first: what is left is always a beginning.
        self.remove_index()?;
        while past.len() > kept {
            if let Some(gone) = past.last() {
                self.remove(&commit::name(gone.number))?;
            }
            past.pop();
        }
        // A number may come again, and a block is named after one.
        blocks::remove_others(&self.path, past).map_err(|error| self.failed(&error))?;
        sync_folder(&self.path).map_err(|error| self.failed(&error))
    }

    /// Deletes the index.
    pub fn remove_index(&self) -> Result<()> {
        INDEX.iter().try_for_each(|name| self.remove(name))
    }

    /// Forgets the snapshots that were removed or replaced by somebody else, and blocks, so that no index shows
    /// something else in their place. Returns whether there were any.
    pub fn forget_what_is_gone(&self, past: &mut Vec<Past>) -> Result<bool> {
        let mut gone = Vec::new();
        let mut there = Vec::with_capacity(past.len());
        for one in past.iter() {
            let name = commit::name(one.number);
            let presence = presence(&self.path.join(&name), one.seal);
            match presence.map_err(|error| self.failed(&error))? {
                Presence::There => there.push(one.clone()),
                Presence::Gone | Presence::Replaced => gone.push(name),
            }
        }
        if let Some(first) = gone.first() {
            log::warn!(
                "{} snapshots were removed from the folder `{}` or replaced while the writer was open, `{first}` \
                 the first of them: the series goes on without them",
                gone.len(),
                self.path.display()
            );
            *past = there;
        }
        let lost = blocks::forget_what_is_gone(&self.path, past);
        let lost = lost.map_err(|error| self.failed(&error))?;
        if lost {
            log::warn!(
                "blocks of the series in the folder `{}` were removed or replaced; they can be made anew",
                self.path.display()
            );
        }
        Ok(lost || !gone.is_empty())
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
