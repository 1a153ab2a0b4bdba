//! The potential of the initial density.

use super::Dual;
use super::mollified::Grid;
use super::region::{around, widened};
use super::site::{SIZES, Site, Size};
use super::start::{Fitted, best_of, fit, relative_error};
use crate::domain::Domain;
use crate::error::Result;
use crate::flow::Context;
use crate::flow::transport::Terms;
use crate::initial::profile::Profile;
use crate::minimize::Watch;
use crate::quadrature::{Nodes, Quadrature, Stream, generator};

/// Gauss labels along an axis by which the region is found.
const LABELS: usize = 28;

/// What a density that jumps is convolved with, in standard deviations of what a step diffuses: a sixteenth
/// of its variance. Less where nodes see less, but never more than a step.
const MOLLIFIED: f64 = 0.25;

/// Where a density is, roughly.
///
/// # Errors
/// Errors of the density, and [`State`](crate::ErrorKind::State) if it is not known but at labels.
pub(super) fn region_of(domain: &Domain, profile: &dyn Profile) -> Result<Option<Domain>> {
    let rule = Quadrature::Gauss { per_axis: LABELS };
    let labels = profile.labels(&rule, &mut generator(0, Stream::Nodes, 0, 0))?;
    let Some(coarse) = around(domain, &labels.x, &labels.rho)? else {
        return Ok(None);
    };
    // Labels may lie far apart.
    let rule = Quadrature::Gauss {
        per_axis: 2 * LABELS,
    };
    let nodes = rule.nodes(&coarse, &mut generator(0, Stream::Nodes, 0, 0))?;
    let rho = density(profile, &nodes)?;
    let all = [labels.x, nodes.x].concat();
    let rho = [labels.rho, rho].concat();
    around(domain, &all, &rho)
}

fn density(profile: &dyn Profile, nodes: &Nodes) -> Result<Vec<f64>> {
    let mut rho = vec![0.0; nodes.len()];
    profile.density(&nodes.x, &mut rho, None)?;
    Ok(rho)
}

/// The potential of an initial density in a region of a domain, and the relative error of its density;
/// `None` if the functional has none. Where the density jumps it is that of its convolution with a Gaussian.
///
/// # Errors
/// Errors of the density, of the energies and of `watch`.
pub(super) fn begin(
    cx: &Context,
    terms: &Terms,
    profile: &dyn Profile,
    (domain, region): (&Domain, &Domain),
    watch: &mut Watch<'_>,
) -> Result<Option<(Fitted, f64)>> {
    let sizes = &SIZES[region.dimension() - 1];
    let [nodes, _] = Site::nodes(domain, region, sizes[0])?;
    let rho = density(profile, &nodes)?;
    let Some(dual) = functional(cx, terms, (&nodes, &rho), sizes[0])? else {
        return Ok(None);
    };
    // Room for the first step.
    let variance = 2.0 * dual.diffusivity() * cx.settings.time.tau;
    let start = Start {
        cx,
        terms,
        profile,
        domain,
        region: widened(domain, region, (&nodes.x, &rho), variance)?,
        diffused: variance.sqrt(),
    };
    let Some(first) = start.fit(sizes[0], 0, None, watch)? else {
        return Ok(None);
    };
    if first.error > cx.settings.fit.fit_accept
        && let Some(smooth) = start.mollified(sizes, watch)?
    {
        return start.compared(smooth).map(Some);
    }
    let mut first = Some(first);
    let best = best_of(sizes, |size, draw| match first.take() {
        Some(first) => Ok(Some(first)),
        None => start.fit(size, draw, None, watch),
    })?;
    Ok(best.map(|best| {
        let error = best.error;
        (best, error)
    }))
}

/// The functional, as nodes of a size see it about a density.
fn functional(
    cx: &Context,
    terms: &Terms,
    (nodes, rho): (&Nodes, &[f64]),
    size: Size,
) -> Result<Option<Dual>> {
    let d = nodes.x.len() / nodes.len();
    let most = rho.iter().fold(0.0_f64, |a, b| a.max(*b));
    Dual::new(
        (&cx.pool, cx.time),
        terms,
        (&nodes.x, d),
        most,
        size.rounding(),
    )
}

/// A density of which a potential is sought.
struct Start<'a> {
    cx: &'a Context,
    terms: &'a Terms,
    profile: &'a dyn Profile,
    domain: &'a Domain,
    region: Domain,
    /// The standard deviation of what a step diffuses.
    diffused: f64,
}

impl Start<'_> {
    /// The potential of the convolution, where the density jumps; `None` where it does not, where nodes are
    /// too far apart for a convolution that a step makes up for, and where features do not hold it.
    fn mollified(&self, sizes: &[Size], watch: &mut Watch<'_>) -> Result<Option<Fitted>> {
        let longest = self.region.sides().fold(0.0, f64::max);
        let spacing = |size: &Size| longest / size.per_axis as f64;
        let least = MOLLIFIED * self.diffused;
        let fine = sizes.iter().position(|size| spacing(size) <= least);
        let from = fine.unwrap_or(sizes.len() - 1);
        if spacing(&sizes[from]) > self.diffused {
            return Ok(None);
        }
        let per_axis = sizes[from].per_axis;
        let grid = Grid::new(self.profile, (self.domain, &self.region), per_axis)?;
        if !grid.jumps() {
            return Ok(None);
        }
        let found = best_of(&sizes[from..], |size, draw| {
            let deviation = spacing(&size).max(least);
            self.fit(size, draw, Some((&grid, deviation)), watch)
        })?;
        Ok(found.filter(|it| it.error <= self.cx.settings.fit.fit_accept))
    }

    /// The potential of a convolution, and how far its density is from the one that jumps.
    fn compared(&self, smooth: Fitted) -> Result<(Fitted, f64)> {
        let Fitted {
            dual, site, state, ..
        } = &smooth;
        let cx = self.cx;
        let found = site.check_density((&cx.pool, cx.time), dual, state)?;
        let exact = density(self.profile, &site.check)?;
        let error = relative_error(&site.check.w, &found, &exact);
        log::info!("rho_0 jumps: its convolution with a Gaussian is taken, {error:.1e} away");
        Ok((smooth, error))
    }

    /// The potential that nodes and features of a size hold of the density, or of its convolution with a
    /// Gaussian of a standard deviation.
    fn fit(
        &self,
        size: Size,
        draw: u64,
        convolved: Option<(&Grid, f64)>,
        watch: &mut Watch<'_>,
    ) -> Result<Option<Fitted>> {
        let axes = Site::axes(self.domain, &self.region, size)?;
        let both = [0, 1].map(|i| Site::product(&axes[i]));
        let [rho, exact] = match convolved {
            None => [
                density(self.profile, &both[0])?,
                density(self.profile, &both[1])?,
            ],
            Some((grid, deviation)) => [0, 1].map(|i| grid.convolved(deviation, &axes[i])),
        };
        let Some(dual) = functional(self.cx, self.terms, (&both[0], &rho), size)? else {
            return Ok(None);
        };
        let site = Site::new(self.cx, &dual, self.region.clone(), size, both, &rho, draw)?;
        fit(self.cx, dual, site, (rho, 1.0), &exact, watch).map(Some)
    }
}
