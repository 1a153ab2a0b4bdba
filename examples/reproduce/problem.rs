//! The equations and initial conditions that cases are made of, as the library takes them.

use crate::exact::Exact;
use crate::reference::Equation;
use movimento::{Energy, Result};

/// What is followed.
#[derive(Clone, Copy, Debug)]
pub enum Flow {
    /// `u_t = -kappa u`
    Decay { kappa: f64 },
    /// `u_t = kappa Laplacian u`
    Heat { kappa: f64 },
    /// `u_t = kappa Laplacian u - eps^-2 (u^3 - u)`
    AllenCahn { kappa: f64, eps: f64 },
    /// Down these energies in L2.
    Sum(fn() -> Result<Vec<Energy>>),
    /// Down these energies in Wasserstein space.
    Terms(fn() -> Result<Vec<Energy>>),
}

/// The energy of a plugin with these parameters.
pub fn term(name: &str, parameters: &[(&str, &[f64])]) -> Result<Energy> {
    let mut energy = Energy::plugin(name)?;
    for (parameter, values) in parameters {
        energy.set(parameter, values)?;
    }
    Ok(energy)
}

impl Flow {
    /// The energy's terms.
    pub fn energies(&self) -> Result<Vec<Energy>> {
        let term = |name, parameter, value: f64| term(name, &[(parameter, &[value])]);
        Ok(match *self {
            Self::Sum(terms) | Self::Terms(terms) => terms()?,
            Self::Decay { kappa } => vec![term("quadratic", "kappa", kappa)?],
            Self::Heat { kappa } => vec![term("dirichlet", "kappa", kappa)?],
            Self::AllenCahn { kappa, eps } => vec![
                term("dirichlet", "kappa", kappa)?,
                term("double-well", "eps", eps)?,
            ],
        })
    }

    /// The rate at which the linear part damps a mode with `|q|^2 = q2`.
    pub fn rate(&self, q2: f64) -> f64 {
        match *self {
            Self::Decay { kappa } => kappa,
            Self::Heat { kappa } | Self::AllenCahn { kappa, .. } => kappa * q2,
            Self::Sum(_) | Self::Terms(_) => 0.0,
        }
    }

    /// The equation for the spectral reference.
    pub fn equation(&self) -> Equation {
        match *self {
            Self::AllenCahn { kappa, eps } => Equation {
                kappa,
                well: eps.powi(-2),
            },
            Self::Heat { kappa } | Self::Decay { kappa } => Equation { kappa, well: 0.0 },
            Self::Sum(_) | Self::Terms(_) => Equation {
                kappa: 0.0,
                well: 0.0,
            },
        }
    }
}

/// Where it starts.
#[derive(Clone, Copy, Debug)]
pub enum Start {
    /// A closed form of the library.
    Named(&'static str),
    /// `constant + sum weight 1{|(|x|, |y|) - centre| < radius}` over `(centre, radius, weight)`.
    Discs {
        constant: f64,
        discs: &'static [([f64; 2], f64, f64)],
    },
    /// Random coefficients of the lowest modes.
    Random { active: usize, amplitude: f64 },
    /// An exact solution that is made so.
    Made(fn() -> Result<Box<dyn Exact>>),
}
