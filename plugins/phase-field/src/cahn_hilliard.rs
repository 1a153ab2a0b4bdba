//! `eps^2/2 |p|^2 + scale (u - a)^2 (u - b)^2`.

use crate::slope::{self, Wells};
use movimento_plugin::candle_core::{self, Tensor};
use movimento_plugin::{
    Arguments, Descriptor, Energy, Error, FirstForm, Functional, Parameter, Result, Sample,
    SecondForm,
};

/// The energy of Ginzburg, Landau, Cahn and Hilliard with a polynomial of two wells.
#[derive(Debug, Clone)]
pub struct CahnHilliard {
    eps: f64,
    scale: f64,
    wells: [f64; 2],
}

impl Energy for CahnHilliard {
    const DESCRIPTOR: Descriptor =
        Descriptor::new(c"cahn-hilliard", c"Cahn-Hilliard energy with two wells")
            .version(c"1.0.0")
            .formula(c"eps^2/2 |p|^2 + scale (u - a)^2 (u - b)^2, p = grad u")
            .references(
                c"Cahn, Hilliard, Free energy of a nonuniform system. I. Interfacial free energy, \
                  J. Chem. Phys. 28 (1958) 258-267, doi:10.1063/1.1744102",
            )
            .uses_gradient()
            .parameters(&[
                Parameter::real(c"eps", 0.1, c"length of the interfaces, > 0").positive(),
                Parameter::real(c"scale", 0.25, c"height of the wells, > 0").positive(),
                Parameter::real(c"a", -1.0, c"the lower well, < b").range(-1e6, 1e6),
                Parameter::real(c"b", 1.0, c"the upper well").range(-1e6, 1e6),
            ]);

    fn create(arguments: &Arguments) -> Result<Self> {
        let (a, b) = (arguments.real("a")?, arguments.real("b")?);
        if a >= b {
            return Err(Error::fatal(format!(
                "cahn-hilliard needs a < b, but a = {a:?} and b = {b:?}"
            )));
        }
        Ok(Self {
            eps: arguments.real("eps")?,
            scale: arguments.real("scale")?,
            wells: [a, b],
        })
    }
}

impl Functional for CahnHilliard {
    const FIRST: Option<FirstForm<Self>> = Some(slope::first);
    const SECOND: Option<SecondForm<Self>> = Some(slope::second);

    fn density(&self, s: &Sample) -> candle_core::Result<Tensor> {
        let [a, b] = self.wells;
        let wells = ((&s.u - a)? * (&s.u - b)?)?.sqr()?;
        (s.p.sqr()?.sum(1)? * (0.5 * self.eps * self.eps))? + (wells * self.scale)?
    }
}

impl Wells for CahnHilliard {
    fn eps(&self) -> f64 {
        self.eps
    }

    fn well(&self, u: f64) -> [f64; 3] {
        let [a, b] = self.wells;
        let (product, sum) = ((u - a) * (u - b), 2.0 * u - a - b);
        let second = 2.0 * self.scale * (sum * sum + 2.0 * product);
        [
            self.scale * product * product,
            2.0 * self.scale * product * sum,
            second,
        ]
    }
}
