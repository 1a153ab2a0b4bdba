//! `kappa/2 u^2`.

use movimento_plugin::candle_core::{self, Tensor};
use movimento_plugin::{
    Arguments, Descriptor, Energy, FirstForm, Functional, Parameter, Result, Sample, SecondForm,
};

use crate::scalar::{self, Scalar};

/// `kappa/2 u^2`, whose flow in L2 is the decay `u_t = -kappa u`. Defined for all `u`.
#[derive(Debug, Clone)]
pub struct Quadratic {
    kappa: f64,
}

impl Energy for Quadratic {
    const DESCRIPTOR: Descriptor = Descriptor::new(c"quadratic", c"Quadratic energy")
        .version(c"1.0.0")
        .formula(c"kappa/2 u^2")
        .references(
            c"Ambrosio, Gigli, Savare, Gradient Flows in Metric Spaces and in the Space of \
              Probability Measures, 2nd ed., Birkhaeuser 2008, doi:10.1007/978-3-7643-8722-8",
        )
        .convex()
        .parameters(&[Parameter::real(c"kappa", 1.0, c"rate, > 0").positive()]);

    fn create(arguments: &Arguments) -> Result<Self> {
        Ok(Self {
            kappa: arguments.real("kappa")?,
        })
    }
}

impl Functional for Quadratic {
    const FIRST: Option<FirstForm<Self>> = Some(scalar::first);
    const SECOND: Option<SecondForm<Self>> = Some(scalar::second);

    fn density(&self, s: &Sample) -> candle_core::Result<Tensor> {
        s.u.sqr()? * (0.5 * self.kappa)
    }
}

impl Scalar for Quadratic {
    fn value(&self, u: f64) -> f64 {
        0.5 * self.kappa * (u * u)
    }

    fn slope(&self, u: f64) -> f64 {
        self.kappa * u
    }

    fn curvature(&self, _: f64) -> f64 {
        self.kappa
    }
}
