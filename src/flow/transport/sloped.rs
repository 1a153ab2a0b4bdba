//! Densities `f(t, y, rho, grad rho)` at points that carry a measure, with their derivatives.

use super::measure::Measure;
use crate::energy::{Batch, Derivatives, EnergyDensity, evaluate_sum};
use crate::error::{Error, Result};
use crate::objective::FormChoice;
use crate::options::DiscretizationSettings;
use crate::parallel::Pool;
use crate::quadrature::{Quadrature, QuadratureChoice, check_size};
use std::num::NonZeroUsize;
use std::sync::Arc;

/// Points that one call of a density takes.
const BATCH: usize = 512;

/// Densities that depend on `p = grad rho` at points.
#[derive(Clone, Debug, Default)]
pub(in crate::flow) struct Sloped {
    /// `f`, `[n]`.
    pub f: Vec<f64>,
    /// `df/drho`, `[n]`.
    pub f_u: Vec<f64>,
    /// `df/dy`, `[n][d]`.
    pub f_x: Vec<f64>,
    /// `df/dp`, `[n][d]`.
    pub f_p: Vec<f64>,
    /// `d2f/drho2`, `[n]`.
    pub f_uu: Vec<f64>,
    /// `d2f/drho dp`, `[n][d]`.
    pub f_up: Vec<f64>,
    /// `d2f/dp2`, `[n][d][d]`.
    pub f_pp: Vec<f64>,
}

/// Which derivatives are wanted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Debug)]
pub(in crate::flow) enum Wanted {
    Value,
    First,
    Second,
}

impl Sloped {
    /// Evaluates the sum of densities at points with `p = grad rho`, `[n][d]`.
    ///
    /// # Errors
    /// Errors of the energies and of the threads.
    pub fn evaluate(
        &mut self,
        pool: &Pool,
        densities: &[Arc<dyn EnergyDensity>],
        (measure, p): (&Measure<'_>, &[f64]),
        wanted: Wanted,
    ) -> Result<()> {
        let (n, d) = (measure.rho.len(), measure.d);
        let here = densities.iter().any(|d| d.traits().caller_thread_only);
        let size = if here { n.max(1) } else { BATCH };
        for (array, width) in [
            (&mut self.f, 1),
            (&mut self.f_u, 1),
            (&mut self.f_x, d),
            (&mut self.f_p, d),
            (&mut self.f_uu, 1),
            (&mut self.f_up, d),
            (&mut self.f_pp, d * d),
        ] {
            array.resize(n * width, 0.0);
        }
        let mut f = self.f.chunks_mut(size);
        let mut f_u = self.f_u.chunks_mut(size);
        let mut f_x = self.f_x.chunks_mut(size * d);
        let mut f_p = self.f_p.chunks_mut(size * d);
        let mut f_uu = self.f_uu.chunks_mut(size);
        let mut f_up = self.f_up.chunks_mut(size * d);
        let mut f_pp = self.f_pp.chunks_mut(size * d * d);
        let points = measure.y.chunks(size * d).zip(p.chunks(size * d));
        let (first, second) = (wanted >= Wanted::First, wanted >= Wanted::Second);
        let tasks = points.zip(measure.rho.chunks(size)).map(|((x, p), u)| {
            let batch = Batch {
                c: 1,
                d,
                t: measure.t,
                x,
                u,
                p,
                h: &[],
            };
            let wanted = Derivatives {
                f: f.next(),
                f_u: f_u.next().filter(|_| first),
                f_x: f_x.next().filter(|_| first),
                f_p: f_p.next().filter(|_| first),
                f_uu: f_uu.next().filter(|_| second),
                f_up: f_up.next().filter(|_| second),
                f_pp: f_pp.next().filter(|_| second),
                ..Derivatives::default()
            };
            (batch, wanted)
        });
        let tasks: Vec<_> = tasks.collect();
        let task = |(batch, mut wanted): (Batch<'_>, Derivatives<'_>)| {
            evaluate_sum(densities, &batch, &mut wanted)
        };
        if here {
            tasks.into_iter().try_for_each(task)
        } else {
            pool.try_for_each(tasks, task)
        }
    }
}

/// The most dimensions in which maps take energies of `grad rho`: they have d (d + 1) / 2 second derivatives for
/// each component.
const MOST: usize = 4;

/// Refuses what does not go together with energies that depend on `grad rho`.
///
/// # Errors
/// [`Option`](crate::ErrorKind::Option) if the strong form is asked for, or there are too many dimensions.
pub(super) fn check(form: FormChoice, d: usize) -> Result<()> {
    if !matches!(form, FormChoice::Auto | FormChoice::Weak) {
        return Err(Error::option(format!(
            "option `form` is {}, but an energy depends on grad rho, whose residual has third derivatives of the map; \
             accepted is auto or weak",
            form.name()
        )));
    }
    if d > MOST {
        return Err(Error::option(format!(
            "option `dimension` is {d}, but an energy depends on grad rho; accepted with `flow` = wasserstein is up \
             to {MOST}"
        )));
    }
    Ok(())
}

/// Random features of maps that carry slopes, by dimension, and labels along an axis, which see them well: with too
/// few, a map lowers its energy by what it does between them.
const UNITS: [&[usize]; MOST] = [&[60], &[40], &[50], &[50]];
const PER_AXIS: [usize; MOST] = [160, 28, 14, 8];

/// How far features reach, in standard deviations of the labels.
const REACH: f64 = 3.0;

/// The hidden layer of a map that carries slopes of a density. It stays as it is drawn: where it moves as well, no
/// number of labels keeps it from being steep between them.
pub(super) fn units(d: usize) -> &'static [usize] {
    UNITS[d.clamp(1, MOST) - 1]
}

/// The scale of its labels.
pub(super) fn scaled(mut deviations: Vec<f64>) -> Vec<f64> {
    deviations.iter_mut().for_each(|s| *s *= REACH);
    deviations
}

/// The rule of its labels.
///
/// # Errors
/// [`Option`](crate::ErrorKind::Option) if they are too many.
pub(super) fn rule(settings: &DiscretizationSettings, d: usize) -> Result<Quadrature> {
    let usual = PER_AXIS[d.clamp(1, MOST) - 1].pow(d.min(MOST) as u32);
    let nodes = settings.nodes.map_or(usual, NonZeroUsize::get);
    check_size("nodes", nodes as f64, d)?;
    match settings.quadrature {
        QuadratureChoice::Auto | QuadratureChoice::Gauss => {
            let per_axis = (nodes as f64).powf(1.0 / d as f64).round() as usize;
            Ok(Quadrature::Gauss { per_axis })
        }
        QuadratureChoice::Stratified | QuadratureChoice::MonteCarlo => {
            Ok(Quadrature::MonteCarlo { nodes })
        }
        QuadratureChoice::Sobol => Ok(Quadrature::Sobol { nodes }),
    }
}
