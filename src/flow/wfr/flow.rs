//! The flow of densities whose mass is moved, born and dies: a flow of potentials between two halves of birth and
//! death.

use super::SPEC;
use super::reaction::Reaction;
use crate::domain::Domain;
use crate::energy::Term;
use crate::error::{Error, Result};
use crate::export::Exported;
use crate::field::Network;
use crate::fingerprint::Numbers;
use crate::flow::dual::{Begun, DualFlow, Named};
use crate::flow::observed::masses;
use crate::flow::transport::Terms;
use crate::flow::{
    Beginning, Centre, Context, FieldSpec, Flow, FlowSpec, Frozen, Lagrangian, Masses, Minimized,
    Moment, Observed, Posed, Queries, State, Turn,
};
use crate::initial::Initial;
use crate::linear_algebra::dot;
use crate::minimize::{Minimizer, Objective, Stop, Watch};
use crate::quadrature::Nodes;
use crate::section::Section;

/// The flow of Wasserstein, Fisher and Rao, with transport.
#[derive(Clone)]
pub struct WfrFlow {
    dual: DualFlow,
    reaction: Reaction,
}

impl WfrFlow {
    /// The flow of no energy yet; the weight of transport is positive.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option) if the options of the network do not fit.
    pub fn new(cx: &Context, domain: Domain, reaction: Reaction) -> Result<Self> {
        let dual = DualFlow::new(cx, domain, Terms::default())?;
        let dual = dual.named(Named {
            spec: &SPEC,
            chosen_by: "option `flow` is wfr",
            with: "`flow` = wfr",
        });
        Ok(Self { dual, reaction })
    }
}

/// The mass of a state.
fn mass(begun: &Begun, parameters: &[f64]) -> f64 {
    dot(&begun.site.nodes.w, &begun.potential(parameters).rho)
}

impl Flow for WfrFlow {
    fn boxed_clone(&self) -> Box<dyn Flow> {
        Box::new(self.clone())
    }

    fn add_term(&mut self, term: Term) -> Result<()> {
        self.dual.add_term(term)
    }

    fn term_names(&self) -> Vec<&str> {
        self.dual.term_names()
    }

    fn energies(&self, cx: &Context, observed: &Observed) -> Result<Vec<f64>> {
        self.dual.energies(cx, observed)
    }

    fn start(
        &mut self,
        cx: &Context,
        initial: Initial<'_>,
        watch: &mut Watch<'_>,
    ) -> Result<Beginning> {
        self.dual.start(cx, initial, watch)
    }

    fn check_splits(&self) -> Result<()> {
        self.dual.check_splits()
    }

    fn nodes(&self, cx: &Context, turn: Turn) -> Result<Nodes> {
        self.dual.nodes(cx, turn)
    }

    /// Where the masses at the nodes have gone.
    fn values(&self, cx: &Context, x: &[f64], parameters: &[f64]) -> Result<Vec<f64>> {
        self.dual.values(cx, x, parameters)
    }

    fn centre(
        &self,
        cx: &Context,
        nodes: &Nodes,
        parts: &[(f64, &[f64])],
        tau: f64,
    ) -> Result<Centre> {
        self.dual
            .centre(cx, nodes, parts, tau * self.reaction.transport)
    }

    fn stage<'a>(&'a self, posed: &Posed<'a>) -> Result<Box<dyn Objective + 'a>> {
        self.dual.stage(posed)
    }

    fn minimize_stage(
        &self,
        posed: &Posed<'_>,
        guesses: Vec<Vec<f64>>,
        _minimizer: &mut Minimizer,
        stop: &Stop,
        watch: &mut Watch<'_>,
    ) -> Result<Minimized> {
        // The stage before: where there is hardly any mass a line through earlier ones leads astray.
        let Some(before) = guesses.first() else {
            return Err(Error::internal("a stage has no guess"));
        };
        let begun = self.dual.begun()?;
        let Moment { begin, tau, stage } = posed.moment;
        let half = 0.5 * tau;
        let react = |cx: &Context, from: &[f64]| -> Result<Vec<f64>> {
            let from = begun.potential(from);
            let to = self.reaction.react(begun, cx, &from, half)?;
            Ok(begun.parameters(&to))
        };
        let start = react(&posed.cx.at(begin), posed.before)?;
        let middle = Posed {
            before: &start,
            ..*posed
        };
        let guess = if stage == 0 { &start } else { before };
        let mut done = begun.minimize(self.dual.domain(), &middle, guess, stop, watch)?;
        if stage + 1 == posed.cx.movement().stages.len() {
            done.parameters = react(&posed.cx.at(begin + half), &done.parameters)?;
        }
        Ok(done)
    }

    fn exactness(&self) -> f64 {
        self.dual.exactness()
    }

    fn retries(&self) -> u64 {
        self.dual.retries()
    }

    fn check_nodes(&self) -> &Nodes {
        self.dual.check_nodes()
    }

    fn observe(&self, cx: &Context, parameters: &[f64]) -> Result<Observed> {
        self.dual.observe(cx, parameters)
    }

    fn observe_stage(
        &self,
        cx: &Context,
        parameters: &[f64],
        centre: &Centre,
    ) -> Result<(Observed, f64)> {
        self.dual.observe_stage(cx, parameters, centre)
    }

    fn distance(
        &self,
        _cx: &Context,
        _frozen: Option<&Frozen<'_>>,
        [before, after]: [&[f64]; 2],
        _observed: [&Observed; 2],
    ) -> Result<f64> {
        let begun = self.dual.begun()?;
        let moved = begun.moved(before, after);
        // What is born or dies is no less than by how much there is more or less of it.
        let [then, now] = [before, after].map(|state| mass(begun, state).sqrt());
        let born = match self.reaction.rate {
            0.0 => 0.0,
            rate => 4.0 * (now - then).powi(2) / rate,
        };
        Ok((moved / self.reaction.transport + born).sqrt())
    }

    fn rest(&self, cx: &Context, observed: &Observed) -> Result<f64> {
        self.dual.rest(cx, observed)
    }

    fn boundary_flux(&self, cx: &Context, parameters: &[f64]) -> Result<f64> {
        self.dual.boundary_flux(cx, parameters)
    }

    fn after_step(&mut self, cx: &Context, state: &mut State, _before: u64) -> Result<()> {
        // Nodes say how much mass there is.
        let mass = mass(self.dual.begun()?, &state.parameters);
        self.dual.follow(cx, state, mass)
    }

    fn add_fingerprint(&self, numbers: &mut Numbers) {
        self.dual.add_fingerprint(numbers);
    }

    fn save(&self, into: &mut Section) {
        self.dual.save(into);
    }

    fn resume(&mut self, cx: &Context, saved: &Section, refinements: u64) -> Result<Minimizer> {
        self.dual.resume(cx, saved, refinements)
    }

    fn export(&self, cx: &Context, parameters: &[f64], out: &mut Exported) -> Result<()> {
        self.dual.export(cx, parameters, out)
    }
}

impl Queries for WfrFlow {
    fn spec(&self) -> &'static FlowSpec {
        self.dual.spec()
    }

    fn domain(&self) -> &Domain {
        self.dual.domain()
    }

    fn network(&self) -> &Network {
        self.dual.network()
    }

    fn parameters(&self) -> usize {
        self.dual.parameters()
    }

    fn evaluate(
        &self,
        cx: &Context,
        parameters: &[f64],
        x: &[f64],
        u: &mut [f64],
        grad: Option<&mut [f64]>,
    ) -> Result<()> {
        self.dual.evaluate(cx, parameters, x, u, grad)
    }

    /// `rho_t = alpha div(rho grad p) - beta rho (p - lambda)`.
    fn rate_of_change(&self, cx: &Context, parameters: &[f64], x: &[f64]) -> Result<Vec<f64>> {
        let mut rates = self.dual.rate_of_change(cx, parameters, x)?;
        let mut rho = vec![0.0; rates.len()];
        self.dual.evaluate(cx, parameters, x, &mut rho, None)?;
        let begun = self.dual.begun()?;
        let born = self
            .reaction
            .rates(begun, cx, &begun.potential(parameters), (x, &rho))?;
        for (rate, born) in rates.iter_mut().zip(born) {
            *rate = self.reaction.transport * *rate + born;
        }
        Ok(rates)
    }

    fn fields(&self) -> &'static [FieldSpec] {
        self.dual.fields()
    }

    fn energy_densities(
        &self,
        cx: &Context,
        parameters: &[f64],
        points: (&[f64], &[f64], &[f64]),
    ) -> Result<Vec<Vec<f64>>> {
        self.dual.energy_densities(cx, parameters, points)
    }

    /// Of the density over its mass.
    fn masses(&self, cx: &Context, parameters: &[f64]) -> Result<Option<Masses>> {
        let check = self.dual.check_nodes();
        let given = self.dual.masses(cx, parameters)?;
        Ok(given.map(|Masses { x, mut rho, .. }| {
            let mass = dot(&check.w, &rho);
            rho.iter_mut().for_each(|r| *r /= mass);
            let w = masses(check, &rho);
            Masses { x, w, rho }
        }))
    }

    fn lagrangian(&self) -> Result<&dyn Lagrangian> {
        Err(Error::state(
            "option `flow` is wfr, whose mass is born and dies on its way; accepted for trajectories is \
             wasserstein with `transport` = map",
        ))
    }

    fn sample(&self, cx: &Context, state: &State) -> Result<Nodes> {
        self.dual.sample(cx, state)
    }
}
