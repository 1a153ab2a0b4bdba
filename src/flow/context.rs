//! Context of a solver that its parts share: options, scheme, threads and ranks.

use super::rules::{self, Region};
use crate::communicator::Ranks;
use crate::error::Result;
use crate::field::Precision;
use crate::field::{CHUNK, EmbeddingChoice};
use crate::minimize::{Adam, GaussNewton, Method, Minimizer, MinimizerChoice};
use crate::movement::Movement;
use crate::options::{NetworkSettings, Options, Settings};
use crate::parallel::Pool;
use crate::quadrature::{Boundary, Nodes};
use std::num::NonZeroUsize;
use std::sync::Arc;

/// The learning rate of Adam where neither the option nor the flow says otherwise.
const LEARNING_RATE: f64 = 1e-3;

/// Context that the parts of a solver share; of a step nothing of it changes but the time.
#[derive(Clone)]
pub struct Context {
    /// The options as the host gave them.
    pub(crate) given: Arc<Options>,
    /// The options, with the embedding that `auto` stands for.
    pub options: Arc<Options>,
    /// The options as typed settings.
    pub settings: Arc<Settings>,
    /// Whether the embedding is the library's choice.
    pub(crate) automatic_embedding: bool,
    /// The threads, and the ranks among which nodes are split.
    pub pool: Arc<Pool>,
    /// The time at which energies are evaluated: in a step that of the stage, else that of the state.
    pub time: f64,
}

impl Context {
    /// The same at another time; it costs little.
    #[must_use]
    pub fn at(&self, time: f64) -> Self {
        Self {
            time,
            ..self.clone()
        }
    }

    /// Reads the options, once and for all.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option) if options do not go together, and
    /// [`Memory`](crate::ErrorKind::Memory) if the threads cannot be started.
    pub fn new(options: &Options) -> Result<Self> {
        let asked = NetworkSettings::parse(options)?.embedding;
        let given = options.clone();
        let options = rules::settle(options, Region::OfOptions)?;
        let settings = Settings::parse(&options)?;
        let threads = settings.run.threads.map_or(0, NonZeroUsize::get);
        Ok(Self {
            automatic_embedding: asked == EmbeddingChoice::Auto,
            pool: Arc::new(Pool::new(threads)?),
            settings: Arc::new(settings),
            given: Arc::new(given),
            options: Arc::new(options),
            time: 0.0,
        })
    }

    /// The context of other options for a flow over this region, on the same threads.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option) if options do not go together.
    pub(crate) fn with(&self, given: &Options, region: Region) -> Result<Self> {
        let options = rules::settle(given, region)?;
        Ok(Self {
            settings: Arc::new(Settings::parse(&options)?),
            given: Arc::new(given.clone()),
            options: Arc::new(options),
            automatic_embedding: self.automatic_embedding,
            pool: Arc::clone(&self.pool),
            time: self.time,
        })
    }

    /// The movement scheme.
    #[must_use]
    pub fn movement(&self) -> &'static Movement {
        self.settings.time.movement
    }

    /// The precision that the network is minimised in.
    #[must_use]
    pub fn precision(&self) -> Precision {
        self.settings.minimizer.precision
    }

    /// The seed of all that is random.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.settings.run.seed
    }

    /// The ranks among which the nodes are split.
    #[must_use]
    pub fn ranks(&self) -> &Ranks {
        self.pool.ranks()
    }

    /// The method of the linear systems of Gauss-Newton, for so many parameters and rows.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option) if a dense matrix would not fit into memory.
    pub fn method(&self, parameters: usize, rows: usize) -> Result<Method> {
        Method::new(self.settings.minimizer.linear_solver, parameters, rows)
    }

    /// The minimiser: Gauss-Newton with this method, or Adam.
    #[must_use]
    pub fn minimizer(&self, method: Method) -> Minimizer {
        match self.settings.minimizer.minimizer {
            MinimizerChoice::Adam => self.adam(LEARNING_RATE),
            MinimizerChoice::GaussNewton => {
                Minimizer::GaussNewton(Box::new(GaussNewton::new(method)))
            }
        }
    }

    /// Adam, with this learning rate where the option does not say otherwise.
    #[must_use]
    pub fn adam(&self, learning_rate: f64) -> Minimizer {
        let asked = self.settings.adam.adam_learning_rate;
        Minimizer::Adam(Adam {
            learning_rate: asked.unwrap_or(learning_rate),
        })
    }

    /// The tolerance of a stage: that of the option, or of the movement scheme.
    #[must_use]
    pub fn tolerance(&self) -> f64 {
        let asked = self.settings.minimizer.tolerance;
        asked.unwrap_or(self.movement().tolerance)
    }

    /// The part of its motion by which a stage may miss its minimiser: that of the option, or of the
    /// movement scheme.
    #[must_use]
    pub fn step_accept(&self) -> f64 {
        let asked = self.settings.minimizer.step_accept;
        asked
            .unwrap_or(self.movement().accept)
            .max(self.tolerance())
    }

    /// The tolerance of the fit: that of the option, or of the movement scheme.
    #[must_use]
    pub fn fit_tolerance(&self) -> f64 {
        let asked = self.settings.fit.fit_tolerance;
        asked.unwrap_or(self.movement().fit_tolerance)
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
