//! The coordinates as HDF5 dimension scales, which name the axes of a field for xarray, netCDF
//! and MATLAB. The crate `hdf5` does not bind HDF5's functions for them.

use super::Snapshot;
use super::file::{array, text};
use hdf5::{Dataset, File, Result};
use std::ffi::{CString, c_char, c_int, c_uint};

unsafe extern "C" {
    fn H5DSset_scale(scale: hdf5_sys::h5i::hid_t, name: *const c_char) -> c_int;
    fn H5DSattach_scale(
        dataset: hdf5_sys::h5i::hid_t,
        scale: hdf5_sys::h5i::hid_t,
        axis: c_uint,
    ) -> c_int;
}

/// Writes `/t` and the coordinates; returns the scales of a field, the slowest axis first.
pub(super) fn write(file: &File, snapshot: &Snapshot<'_>) -> Result<Vec<Dataset>> {
    let time = array(file, "t", &[1], &[snapshot.time])?;
    text(&time, "long_name", "time")?;
    make_scale(&time, "t")?;
    let axes = snapshot.grid.axes().iter().rev();
    axes.map(|axis| {
        let len = axis.coordinates.len();
        let scale = array(file, axis.name, &[len], &axis.coordinates)?;
        text(&scale, "long_name", &format!("coordinate {}", axis.name))?;
        make_scale(&scale, axis.name)?;
        Ok(scale)
    })
    .collect()
}

/// Attaches a scale to each axis of the field.
pub(super) fn attach(field: &Dataset, scales: &[Dataset]) -> Result<()> {
    for (axis, scale) in (0..).zip(scales) {
        // SAFETY: both ids are those of open datasets of one file, and HDF5's lock is held.
        let status = hdf5::sync::sync(|| unsafe { H5DSattach_scale(field.id(), scale.id(), axis) });
        done(status, "a coordinate could not be attached to the field")?;
    }
    Ok(())
}

fn make_scale(dataset: &Dataset, name: &str) -> Result<()> {
    let name = CString::new(name).map_err(|_| "the name of an axis holds a NUL")?;
    // SAFETY: the id is that of an open dataset, the name ends in NUL and outlives the call, which
    // copies it, and HDF5's lock is held.
    let status = hdf5::sync::sync(|| unsafe { H5DSset_scale(dataset.id(), name.as_ptr()) });
    done(status, "a coordinate could not be made a dimension scale")
}

fn done(status: c_int, failure: &str) -> Result<()> {
    if status < 0 {
        Err(failure.into())
    } else {
        Ok(())
    }
}
