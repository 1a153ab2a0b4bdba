//! Gaussians and mixtures of them.

use super::Profile;
use crate::arguments::require_room;
use crate::error::{Error, Result};
use crate::linear_algebra;
use crate::quadrature::{Nodes, Quadrature, gaussian, normal};
use faer::Mat;
use rand_xoshiro::Xoshiro256PlusPlus;
use std::f64::consts::TAU;

/// `sum_i share_i N(mean_i, covariance_i)`.
#[derive(Clone, Debug)]
pub struct Mixture {
    dimension: usize,
    components: Vec<Component>,
}

#[derive(Clone, Debug)]
struct Component {
    share: f64,
    mean: Vec<f64>,
    /// L with `L L^T` the covariance, `[d][d]`, and its inverse.
    factor: Vec<f64>,
    inverse: Vec<f64>,
    /// Density at the mean.
    height: f64,
}

impl Mixture {
    /// The mixture of components of equal shares, as many as there are means.
    ///
    /// # Errors
    /// Those of [`new`](Self::new).
    pub fn of_equal_shares(dimension: usize, means: &[f64], covariances: &[f64]) -> Result<Self> {
        let k = means.len() / dimension;
        Self::new(dimension, &vec![1.0 / k as f64; k], means, covariances)
    }

    /// The mixture of components with shares `[k]`, means `[k][d]` and covariances `[k][d][d]`.
    ///
    /// # Errors
    /// [`Argument`](crate::ErrorKind::Argument) if shapes do not fit, a share is not positive, the shares
    /// do not sum to 1, or a covariance is not symmetric and positive definite.
    pub fn new(
        dimension: usize,
        shares: &[f64],
        means: &[f64],
        covariances: &[f64],
    ) -> Result<Self> {
        let (k, d) = (shares.len(), dimension);
        if k == 0 {
            return Err(Error::argument(
                "`k` is 0; accepted is 1 component and above",
            ));
        }
        for (name, given, accepted) in [
            ("mean", means.len(), k * d),
            ("covariance", covariances.len(), k * d * d),
        ] {
            if given != accepted {
                return Err(Error::argument(format!(
                    "`{name}` has {given} entries; accepted are {accepted} for {k} components in \
                     dimension {d}"
                )));
            }
        }
        let total: f64 = shares.iter().sum();
        let positive = shares.iter().all(|s| *s > 0.0);
        let whole = (total - 1.0).abs() <= 1e-9;
        if !(positive && whole) {
            return Err(Error::argument(format!(
                "`share` sums to {total}; accepted are positive numbers that sum to 1"
            )));
        }
        if let Some(value) = means.iter().find(|v| !v.is_finite()) {
            return Err(Error::argument(format!(
                "`mean` holds {value}; accepted are finite numbers"
            )));
        }
        let all = shares
            .iter()
            .zip(means.chunks_exact(d))
            .zip(covariances.chunks_exact(d * d));
        let components: Result<Vec<_>> = all
            .map(|((share, mean), covariance)| Component::new(*share / total, mean, covariance))
            .collect();
        Ok(Self {
            dimension,
            components: components?,
        })
    }

    fn put(&self, x: &[f64], score: Option<&mut [f64]>) -> f64 {
        let d = self.dimension;
        let mut rho = 0.0;
        let mut weighted = vec![0.0; d];
        for component in &self.components {
            let z = component.standard(x);
            let part = component.share * component.height * (-0.5 * dot(&z, &z)).exp();
            rho += part;
            // grad = -L^-T z times the part.
            for (j, sum) in weighted.iter_mut().enumerate() {
                let slope: f64 = (0..d).map(|i| component.inverse[i * d + j] * z[i]).sum();
                *sum -= part * slope;
            }
        }
        if let Some(score) = score {
            if rho > 0.0 {
                let pairs = score.iter_mut().zip(&weighted);
                pairs.for_each(|(s, g)| *s = g / rho);
            } else {
                self.far_score(x, score);
            }
        }
        rho
    }

    /// Where the density underflows, the score of the component that is nearest.
    fn far_score(&self, x: &[f64], score: &mut [f64]) {
        let d = self.dimension;
        let far = |c: &Component| dot(&c.standard(x), &c.standard(x));
        let nearest = self
            .components
            .iter()
            .min_by(|a, b| far(a).total_cmp(&far(b)));
        if let Some(component) = nearest {
            let z = component.standard(x);
            for (j, s) in score.iter_mut().enumerate() {
                *s = -(0..d)
                    .map(|i| component.inverse[i * d + j] * z[i])
                    .sum::<f64>();
            }
        }
    }
}

impl Component {
    fn new(share: f64, mean: &[f64], covariance: &[f64]) -> Result<Self> {
        let d = mean.len();
        let matrix = Mat::from_fn(d, d, |i, j| covariance[i * d + j]);
        let size = covariance.iter().fold(0.0_f64, |s, v| s.max(v.abs()));
        let even = (0..d * d)
            .all(|k| (matrix[(k / d, k % d)] - matrix[(k % d, k / d)]).abs() <= 1e-12 * size);
        let refused = || {
            Error::argument(
                "`covariance` is not symmetric and positive definite; accepted are such matrices",
            )
        };
        if !even || !size.is_finite() {
            return Err(refused());
        }
        let lower = linear_algebra::cholesky(matrix.as_ref()).ok_or_else(refused)?;
        let mut inverse = Mat::<f64>::identity(d, d);
        linear_algebra::solve_lower(lower.as_ref(), inverse.as_mut());
        let root: f64 = (0..d).map(|i| lower[(i, i)]).product();
        let rows = |m: &Mat<f64>| (0..d * d).map(|k| m[(k / d, k % d)]).collect();
        let clean = Mat::from_fn(d, d, |i, j| if j <= i { lower[(i, j)] } else { 0.0 });
        Ok(Self {
            share,
            mean: mean.to_vec(),
            factor: rows(&clean),
            inverse: rows(&inverse),
            height: TAU.powf(-0.5 * d as f64) / root,
        })
    }

    /// `L^-1 (x - mean)`.
    fn standard(&self, x: &[f64]) -> Vec<f64> {
        let d = self.mean.len();
        let rows = self.inverse.chunks_exact(d);
        rows.map(|row| {
            let terms = row.iter().zip(x.iter().zip(&self.mean));
            terms.map(|(l, (x, m))| l * (x - m)).sum()
        })
        .collect()
    }

    /// `mean + L z`.
    fn place(&self, z: &[f64], x: &mut Vec<f64>) {
        let rows = self.factor.chunks_exact(self.mean.len());
        x.extend(rows.zip(&self.mean).map(|(row, m)| m + dot(row, z)));
    }
}

impl Profile for Mixture {
    fn dimension(&self) -> usize {
        self.dimension
    }

    fn is_elementary(&self) -> bool {
        self.components.len() == 1
    }

    fn labels(&self, rule: &Quadrature, rng: &mut Xoshiro256PlusPlus) -> Result<Nodes> {
        let d = self.dimension;
        let mut labels = Nodes::default();
        if let Some(nodes) = rule.random() {
            require_room(nodes, d)?;
        }
        for component in &self.components {
            let nodes = match rule {
                Quadrature::Gauss { per_axis } => gaussian(d, *per_axis)?,
                Quadrature::Grid { per_axis } | Quadrature::Midpoints { per_axis } => {
                    gaussian(d, per_axis.iter().max().copied().unwrap_or(1))?
                }
                Quadrature::Sobol { nodes }
                | Quadrature::Stratified { nodes }
                | Quadrature::MonteCarlo { nodes } => {
                    let n = component.share * *nodes as f64;
                    let n = (n.round() as usize).max(1);
                    Nodes {
                        x: normal(rule, n, d, rng),
                        w: vec![1.0 / n as f64; n],
                        ..Nodes::default()
                    }
                }
            };
            for z in nodes.x.chunks_exact(d) {
                component.place(z, &mut labels.x);
            }
            let masses = nodes.w.iter().map(|w| w * component.share);
            labels.w.extend(masses);
        }
        labels.rho = vec![0.0; labels.len()];
        labels.score = vec![0.0; labels.x.len()];
        self.density(&labels.x, &mut labels.rho, Some(&mut labels.score))?;
        Ok(labels)
    }

    fn density(&self, x: &[f64], rho: &mut [f64], score: Option<&mut [f64]>) -> Result<()> {
        let d = self.dimension;
        let mut score = score.map(|score| score.chunks_exact_mut(d));
        for (x, rho) in x.chunks_exact(d).zip(rho) {
            *rho = self.put(x, score.as_mut().and_then(Iterator::next));
        }
        Ok(())
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
