//! The group `/VTKHDF`, by which VTK and ParaView open a snapshot as an image.

use super::Snapshot;
use super::content::{Attribute, Content};

/// Adds the group; its fields are hard links to those of the root.
pub(super) fn add(content: &mut Content<'_>, snapshot: &Snapshot<'_>) {
    // VTK's images have three axes; the missing ones have one point, at 0.
    let (mut extent, mut origin, mut spacing) = (vec![0_i64; 6], vec![0.0; 3], vec![1.0; 3]);
    let slots = extent.chunks_mut(2).zip(&mut origin).zip(&mut spacing);
    for (axis, ((extent, origin), spacing)) in snapshot.grid.axes().iter().zip(slots) {
        if let [_, last] = extent {
            *last = i64::try_from(axis.coordinates.len()).unwrap_or(i64::MAX) - 1;
        }
        *origin = axis.first();
        *spacing = axis.spacing();
    }
    let at = "/VTKHDF";
    content.group(at);
    content.attribute(at, "Version", Attribute::Integers(vec![2, 0]));
    content.text(at, "Type", "ImageData");
    content.attribute(at, "WholeExtent", Attribute::Integers(extent));
    content.attribute(at, "Origin", Attribute::Reals(origin));
    content.attribute(at, "Spacing", Attribute::Reals(spacing));
    let direction = vec![1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0];
    content.attribute(at, "Direction", Attribute::Reals(direction));
    content.group("/VTKHDF/PointData");
    for field in &snapshot.fields {
        let name = &field.name;
        content.link(&format!("/{name}"), &format!("/VTKHDF/PointData/{name}"));
    }
}
