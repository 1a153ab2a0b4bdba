//! Densities `V(x) u`.

use movimento_plugin::{First, Points, Result, Second};

/// A function `V` of position.
pub(crate) trait Potential {
    fn value(&self, x: &[f64]) -> f64;
    fn gradient(&self, x: &[f64], into: &mut [f64]);
}

pub(crate) fn first<V: Potential>(v: &V, at: &Points<'_>, out: &mut First<'_>) -> Result<()> {
    let positions = || at.x.chunks_exact(at.d);
    if let Some(f) = &mut out.f {
        for ((f, u), x) in f.iter_mut().zip(at.u).zip(positions()) {
            *f = v.value(x) * u;
        }
    }
    if let Some(f_u) = &mut out.f_u {
        f_u.iter_mut()
            .zip(positions())
            .for_each(|(f_u, x)| *f_u = v.value(x));
    }
    if let Some(f_x) = &mut out.f_x {
        for ((f_x, u), x) in f_x.chunks_exact_mut(at.d).zip(at.u).zip(positions()) {
            v.gradient(x, f_x);
            f_x.iter_mut().for_each(|f_x| *f_x *= u);
        }
    }
    Ok(())
}

/// Linear in `u`: the zeros that the outputs arrive with are the second derivatives.
pub(crate) fn second<V>(_: &V, _: &Points<'_>, _: &mut Second<'_>) -> Result<()> {
    Ok(())
}
