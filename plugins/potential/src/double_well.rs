//! `sum_i a/4 (x_i^2 - b^2)^2`.

use movimento_plugin::candle_core::{self, Tensor};
use movimento_plugin::{
    Arguments, Descriptor, Energy, FirstForm, Functional, Parameter, Result, Sample, SecondForm,
};

use crate::linear::{self, Potential};

/// `sum_i a/4 (x_i^2 - b^2)^2`, with `2^d` wells.
#[derive(Debug, Clone)]
pub struct DoubleWell {
    a: f64,
    b: f64,
}

impl Energy for DoubleWell {
    const DESCRIPTOR: Descriptor =
        Descriptor::new(c"potential-double-well", c"Double-well potential in x")
            .version(c"1.0.0")
            .formula(c"V(x) u, V = sum_i a/4 (x_i^2 - b^2)^2")
            .references(
                c"Pavliotis, Stochastic Processes and Applications, Springer 2014, \
                  doi:10.1007/978-1-4939-1323-7",
            )
            .uses_position()
            .convex()
            .parameters(&[
                Parameter::real(c"a", 1.0, c"height, > 0").positive(),
                Parameter::real(c"b", 1.0, c"place of the wells, x_i = b and -b, >= 0")
                    .range(0.0, f64::INFINITY),
            ]);

    fn create(arguments: &Arguments) -> Result<Self> {
        Ok(Self {
            a: arguments.real("a")?,
            b: arguments.real("b")?,
        })
    }
}

impl Functional for DoubleWell {
    const FIRST: Option<FirstForm<Self>> = Some(linear::first);
    const SECOND: Option<SecondForm<Self>> = Some(linear::second);

    fn density(&self, s: &Sample) -> candle_core::Result<Tensor> {
        let wells = (s.x.sqr()? - self.b * self.b)?.sqr()?.sum(1)?;
        (wells * (0.25 * self.a))? * &s.u
    }
}

impl Potential for DoubleWell {
    fn value(&self, x: &[f64]) -> f64 {
        let wells = x
            .iter()
            .map(|x| x * x - self.b * self.b)
            .map(|well| well * well);
        0.25 * self.a * wells.sum::<f64>()
    }

    fn gradient(&self, x: &[f64], into: &mut [f64]) {
        for (into, x) in into.iter_mut().zip(x) {
            *into = self.a * x * (x * x - self.b * self.b);
        }
    }
}
