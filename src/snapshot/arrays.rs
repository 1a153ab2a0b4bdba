//! Arrays that hold what a frame describes: of one snapshot, or, with an axis of time before the
//! others, of all of a series.

use super::content::{Attribute, Content, Packing, Values, count_from_zero};
use super::frame::{FieldFrame, Frame, GridFrame, PointFrame};
use super::layout;
use super::selection::Description;
use super::vtkhdf;
use std::collections::BTreeMap;

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

impl Frame {
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
        content.attribute("/", "dimension", Attribute::integers([self.d]));
        content.attribute(
            "/",
            "compression",
            Attribute::integers([self.compression.into()]),
        );
        content.reals(layout::T, &[times.len()], times.to_vec());
        describe(content, layout::T, &self.time);
        content.text(layout::T, "axis", "T");
        content.text("/", "Conventions", "CF-1.8");
        content.scale(layout::T, layout::name_of(layout::T));
        if self.has_vectors() {
            content.integers(layout::AXIS, count_from_zero(self.d));
            content.text(layout::AXIS, "long_name", "axis of a vector's component");
            content.scale(layout::AXIS, layout::name_of(layout::AXIS));
        }
        if let Some(grid) = &self.grid {
            self.add_grid(content, grid, &steps, values);
            vtkhdf::add_image(content, layout::VTKHDF, self, grid, times);
        }
        if let Some(points) = &self.points {
            self.add_points(content, points, &steps, values);
            vtkhdf::add_points(content, self.point_group(), self, points, times);
        }
        self.add_figures(content, times.len(), values);
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
        let mut scales: Vec<String> = steps.iter().map(|_| layout::T.to_owned()).collect();
        for axis in &grid.axes {
            let path = format!("/{}", axis.name);
            content.reals(&path, &[axis.coordinates.len()], axis.coordinates.clone());
            content.attribute(&path, "coordinate", Attribute::integers([axis.index]));
            content.text(&path, "axis", &axis.name.to_ascii_uppercase());
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
        content.group(layout::POINTS);
        let names: Vec<String> = points
            .fields
            .iter()
            .map(|field| field.name.clone())
            .collect();
        if !names.is_empty() {
            content.attribute(layout::POINTS, "fields", Attribute::Texts(names));
        }
        content.attribute(
            layout::POINTS,
            "axes",
            Attribute::integers(points.axes.iter().copied()),
        );
        content.integers(layout::ID, points.ids.clone());
        content.text(
            layout::ID,
            "long_name",
            "number of the point, the same in every snapshot",
        );
        content.scale(layout::ID, layout::name_of(layout::ID));
        let mut scales: Vec<String> = steps.iter().map(|_| layout::T.to_owned()).collect();
        scales.push(layout::ID.to_owned());
        let shape = [steps, &[points.ids.len()]].concat();
        let position = FieldFrame {
            name: layout::name_of(layout::POSITION).to_owned(),
            described: points.described.clone(),
            components: self.d,
            vector: true,
        };
        let array = (Which::Position, layout::POINTS, &position);
        self.add_field(content, array, (&shape, steps), &scales, values);
        for (number, field) in points.fields.iter().enumerate() {
            let array = (Which::PointField(number), layout::POINTS, field);
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
            scales.push(layout::AXIS.to_owned());
        } else if field.components > 1 {
            let axis = layout::component_scale(&path);
            let name = layout::component_scale(&field.name);
            content.integers(&axis, count_from_zero(field.components));
            content.scale(&axis, &name);
            scales.push(axis);
        }
        let mut packing = Packing {
            deflate: self.compression,
            ..Packing::default()
        };
        if !steps.is_empty() {
            // A step is read at a time.
            packing.chunk = Packing::chunk(&shape[1..], self.kind());
            packing.chunk.insert(0, 1);
        }
        let numbers = values(which, &path, &shape);
        content.packed(&path, &shape, numbers, packing);
        describe(content, &path, &field.described);
        if field.vector {
            content.attribute(&path, "vector", Attribute::integers([1]));
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
        content.group(layout::SERIES);
        let names = self.figures.iter().map(|figure| figure.name.clone());
        content.attribute(layout::SERIES, "figures", Attribute::Texts(names.collect()));
        // Two axes of one array have different scales, or xarray takes them for one.
        let mut scales: BTreeMap<(usize, usize), String> = BTreeMap::new();
        for (number, figure) in self.figures.iter().enumerate() {
            let path = format!("{}/{}", layout::SERIES, figure.name);
            let shape = [&[steps], figure.shape.as_slice()].concat();
            let mut axes = vec![layout::T.to_owned()];
            for (place, len) in figure.shape.iter().enumerate() {
                let next = scales.len();
                let scale = scales.entry((place, *len)).or_insert_with(|| {
                    let name = layout::figure_scale(next);
                    let path = format!("{}/{name}", layout::SERIES);
                    content.integers(&path, count_from_zero(*len));
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
