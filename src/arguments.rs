//! Checks of arrays that a caller hands over.

use crate::error::{Error, Result};

/// Refuses an array of another length.
pub(crate) fn check_length(name: &str, given: usize, accepted: usize) -> Result<()> {
    if given == accepted {
        Ok(())
    } else {
        Err(Error::argument(format!(
            "`{name}` has {given} entries; accepted is {accepted}"
        )))
    }
}

/// Refuses an array that is not of whole points `[n][d]`, or holds what is not finite; returns n.
pub(crate) fn check_points(name: &str, points: &[f64], d: usize) -> Result<usize> {
    if !points.len().is_multiple_of(d) {
        return Err(Error::argument(format!(
            "`{name}` has {} entries; accepted is a multiple of `dimension` = {d}",
            points.len()
        )));
    }
    if let Some(index) = points.iter().position(|v| !v.is_finite()) {
        let (point, component) = (index / d, index % d);
        return Err(Error::argument(format!(
            "`{name}` holds {} at entry {index} (point {point}, component {component}, counted from 0); \
             accepted are finite numbers",
            points[index]
        )));
    }
    Ok(points.len() / d)
}
