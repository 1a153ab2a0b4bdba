//! The fields that flows have by name, for snapshots and hosts.

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
    /// Every field that some flow has.
    pub const ALL: &'static [Self] = &[
        Self::VALUE,
        Self::GRADIENT,
        Self::DENSITY,
        Self::VELOCITY,
        Self::ENERGY_DENSITY,
        Self::ENERGY_DENSITIES,
    ];
}
