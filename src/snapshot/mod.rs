//! Snapshots: one whole HDF5 file for each, `snap_000000.h5`, `snap_000001.h5`, ..., and series of them.
//!
//! A snapshot is complete in itself: numpy (h5py), xarray, MATLAB and Octave read the root
//! datasets, VTK and ParaView the group `VTKHDF`, and what the solver was doing lies beside them
//! as plain numbers. Numbers are in datasets, text is in fixed-length ASCII attributes only, so
//! that no reader stumbles over a type it does not know.
//!
//! | object | type and shape | content |
//! |---|---|---|
//! | `/` | attributes | `format` = "movimento snapshot", `format_version` (int64), `movimento_version`, `dimension`, `compression`, and with a grid `fields` (their names) and `slice_point` (d) |
//! | `/t` | float64 (1) | time; dimension scale |
//! | `/x`, `/y`, `/z` | float64 (n) | grid coordinates; dimension scales, as many as the grid has axes; attribute `axis`: which coordinate of R^d |
//! | `/u`, `/density`, ... | real (nz, ny, nx) | a field: `u[k][j][i] = u(x_i, y_j, z_k)`, x fastest; in 2-D (ny, nx), in 1-D (nx); with components (nz, ny, nx, c); attributes `long_name`, `units` |
//! | `/axis` | int64 (d) | dimension scale of the components of a vector in R^d; of other components it is `/NAME_component` |
//! | `/points` | `position` real (n, d), `id` int64 (n), fields real (n) or (n, c) | points, and masses that a transport map carries along; attribute `axes`: which VTK shows |
//! | `/VTKHDF` | group | VTKHDF 2.0: an image of the grid, or polygonal data of the points where there is no grid; these are else `/VTKHDF_points` |
//! | `/series` | float64 (1, ...) | the figures of the step and the state: energy and energy by term, movement distance, residual, error bound, mass, iterations, ..., in Wasserstein space mean, covariance and entropy |
//! | `/energy` | `total` float64, `terms` float64 (m) | energy, and energy by term in the order they were added; attribute `names` |
//! | `/report` | scalars | the figures of [`StepReport`]; absent before there is one |
//! | `/fit` | scalars | the figures of [`FitReport`]; absent before there is one |
//! | `/state` | `step` int64, `time`, `tau` float64, `parameters` float64 (P) | where the solver is; the parameters in the layout of the network |
//! | `/network` | arrays, and text as attributes | the network as arrays, see [`crate::export`] |
//! | `/restart` | see [`restore()`] | what a solver needs to go on from here to the same bits |
//! | `/options` | numbers as datasets, text as attributes | every option with its value, set or default, but empty lists |
//!
//! In more than three dimensions the grid is a plane (options `snapshot_axes` and `snapshot_point`), whose fields have
//! the attribute `slice_point`. Fields and positions are float64 or, as an option, float32, and may be compressed.
//!
//! A [`Writer`] makes a series of them with an index, and [`pack`] one file of a series. Both have the same objects,
//! without the last seven, and with more than one snapshot an axis of time `/t` before the others: `/u` is (nt, nz, ny,
//! nx), a figure (nt, ...). An index lists its files besides, in `/files`. VTK's arrays are other names of these, or virtual arrays in the shape that VTK wants.
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

mod commit;
mod content;
mod field;
mod frame;
mod grid;
mod ledger;
mod network;
mod pack;
mod points;
mod read;
mod render;
mod restart;
mod scales;
mod seal;
mod series;
mod show;
mod stamp;
mod state;
mod vtkhdf;
mod writer;

pub use field::{Expression, Field, Shown};
pub use grid::{Axis, Grid};
pub use pack::pack;
pub use points::Points;
pub use restart::restore;
pub use series::Figure;
pub use show::{Description, Show};
pub use writer::Writer;

use crate::error::{Error, Result};
use crate::export::Exported;
use crate::options::{Options, SnapshotSettings};
use crate::report::{FitReport, StepReport};
use crate::solver::{Checkpoint, Solver};
use content::{Attribute, Content, Values};
use frame::{Frame, Which};
use std::collections::BTreeMap;
use std::path::Path;

/// Everything that one file holds.
#[derive(Clone, Debug)]
pub struct Snapshot<'a> {
    /// Time reached.
    pub time: f64,
    /// Steps taken.
    pub step: u64,
    /// The time step that comes next.
    pub tau: f64,
    /// Where the fields are shown, if on a grid.
    pub grid: Option<Grid>,
    /// The fields on the grid.
    pub fields: Vec<Field>,
    /// Points that are shown too, or instead.
    pub points: Option<Points>,
    /// Figures that make time series.
    pub figures: Vec<Figure>,
    /// Whether fields and positions are stored as float32.
    pub single: bool,
    /// The level of deflate of fields and positions; 0 stores them as they are.
    pub compression: u8,
    /// What else is said of arrays, by name.
    pub described: BTreeMap<String, Description>,
    /// Name and energy of each term.
    pub energies: Vec<(String, f64)>,
    /// Report of the last step.
    pub report: Option<&'a StepReport>,
    /// Report of the initial fit.
    pub fit: Option<&'a FitReport>,
    /// The network's parameters.
    pub parameters: &'a [f64],
    /// The options of the solver.
    pub options: &'a Options,
    /// What a solver needs to go on from here; a snapshot without it only shows.
    pub checkpoint: Option<Checkpoint>,
    /// The network, for others to evaluate.
    pub network: Option<Exported>,
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
            let mut show = Show::new(&settings);
            show.snapshot_of(solver, measured)?.write(folder)?
        } else {
            0
        };
        let mut shared = [number as f64];
        ranks.agree(Ok(()), &mut shared)?;
        let [number] = shared;
        Ok(number as u64)
    })
}

impl Snapshot<'_> {
    /// Writes this snapshot into `folder`, as [`write()`] does.
    ///
    /// # Errors
    /// [`Argument`](crate::ErrorKind::Argument) if a field has no proper name or does not fit the
    /// grid, [`File`](crate::ErrorKind::File) if the folder or the file cannot be written.
    pub fn write(&self, folder: &Path) -> Result<u64> {
        self.check()?;
        commit::prepare(folder)?;
        let image = render::image(&self.content()).map_err(|error| {
            Error::file(format!(
                "cannot make a snapshot for `{}`: HDF5 says: {error}",
                folder.display()
            ))
        })?;
        commit::commit(folder, &image.bytes)
    }

    fn check(&self) -> Result<()> {
        if self.grid.is_none() && self.points.is_none() {
            return Err(Error::argument("a snapshot needs a grid or points"));
        }
        let grid = self.grid.as_ref().map_or(0, Grid::len);
        let points = self.points.iter().flat_map(|points| {
            let at = points.len();
            points.fields.iter().map(move |field| (field, at, "points"))
        });
        let of_grid = self.fields.iter().map(|field| (field, grid, "the grid"));
        for (field, len, place) in of_grid.chain(points) {
            if (field.name.as_str(), place) != ("mass", "points") {
                field::check_name(&field.name)?;
            }
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
        Ok(())
    }

    /// What the file is made of.
    fn content(&self) -> Content<'_> {
        let mut content = Content::default();
        content.text("/", "format", "movimento snapshot");
        content.attribute("/", "format_version", Attribute::Integers(vec![1]));
        content.text("/", "movimento_version", env!("CARGO_PKG_VERSION"));
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
        state::add(&mut content, self);
        content
    }
}
