//! The potential of a density: a fit on the nodes of a site, the size of which it finds.

use super::carried::Masses;
use super::newton::Stage;
use super::site::{Site, Size};
use super::{Dual, Potential};
use crate::domain::Domain;
use crate::error::{Error, Result};
use crate::flow::Context;
use crate::flow::observed::masses;
use crate::linear_algebra::dot;
use crate::minimize::{Outcome, Stop, Watch};
use crate::quadrature::Nodes;

/// The relative error of a potential's density that is good enough.
const GOOD: f64 = 3e-4;

/// One that more features must divide by so much to be taken.
const FAIR: f64 = 5e-3;
const WORTH: f64 = 3.0;

/// Iterations, and the part of the decrease that is left.
const ITERATIONS: u64 = 40;
const GAIN: f64 = 1e-10;

/// The density, relative to the largest, below which a potential is no lower: there is no mass.
const VOID: f64 = 1e-30;

/// A density that was fitted.
pub(super) struct Fitted {
    pub dual: Dual,
    pub site: Site,
    pub state: Potential,
    /// The relative error of the density on independent nodes.
    pub error: f64,
    pub iterations: u64,
}

/// The potential of the present density in another region, of one of these sizes, with this mass.
///
/// # Errors
/// Errors of the energies.
pub(super) fn move_to(
    cx: &Context,
    (dual, site, state): (&Dual, &Site, &Potential),
    (domain, region): (&Domain, &Domain),
    (sizes, mass): (&[Size], f64),
    draws: u64,
) -> Result<Option<Fitted>> {
    best_of(sizes, |size, draw| {
        let both = Site::nodes(domain, region, size)?;
        let at = (&*cx.pool, cx.time);
        let now = |nodes: &Nodes| site.evaluate(at, dual, state, &nodes.x, false);
        let (rho, exact) = (now(&both[0])?.rho, now(&both[1])?.rho);
        let region = region.clone();
        let next = Site::new(cx, dual, region, size, both, &rho, draws + draw)?;
        fit(cx, dual.clone(), next, (rho, mass), &exact, &mut |_, _| {
            Ok(())
        })
        .map(Some)
    })
}

/// The first of some sizes that is good enough, or the best that is worth its cost.
pub(super) fn best_of(
    sizes: &[Size],
    mut fitted: impl FnMut(Size, u64) -> Result<Option<Fitted>>,
) -> Result<Option<Fitted>> {
    let mut best: Option<Fitted> = None;
    for (draw, size) in sizes.iter().enumerate() {
        let Some(next) = fitted(*size, draw as u64)? else {
            return Ok(best);
        };
        let gains = |best: &Fitted| match best.error > FAIR {
            true => next.error < best.error,
            false => next.error * WORTH < best.error,
        };
        if best.as_ref().is_none_or(gains) {
            best = Some(next);
        }
        if best.as_ref().is_some_and(|best| best.error <= GOOD) {
            break;
        }
    }
    Ok(best)
}

/// The potential whose density is `rho` at the nodes, of this mass there, and how far it is off on independent ones.
pub(super) fn fit(
    cx: &Context,
    dual: Dual,
    site: Site,
    (mut rho, mass): (Vec<f64>, f64),
    exact: &[f64],
    watch: &mut Watch<'_>,
) -> Result<Fitted> {
    let whole = dot(&site.nodes.w, &rho) / mass;
    rho.iter_mut().for_each(|r| *r /= whole);
    let at = (&*cx.pool, cx.time);
    let (mut state, outcome) = project(cx, (&dual, &site, &site.external), &rho, watch)?;
    let found = site.check_density(at, &dual, &state)?;
    let error = relative_error(&site.check.w, &found, exact);
    if !error.is_finite() {
        return Err(Error::not_finite(
            "the density of a potential is not a number; accepted is a rho_0 that is finite, and above 0 where its mass is",
        ));
    }
    log::debug!(
        "a potential of {} features on {} nodes: relative error {error:.1e}",
        site.basis.rank(),
        site.nodes.len()
    );
    state.rho = rho;
    Ok(Fitted {
        dual,
        site,
        state,
        error,
        iterations: outcome.iterations,
    })
}

/// The potential of a density at the nodes, where V is known: the projection of the one that belongs to it, and
/// from there the one whose density has the same integrals of all features.
pub(in crate::flow) fn project(
    cx: &Context,
    (dual, site, external): (&Dual, &Site, &[f64]),
    rho: &[f64],
    watch: &mut Watch<'_>,
) -> Result<(Potential, Outcome)> {
    let at = (&*cx.pool, cx.time);
    let outer = dual.outer(at, site, rho, (&site.nodes, external))?;
    let points = site.weights.iter().zip(rho).zip(&outer);
    let least = VOID * rho.iter().fold(0.0_f64, |a, b| a.max(*b));
    let weighted = points.map(|((w, r), o)| w * (dual.pressure().value(r.max(least)) + o));
    let weighted: Vec<f64> = weighted.collect();
    let coefficients = site.basis.coefficients(&site.basis.against(&weighted));
    let mass = masses(&site.nodes, rho);
    let start = Potential {
        coefficients,
        y: site.nodes.x.clone(),
        rho: rho.to_vec(),
    };
    // An energy to compare with: that by which h changes over the density.
    let spread: f64 = mass
        .iter()
        .zip(rho)
        .map(|(m, r)| {
            let (rho, rate) = dual.pressure().density(dual.pressure().value(*r));
            m * rho / rate.max(f64::MIN_POSITIVE)
        })
        .filter(|it| it.is_finite())
        .sum();
    let stage = Stage {
        pool: &cx.pool,
        time: cx.time,
        dual,
        site,
        external,
        masses: Masses {
            centre: &site.nodes.x,
            mass: &mass,
            tau: 0.0,
            within: None,
        },
        strength: 1.0,
        rest: spread,
    };
    let stop = Stop {
        gain: GAIN,
        value: f64::NEG_INFINITY,
        slow: 0.0,
        max_iterations: ITERATIONS,
    };
    let (state, outcome, _) = stage.solve(start, &stop, watch)?;
    Ok((state, outcome))
}

/// The relative error of a density at nodes of these weights.
pub(super) fn relative_error(w: &[f64], found: &[f64], exact: &[f64]) -> f64 {
    let (mut error, mut norm) = (0.0, 0.0);
    for ((w, a), b) in w.iter().zip(found).zip(exact) {
        error += w * (a - b) * (a - b);
        norm += w * b * b;
    }
    (error / norm).sqrt()
}
