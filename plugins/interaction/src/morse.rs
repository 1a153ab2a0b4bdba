//! `c_r exp(-r / l_r) - c_a exp(-r / l_a)`.

use movimento_plugin::candle_core::{Result as TensorResult, Tensor};
use movimento_plugin::{Arguments, Descriptor, Energy, PairForm, PairKernel, Parameter, Result};

use crate::radial::{self, Radial};

/// `c_r exp(-r / l_r) - c_a exp(-r / l_a)`, the model of swarms.
#[derive(Debug, Clone)]
pub struct Morse {
    c_a: f64,
    l_a: f64,
    c_r: f64,
    l_r: f64,
}

impl Energy for Morse {
    const DESCRIPTOR: Descriptor = Descriptor::new(c"interaction-morse", c"Morse interaction")
        .version(c"1.0.0")
        .formula(c"W = c_r exp(-r/l_r) - c_a exp(-r/l_a), r = |x - y|")
        .references(
            c"D'Orsogna, Chuang, Bertozzi, Chayes, Self-propelled particles with soft-core \
              interactions: patterns, stability, and collapse, Phys. Rev. Lett. 96 (2006) \
              104302, doi:10.1103/PhysRevLett.96.104302",
        )
        .parameters(&[
            Parameter::real(c"c_a", 0.5, c"strength of the attraction, >= 0")
                .range(0.0, f64::INFINITY),
            Parameter::real(c"l_a", 2.0, c"length of the attraction, > 0").positive(),
            Parameter::real(c"c_r", 1.0, c"strength of the repulsion, >= 0")
                .range(0.0, f64::INFINITY),
            Parameter::real(c"l_r", 0.5, c"length of the repulsion, > 0").positive(),
        ]);

    fn create(arguments: &Arguments) -> Result<Self> {
        Ok(Self {
            c_a: arguments.real("c_a")?,
            l_a: arguments.real("l_a")?,
            c_r: arguments.real("c_r")?,
            l_r: arguments.real("l_r")?,
        })
    }
}

impl PairKernel for Morse {
    const GRADIENT: Option<PairForm<Self>> = Some(radial::closed);

    fn kernel(&self, x: &Tensor, y: &Tensor) -> TensorResult<Tensor> {
        radial::kernel(self, x, y)
    }
}

impl Radial for Morse {
    fn profile(&self, s: &Tensor) -> TensorResult<Tensor> {
        let r = s.sqrt()?;
        let term = |c: f64, l: f64| (&r * (-1.0 / l))?.exp()? * c;
        term(self.c_r, self.l_r)? - term(self.c_a, self.l_a)?
    }

    fn value(&self, s: f64) -> f64 {
        let r = s.sqrt();
        let term = |c: f64, l: f64| (r * (-1.0 / l)).exp() * c;
        term(self.c_r, self.l_r) - term(self.c_a, self.l_a)
    }

    fn slope(&self, s: f64) -> f64 {
        let r = s.sqrt();
        let term = |c: f64, l: f64| (r * (-1.0 / l)).exp() * c / l;
        (term(self.c_a, self.l_a) - term(self.c_r, self.l_r)) / r
    }

    fn origin(&self) -> f64 {
        self.c_r - self.c_a
    }
}
