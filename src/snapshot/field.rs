//! Fields by name: what they are, and queries for their values.

use super::layout;
use crate::error::{Error, Result};
use crate::flow::{FieldSpec, PointValues};
use crate::solver::Solver;
use serde_json::json;
use std::fmt;
use std::sync::Arc;

/// Values of a function of the host at points `x` (`[n][d]`) with u (`[n][c]`), into
/// `[n][components]`. It is called on the thread that writes.
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

/// A field to be shown: one that the flow has by name, or a function of the host.
#[derive(Clone)]
pub struct FieldQuery {
    name: String,
    source: Source,
}

#[derive(Clone)]
enum Source {
    Flow(&'static FieldSpec),
    Host {
        components: usize,
        values: Arc<Expression>,
    },
}

impl fmt::Debug for FieldQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FieldQuery")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl FieldQuery {
    /// A field that the solver's flow has by itself.
    ///
    /// # Errors
    /// [`Argument`](crate::ErrorKind::Argument) if there is none of this name.
    pub fn named(name: &str, solver: &Solver) -> Result<Self> {
        let fields = solver.fields();
        let Some(spec) = fields.iter().find(|spec| spec.name == name) else {
            let known: Vec<_> = fields.iter().map(|spec| spec.name).collect();
            return Err(Error::argument(format!(
                "there is no field `{}` where option {}; accepted are {}, and fields of your own by a \
                 callback",
                name.escape_default(),
                solver.flow_choice(),
                known.join(", ")
            )));
        };
        Ok(Self::of(spec))
    }

    /// The field that snapshots show where nothing else is asked for: the first of the flow's.
    ///
    /// # Errors
    /// [`Internal`](crate::ErrorKind::Internal) if the flow has no field.
    pub(super) fn by_default(solver: &Solver) -> Result<Self> {
        let first = solver.fields().first().map(Self::of);
        first.ok_or_else(|| Error::internal("a flow has no field to show"))
    }

    fn of(spec: &'static FieldSpec) -> Self {
        Self {
            name: spec.name.to_owned(),
            source: Source::Flow(spec),
        }
    }

    /// A field that a function of the host gives.
    ///
    /// # Errors
    /// [`Argument`](crate::ErrorKind::Argument) if the name is not a proper one or there are no
    /// components.
    pub fn expression(name: &str, components: usize, values: Arc<Expression>) -> Result<Self> {
        layout::check_name(name)?;
        if FieldSpec::is_known(name) {
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
            source: Source::Host { components, values },
        })
    }

    /// The name of the field.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether grad u is needed.
    pub(super) const fn needs_gradient(&self) -> bool {
        match self.source {
            Source::Flow(spec) => spec.needs_gradient(),
            Source::Host { .. } => false,
        }
    }

    /// Whether its components may be numbered by a dimension scale of the field's own.
    pub(super) const fn may_have_component_scale(&self) -> bool {
        match self.source {
            Source::Flow(spec) => spec.may_be_list(),
            Source::Host { components, .. } => components > 1,
        }
    }

    /// The field of a solver without its values.
    #[must_use]
    pub fn field(&self, solver: &Solver) -> Field {
        let d = solver.domain().dimension();
        let (components, vector, long_name) = match &self.source {
            Source::Flow(spec) => {
                let c = solver.components();
                let components = spec.components(c, d, solver.energy_names().len());
                (components, spec.is_vector(c, d), spec.long_name)
            }
            Source::Host { components, .. } => (*components, *components == d && d > 1, ""),
        };
        Field {
            name: self.name.clone(),
            long_name: long_name.to_owned(),
            units: String::new(),
            components,
            vector,
            values: Vec::new(),
        }
    }

    /// The values at points where u is known, `[n][components]`.
    pub(super) fn values(&self, solver: &Solver, at: &PointValues<'_>) -> Result<Vec<f64>> {
        match &self.source {
            Source::Flow(spec) => solver.field_values(spec, at),
            Source::Host { components, values } => {
                let n = at.u.len() / solver.components();
                let mut out = vec![0.0; n * components];
                let filled = values(at.x, at.u, &mut out);
                filled.map_err(|e| e.context(format!("field `{}`", self.name)))?;
                Ok(out)
            }
        }
    }
}

/// The fields that a solver's flow has by name, as a JSON array of objects.
#[must_use]
pub fn describe_fields(solver: &Solver) -> String {
    let fields = solver.fields().iter().map(|spec| {
        let field = FieldQuery::of(spec).field(solver);
        json!({
            "name": field.name,
            "long_name": field.long_name,
            "components": field.components,
            "vector": field.vector,
        })
    });
    serde_json::Value::Array(fields.collect()).to_string()
}
