//! Values of fields on a grid and at points.

use super::content::count_from_zero;
use super::field::{Field, FieldQuery};
use super::grid::{self, Grid};
use super::layout;
use super::points::{PointSelection, Points};
use super::selection::Selection;
use crate::arguments::{check_length, check_points};
use crate::error::{Error, Result};
use crate::flow::PointValues;
use crate::solver::Solver;

impl FieldQuery {
    /// The values at points `x` (`[n][d]`) into `values` (`[n][components]`); NaN outside the domain.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) without initial condition,
    /// [`Argument`](crate::ErrorKind::Argument) if shapes do not fit or a position is not finite, and
    /// errors of the energies and of functions of the host.
    pub fn evaluate(&self, solver: &Solver, x: &[f64], values: &mut [f64]) -> Result<()> {
        let d = solver.domain().dimension();
        let n = check_points("x", x, d)?;
        let components = self.field(solver).components;
        check_length("values", values.len(), n * components)?;
        let parts = x.chunks(grid::CHUNK * d);
        let places = values.chunks_mut(grid::CHUNK * components);
        for (x, place) in parts.zip(places) {
            let (part, _) = evaluate(solver, std::slice::from_ref(self), x)?;
            place.copy_from_slice(&part.concat());
        }
        Ok(())
    }
}

impl Selection {
    /// The fields on a grid, and of each point 1 where it is outside of the domain; of no point where all are inside.
    pub(super) fn on_grid(
        &self,
        solver: &Solver,
        grid: &Grid,
        queries: &[FieldQuery],
    ) -> Result<(Vec<Field>, Vec<u8>)> {
        let (mut fields, mut outside) = (Vec::new(), Vec::new());
        for query in queries {
            let mut field = query.field(solver);
            field.values = grid.room(field.components)?;
            fields.push(self.described(field));
        }
        grid.visit(|range, x| {
            let (values, inside) = evaluate(solver, queries, x)?;
            if inside.contains(&false) {
                outside.resize(range.start, 0);
                outside.extend(inside.iter().map(|inside| u8::from(!inside)));
            }
            for (field, values) in fields.iter_mut().zip(values) {
                let c = field.components;
                if let Some(place) = field.values.get_mut(range.start * c..range.end * c) {
                    place.copy_from_slice(&values);
                }
            }
            Ok(())
        })?;
        if !outside.is_empty() {
            outside.resize(grid.len(), 0);
        }
        Ok((fields, outside))
    }

    /// The fields at points, where there are some.
    pub(super) fn at_points(
        &self,
        solver: &Solver,
        queries: &[FieldQuery],
    ) -> Result<Option<Points>> {
        let carried = solver.carries_mass();
        let nodes = match &self.points {
            PointSelection::Given(x) if x.is_empty() => None,
            PointSelection::Given(x) if carried => Some(solver.masses_from(x)?),
            PointSelection::Given(x) => return self.at_fixed(solver, queries, x).map(Some),
            PointSelection::Automatic if carried => match self.settings.snapshot_particles {
                None => None,
                Some(n) => Some(solver.masses(n.get())?),
            },
            PointSelection::Automatic => None,
        };
        let Some(nodes) = nodes else {
            return Ok(None);
        };
        let d = solver.domain().dimension();
        let gradient = if !queries.iter().any(FieldQuery::needs_gradient) {
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
        let at = PointValues {
            x: &nodes.x,
            u: &nodes.rho,
            gradient: &gradient,
        };
        let mut fields = Vec::new();
        for query in queries {
            let mut field = query.field(solver);
            field.values = query.values(solver, &at)?;
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

    fn at_fixed(&self, solver: &Solver, queries: &[FieldQuery], x: &[f64]) -> Result<Points> {
        let d = solver.domain().dimension();
        let mut fields: Vec<Field> = queries.iter().map(|query| query.field(solver)).collect();
        for x in x.chunks(grid::CHUNK * d) {
            let (values, _) = evaluate(solver, queries, x)?;
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
}

/// The values of the fields at points `x`, each `[n][components]`, NaN outside the domain; and which points are inside.
fn evaluate(
    solver: &Solver,
    queries: &[FieldQuery],
    x: &[f64],
) -> Result<(Vec<Vec<f64>>, Vec<bool>)> {
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
    let c = solver.components();
    let mut u = vec![0.0; x.len() / d * c];
    let mut gradient = Vec::new();
    if queries.iter().any(FieldQuery::needs_gradient) {
        gradient.resize(x.len() * c, 0.0);
        solver.evaluate(x, &mut u, Some(&mut gradient))?;
    } else {
        solver.evaluate(x, &mut u, None)?;
    }
    let at = PointValues {
        x,
        u: &u,
        gradient: &gradient,
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
    let one = |query: &FieldQuery| {
        let components = query.field(solver).components;
        Ok(spread(query.values(solver, &at)?, components))
    };
    let values = queries.iter().map(one).collect::<Result<_>>()?;
    Ok((values, inside))
}
