//! The beginning: labels of the initial density, and its potential.

use super::asked::{Asked, External, Wanted};
use super::begun::Begun;
use super::cloud::Cloud;
use super::fit::{Target, fit};
use super::functional::Functional;
use super::planes::{Bent, draw, frame};
use crate::error::{Error, Result};
use crate::flow::Context;
use crate::flow::dual::is_quadratic;
use crate::flow::transport::Terms;
use crate::initial::profile::Profile;
use crate::linear_algebra::dot;
use crate::parallel::Pool;
use crate::quadrature::{Nodes, Quadrature, Stream, generator};

/// Numbers of planes, of which the first that is good enough is taken.
const PLANES: [usize; 2] = [200, 400];

/// The root of the mean square of the error of `ln rho` that is good enough, and by what more planes must
/// divide it to be taken.
pub(super) const GOOD: f64 = 3e-3;
const WORTH: f64 = 1.5;

/// Labels that are trained on for each feature, at least; half as many more are not. Fewer where V is a
/// feature, which is asked for often.
const LABELS: usize = 12;
const ASKED: usize = 8;

/// Labels for each polynomial of second degree, by which it is seen whether V is one.
const ENOUGH: usize = 4;

/// Steps of differences, in units of the features' scale.
const STEP: f64 = 1e-4;

/// A density with its potential.
pub(super) struct Started {
    pub begun: Begun,
    pub cloud: Cloud,
    /// The root of the mean square of the error of `ln rho` at labels that were not trained on.
    pub error: f64,
}

/// Labels of a density, those that are trained on first.
fn labels(cx: &Context, profile: &dyn Profile, trained: usize) -> Result<Nodes> {
    let mut rng = generator(cx.seed(), Stream::Nodes, 0, 0);
    let mut all = profile.labels(&Quadrature::Sobol { nodes: trained }, &mut rng)?;
    let mut rng = generator(cx.seed(), Stream::Check, 0, 0);
    let rule = Quadrature::Sobol { nodes: trained / 2 };
    let more = profile.labels(&rule, &mut rng)?;
    if all.score.is_empty() || more.score.is_empty() {
        return Err(Error::internal("a density comes without its score"));
    }
    all.x.extend(more.x);
    all.w.extend(more.w);
    all.rho.extend(more.rho);
    all.score.extend(more.score);
    Ok(all)
}

/// The potential of an initial density; `None` if the functional has none.
///
/// # Errors
/// Errors of the density and of the energies.
pub(super) fn begin(cx: &Context, terms: &Terms, profile: &dyn Profile) -> Result<Option<Started>> {
    let Some((functional, is_feature)) = functional(cx, terms, profile)? else {
        return Ok(None);
    };
    let mut best: Option<Started> = None;
    for planes in PLANES {
        let next = begin_with(cx, &functional, profile, (planes, is_feature))?;
        let gains = |best: &Started| next.error * WORTH < best.error;
        if best.as_ref().is_none_or(gains) {
            best = Some(next);
        }
        if best.as_ref().is_some_and(|best| best.error <= GOOD) {
            break;
        }
    }
    Ok(best)
}

/// The functional about a density, and whether its V is no polynomial of second degree.
///
/// # Errors
/// Errors of the density and of the energies.
pub(super) fn functional(
    cx: &Context,
    terms: &Terms,
    profile: &dyn Profile,
) -> Result<Option<(Functional, bool)>> {
    let d = profile.dimension();
    let nodes = (ENOUGH * (1 + d) * (2 + d) / 2).next_power_of_two();
    let mut rng = generator(0, Stream::Nodes, 0, 0);
    let labels = profile.labels(&Quadrature::Sobol { nodes }, &mut rng)?;
    let most = labels.rho.iter().fold(f64::MIN_POSITIVE, |a, b| a.max(*b));
    let Some(functional) = Functional::new((&cx.pool, cx.time), terms, (&labels.x, d), most)?
    else {
        return Ok(None);
    };
    let external = functional.value(&cx.pool, cx.time, &labels.x)?;
    let is_feature = !is_quadratic(&labels.x, d, &external);
    Ok(Some((functional, is_feature)))
}

fn begin_with(
    cx: &Context,
    functional: &Functional,
    profile: &dyn Profile,
    (planes, is_feature): (usize, bool),
) -> Result<Started> {
    let d = profile.dimension();
    let len = planes + 2 + d + d * (d + 1) / 2;
    let per_feature = if is_feature { ASKED } else { LABELS };
    let trained = (per_feature * len).next_power_of_two();
    let labels = labels(cx, profile, trained)?;
    let (_, scale) = frame(&labels.x, &labels.w, d);
    let step = steps(&scale);
    let derivatives = Wanted::of(is_feature);
    let external = functional.jets((&cx.pool, cx.time), &labels.x, &step, derivatives)?;
    let logarithm: Vec<f64> = labels.rho.iter().map(|r| r.ln()).collect();
    let pairs = logarithm.iter().zip(&external.value);
    let value: Vec<f64> = pairs.map(|(l, v)| functional.potential(*l, *v)).collect();
    let pairs = labels.score.iter().zip(&external.gradient);
    let slope: Vec<f64> = pairs.map(|(s, g)| functional.diffusivity * s + g).collect();
    let bent = Bent {
        x: &labels.x[..trained * d],
        slope: &slope[..trained * d],
        masses: &labels.w[..trained],
    };
    let mut rng = generator(cx.seed(), Stream::Weights, 0, 0);
    let features = draw(&cx.pool, bent, planes, is_feature, &mut rng)?;
    let wanted = Target {
        x: bent.x,
        value: &value[..trained],
        slope: bent.slope,
        masses: bent.masses,
        external: &external,
    };
    let coefficients = fit(&cx.pool, &features, wanted)?;
    let begun = Begun::new(functional.clone(), features, labels, trained);
    let mut cloud = Cloud {
        coefficients,
        x: begun.labels.x.clone(),
        carried: logarithm,
        asked: Asked::of(&external, &begun.labels.x, derivatives),
        ..Cloud::default()
    };
    begun.read(&cx.pool, &external, &mut cloud)?;
    let off = |i: usize| (cloud.logarithm[i] - cloud.carried[i]).powi(2);
    let check = trained..begun.labels.len();
    let squares: Vec<f64> = check.clone().map(off).collect();
    let masses = &begun.labels.w[check];
    let error = (dot(&squares, masses) / masses.iter().sum::<f64>()).sqrt();
    if !error.is_finite() {
        return Err(Error::not_finite(
            "the potential of rho_0 is not a number; accepted is a density that is finite, and above 0 where its mass is",
        ));
    }
    log::debug!("a potential of {len} features at {trained} labels: relative error {error:.1e}");
    begun.normalise(&mut cloud);
    Ok(Started {
        begun,
        cloud,
        error,
    })
}

/// Steps of differences along axes.
pub(super) fn steps(scale: &[f64]) -> Vec<f64> {
    scale.iter().map(|s| STEP * s).collect()
}

impl Begun {
    /// Takes the slope and the density of a cloud from its coefficients, V being known at its labels.
    ///
    /// # Errors
    /// Errors of the threads.
    pub fn read(&self, pool: &Pool, external: &External, cloud: &mut Cloud) -> Result<()> {
        (cloud.logarithm, cloud.slope) =
            self.potential_at(pool, &cloud.coefficients, &cloud.x, external)?;
        Ok(())
    }
}
