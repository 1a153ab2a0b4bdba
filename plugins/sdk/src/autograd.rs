//! Values and first derivatives by Candle.

use candle_core::backprop::GradStore;
use candle_core::{DType, Device, Tensor, Var};

use crate::{Error, Result};

/// An input of a density or kernel: recorded by autograd only where its derivative is wanted.
pub(crate) enum Input {
    Fixed(Tensor),
    Recorded(Var),
}

impl Input {
    pub(crate) fn new(values: &[f64], shape: &[usize], recorded: bool) -> Result<Self> {
        Ok(if recorded {
            Self::Recorded(Var::from_slice(values, shape, &Device::Cpu)?)
        } else {
            Self::Fixed(Tensor::from_slice(values, shape, &Device::Cpu)?)
        })
    }

    pub(crate) fn tensor(&self) -> &Tensor {
        match self {
            Self::Fixed(tensor) => tensor,
            Self::Recorded(variable) => variable,
        }
    }
}

/// Fills the derivatives of `value` in the recorded inputs. Its entries belong to one point each,
/// so
/// the gradient of their sum holds every point's own derivative.
pub(crate) fn differentiate(
    value: &Tensor,
    wanted: &mut [(&Input, &mut Option<&mut [f64]>)],
) -> Result<()> {
    if !wanted
        .iter()
        .any(|(input, _)| matches!(input, Input::Recorded(_)))
    {
        return Ok(());
    }
    let gradients: GradStore = value.sum_all()?.backward()?;
    for (input, out) in wanted {
        // Candle has no entry for an input that does not enter: that derivative stays zero.
        if let Input::Recorded(variable) = input
            && let Some(gradient) = gradients.get(variable)
        {
            copy(gradient, out)?;
        }
    }
    Ok(())
}

pub(crate) fn copy(tensor: &Tensor, out: &mut Option<&mut [f64]>) -> Result<()> {
    if let Some(out) = out {
        let values = tensor.flatten_all()?.to_vec1::<f64>()?;
        if values.len() != out.len() {
            let (got, expected) = (values.len(), out.len());
            return Err(Error::fatal(format!(
                "{got} derivatives where {expected} belong"
            )));
        }
        out.copy_from_slice(&values);
    }
    Ok(())
}

pub(crate) fn require_shape(what: &str, value: &Tensor, n: usize) -> Result<()> {
    if value.dims() == [n] && value.dtype() == DType::F64 {
        return Ok(());
    }
    let (dims, kind) = (value.dims(), value.dtype());
    Err(Error::fatal(format!(
        "the {what} has shape {dims:?} of {kind:?}, expected [{n}] of F64"
    )))
}
