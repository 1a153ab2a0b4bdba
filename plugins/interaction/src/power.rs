//! `r^a / a - r^b / b`.

use movimento_plugin::candle_core::{Result as TensorResult, Tensor};
use movimento_plugin::{
    Arguments, Descriptor, Energy, Error, PairForm, PairKernel, Parameter, Result,
};

use crate::radial::{self, Radial};

/// `r^a / a - r^b / b`: attraction far away, repulsion nearby, balance at `r = 1`.
#[derive(Debug, Clone)]
pub struct Power {
    a: f64,
    b: f64,
}

impl Energy for Power {
    const DESCRIPTOR: Descriptor =
        Descriptor::new(c"interaction-power", c"Attractive-repulsive power laws")
            .version(c"1.0.0")
            .formula(c"W = r^a/a - r^b/b, r = |x - y|, with r^0/0 for ln r")
            .references(
                c"Balague, Carrillo, Laurent, Raoul, Dimensionality of local minimizers of the \
                  interaction energy, Arch. Rational Mech. Anal. 209 (2013) 1055-1088, \
                  doi:10.1007/s00205-013-0644-6\n\
                  Carrillo, McCann, Villani, Kinetic equilibration rates for granular media and \
                  related equations, Rev. Mat. Iberoamericana 19 (2003) 971-1018, \
                  doi:10.4171/RMI/376",
            )
            .parameters(&[
                Parameter::real(c"a", 4.0, c"exponent of the attraction, > b").range(-100.0, 100.0),
                Parameter::real(c"b", 2.0, c"exponent of the repulsion, > -d").range(-100.0, 100.0),
            ]);

    fn create(arguments: &Arguments) -> Result<Self> {
        let (a, b, d) = (
            arguments.real("a")?,
            arguments.real("b")?,
            arguments.dimension(),
        );
        if a <= b {
            let rule = "interaction-power needs a > b";
            return Err(Error::fatal(format!("{rule}, but a = {a:?} and b = {b:?}")));
        }
        if b <= -(d as f64) {
            let rule = "interaction-power needs b > -d, or W is not integrable";
            return Err(Error::fatal(format!("{rule}; b = {b:?} and d = {d}")));
        }
        Ok(Self { a, b })
    }
}

impl PairKernel for Power {
    const GRADIENT: Option<PairForm<Self>> = Some(radial::closed);

    fn kernel(&self, x: &Tensor, y: &Tensor) -> TensorResult<Tensor> {
        radial::kernel(self, x, y)
    }
}

impl Radial for Power {
    fn profile(&self, s: &Tensor) -> TensorResult<Tensor> {
        let term = |exponent: f64| {
            if exponent == 0.0 {
                s.log()? * 0.5
            } else {
                s.powf(0.5 * exponent)? * (1.0 / exponent)
            }
        };
        term(self.a)? - term(self.b)?
    }

    fn value(&self, s: f64) -> f64 {
        let term = |exponent: f64| {
            if exponent == 0.0 {
                s.ln() * 0.5
            } else {
                s.powf(0.5 * exponent) * (1.0 / exponent)
            }
        };
        term(self.a) - term(self.b)
    }

    fn slope(&self, s: f64) -> f64 {
        s.powf(0.5 * self.a - 1.0) - s.powf(0.5 * self.b - 1.0)
    }

    fn origin(&self) -> f64 {
        0.0
    }
}
