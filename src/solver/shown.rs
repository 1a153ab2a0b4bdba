//! What snapshots show of a solver besides u: masses where they are, densities of energy, moments.

use super::transport::Carried;
use super::{Solver, check_length, check_shape};
use crate::error::{Error, Result};
use crate::flow::Flow;
use crate::flow::transport::Measure;
use crate::quadrature::{Nodes, Quadrature, Stream, generator};

/// Figures of a state as a whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measured {
    /// Energy of each term, in the order they were added.
    pub energies: Vec<f64>,
    /// The integral of u.
    pub mass: f64,
    /// Of a flow in Wasserstein space.
    pub moments: Option<Moments>,
}

/// Moments of a density.
#[derive(Clone, Debug, PartialEq)]
pub struct Moments {
    /// `[d]`.
    pub mean: Vec<f64>,
    /// `[d][d]`.
    pub covariance: Vec<f64>,
    /// `int rho ln rho`.
    pub entropy: f64,
}

impl Solver {
    /// Energies, mass and, in Wasserstein space, moments, all on the independent nodes. With a communicator a
    /// collective call.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) without initial condition, and those of the energies.
    pub fn measure(&self) -> Result<Measured> {
        let state = self.state()?;
        let of_field = matches!(self.flow, Flow::L2(_));
        if let (Some(report), 1, true) = (self.report(), self.energy_names().len(), of_field) {
            // The report of the step has them already.
            return Ok(Measured {
                energies: vec![report.energy],
                mass: report.mass,
                moments: None,
            });
        }
        let observed = self.observed(state)?;
        let energies = self.flow.energies(&self.pool, &self.check, &observed)?;
        let mass = observed.mass(self.pool.ranks(), &self.check)?;
        let moments = if of_field {
            None
        } else {
            let Carried { x, w, rho } = self.carried()?;
            let (mean, covariance) = moments(&x, &w, self.domain.dimension());
            let points = w.iter().zip(&rho);
            Some(Moments {
                mean,
                covariance,
                entropy: points.map(|(w, rho)| w * rho.ln()).sum(),
            })
        };
        Ok(Measured {
            energies,
            mass,
            moments,
        })
    }

    /// Whether a transport map carries mass along.
    #[must_use]
    pub const fn carries_mass(&self) -> bool {
        matches!(self.flow, Flow::Map(_))
    }

    /// Whether u is known everywhere: not of a flow that began with particles.
    #[must_use]
    pub fn is_known_everywhere(&self) -> bool {
        self.profile.as_ref().is_none_or(|profile| {
            let origin = profile.origin().unwrap_or(&**profile);
            !origin.is_fixed()
        })
    }

    /// About n masses of the initial density, the same in every call, where they are now; of a flow that
    /// began with particles all of them. Positions, masses, the density and, where it is known, its score.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) of an L2 flow or without initial condition.
    pub fn masses(&self, n: usize) -> Result<Nodes> {
        self.transport()?;
        self.state()?;
        let rule = Quadrature::Sobol { nodes: n.max(1) };
        // Labels of a density that was pushed are those of the first, pushed: always the same.
        let mut rng = generator(self.seed, Stream::Check, 0, 3);
        let labels = self.profile()?.labels(&rule, &mut rng)?;
        self.pushed()?.push(&labels)
    }

    /// The masses that were at `x` (`[n][d]`) in the beginning, where they are now: positions, the density
    /// (NaN where that of the beginning is not known) and, where it is known, its score. The masses
    /// themselves are not known and 0.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) of an L2 flow or without initial condition, and
    /// [`Argument`](crate::ErrorKind::Argument) if shapes do not fit or a position is not finite.
    pub fn masses_from(&self, x: &[f64]) -> Result<Nodes> {
        let d = self.domain.dimension();
        check_shape("x", x, x.len())?;
        check_length("x", x.len() % d, 0)?;
        self.transport()?;
        self.state()?;
        let profile = self.profile()?;
        let mut labels = Nodes {
            x: x.to_vec(),
            w: vec![0.0; x.len() / d],
            rho: vec![f64::NAN; x.len() / d],
            score: Vec::new(),
        };
        if self.is_known_everywhere() {
            labels.score = vec![0.0; x.len()];
            let origin = profile.origin().unwrap_or(&**profile);
            origin.density(x, &mut labels.rho, Some(&mut labels.score))?;
        }
        self.pushed()?.push(&profile.carry_labels(labels)?)
    }

    /// The velocity `-grad (dF/drho)` of the mass at points `y` (`[n][d]`) where the density is `rho` (`[n]`)
    /// and its gradient `slope` (`[n][d]`), which [`evaluate`](Self::evaluate) gives; 0 where there is no
    /// mass, and NaN where rho is.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) of an L2 flow or without initial condition,
    /// [`Argument`](crate::ErrorKind::Argument) if shapes do not fit, and those of the energies.
    pub fn velocity_of(&self, y: &[f64], rho: &[f64], slope: &[f64]) -> Result<Vec<f64>> {
        let d = self.domain.dimension();
        check_length("rho", rho.len() * d, y.len())?;
        check_length("slope", slope.len(), y.len())?;
        let flow = self.transport()?;
        let points = slope.chunks_exact(d).zip(rho);
        let score: Vec<f64> = points
            .flat_map(|(slope, rho)| {
                slope
                    .iter()
                    .map(move |g| if *rho > 0.0 { g / rho } else { 0.0 })
            })
            .collect();
        let whole = flow.observe(&self.pool, &self.labels, &self.state()?.parameters)?;
        let whole = Measure {
            d,
            y: &whole.u,
            w: &self.labels.w,
            rho: &whole.rho,
        };
        let mut velocity = flow.velocity(&self.pool, &whole, (y, rho, &score))?;
        let points = velocity.chunks_exact_mut(d).zip(rho);
        points
            .filter(|(_, rho)| rho.is_nan())
            .for_each(|(v, _)| v.fill(f64::NAN));
        Ok(velocity)
    }

    /// The densities of the energies at points `x` (`[n][d]`) with u (`[n]`) and its gradient `p` (`[n][d]`):
    /// for each term `[n]`, the integral of which is its energy. That of an interaction is
    /// `u (W * u) / 2`.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) without initial condition,
    /// [`Argument`](crate::ErrorKind::Argument) if shapes do not fit, and those of the energies.
    pub fn energy_densities(&self, x: &[f64], u: &[f64], p: &[f64]) -> Result<Vec<Vec<f64>>> {
        let d = self.domain.dimension();
        check_length("x", x.len(), u.len() * d)?;
        check_length("p", p.len(), x.len())?;
        let state = self.state()?;
        if u.is_empty() {
            return Ok(vec![Vec::new(); self.energy_names().len()]);
        }
        self.flow
            .densities(&self.pool, self.independent(), &state.parameters, (x, u, p))
    }

    /// Refuses fields that only a transport map has.
    pub(crate) fn check_map(&self, what: &str) -> Result<()> {
        self.transport()
            .map(drop)
            .map_err(|error| Error::argument(format!("{what}: {}", error.message())))
    }
}

/// Mean and covariance of masses `w` at points `x`, `[n][d]`.
pub(super) fn moments(x: &[f64], w: &[f64], d: usize) -> (Vec<f64>, Vec<f64>) {
    let mut mean = vec![0.0; d];
    let mut covariance = vec![0.0; d * d];
    for (x, w) in x.chunks_exact(d).zip(w) {
        mean.iter_mut().zip(x).for_each(|(m, x)| *m += w * x);
    }
    for (x, w) in x.chunks_exact(d).zip(w) {
        for i in 0..d {
            for j in 0..d {
                covariance[i * d + j] += w * (x[i] - mean[i]) * (x[j] - mean[j]);
            }
        }
    }
    (mean, covariance)
}
