//! The group `/VTKHDF`, by which VTK and ParaView open a snapshot as an image.

use super::Snapshot;
use super::file::{integers, reals, text};
use hdf5::{File, Result};

/// Writes the group; its fields are hard links to those of the root.
pub(super) fn write(file: &File, snapshot: &Snapshot<'_>) -> Result<()> {
    // VTK's images have three axes; the missing ones have one point, at 0.
    let (mut extent, mut origin, mut spacing) = ([0_i64; 6], [0.0; 3], [1.0; 3]);
    let slots = extent.chunks_mut(2).zip(&mut origin).zip(&mut spacing);
    for (axis, ((extent, origin), spacing)) in snapshot.grid.axes().iter().zip(slots) {
        if let [_, last] = extent {
            *last = i64::try_from(axis.coordinates.len()).unwrap_or(i64::MAX) - 1;
        }
        *origin = axis.first();
        *spacing = axis.spacing();
    }
    let group = file.create_group("VTKHDF")?;
    integers(&group, "Version", &[2, 0])?;
    text(&group, "Type", "ImageData")?;
    integers(&group, "WholeExtent", &extent)?;
    reals(&group, "Origin", &origin)?;
    reals(&group, "Spacing", &spacing)?;
    reals(
        &group,
        "Direction",
        &[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0],
    )?;
    group.create_group("PointData")?;
    for field in &snapshot.fields {
        let name = &field.name;
        file.link_hard(&format!("/{name}"), &format!("/VTKHDF/PointData/{name}"))?;
    }
    Ok(())
}
