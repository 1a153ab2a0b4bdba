//! Fields by name: what they are, and their values at points.

use super::layout;
use crate::error::{Error, Result};
use crate::flow::{self, FieldSpec};
use crate::solver::Solver;
use std::fmt;
use std::sync::Arc;

/// Values of a function of the host at points `x` (`[n][d]`) with u (`[n]`), into `[n][components]`. It is
/// called on the thread that writes.
pub type Expression = dyn Fn(&[f64], &[f64], &mut [f64]) -> Result<()> + Send + Sync;

/// A field at the points of a snapshot.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Field {
    /// The name of its dataset: letters, digits and underscores.
    pub name: String,
    /// One line on what it is, in ASCII.
    pub long_name: String,
    /// Its unit, in ASCII; may be empty.
    pub units: String,
    /// Numbers at a point.
    pub components: usize,
    /// Whether they are the components of a vector in R^d.
    pub vector: bool,
    /// `[n][components]`; on a grid the first axis is fastest.
    pub values: Vec<f64>,
}

impl Field {
    /// Whether its components are numbered by a dimension scale of the field's own.
    pub(super) const fn has_component_scale(&self) -> bool {
        self.components > 1 && !self.vector
    }
}

/// A field that is yet to be evaluated.
#[derive(Clone)]
pub struct Shown {
    /// As in [`Field`].
    pub name: String,
    /// As in [`Field`].
    pub long_name: String,
    /// As in [`Field`].
    pub units: String,
    quantity: Quantity,
}

/// What is known of a solver at points.
#[derive(Clone)]
enum Quantity {
    Value,
    Slope,
    Velocity,
    EnergyDensity,
    EnergyDensities,
    Host {
        components: usize,
        values: Arc<Expression>,
    },
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shown")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Shown {
    /// A field that the solver has by itself.
    ///
    /// # Errors
    /// [`Argument`](crate::ErrorKind::Argument) if there is none of this name, or not of the solver's flow.
    pub fn named(name: &str, solver: &Solver) -> Result<Self> {
        let Some(spec) = FieldSpec::ALL.iter().find(|spec| spec.name == name) else {
            return Err(Error::argument(format!(
                "there is no field `{}`; accepted are {}, and fields of your own by a callback",
                name.escape_default(),
                names(FieldSpec::ALL)
            )));
        };
        if !solver.fields().contains(spec) {
            if spec.quantity == flow::Quantity::Velocity {
                solver.check_map(&format!("field `{name}`"))?;
            }
            return Err(Error::argument(format!(
                "field `{name}`: option `flow` is {}, whose fields are others; accepted are {}",
                solver.flow_name(),
                names(solver.fields())
            )));
        }
        Ok(Self::of(spec))
    }

    /// The field that snapshots show by default.
    pub(super) fn default_of(solver: &Solver) -> Result<Self> {
        let first = solver.fields().first().map(Self::of);
        first.ok_or_else(|| Error::internal("a flow has no fields"))
    }

    fn of(spec: &FieldSpec) -> Self {
        Self {
            name: spec.name.to_owned(),
            long_name: spec.long_name.to_owned(),
            units: String::new(),
            quantity: match spec.quantity {
                flow::Quantity::Value => Quantity::Value,
                flow::Quantity::Gradient => Quantity::Slope,
                flow::Quantity::Velocity => Quantity::Velocity,
                flow::Quantity::EnergyDensity => Quantity::EnergyDensity,
                flow::Quantity::EnergyDensities => Quantity::EnergyDensities,
            },
        }
    }

    /// A field that a function of the host gives.
    ///
    /// # Errors
    /// [`Argument`](crate::ErrorKind::Argument) if the name is not a proper one or there are no components.
    pub fn expression(name: &str, components: usize, values: Arc<Expression>) -> Result<Self> {
        layout::check_name(name)?;
        if FieldSpec::ALL.iter().any(|spec| spec.name == name) {
            return Err(Error::argument(format!(
                "a callback was to give the field `{name}`, which the solver has by itself; accepted \
                 are other names"
            )));
        }
        if !(1..=1024).contains(&components) {
            return Err(Error::argument(format!(
                "field `{name}` was to have {components} components; accepted are 1 to 1024"
            )));
        }
        Ok(Self {
            name: name.to_owned(),
            long_name: String::new(),
            units: String::new(),
            quantity: Quantity::Host { components, values },
        })
    }

    /// Whether grad u is needed.
    pub(super) const fn needs_slope(&self) -> bool {
        !matches!(self.quantity, Quantity::Value | Quantity::Host { .. })
    }

    /// Whether its components may be numbered by a dimension scale of the field's own.
    pub(super) const fn may_have_component_scale(&self) -> bool {
        match self.quantity {
            Quantity::EnergyDensities => true,
            Quantity::Host { components, .. } => components > 1,
            _ => false,
        }
    }

    /// An empty field.
    pub(super) fn field(&self, solver: &Solver) -> Field {
        let d = solver.domain().dimension();
        let components = match self.quantity {
            Quantity::Value | Quantity::EnergyDensity => 1,
            Quantity::Slope | Quantity::Velocity => d,
            Quantity::EnergyDensities => solver.energy_names().len().max(1),
            Quantity::Host { components, .. } => components,
        };
        let vector = match self.quantity {
            Quantity::Slope | Quantity::Velocity => true,
            Quantity::Host { .. } => components == d && d > 1,
            _ => false,
        };
        Field {
            name: self.name.clone(),
            long_name: self.long_name.clone(),
            units: self.units.clone(),
            components,
            vector,
            values: Vec::new(),
        }
    }

    /// The values at a sample, `[n][components]`.
    pub(super) fn evaluate(&self, solver: &Solver, sample: &Sample<'_>) -> Result<Vec<f64>> {
        let Sample { x, u, slope } = *sample;
        Ok(match &self.quantity {
            Quantity::Value => u.to_vec(),
            Quantity::Slope => slope.to_vec(),
            Quantity::Velocity => solver.velocity_of(x, u, slope)?,
            Quantity::EnergyDensity => {
                let mut sum = vec![0.0; u.len()];
                for term in solver.energy_densities(x, u, slope)? {
                    sum.iter_mut().zip(term).for_each(|(s, f)| *s += f);
                }
                sum
            }
            Quantity::EnergyDensities => {
                let terms = solver.energy_densities(x, u, slope)?;
                let mut all = vec![0.0; u.len() * terms.len().max(1)];
                for (number, term) in terms.iter().enumerate() {
                    let places = all.iter_mut().skip(number).step_by(terms.len());
                    places.zip(term).for_each(|(place, f)| *place = *f);
                }
                all
            }
            Quantity::Host { components, values } => {
                let mut out = vec![0.0; u.len() * components];
                values(x, u, &mut out).map_err(|e| e.context(format!("field `{}`", self.name)))?;
                out
            }
        })
    }
}

/// The names of fields, for messages.
fn names(fields: &[FieldSpec]) -> String {
    let names: Vec<_> = fields.iter().map(|spec| spec.name).collect();
    names.join(", ")
}

/// Points where u is known.
#[derive(Clone, Copy)]
pub(super) struct Sample<'a> {
    /// `[n][d]`.
    pub x: &'a [f64],
    /// `[n]`.
    pub u: &'a [f64],
    /// grad u, `[n][d]`; empty where no field needs it.
    pub slope: &'a [f64],
}
