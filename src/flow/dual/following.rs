//! Where a flow of potentials goes on after a step.

use super::begun::Begun;
use super::flow::DualFlow;
use super::region::{around, widened};
use super::site::SIZES;
use super::start;
use crate::error::Result;
use crate::flow::{Context, State};
use crate::minimize::Method;

/// The part of the mass that independent nodes may see too much or too little of.
const ROUGH: f64 = 1e-3;

impl DualFlow {
    /// Moves to another region when the mass has, and to a larger size when nodes turn out too few.
    /// `mass` is what there is of it.
    ///
    /// # Errors
    /// Errors of the energies.
    pub(in crate::flow) fn follow(
        &mut self,
        cx: &Context,
        state: &mut State,
        mass: f64,
    ) -> Result<()> {
        let begun = self.begun()?;
        let Begun { dual, site, draws } = begun;
        let potential = begun.potential(&state.parameters);
        let mut sizes = SIZES[site.dimension() - 1].as_slice();
        let larger = sizes
            .iter()
            .position(|size| size.per_axis > site.size.per_axis);
        let rough = (state.report.mass / mass - 1.0).abs() > ROUGH;
        match larger {
            Some(larger) if rough => sizes = &sizes[larger..],
            _ if site.is_left(&self.domain, &potential.rho)? => {}
            _ => return Ok(()),
        }
        let needed = around(&self.domain, &site.nodes.x, &potential.rho)?;
        let needed = needed.unwrap_or_else(|| site.region.clone());
        let variance = 2.0 * dual.diffusivity() * state.report.tau;
        let region = widened(
            &self.domain,
            &needed,
            (&site.nodes.x, &potential.rho),
            variance,
        )?;
        let before = (dual, site, &potential);
        let fitted = start::move_to(cx, before, (&self.domain, &region), (sizes, mass), *draws)?;
        let Some(fitted) = fitted else {
            return Ok(());
        };
        log::info!(
            "step {}: the potential is that of {:?} to {:?} from here on",
            state.step,
            region.lower(),
            region.upper()
        );
        let begun = Begun {
            dual: fitted.dual,
            site: fitted.site,
            draws: draws + SIZES[0].len() as u64,
        };
        let parameters = begun.parameters(&fitted.state);
        self.begun = Some(begun);
        state.reparametrize(parameters, cx.minimizer(Method::Dense));
        Ok(())
    }
}
