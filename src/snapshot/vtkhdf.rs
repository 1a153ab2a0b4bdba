//! The groups by which VTK and ParaView open a file: VTKHDF 2.0, an image of the grid and polygonal data of
//! the points, static with one step and temporal with more.
//!
//! Their arrays are other names of those for everyone else, or show them in the shape that VTK wants:
//! vectors have three components, and the points of all steps follow each other. Points of a grid that are outside of
//! the domain are hidden by `vtkGhostType`, 2 there and else 0: filters make no cells of them.

use super::content::{Attribute, Block, Content, Kind, Piece, Values, count_from_zero, int64};
use super::frame::{FieldFrame, Frame, GridFrame, PointFrame};
use super::layout;

/// Which points of a grid are outside of the domain: once, for all steps.
pub(super) const OUTSIDE: &str = "/VTKHDF/outside";
/// The name by which VTK knows which points to hide, and the number of those.
pub(super) const GHOSTS: &str = "vtkGhostType";
const HIDDEN: u8 = 2;

/// Adds an image of the grid.
pub(super) fn add_image(
    content: &mut Content<'_>,
    at: &str,
    frame: &Frame,
    grid: &GridFrame,
    times: &[f64],
) {
    // VTK's images have three axes; the missing ones have one point, at 0.
    let (mut extent, mut origin, mut spacing) = (vec![0_i64; 6], vec![0.0; 3], vec![1.0; 3]);
    let slots = extent.chunks_mut(2).zip(&mut origin).zip(&mut spacing);
    for (axis, ((extent, origin), spacing)) in grid.axes.iter().zip(slots) {
        let points;
        (points, *origin, *spacing) = axis.spacing();
        extent[1] = int64(points - 1);
    }
    add_head(content, at, "ImageData");
    content.attribute(at, "WholeExtent", Attribute::Integers(extent));
    content.attribute(at, "Origin", Attribute::Reals(origin));
    content.attribute(at, "Spacing", Attribute::Reals(spacing));
    let direction = vec![1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0];
    content.attribute(at, "Direction", Attribute::Reals(direction));
    content.group(&format!("{at}/PointData"));
    let steps = steps(times);
    let shape = [steps.as_slice(), &grid.shape()].concat();
    let shown: Vec<usize> = grid.axes.iter().map(|axis| axis.index).collect();
    for field in &grid.fields {
        let to = format!("{at}/PointData/{}", field.name);
        show(
            content,
            (field, frame.kind()),
            ("", &to),
            (&shape, &shape),
            &shown,
        );
    }
    if !grid.outside.is_empty() {
        add_ghosts(content, at, grid, times.len());
    }
    if !steps.is_empty() {
        add_steps(content, at, times);
    }
}

/// Hides what is outside of the domain.
fn add_ghosts(content: &mut Content<'_>, at: &str, grid: &GridFrame, count: usize) {
    let shape = grid.shape();
    let outside = Values::Bytes(grid.outside.clone().into());
    content.array(OUTSIDE, &shape, outside);
    let to = format!("{at}/PointData/{GHOSTS}");
    let hidden: Vec<u8> = grid.outside.iter().map(|it| HIDDEN * it).collect();
    if count == 1 {
        content.array(&to, &shape, Values::Bytes(hidden.into()));
        return;
    }
    let one = format!("{at}/hidden");
    content.array(&one, &shape, Values::Bytes(hidden.into()));
    let pieces = (0..count).map(|step| Piece {
        file: ".".to_owned(),
        array: one.clone(),
        shape: shape.clone(),
        from: Block::whole(&shape),
        to: Block::step(step, &shape),
    });
    let pieces = Values::Virtual {
        kind: Kind::Byte,
        fill: 0.0,
        pieces: pieces.collect(),
    };
    content.array(&to, &[&[count], shape.as_slice()].concat(), pieces);
}

/// Adds the points as vertices.
pub(super) fn add_points(
    content: &mut Content<'_>,
    at: &str,
    frame: &Frame,
    points: &PointFrame,
    times: &[f64],
) {
    let n = points.ids.len();
    let steps = steps(times);
    let count = times.len();
    let each = |value: usize, count: usize| vec![int64(value); count];
    add_head(content, at, "PolyData");
    content.integers(&format!("{at}/NumberOfPoints"), each(n, 1));
    // The points of all steps follow each other; the vertices, the one part, are the same in all.
    for (name, cells) in [
        ("Vertices", n),
        ("Lines", 0),
        ("Polygons", 0),
        ("Strips", 0),
    ] {
        let at = format!("{at}/{name}");
        content.group(&at);
        content.integers(&format!("{at}/NumberOfCells"), each(cells, 1));
        content.integers(&format!("{at}/NumberOfConnectivityIds"), each(cells, 1));
        let offsets: Vec<i64> = count_from_zero(cells + 1);
        // An empty array is an error to some readers: there is one entry that counts for nothing.
        let connectivity: Vec<i64> = count_from_zero(cells.max(1));
        content.integers(&format!("{at}/Offsets"), offsets);
        content.integers(&format!("{at}/Connectivity"), connectivity);
    }
    let shape = [steps.as_slice(), &[n]].concat();
    let flat = [count * n];
    let position = FieldFrame {
        name: layout::name_of(layout::POSITION).to_owned(),
        components: frame.d,
        vector: true,
        ..FieldFrame::default()
    };
    let to = format!("{at}/Points");
    let kind = frame.kind();
    let from = layout::POINTS;
    show(
        content,
        (&position, kind),
        (from, &to),
        (&shape, &flat),
        &points.axes,
    );
    content.group(&format!("{at}/PointData"));
    content.link(layout::ID, &format!("{at}/PointData/id"));
    for field in &points.fields {
        let to = format!("{at}/PointData/{}", field.name);
        show(
            content,
            (field, kind),
            (from, &to),
            (&shape, &flat),
            &points.axes,
        );
    }
    if steps.is_empty() {
        return;
    }
    add_steps(content, at, times);
    let at = format!("{at}/Steps");
    let first: Vec<i64> = (0..count).map(|step| int64(step * n)).collect();
    content.integers(&format!("{at}/PartOffsets"), each(0, count));
    content.integers(&format!("{at}/NumberOfParts"), each(1, count));
    content.integers(&format!("{at}/PointOffsets"), first.clone());
    for name in ["CellOffsets", "ConnectivityIdOffsets"] {
        let zeros = Values::Integers(vec![0; 4 * count].into());
        content.array(&format!("{at}/{name}"), &[count, 4], zeros);
    }
    content.group(&format!("{at}/PointDataOffsets"));
    content.integers(&format!("{at}/PointDataOffsets/id"), each(0, count));
    for field in &points.fields {
        content.integers(
            &format!("{at}/PointDataOffsets/{}", field.name),
            first.clone(),
        );
    }
}

/// Shows an array of the group `from` as `to`, its points of shape `ours` as ones of shape `theirs`, and of
/// a vector the components along the axes that are shown.
fn show(
    content: &mut Content<'_>,
    (field, kind): (&FieldFrame, Kind),
    (from, to): (&str, &str),
    (ours, theirs): (&[usize], &[usize]),
    axes: &[usize],
) {
    let array = format!("{from}/{}", field.name);
    let whole = !field.vector || (field.components == 3 && axes == [0, 1, 2]);
    // The scales of the points are not in a group above those of VTK, where netCDF looks for them.
    if whole && ours == theirs && from.is_empty() {
        content.link(&array, to);
        return;
    }
    let source = field.shape(ours);
    let shape = if field.vector {
        [theirs, &[3]].concat()
    } else {
        field.shape(theirs)
    };
    let piece = |from: Block, to: Block| Piece {
        file: ".".to_owned(),
        array: array.clone(),
        shape: source.clone(),
        from,
        to,
    };
    let pieces = if whole {
        vec![piece(Block::whole(&source), Block::whole(&shape))]
    } else {
        let component = |points: &[usize], number: usize| Block {
            start: [&vec![0; points.len()], [number].as_slice()].concat(),
            size: [points, &[1]].concat(),
        };
        let axes = axes.iter().enumerate();
        let pairs = axes.map(|(to, from)| (component(ours, *from), component(theirs, to)));
        pairs.map(|(from, to)| piece(from, to)).collect()
    };
    content.array(
        to,
        &shape,
        Values::Virtual {
            kind,
            fill: 0.0,
            pieces,
        },
    );
}

fn add_head(content: &mut Content<'_>, at: &str, kind: &str) {
    content.group(at);
    content.attribute(at, "Version", Attribute::integers([2, 0]));
    content.text(at, "Type", kind);
}

/// The times; a second copy, as a hard link to the scale breaks h5netcdf.
fn add_steps(content: &mut Content<'_>, at: &str, times: &[f64]) {
    let at = format!("{at}/Steps");
    content.group(&at);
    content.attribute(&at, "NSteps", Attribute::integers([times.len()]));
    content.reals(&format!("{at}/Values"), &[times.len()], times.to_vec());
}

/// The axis of time, which one step has not.
fn steps(times: &[f64]) -> Vec<usize> {
    if times.len() > 1 {
        vec![times.len()]
    } else {
        Vec::new()
    }
}
