//! `c exp(-r^2 / (2 l^2))`.

use movimento_plugin::candle_core::{Result as TensorResult, Tensor};
use movimento_plugin::{Arguments, Descriptor, Energy, PairForm, PairKernel, Parameter, Result};

use crate::radial::{self, Radial};

/// `c exp(-r^2 / (2 l^2))`.
#[derive(Debug, Clone)]
pub struct Gaussian {
    c: f64,
    l: f64,
}

impl Energy for Gaussian {
    const DESCRIPTOR: Descriptor =
        Descriptor::new(c"interaction-gaussian", c"Gaussian interaction")
            .version(c"1.0.0")
            .formula(c"W = c exp(-r^2/(2 l^2)), r = |x - y|")
            .references(
                c"Carrillo, Craig, Yao, Aggregation-diffusion equations: dynamics, asymptotics, \
                  and singular limits, in Active Particles 2, Birkhaeuser 2019, 65-108, \
                  doi:10.1007/978-3-030-20297-2_3",
            )
            .parameters(&[
                Parameter::real(c"c", 1.0, c"strength, repulsive when positive"),
                Parameter::real(c"l", 1.0, c"length, > 0").positive(),
            ]);

    fn create(arguments: &Arguments) -> Result<Self> {
        Ok(Self {
            c: arguments.real("c")?,
            l: arguments.real("l")?,
        })
    }
}

impl PairKernel for Gaussian {
    const GRADIENT: Option<PairForm<Self>> = Some(radial::closed);

    fn kernel(&self, x: &Tensor, y: &Tensor) -> TensorResult<Tensor> {
        radial::kernel(self, x, y)
    }
}

impl Radial for Gaussian {
    fn profile(&self, s: &Tensor) -> TensorResult<Tensor> {
        (s * (-0.5 / (self.l * self.l)))?.exp()? * self.c
    }

    fn value(&self, s: f64) -> f64 {
        (s * (-0.5 / (self.l * self.l))).exp() * self.c
    }

    fn slope(&self, s: f64) -> f64 {
        -self.value(s) / (self.l * self.l)
    }

    fn origin(&self) -> f64 {
        self.c
    }
}
