//! Where a flow of potentials at labels goes on after a step, and what is known of it anywhere.

use super::asked::External;
use super::begun::Begun;
use super::cloud::Cloud;
use super::features::{Features, Jet, Units};
use super::fit::{Target, fit};
use super::labelled::GOOD;
use super::planes::{Bent, draw, frame};
use crate::error::Result;
use crate::field::{CHUNK, Network};
use crate::flow::Context;
use crate::flow::dual::{network, region};
use crate::parallel::Pool;
use crate::quadrature::{Stream, generator};

/// The widths of the labels in units of the features' scale outside of which features are drawn anew, and
/// how far their mean may have gone.
const FITS: std::ops::Range<f64> = 0.4..2.0;
const AWAY: f64 = 0.6;

/// The coefficient of the external potential from which on it is tried to do without.
const FADED: f64 = 0.3;

impl Begun {
    /// Draws features anew where the labels have left the frame of the present ones, and goes on without
    /// the external potential as a feature where the others do.
    ///
    /// # Errors
    /// Errors of the energies.
    pub fn follow(&self, cx: &Context, cloud: &mut Cloud) -> Result<Option<Self>> {
        let Some(features) = self.other_features(cx, cloud)? else {
            return Ok(None);
        };
        let value = self.functional.value(&cx.pool, cx.time, &cloud.x)?;
        let pairs = cloud.logarithm.iter().zip(&value);
        let wanted: Vec<f64> = pairs
            .map(|(l, v)| self.functional.potential(*l, *v))
            .collect();
        let external = cloud.asked.continued(value, &cloud.x);
        let trained = 0..self.trained * features.dimension();
        let wanted = Target {
            x: &cloud.x[trained.clone()],
            value: &wanted[..self.trained],
            slope: &cloud.slope[trained],
            masses: &self.labels.w[..self.trained],
            external: &external,
        };
        let leaves_out = self.features.external && !features.external;
        let mut next = cloud.clone();
        if leaves_out {
            next.asked.hessian.clear();
        }
        next.coefficients = fit(&cx.pool, &features, wanted)?;
        let other = Self {
            draws: self.draws + u64::from(!leaves_out),
            features,
            ..self.clone()
        };
        other.read(&cx.pool, &external, &mut next)?;
        if leaves_out {
            let check = self.trained..self.labels.len();
            let pairs = next.logarithm[check.clone()]
                .iter()
                .zip(&cloud.logarithm[check]);
            let squares: f64 = pairs.map(|(a, b)| (a - b) * (a - b)).sum();
            let off = (squares / self.check.len() as f64).sqrt();
            if off > GOOD {
                return Ok(None);
            }
        }
        other.normalise(&mut next);
        *cloud = next;
        log::debug!("the features of the potential are others from here on");
        Ok(Some(other))
    }

    /// Features to go on with, if they are to be others.
    fn other_features(&self, cx: &Context, cloud: &Cloud) -> Result<Option<Features>> {
        let d = self.features.dimension();
        let (trained, masses) = (self.trained, &self.labels.w);
        let (centre, scale) = frame(&cloud.x, masses, d);
        let mut axes = (0..d).map(|a| {
            let unit = self.features.scale[a];
            let away = (centre[a] - self.features.centre[a]).abs() / unit;
            FITS.contains(&(scale[a] / unit)) && away < AWAY
        });
        if !axes.all(|fits| fits) {
            let bent = Bent {
                x: &cloud.x[..trained * d],
                slope: &cloud.slope[..trained * d],
                masses: &masses[..trained],
            };
            let mut rng = generator(cx.seed(), Stream::Weights, self.draws, 0);
            let (planes, is_feature) = (self.features.planes(), self.features.external);
            return draw(&cx.pool, bent, planes, is_feature, &mut rng).map(Some);
        }
        let part = self.features.external_part(&cloud.coefficients);
        let fades = self.features.external && part.abs() <= FADED;
        Ok(fades.then(|| self.features.without_external()))
    }

    /// The density at x, `[n][d]`, into `[n]`, and its gradient if wanted, `[n][d]`. Where no mass is known
    /// it is not larger than where it is.
    ///
    /// # Errors
    /// Errors of the energies.
    pub fn evaluate(
        &self,
        (pool, time): (&Pool, f64),
        cloud: &Cloud,
        x: &[f64],
        rho: &mut [f64],
        gradient: Option<&mut [f64]>,
    ) -> Result<()> {
        let d = self.features.dimension();
        let n = rho.len();
        let mut external = External::of(self.functional.value(pool, time, x)?, n * d);
        if gradient.is_some() {
            external.gradient = self.functional.slope(pool, time, x)?;
        }
        let highest = cloud
            .logarithm
            .iter()
            .fold(f64::NEG_INFINITY, |a, b| a.max(*b));
        let (logarithms, slopes) = self.potential_at(pool, &cloud.coefficients, x, &external)?;
        let capped = rho.iter_mut().zip(&logarithms);
        capped.for_each(|(rho, logarithm)| *rho = logarithm.min(highest).exp());
        if let Some(gradient) = gradient {
            let slopes = slopes.iter().zip(&external.gradient);
            for (axis, (out, (p, v))) in gradient.iter_mut().zip(slopes).enumerate() {
                *out = rho[axis / d] * (p - v) / self.functional.diffusivity;
            }
        }
        Ok(())
    }

    /// `ln rho` of a potential at x, `[n]`, and the potential's gradient, `[n][d]`.
    ///
    /// # Errors
    /// Errors of the threads.
    pub fn potential_at(
        &self,
        pool: &Pool,
        coefficients: &[f64],
        x: &[f64],
        external: &External,
    ) -> Result<(Vec<f64>, Vec<f64>)> {
        let d = self.features.dimension();
        let mut logarithms = vec![0.0; x.len() / d];
        let mut slopes = vec![0.0; x.len()];
        let tasks = logarithms
            .chunks_mut(CHUNK)
            .zip(slopes.chunks_mut(CHUNK * d))
            .enumerate();
        pool.try_for_each(tasks, |(chunk, (logarithms, slopes))| {
            let (mut units, mut jet) = (Units::default(), Jet::default());
            let points = logarithms.iter_mut().zip(slopes.chunks_exact_mut(d));
            for (k, (logarithm, slope)) in points.enumerate() {
                let i = chunk * CHUNK + k;
                let (x, at) = (&x[i * d..(i + 1) * d], external.at(i, d));
                self.features.units(x, &mut units);
                self.features
                    .jet(x, coefficients, &at, &mut units, &mut jet);
                *logarithm = self.functional.logarithm(jet.value, at.value);
                slope.copy_from_slice(&jet.gradient);
            }
            Ok(())
        })?;
        Ok((logarithms, slopes))
    }

    /// The network of the potential.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option) if the frame is no box.
    pub fn network(&self, cx: &Context) -> Result<Network> {
        let axes = || self.features.centre.iter().zip(&self.features.scale);
        let (lower, upper) = (
            axes().map(|(c, s)| c - s).collect(),
            axes().map(|(c, s)| c + s).collect(),
        );
        network(cx, &region(lower, upper)?, self.features.planes())
    }
}
