//! `u ln u`.

use movimento_plugin::candle_core::{self, Tensor};
use movimento_plugin::{
    Arguments, Descriptor, Energy, FirstForm, Functional, Points, Result, Sample, SecondForm,
};

use crate::scalar::{self, FLOOR, Scalar, floored};

/// `u ln u`, whose flow in W2 is the heat equation.
#[derive(Debug, Clone)]
pub struct Entropy;

impl Energy for Entropy {
    const DESCRIPTOR: Descriptor = Descriptor::new(c"entropy", c"Boltzmann entropy")
        .version(c"1.0.0")
        .formula(c"u ln u")
        .references(
            c"Jordan, Kinderlehrer, Otto, The variational formulation of the Fokker-Planck \
              equation, SIAM J. Math. Anal. 29 (1998) 1-17, doi:10.1137/S0036141096303359",
        )
        .convex();

    fn create(_: &Arguments) -> Result<Self> {
        Ok(Self)
    }
}

impl Functional for Entropy {
    const FIRST: Option<FirstForm<Self>> = Some(scalar::first);
    const SECOND: Option<SecondForm<Self>> = Some(scalar::second);

    fn density(&self, s: &Sample) -> candle_core::Result<Tensor> {
        &s.u * s.u.maximum(FLOOR)?.log()?
    }

    fn require(&self, points: &Points<'_>) -> Result<()> {
        scalar::require_density("entropy", points)
    }
}

impl Scalar for Entropy {
    fn value(&self, u: f64) -> f64 {
        u * floored(u).ln()
    }

    fn slope(&self, u: f64) -> f64 {
        floored(u).ln() + 1.0
    }

    fn curvature(&self, u: f64) -> f64 {
        1.0 / floored(u)
    }
}
