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

/// Refuses an array of another length, or one that holds what is not finite.
pub(crate) fn check_shape(name: &str, array: &[f64], length: usize) -> Result<()> {
    check_length(name, array.len(), length)?;
    match array.iter().position(|v| !v.is_finite()) {
        Some(index) => Err(Error::argument(format!(
            "`{name}` holds {} at index {index}; accepted are finite numbers",
            array[index]
        ))),
        None => Ok(()),
    }
}
