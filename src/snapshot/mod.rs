//! Snapshots: one whole HDF5 file for each, `snap_000000.h5`, `snap_000001.h5`, ..., and series of them.
//!
//! A snapshot is complete in itself: numpy (h5py), xarray, MATLAB and Octave read the root
//! datasets, VTK and ParaView the group `VTKHDF`, and what the solver was doing lies beside them
//! as plain numbers. Numbers are in datasets, text is in fixed-length ASCII attributes only, so
//! that no reader stumbles over a type it does not know.
//!
//! The root has the attributes `format` = "movimento snapshot", `format_version` (int64), `Conventions` of CF,
//! `movimento_version`, `dimension`, `compression`, and with a grid `fields` (their names) and
//! `slice_point` (d). [`layout`] lists the objects of a file. In more than three dimensions the grid
//! is a plane (options `snapshot_axes` and `snapshot_point`), whose fields have the attribute
//! `slice_point`. Fields and positions are float64 or, as an option, float32, and may be compressed.
//!
//! A [`Writer`] makes a series of snapshots with an index, and [`pack`] one file of a series. VTK's
//! arrays are other names of these, or virtual arrays in the shape that VTK wants.
//!
//! Outside a ball or a region of the host the field is NaN, which plots leave blank. Of nodes that
//! the host handed over no region is known, and the field is shown on all of the box.
//!
//! MATLAB, Octave and Fortran see the dimensions reversed: there `u(i, j, k)` belongs to
//! `x(i), y(j), z(k)`.
//!
//! The format stays readable by HDF5 1.10. The file is built in memory, written under a temporary
//! name, flushed to the disk and renamed, so a `snap_*.h5` that can be seen is whole, whatever
//! happened to the process, the disk or the power while it was written; a disk that is full
//! is an error like any other.

mod arrays;
mod blocks;
mod census;
mod commit;
mod content;
mod field;
mod frame;
mod grid;
pub mod layout;
mod ledger;
mod library;
mod open;
mod pack;
mod past;
mod points;
mod read;
mod render;
mod restart;
mod sampling;
mod scales;
mod seal;
mod selection;
mod series;
mod stamp;
mod state;
mod vtkhdf;
mod writer;

pub use census::Census;
pub use field::{Expression, Field, FieldQuery, describe_fields};
pub use grid::{Axis, Grid, grid};
pub use pack::pack;
pub use points::Points;
pub use restart::{restore, set_initial};
pub use selection::{Description, Selection};
pub use series::Figure;
pub use writer::{Writer, make_index};

use crate::error::{Error, ErrorKind, Result};
use crate::options::SnapshotSettings;
use crate::section::Section;
use crate::solver::Solver;
use arrays::Which;
use content::{Attribute, Content, Values};
use frame::Frame;
use std::collections::BTreeMap;
use std::path::Path;

/// Everything that one file holds.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Time reached.
    pub time: f64,
    /// The grid on which the fields are shown, if there is one.
    pub grid: Option<Grid>,
    /// The fields on the grid.
    pub fields: Vec<Field>,
    /// Of each point of the grid 1 where it is outside of the domain, which viewers hide, and else 0; empty where all
    /// are inside.
    pub outside: Vec<u8>,
    /// Points that are shown too, or instead.
    pub points: Option<Points>,
    /// Figures that make time series.
    pub figures: Vec<Figure>,
    /// Whether fields and positions are stored as float32.
    pub single: bool,
    /// The level of deflate of fields and positions; 0 stores them as they are.
    pub compression: u8,
    /// Further descriptions of arrays, by name.
    pub described: BTreeMap<String, Description>,
    /// State of the solver, as [`Solver::saved`] gives it; a snapshot without it only shows.
    pub state: Section,
}

/// Writes a snapshot of the solver into `folder`, which is created if it is not there, and
/// returns its number: one more than the largest in the folder. Of several ranks the first writes.
///
/// # Errors
/// [`File`](crate::ErrorKind::File) if the folder or the file cannot be written (the message names
/// it), [`Memory`](crate::ErrorKind::Memory) if the grid does not fit into memory, and whatever
/// evaluating the solver raises. The solver is not touched, and nothing is left behind.
pub fn write(solver: &Solver, folder: &Path) -> Result<u64> {
    let ranks = solver.ranks();
    ranks.call("write_snapshot", || {
        let is_writer = ranks.rank() == 0;
        // A folder that cannot be written is found out before the work is done.
        if is_writer {
            commit::prepare(folder)?;
        }
        let measured = solver.measure()?;
        let number = if is_writer {
            let settings = SnapshotSettings::parse(solver.options())?;
            let mut selection = Selection::new(&settings);
            selection.snapshot_of(solver, measured)?.write(folder)?
        } else {
            0
        };
        let mut shared = [number as f64];
        ranks.agree(Ok(()), &mut shared)?;
        let [number] = shared;
        Ok(number as u64)
    })
}

impl Snapshot {
    /// Writes this snapshot into `folder`, as [`write()`] does.
    ///
    /// # Errors
    /// [`Argument`](crate::ErrorKind::Argument) if a field has no proper name or does not fit the
    /// grid, [`File`](crate::ErrorKind::File) if the folder or the file cannot be written.
    pub fn write(&self, folder: &Path) -> Result<u64> {
        self.check()?;
        commit::prepare(folder)?;
        let image =
            render::image(&self.content()).map_err(|error| render::not_made(folder, &error))?;
        commit::commit(folder, &image.bytes, 0)
    }

    fn check(&self) -> Result<()> {
        if self.grid.is_none() && self.points.is_none() {
            return Err(Error::argument("a snapshot needs a grid or points"));
        }
        let grid = self.grid.as_ref().map_or(0, Grid::len);
        if !self.outside.is_empty() && self.outside.len() != grid {
            return Err(Error::argument(format!(
                "`outside` has {} entries; accepted are one for each of the {grid} points of the grid, or none",
                self.outside.len()
            )));
        }
        let points = self.points.as_ref().map_or(0, Points::len);
        let at_points = self.points.iter().flat_map(|points| &points.fields);
        // Masses are an object of the layout, and not a field that somebody named.
        let at_points = at_points.filter(|field| field.name != layout::name_of(layout::MASS));
        check_fields(self.fields.iter(), grid, "the grid")?;
        check_fields(at_points, points, "points")?;
        let sections: Vec<_> = layout::sections().collect();
        let unknown = self
            .state
            .entries()
            .find(|(name, _)| !sections.contains(name));
        if let Some((name, _)) = unknown {
            return Err(Error::new(
                ErrorKind::Internal,
                format!("the layout of snapshots has no section `{name}`"),
            ));
        }
        Ok(())
    }

    /// The file to be made.
    fn content(&self) -> Content<'_> {
        let mut content = Content::default();
        content.text("/", "format", "movimento snapshot");
        content.attribute("/", "format_version", Attribute::Integers(vec![1]));
        state::add_texts(&mut content, "/", &self.state);
        let empty: &[f64] = &[];
        let points = self.points.as_ref();
        let mut values = |which: Which, _: &str, _: &[usize]| {
            let values = match which {
                Which::Field(number) => self.fields.get(number).map(|f| f.values.as_slice()),
                Which::Position => points.map(|points| points.position.as_slice()),
                Which::PointField(number) => {
                    let field = points.and_then(|points| points.fields.get(number));
                    field.map(|f| f.values.as_slice())
                }
                Which::Figure(number) => {
                    let figure = self.figures.get(number);
                    return Values::Reals(figure.map_or(empty, |f| &f.values).into());
                }
            };
            let values = values.unwrap_or(empty);
            if self.single {
                Values::Singles(values.iter().map(|v| *v as f32).collect())
            } else {
                Values::Reals(values.into())
            }
        };
        Frame::of(self).add(&mut content, &[self.time], &mut values);
        state::add_entries(&mut content, "", &self.state);
        content
    }
}

/// Checks names and shapes of the fields in a place of `len` points.
fn check_fields<'a>(
    fields: impl Iterator<Item = &'a Field> + Clone,
    len: usize,
    place: &str,
) -> Result<()> {
    for field in fields.clone() {
        layout::check_name(&field.name)?;
        let expected = len.saturating_mul(field.components);
        if field.values.len() != expected || field.components == 0 {
            return Err(Error::argument(format!(
                "field `{}` has {} values; {place} has {len} points, and the field {} components",
                field.name,
                field.values.len(),
                field.components
            )));
        }
    }
    let names = fields.map(|field| (field.name.as_str(), field.has_component_scale()));
    layout::check_distinct(&names.collect::<Vec<_>>())
}
