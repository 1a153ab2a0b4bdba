//! The selection of what snapshots show of a solver: which fields, on which grid, at which points.

use super::Snapshot;
use super::field::{Field, FieldQuery};
use super::grid::{self, Grid};
use super::layout;
use super::points::PointSelection;
use super::series;
use crate::arguments::check_points;
use crate::arguments::require_room;
use crate::error::{Error, Result};
use crate::options::{SnapshotSettings, StoredPrecision};
use crate::solver::{Measured, Solver};
use std::collections::BTreeMap;

/// A selection of fields, grid and points, with descriptions.
#[derive(Clone, Debug)]
pub struct Selection {
    /// The options `snapshot_*`.
    pub(super) settings: SnapshotSettings,
    /// `None` is the field that the flow has by default.
    fields: Option<Vec<FieldQuery>>,
    pub(super) points: PointSelection,
    /// Long names and units by name.
    described: BTreeMap<String, Description>,
    /// The grid of the first snapshot is that of the others.
    grid: Option<Grid>,
}

/// Long name and unit of an array.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// One line, in ASCII.
    pub long_name: String,
    /// Its unit, in ASCII; may be empty.
    pub units: String,
}

impl Selection {
    /// The selection where nothing else is asked for: the first field of the flow and, of a flow of
    /// transport maps, masses that it carries along, as the settings say.
    #[must_use]
    pub fn new(settings: &SnapshotSettings) -> Self {
        Self {
            settings: settings.clone(),
            fields: None,
            points: PointSelection::Automatic,
            described: BTreeMap::new(),
            grid: None,
        }
    }

    /// Shows a field; the first one replaces those that are shown by default.
    ///
    /// # Errors
    /// [`Argument`](crate::ErrorKind::Argument) if there is one of that name, or it is that by which
    /// the components of another are numbered.
    pub fn add(&mut self, field: FieldQuery) -> Result<()> {
        let all = self.fields.iter().flatten().chain([&field]);
        let names = all.map(|it| (it.name(), it.may_have_component_scale()));
        layout::check_distinct(&names.collect::<Vec<_>>())?;
        self.fields.get_or_insert_default().push(field);
        Ok(())
    }

    /// Shows the fields at points `x` (`[n][d]`) too, which a transport map carries along; none if
    /// there are no points.
    ///
    /// # Errors
    /// [`Argument`](crate::ErrorKind::Argument) if they are no points of R^d or a position is not
    /// finite.
    pub fn set_points(&mut self, x: &[f64], d: usize) -> Result<()> {
        let n = check_points("x", x, d)?;
        require_room(n, d)?;
        self.points = PointSelection::Given(x.to_vec());
        Ok(())
    }

    /// Says what a field or a coordinate (`t`, `x`, `y`, `z`, `position`) is, and in which unit.
    ///
    /// # Errors
    /// [`Argument`](crate::ErrorKind::Argument) if there is none of that name.
    pub fn describe(&mut self, name: &str, long_name: &str, units: &str) -> Result<()> {
        if !["t", "x", "y", "z", "position", "mass"].contains(&name) {
            layout::check_name(name)?;
            let known = self
                .fields
                .iter()
                .flatten()
                .any(|field| field.name() == name);
            if self.fields.is_some() && !known {
                return Err(Error::argument(format!(
                    "there is no field `{name}`; accepted are those that were added, and t, x, y, z, \
                     position, mass"
                )));
            }
        }
        let description = Description {
            long_name: long_name.to_owned(),
            units: units.to_owned(),
        };
        self.described.insert(name.to_owned(), description);
        Ok(())
    }

    /// Takes the grid that snapshots have already.
    pub(super) fn set_grid(&mut self, grid: Option<Grid>) {
        self.grid = grid;
    }

    /// A snapshot of the solver as it is now.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) without initial condition,
    /// [`Option`](crate::ErrorKind::Option) if options do not fit,
    /// [`Memory`](crate::ErrorKind::Memory) if the grid does not fit into memory, and errors of
    /// evaluating the solver.
    pub fn snapshot(&mut self, solver: &Solver) -> Result<Snapshot> {
        self.snapshot_of(solver, solver.measure()?)
    }

    /// A snapshot with what was measured, which alone takes all ranks.
    pub(super) fn snapshot_of(&mut self, solver: &Solver, measured: Measured) -> Result<Snapshot> {
        let queries = match &self.fields {
            Some(fields) => fields.clone(),
            None => vec![FieldQuery::by_default(solver)?],
        };
        let grid = if solver.is_known_everywhere() {
            match &self.grid {
                Some(grid) => Some(grid.clone()),
                None => grid::of_solver(solver, &self.settings, measured.moments.as_ref())?,
            }
        } else {
            None
        };
        let (mut fields, mut outside) = (Vec::new(), Vec::new());
        if let Some(grid) = &grid {
            (fields, outside) = self.on_grid(solver, grid, &queries)?;
        }
        let points = self.at_points(solver, &queries)?;
        if grid.is_none() && points.is_none() {
            return Err(Error::state(
                "there is nothing to show: the option `snapshot_resolution` leaves the grid out, or the \
                 flow began with particles, and there are no points; set `snapshot_resolution`, or give the writer points",
            ));
        }
        self.grid.clone_from(&grid);
        let figures = series::figures(solver, &measured)?;
        Ok(Snapshot {
            time: solver.time(),
            grid,
            fields,
            outside,
            points,
            figures,
            described: self.described.clone(),
            single: self.settings.snapshot_precision == StoredPrecision::Single,
            compression: self.settings.snapshot_compression,
            state: solver.saved(&measured)?,
        })
    }

    /// The field with what is said of it.
    pub(super) fn described(&self, mut field: Field) -> Field {
        if let Some(Description { long_name, units }) = self.described.get(&field.name) {
            field.long_name.clone_from(long_name);
            field.units.clone_from(units);
        }
        field
    }
}
