//! Snapshots: one whole HDF5 file for each call, `snap_000000.h5`, `snap_000001.h5`, ...
//!
//! A snapshot is complete in itself: numpy (h5py), xarray, MATLAB and Octave read the root
//! datasets, VTK and ParaView the group `VTKHDF`, and what the solver was doing lies beside them
//! as plain numbers. Numbers are in datasets, text is in fixed-length ASCII attributes only, so
//! that no reader stumbles over a type it does not know.
//!
//! | object | type and shape | content |
//! |---|---|---|
//! | `/` | attributes | `format` = "movimento snapshot", `format_version` (int64), `movimento_version` |
//! | `/t` | float64 (1) | time; dimension scale |
//! | `/x`, `/y`, `/z` | float64 (n) | grid coordinates; dimension scales, as many as the grid has axes |
//! | `/u` | float64 (nz, ny, nx) | the field: `u[k][j][i] = u(x_i, y_j, z_k)`, x fastest; in 2-D (ny, nx), in 1-D (nx) |
//! | `/u_slice` | float64 (ny, nx) | instead of `/u` when d > 3: the field on the plane of the first two axes through the centre of the box, which its attribute `slice_point` (float64, d) names |
//! | `/VTKHDF` | group | static `ImageData` of VTKHDF 2.0; `PointData/u` is the same dataset as `/u` |
//! | `/energy` | `total` float64, `terms` float64 (m) | energy, and energy by term in the order they were added; attribute `names` |
//! | `/report` | scalars | the figures of [`StepReport`]; absent before there is one |
//! | `/fit` | scalars | the figures of [`FitReport`]; absent before there is one |
//! | `/state` | `step` int64, `time`, `tau` float64, `parameters` float64 (P) | where the solver is; the parameters in the layout of the network |
//! | `/restart` | see [`restore()`] | what a solver needs to go on from here to the same bits |
//! | `/options` | numbers as datasets, text as attributes | every option with its value, set or default |
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
#[allow(dead_code)] // the writer of series, which comes next, uses the rest
mod content;
mod grid;
#[allow(dead_code)] // the writer of series, which comes next, uses the rest
mod render;
mod restart;
mod scales;
mod seal;
#[allow(dead_code)] // the writer of series, which comes next, uses the rest
mod stamp;
mod state;
mod vtkhdf;

pub use grid::{Axis, Grid};
pub use restart::restore;

use crate::error::{Error, Result};
use crate::options::Options;
use crate::report::{FitReport, StepReport};
use crate::solver::{Checkpoint, Solver};
use content::{Attribute, Content};
use std::path::Path;

/// A scalar field on the grid of its snapshot.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The name of its dataset: letters, digits and underscores.
    pub name: String,
    /// One line on what it is, in ASCII.
    pub long_name: String,
    /// The values at the grid's points, the first axis fastest.
    pub values: Vec<f64>,
}

/// Everything that one file holds.
#[derive(Clone, Debug)]
pub struct Snapshot<'a> {
    /// Time reached.
    pub time: f64,
    /// Steps taken.
    pub step: u64,
    /// The time step that comes next.
    pub tau: f64,
    /// Where the fields are known.
    pub grid: Grid,
    /// The fields, at least one.
    pub fields: Vec<Field>,
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
    /// What a solver needs to go on from here; a snapshot without it shows fields only.
    pub checkpoint: Option<Checkpoint>,
}

/// Writes a snapshot of the solver into `folder`, which is created if it is not there, and
/// returns its number: one more than the largest in the folder.
///
/// # Errors
/// [`File`](crate::ErrorKind::File) if the folder or the file cannot be written (the message names
/// it), [`Memory`](crate::ErrorKind::Memory) if the grid does not fit into memory, and whatever
/// evaluating the solver raises. The solver is not touched, and nothing is left behind.
pub fn write(solver: &Solver, folder: &Path) -> Result<u64> {
    // A folder that cannot be written is found out before the work is done.
    commit::prepare(folder)?;
    Snapshot::of(solver)?.write(folder)
}

impl<'a> Snapshot<'a> {
    /// What the solver is at, with u on the grid of the option `snapshot_resolution`.
    ///
    /// # Errors
    /// [`Memory`](crate::ErrorKind::Memory) if the grid does not fit into memory, and whatever
    /// evaluating the solver raises.
    pub fn of(solver: &'a Solver) -> Result<Self> {
        let resolution = solver.options().integer("snapshot_resolution")?;
        let grid = Grid::of_box(solver.domain(), usize::try_from(resolution).unwrap_or(2));
        let domain = solver.domain();
        let mut inside = Vec::new();
        let field = grid.sample(|x, u| {
            solver.evaluate(x, u, None)?;
            if domain.is_box() {
                return Ok(());
            }
            inside.resize(u.len(), false);
            domain.contains(x, &mut inside)?;
            let outside = u.iter_mut().zip(&inside).filter(|(_, inside)| !**inside);
            outside.for_each(|(u, _)| *u = f64::NAN);
            Ok(())
        })?;
        let name = if grid.is_slice() { "u_slice" } else { "u" };
        let energies = solver.energies()?;
        let values = energies.clone();
        let names = solver.energy_names();
        Ok(Self {
            time: solver.time(),
            step: solver.steps(),
            tau: solver.tau(),
            fields: vec![Field {
                name: name.to_owned(),
                long_name: "solution of the gradient flow".to_owned(),
                values: field,
            }],
            grid,
            energies: names.into_iter().map(str::to_owned).zip(energies).collect(),
            report: solver.report(),
            fit: solver.fit_report(),
            parameters: solver.parameters(),
            options: solver.options(),
            checkpoint: Some(solver.checkpoint(values)?),
        })
    }

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
        if self.fields.is_empty() {
            return Err(Error::argument("a snapshot needs at least one field"));
        }
        for field in &self.fields {
            let proper = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let taken = ["t", "x", "y", "z"].contains(&field.name.as_str());
            if field.name.is_empty() || !field.name.chars().all(proper) || taken {
                return Err(Error::argument(format!(
                    "a field was named `{}`; accepted are letters, digits and underscores, and not t, x, y, z",
                    field.name.escape_default()
                )));
            }
            if field.values.len() != self.grid.len() {
                return Err(Error::argument(format!(
                    "field `{}` has {} values; the grid has {} points",
                    field.name,
                    field.values.len(),
                    self.grid.len()
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
        content.reals("/t", &[1], vec![self.time]);
        content.text("/t", "long_name", "time");
        content.scale("/t", "t");
        for axis in self.grid.axes() {
            let path = format!("/{}", axis.name);
            let coordinates = axis.coordinates.as_slice();
            content.reals(&path, &[coordinates.len()], coordinates);
            content.text(&path, "long_name", &format!("coordinate {}", axis.name));
            content.scale(&path, axis.name);
        }
        for field in &self.fields {
            let path = format!("/{}", field.name);
            content.reals(&path, &self.grid.shape(), field.values.as_slice());
            content.text(&path, "long_name", &field.long_name);
            if self.grid.is_slice() {
                let point = self.grid.origin().to_vec();
                content.attribute(&path, "slice_point", Attribute::Reals(point));
            }
            let axes = self.grid.axes().iter().rev();
            content.attach(&path, axes.map(|axis| format!("/{}", axis.name)));
        }
        vtkhdf::add(&mut content, self);
        state::add(&mut content, self);
        content
    }
}
