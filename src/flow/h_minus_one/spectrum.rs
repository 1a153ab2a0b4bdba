//! A field of waves of a box: their products are orthogonal, and so they are in H^-1.

use crate::error::{Error, Result};
use crate::field::{Basis, Channels, JetShape, Jets, Normalized, OnGrid, Waves};
use crate::flow::l2::L2Flow;
use crate::flow::{Context, Queries};
use crate::linear_algebra::{Limit, System, conjugate_gradients, dot};
use crate::quadrature::Nodes;
use std::f64::consts::{PI, TAU};

/// What differs by less than this part of a mobility is the same at all nodes.
const SAME: f64 = 1e-13;

/// What conjugate gradients may leave of a potential of a change, and the products they may take.
const POTENTIAL: Limit = Limit {
    enough: 0.0,
    part: 1e-8,
    products: 300,
};

/// Orthonormal products of waves at nodes. Of the first, the constant, changes have no part.
pub(super) struct Spectrum<'a> {
    cx: &'a Context,
    waves: &'a Waves,
    grid: OnGrid,
    dimension: usize,
    /// Weights of the integral over the domain, `[n]`.
    w: Vec<f64>,
    /// What products are times, to be orthonormal.
    scales: Vec<f64>,
    /// `int |grad phi|^2` of each.
    eigenvalues: Vec<f64>,
    units: Normalized,
}

/// The stiffness `int M grad f . grad g` of the products.
pub(super) enum Stiffness {
    /// M is a constant.
    Even(f64),
    /// M times the weights of the nodes, and its mean.
    Of(Vec<f64>, f64),
}

impl<'a> Spectrum<'a> {
    /// That of a flow of waves at nodes.
    ///
    /// # Errors
    /// [`Internal`](crate::ErrorKind::Internal) if the nodes lie on no grid.
    pub fn new(flow: &L2Flow, cx: &'a Context, waves: &'a Waves, nodes: &Nodes) -> Result<Self> {
        let functional = flow.functional();
        let embedding = functional.network().embedding();
        let grid = OnGrid::new(waves, Basis::OfBox, embedding, &nodes.x)
            .ok_or_else(|| Error::internal("the nodes of waves lie on no grid"))?;
        let domain = flow.domain();
        let sides: Vec<f64> = domain.sides().collect();
        let volume: f64 = sides.iter().product();
        let rate = |axis: usize| {
            let wave = if waves.periodic()[axis] { TAU } else { PI };
            wave / sides[axis]
        };
        let rates: Vec<f64> = (0..sides.len()).map(rate).collect();
        let of = waves.of_products(Basis::OfBox);
        let eigenvalue = |harmonics: &[usize]| -> f64 {
            let axes = rates.iter().zip(harmonics);
            axes.map(|(rate, k)| (rate * *k as f64).powi(2)).sum()
        };
        Ok(Self {
            cx,
            waves,
            grid,
            dimension: sides.len(),
            w: nodes.clone().of_the_domain().w,
            scales: of
                .iter()
                .map(|(norm, _)| (norm * volume).sqrt().recip())
                .collect(),
            eigenvalues: of.iter().map(|(_, k)| eigenvalue(k)).collect(),
            units: functional.units(),
        })
    }

    /// Weights of the integral over the domain, `[n]`.
    pub fn weights(&self) -> &[f64] {
        &self.w
    }

    /// `int |grad phi|^2` of each product.
    pub fn eigenvalues(&self) -> &[f64] {
        &self.eigenvalues
    }

    /// The shape of jets at the nodes.
    pub const fn shape(&self) -> JetShape {
        JetShape {
            dimension: self.dimension,
            components: 1,
            channels: Channels::First,
        }
    }

    /// The mean and the parts of a field of these coefficients of its units and the constant.
    pub fn parts(&self, coefficients: &[f64]) -> (f64, Vec<f64>) {
        let Normalized { offset, size } = self.units;
        let mut parts = self.waves.to_products(coefficients, Basis::OfBox);
        let mean = offset[0] + size * parts[0];
        parts[0] = 0.0;
        let each = parts.iter_mut().zip(&self.scales);
        each.for_each(|(p, scale)| *p *= size / scale);
        (mean, parts)
    }

    /// The coefficients of a field of this mean and these parts.
    pub fn coefficients(&self, mean: f64, parts: &[f64]) -> Vec<f64> {
        let Normalized { offset, size } = self.units;
        let pairs = parts.iter().zip(&self.scales);
        let mut products: Vec<f64> = pairs.map(|(p, scale)| p * scale / size).collect();
        products[0] = (mean - offset[0]) / size;
        self.waves.from_products(&products)
    }

    /// The jets of a field of this mean and these parts.
    ///
    /// # Errors
    /// Errors of the threads.
    pub fn jets(&self, mean: f64, parts: &[f64]) -> Result<Jets> {
        let mut products = self.scaled(parts);
        products[0] = mean;
        let mut jets = Jets::default();
        jets.resize(self.w.len(), self.shape());
        let slope = Some(&mut *jets.slope);
        self.grid
            .sum(&self.cx.pool, &products, &mut jets.value, slope)?;
        Ok(jets)
    }

    /// The values of a field of these parts.
    ///
    /// # Errors
    /// Errors of the threads.
    pub fn values(&self, parts: &[f64]) -> Result<Vec<f64>> {
        let mut values = vec![0.0; self.w.len()];
        let products = self.scaled(parts);
        self.grid.sum(&self.cx.pool, &products, &mut values, None)?;
        Ok(values)
    }

    fn scaled(&self, parts: &[f64]) -> Vec<f64> {
        let pairs = parts.iter().zip(&self.scales);
        pairs.map(|(p, scale)| p * scale).collect()
    }

    /// `sum_q a_q phi(x_q) + b_q . grad phi(x_q)` of each product phi, over the nodes of all ranks, with seeds a, `[n]`,
    /// and b, `[n][d]`, or none; 0 of the constant. Collective.
    ///
    /// # Errors
    /// Errors of the threads and of the other ranks.
    pub fn against(&self, values: &[f64], slopes: &[f64]) -> Result<Vec<f64>> {
        let own = self.grid.against(&self.cx.pool, values, slopes);
        let mut sums = vec![0.0; self.scales.len()];
        let own = own.map(|own| sums.copy_from_slice(&own));
        self.cx.ranks().sum(own, &mut sums)?;
        sums.iter_mut()
            .zip(&self.scales)
            .for_each(|(s, scale)| *s *= scale);
        sums[0] = 0.0;
        Ok(sums)
    }

    /// The parts of a function with these values at the nodes. Collective.
    ///
    /// # Errors
    /// As for [`against`](Self::against).
    pub fn parts_of(&self, values: &[f64]) -> Result<Vec<f64>> {
        let seeds: Vec<f64> = self.w.iter().zip(values).map(|(w, v)| w * v).collect();
        self.against(&seeds, &[])
    }

    /// The stiffness with the inverses of M at the nodes as weights, or M = 1. Collective.
    ///
    /// # Errors
    /// Errors of the other ranks.
    pub fn stiffness(&self, weights: Option<&[f64]>) -> Result<Stiffness> {
        let Some(weights) = weights else {
            return Ok(Stiffness::Even(1.0));
        };
        let mobility = || weights.iter().map(|m| m.recip());
        let ranks = self.cx.ranks();
        let most = mobility().fold(0.0_f64, f64::max);
        let least = mobility().fold(f64::INFINITY, f64::min);
        let mut ends = [most, -least];
        ranks.max(Ok(()), &mut ends)?;
        let [most, least] = [ends[0], -ends[1]];
        if most - least <= SAME * most {
            return Ok(Stiffness::Even(most));
        }
        let moving: Vec<f64> = self.w.iter().zip(mobility()).map(|(w, m)| w * m).collect();
        let mut sums = [moving.iter().sum(), self.w.iter().sum()];
        ranks.sum(Ok(()), &mut sums)?;
        let [sum, volume] = sums;
        Ok(Stiffness::Of(moving, sum / volume))
    }

    /// The stiffness times a potential: the change of the field that it drives. Collective.
    ///
    /// # Errors
    /// As for [`against`](Self::against).
    pub fn driven(&self, stiffness: &Stiffness, potential: &[f64]) -> Result<Vec<f64>> {
        match stiffness {
            Stiffness::Even(m) => {
                let each = potential.iter().zip(&self.eigenvalues);
                Ok(each.map(|(p, l)| m * l * p).collect())
            }
            Stiffness::Of(moving, _) => {
                let mut slope = self.jets(0.0, potential)?.slope;
                for (slope, m) in slope.chunks_exact_mut(self.dimension).zip(moving) {
                    slope.iter_mut().for_each(|s| *s *= m);
                }
                self.against(&vec![0.0; moving.len()], &slope)
            }
        }
    }

    /// The stiffness of M at its mean, which is diagonal.
    pub fn mean_stiffness(&self, stiffness: &Stiffness) -> Vec<f64> {
        let (Stiffness::Even(m) | Stiffness::Of(_, m)) = stiffness;
        self.eigenvalues.iter().map(|l| m * l).collect()
    }

    /// A potential that drives a change, as well as it can be found. Collective.
    ///
    /// # Errors
    /// As for [`against`](Self::against).
    pub fn potential(&self, stiffness: &Stiffness, change: &[f64]) -> Result<Vec<f64>> {
        let diagonal = self.mean_stiffness(stiffness);
        let mut system = Driven {
            spectrum: self,
            stiffness,
            diagonal: &diagonal,
        };
        if let Stiffness::Even(_) = stiffness {
            let mut potential = change.to_vec();
            system.precondition(&mut potential)?;
            return Ok(potential);
        }
        let wanted: Vec<f64> = change.iter().map(|c| -c).collect();
        Ok(conjugate_gradients(&mut system, &wanted, &POTENTIAL)?.step)
    }

    /// The square of the norm of a change. Collective.
    ///
    /// # Errors
    /// As for [`against`](Self::against).
    pub fn square(&self, stiffness: &Stiffness, change: &[f64]) -> Result<f64> {
        Ok(dot(change, &self.potential(stiffness, change)?))
    }
}

/// The system of the stiffness.
struct Driven<'a> {
    spectrum: &'a Spectrum<'a>,
    stiffness: &'a Stiffness,
    diagonal: &'a [f64],
}

impl System for Driven<'_> {
    fn product(&mut self, v: &[f64], out: &mut [f64]) -> Result<()> {
        out.copy_from_slice(&self.spectrum.driven(self.stiffness, v)?);
        Ok(())
    }

    fn precondition(&mut self, z: &mut [f64]) -> Result<()> {
        for (z, k) in z.iter_mut().zip(self.diagonal) {
            *z = if *k > 0.0 { *z / k } else { 0.0 };
        }
        Ok(())
    }
}
