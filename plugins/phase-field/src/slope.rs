//! `eps^2/2 |p|^2 + W(u)`.

use movimento_plugin::{First, Points, Result, Second};

/// A density of this form.
pub(crate) trait Wells {
    fn eps(&self) -> f64;
    /// W, W' and W''.
    fn well(&self, u: f64) -> [f64; 3];
}

pub(crate) fn first<W: Wells>(of: &W, at: &Points<'_>, out: &mut First<'_>) -> Result<()> {
    let square = of.eps().powi(2);
    if let Some(f) = &mut out.f {
        for ((f, p), u) in f.iter_mut().zip(at.p.chunks_exact(at.d)).zip(at.u) {
            let [w, ..] = of.well(*u);
            *f = 0.5 * square * p.iter().map(|p| p * p).sum::<f64>() + w;
        }
    }
    if let Some(f_u) = &mut out.f_u {
        for (f_u, u) in f_u.iter_mut().zip(at.u) {
            [_, *f_u, _] = of.well(*u);
        }
    }
    if let Some(f_p) = &mut out.f_p {
        for (f_p, p) in f_p.iter_mut().zip(at.p) {
            *f_p = square * p;
        }
    }
    Ok(())
}

pub(crate) fn second<W: Wells>(of: &W, at: &Points<'_>, out: &mut Second<'_>) -> Result<()> {
    if let Some(f_uu) = &mut out.f_uu {
        for (f_uu, u) in f_uu.iter_mut().zip(at.u) {
            [.., *f_uu] = of.well(*u);
        }
    }
    if let Some(f_pp) = &mut out.f_pp {
        for matrix in f_pp.chunks_exact_mut(at.d * at.d) {
            let diagonal = matrix.iter_mut().step_by(at.d + 1);
            diagonal.for_each(|f| *f = of.eps().powi(2));
        }
    }
    Ok(())
}
