//! The minimisation of a stage, as a flow poses it.

use super::begun::Begun;
use super::carried::Masses;
use super::newton::Stage;
use crate::domain::Domain;
use crate::error::{Error, ErrorKind, Result};
use crate::flow::observed::masses;
use crate::flow::{Minimized, Posed};
use crate::minimize::{Stop, Watch};

/// Masses, relative to the largest of a node, below which a step does not carry them.
const KEPT: f64 = 1e-8;

impl Begun {
    /// Finds the potential of a stage in a domain from a guess.
    ///
    /// # Errors
    /// [`NotConverged`](crate::ErrorKind::NotConverged) if it is not found to the option `step_accept`,
    /// and errors of the energies and of `watch`.
    pub fn minimize(
        &self,
        domain: &Domain,
        posed: &Posed<'_>,
        guess: &[f64],
        stop: &Stop,
        watch: &mut Watch<'_>,
    ) -> Result<Minimized> {
        let Self { dual, site, .. } = self;
        let Posed { cx, centre, .. } = *posed;
        let before = self.potential(posed.before);
        let mut mass = masses(&site.nodes, &before.rho);
        let most = mass.iter().fold(0.0_f64, |a, b| a.max(*b));
        let all: f64 = mass.iter().sum();
        mass.iter_mut()
            .filter(|m| **m < KEPT * most)
            .for_each(|m| *m = 0.0);
        let kept: f64 = mass.iter().sum();
        mass.iter_mut().for_each(|m| *m *= all / kept);
        let known = &site.external;
        let external = dual.external_now(&cx.pool, cx.time, &site.nodes.x, known)?;
        let stage = Stage {
            pool: &cx.pool,
            time: cx.time,
            dual,
            site,
            external: &external,
            masses: Masses {
                centre: &centre.values,
                mass: &mass,
                tau: 1.0 / centre.strength,
                within: domain.is_box().then_some(domain),
            },
            strength: centre.strength,
            rest: self.rest(&site.nodes, &before.rho),
        };
        let mut guess = self.potential(guess);
        guess.y.clone_from(&centre.values);
        let (state, outcome, scale) = stage.solve(guess, stop, watch)?;
        if !(outcome.converged || outcome.gap <= cx.step_accept().powi(2) * scale) {
            return Err(Error::new(
                ErrorKind::NotConverged,
                format!(
                    "step {}: the potential is off by {:.0e} of what the step moves by after {} iterations, \
                     where `step_accept` is {:.0e}; take a smaller `tau`, or `transport` = map",
                    posed.turn.step,
                    (outcome.gap / scale).sqrt(),
                    outcome.iterations,
                    cx.step_accept()
                ),
            ));
        }
        Ok(Minimized {
            parameters: self.parameters(&state),
            outcome,
            scale,
        })
    }
}
