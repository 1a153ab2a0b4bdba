//! Dimension scales, which name the axes of a field for xarray, netCDF and MATLAB. The crate `hdf5` does
//! not bind HDF5's functions for them.

use hdf5::{Dataset, Result};
use std::ffi::{CString, c_char, c_int, c_uint};

unsafe extern "C" {
    fn H5DSset_scale(scale: hdf5_sys::h5i::hid_t, name: *const c_char) -> c_int;
    fn H5DSattach_scale(
        dataset: hdf5_sys::h5i::hid_t,
        scale: hdf5_sys::h5i::hid_t,
        axis: c_uint,
    ) -> c_int;
}

/// Gives an axis of an array its scale.
pub(super) fn attach(array: &Dataset, axis: u32, scale: &Dataset) -> Result<()> {
    // SAFETY: both ids are those of open datasets of one file, and HDF5's lock is held.
    let status = hdf5::sync::sync(|| unsafe { H5DSattach_scale(array.id(), scale.id(), axis) });
    done(status, "a coordinate could not be attached to an array")
}

/// Makes an array a scale.
pub(super) fn make(array: &Dataset, name: &str) -> Result<()> {
    let name = CString::new(name).map_err(|_| "the name of an axis holds a NUL")?;
    // SAFETY: the id is that of an open dataset, the name ends in NUL and outlives the call, which
    // copies it, and HDF5's lock is held.
    let status = hdf5::sync::sync(|| unsafe { H5DSset_scale(array.id(), name.as_ptr()) });
    done(status, "a coordinate could not be made a dimension scale")
}

fn done(status: c_int, failure: &str) -> Result<()> {
    if status < 0 {
        Err(failure.into())
    } else {
        Ok(())
    }
}
