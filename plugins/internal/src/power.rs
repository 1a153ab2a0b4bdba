//! `u^m / (m - 1)`.

use movimento_plugin::candle_core::{self, Tensor};
use movimento_plugin::{
    Arguments, Descriptor, Energy, Error, FirstForm, Functional, Parameter, Points, Result, Sample,
    SecondForm,
};

use crate::scalar::{self, Scalar, floored};

/// `u^m / (m - 1)`, whose flow in W2 is the porous medium equation.
#[derive(Debug, Clone)]
pub struct Power {
    m: f64,
}

impl Energy for Power {
    const DESCRIPTOR: Descriptor = Descriptor::new(c"power", c"Power energy")
        .version(c"1.0.0")
        .formula(c"u^m / (m - 1)")
        .references(
            c"Otto, The geometry of dissipative evolution equations: the porous medium \
              equation, Comm. PDE 26 (2001) 101-174, doi:10.1081/PDE-100002243\n\
              McCann, A convexity principle for interacting gases, Adv. Math. 128 (1997) \
              153-179, doi:10.1006/aima.1997.1634",
        )
        .convex()
        .parameters(&[Parameter::real(c"m", 2.0, c"exponent, > 0 and not 1").positive()]);

    fn create(arguments: &Arguments) -> Result<Self> {
        let m = arguments.real("m")?;
        if m == 1.0 {
            return Err(Error::fatal(
                "power needs m != 1; for the limit m = 1 use 'entropy'",
            ));
        }
        Ok(Self { m })
    }
}

impl Functional for Power {
    const FIRST: Option<FirstForm<Self>> = Some(scalar::first);
    const SECOND: Option<SecondForm<Self>> = Some(scalar::second);

    fn density(&self, s: &Sample) -> candle_core::Result<Tensor> {
        s.u.powf(self.m)? * (1.0 / (self.m - 1.0))
    }

    fn require(&self, points: &Points<'_>) -> Result<()> {
        scalar::require_density("power", points)
    }
}

impl Scalar for Power {
    fn value(&self, u: f64) -> f64 {
        u.powf(self.m) * (1.0 / (self.m - 1.0))
    }

    fn slope(&self, u: f64) -> f64 {
        self.m / (self.m - 1.0) * floored(u).powf(self.m - 1.0)
    }

    fn curvature(&self, u: f64) -> f64 {
        self.m * floored(u).powf(self.m - 2.0)
    }
}
