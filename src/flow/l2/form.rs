//! How the steps of a field are posed.

use crate::field::EmbeddingChoice;
use crate::field::Precision;
use crate::objective::{Form, FormChoice};
use crate::options::Settings;
use crate::quadrature::Quadrature;

/// The form of the steps on nodes of this rule; `None` is the weak one. The strong form does not see the boundary:
/// the embedding has to make the flux vanish there, or the field to have given values on `all` of it.
pub(super) fn of(settings: &Settings, rule: &Quadrature, all: bool) -> Option<Form> {
    let sealed = all || settings.network.embedding != EmbeddingChoice::None;
    // The residual of several components is no objective of its own.
    let scalar = settings.problem.components == 1;
    let double = settings.minimizer.precision == Precision::Double;
    match settings.discretization.form {
        FormChoice::Residual => Some(Form::LeastSquares),
        FormChoice::Galerkin => Some(Form::Galerkin),
        FormChoice::Auto if scalar && sealed && double && rule.random().is_some() => {
            Some(Form::LeastSquares)
        }
        FormChoice::Auto | FormChoice::Weak => None,
    }
}
