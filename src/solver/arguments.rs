//! What options and arguments say, checked.

use crate::error::{Error, Result};
use crate::options::Options;

/// The value of an option that counts something.
pub(super) fn count(options: &Options, name: &str) -> Result<usize> {
    usize::try_from(options.integer(name)?)
        .map_err(|_| Error::option(format!("option `{name}` does not fit a size")))
}

/// The value of an option, or `automatic` where it is 0.
pub(super) fn real_or(options: &Options, name: &str, automatic: f64) -> Result<f64> {
    let given = options.real(name)?;
    Ok(if given > 0.0 { given } else { automatic })
}

/// Refuses an array of another length.
pub(super) fn check_length(name: &str, given: usize, accepted: usize) -> Result<()> {
    if given == accepted {
        Ok(())
    } else {
        Err(Error::argument(format!(
            "`{name}` has {given} entries; accepted is {accepted}"
        )))
    }
}

/// The same, and what is not finite.
pub(super) fn check_shape(name: &str, array: &[f64], length: usize) -> Result<()> {
    check_length(name, array.len(), length)?;
    match array.iter().position(|v| !v.is_finite()) {
        Some(index) => Err(Error::argument(format!(
            "`{name}` holds {} at index {index}; accepted are finite numbers",
            array[index]
        ))),
        None => Ok(()),
    }
}
