//! Queries of a flow of maps: the density anywhere, and the trajectories of its mass.

use super::{Measure, TransportFlow};
use crate::error::{Error, Result};
use crate::flow::{Context, Lagrangian, Queries, State};
use crate::initial::profile::Profile;
use crate::quadrature::{Nodes, Quadrature, Stream, generator};

/// Labels that quantiles are read from.
const SAMPLE: usize = 1 << 14;

impl TransportFlow {
    /// The density at points `y` (`[n][d]`) and, when wanted, its gradient (`[n][d]`), through the
    /// labels that the map takes there; NaN where none is found.
    pub(super) fn density(
        &self,
        cx: &Context,
        parameters: &[f64],
        y: &[f64],
        rho: &mut [f64],
        grad: Option<&mut [f64]>,
    ) -> Result<()> {
        let pushed = self.pushed(cx, parameters)?;
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
}

impl Lagrangian for TransportFlow {
    fn push_forward(&self, cx: &Context, parameters: &[f64], x: &[f64]) -> Result<Vec<f64>> {
        let labels = self.labels()?.profile.carry(x.to_vec())?;
        Ok(self.functional.positions(&cx.pool, &labels, parameters))
    }

    fn velocity(
        &self,
        cx: &Context,
        parameters: &[f64],
        y: &[f64],
        rho: &[f64],
        slope: &[f64],
    ) -> Result<Vec<f64>> {
        let d = self.domain.dimension();
        if self.functional.terms().use_slope() {
            return Err(Error::state(
                "an energy depends on grad rho, whose velocity has third derivatives of the map, which are not \
                 taken; accepted are other fields, or the paths of particles",
            ));
        }
        let points = slope.chunks_exact(d).zip(rho);
        let score: Vec<f64> = points
            .flat_map(|(slope, rho)| {
                let score = |g: &f64| if *rho > 0.0 { g / rho } else { 0.0 };
                slope.iter().map(score).collect::<Vec<_>>()
            })
            .collect();
        let all = &self.labels()?.independent;
        let whole = self.functional.observe(&cx.pool, all, parameters)?;
        let whole = Measure {
            d,
            t: cx.time,
            y: &whole.u,
            w: &all.w,
            rho: &whole.rho,
        };
        let functional = &self.functional;
        let mut velocity = functional.velocity(&cx.pool, &whole, (y, rho, &score))?;
        let points = velocity.chunks_exact_mut(d).zip(rho);
        points
            .filter(|(_, rho)| rho.is_nan())
            .for_each(|(v, _)| v.fill(f64::NAN));
        Ok(velocity)
    }

    fn sample(&self, cx: &Context, state: &State) -> Result<Nodes> {
        let rule = Quadrature::Sobol { nodes: SAMPLE };
        let mut rng = generator(cx.seed(), Stream::Check, state.step, 2);
        let mut labels = self.labels()?.profile.labels(&rule, &mut rng)?;
        let functional = &self.functional;
        let observed = functional.observe(&cx.pool, &labels, &state.parameters)?;
        labels.x = observed.u;
        Ok(labels)
    }

    fn particles(&self, cx: &Context, parameters: &[f64], n: usize) -> Result<Nodes> {
        let rule = Quadrature::Sobol { nodes: n.max(1) };
        // Labels of a density that was pushed are those of the first, pushed: always the same.
        let mut rng = generator(cx.seed(), Stream::Check, 0, 3);
        let labels = self.labels()?.profile.labels(&rule, &mut rng)?;
        self.pushed(cx, parameters)?.push(&labels)
    }

    fn particles_from(&self, cx: &Context, parameters: &[f64], x: &[f64]) -> Result<Nodes> {
        let profile = &self.labels()?.profile;
        let n = x.len() / self.domain.dimension();
        let mut labels = Nodes {
            x: x.to_vec(),
            w: vec![0.0; n],
            rho: vec![f64::NAN; n],
            score: Vec::new(),
            side: Vec::new(),
        };
        if self.is_known_everywhere() {
            labels.score = vec![0.0; x.len()];
            let origin = profile.origin().unwrap_or(&**profile);
            origin.density(x, &mut labels.rho, Some(&mut labels.score))?;
        }
        self.pushed(cx, parameters)?
            .push(&profile.carry_labels(labels)?)
    }
}
