//! Context of a solver that its parts share: options, scheme, threads and ranks.

use crate::communicator::Ranks;
use crate::domain::Domain;
use crate::error::{Error, Result};
use crate::minimize::{Adam, GaussNewton, Method, Minimizer, Precision};
use crate::movement::{self, Movement};
use crate::network::CHUNK;
use crate::options::Options;
use crate::parallel::Pool;
use crate::quadrature::{Boundary, Nodes};
use std::sync::Arc;

/// The learning rate of Adam where neither the option nor the flow says otherwise.
const LEARNING_RATE: f64 = 1e-3;

/// Context that the parts of a solver share; no step changes it.
#[derive(Clone)]
pub struct Context {
    /// The options, with the embedding that `auto` stands for.
    pub options: Options,
    /// Whether the embedding is the library's choice.
    pub(crate) automatic_embedding: bool,
    /// The movement scheme.
    pub movement: &'static Movement,
    /// The precision that the network is minimised in.
    pub precision: Precision,
    /// The threads, and the ranks among which nodes are split.
    pub pool: Arc<Pool>,
    /// The seed of all that is random.
    pub seed: u64,
}

impl Context {
    /// Reads what all flows have in common.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option) if options do not fit together, and
    /// [`Memory`](crate::ErrorKind::Memory) if the threads cannot be started.
    pub fn new(options: &Options, domain: &Domain) -> Result<Self> {
        let automatic_embedding = options.text("embedding")? == "auto";
        let options = settle(options, domain.is_box())?;
        Ok(Self {
            automatic_embedding,
            movement: movement::named(&options.text("movement")?)?,
            precision: super::precision::of(&options)?,
            pool: Arc::new(Pool::new(options.count("threads")?)?),
            seed: options.integer("seed")?.unsigned_abs(),
            options,
        })
    }

    /// The ranks among which the nodes are split.
    #[must_use]
    pub fn ranks(&self) -> &Ranks {
        self.pool.ranks()
    }

    /// The minimiser of the option `minimizer`: Gauss-Newton with this method, or Adam.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option) if there is no such option.
    pub fn minimizer(&self, method: Method) -> Result<Minimizer> {
        if self.options.text("minimizer")? == "adam" {
            return self.adam(LEARNING_RATE);
        }
        Ok(Minimizer::GaussNewton(Box::new(GaussNewton::new(method))))
    }

    /// Adam, with this learning rate where the option does not say otherwise.
    ///
    /// # Errors
    /// As for [`minimizer`](Self::minimizer).
    pub fn adam(&self, learning_rate: f64) -> Result<Minimizer> {
        Ok(Minimizer::Adam(Adam {
            learning_rate: self.options.real_or("adam_learning_rate", learning_rate)?,
        }))
    }

    /// The tolerance of a stage: that of the option, or of the movement scheme.
    ///
    /// # Errors
    /// As for [`minimizer`](Self::minimizer).
    pub fn tolerance(&self) -> Result<f64> {
        self.options.real_or("tolerance", self.movement.tolerance)
    }

    /// This rank's part of nodes that all ranks have made alike.
    #[must_use]
    pub fn own(&self, all: Nodes) -> Nodes {
        let ranks = self.ranks();
        if ranks.are_alone() {
            return all;
        }
        all.part(ranks.part(all.len(), CHUNK))
    }

    /// This rank's part of boundary nodes that all ranks have made alike.
    #[must_use]
    pub fn own_boundary(&self, all: &Boundary) -> Boundary {
        all.part(self.ranks().part(all.w.len(), CHUNK))
    }
}

/// The options with the embedding that `auto` stands for; refused are those that fit a box only, on
/// another domain.
pub(crate) fn settle(options: &Options, is_box: bool) -> Result<Options> {
    let mut options = options.clone();
    if !is_box && options.real("initial_smoothing")? > 0.0 {
        return Err(Error::option(
            "option `initial_smoothing` continues u_0 beyond the faces of a box; accepted on a ball, a cut box or nodes of the host is 0",
        ));
    }
    match options.text("embedding")?.as_str() {
        "auto" => options.set("embedding", if is_box { "neumann" } else { "none" })?,
        "none" => {}
        other if !is_box => {
            return Err(Error::option(format!(
                "option `embedding` is {other}, which fits the faces of a box; accepted on a ball, a cut box or nodes of the host is none, or auto, which chooses it"
            )));
        }
        _ => {}
    }
    Ok(options)
}
