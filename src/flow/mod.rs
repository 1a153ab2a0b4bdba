//! Flows: what moves, and how far it is between two states.

mod fit;
mod l2;
mod observed;
pub mod transport;
pub mod w2gn;

pub use fit::{Fit, Target};
pub use l2::L2;
pub use observed::{Centre, Observed};
pub use transport::Transport;
pub use w2gn::W2gn;

use crate::communicator::Ranks;
use crate::energy::Term;
use crate::error::Result;
use crate::minimize::{Form, Objective, Precision, Shared};
use crate::network::Network;
use crate::parallel::Pool;
use crate::quadrature::{Boundary, Nodes};

/// The tolerance of a motion below this part of u, or of how far labels lie apart, is that of one of this size:
/// near a steady state there is nothing left that a tolerance could be relative to.
const STILL: f64 = 1e-5;

/// A gradient flow: what the steps ask of it.
pub enum Flow {
    /// In L2(Omega), of a field u.
    L2(L2),
    /// In Wasserstein space, of a transport map.
    Map(Transport),
    /// In Wasserstein space, of a density.
    W2gn(Box<W2gn>),
}

/// How a stage is posed, and on what.
#[derive(Clone, Copy)]
pub struct Setting<'a> {
    /// The threads of the solver, and its ranks.
    pub pool: &'a Pool,
    /// The nodes: this rank's own.
    pub nodes: &'a Nodes,
    /// `None` is the weak form.
    pub form: Option<Form>,
    /// Of the network.
    pub precision: Precision,
    /// The step and its attempt, for what is drawn anew in each iteration.
    pub turn: (u64, u64),
}

impl Flow {
    /// Adds a term to the functional.
    ///
    /// # Errors
    /// [`Plugin`](crate::ErrorKind::Plugin) if the flow needs a capability that the term lacks.
    pub fn add_term(&mut self, term: Term) -> Result<()> {
        match self {
            Self::L2(flow) => flow.add_term(term),
            Self::Map(flow) => flow.add_term(term),
            Self::W2gn(flow) => flow.add_term(term),
        }
    }

    /// The terms' names.
    pub fn names(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        match self {
            Self::L2(flow) => Box::new(flow.names()),
            Self::Map(flow) => Box::new(flow.names()),
            Self::W2gn(flow) => Box::new(flow.names()),
        }
    }

    /// Whether the functional is known to be convex in the metric of the flow.
    #[must_use]
    pub fn is_convex(&self) -> bool {
        match self {
            Self::L2(flow) => flow.is_convex(),
            // Displacement convexity is not something that energies declare.
            Self::Map(_) | Self::W2gn(_) => false,
        }
    }

    /// The part of the change of a step that the next may begin with. A sampled minimisation leaves noise,
    /// which adds up from step to step if changes are continued whole.
    #[must_use]
    pub const fn continued(&self) -> f64 {
        match self {
            Self::L2(_) | Self::Map(_) => 1.0,
            Self::W2gn(_) => w2gn::CONTINUED,
        }
    }

    /// The shape of the network.
    #[must_use]
    pub fn network(&self) -> &Network {
        match self {
            Self::L2(flow) => flow.network(),
            Self::Map(flow) => flow.map().network(),
            Self::W2gn(flow) => flow.network(),
        }
    }

    /// Replaces the network of a field.
    pub fn set_network(&mut self, network: Network) {
        if let Self::L2(flow) = self {
            flow.set_network(network);
        }
    }

    /// The root mean square of the flux through the boundary: NaN where it is not known, and 0 for a map,
    /// which takes faces onto themselves.
    ///
    /// # Errors
    /// Those of the energies.
    pub fn boundary_flux(
        &self,
        pool: &Pool,
        boundary: Option<&Boundary>,
        parameters: &[f64],
    ) -> Result<f64> {
        match (self, boundary) {
            (Self::L2(flow), Some(boundary)) => flow.boundary_flux(pool, boundary, parameters),
            (Self::L2(_), None) | (Self::W2gn(_), _) => Ok(f64::NAN),
            (Self::Map(_), _) => Ok(0.0),
        }
    }

    /// The centre `sum g_i U_i / S` of a stage on these nodes; `parts` pairs each coefficient with
    /// the parameters of its `U_i`.
    ///
    /// # Errors
    /// None of its own.
    pub fn centre(
        &self,
        pool: &Pool,
        nodes: &Nodes,
        parts: &[(f64, &[f64])],
        tau: f64,
    ) -> Result<Centre> {
        let total: f64 = parts.iter().map(|(g, _)| g).sum();
        let mut values = Vec::new();
        for (g, parameters) in parts {
            let u = match self {
                Self::L2(flow) => flow.values(pool, &nodes.x, parameters),
                Self::Map(flow) => flow.positions(pool, &nodes.x, parameters)?,
                // Its steps draw nodes of their own. There is one part.
                Self::W2gn(_) => parameters.to_vec(),
            };
            values.resize(u.len(), 0.0);
            let pairs = values.iter_mut().zip(&u);
            pairs.for_each(|(v, u): (&mut f64, _)| *v += g / total * u);
        }
        Ok(Centre {
            values,
            strength: total / tau,
        })
    }

    /// The objective of a stage; with several ranks the sum over their nodes.
    ///
    /// # Errors
    /// Those of the callbacks that a sampled objective needs.
    pub fn stage<'a>(
        &'a self,
        setting: &Setting<'a>,
        centre: &'a Centre,
    ) -> Result<Box<dyn Objective + 'a>> {
        let pool = setting.pool;
        let own: Box<dyn Objective + 'a> = match self {
            Self::L2(flow) => return Ok(flow.stage(setting, centre)),
            Self::Map(flow) => Box::new(flow.stage(setting, centre)),
            Self::W2gn(flow) => Box::new(flow.stage(setting, centre)?),
        };
        if pool.ranks().are_alone() {
            return Ok(own);
        }
        // One lane a rank: nothing is fitted there, and rounding does not grow.
        let parameters = self.network().parameters();
        Ok(Box::new(Shared::new(vec![own], pool, parameters)))
    }

    /// What moves, at nodes.
    ///
    /// # Errors
    /// [`TryAgain`](crate::ErrorKind::TryAgain) if a map folds the labels over.
    pub fn observe(&self, pool: &Pool, nodes: &Nodes, parameters: &[f64]) -> Result<Observed> {
        match self {
            Self::L2(flow) => Ok(flow.observe(pool, nodes, parameters)),
            Self::Map(flow) => flow.observe(pool, nodes, parameters),
            Self::W2gn(flow) => flow.observe(pool, nodes, parameters),
        }
    }

    /// Half the square of a motion, in the metric of the flow, that is too short for a tolerance: near a steady
    /// state steps are made of what those before left undone.
    ///
    /// # Errors
    /// Those of the other ranks.
    pub fn still(&self, ranks: &Ranks, nodes: &Nodes, observed: &Observed) -> Result<f64> {
        let square = match self {
            Self::Map(flow) => flow.map().extent(),
            Self::L2(_) | Self::W2gn(_) => observed.norm(ranks, nodes)?.powi(2),
        };
        Ok(0.5 * STILL * STILL * square)
    }

    /// How far a step to `parameters` moved, in the metric of the flow.
    ///
    /// # Errors
    /// [`Internal`](crate::ErrorKind::Internal) if the estimate of a Wasserstein distance fails.
    pub fn distance(
        &self,
        pool: &Pool,
        nodes: &Nodes,
        parameters: &[f64],
        after: &Observed,
        before: &Observed,
    ) -> Result<f64> {
        match self {
            Self::W2gn(flow) => flow.distance(nodes, parameters, after, before),
            Self::L2(_) | Self::Map(_) => after.distance(pool.ranks(), before, nodes),
        }
    }

    /// The energy of each term.
    ///
    /// # Errors
    /// Those of the energies.
    pub fn energies(&self, pool: &Pool, nodes: &Nodes, observed: &Observed) -> Result<Vec<f64>> {
        match self {
            Self::L2(flow) => flow.energies(pool, nodes, observed),
            Self::Map(flow) => flow.energies(pool, nodes, observed),
            Self::W2gn(flow) => flow.energies(pool, nodes, observed),
        }
    }

    /// The density of each term's energy at points x (`[n][d]`) with u (`[n]`) and its gradient (`[n][d]`), in a
    /// state that is `parameters`.
    ///
    /// # Errors
    /// Those of the energies.
    pub fn densities(
        &self,
        pool: &Pool,
        nodes: &Nodes,
        parameters: &[f64],
        points: (&[f64], &[f64], &[f64]),
    ) -> Result<Vec<Vec<f64>>> {
        let (x, u, _) = points;
        match self {
            Self::L2(flow) => flow.densities_at(points),
            Self::Map(flow) => {
                let whole = flow.observe(pool, nodes, parameters)?;
                flow.densities_at(pool, (nodes, &whole), (x, u))
            }
            Self::W2gn(flow) => {
                let whole = flow.observe(pool, nodes, parameters)?;
                flow.densities_at(pool, (nodes, &whole), (x, u))
            }
        }
    }

    /// What moves, at nodes, and the norm of the Euler-Lagrange residual of a stage there; NaN where the
    /// labels' score is not known.
    ///
    /// # Errors
    /// As for [`observe`](Self::observe), and those of the energies.
    pub fn observe_stage(
        &self,
        pool: &Pool,
        nodes: &Nodes,
        parameters: &[f64],
        centre: &Centre,
    ) -> Result<(Observed, f64)> {
        match self {
            Self::L2(flow) => {
                let observed = flow.observe(pool, nodes, parameters);
                let residual = flow.residual(pool, nodes, parameters, &observed, centre)?;
                Ok((observed, residual))
            }
            Self::Map(flow) => flow.observe_stage(pool, nodes, parameters, centre),
            Self::W2gn(flow) => {
                let observed = flow.observe(pool, nodes, parameters)?;
                let residual = flow.residual(pool, nodes, parameters, centre)?;
                Ok((observed, residual))
            }
        }
    }
}
