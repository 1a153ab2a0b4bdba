//! The flow of a density network with a pair of potentials, as the solver sees it.

use super::start::{self, POINTS};
use super::{CONTINUED, W2gn, training};
use crate::domain::Domain;
use crate::energy::Term;
use crate::error::{Error, Result};
use crate::export::Exported;
use crate::field::Network;
use crate::fingerprint::Numbers;
use crate::flow::{
    Beginning, Centre, Context, FieldSpec, Flow, FlowSpec, Frozen, Lagrangian, Masses, Minimized,
    Observed, Posed, Queries, Turn,
};
use crate::initial::Initial;
use crate::minimize::{Minimizer, Objective, Stop, Watch, best_guess};
use crate::quadrature::{Nodes, Stream, check_size};
use crate::section::Section;

/// The learning rate of Adam where the option does not say: the paper's, as the potentials have to
/// follow the density. Measured on four steps of a Fokker-Planck equation: with 1e-3 it ends three
/// times further off.
const LEARNING_RATE: f64 = 2e-4;

/// The row of the registry.
pub static SPEC: FlowSpec = FlowSpec {
    name: "wasserstein",
    transport: "w2gn",
    initial: "a density of mass 1",
    create: |cx, domain| Ok(Box::new(W2gnFlow::new(cx, domain)?)),
};

/// The Wasserstein gradient flow of a density network.
#[derive(Clone)]
pub struct W2gnFlow {
    pub(super) domain: Domain,
    pub(super) functional: W2gn,
    /// Nodes that no step trains on.
    pub(super) check: Nodes,
    /// The minimiser that runs begin with.
    pub(super) minimizer: Minimizer,
}

impl W2gnFlow {
    /// The flow of the options, of no energy yet.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option) if options do not fit together.
    pub fn new(cx: &Context, domain: Domain) -> Result<Self> {
        let settings = &cx.settings.discretization;
        let network = cx.settings.network.of_field(&domain)?;
        let d = domain.dimension();
        let asked = ("nodes", settings.nodes);
        let quadrature = start::rule(settings.quadrature, d, asked, POINTS)?;
        let training = start::training(cx, &quadrature, d)?;
        let functional = W2gn::new(network, &domain, quadrature, &training);
        let least = settings.check_nodes;
        check_size("check_nodes", least as f64, d)?;
        Ok(Self {
            check: start::fixed(&domain, least, cx.seed(), Stream::Check)?,
            domain,
            functional,
            minimizer: cx.adam(LEARNING_RATE),
        })
    }
}

impl Flow for W2gnFlow {
    fn boxed_clone(&self) -> Box<dyn Flow> {
        Box::new(self.clone())
    }

    fn add_term(&mut self, term: Term) -> Result<()> {
        self.functional.add_term(term)
    }

    fn term_names(&self) -> Vec<&str> {
        self.functional.names().collect()
    }

    fn energies(&self, cx: &Context, observed: &Observed) -> Result<Vec<f64>> {
        self.functional.energies(&cx.pool, &self.check, observed)
    }

    fn start(
        &mut self,
        cx: &Context,
        initial: Initial<'_>,
        watch: &mut Watch<'_>,
    ) -> Result<Beginning> {
        match initial {
            Initial::Density(profile) => self.fit(cx, &*profile, watch),
            _ => Err(self.no_use_for("a function or values as initial condition")),
        }
    }

    fn check_splits(&self) -> Result<()> {
        Err(Error::option(
            "option `transport` is w2gn, whose potentials train on one rank; with a communicator \
             accepted is map",
        ))
    }

    /// None: the steps draw their own.
    fn nodes(&self, _cx: &Context, _turn: Turn) -> Result<Nodes> {
        Ok(Nodes::default())
    }

    /// Nothing: the distance is one of measures, known by its potentials.
    fn values(&self, _cx: &Context, _x: &[f64], _parameters: &[f64]) -> Result<Vec<f64>> {
        Ok(Vec::new())
    }

    fn stage<'a>(&'a self, posed: &Posed<'a>) -> Result<Box<dyn Objective + 'a>> {
        Ok(Box::new(self.functional.stage(posed)?))
    }

    fn minimize_stage(
        &self,
        posed: &Posed<'_>,
        guesses: Vec<Vec<f64>>,
        minimizer: &mut Minimizer,
        stop: &Stop,
        watch: &mut Watch<'_>,
    ) -> Result<Minimized> {
        let Minimizer::Adam(adam) = minimizer else {
            return Err(Error::internal("the potentials are trained by Adam alone"));
        };
        let mut stage = self.functional.stage(posed)?;
        let mut parameters = best_guess(&mut stage, guesses)?;
        let outcome = training::train(adam, &mut stage, &mut parameters, stop, watch)?;
        Ok(Minimized {
            parameters,
            outcome,
            scale: stage.scale(),
        })
    }

    fn continuation(&self) -> f64 {
        CONTINUED
    }

    fn check_nodes(&self) -> &Nodes {
        &self.check
    }

    fn observe(&self, cx: &Context, parameters: &[f64]) -> Result<Observed> {
        self.functional.observe(&cx.pool, &self.check, parameters)
    }

    fn observe_stage(
        &self,
        cx: &Context,
        parameters: &[f64],
        centre: &Centre,
    ) -> Result<(Observed, f64)> {
        let (pool, check) = (&cx.pool, &self.check);
        let observed = self.functional.observe(pool, check, parameters)?;
        let residual = self.functional.residual(pool, check, parameters, centre)?;
        Ok((observed, residual))
    }

    fn distance(
        &self,
        _cx: &Context,
        _frozen: Option<&Frozen<'_>>,
        [_, parameters]: [&[f64]; 2],
        [before, after]: [&Observed; 2],
    ) -> Result<f64> {
        self.functional
            .distance(&self.check, parameters, after, before)
    }

    fn add_fingerprint(&self, numbers: &mut Numbers) {
        self.check.add_to(numbers);
    }

    fn resume(&mut self, _cx: &Context, _saved: &Section, _refinements: u64) -> Result<Minimizer> {
        Ok(self.minimizer.clone())
    }

    fn export(&self, cx: &Context, parameters: &[f64], out: &mut Exported) -> Result<()> {
        crate::flow::export::add_network(out, "", self.network(), parameters);
        let integral = self
            .functional
            .integral(&cx.pool, &self.check, parameters)?;
        out.add("integral".to_owned(), vec![1], &[integral]);
        out.notes.push(("kind", "density".to_owned()));
        Ok(())
    }
}

impl Queries for W2gnFlow {
    fn spec(&self) -> &'static FlowSpec {
        &SPEC
    }

    fn domain(&self) -> &Domain {
        &self.domain
    }

    fn network(&self) -> &Network {
        self.functional.network()
    }

    fn parameters(&self) -> usize {
        self.functional.parameters()
    }

    fn evaluate(
        &self,
        cx: &Context,
        parameters: &[f64],
        x: &[f64],
        u: &mut [f64],
        grad: Option<&mut [f64]>,
    ) -> Result<()> {
        self.functional
            .evaluate(&cx.pool, &self.check, parameters, x, u, grad)
    }

    fn fields(&self) -> &'static [FieldSpec] {
        FieldSpec::OF_DENSITY
    }

    fn energy_densities(
        &self,
        cx: &Context,
        parameters: &[f64],
        (x, u, _): (&[f64], &[f64], &[f64]),
    ) -> Result<Vec<Vec<f64>>> {
        let whole = self.observe(cx, parameters)?;
        self.functional
            .densities_at(&cx.pool, (&self.check, &whole), (x, u))
    }

    fn masses(&self, cx: &Context, parameters: &[f64]) -> Result<Option<Masses>> {
        let rho = self.observe(cx, parameters)?.u;
        Ok(Some(Masses {
            x: self.check.x.clone(),
            w: super::masses(&self.check, &rho),
            rho,
        }))
    }

    fn lagrangian(&self) -> Result<&dyn Lagrangian> {
        Err(Error::state(
            "option `transport` is w2gn, which has no transport map of labels; accepted is map",
        ))
    }
}
