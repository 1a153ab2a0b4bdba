//! The gradient flow in L2(Omega) of a field u, `u_t = -dF/du`.
//!
//! | file | what it has |
//! |---|---|
//! | `flow` | the flow as the solver sees it |
//! | `functional` | F and its Euler-Lagrange residual on a network |
//! | `energies`, `stage` | the energies of its terms, and what a stage integrates |
//! | `measured` | what is measured of a state at points |
//! | `boundary`, `walls`, `sides` | energies and given values on the boundary, and how they are posed |
//! | `held` | given values where no ansatz has them exactly |
//! | `bounds`, `integrals`, `integral_moves`, `constrain` | bounds of u, integrals that are held, and how they are posed |
//! | `hold`, `multipliers` | what multipliers hold at nodes, and their rounds |
//! | `mobility` | the metric of a mobility |
//! | `of_hessian` | what energies of second derivatives go together with |
//! | `on_walls` | what states have of given values, before the parameters of the network |
//! | `nodes`, `host` | where integrals are taken: the rule's choice, or the host's |
//! | `noise` | what random nodes can tell of the energy |
//! | `non_local` | metrics that are no integrals of functions at nodes |
//! | `fit`, `fit_data`, `fitting`, `rounds` | the initial condition |
//! | `capacity` | the network, and which of its parameters move |
//! | `growth`, `enrichment` | more features where u_0 takes them, and where layers form on the way |
//! | `waves` | waves of a box for metrics that are not local |
//! | `local_features` | Gaussians on a lattice where u_0 has more layers than planes resolve |
//! | `resizing` | another network or other nodes for the field as it is |
//! | `derivatives` | second derivatives and du/dt at any point |
//! | `hand_over` | another field from the host between two steps |

mod boundary;
mod bounds;
mod capacity;
mod constrain;
mod derivatives;
mod energies;
mod enrichment;
pub(crate) mod fit;
mod fit_data;
mod fitting;
mod flow;
mod form;
mod functional;
mod growth;
mod hand_over;
mod held;
mod hold;
mod host;
mod integral_moves;
mod integrals;
mod local_features;
mod measured;
mod mobility;
mod multipliers;
mod nodes;
mod noise;
mod non_local;
mod of_hessian;
mod on_walls;
mod queries;
mod resizing;
mod rough;
mod rounds;
mod sides;
mod stage;
mod walls;
mod waves;

pub use functional::L2;
pub use non_local::NonLocal;

use super::{Context, FieldSpec, FlowSpec};
use crate::domain::Domain;
use crate::energy::MOST_COMPONENTS;
use crate::error::{Error, Result};
use crate::field::{Lattice, Waves};
use crate::initial::{self};
use crate::minimize::Minimizer;
use crate::objective::{Form, Metric};
use crate::options::Settings;
use crate::quadrature::{Boundary, Nodes, Quadrature};
use boundary::BoundaryEnergies;
use capacity::Capacity;
use hand_over::Prepared;
use nodes::Integration;
use std::sync::Arc;

/// The row of the registry.
pub static SPEC: FlowSpec = FlowSpec {
    name: "l2",
    transport: "map",
    initial: "a function, values or a closed form",
    create: |cx, domain| Ok(Box::new(L2Flow::new(cx, domain)?)),
};

static FIELDS: [FieldSpec; 4] = FIELD_SPECS;

const FIELD_SPECS: [FieldSpec; 4] = [
    FieldSpec::VALUE,
    FieldSpec::GRADIENT,
    FieldSpec::ENERGY_DENSITY,
    FieldSpec::ENERGY_DENSITIES,
];

/// The fields of several components: each has a name of its own too.
static FIELDS_OF_COMPONENTS: [FieldSpec; 4 + MOST_COMPONENTS] =
    FieldSpec::of_components(FIELD_SPECS);

/// The flow of a field on a domain, with its nodes.
#[derive(Clone)]
pub struct L2Flow {
    domain: Domain,
    functional: L2,
    quadrature: Quadrature,
    /// Sets of nodes that the steps use in turn where they are not random: the host's, or those of
    /// the rule.
    fixed: Vec<Nodes>,
    given: GivenByHost,
    /// The form of the steps; `None` is the weak one.
    form: Option<Form>,
    /// Nodes that no step trains on. Like all nodes they are this rank's own.
    check: Nodes,
    /// Points where the flux is measured; unknown for a host's nodes in a box of their own.
    boundary: Option<Boundary>,
    /// The minimiser that fits and runs begin with.
    minimizer: Minimizer,
    /// The least squares of the last hand-over.
    prepared: Option<Arc<Prepared>>,
    /// The lattice of the features, where they are local.
    lattice: Option<Lattice>,
    /// The waves that the features are, where they are.
    waves: Option<Waves>,
    /// What the last step missed in space, relative to the variation of u.
    missed: f64,
    /// The metric, if it is not local.
    non_local: Option<Box<dyn NonLocal>>,
}

/// Linear combinations are minimised to this part of the tolerance that networks are.
const EXACTNESS: f64 = 0.01;

/// Waves have no features that nodes hardly see, in which what is left would gather.
const EXACTNESS_OF_WAVES: f64 = 0.1;

/// The entry of a checkpoint with offset and size of u.
const UNITS: &str = "units";

/// The entry of a checkpoint with the number of random features; there is none where all parameters
/// move.
const FEATURES: &str = "features";

/// The entry of a checkpoint with the spacings of the lattice along each axis; there is none where features are
/// planes.
const LATTICE: &str = "lattice";

/// The entry of a checkpoint with the harmonics of waves along each axis; there is none where features are others.
const WAVES: &str = "waves";

/// The entry of a checkpoint with what the last step missed in space.
const MISSED: &str = "missed";

/// Parts of the quadrature that the host gave.
#[derive(Clone, Copy, Debug, Default)]
struct GivenByHost {
    nodes: bool,
    boundary: bool,
}

impl L2Flow {
    /// The flow of the options, of no energy yet.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option) if options do not fit together.
    pub fn new(cx: &Context, domain: Domain) -> Result<Self> {
        Self::in_metric(cx, domain, None)
    }

    /// The same in a metric that is not local, if there is one.
    ///
    /// # Errors
    /// As for [`new`](Self::new).
    pub fn in_metric(
        cx: &Context,
        domain: Domain,
        non_local: Option<Box<dyn NonLocal>>,
    ) -> Result<Self> {
        let settings = &cx.settings;
        let capacity = Capacity::new(settings, &domain, None)?;
        let of = (&capacity, non_local.as_deref());
        let rule = Integration::new(settings, &domain, of, &BoundaryEnergies::default())?;
        fit_data::fit_rule(settings, &rule.quadrature, &domain)?;
        check_periodic(settings, domain.dimension())?;
        let form = form::of(settings, &rule.quadrature, false);
        let (d, nodes) = (domain.dimension(), rule.quadrature.len(&domain));
        let minimizer = minimizer(cx, capacity.trained(), form, d, nodes)?;
        if let Some(width) = settings.discretization.initial_smoothing {
            initial::check_width(&domain, width)?;
        }
        let mut functional = L2::new(capacity.network.clone());
        functional.set_network(capacity.network, capacity.outputs_only);
        Ok(Self {
            domain,
            functional,
            quadrature: rule.quadrature,
            fixed: rule.fixed,
            given: GivenByHost::default(),
            form,
            check: rule.check,
            boundary: Some(rule.boundary),
            minimizer,
            prepared: None,
            lattice: None,
            waves: None,
            missed: 0.0,
            non_local,
        })
    }

    /// The functional and the field it is evaluated on.
    pub(in crate::flow) const fn functional(&self) -> &L2 {
        &self.functional
    }

    /// The waves that the features are, where they are.
    pub(in crate::flow) const fn waves(&self) -> Option<&Waves> {
        self.waves.as_ref()
    }

    /// Replaces the metric by another local one.
    #[must_use]
    pub fn with_metric(mut self, metric: Arc<dyn Metric>) -> Self {
        self.functional.set_metric(metric);
        self
    }
}

/// Refuses axes that there are not, or twice.
fn check_periodic(settings: &Settings, dimension: usize) -> Result<()> {
    let axes = &settings.network.periodic_axes;
    for (at, axis) in axes.iter().enumerate() {
        if *axis >= dimension || axes[..at].contains(axis) {
            return Err(Error::option(format!(
                "option `periodic_axes` has {axis}; accepted are axes from 0 to {}, each once",
                dimension - 1
            )));
        }
    }
    Ok(())
}

/// The minimiser of the options for so many parameters that move, on so many nodes.
fn minimizer(
    cx: &Context,
    parameters: usize,
    form: Option<Form>,
    dimension: usize,
    nodes: usize,
) -> Result<Minimizer> {
    let per_node = match form {
        Some(Form::LeastSquares) => 1,
        _ => cx.settings.problem.components * (1 + dimension),
    };
    let method = cx.method(parameters, nodes * per_node)?;
    Ok(cx.minimizer(method))
}

#[cfg(test)]
mod tests;
