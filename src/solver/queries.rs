//! Queries between steps: masses, velocities, energy densities, moments.

use super::Solver;
use crate::arguments::require_room;
use crate::arguments::{check_length, check_points};
use crate::error::{Error, Result};
use crate::export::Exported;
use crate::fingerprint::Fingerprint;
use crate::flow::{self, FieldSpec, Lagrangian, Masses, PointValues, State, registry};
use crate::quadrature::Nodes;

/// Figures of a state as a whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measured {
    /// Energy of each term, in the order they were added.
    pub energies: Vec<f64>,
    /// The integral of u.
    pub mass: f64,
    /// Moments of the density, for a flow in Wasserstein space.
    pub moments: Option<Moments>,
    /// Fingerprint of the nodes of all ranks, by which a restart knows them again.
    pub nodes: Fingerprint,
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
    /// Energies, mass and, in Wasserstein space, moments, all on the independent nodes. With a
    /// communicator a collective call.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) without initial condition, and errors of the energies.
    pub fn measure(&self) -> Result<Measured> {
        let state = self.state()?;
        let masses = self.flow.masses(&self.now(), &state.parameters)?;
        let nodes = flow::fingerprint(&*self.flow, self.ranks())?;
        let report = self.report().filter(|_| state.is_as_stepped());
        if let (Some(report), 1, None) = (report, self.energy_names().len(), &masses) {
            // The report of the step has them already.
            return Ok(Measured {
                energies: vec![report.energy],
                mass: report.mass,
                moments: None,
                nodes,
            });
        }
        let observed = self.observed(state)?;
        let energies = self.flow.energies(&self.now(), &observed)?;
        let mass = observed.mass(self.ranks(), self.flow.check_nodes())?;
        let d = self.domain().dimension();
        Ok(Measured {
            energies,
            mass,
            nodes,
            moments: masses.map(|masses| {
                let (mean, covariance) = moments(&masses, d);
                Moments {
                    mean,
                    covariance,
                    entropy: entropy(&masses),
                }
            }),
        })
    }

    /// The fields that the flow has by name; snapshots show the first by default.
    #[must_use]
    pub fn fields(&self) -> &'static [FieldSpec] {
        self.flow.fields()
    }

    /// The options that choose this solver's flow, for messages: `flow` is l2.
    #[must_use]
    pub fn flow_choice(&self) -> String {
        let spec = self.flow.spec();
        let same = registry::FLOWS.iter().filter(|it| it.name == spec.name);
        if same.count() > 1 {
            format!("`flow` is {} and `transport` {}", spec.name, spec.transport)
        } else {
            format!("`flow` is {}", spec.name)
        }
    }

    /// The values of one of [`fields`](Self::fields) at points, `[n][components]`.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) without initial condition,
    /// [`Argument`](crate::ErrorKind::Argument) if shapes do not fit, and errors of the energies.
    pub fn field_values(&self, field: &FieldSpec, at: &PointValues<'_>) -> Result<Vec<f64>> {
        let state = self.state()?;
        let (c, d) = (self.components(), self.domain().dimension());
        check_length("u", at.u.len(), at.x.len() / d * c)?;
        if field.needs_gradient() {
            check_length("gradient", at.gradient.len(), at.x.len() * c)?;
        }
        if at.u.is_empty() {
            return Ok(Vec::new());
        }
        self.flow
            .field_values(&self.now(), &state.parameters, field, at)
    }

    /// Whether a transport map carries mass along.
    #[must_use]
    pub fn carries_mass(&self) -> bool {
        self.flow.lagrangian().is_ok()
    }

    /// Whether u is known everywhere: not of a flow that began with particles.
    #[must_use]
    pub fn is_known_everywhere(&self) -> bool {
        self.flow.is_known_everywhere()
    }

    /// The network as it is now, with all that its evaluation takes.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) without initial condition.
    pub fn exported(&self) -> Result<Exported> {
        let parameters = &self.state()?.parameters;
        let mut out = flow::export::begin(self.flow.network());
        self.flow.export(&self.now(), parameters, &mut out)?;
        Ok(out)
    }

    /// The transport map at labels `x` (`[n][d]`): where the mass that began there is now, `y`
    /// (`[n][d]`), however often the flow was relabelled since.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) of a flow without a map or without initial condition, and
    /// [`Argument`](crate::ErrorKind::Argument) if shapes do not fit or a position is not finite.
    pub fn push_forward(&self, x: &[f64], y: &mut [f64]) -> Result<()> {
        let state = self.state()?;
        check_length("y", y.len(), x.len())?;
        self.check_points("x", x)?;
        let map = self.flow.lagrangian()?;
        y.copy_from_slice(&map.push_forward(&self.now(), &state.parameters, x)?);
        Ok(())
    }

    /// The velocity `-grad (dF/drho)` of the mass at points `y`, both `[n][d]`; 0 where there is no
    /// mass, and NaN where no label is found that the map takes there.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) of a flow without a map or without initial condition,
    /// [`Argument`](crate::ErrorKind::Argument) if shapes do not fit or a position is not finite,
    /// and errors of the energies.
    pub fn velocity(&self, y: &[f64], velocity: &mut [f64]) -> Result<()> {
        check_length("velocity", velocity.len(), y.len())?;
        self.flow.lagrangian()?;
        self.check_points("y", y)?;
        let mut rho = vec![0.0; y.len() / self.domain().dimension()];
        let mut slope = vec![0.0; y.len()];
        self.evaluate(y, &mut rho, Some(&mut slope))?;
        let (map, state) = self.lagrangian()?;
        velocity.copy_from_slice(&map.velocity(&self.now(), &state.parameters, y, &rho, &slope)?);
        Ok(())
    }

    /// The values below which the coordinate of an axis lies with given probabilities, by lines
    /// through the masses of 16,384 labels: to about one part in ten thousand of the mass.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) of a flow without a map or without initial condition, and
    /// [`Argument`](crate::ErrorKind::Argument) if there is no such axis or a probability is not
    /// from 0 to 1.
    pub fn quantiles(&self, axis: usize, probabilities: &[f64]) -> Result<Vec<f64>> {
        let state = self.state()?;
        let d = self.domain().dimension();
        if axis >= d {
            return Err(Error::argument(format!(
                "`axis` is {axis}; accepted are 0 to {}",
                d - 1
            )));
        }
        if let Some(p) = probabilities.iter().find(|p| !(0.0..=1.0).contains(*p)) {
            return Err(Error::argument(format!(
                "`probability` holds {p}; accepted are numbers from 0 to 1"
            )));
        }
        let sample = self.flow.sample(&self.now(), state)?;
        let along = sample.x.iter().skip(axis).step_by(d).copied();
        let points = along.zip(sample.w.iter().copied()).collect();
        Ok(quantiles(points, probabilities))
    }

    /// The mean (`[d]`) and the covariance (`[d][d]`) of the density.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) of a flow of no density or without initial condition.
    pub fn moments(&self) -> Result<(Vec<f64>, Vec<f64>)> {
        Ok(moments(&self.masses_now()?, self.domain().dimension()))
    }

    /// `int rho ln rho`, minus the differential entropy.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) of a flow of no density or without initial condition.
    pub fn entropy(&self) -> Result<f64> {
        Ok(entropy(&self.masses_now()?))
    }

    /// About n masses of the initial density, the same in every call, where they are now; of a flow
    /// that began with particles all of them. Positions, masses, the density and, where it is
    /// known, its score.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) of a flow without a map or without initial condition.
    pub fn masses(&self, n: usize) -> Result<Nodes> {
        require_room(n, self.domain().dimension())?;
        let (map, state) = self.lagrangian()?;
        map.particles(&self.now(), &state.parameters, n)
    }

    /// The masses that were at `x` (`[n][d]`) in the beginning, where they are now: positions, the
    /// density (NaN where that of the beginning is not known) and, where it is known, its score.
    /// The masses themselves are not known and 0.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) of a flow without a map or without initial condition, and
    /// [`Argument`](crate::ErrorKind::Argument) if shapes do not fit or a position is not finite.
    pub fn masses_from(&self, x: &[f64]) -> Result<Nodes> {
        self.check_points("x", x)?;
        let d = self.domain().dimension();
        require_room(x.len() / d, d)?;
        let (map, state) = self.lagrangian()?;
        map.particles_from(&self.now(), &state.parameters, x)
    }

    fn lagrangian(&self) -> Result<(&dyn Lagrangian, &State)> {
        Ok((self.flow.lagrangian()?, self.state()?))
    }

    fn masses_now(&self) -> Result<Masses> {
        let parameters = &self.state()?.parameters;
        match self.flow.masses(&self.now(), parameters)? {
            Some(masses) => Ok(masses),
            None => match self.flow.lagrangian() {
                Err(error) => Err(error),
                Ok(_) => Err(Error::internal("a transport map carries no masses")),
            },
        }
    }

    fn check_points(&self, name: &str, x: &[f64]) -> Result<()> {
        check_points(name, x, self.domain().dimension()).map(drop)
    }
}

/// The values below which masses `(x, w)` lie with given probabilities, by lines through them.
fn quantiles(mut points: Vec<(f64, f64)>, probabilities: &[f64]) -> Vec<f64> {
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    // Half of a label's mass lies on either side of it.
    let mut below = 0.0;
    for (_, w) in &mut points {
        let mass = *w;
        *w = below + 0.5 * mass;
        below += mass;
    }
    let quantile = |p: &f64| {
        let next = points.partition_point(|(_, mass)| mass < p);
        let before = next.saturating_sub(1);
        match (points.get(before), points.get(next)) {
            (Some((x, m)), Some((y, n))) if n > m => x + (y - x) * ((p - m) / (n - m)).max(0.0),
            (Some((x, _)), _) => *x,
            (None, _) => f64::NAN,
        }
    };
    probabilities.iter().map(quantile).collect()
}

/// `int rho ln rho`.
fn entropy(masses: &Masses) -> f64 {
    let points = masses.w.iter().zip(&masses.rho);
    points.map(|(w, rho)| w * rho.ln()).sum()
}

/// Mean (`[d]`) and covariance (`[d][d]`) of masses.
fn moments(masses: &Masses, d: usize) -> (Vec<f64>, Vec<f64>) {
    let points = || masses.x.chunks_exact(d).zip(&masses.w);
    let mut mean = vec![0.0; d];
    let mut covariance = vec![0.0; d * d];
    for (x, w) in points() {
        mean.iter_mut().zip(x).for_each(|(m, x)| *m += w * x);
    }
    for (x, w) in points() {
        for i in 0..d {
            for j in 0..d {
                covariance[i * d + j] += w * (x[i] - mean[i]) * (x[j] - mean[j]);
            }
        }
    }
    (mean, covariance)
}
