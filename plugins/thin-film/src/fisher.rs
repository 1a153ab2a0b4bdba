//! `c |p|^2 / u`.

use movimento_plugin::candle_core::{self, Tensor};
use movimento_plugin::{
    Arguments, Descriptor, Energy, Error, First, FirstForm, Functional, Parameter, Points, Result,
    Sample, Second, SecondForm,
};

/// Below this density u is held constant, so that what no mass has is finite.
const FLOOR: f64 = 1e-100;

/// u, at least [`FLOOR`]; NaN stays NaN.
fn floored(u: f64) -> f64 {
    if u < FLOOR { FLOOR } else { u }
}

/// Fisher's information.
#[derive(Debug, Clone)]
pub struct FisherInformation {
    c: f64,
}

impl Energy for FisherInformation {
    const DESCRIPTOR: Descriptor =
        Descriptor::new(c"fisher-information", c"Fisher information of a density")
            .version(c"1.0.0")
            .formula(c"c |p|^2 / u, p = grad u")
            .references(
                c"Gianazza, Savare, Toscani, The Wasserstein gradient flow of the Fisher \
                  information and the quantum drift-diffusion equation, Arch. Ration. Mech. Anal. \
                  194 (2009) 133-220, doi:10.1007/s00205-008-0186-5",
            )
            .uses_gradient()
            .parameters(&[Parameter::real(c"c", 1.0, c"weight, > 0").positive()]);

    fn create(arguments: &Arguments) -> Result<Self> {
        Ok(Self {
            c: arguments.real("c")?,
        })
    }
}

impl Functional for FisherInformation {
    const FIRST: Option<FirstForm<Self>> = Some(Self::first);
    const SECOND: Option<SecondForm<Self>> = Some(Self::second);

    fn density(&self, s: &Sample) -> candle_core::Result<Tensor> {
        (s.p.sqr()?.sum(1)? / s.u.maximum(FLOOR)?)? * self.c
    }

    fn require(&self, at: &Points<'_>) -> Result<()> {
        match at.u.iter().zip(0..).find(|(u, _)| **u < 0.0) {
            None => Ok(()),
            Some((u, i)) => Err(Error::recoverable(format!(
                "fisher-information needs u >= 0, but u = {u:e} at point {i}"
            ))),
        }
    }
}

impl FisherInformation {
    fn first(&self, at: &Points<'_>, out: &mut First<'_>) -> Result<()> {
        let square = |p: &[f64]| p.iter().map(|p| p * p).sum::<f64>();
        if let Some(f) = &mut out.f {
            for ((f, p), u) in f.iter_mut().zip(at.p.chunks_exact(at.d)).zip(at.u) {
                *f = self.c * square(p) / floored(*u);
            }
        }
        if let Some(f_u) = &mut out.f_u {
            for ((f, p), u) in f_u.iter_mut().zip(at.p.chunks_exact(at.d)).zip(at.u) {
                *f = -self.c * square(p) / floored(*u) / floored(*u);
            }
        }
        if let Some(f_p) = &mut out.f_p {
            let points = f_p.chunks_exact_mut(at.d).zip(at.p.chunks_exact(at.d));
            for ((f, p), u) in points.zip(at.u) {
                let factor = 2.0 * self.c / floored(*u);
                f.iter_mut().zip(p).for_each(|(f, p)| *f = factor * p);
            }
        }
        Ok(())
    }

    fn second(&self, at: &Points<'_>, out: &mut Second<'_>) -> Result<()> {
        if let Some(f_uu) = &mut out.f_uu {
            for ((f, p), u) in f_uu.iter_mut().zip(at.p.chunks_exact(at.d)).zip(at.u) {
                let slope: f64 = p.iter().map(|p| (p / floored(*u)).powi(2)).sum();
                *f = 2.0 * self.c * slope / floored(*u);
            }
        }
        if let Some(f_up) = &mut out.f_up {
            let points = f_up.chunks_exact_mut(at.d).zip(at.p.chunks_exact(at.d));
            for ((f, p), u) in points.zip(at.u) {
                let u = floored(*u);
                f.iter_mut()
                    .zip(p)
                    .for_each(|(f, p)| *f = -2.0 * self.c * (p / u) / u);
            }
        }
        if let Some(f_pp) = &mut out.f_pp {
            for (matrix, u) in f_pp.chunks_exact_mut(at.d * at.d).zip(at.u) {
                let diagonal = matrix.iter_mut().step_by(at.d + 1);
                diagonal.for_each(|f| *f = 2.0 * self.c / floored(*u));
            }
        }
        Ok(())
    }
}
