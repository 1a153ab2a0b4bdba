//! The fields that flows have by name, for snapshots and hosts.

use super::{Context, Queries};
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

/// The names of the fields of single components.
const COMPONENTS: [&str; 16] = [
    "u0", "u1", "u2", "u3", "u4", "u5", "u6", "u7", "u8", "u9", "u10", "u11", "u12", "u13", "u14",
    "u15",
];

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
    /// A component of u, counted from 0.
    Component(usize),
    /// A quantity of a flow's own, which [`Queries::field_values`] evaluates.
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
    /// u, `[n][c]`.
    pub u: &'a [f64],
    /// The gradient of u, `[n][c][d]`; empty where it is not needed.
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
    /// The fields of a flow of a density that knows no velocity by labels.
    pub(super) const OF_DENSITY: &'static [Self] = &[
        Self::DENSITY,
        Self::VALUE,
        Self::GRADIENT,
        Self::ENERGY_DENSITY,
        Self::ENERGY_DENSITIES,
    ];
    /// Every field that some flow of the library has.
    pub const ALL: &'static [Self] = &[
        Self::VALUE,
        Self::GRADIENT,
        Self::DENSITY,
        Self::VELOCITY,
        Self::ENERGY_DENSITY,
        Self::ENERGY_DENSITIES,
    ];

    /// Whether some flow of the library has a field of this name.
    #[must_use]
    pub fn is_known(name: &str) -> bool {
        Self::ALL.iter().any(|spec| spec.name == name) || COMPONENTS.contains(&name)
    }

    /// The fields of a flow and those of each component of u.
    pub(super) const fn of_components<const N: usize>(specs: [Self; 4]) -> [Self; N] {
        let mut all = [const { Self::VALUE }; N];
        let [first, second, third, fourth] = specs;
        let (mut at, mut next) = (4, 0);
        all[0] = first;
        all[1] = second;
        all[2] = third;
        all[3] = fourth;
        while at < N {
            all[at] = Self {
                name: COMPONENTS[next],
                long_name: "a component of the solution of the gradient flow",
                quantity: Quantity::Component(next),
            };
            (at, next) = (at + 1, next + 1);
        }
        all
    }

    /// Numbers at a point, of c components in dimension d with so many terms of the energy.
    #[must_use]
    pub const fn components(&self, c: usize, d: usize, terms: usize) -> usize {
        match self.quantity {
            Quantity::EnergyDensities if terms > 0 => terms,
            Quantity::Value => c,
            Quantity::Gradient => c * d,
            _ if self.is_vector(c, d) => d,
            _ => 1,
        }
    }

    /// Whether the numbers at a point are the components of a vector in R^d: so is a u of several components if
    /// they are as many.
    #[must_use]
    pub const fn is_vector(&self, c: usize, d: usize) -> bool {
        match self.quantity {
            Quantity::Velocity => true,
            Quantity::Gradient => c == 1,
            Quantity::Value => c > 1 && c == d,
            Quantity::Own { vector, .. } => vector,
            Quantity::EnergyDensity | Quantity::EnergyDensities | Quantity::Component(_) => false,
        }
    }

    /// Whether the numbers at a point may be others than those of a scalar or of a vector in R^d.
    #[must_use]
    pub const fn may_be_list(&self) -> bool {
        matches!(
            self.quantity,
            Quantity::EnergyDensities | Quantity::Value | Quantity::Gradient
        )
    }

    /// Whether the gradient of u is needed for it.
    #[must_use]
    pub const fn needs_gradient(&self) -> bool {
        match self.quantity {
            Quantity::Value | Quantity::Component(_) => false,
            Quantity::Own { needs_gradient, .. } => needs_gradient,
            _ => true,
        }
    }
}

/// The values of a quantity that every flow evaluates alike, `[n][components]`.
pub(super) fn values<F: Queries + ?Sized>(
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
        Quantity::Component(i) => {
            let own = u.iter().skip(i).step_by(flow.components());
            Ok(own.copied().collect())
        }
        Quantity::Velocity => flow.lagrangian()?.velocity(cx, parameters, x, u, gradient),
        Quantity::EnergyDensity => {
            let mut sum = vec![0.0; u.len() / flow.components()];
            for term in flow.energy_densities(cx, parameters, (x, u, gradient))? {
                sum.iter_mut().zip(term).for_each(|(s, f)| *s += f);
            }
            Ok(sum)
        }
        Quantity::EnergyDensities => {
            let terms = flow.energy_densities(cx, parameters, (x, u, gradient))?;
            let n = u.len() / flow.components();
            let mut all = vec![0.0; n * terms.len().max(1)];
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
