//! Waves of a box: products of cosines along axes that end, and of sines and cosines along periodic ones, up to so
//! many harmonics, on a line and in the plane.
//!
//! As a network they are one hidden layer of cosines of planes, `cos(A + B)` and `cos(A - B)` of phases A and B along
//! the axes, of which `cos A cos B` is half of the sum: an axis that ends has k half waves, a periodic one k whole ones.
//! In the [products](Basis) they are orthogonal, and on a grid of nodes their sums are products of small matrices
//! ([`OnGrid`]).

mod on_grid;

pub use on_grid::OnGrid;
pub(super) use on_grid::scattered;

use super::network::Network;
use std::f64::consts::{FRAC_PI_2, PI};

/// The dimensions in which there are waves.
pub const MOST_AXES: usize = 2;

/// The waves: how many along each axis, and which axes are periodic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waves {
    harmonics: Vec<usize>,
    periodic: Vec<bool>,
}

/// A unit of the network: the cosine, or the sine, of the sum of phases along the axes, of which the second may be
/// subtracted.
#[derive(Clone, Copy, Debug)]
struct Unit {
    harmonics: [usize; MOST_AXES],
    is_difference: bool,
    is_sine: bool,
}

/// Products of a cosine or a sine along each axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// Those of the box: along axes that end there are no sines.
    OfBox,
    /// Sines along all axes too: all that the units of the network make.
    Full,
}

impl Waves {
    /// Waves of up to so many harmonics along each axis.
    #[must_use]
    pub const fn new(harmonics: Vec<usize>, periodic: Vec<bool>) -> Self {
        Self {
            harmonics,
            periodic,
        }
    }

    /// The waves whose units a network has with these parameters; `None` where it has others.
    #[must_use]
    pub fn of(network: &Network, parameters: &[f64]) -> Option<Self> {
        let d = network.dimension();
        let could_be = network.widths().len() == 3
            && network.outputs() == 1
            && !network.has_skip()
            && network.activation() == super::Activation::Cos
            && network.embedding().is_affine()
            && d <= MOST_AXES;
        if !could_be {
            return None;
        }
        let (weights, biases) = network.first_layer(parameters);
        // The first units along the last axis tell whether it is periodic, and the last unit where each ends.
        let last = weights.chunks_exact(d).next_back()?;
        let first = |axis: usize| {
            let along = weights.iter().skip(axis).step_by(d);
            along.copied().find(|w| *w != 0.0).map(f64::abs)
        };
        let mut waves = Self::new(Vec::new(), Vec::new());
        for (axis, w) in last.iter().enumerate() {
            let step = first(axis)?;
            let is_periodic = step == PI;
            waves.harmonics.push((w.abs() / step).round() as usize);
            waves.periodic.push(is_periodic);
        }
        let units = waves.units();
        let same = units.len() == biases.len()
            && units.iter().zip(weights.chunks_exact(d)).zip(biases).all(
                |((unit, weights), bias)| {
                    let (own, own_bias) = waves.plane(unit);
                    own[..d] == *weights && own_bias == *bias
                },
            );
        same.then_some(waves)
    }

    /// Harmonics along each axis.
    #[must_use]
    pub fn harmonics(&self) -> &[usize] {
        &self.harmonics
    }

    /// Whether each axis is periodic.
    #[must_use]
    pub fn periodic(&self) -> &[bool] {
        &self.periodic
    }

    /// How many units the network has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.units().len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Harmonics of an axis; of one that there is not there are none.
    fn of_axis(&self, axis: usize) -> usize {
        self.harmonics.get(axis).copied().unwrap_or(0)
    }

    fn is_periodic(&self, axis: usize) -> bool {
        self.periodic.get(axis).copied().unwrap_or(false)
    }

    /// The units, in their order.
    fn units(&self) -> Vec<Unit> {
        let mut units = Vec::new();
        for j in 0..=self.of_axis(0) {
            for k in 0..=self.of_axis(1) {
                if (j, k) == (0, 0) {
                    continue;
                }
                let has_sine = (j > 0 && self.is_periodic(0)) || (k > 0 && self.is_periodic(1));
                for is_sine in [false, true] {
                    for is_difference in [true, false] {
                        let both = j > 0 && k > 0;
                        if (is_sine && !has_sine) || (is_difference && !both) {
                            continue;
                        }
                        units.push(Unit {
                            harmonics: [j, k],
                            is_difference,
                            is_sine,
                        });
                    }
                }
            }
        }
        units
    }

    /// The phase along an axis per unit of t, from -1 to 1, of the first harmonic.
    fn rate(&self, axis: usize) -> f64 {
        match self.is_periodic(axis) {
            true => PI,
            false => FRAC_PI_2,
        }
    }

    /// The weights of a unit and its bias.
    fn plane(&self, unit: &Unit) -> ([f64; MOST_AXES], f64) {
        let [j, k] = unit.harmonics;
        let sign = if unit.is_difference { -1.0 } else { 1.0 };
        let weights = [self.rate(0) * j as f64, sign * self.rate(1) * k as f64];
        let [a, b] = weights;
        // A sine is a cosine a quarter of a wave later.
        (weights, a + b - if unit.is_sine { FRAC_PI_2 } else { 0.0 })
    }

    /// How many functions there are along an axis.
    #[must_use]
    pub fn functions(&self, axis: usize, basis: Basis) -> usize {
        match basis == Basis::Full || self.is_periodic(axis) {
            true => 1 + 2 * self.of_axis(axis),
            false => 1 + self.of_axis(axis),
        }
    }

    /// How many products there are, the constant among them, which is the first.
    #[must_use]
    pub fn products(&self, basis: Basis) -> usize {
        self.functions(0, basis) * self.functions(1, basis)
    }

    /// The place of a function along an axis; `None` of one that is 0 or not of the basis.
    fn place(&self, axis: usize, harmonic: usize, is_sine: bool, basis: Basis) -> Option<usize> {
        let with_sines = basis == Basis::Full || self.is_periodic(axis);
        match (harmonic, is_sine) {
            (0, false) => Some(0),
            (0, true) => None,
            (k, false) => Some(if with_sines { 2 * k - 1 } else { k }),
            (k, true) => with_sines.then_some(2 * k),
        }
    }

    /// The harmonic of a function along an axis.
    fn harmonic(&self, axis: usize, function: usize, basis: Basis) -> usize {
        match basis == Basis::Full || self.is_periodic(axis) {
            true => function.div_ceil(2),
            false => function,
        }
    }

    /// Of each product the square of its norm, as a part of the volume, and its harmonics along the axes.
    #[must_use]
    pub fn of_products(&self, basis: Basis) -> Vec<(f64, [usize; MOST_AXES])> {
        let rows = 0..self.functions(0, basis);
        let of_row = |row| {
            let j = self.harmonic(0, row, basis);
            (0..self.functions(1, basis)).map(move |column| {
                let k = self.harmonic(1, column, basis);
                let half = |k: usize| if k > 0 { 0.5 } else { 1.0 };
                (half(j) * half(k), [j, k])
            })
        };
        rows.flat_map(of_row).collect()
    }

    /// The two products of which a unit is the sum, with their signs.
    fn made_of(&self, unit: &Unit, basis: Basis) -> [Option<(usize, f64)>; 2] {
        let [j, k] = unit.harmonics;
        let sign = if unit.is_difference { -1.0 } else { 1.0 };
        let columns = self.functions(1, basis);
        let product = |of: [bool; 2], factor: f64| {
            let row = self.place(0, j, of[0], basis)?;
            let column = self.place(1, k, of[1], basis)?;
            Some((row * columns + column, factor))
        };
        match unit.is_sine {
            false => [product([false, false], 1.0), product([true, true], -sign)],
            true => [product([true, false], 1.0), product([false, true], sign)],
        }
    }

    /// Coefficients of the products, of those of the units and a constant behind them. Those that are not of the
    /// basis are left out.
    #[must_use]
    pub fn to_products(&self, units: &[f64], basis: Basis) -> Vec<f64> {
        let mut products = vec![0.0; self.products(basis)];
        for (unit, c) in self.units().iter().zip(units) {
            for (place, factor) in self.made_of(unit, basis).into_iter().flatten() {
                products[place] += factor * c;
            }
        }
        if let Some(constant) = units.last() {
            products[0] += constant;
        }
        products
    }

    /// The transpose of [`to_products`](Self::to_products): derivatives in the coefficients of the units.
    #[must_use]
    pub fn of_units(&self, products: &[f64], basis: Basis) -> Vec<f64> {
        let units = self.units();
        let mut out = Vec::with_capacity(units.len() + 1);
        for unit in &units {
            let parts = self.made_of(unit, basis).into_iter().flatten();
            out.push(parts.map(|(place, factor)| factor * products[place]).sum());
        }
        out.push(products[0]);
        out
    }

    /// Coefficients of the units, and of a constant behind them, which make a function of the box with these of its
    /// products.
    #[must_use]
    pub fn from_products(&self, products: &[f64]) -> Vec<f64> {
        // A unit of both axes has half of each of its products, the others are products.
        let mut out = self.of_units(products, Basis::OfBox);
        for (unit, c) in self.units().iter().zip(&mut out) {
            if unit.harmonics.iter().all(|k| *k > 0) {
                *c *= 0.5;
            }
        }
        out
    }

    /// The coefficients of the units, and of the constant, of the same function among more waves.
    #[must_use]
    pub fn widened(&self, wide: &Self, units: &[f64]) -> Vec<f64> {
        let own = self.to_products(units, Basis::OfBox);
        let mut products = vec![0.0; wide.products(Basis::OfBox)];
        let columns = self.functions(1, Basis::OfBox);
        let rows = products.chunks_exact_mut(wide.functions(1, Basis::OfBox));
        for (row, own) in rows.zip(own.chunks_exact(columns)) {
            row[..columns].copy_from_slice(own);
        }
        wide.from_products(&products)
    }
}

impl Network {
    /// Parameters of one hidden layer of cosines whose units are these waves. The outputs are 0.
    #[must_use]
    pub fn wave_features(&self, waves: &Waves) -> Vec<f64> {
        let mut parameters = vec![0.0; self.parameters()];
        let Some(layer) = self.layers.first() else {
            return parameters;
        };
        let d = layer.inputs;
        let (weights, biases) = layer.split_mut(&mut parameters);
        let rows = weights.chunks_exact_mut(d).zip(biases);
        for ((row, bias), unit) in rows.zip(&waves.units()) {
            let (own, own_bias) = waves.plane(unit);
            row.copy_from_slice(&own[..d]);
            *bias = own_bias;
        }
        parameters
    }
}

#[cfg(test)]
mod tests;
