//! The density `softplus(N) / int softplus(N)` of a network N (the paper's theorem 3.3).

use crate::error::{Error, Result};
use crate::field::{Activation, Field};
use crate::parallel::Pool;
use crate::quadrature::Nodes;

/// Softplus ends here where N is far below 0: logarithms and quotients stay finite.
const LEAST: f64 = 1e-280;

/// The density at nodes.
#[derive(Clone, Debug, Default)]
pub(super) struct Density {
    /// `[n]`
    pub u: Vec<f64>,
    /// Its derivative in N while the integral is held fixed, `[n]`.
    pub slope: Vec<f64>,
    /// Its masses at the nodes, which sum to 1, `[n]`.
    pub masses: Vec<f64>,
    /// `int softplus(N)`
    pub integral: f64,
}

impl Density {
    /// The density of these parameters, of mass 1 by the weights of the nodes.
    ///
    /// # Errors
    /// [`NotFinite`](crate::ErrorKind::NotFinite) if the network has left the range of numbers.
    pub fn new(field: &Field, pool: &Pool, parameters: &[f64], nodes: &Nodes) -> Result<Self> {
        let mut density = Self::scaled(field, pool, parameters, &nodes.x, 1.0);
        let points = density.u.iter().zip(&nodes.w);
        let integral: f64 = points.map(|(u, w)| u * w).sum();
        if !(integral.is_finite() && integral > LEAST) {
            return Err(Error::not_finite(format!(
                "the network of the density has the integral {integral:e}"
            )));
        }
        density.divide(integral);
        let masses = density.u.iter().zip(&nodes.w).map(|(u, w)| u * w);
        density.masses = masses.collect();
        Ok(density)
    }

    /// The density at points `x` (`[n][d]`) where the integral is known.
    pub fn scaled(
        field: &Field,
        pool: &Pool,
        parameters: &[f64],
        x: &[f64],
        integral: f64,
    ) -> Self {
        let n = x.len() / field.dimension();
        let mut u = vec![0.0; n];
        let (mut slope, mut second) = (vec![0.0; n], vec![0.0; n]);
        field.evaluate(pool, parameters, x, &mut u, None);
        Activation::Softplus.apply(&mut u, &mut slope, &mut second);
        u.iter_mut().for_each(|u| *u = u.max(LEAST));
        let mut density = Self {
            u,
            slope,
            masses: Vec::new(),
            integral: 1.0,
        };
        density.divide(integral);
        density
    }

    fn divide(&mut self, integral: f64) {
        self.integral *= integral;
        let values = self.u.iter_mut().chain(&mut self.slope);
        values.for_each(|v| *v /= integral);
    }
}
