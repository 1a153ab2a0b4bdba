//! `sigma/2 |p|^2 + g/2 u^2`.

use movimento_plugin::candle_core::{self, Tensor};
use movimento_plugin::{
    Arguments, Descriptor, Energy, First, FirstForm, Functional, Parameter, Points, Result, Sample,
    Second, SecondForm,
};

/// The energy of a thin film that wets: surface tension and gravity.
#[derive(Debug, Clone)]
pub struct ThinFilm {
    sigma: f64,
    g: f64,
}

impl Energy for ThinFilm {
    const DESCRIPTOR: Descriptor = Descriptor::new(c"thin-film", c"Thin film that wets")
        .version(c"1.0.0")
        .formula(c"sigma/2 |p|^2 + g/2 u^2, p = grad u")
        .references(
            c"Giacomelli, Otto, Variational formulation for the lubrication approximation of \
              the Hele-Shaw flow, Calc. Var. 13 (2001) 377-403, doi:10.1007/s005260000077\n\
              Smyth, Hill, High-order nonlinear diffusion, IMA J. Appl. Math. 40 (1988) 73-86, \
              doi:10.1093/imamat/40.2.73",
        )
        .uses_gradient()
        .parameters(&[
            Parameter::real(c"sigma", 1.0, c"surface tension, > 0").positive(),
            Parameter::real(c"g", 0.0, c"gravity; below 0 the film hangs").range(-1e12, 1e12),
        ]);

    fn create(arguments: &Arguments) -> Result<Self> {
        Ok(Self {
            sigma: arguments.real("sigma")?,
            g: arguments.real("g")?,
        })
    }
}

impl Functional for ThinFilm {
    const FIRST: Option<FirstForm<Self>> = Some(Self::first);
    const SECOND: Option<SecondForm<Self>> = Some(Self::second);

    fn density(&self, s: &Sample) -> candle_core::Result<Tensor> {
        (s.p.sqr()?.sum(1)? * (0.5 * self.sigma))? + (s.u.sqr()? * (0.5 * self.g))?
    }
}

impl ThinFilm {
    fn first(&self, at: &Points<'_>, out: &mut First<'_>) -> Result<()> {
        if let Some(f) = &mut out.f {
            for ((f, p), u) in f.iter_mut().zip(at.p.chunks_exact(at.d)).zip(at.u) {
                let square = p.iter().map(|p| p * p).sum::<f64>();
                *f = 0.5 * (self.sigma * square + self.g * u * u);
            }
        }
        if let Some(f_u) = &mut out.f_u {
            f_u.iter_mut().zip(at.u).for_each(|(f, u)| *f = self.g * u);
        }
        if let Some(f_p) = &mut out.f_p {
            f_p.iter_mut()
                .zip(at.p)
                .for_each(|(f, p)| *f = self.sigma * p);
        }
        Ok(())
    }

    fn second(&self, at: &Points<'_>, out: &mut Second<'_>) -> Result<()> {
        if let Some(f_uu) = &mut out.f_uu {
            f_uu.fill(self.g);
        }
        if let Some(f_pp) = &mut out.f_pp {
            for matrix in f_pp.chunks_exact_mut(at.d * at.d) {
                let diagonal = matrix.iter_mut().step_by(at.d + 1);
                diagonal.for_each(|f| *f = self.sigma);
            }
        }
        Ok(())
    }
}
