//! What snapshots show of a solver: which fields, on which grid and at which points.

use super::Snapshot;
use super::content::count_from_zero;
use super::field::{Field, Sample, Shown};
use super::grid::{self, Grid};
use super::layout;
use super::points::{Choice, Points};
use super::series;
use crate::domain::Shape;
use crate::error::{Error, Result};
use crate::options::{SnapshotSettings, StoredPrecision};
use crate::solver::{Measured, Solver};
use std::collections::BTreeMap;

/// Half the automatic box of a density on R^d, in standard deviations.
const DEVIATIONS: f64 = 5.0;

/// What snapshots show.
#[derive(Clone, Debug)]
pub struct Show {
    /// The options `snapshot_*`.
    settings: SnapshotSettings,
    /// None are those that the flow has by default.
    fields: Option<Vec<Shown>>,
    points: Choice,
    /// Long names and units by name.
    described: BTreeMap<String, Description>,
    /// The grid of the first snapshot is that of the others.
    grid: Option<Grid>,
}

/// What is said of an array.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// One line, in ASCII.
    pub long_name: String,
    /// Its unit, in ASCII; may be empty.
    pub units: String,
}

impl Show {
    /// What snapshots show where nothing else is asked for: u of an L2 flow, and the density and masses of
    /// a flow in Wasserstein space, as the settings say.
    #[must_use]
    pub fn new(settings: &SnapshotSettings) -> Self {
        Self {
            settings: settings.clone(),
            fields: None,
            points: Choice::Automatic,
            described: BTreeMap::new(),
            grid: None,
        }
    }

    /// Shows a field; the first one replaces those that are shown by default.
    ///
    /// # Errors
    /// [`Argument`](crate::ErrorKind::Argument) if there is one of that name, or it is that by which
    /// the components of another are numbered.
    pub fn add(&mut self, field: Shown) -> Result<()> {
        let all = self.fields.iter().flatten().chain([&field]);
        let names = all.map(|it| (it.name.as_str(), it.may_have_component_scale()));
        layout::check_distinct(&names.collect::<Vec<_>>())?;
        self.fields.get_or_insert_default().push(field);
        Ok(())
    }

    /// Shows the fields at points `x` (`[n][d]`) too, which a transport map carries along; none if there are
    /// no points.
    ///
    /// # Errors
    /// [`Argument`](crate::ErrorKind::Argument) if a position is not finite.
    pub fn set_points(&mut self, x: &[f64]) -> Result<()> {
        if let Some(bad) = x.iter().find(|x| !x.is_finite()) {
            return Err(Error::argument(format!(
                "`x` holds {bad}; accepted are finite numbers"
            )));
        }
        self.points = Choice::Given(x.to_vec());
        Ok(())
    }

    /// Says what a field or a coordinate (`t`, `x`, `y`, `z`, `position`) is, and in which unit.
    ///
    /// # Errors
    /// [`Argument`](crate::ErrorKind::Argument) if there is none of that name.
    pub fn describe(&mut self, name: &str, long_name: &str, units: &str) -> Result<()> {
        if !["t", "x", "y", "z", "position", "mass"].contains(&name) {
            layout::check_name(name)?;
            let known = self.fields.iter().flatten().any(|field| field.name == name);
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

    /// What the solver is at.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) without initial condition,
    /// [`Option`](crate::ErrorKind::Option) if options do not fit, [`Memory`](crate::ErrorKind::Memory) if the
    /// grid does not fit into memory, and whatever evaluating the solver raises.
    pub fn snapshot(&mut self, solver: &Solver) -> Result<Snapshot> {
        self.snapshot_of(solver, solver.measure()?)
    }

    /// The same with what was measured: only that takes all ranks.
    pub(super) fn snapshot_of(&mut self, solver: &Solver, measured: Measured) -> Result<Snapshot> {
        let shown = match &self.fields {
            Some(fields) => fields.clone(),
            None => vec![Shown::default_of(solver)?],
        };
        let grid = if solver.is_known_everywhere() {
            match &self.grid {
                Some(grid) => Some(grid.clone()),
                None => self.first_grid(solver, &measured)?,
            }
        } else {
            None
        };
        let mut fields = Vec::new();
        if let Some(grid) = &grid {
            fields = self.on_grid(solver, grid, &shown)?;
        }
        let points = self.at_points(solver, &shown)?;
        if grid.is_none() && points.is_none() {
            return Err(Error::state(
                "there is nothing to show: the option `snapshot_resolution` leaves the grid out, or the \
                 flow began with particles, and there are no points",
            ));
        }
        self.grid.clone_from(&grid);
        let figures = series::figures(solver, &measured)?;
        Ok(Snapshot {
            time: solver.time(),
            grid,
            fields,
            points,
            figures,
            described: self.described.clone(),
            single: self.settings.snapshot_precision == StoredPrecision::Single,
            compression: self.settings.snapshot_compression,
            state: solver.saved(measured.energies)?,
        })
    }

    fn first_grid(&self, solver: &Solver, measured: &Measured) -> Result<Option<Grid>> {
        let domain = solver.domain();
        let (mut lower, mut upper) = (domain.lower().to_vec(), domain.upper().to_vec());
        let untouched = lower.iter().all(|x| *x == 0.0) && upper.iter().all(|x| *x == 1.0);
        if let (Shape::Space, true, Some(moments)) = (domain.shape(), untouched, &measured.moments)
        {
            let d = lower.len();
            let variances = moments.covariance.iter().step_by(d + 1);
            for (axis, (mean, variance)) in moments.mean.iter().zip(variances).enumerate() {
                let side = DEVIATIONS * variance.max(0.0).sqrt();
                // Mass at one place has no width of its own.
                let side = if side > 0.0 { side } else { 1.0 };
                if let (Some(lower), Some(upper)) = (lower.get_mut(axis), upper.get_mut(axis)) {
                    (*lower, *upper) = (mean - side, mean + side);
                }
            }
        }
        Grid::from_settings(&self.settings, &lower, &upper)
    }

    fn on_grid(&self, solver: &Solver, grid: &Grid, shown: &[Shown]) -> Result<Vec<Field>> {
        let mut fields = Vec::new();
        for one in shown {
            let mut field = one.field(solver);
            field.values = grid.room(field.components)?;
            fields.push(self.described(field));
        }
        grid.visit(|range, x| {
            let values = evaluate(solver, shown, x)?;
            for (field, values) in fields.iter_mut().zip(values) {
                let c = field.components;
                if let Some(place) = field.values.get_mut(range.start * c..range.end * c) {
                    place.copy_from_slice(&values);
                }
            }
            Ok(())
        })?;
        Ok(fields)
    }

    fn at_points(&self, solver: &Solver, shown: &[Shown]) -> Result<Option<Points>> {
        let carried = solver.carries_mass();
        let nodes = match &self.points {
            Choice::Given(x) if x.is_empty() => None,
            Choice::Given(x) if carried => Some(solver.masses_from(x)?),
            Choice::Given(x) => return self.at_fixed(solver, shown, x).map(Some),
            Choice::Automatic if carried => match self.settings.snapshot_particles {
                None => None,
                Some(n) => Some(solver.masses(n.get())?),
            },
            Choice::Automatic => None,
        };
        let Some(nodes) = nodes else {
            return Ok(None);
        };
        let d = solver.domain().dimension();
        let slope = if shown.iter().all(|one| !one.needs_slope()) {
            Vec::new()
        } else if nodes.score.is_empty() {
            return Err(Error::state(
                "the score grad ln rho of the particles is not known, which gradients, velocities and \
                 densities of energy need; give it with the particles, or show other fields",
            ));
        } else {
            let points = nodes.score.chunks_exact(d).zip(&nodes.rho);
            points
                .flat_map(|(s, rho)| s.iter().map(move |s| s * rho))
                .collect()
        };
        let sample = Sample {
            x: &nodes.x,
            u: &nodes.rho,
            slope: &slope,
        };
        let mut fields = Vec::new();
        for one in shown {
            let mut field = one.field(solver);
            field.values = one.evaluate(solver, &sample)?;
            fields.push(self.described(field));
        }
        // Of points of the host no masses are known.
        if nodes.w.iter().any(|w| *w > 0.0) {
            fields.push(self.described(Field {
                name: layout::name_of(layout::MASS).to_owned(),
                long_name: "mass of the particle".to_owned(),
                components: 1,
                values: nodes.w,
                ..Field::default()
            }));
        }
        self.points_at(solver, nodes.x, fields).map(Some)
    }

    fn at_fixed(&self, solver: &Solver, shown: &[Shown], x: &[f64]) -> Result<Points> {
        let d = solver.domain().dimension();
        let mut fields: Vec<Field> = shown.iter().map(|one| one.field(solver)).collect();
        for x in x.chunks(grid::CHUNK * d) {
            let values = evaluate(solver, shown, x)?;
            for (field, values) in fields.iter_mut().zip(values) {
                field.values.extend(values);
            }
        }
        let fields = fields.into_iter().map(|field| self.described(field));
        self.points_at(solver, x.to_vec(), fields.collect())
    }

    fn points_at(&self, solver: &Solver, position: Vec<f64>, fields: Vec<Field>) -> Result<Points> {
        let d = solver.domain().dimension();
        let n = position.len() / d;
        Ok(Points {
            position,
            ids: count_from_zero(n),
            axes: grid::axes(&self.settings.snapshot_axes, d, 3)?,
            fields,
        })
    }

    fn described(&self, mut field: Field) -> Field {
        if let Some(Description { long_name, units }) = self.described.get(&field.name) {
            field.long_name.clone_from(long_name);
            field.units.clone_from(units);
        }
        field
    }
}

/// The values of the fields at points `x`, each `[n][components]`; NaN outside the domain.
fn evaluate(solver: &Solver, shown: &[Shown], x: &[f64]) -> Result<Vec<Vec<f64>>> {
    let domain = solver.domain();
    let d = domain.dimension();
    let mut inside = vec![true; x.len() / d];
    domain.contains(x, &mut inside)?;
    let whole = inside.iter().all(|inside| *inside);
    let kept: Vec<f64>;
    let x = if whole {
        x
    } else {
        let points = x.chunks_exact(d).zip(&inside);
        kept = points
            .filter(|(_, inside)| **inside)
            .flat_map(|(x, _)| x)
            .copied()
            .collect();
        &kept
    };
    let mut u = vec![0.0; x.len() / d];
    let mut slope = Vec::new();
    if shown.iter().any(Shown::needs_slope) {
        slope.resize(x.len(), 0.0);
        solver.evaluate(x, &mut u, Some(&mut slope))?;
    } else {
        solver.evaluate(x, &mut u, None)?;
    }
    let sample = Sample {
        x,
        u: &u,
        slope: &slope,
    };
    let spread = |values: Vec<f64>, components: usize| {
        if whole {
            return values;
        }
        let mut all = vec![f64::NAN; inside.len() * components];
        let places = all.chunks_exact_mut(components).zip(&inside);
        let places = places.filter(|(_, inside)| **inside);
        for ((place, _), values) in places.zip(values.chunks_exact(components)) {
            place.copy_from_slice(values);
        }
        all
    };
    let one = |one: &Shown| {
        let components = one.field(solver).components;
        Ok(spread(one.evaluate(solver, &sample)?, components))
    };
    shown.iter().map(one).collect()
}
