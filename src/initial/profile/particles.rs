//! A measure given by weighted particles of the host.

use super::{Profile, check_mass};
use crate::communicator::Ranks;
use crate::error::{Error, Result};
use crate::quadrature::{Nodes, Quadrature};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Particles with masses and, for energies that depend on it, the density at each.
#[derive(Clone, Debug)]
pub struct Particles {
    dimension: usize,
    labels: Nodes,
}

impl Particles {
    /// Particles at `x` (`[n][d]`), with masses `w` (`[n]`; even ones if it is `None`), the density `rho`
    /// (`[n]`) and its score `grad ln rho` (`[n][d]`) where they are known.
    ///
    /// # Errors
    /// [`Argument`](crate::ErrorKind::Argument) if shapes do not fit, a number is not finite, a mass or
    /// density is not positive, or the masses do not sum to 1 within
    /// [`MASS_TOLERANCE`](super::MASS_TOLERANCE).
    pub fn new(
        dimension: usize,
        x: &[f64],
        w: Option<&[f64]>,
        rho: &[f64],
        score: Option<&[f64]>,
    ) -> Result<Self> {
        let n = x.len() / dimension;
        let even = vec![1.0 / n.max(1) as f64; n];
        let w = w.unwrap_or(&even);
        let score = score.unwrap_or(&[]);
        for (name, array, length) in [
            ("x", x, n * dimension),
            ("w", w, n),
            ("rho", rho, n),
            ("score", score, if score.is_empty() { 0 } else { x.len() }),
        ] {
            if array.len() != length || n == 0 {
                return Err(Error::argument(format!(
                    "`{name}` has {} entries; accepted are {length} for {n} particles in dimension \
                     {dimension}, at least one",
                    array.len()
                )));
            }
            let positive = name == "w" || name == "rho";
            let bad = |v: &f64| !v.is_finite() || (positive && *v <= 0.0);
            if let Some(index) = array.iter().position(bad) {
                return Err(Error::argument(format!(
                    "`{name}` holds {} at index {index}; accepted are finite{} numbers",
                    array[index],
                    if positive { ", positive" } else { "" }
                )));
            }
        }
        let mut labels = Nodes {
            x: x.to_vec(),
            w: w.to_vec(),
            rho: rho.to_vec(),
            score: score.to_vec(),
            side: Vec::new(),
        };
        let mass: f64 = labels.w.iter().sum();
        check_mass(mass, "w", 0.0)?;
        labels.w.iter_mut().for_each(|w| *w /= mass);
        Ok(Self { dimension, labels })
    }
}

impl Particles {
    /// The particles of all ranks, each of which gives its own, perhaps none. Collective.
    ///
    /// # Errors
    /// Those of [`new`](Self::new), and errors of the communicator.
    pub fn of_ranks(
        ranks: &Ranks,
        dimension: usize,
        x: &[f64],
        w: Option<&[f64]>,
        rho: &[f64],
        score: Option<&[f64]>,
    ) -> Result<Self> {
        if ranks.are_alone() {
            return Self::new(dimension, x, w, rho, score);
        }
        let x = ranks.gather(x)?;
        let w = w.map(|w| ranks.gather(w)).transpose()?;
        let rho = ranks.gather(rho)?;
        let score = score.map(|score| ranks.gather(score)).transpose()?;
        Self::new(dimension, &x, w.as_deref(), &rho, score.as_deref())
    }
}

impl Profile for Particles {
    fn dimension(&self) -> usize {
        self.dimension
    }

    fn labels(&self, _rule: &Quadrature, _rng: &mut Xoshiro256PlusPlus) -> Result<Nodes> {
        Ok(self.labels.clone())
    }

    fn density(&self, _: &[f64], _: &mut [f64], _: Option<&mut [f64]>) -> Result<()> {
        Err(Error::state(
            "the density is known at the particles only: the initial condition was given as \
             particles, not as a function; begin with a function, a mixture or a closed form to ask for it",
        ))
    }

    fn is_fixed(&self) -> bool {
        true
    }
}
