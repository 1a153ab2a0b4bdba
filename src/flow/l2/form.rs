//! How the steps of a solver are posed.

use crate::error::{Error, Result};
use crate::minimize::{Form, Precision};
use crate::options::Options;
use crate::quadrature::Quadrature;

/// The form of the option `form`.
pub(super) fn of(
    options: &Options,
    rule: &Quadrature,
    precision: Precision,
) -> Result<Option<Form>> {
    let sealed = options.text("embedding")? != "none";
    let random = rule.random().is_some();
    let chosen = match options.text("form")?.as_str() {
        "residual" => Some(Form::LeastSquares),
        "galerkin" => Some(Form::Galerkin),
        "auto" if sealed && random && precision == Precision::Double => Some(Form::LeastSquares),
        _ => None,
    };
    if chosen.is_some() && !sealed {
        return Err(Error::option(
            "option `form` asks for the strong form, which does not see the boundary; with it, \
             accepted for `embedding` is neumann or periodic",
        ));
    }
    Ok(chosen)
}
