//! Values and first derivatives by Candle.

use candle_core::backprop::GradStore;
use candle_core::{DType, Device, Tensor, Var};
use movimento_abi as abi;

use crate::{Error, First, Functional, PairKernel, PairValues, Pairs, Points, Result, Sample};

/// Fills what is wanted in `out` from the density of `energy`.
pub(crate) fn functional<F: Functional>(
    energy: &F,
    at: &Points<'_>,
    out: &mut First<'_>,
) -> Result<()> {
    let (uses_x, uses_p) = (
        F::DESCRIPTOR.has(abi::USES_POSITION),
        F::DESCRIPTOR.has(abi::USES_GRADIENT),
    );
    let shape = [at.n, at.d];
    let x = Input::new(at.x, &shape, uses_x && out.f_x.is_some())?;
    let u = Input::new(at.u, &[at.n], out.f_u.is_some())?;
    let p = if uses_p {
        Input::new(at.p, &shape, out.f_p.is_some())?
    } else {
        Input::Fixed(Tensor::zeros(&shape, DType::F64, &Device::Cpu)?)
    };
    let sample = Sample {
        x: x.tensor().clone(),
        u: u.tensor().clone(),
        p: p.tensor().clone(),
    };
    let f = energy.density(&sample)?;
    require_shape("density", &f, at.n)?;
    copy(&f, &mut out.f)?;
    differentiate(
        &f,
        &mut [(&x, &mut out.f_x), (&u, &mut out.f_u), (&p, &mut out.f_p)],
    )
}

/// Fills what is wanted in `out` from the kernel of `energy`.
pub(crate) fn kernel<K: PairKernel>(
    energy: &K,
    at: &Pairs<'_>,
    out: &mut PairValues<'_>,
) -> Result<()> {
    let shape = [at.n, at.d];
    let x = Input::new(at.x, &shape, out.w_x.is_some())?;
    let y = Input::new(at.y, &shape, false)?;
    let w = energy.kernel(x.tensor(), y.tensor())?;
    require_shape("kernel", &w, at.n)?;
    copy(&w, &mut out.w)?;
    differentiate(&w, &mut [(&x, &mut out.w_x)])
}

/// An input of the density: recorded by autograd only where its derivative is wanted.
enum Input {
    Fixed(Tensor),
    Recorded(Var),
}

impl Input {
    fn new(values: &[f64], shape: &[usize], recorded: bool) -> Result<Self> {
        Ok(if recorded {
            Self::Recorded(Var::from_slice(values, shape, &Device::Cpu)?)
        } else {
            Self::Fixed(Tensor::from_slice(values, shape, &Device::Cpu)?)
        })
    }

    fn tensor(&self) -> &Tensor {
        match self {
            Self::Fixed(tensor) => tensor,
            Self::Recorded(variable) => variable,
        }
    }
}

/// The derivatives of `value` in the recorded inputs. Its entries belong to one point each, so
/// the gradient of their sum holds every point's own derivative.
fn differentiate(value: &Tensor, wanted: &mut [(&Input, &mut Option<&mut [f64]>)]) -> Result<()> {
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

fn copy(tensor: &Tensor, out: &mut Option<&mut [f64]>) -> Result<()> {
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

fn require_shape(what: &str, value: &Tensor, n: usize) -> Result<()> {
    if value.dims() == [n] && value.dtype() == DType::F64 {
        return Ok(());
    }
    let (dims, kind) = (value.dims(), value.dtype());
    Err(Error::fatal(format!(
        "the {what} has shape {dims:?} of {kind:?}, expected [{n}] of F64"
    )))
}
