//! A flow that has begun: its functional, features and labels, and a stage of a step as a flow poses it.

use super::asked::Wanted;
use super::calibrated::{Scored, calibrated};
use super::cloud::Cloud;
use super::features::Features;
use super::functional::Functional;
use super::labelled::steps;
use super::newton::{FOLDED, Solved, Stage};
use super::small;
use crate::error::{Error, ErrorKind, Result};
use crate::flow::{Minimized, Observed, Posed, REST};
use crate::minimize::{Stop, Watch};
use crate::parallel::Pool;
use crate::quadrature::Nodes;
use std::ops::Range;

/// What `ln rho` may be off by at labels that a step did not train on, the root of the mean square.
const OFF: f64 = 0.3;

/// What there is once there is an initial density.
#[derive(Clone)]
pub(super) struct Begun {
    pub functional: Functional,
    pub features: Features,
    /// Labels of the initial density, `trained` of them first.
    pub labels: Nodes,
    pub trained: usize,
    /// The others, with masses that sum to 1.
    pub check: Nodes,
    /// Times that features were drawn.
    pub draws: u64,
}

impl Begun {
    pub fn new(functional: Functional, features: Features, labels: Nodes, trained: usize) -> Self {
        let mut check = labels.part(trained..labels.len());
        check.rho.clear();
        let whole: f64 = check.w.iter().sum();
        check.w.iter_mut().for_each(|w| *w /= whole);
        Self {
            functional,
            features,
            labels,
            trained,
            check,
            draws: 1,
        }
    }

    /// The parameters of a state.
    pub fn parameters(&self, cloud: &Cloud) -> Vec<f64> {
        let mut all = self.features.hidden().to_vec();
        cloud.add_to(&mut all);
        all
    }

    /// How many there are between steps.
    pub fn size(&self) -> usize {
        let (n, d) = (self.labels.len(), self.features.dimension());
        let second = if self.features.external { d * d } else { 0 };
        self.features.hidden().len() + self.features.len() + n * (4 * d + 2 + second)
    }

    /// The state that is in the parameters.
    ///
    /// # Errors
    /// [`Internal`](crate::ErrorKind::Internal) if there is none.
    pub fn cloud(&self, parameters: &[f64]) -> Result<Cloud> {
        let rest = parameters.get(self.features.hidden().len()..);
        let rest = rest.ok_or_else(|| Error::internal("parameters hold no potential"))?;
        Cloud::of(rest, &self.features, self.labels.len())
    }

    /// Gives the density of the potential the mass 1, as labels say.
    pub fn normalise(&self, cloud: &mut Cloud) {
        let (_, mass) = cloud.weights(0..self.labels.len(), &self.labels.w);
        let excess = mass.ln();
        cloud.logarithm.iter_mut().for_each(|l| *l -= excess);
        let constant = self.features.planes();
        cloud.coefficients[constant] -= self.functional.diffusivity * excess;
    }

    /// What moves, at the labels that were not trained on: positions, weights for which these are a sample of
    /// the density, and that density. Weights are a smooth function of the state, as energies are that a step compares.
    pub fn observed(&self, cloud: &Cloud) -> Observed {
        self.observed_at(cloud, self.trained..self.labels.len())
    }

    fn observed_at(&self, cloud: &Cloud, labels: Range<usize>) -> Observed {
        let d = self.features.dimension();
        let (weights, _) = cloud.weights(labels.clone(), &self.labels.w);
        Observed {
            u: cloud.x[labels.start * d..labels.end * d].to_vec(),
            p: weights,
            rho: cloud.logarithm[labels].iter().map(|l| l.exp()).collect(),
            ..Observed::default()
        }
    }

    /// `grad ln rho` of the potential at the labels, `[n][d]`.
    fn score(&self, at: (&Pool, f64), cloud: &Cloud) -> Result<Vec<f64>> {
        let known = cloud.asked.x == cloud.x || !cloud.asked.hessian.is_empty();
        let external = match known {
            true => cloud.asked.continued(cloud.logarithm.clone(), &cloud.x),
            false => {
                let step = steps(&self.features.scale);
                self.functional
                    .jets(at, &cloud.x, &step, Wanted::Gradient)?
            }
        };
        let k = self.functional.diffusivity;
        let pairs = cloud.slope.iter().zip(&external.gradient);
        Ok(pairs.map(|(p, v)| (p - v) / k).collect())
    }

    /// The density as weighted points: all labels, with weights that have less of chance.
    ///
    /// # Errors
    /// Errors of the energies and of the threads.
    pub fn sample(&self, at: (&Pool, f64), cloud: &Cloud) -> Result<Nodes> {
        let n = self.labels.len();
        let score = self.score(at, cloud)?;
        let mut all = Nodes::default();
        for labels in [0..self.trained, self.trained..n] {
            let part = labels.len() as f64 / n as f64;
            let d = self.features.dimension();
            let Observed { u, p, rho, .. } = self.observed_at(cloud, labels.clone());
            let scored = Scored {
                x: &u,
                score: &score[labels.start * d..labels.end * d],
                features: &self.features,
            };
            let weights = calibrated(at.0, scored, p)?;
            all.w.extend(weights.iter().map(|w| part * w));
            all.x.extend(u);
            all.rho.extend(rho);
        }
        Ok(all)
    }

    /// Half the square of a motion that is rest.
    pub fn rest(&self, x: &[f64], masses: &[f64]) -> f64 {
        let d = self.features.dimension();
        let (_, widths) = super::planes::frame(x, masses, d);
        let square: f64 = widths.iter().map(|w| 0.25 * w * w).sum();
        0.5 * REST * REST * square
    }

    /// Finds the potential of a stage from that of the stage before.
    ///
    /// # Errors
    /// [`NotConverged`](crate::ErrorKind::NotConverged) if it is not found to the option `step_accept`,
    /// [`Folded`](crate::ErrorKind::Folded) if the map folds, and errors of the energies and of `watch`.
    pub fn minimize(
        &self,
        posed: &Posed<'_>,
        guess: &[f64],
        stop: &Stop,
        watch: &mut Watch<'_>,
    ) -> Result<Minimized> {
        let Posed { cx, centre, .. } = *posed;
        let (d, n) = (self.features.dimension(), self.labels.len());
        let (before, guess) = (self.cloud(posed.before)?, self.cloud(guess)?);
        let (positions, derivatives) = centre.values.split_at(n * d);
        let (shrunk, masses) = self.shrunk(derivatives)?;
        let pairs = before.logarithm.iter().zip(&shrunk);
        let logarithm: Vec<f64> = pairs.map(|(l, s)| l - s).collect();
        self.functional.check(&cx.pool, cx.time, positions)?;
        let stage = Stage {
            pool: &cx.pool,
            time: cx.time,
            functional: &self.functional,
            features: &self.features,
            centre: positions,
            logarithm: &logarithm,
            masses: &masses,
            trained: self.trained,
            strength: centre.strength,
            rest: self.rest(&before.x, &self.labels.w),
            step: &steps(&self.features.scale),
        };
        let solved = stage.solve(&guess, stop, watch)?;
        let outcome = solved.outcome;
        if !(outcome.converged || outcome.gap <= cx.step_accept().powi(2) * solved.scale) {
            return Err(Error::new(
                ErrorKind::NotConverged,
                format!(
                    "step {}: the potential is off by {:.0e} of what the step moves by after {} iterations, \
                     where `step_accept` is {:.0e}; take a smaller `tau`, or `transport` = map",
                    posed.turn.step,
                    (outcome.gap / solved.scale).sqrt(),
                    outcome.iterations,
                    cx.step_accept()
                ),
            ));
        }
        let off = (2.0 * solved.rough / self.functional.diffusivity).sqrt();
        log::debug!(
            "step {}: `ln rho` is off by {off:.1e} at independent labels",
            posed.turn.step
        );
        if off > OFF {
            return Err(Error::new(
                ErrorKind::NotConverged,
                format!(
                    "step {}: `ln rho` is off by {off:.1e} at independent labels, more than features hold; take \
                     a smaller `tau`, or `transport` = map",
                    posed.turn.step
                ),
            ));
        }
        let scale = solved.scale;
        let carried = before.carried.iter().zip(&shrunk).map(|(l, s)| l - s);
        let mut cloud = self.moved(solved, carried, derivatives);
        self.normalise(&mut cloud);
        Ok(Minimized {
            parameters: self.parameters(&cloud),
            outcome,
            scale,
        })
    }

    /// `ln det` of the derivatives of centres, `[n]`, and the masses of labels, 0 where centres fold over.
    fn shrunk(&self, derivatives: &[f64]) -> Result<(Vec<f64>, Vec<f64>)> {
        let d = self.features.dimension();
        let (mut shrunk, mut masses) = (Vec::new(), self.labels.w.clone());
        let mut folded = 0.0;
        let mut matrix = vec![0.0; d * d];
        for (of, mass) in derivatives.chunks_exact(d * d).zip(&mut masses) {
            matrix.copy_from_slice(of);
            let logarithm = small::logarithm_of_any(&mut matrix, d);
            if logarithm.is_none() {
                folded += *mass;
                *mass = 0.0;
            }
            shrunk.push(logarithm.unwrap_or(0.0));
        }
        let whole: f64 = self.labels.w.iter().sum();
        if folded > FOLDED * whole {
            return Err(Error::new(
                ErrorKind::Folded,
                format!(
                    "the centres of a stage fold over for {:.0} % of the labels; take a smaller `tau`",
                    100.0 * folded / whole
                ),
            ));
        }
        Ok((shrunk, masses))
    }

    /// The labels where a stage has taken them, from the densities at centres and their derivatives.
    fn moved(
        &self,
        solved: Solved,
        carried: impl Iterator<Item = f64>,
        derivatives: &[f64],
    ) -> Cloud {
        let d = self.features.dimension();
        let mut cloud = Cloud {
            coefficients: solved.coefficients,
            x: solved.y,
            asked: solved.asked,
            jacobian: vec![0.0; derivatives.len()],
            ..Cloud::default()
        };
        let centres = carried.zip(derivatives.chunks_exact(d * d));
        let jacobians = cloud.jacobian.chunks_exact_mut(d * d);
        for (equation, ((carried, of), into)) in solved.equations.iter().zip(centres.zip(jacobians))
        {
            cloud.slope.extend_from_slice(&equation.slope);
            cloud.logarithm.push(equation.logarithm);
            cloud.carried.push(carried + equation.determinant);
            small::product(&equation.inverse, of, d, into);
        }
        cloud
    }
}
