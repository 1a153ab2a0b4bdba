//! The writer of a series: a folder with a whole file for each snapshot, and an index of all of them that
//! is replaced now and then.
//!
//! | file | content |
//! |---|---|
//! | `snap_000000.h5`, ... | the snapshots; the rename of a snapshot to its name commits it |
//! | `run.vtkhdf` | all of them as one file: virtual arrays with an axis of time, for VTK, xarray, h5py, Octave |
//! | `run.xmf`, `run.xdmf` | the same for ParaView before 6.0, and for pyvista |
//! | `run_block_000000.h5`, ... | fields of many older snapshots, out of which `run.vtkhdf` shows them |
//! | `run_points.vtkhdf`, `run_points.xmf`, `run_points.xdmf` | the points, where there is a grid too |
//!
//! Before each index the snapshots are looked for: what somebody removed or replaced meanwhile is shown no longer.
//! The index can be made again from the snapshots at any time, so trouble with it fails no snapshot: it is
//! logged, tried again with the next one, and an error when the writer is closed.

mod folder;
mod index;
mod remake;
mod schedule;
mod xdmf;

use super::blocks;
use super::commit;
use super::field::FieldQuery;
use super::frame::Frame;
use super::open;
use super::past::Past;
use super::read;
use super::render;
use super::seal;
use super::selection::Selection;
use super::stamp::Stamps;
use crate::error::{Error, ErrorKind, Result};
use crate::options::{ExistingSnapshots, Options, SnapshotSettings};
use crate::solver::{Measured, Solver};
use folder::Folder;
pub(super) use index::figure;
pub use remake::make_index;
use schedule::Schedule;
use std::path::Path;

/// The file of an index that lists the snapshots.
pub(super) const INDEX: &str = folder::INDEX[0];

/// Copies older snapshots into blocks, by which nothing is lost where it fails; says whether it did not.
fn gathered(folder: &Path, frame: &Frame, past: &mut [Past], size: usize) -> bool {
    let done = blocks::gather(folder, frame, past, size);
    if let Err(error) = &done {
        log::warn!("{error}; the index shows the snapshots themselves");
    }
    done.is_ok()
}

/// Writes a series of snapshots into a folder.
pub struct Writer {
    folder: Folder,
    /// The dimension of the solver.
    dimension: usize,
    selection: Selection,
    /// The part that the snapshots have in common, once there is one.
    frame: Option<Frame>,
    past: Vec<Past>,
    /// What happens at the first write to snapshots of a later time.
    existing: ExistingSnapshots,
    /// Whether one of them is of this writer.
    has_written: bool,
    /// How many ranks the solver has, of which the first has the folder, and how many snapshots the series has.
    ranks: usize,
    count: usize,
    stamps: Stamps,
    schedule: Schedule,
    /// How many snapshots a block is of; 0 once one could not be made.
    block: usize,
    is_open: bool,
}

impl Writer {
    /// A writer into `folder`, which is created if it is not there. The options `snapshot_*` are those of
    /// `options`, or of the solver. Remains of a writer that was killed are removed; snapshots that are there
    /// are gone on from, as the option `snapshot_existing` says. With a communicator a collective call: rank 0 has the
    /// folder.
    ///
    /// # Errors
    /// [`File`](crate::ErrorKind::File) if the folder cannot be used, another writer has it, or a snapshot in
    /// it cannot be read, and [`State`](crate::ErrorKind::State) if its snapshots are not those of an
    /// earlier time, and the option does not say that they can go.
    pub fn new(solver: &Solver, folder: &Path, options: Option<&Options>) -> Result<Self> {
        let ranks = solver.ranks();
        ranks.call("writer_create", || {
            let settings = SnapshotSettings::parse(options.unwrap_or(solver.options()));
            let made = settings.and_then(|settings| match ranks.rank() {
                0 => Self::with_folder(solver, Folder::open(folder)?, &settings),
                _ => Ok(Self::of(solver, Folder::elsewhere(folder), &settings)),
            });
            let mut count = [made.as_ref().map_or(0.0, |made| made.past.len() as f64)];
            let mut made = ranks.agree(made, &mut count)?;
            let [count] = count;
            made.count = count as usize;
            Ok(made)
        })
    }

    fn with_folder(solver: &Solver, folder: Folder, settings: &SnapshotSettings) -> Result<Self> {
        folder.clean()?;
        let index = folder.path().join(INDEX);
        let series = read::folder(folder.path(), &index)?;
        let existing = settings.snapshot_existing;
        folder.check_existing(existing, solver.time(), &series.past)?;
        folder.set_aside(&series.damaged)?;
        let mut writer = Self::of(solver, folder, settings);
        (writer.frame, writer.past) = (series.frame, series.past);
        if !writer.past.is_empty() {
            writer.index_now()?;
            let path = writer.folder.path();
            // Of a writer that was killed over the index that would have named them.
            blocks::remove_others(path, &writer.past).map_err(|error| {
                let path = path.display();
                Error::file(format!("cannot remove blocks from `{path}`: {error}"))
            })?;
        }
        Ok(writer)
    }

    fn of(solver: &Solver, folder: Folder, settings: &SnapshotSettings) -> Self {
        Self {
            folder,
            dimension: solver.domain().dimension(),
            selection: Selection::new(settings),
            frame: None,
            past: Vec::new(),
            existing: settings.snapshot_existing,
            has_written: false,
            ranks: solver.ranks().size(),
            count: 0,
            stamps: Stamps::default(),
            schedule: Schedule::new(settings.snapshot_index_seconds),
            block: settings.snapshot_block,
            is_open: true,
        }
    }

    /// The dimension of the solver that the writer was made for.
    #[must_use]
    pub const fn dimension(&self) -> usize {
        self.dimension
    }

    /// Shows a field; the first one replaces those that are shown by default.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) after the first snapshot of this writer, and
    /// [`Argument`](crate::ErrorKind::Argument) if there is one of that name.
    pub fn add(&mut self, field: FieldQuery) -> Result<()> {
        self.check_unused()?;
        self.selection.add(field)
    }

    /// Shows the fields at points too, as [`Selection::set_points`].
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) after the first snapshot of this writer, and those of
    /// [`Selection::set_points`].
    pub fn set_points(&mut self, x: &[f64]) -> Result<()> {
        self.check_unused()?;
        self.selection.set_points(x, self.dimension)
    }

    /// Says what a field or a coordinate is, as [`Selection::describe`].
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) after the first snapshot of this writer, and those of
    /// [`Selection::describe`].
    pub fn describe(&mut self, name: &str, long_name: &str, units: &str) -> Result<()> {
        self.check_unused()?;
        self.selection.describe(name, long_name, units)
    }

    /// Writes a snapshot of the solver and returns its number. When this returns, the snapshot is on the
    /// disk. The first snapshot of a writer that goes on where the folder ends, of the same state as the last
    /// one there, is that one. With a communicator a collective call.
    ///
    /// # Errors
    /// [`File`](crate::ErrorKind::File) if it cannot be written, [`State`](crate::ErrorKind::State) if the
    /// writer was closed, the time is not after that of the last snapshot, or the snapshot is not like those
    /// before it, and those of [`Selection::snapshot`]. Nothing is left of it, and the next one can be written.
    pub fn write(&mut self, solver: &Solver) -> Result<u64> {
        let ranks = solver.ranks();
        ranks.call("writer_write", || {
            let there = self.begin(solver);
            let mut said = match &there {
                Ok(Some(number)) => [1.0, *number as f64, self.past.len() as f64],
                _ => [0.0; 3],
            };
            ranks.agree(there.map(drop), &mut said)?;
            if said[0] == 0.0 {
                let measured = solver.measure()?;
                let written = match self.folder.is_elsewhere() {
                    true => Ok(0),
                    false => self.add_snapshot(solver, measured),
                };
                said = [
                    0.0,
                    *written.as_ref().unwrap_or(&0) as f64,
                    self.past.len() as f64,
                ];
                ranks.agree(written.map(drop), &mut said)?;
            }
            let [_, number, count] = said;
            self.has_written |= self.folder.is_elsewhere() && said[0] == 0.0;
            self.count = count as usize;
            Ok(number as u64)
        })
    }

    /// The number of the snapshot that is there already of this state, if there is one; what is of a later time goes
    /// then.
    fn begin(&mut self, solver: &Solver) -> Result<Option<u64>> {
        self.check_open()?;
        if solver.ranks().size() != self.ranks {
            return Err(Error::state(format!(
                "the writer was made for a solver of {} ranks, and this one has {}; accepted is the same \
                 communicator, set before the writer is made",
                self.ranks,
                solver.ranks().size()
            )));
        }
        if self.folder.is_elsewhere() {
            return Ok(None);
        }
        self.folder.check()?;
        let kept = self.kept(solver.time());
        let there = self.same_as_last(solver, kept)?;
        if there.is_some() {
            self.cut(kept)?;
        }
        Ok(there)
    }

    /// Writes a snapshot with what was measured.
    fn add_snapshot(&mut self, solver: &Solver, measured: Measured) -> Result<u64> {
        let kept = self.kept(solver.time());
        let common = self.frame.as_ref().filter(|_| kept > 0);
        if !self.has_written {
            let grid = common.and_then(|frame| frame.grid.as_ref());
            self.selection
                .set_grid(grid.map(super::frame::GridFrame::grid));
        }
        let mut snapshot = self.selection.snapshot_of(solver, measured)?;
        if let Some(grid) = common.and_then(|frame| frame.grid.as_ref()) {
            // That of the series, which has none if an earlier release has begun it.
            snapshot.outside.clone_from(&grid.outside);
        }
        snapshot.check()?;
        let frame = Frame::of(&snapshot);
        if let Some(before) = common.filter(|before| **before != frame) {
            return Err(Error::state(format!(
                "this snapshot is not like those in the folder `{}`: {}; write to another folder, or with the options of those",
                self.folder.path().display(),
                before.difference(&frame)
            )));
        }
        let content = snapshot.content();
        // Made before anything is deleted, in case that it cannot be.
        self.stamps
            .make(&content)
            .map_err(|error| render::not_made(self.folder.path(), &error))?;
        self.cut(kept)?;
        let bytes = self.stamps.made().ok_or_else(|| {
            Error::internal("the snapshot that was made is not there when it is to be written")
        })?;
        // A name is given once, also where somebody deletes the last snapshot.
        let least = self.past.last().map_or(0, |last| last.number + 1);
        let number = commit::commit(self.folder.path(), bytes, least)?;
        let path = self.folder.path().join(commit::name(number));
        self.past.push(Past {
            number,
            time: snapshot.time,
            figures: snapshot.figures.iter().map(|f| f.values.clone()).collect(),
            seal: seal::read(&path).ok().flatten(),
            place: None,
        });
        self.frame = Some(frame);
        self.has_written = true;
        self.schedule.add();
        if self.schedule.is_due()
            && let Err(error) = self.index_now()
        {
            log::warn!("{error}; the snapshot is written, and the index is tried again later");
        }
        Ok(number)
    }

    /// Number of snapshots in the series.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Brings the index up to date and lets go of the folder.
    ///
    /// # Errors
    /// [`File`](crate::ErrorKind::File) if the index cannot be written: the snapshots are, and this can be
    /// called again.
    pub fn close(&mut self) -> Result<()> {
        // A copy in a process that the writer's own has forked knows nothing of what became of the folder since.
        if self.is_open && !self.folder.is_of_this_process() {
            self.folder.unlock();
            self.is_open = false;
        }
        if self.is_open {
            if !self.folder.is_elsewhere() {
                self.index_now()?;
                self.count = self.past.len();
            }
            self.folder.unlock();
            self.is_open = false;
        }
        Ok(())
    }

    fn index_now(&mut self) -> Result<()> {
        let Some(frame) = self.frame.as_ref().filter(|_| !self.past.is_empty()) else {
            return Ok(());
        };
        let (folder, past, block) = (&self.folder, &mut self.past, &mut self.block);
        let is_stale = self.schedule.is_stale();
        let update = || {
            folder.check()?;
            let changed = folder.forget_what_is_gone(past)?;
            match past.is_empty() {
                true => folder.remove_index(),
                false if is_stale || changed => {
                    if !gathered(folder.path(), frame, past, *block) {
                        *block = 0;
                    }
                    index::write(folder.path(), frame, past)
                }
                false => Ok(()),
            }
        };
        self.schedule.run(update)
    }

    /// How many of the snapshots stay when one of this time is written: before its first, the writer deletes
    /// those of a later time, if it was told to.
    fn kept(&self, time: f64) -> usize {
        if self.has_written || self.existing != ExistingSnapshots::Truncate {
            return self.past.len();
        }
        self.past.partition_point(|past| past.time <= time)
    }

    /// Deletes all snapshots after the first so many.
    fn cut(&mut self, kept: usize) -> Result<()> {
        if kept == self.past.len() {
            return Ok(());
        }
        self.schedule.add();
        self.folder.cut(&mut self.past, kept)?;
        if let Err(error) = self.index_now() {
            log::warn!("{error}; the index is tried again later");
        }
        Ok(())
    }

    /// The number of the last of the first so many snapshots if it is of the state that the solver is in, and
    /// not of this writer.
    fn same_as_last(&self, solver: &Solver, kept: usize) -> Result<Option<u64>> {
        let last = self.past.get(..kept).and_then(<[Past]>::last);
        let Some(last) = last.filter(|last| last.time >= solver.time()) else {
            return Ok(None);
        };
        let path = self.folder.path().join(commit::name(last.number));
        if last.time == solver.time() && !self.has_written && !solver.parameters().is_empty() {
            let there: Vec<f64> = open::open(&path, |file| {
                file.dataset("state/parameters")
                    .and_then(|array| array.read_raw())
            })?;
            let same = |(a, b): (&f64, &f64)| a.to_bits() == b.to_bits();
            let pairs = there.iter().zip(solver.parameters());
            if there.len() == solver.parameters().len() && pairs.clone().all(same) {
                return Ok(Some(last.number));
            }
        }
        Err(Error::state(format!(
            "the solver is at time {}, and the last snapshot, `{}`, of time {}; accepted are later ones",
            solver.time(),
            path.display(),
            last.time
        )))
    }

    fn check_open(&self) -> Result<()> {
        if !self.folder.is_of_this_process() {
            return Err(Error::state(
                "the writer belongs to the process that this one was forked from; accepted here is a writer of \
                 this process, into another folder",
            ));
        }
        if self.is_open {
            return Ok(());
        }
        Err(Error::state(
            "the writer was closed; accepted is to free it",
        ))
    }

    fn check_unused(&self) -> Result<()> {
        self.check_open()?;
        if !self.has_written {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::State,
            "the writer has written a snapshot; fields, points and descriptions are set before",
        ))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if let Err(error) = self.close() {
            log::warn!(
                "{error}; the snapshots are written, and a writer that goes on makes the index"
            );
        }
    }
}
