//! `lambda sqrt(|p|^2 + delta^2)`.

use movimento_plugin::candle_core::{self, Tensor};
use movimento_plugin::{
    Arguments, Descriptor, Energy, First, FirstForm, Functional, Parameter, Points, Result, Sample,
    Second, SecondForm,
};

/// Total variation, smooth at small slopes.
#[derive(Debug, Clone)]
pub struct TotalVariation {
    lambda: f64,
    delta: f64,
}

impl Energy for TotalVariation {
    const DESCRIPTOR: Descriptor = Descriptor::new(c"total-variation", c"Total variation")
        .version(c"1.0.0")
        .formula(c"lambda sqrt(|p|^2 + delta^2), p = grad u")
        .references(
            c"Rudin, Osher, Fatemi, Nonlinear total variation based noise removal algorithms, \
              Physica D 60 (1992) 259-268, doi:10.1016/0167-2789(92)90242-F",
        )
        .uses_gradient()
        .convex()
        .parameters(&[
            Parameter::real(c"lambda", 1.0, c"weight, > 0").positive(),
            Parameter::real(c"delta", 0.01, c"slope below which it is smooth, > 0").positive(),
        ]);

    fn create(arguments: &Arguments) -> Result<Self> {
        Ok(Self {
            lambda: arguments.real("lambda")?,
            delta: arguments.real("delta")?,
        })
    }
}

impl Functional for TotalVariation {
    const FIRST: Option<FirstForm<Self>> = Some(Self::first);
    const SECOND: Option<SecondForm<Self>> = Some(Self::second);

    fn density(&self, s: &Sample) -> candle_core::Result<Tensor> {
        (s.p.sqr()?.sum(1)? + self.delta * self.delta)?.sqrt()? * self.lambda
    }
}

impl TotalVariation {
    fn length(&self, p: &[f64]) -> f64 {
        let square: f64 = p.iter().map(|p| p * p).sum();
        (square + self.delta * self.delta).sqrt()
    }

    fn first(&self, at: &Points<'_>, out: &mut First<'_>) -> Result<()> {
        if let Some(f) = &mut out.f {
            for (f, p) in f.iter_mut().zip(at.p.chunks_exact(at.d)) {
                *f = self.lambda * self.length(p);
            }
        }
        if let Some(f_p) = &mut out.f_p {
            let points = f_p.chunks_exact_mut(at.d).zip(at.p.chunks_exact(at.d));
            for (f_p, p) in points {
                let part = self.lambda / self.length(p);
                f_p.iter_mut().zip(p).for_each(|(f, p)| *f = part * p);
            }
        }
        Ok(())
    }

    fn second(&self, at: &Points<'_>, out: &mut Second<'_>) -> Result<()> {
        let Some(f_pp) = &mut out.f_pp else {
            return Ok(());
        };
        let points = f_pp
            .chunks_exact_mut(at.d * at.d)
            .zip(at.p.chunks_exact(at.d));
        for (matrix, p) in points {
            let length = self.length(p);
            for (row, a) in matrix.chunks_exact_mut(at.d).zip(p) {
                for (f, b) in row.iter_mut().zip(p) {
                    *f = -self.lambda / length.powi(3) * (a * b);
                }
            }
            let diagonal = matrix.iter_mut().step_by(at.d + 1);
            diagonal.for_each(|f| *f += self.lambda / length);
        }
        Ok(())
    }
}
