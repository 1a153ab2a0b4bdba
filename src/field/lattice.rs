//! Gaussians on a lattice: features of a network that are local, for fields with layers that planes through the
//! whole box resolve only in great number.
//!
//! A unit is `exp(-|t - c|^2 / 2 h^2)` in the coordinates t of the box from -1 to 1, with the spacing h of each axis
//! for its width: as wide as that, the combinations of all are smooth between the centres to 1e-8, and as narrow that
//! no unit is nearly one of the others (Maz'ya and Schmidt, "Approximate approximations", 2007). Its exponent is a
//! plane in the features of [`Embedding::of_lattice`](super::Embedding::of_lattice).

use super::network::Network;
use std::f64::consts::TAU;

/// Units of an axis that ends beyond each of its ends, without which the field would fall off there.
pub const BEYOND: usize = 3;

/// The lattice: spacings of each axis in the box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lattice {
    spacings: Vec<usize>,
}

/// A factor of units: its weights in the features of an axis, and its bias.
type Factor = (Vec<f64>, f64);

impl Lattice {
    /// The lattice of so many spacings along each axis.
    #[must_use]
    pub const fn new(spacings: Vec<usize>) -> Self {
        Self { spacings }
    }

    /// The finest of at most so many units whose spacings divide the sides in these parts, one for each axis.
    #[must_use]
    pub fn finest(most: usize, parts: &[f64], is_periodic: &[bool]) -> Self {
        let least = parts.iter().fold(f64::INFINITY, |a, b| a.min(*b));
        let of = |size: f64| {
            let spacings = parts.iter().map(|part| (size * part / least) as usize);
            Self::new(spacings.map(|n| n.max(1)).collect())
        };
        let mut size = 1.0;
        while of(size + 1.0).units(is_periodic) <= most {
            size += 1.0;
        }
        of(size)
    }

    /// Spacings along each axis.
    #[must_use]
    pub fn spacings(&self) -> &[usize] {
        &self.spacings
    }

    /// How many units there are.
    #[must_use]
    pub fn units(&self, is_periodic: &[bool]) -> usize {
        let axes = self.spacings.iter().zip(is_periodic);
        axes.map(|(n, periodic)| units_of_axis(*n, *periodic))
            .product()
    }

    /// The factors of an axis.
    fn factors(spacings: usize, is_periodic: bool) -> Vec<Factor> {
        let units = units_of_axis(spacings, is_periodic);
        if is_periodic {
            // exp((cos(t - c) - 1) / h^2), t from 0 to 2 pi.
            let h = TAU / spacings as f64;
            let strength = 1.0 / (h * h);
            let factor = |k: usize| {
                let (sin, cos) = (h * k as f64).sin_cos();
                (vec![strength * sin, strength * cos], -strength)
            };
            return (0..units).map(factor).collect();
        }
        let h = 2.0 / spacings as f64;
        let strength = 1.0 / (h * h);
        let factor = |k: usize| {
            let c = h * (k as f64 - BEYOND as f64) - 1.0;
            (vec![strength * c, -strength], -0.5 * strength * c * c)
        };
        (0..units).map(factor).collect()
    }
}

const fn units_of_axis(spacings: usize, is_periodic: bool) -> usize {
    if is_periodic {
        spacings
    } else {
        spacings + 1 + 2 * BEYOND
    }
}

impl Network {
    /// Parameters of one hidden layer of exponentials whose units are those of a lattice, the last axis running
    /// fastest. The outputs are 0.
    #[must_use]
    pub fn lattice_features(&self, lattice: &Lattice) -> Vec<f64> {
        let mut parameters = vec![0.0; self.parameters()];
        let Some(layer) = self.layers.first() else {
            return parameters;
        };
        let axes = lattice.spacings.iter().zip(self.embedding.periodic());
        let axes: Vec<_> = axes
            .map(|(n, is_periodic)| Lattice::factors(*n, is_periodic))
            .collect();
        let (weights, biases) = layer.split_mut(&mut parameters);
        let units = weights.chunks_exact_mut(layer.inputs).zip(biases);
        for (unit, (weights, bias)) in units.enumerate() {
            let (mut rest, mut end) = (unit, weights.len());
            for factors in axes.iter().rev() {
                let (own, own_bias) = &factors[rest % factors.len()];
                rest /= factors.len();
                weights[end - own.len()..end].copy_from_slice(own);
                end -= own.len();
                *bias += own_bias;
            }
        }
        parameters
    }
}
