//! Softplus and its slope as operations of Candle, by the library's own vectorised kernel.

use crate::field::Activation;
use candle_core::{CpuStorage, CustomOp1, Error, Layout, Result, Shape, Tensor};

/// `ln(1 + e^z)`: convex and increasing, as the units of an ICNN must be.
pub(super) fn softplus(z: &Tensor) -> Result<Tensor> {
    z.contiguous()?.apply_op1(Softplus)
}

/// Its derivative `1 / (1 + e^-z)`.
pub(super) fn sigmoid(z: &Tensor) -> Result<Tensor> {
    z.contiguous()?.apply_op1(Sigmoid)
}

struct Softplus;

struct Sigmoid;

impl CustomOp1 for Softplus {
    fn name(&self) -> &'static str {
        "softplus"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        evaluate(storage, layout, |value, _| value)
    }

    fn bwd(&self, z: &Tensor, _value: &Tensor, seed: &Tensor) -> Result<Option<Tensor>> {
        Ok(Some((seed * sigmoid(z)?)?))
    }
}

impl CustomOp1 for Sigmoid {
    fn name(&self) -> &'static str {
        "sigmoid"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        evaluate(storage, layout, |_, slope| slope)
    }

    fn bwd(&self, _z: &Tensor, s: &Tensor, seed: &Tensor) -> Result<Option<Tensor>> {
        Ok(Some((seed * (s - s.sqr()?)?)?))
    }
}

/// Softplus and its slope over a whole array, of which `choose` keeps one.
fn evaluate(
    storage: &CpuStorage,
    layout: &Layout,
    choose: impl Fn(Vec<f64>, Vec<f64>) -> Vec<f64>,
) -> Result<(CpuStorage, Shape)> {
    let range = layout.contiguous_offsets();
    let z = storage.as_slice::<f64>()?;
    let Some(z) = range.and_then(|(from, to)| z.get(from..to)) else {
        return Err(Error::Msg("softplus wants contiguous numbers".to_owned()));
    };
    let mut value = z.to_vec();
    let (mut first, mut second) = (vec![0.0; z.len()], vec![0.0; z.len()]);
    Activation::Softplus.apply(&mut value, &mut first, &mut second);
    let kept = choose(value, first);
    Ok((CpuStorage::F64(kept), layout.shape().clone()))
}
