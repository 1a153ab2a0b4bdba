//! The pair of potentials and its objective (2.12), after W2GN (Korotin et al., arXiv:1909.13082).
//!
//! For a given psi the first two terms of (2.12) fall as `S = grad psi-bar` leaves `(grad psi)^-1`, by
//! half the curvature of psi, and lambda |grad psi(S) - y|^2 rises by its square: near the identity,
//! where time steps are, the minimum is one for lambda above 1/2 only.

use super::icnn::{Icnn, Jet, Shape};
use crate::error::{Error, ErrorKind, Result};
use candle_core::{DType, Device, Tensor};
use candle_nn::{AdamW, Optimizer, ParamsAdamW};

/// Numbers of a layer in a block of points.
const BLOCK: usize = 1 << 13;

/// The making and training of potentials.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub shape: Shape,
    /// The parameters of the potentials' N_0.
    pub starts: [Vec<f64>; 2],
    /// The weight of the regulariser.
    pub lambda: f64,
    /// The learning rate of Adam.
    pub rate: f64,
    /// Points are taken relative to this one and to this length.
    pub centre: Vec<f64>,
    pub length: f64,
}

/// psi, from u to rho, and its conjugate.
pub(super) struct Pair<'a> {
    plan: &'a Plan,
    potential: Icnn,
    conjugate: Icnn,
    adam: AdamW,
}

/// Two measures on the same points, so that what their sampling has in common cancels, in blocks.
pub(super) struct Measures(Vec<Block>);

struct Block {
    /// `[n][d]`, relative.
    x: Tensor,
    /// Masses, `[n]`.
    u: Tensor,
    rho: Tensor,
}

/// The terms of (2.12), apart from lambda.
struct Dual {
    correlation: Tensor,
    regulariser: Tensor,
}

impl Plan {
    /// Number of parameters of the two potentials.
    pub fn parameters(&self) -> usize {
        2 * self.shape.parameters()
    }

    fn points(&self, x: &[f64]) -> candle_core::Result<Tensor> {
        let d = self.shape.dimension;
        let relative = x.chunks_exact(d).flat_map(|x| {
            let pairs = x.iter().zip(&self.centre);
            pairs.map(|(x, c)| (x - c) / self.length)
        });
        let relative: Vec<f64> = relative.collect();
        Tensor::from_vec(relative, (x.len() / d, d), &Device::Cpu)
    }

    /// Measures of masses u and rho (`[n]`) at points `x` (`[n][d]`).
    ///
    /// # Errors
    /// Errors of Candle.
    pub fn measures(&self, x: &[f64], u: &[f64], rho: &[f64]) -> Result<Measures> {
        let masses = |w: &[f64]| Tensor::from_slice(w, w.len(), &Device::Cpu);
        let n = self.block();
        let blocks = x.chunks(n * self.shape.dimension);
        let blocks = blocks.zip(u.chunks(n).zip(rho.chunks(n)));
        let blocks = blocks.map(|(x, (u, rho))| {
            Ok(Block {
                x: self.points(x)?,
                u: masses(u)?,
                rho: masses(rho)?,
            })
        });
        let blocks: candle_core::Result<_> = blocks.collect();
        blocks.map(Measures).map_err(failed)
    }

    /// Points of a block: few enough for the caches, and for Candle not to take threads of its own.
    fn block(&self) -> usize {
        let widths = self.shape.hidden.iter().copied();
        let widest = widths.fold(self.shape.dimension, usize::max);
        (BLOCK / widest).max(16)
    }
}

impl<'a> Pair<'a> {
    /// The potentials of these parameters.
    ///
    /// # Errors
    /// Errors of Candle.
    pub fn new(plan: &'a Plan, parameters: &[f64]) -> Result<Self> {
        let [first, second] = &plan.starts;
        let half = plan.shape.parameters().min(parameters.len());
        let (potential, conjugate) = parameters.split_at(half);
        let make = || {
            let potential = Icnn::new(&plan.shape, first, potential)?;
            let conjugate = Icnn::new(&plan.shape, second, conjugate)?;
            let all = [potential.variables(), conjugate.variables()].concat();
            let adam = ParamsAdamW {
                lr: plan.rate,
                eps: 1e-12,
                weight_decay: 0.0,
                ..ParamsAdamW::default()
            };
            Ok(Self {
                plan,
                potential,
                conjugate,
                adam: AdamW::new(all, adam)?,
            })
        };
        make().map_err(failed)
    }

    /// The variables that are trained.
    #[cfg(test)]
    pub fn variables(&self) -> Vec<candle_core::Var> {
        [self.potential.variables(), self.conjugate.variables()].concat()
    }

    /// The parameters of the two.
    ///
    /// # Errors
    /// [`NotFinite`](ErrorKind::NotFinite) if training led out of the numbers.
    pub fn parameters(&self) -> Result<Vec<f64>> {
        let all = || {
            let mut all = self.potential.parameters()?;
            all.extend(self.conjugate.parameters()?);
            Ok(all)
        };
        let all = all().map_err(failed)?;
        if all.iter().all(|p| p.is_finite()) {
            return Ok(all);
        }
        Err(Error::not_finite(format!(
            "the potentials of the Wasserstein distance diverged; option `lambda` is {:e}: take a \
             larger one, or a smaller `potential_learning_rate`",
            self.plan.lambda
        )))
    }

    /// An update of Adam on (2.12), at this part of the learning rate, and the weights clipped.
    ///
    /// # Errors
    /// Errors of Candle.
    pub fn update(&mut self, measures: &Measures, part: f64) -> Result<()> {
        self.adam.set_learning_rate(self.plan.rate * part);
        let mut update = || {
            let loss = self.loss(measures)?;
            self.adam.step(&loss.backward()?)?;
            self.potential.clip()?;
            self.conjugate.clip()
        };
        update().map_err(failed)
    }

    /// (2.12)
    pub fn loss(&self, measures: &Measures) -> candle_core::Result<Tensor> {
        let mut loss = Tensor::zeros((), DType::F64, &Device::Cpu)?;
        for block in &measures.0 {
            let Dual {
                correlation,
                regulariser,
            } = self.dual(block)?;
            loss = ((loss + correlation)? + (regulariser * self.plan.lambda)?)?;
        }
        Ok(loss)
    }

    fn dual(&self, block: &Block) -> candle_core::Result<Dual> {
        let Block { x, u, rho } = block;
        let back = self.conjugate.jet(x)?.slope;
        let Jet { value, slope } = self.potential.jet(&back)?;
        let conjugate = ((back * x)?.sum(1)? - value)?;
        let there = (u * self.potential.value(x)?)?.sum_all()?;
        Ok(Dual {
            correlation: (there + (rho * conjugate)?.sum_all()?)?,
            regulariser: (rho * (slope - x)?.sqr()?.sum(1)?)?.sum_all()?,
        })
    }

    /// The square of the distance (2.13). The constant of psi-bar is in no term of (2.12), so for
    /// psi-bar stands what is: `<S, y> - psi(S)`.
    ///
    /// # Errors
    /// Errors of Candle.
    pub fn squared_distance(&self, measures: &Measures) -> Result<f64> {
        let square = |block: &Block| {
            let Block { x, u, rho } = block;
            let moments = ((u + rho)? * x.sqr()?.sum(1)?)?.sum_all()?;
            let square = (moments - (self.dual(block)?.correlation * 2.0)?)?;
            square.to_scalar::<f64>()
        };
        let squares: candle_core::Result<f64> = measures.0.iter().map(square).sum();
        Ok(squares.map_err(failed)? * self.plan.length * self.plan.length)
    }

    /// The first variation of half the squared distance in u, `|x|^2/2 - psi`, at points `x`
    /// (`[n][d]`), up to a constant.
    ///
    /// # Errors
    /// Errors of Candle.
    pub fn variation(&self, x: &[f64]) -> Result<Vec<f64>> {
        let square = self.plan.length * self.plan.length;
        let mut all = Vec::with_capacity(x.len() / self.plan.shape.dimension);
        for x in x.chunks(self.plan.block() * self.plan.shape.dimension) {
            let values = || {
                let x = self.plan.points(x)?;
                let variation = ((x.sqr()?.sum(1)? * 0.5)? - self.potential.value(&x)?)?;
                variation.to_vec1::<f64>()
            };
            all.extend(values().map_err(failed)?.iter().map(|v| v * square));
        }
        Ok(all)
    }
}

fn failed(error: candle_core::Error) -> Error {
    Error::new(ErrorKind::Internal, format!("Candle: {error}"))
}
