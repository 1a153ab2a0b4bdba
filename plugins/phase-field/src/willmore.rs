//! `(eps Laplacian u - (u^3 - u)/eps)^2 / (2 eps)`.

use crate::of_laplacian::{self, OfLaplacian};
use movimento_plugin::candle_core::{self, Tensor};
use movimento_plugin::{
    Arguments, Descriptor, Energy, HessianForm, HessianFunctional, HessianSample,
    HessianSecondForm, Parameter, Result,
};

/// Willmore's energy of the interface between -1 and 1, as a phase field has it.
#[derive(Debug, Clone)]
pub struct Willmore {
    eps: f64,
}

impl Energy for Willmore {
    const DESCRIPTOR: Descriptor =
        Descriptor::new(c"willmore", c"Willmore energy of an interface, by a phase field")
            .version(c"1.0.0")
            .formula(c"(eps tr h - (u^3 - u)/eps)^2 / (2 eps), h = Hess u")
            .references(
                c"Du, Liu, Wang, A phase field approach in the numerical study of the elastic bending energy for \
                  vesicle membranes, J. Comput. Phys. 198 (2004) 450-468, doi:10.1016/j.jcp.2004.01.029",
            )
            .parameters(&[
                Parameter::real(c"eps", 0.1, c"length of the interfaces, > 0").positive(),
            ]);

    fn create(arguments: &Arguments) -> Result<Self> {
        Ok(Self {
            eps: arguments.real("eps")?,
        })
    }
}

impl HessianFunctional for Willmore {
    const FIRST: Option<HessianForm<Self>> = Some(of_laplacian::first);
    const SECOND: Option<HessianSecondForm<Self>> = Some(of_laplacian::second);

    fn density(&self, s: &HessianSample) -> candle_core::Result<Tensor> {
        let well = ((s.u.powf(3.0)? - &s.u)? / self.eps)?;
        let curvature = ((s.laplacian()? * self.eps)? - well)?;
        curvature.sqr()? / (2.0 * self.eps)
    }
}

impl OfLaplacian for Willmore {
    fn first(&self, u: f64, l: f64) -> [f64; 3] {
        let eps = self.eps;
        let curvature = eps * l - (u * u - 1.0) * u / eps;
        let slope = (3.0 * u * u - 1.0) / eps;
        [
            0.5 * curvature * curvature / eps,
            -curvature * slope / eps,
            curvature,
        ]
    }

    fn second(&self, u: f64, l: f64) -> [f64; 3] {
        let eps = self.eps;
        let curvature = eps * l - (u * u - 1.0) * u / eps;
        let slope = (3.0 * u * u - 1.0) / eps;
        let bend = 6.0 * u / eps;
        [(slope * slope - curvature * bend) / eps, -slope, eps]
    }
}
