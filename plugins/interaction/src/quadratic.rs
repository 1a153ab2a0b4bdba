//! `kappa/2 r^2`.

use movimento_plugin::candle_core::{Result as TensorResult, Tensor};
use movimento_plugin::{Arguments, Descriptor, Energy, PairForm, PairKernel, Parameter, Result};

use crate::radial::{self, Radial};

/// Attraction by springs; repulsion where `kappa` is negative.
#[derive(Debug, Clone)]
pub struct Quadratic {
    kappa: f64,
}

impl Energy for Quadratic {
    const DESCRIPTOR: Descriptor =
        Descriptor::new(c"interaction-quadratic", c"Quadratic attraction")
            .version(c"1.0.0")
            .formula(c"W = kappa/2 |x - y|^2")
            .references(
                c"Carrillo, McCann, Villani, Kinetic equilibration rates for granular media and \
                  related equations, Rev. Mat. Iberoamericana 19 (2003) 971-1018, \
                  doi:10.4171/RMI/376",
            )
            .parameters(&[Parameter::real(
                c"kappa",
                1.0,
                c"strength; attractive when positive",
            )]);

    fn create(arguments: &Arguments) -> Result<Self> {
        Ok(Self {
            kappa: arguments.real("kappa")?,
        })
    }
}

impl PairKernel for Quadratic {
    const GRADIENT: Option<PairForm<Self>> = Some(radial::closed);

    fn kernel(&self, x: &Tensor, y: &Tensor) -> TensorResult<Tensor> {
        radial::kernel(self, x, y)
    }
}

impl Radial for Quadratic {
    fn profile(&self, s: &Tensor) -> TensorResult<Tensor> {
        s * (0.5 * self.kappa)
    }

    fn value(&self, s: f64) -> f64 {
        0.5 * self.kappa * s
    }

    fn slope(&self, _: f64) -> f64 {
        self.kappa
    }

    fn origin(&self) -> f64 {
        0.0
    }
}
