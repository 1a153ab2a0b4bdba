//! The index for ParaView before 6.0, which does not read temporal VTKHDF, or shows a step at the time of another: XDMF 2, whose arrays are whole
//! datasets of the snapshots.

use crate::snapshot::commit;
use crate::snapshot::frame::{FieldFrame, Frame};
use crate::snapshot::past::Past;
use crate::snapshot::vtkhdf;
use std::fmt::Write;

/// The grid at all times.
pub(super) fn of_grid(frame: &Frame, past: &[Past]) -> String {
    let Some(grid) = &frame.grid else {
        return String::new();
    };
    // x is the last of three axes; a missing one has one point, at 0.
    let (mut sizes, mut origin, mut spacing) = ([1; 3], [0.0; 3], [1.0; 3]);
    let slots = sizes.iter_mut().zip(&mut origin).zip(&mut spacing).rev();
    for (axis, ((size, origin), spacing)) in grid.axes.iter().zip(slots) {
        (*size, *origin, *spacing) = axis.spacing();
    }
    let [nz, ny, nx] = sizes;
    let dimensions = format!("{nz} {ny} {nx}");
    let triple = |[z, y, x]: [f64; 3]| format!("{z:?} {y:?} {x:?}");
    let real = "NumberType=\"Float\" Precision=\"8\" Format=\"XML\"";
    let mesh = format!(
        "<Topology TopologyType=\"3DCoRectMesh\" Dimensions=\"{dimensions}\"/>\
         <Geometry GeometryType=\"ORIGIN_DXDYDZ\">\
         <DataItem Dimensions=\"3\" {real}>{}</DataItem>\
         <DataItem Dimensions=\"3\" {real}>{}</DataItem></Geometry>",
        triple(origin),
        triple(spacing)
    );
    series(past, |text, file| {
        text.push_str(&mesh);
        for field in &grid.fields {
            attribute(text, frame, field, (&dimensions, file, "/VTKHDF"));
        }
        if !grid.outside.is_empty() {
            let name = vtkhdf::GHOSTS;
            let _ = write!(
                text,
                "<Attribute Name=\"{name}\" AttributeType=\"Scalar\" Center=\"Node\">\
                 <DataItem Dimensions=\"{dimensions}\" NumberType=\"UChar\" Precision=\"1\" Format=\"HDF\">\
                 {file}:/VTKHDF/PointData/{name}</DataItem></Attribute>"
            );
        }
    })
}

/// The points at all times.
pub(super) fn of_points(frame: &Frame, past: &[Past]) -> String {
    let Some(points) = &frame.points else {
        return String::new();
    };
    let n = points.ids.len();
    let dimensions = n.to_string();
    let group = frame.point_group();
    let number = number_type(frame);
    let id = FieldFrame {
        name: "id".to_owned(),
        components: 1,
        ..FieldFrame::default()
    };
    series(past, |text, file| {
        let _ = write!(
            text,
            "<Topology TopologyType=\"Polyvertex\" NumberOfElements=\"{n}\" NodesPerElement=\"1\">\
             <DataItem Dimensions=\"{n}\" NumberType=\"Int\" Precision=\"8\" Format=\"HDF\">\
             {file}:{group}/Vertices/Connectivity</DataItem></Topology>\
             <Geometry GeometryType=\"XYZ\">\
             <DataItem Dimensions=\"{n} 3\" {number} Format=\"HDF\">{file}:{group}/Points</DataItem>\
             </Geometry>"
        );
        for field in &points.fields {
            attribute(text, frame, field, (&dimensions, file, group));
        }
        // Last, as readers colour by the first.
        let _ = write!(
            text,
            "<Attribute Name=\"{0}\" AttributeType=\"Scalar\" Center=\"Node\">\
             <DataItem Dimensions=\"{n}\" NumberType=\"Int\" Precision=\"8\" Format=\"HDF\">\
             {file}:{group}/PointData/{0}</DataItem></Attribute>",
            id.name
        );
    })
}

fn series(past: &[Past], one: impl Fn(&mut String, &str)) -> String {
    let mut text = String::from(
        "<?xml version=\"1.0\" ?>\n<Xdmf Version=\"2.0\"><Domain>\n\
         <Grid Name=\"run\" GridType=\"Collection\" CollectionType=\"Temporal\">\n",
    );
    for past in past {
        // Writing to a text does not fail.
        let _ = write!(
            text,
            "<Grid Name=\"{0}\" GridType=\"Uniform\"><Time Value=\"{1:?}\"/>",
            past.number, past.time
        );
        one(&mut text, &commit::name(past.number));
        text.push_str("</Grid>\n");
    }
    text.push_str("</Grid>\n</Domain></Xdmf>\n");
    text
}

fn attribute(
    text: &mut String,
    frame: &Frame,
    field: &FieldFrame,
    (points, file, group): (&str, &str, &str),
) {
    let (kind, more) = match (field.vector, field.components) {
        (true, _) => ("Vector", " 3".to_owned()),
        (false, 1) => ("Scalar", String::new()),
        (false, components) => ("Matrix", format!(" {components}")),
    };
    let number = number_type(frame);
    let name = &field.name;
    let _ = write!(
        text,
        "<Attribute Name=\"{name}\" AttributeType=\"{kind}\" Center=\"Node\">\
         <DataItem Dimensions=\"{points}{more}\" {number} Format=\"HDF\">\
         {file}:{group}/PointData/{name}</DataItem></Attribute>"
    );
}

const fn number_type(frame: &Frame) -> &'static str {
    if frame.single {
        "NumberType=\"Float\" Precision=\"4\""
    } else {
        "NumberType=\"Float\" Precision=\"8\""
    }
}
