//! `(k^2 u + Laplacian u)^2/2 - eps/2 u^2 - g/3 u^3 + u^4/4`.

use crate::of_laplacian::{self, OfLaplacian};
use movimento_plugin::candle_core::{self, Tensor};
use movimento_plugin::{
    Arguments, Descriptor, Energy, HessianForm, HessianFunctional, HessianSample,
    HessianSecondForm, Parameter, Result,
};

/// The energy of Swift and Hohenberg: patterns of one wave length.
#[derive(Debug, Clone)]
pub struct SwiftHohenberg {
    eps: f64,
    quadratic: f64,
    square: f64,
}

impl Energy for SwiftHohenberg {
    const DESCRIPTOR: Descriptor =
        Descriptor::new(c"swift-hohenberg", c"Swift-Hohenberg energy of patterns")
            .version(c"1.0.0")
            .formula(c"(k^2 u + tr h)^2/2 - eps/2 u^2 - g/3 u^3 + u^4/4, h = Hess u")
            .references(
                c"Swift, Hohenberg, Hydrodynamic fluctuations at the convective instability, Phys. Rev. A 15 \
                  (1977) 319-328, doi:10.1103/PhysRevA.15.319",
            )
            .parameters(&[
                Parameter::real(c"eps", 0.3, c"growth rate of the waves of length 2 pi/k").range(-1e6, 1e6),
                Parameter::real(c"g", 0.0, c"weight of u^2 in the equation: hexagons").range(-1e6, 1e6),
                Parameter::real(c"k", 1.0, c"wave number of the pattern, > 0").positive(),
            ]);

    fn create(arguments: &Arguments) -> Result<Self> {
        let k = arguments.real("k")?;
        Ok(Self {
            eps: arguments.real("eps")?,
            quadratic: arguments.real("g")?,
            square: k * k,
        })
    }
}

impl HessianFunctional for SwiftHohenberg {
    const FIRST: Option<HessianForm<Self>> = Some(of_laplacian::first);
    const SECOND: Option<HessianSecondForm<Self>> = Some(of_laplacian::second);

    fn density(&self, s: &HessianSample) -> candle_core::Result<Tensor> {
        let bent = ((&s.u * self.square)? + s.laplacian()?)?.sqr()?;
        let (square, cube) = (s.u.sqr()?, s.u.powf(3.0)?);
        let well = (square.sqr()? * 0.25)? - (cube * (self.quadratic / 3.0))?;
        (bent * 0.5)? - (square * (0.5 * self.eps))? + well?
    }
}

impl OfLaplacian for SwiftHohenberg {
    fn first(&self, u: f64, l: f64) -> [f64; 3] {
        let sum = self.square * u + l;
        let square = u * u;
        let well = 0.25 * square * square - self.quadratic / 3.0 * u * square;
        [
            0.5 * (sum * sum - self.eps * square) + well,
            self.square * sum - self.eps * u + (u - self.quadratic) * square,
            sum,
        ]
    }

    fn second(&self, u: f64, _l: f64) -> [f64; 3] {
        let well = (3.0 * u - 2.0 * self.quadratic) * u;
        [
            self.square * self.square - self.eps + well,
            self.square,
            1.0,
        ]
    }
}
