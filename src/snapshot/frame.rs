//! What the snapshots of a series have in common, and the arrays that hold it: of one snapshot, or, with an
//! axis of time before the others, of all.

mod difference;

use super::Snapshot;
use super::content::{Attribute, Content, Kind, Packing, Values, printable};
use super::field::Field;
use super::grid::Grid;
use super::show::Description;
use super::vtkhdf;
use std::collections::BTreeMap;

/// What the snapshots of a series have in common.
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
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct AxisFrame {
    pub name: String,
    pub index: usize,
    pub coordinates: Vec<f64>,
    pub described: Description,
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

/// An array of a series, whose numbers come from elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    /// A field on the grid, by number.
    Field(usize),
    Position,
    /// A field at the points, by number.
    PointField(usize),
    Figure(usize),
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
    /// That of a snapshot.
    pub fn of(snapshot: &Snapshot<'_>) -> Self {
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
                    described: described(axis.name, format!("coordinate {}", axis.index)),
                })
                .collect(),
            origin: grid.origin().to_vec(),
            fields: snapshot.fields.iter().map(FieldFrame::of).collect(),
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

    /// The same without the grid.
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

    /// Adds everything for these times: with one, the arrays have no axis of time. `values` gives the
    /// numbers of an array of the shape that it is told, with its path.
    pub fn add<'a>(
        &self,
        content: &mut Content<'a>,
        times: &[f64],
        values: &mut dyn FnMut(Which, &str, &[usize]) -> Values<'a>,
    ) {
        let steps = if times.len() > 1 {
            vec![times.len()]
        } else {
            Vec::new()
        };
        content.attribute("/", "dimension", integers([self.d]));
        content.attribute("/", "compression", integers([self.compression.into()]));
        content.reals("/t", &[times.len()], times.to_vec());
        describe(content, "/t", &self.time);
        content.scale("/t", "t");
        if self.has_vectors() {
            let axes: Vec<i64> = (0..self.d)
                .filter_map(|axis| i64::try_from(axis).ok())
                .collect();
            content.integers("/axis", axes);
            content.text("/axis", "long_name", "axis of a vector's component");
            content.scale("/axis", "axis");
        }
        if let Some(grid) = &self.grid {
            self.add_grid(content, grid, &steps, values);
            vtkhdf::add_image(content, "/VTKHDF", self, grid, times);
        }
        if let Some(points) = &self.points {
            self.add_points(content, points, &steps, values);
            vtkhdf::add_points(content, self.point_group(), self, points, times);
        }
        self.add_figures(content, times.len(), values);
    }

    /// The group by which VTK reads the points.
    pub const fn point_group(&self) -> &'static str {
        if self.grid.is_some() {
            "/VTKHDF_points"
        } else {
            "/VTKHDF"
        }
    }

    fn has_vectors(&self) -> bool {
        let of_grid = self.grid.iter().flat_map(|grid| &grid.fields);
        self.points.is_some() || of_grid.into_iter().any(|field| field.vector)
    }

    fn add_grid<'a>(
        &self,
        content: &mut Content<'a>,
        grid: &GridFrame,
        steps: &[usize],
        values: &mut dyn FnMut(Which, &str, &[usize]) -> Values<'a>,
    ) {
        let names = grid.fields.iter().map(|field| field.name.clone()).collect();
        content.attribute("/", "fields", Attribute::Texts(names));
        content.attribute("/", "slice_point", Attribute::Reals(grid.origin.clone()));
        let mut scales: Vec<String> = steps.iter().map(|_| "/t".to_owned()).collect();
        for axis in &grid.axes {
            let path = format!("/{}", axis.name);
            content.reals(&path, &[axis.coordinates.len()], axis.coordinates.clone());
            content.attribute(&path, "axis", integers([axis.index]));
            describe(content, &path, &axis.described);
            content.scale(&path, &axis.name);
        }
        scales.extend(grid.axes.iter().rev().map(|axis| format!("/{}", axis.name)));
        let points = [steps, &grid.shape()].concat();
        for (number, field) in grid.fields.iter().enumerate() {
            let array = (Which::Field(number), "", field);
            self.add_field(content, array, (&points, steps), &scales, values);
            if grid.axes.len() < self.d {
                let point = Attribute::Reals(grid.origin.clone());
                content.attribute(&format!("/{}", field.name), "slice_point", point);
            }
        }
    }

    fn add_points<'a>(
        &self,
        content: &mut Content<'a>,
        points: &PointFrame,
        steps: &[usize],
        values: &mut dyn FnMut(Which, &str, &[usize]) -> Values<'a>,
    ) {
        content.group("/points");
        let names: Vec<String> = points
            .fields
            .iter()
            .map(|field| field.name.clone())
            .collect();
        if !names.is_empty() {
            content.attribute("/points", "fields", Attribute::Texts(names));
        }
        content.attribute("/points", "axes", integers(points.axes.iter().copied()));
        content.integers("/points/id", points.ids.clone());
        content.text(
            "/points/id",
            "long_name",
            "number of the point, the same in every snapshot",
        );
        content.scale("/points/id", "id");
        let mut scales: Vec<String> = steps.iter().map(|_| "/t".to_owned()).collect();
        scales.push("/points/id".to_owned());
        let shape = [steps, &[points.ids.len()]].concat();
        let position = FieldFrame {
            name: "position".to_owned(),
            described: points.described.clone(),
            components: self.d,
            vector: true,
        };
        let array = (Which::Position, "/points", &position);
        self.add_field(content, array, (&shape, steps), &scales, values);
        for (number, field) in points.fields.iter().enumerate() {
            let array = (Which::PointField(number), "/points", field);
            self.add_field(content, array, (&shape, steps), &scales, values);
        }
    }

    fn add_field<'a>(
        &self,
        content: &mut Content<'a>,
        (which, group, field): (Which, &str, &FieldFrame),
        (points, steps): (&[usize], &[usize]),
        scales: &[String],
        values: &mut dyn FnMut(Which, &str, &[usize]) -> Values<'a>,
    ) {
        let path = format!("{group}/{}", field.name);
        let shape = field.shape(points);
        let mut scales = scales.to_vec();
        if field.vector {
            scales.push("/axis".to_owned());
        } else if field.components > 1 {
            let axis = format!("{path}_component");
            let name = format!("{}_component", field.name);
            content.integers(&axis, (0..field.components as i64).collect::<Vec<_>>());
            content.scale(&axis, &name);
            scales.push(axis);
        }
        let mut packing = Packing {
            deflate: self.compression,
            ..Packing::default()
        };
        if !steps.is_empty() {
            // A step is read at a time.
            packing.chunk = Packing::chunk(shape.get(1..).unwrap_or_default(), self.kind());
            packing.chunk.insert(0, 1);
        }
        let numbers = values(which, &path, &shape);
        content.packed(&path, &shape, numbers, packing);
        describe(content, &path, &field.described);
        if field.vector {
            content.attribute(&path, "vector", integers([1]));
        }
        content.attach(&path, scales);
    }

    fn add_figures<'a>(
        &self,
        content: &mut Content<'a>,
        steps: usize,
        values: &mut dyn FnMut(Which, &str, &[usize]) -> Values<'a>,
    ) {
        if self.figures.is_empty() {
            return;
        }
        content.group("/series");
        let names = self.figures.iter().map(|figure| figure.name.clone());
        content.attribute("/series", "figures", Attribute::Texts(names.collect()));
        // Two axes of one array have different scales, or xarray takes them for one.
        let mut scales: BTreeMap<(usize, usize), String> = BTreeMap::new();
        for (number, figure) in self.figures.iter().enumerate() {
            let path = format!("/series/{}", figure.name);
            let shape = [&[steps], figure.shape.as_slice()].concat();
            let mut axes = vec!["/t".to_owned()];
            for (place, len) in figure.shape.iter().enumerate() {
                let next = scales.len();
                let scale = scales.entry((place, *len)).or_insert_with(|| {
                    let name = format!("entry_{next}");
                    let path = format!("/series/{name}");
                    content.integers(&path, (0..*len as i64).collect::<Vec<_>>());
                    content.scale(&path, &name);
                    path
                });
                axes.push(scale.clone());
            }
            let numbers = values(Which::Figure(number), &path, &shape);
            content.array(&path, &shape, numbers);
            content.text(&path, "long_name", &figure.help);
            content.attach(&path, axes);
        }
    }
}

fn describe(content: &mut Content<'_>, at: &str, described: &Description) {
    if !described.long_name.is_empty() {
        content.text(at, "long_name", &described.long_name);
    }
    if !described.units.is_empty() {
        content.text(at, "units", &described.units);
    }
}

/// HDF5 readers know int64 better than others.
pub(super) fn integers(values: impl IntoIterator<Item = usize>) -> Attribute {
    let values = values.into_iter();
    Attribute::Integers(
        values
            .map(|v| i64::try_from(v).unwrap_or(i64::MAX))
            .collect(),
    )
}
