//! `c ln r`.

use movimento_plugin::candle_core::{Result as TensorResult, Tensor};
use movimento_plugin::{Arguments, Descriptor, Energy, PairForm, PairKernel, Parameter, Result};

use crate::radial::{self, Radial};

/// Attraction by the logarithm of the distance where `c` is positive, in the plane the gravity of mass;
/// repulsion where it is negative, in the plane that of charges.
#[derive(Debug, Clone)]
pub struct Logarithm {
    c: f64,
}

impl Energy for Logarithm {
    const DESCRIPTOR: Descriptor =
        Descriptor::new(c"interaction-logarithm", c"Logarithmic attraction")
            .version(c"1.0.0")
            .formula(c"W = c ln |x - y|, 0 at x = y")
            .references(
                c"Blanchet, Dolbeault, Perthame, Two-dimensional Keller-Segel model: optimal \
                  critical mass and qualitative properties of the solutions, Electron. J. \
                  Differential Equations 2006 (2006) 44",
            )
            .parameters(&[Parameter::real(
                c"c",
                1.0,
                c"strength; attractive when positive; chi/(2 pi) for Keller and Segel's equation",
            )]);

    fn create(arguments: &Arguments) -> Result<Self> {
        Ok(Self {
            c: arguments.real("c")?,
        })
    }
}

impl PairKernel for Logarithm {
    const GRADIENT: Option<PairForm<Self>> = Some(radial::closed);

    fn kernel(&self, x: &Tensor, y: &Tensor) -> TensorResult<Tensor> {
        radial::kernel(self, x, y)
    }
}

impl Radial for Logarithm {
    fn profile(&self, s: &Tensor) -> TensorResult<Tensor> {
        s.log()? * (0.5 * self.c)
    }

    fn value(&self, s: f64) -> f64 {
        0.5 * self.c * s.ln()
    }

    fn slope(&self, s: f64) -> f64 {
        self.c / s
    }

    fn origin(&self) -> f64 {
        0.0
    }
}
