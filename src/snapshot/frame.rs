//! What the snapshots of a series have in common: grid, points, fields, figures and how they are
//! stored.

mod difference;

use super::Snapshot;
use super::content::{Kind, printable};
use super::field::Field;
use super::grid::Grid;
use super::layout;
use super::selection::Description;

/// The part that the snapshots of a series have in common.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Frame {
    /// The dimension.
    pub d: usize,
    pub grid: Option<GridFrame>,
    pub points: Option<PointFrame>,
    pub figures: Vec<FigureFrame>,
    /// Of time.
    pub time: Description,
    /// Whether fields and positions are float32.
    pub single: bool,
    /// Their level of deflate.
    pub compression: u8,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct GridFrame {
    /// x first.
    pub axes: Vec<AxisFrame>,
    /// A point of R^d on the grid.
    pub origin: Vec<f64>,
    pub fields: Vec<FieldFrame>,
    /// Of each point 1 where it is outside of the domain; empty where all are inside.
    pub outside: Vec<u8>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct AxisFrame {
    pub name: String,
    pub index: usize,
    pub coordinates: Vec<f64>,
    pub described: Description,
}

impl AxisFrame {
    /// Number of points, the first coordinate and the distance to the next; of one point 1.
    pub fn spacing(&self) -> (usize, f64, f64) {
        let points = self.coordinates.len();
        let first = self.coordinates[0];
        let cells = points - 1;
        let spacing = match cells {
            0 => 1.0,
            _ => (self.coordinates[cells] - first) / cells as f64,
        };
        (points, first, spacing)
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct PointFrame {
    pub ids: Vec<i64>,
    /// The axes of R^d that VTK shows.
    pub axes: Vec<usize>,
    pub described: Description,
    pub fields: Vec<FieldFrame>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct FieldFrame {
    pub name: String,
    pub described: Description,
    pub components: usize,
    pub vector: bool,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct FigureFrame {
    pub name: String,
    pub help: String,
    pub shape: Vec<usize>,
}

impl FieldFrame {
    fn of(field: &Field) -> Self {
        Self {
            name: field.name.clone(),
            // As it is read back.
            described: Description {
                long_name: printable(&field.long_name),
                units: printable(&field.units),
            },
            components: field.components,
            vector: field.vector,
        }
    }

    /// The shape of the array at points of this shape.
    pub fn shape(&self, points: &[usize]) -> Vec<usize> {
        let mut shape = points.to_vec();
        if self.components > 1 || self.vector {
            shape.push(self.components);
        }
        shape
    }
}

impl GridFrame {
    /// The grid itself.
    pub fn grid(&self) -> Grid {
        let axes = self.axes.iter();
        let axes: Vec<_> = axes
            .map(|axis| (axis.index, axis.coordinates.clone()))
            .collect();
        Grid::again(&axes, &self.origin)
    }

    /// The shape of a scalar field: (nz, ny, nx).
    pub fn shape(&self) -> Vec<usize> {
        let sizes = self.axes.iter().map(|axis| axis.coordinates.len());
        sizes.rev().collect()
    }
}

impl Frame {
    /// Returns the frame of a snapshot.
    pub fn of(snapshot: &Snapshot) -> Self {
        let described = |name: &str, long_name: String| match snapshot.described.get(name) {
            Some(found) => Description {
                long_name: printable(&found.long_name),
                units: printable(&found.units),
            },
            None => Description {
                long_name,
                units: String::new(),
            },
        };
        let d = match (&snapshot.grid, &snapshot.points) {
            (Some(grid), _) => grid.origin().len(),
            (None, Some(points)) => points.position.len() / points.len().max(1),
            (None, None) => 0,
        };
        let grid = snapshot.grid.as_ref().map(|grid| GridFrame {
            axes: grid
                .axes()
                .iter()
                .map(|axis| AxisFrame {
                    name: axis.name.to_owned(),
                    index: axis.index,
                    coordinates: axis.coordinates.clone(),
                    described: described(axis.name, axis_name(axis.name, axis.index)),
                })
                .collect(),
            origin: grid.origin().to_vec(),
            fields: snapshot.fields.iter().map(FieldFrame::of).collect(),
            outside: snapshot.outside.clone(),
        });
        let points = snapshot.points.as_ref().map(|points| PointFrame {
            ids: points.ids.clone(),
            axes: points.axes.clone(),
            described: described("position", "position".to_owned()),
            fields: points.fields.iter().map(FieldFrame::of).collect(),
        });
        let figures = snapshot.figures.iter().map(|figure| FigureFrame {
            name: figure.name.to_owned(),
            help: printable(&figure.help),
            shape: figure.shape.clone(),
        });
        Self {
            d,
            grid,
            points,
            figures: figures.collect(),
            time: described("t", "time".to_owned()),
            single: snapshot.single,
            compression: snapshot.compression,
        }
    }

    /// Returns the frame without the grid.
    pub fn of_points_alone(&self) -> Self {
        Self {
            grid: None,
            ..self.clone()
        }
    }

    /// The kind of fields and positions.
    pub const fn kind(&self) -> Kind {
        if self.single {
            Kind::Single
        } else {
            Kind::Real
        }
    }

    /// The group by which VTK reads the points.
    pub const fn point_group(&self) -> &'static str {
        if self.grid.is_some() {
            layout::VTKHDF_POINTS
        } else {
            layout::VTKHDF
        }
    }

    /// Whether an array has the components of a vector in R^d.
    pub fn has_vectors(&self) -> bool {
        let of_grid = self.grid.iter().flat_map(|grid| &grid.fields);
        self.points.is_some() || of_grid.into_iter().any(|field| field.vector)
    }
}

/// What an axis of the grid is called: by its own name where it is that axis of R^d.
fn axis_name(name: &str, index: usize) -> String {
    match ["x", "y", "z"].get(index) {
        Some(own) if *own == name => name.to_owned(),
        _ => format!("coordinate {index}"),
    }
}
