//! `eps^2/2 |p|^2 + theta/2 ((1 + u) ln(1 + u) + (1 - u) ln(1 - u)) + theta_c/2 (1 - u^2)`.

use crate::slope::{self, Wells};
use movimento_plugin::candle_core::{self, Tensor};
use movimento_plugin::{
    Arguments, Descriptor, Energy, Error, FirstForm, Functional, Parameter, Points, Result, Sample,
    SecondForm,
};

/// The energy of Cahn and Hilliard with the entropy of a regular solution.
#[derive(Debug, Clone)]
pub struct Logarithmic {
    eps: f64,
    theta: f64,
    critical: f64,
}

impl Energy for Logarithmic {
    const DESCRIPTOR: Descriptor = Descriptor::new(
        c"cahn-hilliard-logarithmic",
        c"Cahn-Hilliard energy with logarithms",
    )
    .version(c"1.0.0")
    .formula(
        c"eps^2/2 |p|^2 + theta/2 ((1 + u) ln(1 + u) + (1 - u) ln(1 - u)) + theta_c/2 (1 - u^2)",
    )
    .references(
        c"Cahn, Hilliard, Free energy of a nonuniform system. I. Interfacial free energy, \
          J. Chem. Phys. 28 (1958) 258-267, doi:10.1063/1.1744102\n\
          Copetti, Elliott, Numerical analysis of the Cahn-Hilliard equation with a logarithmic free \
          energy, Numer. Math. 63 (1992) 39-65, doi:10.1007/BF01385847",
    )
    .uses_gradient()
    .parameters(&[
        Parameter::real(c"eps", 0.1, c"length of the interfaces, > 0").positive(),
        Parameter::real(c"theta", 0.5, c"temperature, > 0").positive(),
        Parameter::real(c"theta_c", 1.0, c"critical temperature, > 0").positive(),
    ]);

    fn create(arguments: &Arguments) -> Result<Self> {
        Ok(Self {
            eps: arguments.real("eps")?,
            theta: arguments.real("theta")?,
            critical: arguments.real("theta_c")?,
        })
    }
}

impl Functional for Logarithmic {
    const FIRST: Option<FirstForm<Self>> = Some(slope::first);
    const SECOND: Option<SecondForm<Self>> = Some(slope::second);

    fn density(&self, s: &Sample) -> candle_core::Result<Tensor> {
        let entropy = |v: Tensor| &v * v.log()?;
        let both = (entropy((&s.u + 1.0)?)? + entropy((1.0 - &s.u)?)?)?;
        let well = ((both * (0.5 * self.theta))? + ((1.0 - s.u.sqr()?)? * (0.5 * self.critical))?)?;
        (s.p.sqr()?.sum(1)? * (0.5 * self.eps * self.eps))? + well
    }

    fn require(&self, points: &Points<'_>) -> Result<()> {
        match points.u.iter().position(|u| u.abs() >= 1.0) {
            None => Ok(()),
            Some(i) => {
                let u = points.u.get(i).copied().unwrap_or(f64::NAN);
                Err(Error::recoverable(format!(
                    "cahn-hilliard-logarithmic needs -1 < u < 1, but u = {u:e} at point {i}"
                )))
            }
        }
    }
}

impl Wells for Logarithmic {
    fn eps(&self) -> f64 {
        self.eps
    }

    fn well(&self, u: f64) -> [f64; 3] {
        let (upper, lower) = (u.ln_1p(), (-u).ln_1p());
        [
            0.5 * self.theta * ((1.0 + u) * upper + (1.0 - u) * lower)
                + 0.5 * self.critical * (1.0 - u * u),
            0.5 * self.theta * (upper - lower) - self.critical * u,
            self.theta / (1.0 - u * u) - self.critical,
        ]
    }
}
