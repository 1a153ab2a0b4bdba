//! The state of a run: a potential, and labels that have gone with the mass.

use super::asked::Asked;
use super::features::Features;
use crate::error::{Error, Result};
use std::ops::Range;

/// A potential and the labels that it has carried, those that are trained on first.
#[derive(Clone, Debug, Default)]
pub(super) struct Cloud {
    /// Coefficients of the features.
    pub coefficients: Vec<f64>,
    /// Positions, `[n][d]`.
    pub x: Vec<f64>,
    /// `grad p` there, `[n][d]`.
    pub slope: Vec<f64>,
    /// `ln rho` of the potential there, `[n]`.
    pub logarithm: Vec<f64>,
    /// `ln rho` as the maps have made it of the initial density, `[n]`.
    pub carried: Vec<f64>,
    /// Derivatives of V where they were taken last.
    pub asked: Asked,
    /// Derivatives of the positions in those at the beginning of the step, `[n][d][d]`; empty there.
    pub jacobian: Vec<f64>,
}

impl Cloud {
    /// Appends it to parameters.
    pub fn add_to(&self, parameters: &mut Vec<f64>) {
        for part in [
            &self.coefficients,
            &self.x,
            &self.slope,
            &self.logarithm,
            &self.carried,
            &self.asked.x,
            &self.asked.gradient,
            &self.asked.hessian,
            &self.jacobian,
        ] {
            parameters.extend_from_slice(part);
        }
    }

    /// Reads it from what follows the hidden layer, of these features and so many labels.
    ///
    /// # Errors
    /// [`Internal`](crate::ErrorKind::Internal) if it is none of these.
    pub fn of(parameters: &[f64], features: &Features, n: usize) -> Result<Self> {
        let d = features.dimension();
        let second = if features.external { n * d * d } else { 0 };
        let mut rest = parameters;
        let mut next = |length: usize| -> Result<Vec<f64>> {
            let (part, others) = rest
                .split_at_checked(length)
                .ok_or_else(|| Error::internal("parameters are too few for their labels"))?;
            rest = others;
            Ok(part.to_vec())
        };
        let cloud = Self {
            coefficients: next(features.len())?,
            x: next(n * d)?,
            slope: next(n * d)?,
            logarithm: next(n)?,
            carried: next(n)?,
            asked: Asked {
                x: next(n * d)?,
                gradient: next(n * d)?,
                hessian: next(second)?,
            },
            jacobian: Vec::new(),
        };
        if !(rest.is_empty() || rest.len() == n * d * d) {
            return Err(Error::internal("parameters are too many for their labels"));
        }
        Ok(Self {
            jacobian: rest.to_vec(),
            ..cloud
        })
    }

    /// The weights of labels of these masses, for which they are a sample of the potential's density; they
    /// sum to 1. With the mass of that density. No weight counts for more than the root of the number of
    /// labels (Ionides, "Truncated importance sampling", 2008).
    pub fn weights(&self, labels: Range<usize>, masses: &[f64]) -> (Vec<f64>, f64) {
        let own = &masses[labels.clone()];
        let now = self.logarithm[labels.clone()].iter();
        let quotients = now.zip(&self.carried[labels]).map(|(now, then)| now - then);
        let quotients: Vec<f64> = quotients.collect();
        let most = median(quotients.clone()) + 0.5 * (own.len() as f64).ln();
        let factors = quotients.iter().map(|q| q.min(most).exp());
        let mut weights: Vec<f64> = own.iter().zip(factors).map(|(w, q)| w * q).collect();
        let mass: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|w| *w /= mass);
        (weights, mass / own.iter().sum::<f64>())
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    let middle = values.len() / 2;
    let (_, value, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    *value
}
