//! The minimiser of a solver's steps.

use super::real_or;
use crate::error::Result;
use crate::minimize::{Adam, Form, GaussNewton, Method, Objective, Outcome, Stop, Watch};
use crate::network::Network;
use crate::options::Options;

/// The learning rate of Adam where the option does not say.
const RATE: f64 = 1e-3;

/// The same of a density, whose potentials have to follow it: the paper's. Measured on four steps of a
/// Fokker-Planck equation: with 1e-3 it ends three times further off.
const RATE_OF_DENSITY: f64 = 2e-4;

/// One of those that the option `minimizer` names.
#[derive(Clone, Debug)]
pub(super) enum Minimizer {
    GaussNewton(Box<GaussNewton>),
    Adam(Adam),
}

impl Minimizer {
    /// The minimiser of the options for L2 steps on so many nodes.
    pub fn from_options(
        options: &Options,
        network: &Network,
        form: Option<Form>,
        nodes: usize,
    ) -> Result<Self> {
        let per_node = match form {
            Some(Form::LeastSquares) => 1,
            _ => 1 + network.dimension(),
        };
        let name = options.text("linear_solver")?;
        let method = Method::named(&name, network.parameters(), nodes * per_node)?;
        Self::new(options, method)
    }

    /// The minimiser of the options, Gauss-Newton with this method.
    pub fn new(options: &Options, method: Method) -> Result<Self> {
        if options.text("minimizer")? == "adam" {
            let rate = match options.text("transport")?.as_str() {
                "w2gn" => RATE_OF_DENSITY,
                _ => RATE,
            };
            return Ok(Self::Adam(Adam {
                learning_rate: real_or(options, "adam_learning_rate", rate)?,
            }));
        }
        Ok(Self::GaussNewton(Box::new(GaussNewton::new(method))))
    }

    /// How many matrices were made that later minimisations may begin with.
    pub const fn matrices(&self) -> u64 {
        match self {
            Self::GaussNewton(it) => it.matrices(),
            Self::Adam(_) => 0,
        }
    }

    pub fn minimize(
        &mut self,
        objective: &mut dyn Objective,
        parameters: &mut [f64],
        stop: &Stop,
        watch: &mut Watch<'_>,
    ) -> Result<Outcome> {
        match self {
            Self::GaussNewton(it) => it.minimize(objective, parameters, stop, watch),
            Self::Adam(it) => it.minimize(objective, parameters, stop, watch),
        }
    }
}
