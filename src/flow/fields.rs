//! The fields that flows have by name, for snapshots and hosts.

use super::{Context, Flow};
use crate::error::{Error, Result};

/// A field that a flow has by itself.
#[derive(Debug, PartialEq, Eq)]
pub struct FieldSpec {
    /// The name of its dataset in snapshots.
    pub name: &'static str,
    /// One line on what it is.
    pub long_name: &'static str,
    /// Quantity that it shows.
    pub quantity: Quantity,
}

/// Quantities that a flow knows at points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// u, or the density.
    Value,
    /// Its gradient.
    Gradient,
    /// The velocity of the mass.
    Velocity,
    /// The density of the energy.
    EnergyDensity,
    /// The density of the energy, term by term.
    EnergyDensities,
    /// A quantity of a flow's own, which [`Flow::field_values`] evaluates.
    Own {
        /// Whether it is a vector in R^d; a number otherwise.
        vector: bool,
        /// Whether the gradient of u is needed for it.
        needs_gradient: bool,
    },
}

/// Points with what is known of u there.
#[derive(Clone, Copy, Debug)]
pub struct PointValues<'a> {
    /// Positions, `[n][d]`.
    pub x: &'a [f64],
    /// u, `[n]`.
    pub u: &'a [f64],
    /// The gradient of u, `[n][d]`; empty where it is not needed.
    pub gradient: &'a [f64],
}

impl FieldSpec {
    /// u, which every flow has.
    pub const VALUE: Self = Self {
        name: "u",
        long_name: "solution of the gradient flow",
        quantity: Quantity::Value,
    };
    /// The gradient of u, which every flow has.
    pub const GRADIENT: Self = Self {
        name: "grad_u",
        long_name: "gradient of the solution",
        quantity: Quantity::Gradient,
    };
    /// u as a density of mass.
    pub const DENSITY: Self = Self {
        name: "density",
        long_name: "density of mass",
        quantity: Quantity::Value,
    };
    /// The velocity of the mass.
    pub const VELOCITY: Self = Self {
        name: "velocity",
        long_name: "velocity of the mass",
        quantity: Quantity::Velocity,
    };
    /// The density of the energy, which every flow has.
    pub const ENERGY_DENSITY: Self = Self {
        name: "energy_density",
        long_name: "density of the energy",
        quantity: Quantity::EnergyDensity,
    };
    /// The densities of the terms, which every flow has.
    pub const ENERGY_DENSITIES: Self = Self {
        name: "energy_densities",
        long_name: "density of the energy, by term in the order they were added",
        quantity: Quantity::EnergyDensities,
    };
    /// Every field that some flow of the library has.
    pub const ALL: &'static [Self] = &[
        Self::VALUE,
        Self::GRADIENT,
        Self::DENSITY,
        Self::VELOCITY,
        Self::ENERGY_DENSITY,
        Self::ENERGY_DENSITIES,
    ];

    /// Numbers at a point, in dimension d with so many terms of the energy.
    #[must_use]
    pub const fn components(&self, d: usize, terms: usize) -> usize {
        match self.quantity {
            Quantity::EnergyDensities if terms > 0 => terms,
            _ if self.is_vector() => d,
            _ => 1,
        }
    }

    /// Whether the numbers at a point are the components of a vector in R^d.
    #[must_use]
    pub const fn is_vector(&self) -> bool {
        match self.quantity {
            Quantity::Gradient | Quantity::Velocity => true,
            Quantity::Own { vector, .. } => vector,
            Quantity::Value | Quantity::EnergyDensity | Quantity::EnergyDensities => false,
        }
    }

    /// Whether the numbers at a point are one for each term of the energy.
    #[must_use]
    pub const fn is_by_term(&self) -> bool {
        matches!(self.quantity, Quantity::EnergyDensities)
    }

    /// Whether the gradient of u is needed for it.
    #[must_use]
    pub const fn needs_gradient(&self) -> bool {
        match self.quantity {
            Quantity::Value => false,
            Quantity::Own { needs_gradient, .. } => needs_gradient,
            _ => true,
        }
    }
}

/// The values of a quantity that every flow evaluates alike, `[n][components]`.
pub(super) fn values<F: Flow + ?Sized>(
    flow: &F,
    cx: &Context,
    parameters: &[f64],
    quantity: Quantity,
    at: &PointValues<'_>,
) -> Result<Vec<f64>> {
    let PointValues { x, u, gradient } = *at;
    match quantity {
        Quantity::Value => Ok(u.to_vec()),
        Quantity::Gradient => Ok(gradient.to_vec()),
        Quantity::Velocity => flow.lagrangian()?.velocity(cx, parameters, x, u, gradient),
        Quantity::EnergyDensity => {
            let mut sum = vec![0.0; u.len()];
            for term in flow.energy_densities(cx, parameters, (x, u, gradient))? {
                sum.iter_mut().zip(term).for_each(|(s, f)| *s += f);
            }
            Ok(sum)
        }
        Quantity::EnergyDensities => {
            let terms = flow.energy_densities(cx, parameters, (x, u, gradient))?;
            let mut all = vec![0.0; u.len() * terms.len().max(1)];
            for (number, term) in terms.iter().enumerate() {
                let places = all.iter_mut().skip(number).step_by(terms.len());
                places.zip(term).for_each(|(place, f)| *place = *f);
            }
            Ok(all)
        }
        Quantity::Own { .. } => Err(Error::internal(
            "a flow does not evaluate a field of its own",
        )),
    }
}
