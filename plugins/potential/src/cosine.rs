//! `sum_i a cos(k_i x_i + phase_i)`.

use movimento_plugin::candle_core::{self, Device, Tensor};
use movimento_plugin::{
    Arguments, Descriptor, Energy, FirstForm, Functional, Parameter, Result, Sample, SecondForm,
};

use crate::linear::{self, Potential};

/// `sum_i a cos(k_i x_i + phase_i)`, a periodic landscape.
#[derive(Debug, Clone)]
pub struct Cosine {
    a: f64,
    k: Vec<f64>,
    phase: Vec<f64>,
}

impl Energy for Cosine {
    const DESCRIPTOR: Descriptor = Descriptor::new(c"potential-cosine", c"Cosine potential")
        .version(c"1.0.0")
        .formula(c"V(x) u, V = sum_i a cos(k_i x_i + phase_i)")
        .references(
            c"Risken, The Fokker-Planck Equation, 2nd ed., Springer 1996, chapter 11, \
              doi:10.1007/978-3-642-61544-3",
        )
        .uses_position()
        .convex()
        .parameters(&[
            Parameter::real(c"a", 1.0, c"amplitude"),
            Parameter::array(c"k", 1.0, c"wave number: 1 or d numbers"),
            Parameter::array(c"phase", 0.0, c"phase: 1 or d numbers"),
        ]);

    fn create(arguments: &Arguments) -> Result<Self> {
        let (k, phase) = (arguments.vector("k")?, arguments.vector("phase")?);
        Ok(Self {
            a: arguments.real("a")?,
            k,
            phase,
        })
    }
}

impl Functional for Cosine {
    const FIRST: Option<FirstForm<Self>> = Some(linear::first);
    const SECOND: Option<SecondForm<Self>> = Some(linear::second);

    fn density(&self, s: &Sample) -> candle_core::Result<Tensor> {
        let k = Tensor::from_slice(&self.k, self.k.len(), &Device::Cpu)?;
        let phase = Tensor::from_slice(&self.phase, self.phase.len(), &Device::Cpu)?;
        let waves =
            s.x.broadcast_mul(&k)?
                .broadcast_add(&phase)?
                .cos()?
                .sum(1)?;
        (waves * self.a)? * &s.u
    }
}

impl Potential for Cosine {
    fn value(&self, x: &[f64]) -> f64 {
        let waves = x
            .iter()
            .zip(&self.k)
            .zip(&self.phase)
            .map(|((x, k), phase)| x * k + phase);
        self.a * waves.map(f64::cos).sum::<f64>()
    }

    fn gradient(&self, x: &[f64], into: &mut [f64]) {
        for (((into, x), k), phase) in into.iter_mut().zip(x).zip(&self.k).zip(&self.phase) {
            *into = -self.a * k * (x * k + phase).sin();
        }
    }
}
