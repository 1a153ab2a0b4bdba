//! What can be asked of a flow in Wasserstein space.

use super::shown::moments;
use super::{Solver, check_length, check_shape};
use crate::error::{Error, ErrorKind, Result};
use crate::flow::transport::Pushed;
use crate::flow::{Flow, Transport};
use crate::initial::profile::Profile;
use crate::quadrature::{Nodes, Quadrature, Stream, generator};
use std::sync::Arc;

/// Labels that quantiles are read from.
const SAMPLE: usize = 1 << 14;

/// Points with masses that sum to 1, and the density there.
pub(super) struct Carried {
    /// `[n][d]`
    pub x: Vec<f64>,
    /// `[n]`
    pub w: Vec<f64>,
    /// `[n]`
    pub rho: Vec<f64>,
}

impl Solver {
    /// The density as it is now.
    pub(super) fn pushed(&self) -> Result<Pushed> {
        let state = self.state()?;
        Pushed::new(
            self.transport()?,
            state.parameters.clone(),
            Arc::clone(self.profile()?),
            self.labels.clone(),
            Arc::clone(&self.pool),
        )
    }

    /// The density at points `y` (`[n][d]`) and, when wanted, its gradient (`[n][d]`), through the labels
    /// that the map takes there; NaN where none is found.
    pub(super) fn density(
        &self,
        y: &[f64],
        rho: &mut [f64],
        grad: Option<&mut [f64]>,
    ) -> Result<()> {
        let pushed = self.pushed()?;
        let Some(grad) = grad else {
            return pushed.density(y, rho, None);
        };
        pushed.density(y, rho, Some(grad))?;
        let d = self.domain.dimension();
        for (grad, rho) in grad.chunks_exact_mut(d).zip(rho) {
            // Beyond the support the score means nothing.
            let scale = |g: &mut f64| *g = if *rho == 0.0 { 0.0 } else { *g * *rho };
            grad.iter_mut().for_each(scale);
        }
        Ok(())
    }

    /// The transport map at labels `x` (`[n][d]`): where the mass that began there is now, `y`
    /// (`[n][d]`), however often the flow was relabelled since.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) of an L2 flow or without initial condition, and
    /// [`Argument`](crate::ErrorKind::Argument) if shapes do not fit or a position is not finite.
    pub fn push_forward(&self, x: &[f64], y: &mut [f64]) -> Result<()> {
        let state = self.state()?;
        check_shape("x", x, y.len())?;
        check_length("x", x.len() % self.domain.dimension(), 0)?;
        let flow = self.transport()?;
        let labels = self.profile()?.carry(x.to_vec())?;
        y.copy_from_slice(&flow.positions(&self.pool, &labels, &state.parameters)?);
        Ok(())
    }

    /// The velocity `-grad (dF/drho)` of the mass at points `y`, both `[n][d]`; 0 where there is no mass, and
    /// NaN where no label is found that the map takes there.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) of an L2 flow or without initial condition,
    /// [`Argument`](crate::ErrorKind::Argument) if shapes do not fit or a position is not finite, and those of
    /// the energies.
    pub fn velocity(&self, y: &[f64], velocity: &mut [f64]) -> Result<()> {
        check_shape("y", y, velocity.len())?;
        self.transport()?;
        let d = self.domain.dimension();
        check_length("y", y.len() % d, 0)?;
        let mut rho = vec![0.0; y.len() / d];
        let mut slope = vec![0.0; y.len()];
        self.density(y, &mut rho, Some(&mut slope))?;
        velocity.copy_from_slice(&self.velocity_of(y, &rho, &slope)?);
        Ok(())
    }

    /// The values below which the coordinate of an axis lies with given probabilities, by lines through the
    /// masses of 16,384 labels: to about one part in ten thousand of the mass.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) of an L2 flow or without initial condition, and
    /// [`Argument`](crate::ErrorKind::Argument) if there is no such axis or a probability is not from 0 to 1.
    pub fn quantiles(&self, axis: usize, probabilities: &[f64]) -> Result<Vec<f64>> {
        let state = self.state()?;
        let d = self.domain.dimension();
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
        let rule = Quadrature::Sobol { nodes: SAMPLE };
        let mut rng = generator(self.seed, Stream::Check, state.step, 2);
        let labels = &self.profile()?.labels(&rule, &mut rng)?;
        let observed = self
            .transport()?
            .observe(&self.pool, labels, &state.parameters)?;
        let along = observed.u.iter().skip(axis).step_by(d).copied();
        let mut points: Vec<(f64, f64)> = along.zip(labels.w.iter().copied()).collect();
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
        Ok(probabilities.iter().map(quantile).collect())
    }

    /// The mean (`[d]`) and the covariance (`[d][d]`) of the density.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) of an L2 flow or without initial condition.
    pub fn moments(&self) -> Result<(Vec<f64>, Vec<f64>)> {
        let d = self.domain.dimension();
        let Carried { x, w, .. } = self.carried()?;
        Ok(moments(&x, &w, d))
    }

    /// `int rho ln rho`, minus the differential entropy.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) of an L2 flow or without initial condition.
    pub fn entropy(&self) -> Result<f64> {
        let Carried { w, rho, .. } = self.carried()?;
        let points = w.iter().zip(&rho);
        Ok(points.map(|(w, rho)| w * rho.ln()).sum())
    }

    /// The density as the nodes of the checks carry it.
    pub(super) fn carried(&self) -> Result<Carried> {
        if matches!(self.flow, Flow::L2(_)) {
            self.transport()?;
        }
        let parameters = &self.state()?.parameters;
        let nodes = self.independent();
        let observed = self.flow.observe(&self.pool, nodes, parameters)?;
        Ok(match &self.flow {
            Flow::W2gn(_) => Carried {
                x: nodes.x.clone(),
                w: nodes
                    .w
                    .iter()
                    .zip(&observed.u)
                    .map(|(w, u)| w * u)
                    .collect(),
                rho: observed.u,
            },
            _ => Carried {
                x: observed.u,
                w: nodes.w.clone(),
                rho: observed.rho,
            },
        })
    }

    /// The nodes on which a density is measured, which every rank has all of.
    pub(super) const fn independent(&self) -> &Nodes {
        match &self.flow {
            Flow::Map(_) => &self.labels,
            Flow::L2(_) | Flow::W2gn(_) => &self.check,
        }
    }

    pub(super) fn transport(&self) -> Result<&Transport> {
        match &self.flow {
            Flow::Map(flow) => Ok(flow),
            Flow::L2(_) => Err(Error::state(
                "option `flow` is l2, which has no transport map; accepted is wasserstein",
            )),
            Flow::W2gn(_) => Err(Error::state(
                "option `transport` is w2gn, which has no transport map of labels; accepted is map",
            )),
        }
    }

    pub(super) fn profile(&self) -> Result<&Arc<dyn Profile>> {
        self.profile
            .as_ref()
            .ok_or_else(|| Error::new(ErrorKind::State, "there is no initial condition yet"))
    }
}
