//! The precision that the network is minimised in.

use crate::error::{Error, Result};
use crate::minimize::Precision;
use crate::options::Options;

/// The precision of the option `precision`.
pub(super) fn of(options: &Options) -> Result<Precision> {
    if options.text("precision")? != "single" {
        return Ok(Precision::Double);
    }
    for (option, accepted) in [("minimizer", &["adam"][..]), ("form", &["auto", "weak"])] {
        let given = options.text(option)?;
        if !accepted.contains(&given.as_str()) {
            return Err(Error::option(format!(
                "option `precision` is single; with it, accepted for `{option}` is {}, not {given}",
                accepted.join(" or ")
            )));
        }
    }
    Ok(Precision::Single)
}
