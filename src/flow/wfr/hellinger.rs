//! The flow of birth and death alone, in any dimension: its steps are exact, whatever their length.

use super::SPEC;
use super::reaction::Reaction;
use super::relaxed::{At, Now, Relaxed};
use crate::domain::{Domain, Shape};
use crate::energy::Term;
use crate::error::{Error, Result};
use crate::export::Exported;
use crate::field::Network;
use crate::fingerprint::Numbers;
use crate::flow::collocation::Functional;
use crate::flow::transport::{Measure, Terms};
use crate::flow::{
    Beginning, Context, FieldSpec, Flow, FlowSpec, Frozen, Lagrangian, Masses, Minimized, Observed,
    Posed, Queries, State, Turn,
};
use crate::initial::Initial;
use crate::initial::profile::Profile;
use crate::minimize::{Method, Minimizer, Objective, Outcome, Stop, Watch};
use crate::quadrature::{Nodes, Quadrature, Stream, check_size, generator};
use crate::report::FitReport;
use crate::section::Section;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Instant;

/// Labels along an axis up to three dimensions, and random ones beyond.
const PER_AXIS: [usize; 3] = [256, 64, 32];
const RANDOM: usize = 1 << 16;

/// The flow of birth and death.
#[derive(Clone)]
pub struct HellingerFlow {
    domain: Domain,
    terms: Terms,
    reaction: Reaction,
    /// Once there is an initial density.
    begun: Option<Relaxed>,
    /// It has none: what options say of one.
    network: Network,
    none: Nodes,
}

impl HellingerFlow {
    /// The flow of no energy yet.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option) if the options of the network do not fit.
    pub fn new(cx: &Context, domain: Domain, reaction: Reaction) -> Result<Self> {
        Ok(Self {
            network: cx.settings.network.of_field(&domain)?,
            domain,
            terms: Terms::default(),
            reaction,
            begun: None,
            none: Nodes::default(),
        })
    }

    fn begun(&self) -> Result<&Relaxed> {
        let begun = self.begun.as_ref();
        begun.ok_or_else(|| Error::state("there is no initial condition yet"))
    }

    /// The rules of the labels and of the independent ones.
    fn rules(&self, cx: &Context) -> Result<[Quadrature; 2]> {
        let settings = &cx.settings.discretization;
        let d = self.domain.dimension();
        let asked = settings.nodes.map(NonZeroUsize::get);
        if let Some(usual) = PER_AXIS.get(d - 1) {
            let per_axis =
                asked.map_or(*usual, |n| (n as f64).powf(1.0 / d as f64).ceil() as usize);
            check_size("nodes", (per_axis as f64).powi(d as i32), d)?;
            let rule = |per_axis| Quadrature::Gauss { per_axis };
            return Ok([rule(per_axis), rule(per_axis + 1)]);
        }
        let nodes = asked.unwrap_or(RANDOM);
        check_size("nodes", nodes as f64, d)?;
        Ok([nodes, settings.check_nodes.max(nodes / 4)].map(|nodes| Quadrature::Sobol { nodes }))
    }

    fn begin(&self, cx: &Context, profile: Arc<dyn Profile>) -> Result<Relaxed> {
        profile.check_dimension(self.domain.dimension())?;
        if self.terms.names().next().is_none() {
            return Err(Error::state(
                "there is no energy yet; with `flow` = wfr energies are added before the initial condition",
            ));
        }
        if profile.is_fixed() {
            return Err(Error::argument(
                "rho_0 is given by particles; with `flow` = wfr accepted are densities that are known everywhere",
            ));
        }
        let [rule, check] = self.rules(cx)?;
        let draw = |rule: &Quadrature, stream| -> Result<Nodes> {
            let labels = profile.labels(rule, &mut generator(cx.seed(), stream, 0, 0))?;
            if !matches!(self.domain.shape(), Shape::Space) {
                self.domain.check_inside(&labels.x)?;
            }
            Ok(labels)
        };
        let labels = draw(&rule, Stream::Nodes)?;
        let most = labels.rho.iter().fold(f64::MIN_POSITIVE, |a, b| a.max(*b));
        let at = (&*cx.pool, cx.time);
        let points = (labels.x.as_slice(), self.domain.dimension());
        let functional = Functional::new(at, &self.terms, points, most)?;
        let functional = functional.filter(|functional| !functional.uses_time());
        let functional = functional.ok_or_else(|| {
            Error::option(
                "option `transport_weight` is 0, with which `flow` = wfr takes functionals int k rho ln rho + V rho \
                 whose V does not depend on time; accepted for others is a positive one, up to three dimensions",
            )
        })?;
        Ok(Relaxed {
            labels: At::labels(cx, &functional, labels)?,
            check: At::labels(cx, &functional, draw(&check, Stream::Check)?)?,
            functional,
            profile,
        })
    }
}

/// The state in parameters.
fn now(parameters: &[f64]) -> Result<Now> {
    match parameters {
        [part, constant] => Ok(Now {
            part: *part,
            constant: *constant,
        }),
        _ => Err(Error::internal("parameters hold no relaxation")),
    }
}

impl Flow for HellingerFlow {
    fn boxed_clone(&self) -> Box<dyn Flow> {
        Box::new(self.clone())
    }

    fn add_term(&mut self, term: Term) -> Result<()> {
        if self.begun.is_some() {
            return Err(Error::state(
                "with `flow` = wfr energies are added before the initial condition",
            ));
        }
        self.terms.add(term)
    }

    fn term_names(&self) -> Vec<&str> {
        self.terms.names().collect()
    }

    fn energies(&self, cx: &Context, observed: &Observed) -> Result<Vec<f64>> {
        let check = &self.begun()?.check.nodes;
        let w = crate::flow::observed::masses(check, &observed.u);
        let measure = Measure {
            d: self.domain.dimension(),
            t: cx.time,
            y: &check.x,
            w: &w,
            rho: &observed.u,
        };
        self.terms.energies(&cx.pool, &measure)
    }

    fn start(
        &mut self,
        cx: &Context,
        initial: Initial<'_>,
        _watch: &mut Watch<'_>,
    ) -> Result<Beginning> {
        let Initial::Density(profile) = initial else {
            return Err(self.no_use_for("a function or values as initial condition"));
        };
        let start = Instant::now();
        self.begun = Some(self.begin(cx, profile)?);
        let Now { part, constant } = Now::START;
        Ok(Beginning {
            parameters: vec![part, constant],
            minimizer: cx.minimizer(Method::Dense),
            fit: FitReport {
                relative_error: 0.0,
                iterations: 0,
                seconds: start.elapsed().as_secs_f64(),
                ..FitReport::default()
            },
        })
    }

    fn check_splits(&self) -> Result<()> {
        Err(Error::option(
            "option `flow` is wfr, whose steps one rank takes; with a communicator accepted are l2, and wasserstein \
             with `transport` = map",
        ))
    }

    fn nodes(&self, _cx: &Context, _turn: Turn) -> Result<Nodes> {
        Ok(self.begun()?.labels.nodes.clone())
    }

    fn values(&self, cx: &Context, x: &[f64], parameters: &[f64]) -> Result<Vec<f64>> {
        let mut u = vec![0.0; x.len() / self.domain.dimension()];
        self.evaluate(cx, parameters, x, &mut u, None)?;
        Ok(u)
    }

    fn stage<'a>(&'a self, _posed: &Posed<'a>) -> Result<Box<dyn Objective + 'a>> {
        Err(Error::internal("birth and death are followed exactly"))
    }

    fn minimize_stage(
        &self,
        posed: &Posed<'_>,
        _guesses: Vec<Vec<f64>>,
        _minimizer: &mut Minimizer,
        _stop: &Stop,
        _watch: &mut Watch<'_>,
    ) -> Result<Minimized> {
        let moment = &posed.moment;
        let span = moment.time(posed.cx.movement())? - moment.begin;
        let span = match moment.stage + 1 == posed.cx.movement().stages.len() {
            true => moment.tau,
            false => span,
        };
        let Reaction { rate, held, .. } = self.reaction;
        let next = self.begun()?.after(now(posed.before)?, span, rate, held);
        Ok(Minimized {
            parameters: vec![next.part, next.constant],
            outcome: Outcome {
                converged: true,
                ..Outcome::default()
            },
            scale: 0.0,
        })
    }

    /// 0: there are no others.
    fn retries(&self) -> u64 {
        0
    }

    fn check_nodes(&self) -> &Nodes {
        self.begun.as_ref().map_or(&self.none, |it| &it.check.nodes)
    }

    fn observe(&self, _cx: &Context, parameters: &[f64]) -> Result<Observed> {
        Ok(Observed {
            u: self.begun()?.check.density(now(parameters)?),
            ..Observed::default()
        })
    }

    fn observe_stage(
        &self,
        cx: &Context,
        parameters: &[f64],
        _centre: &crate::flow::Centre,
    ) -> Result<(Observed, f64)> {
        Ok((self.observe(cx, parameters)?, f64::NAN))
    }

    /// The distance of Hellinger, `2 |sqrt(rho) - sqrt(rho')|` over the root of its weight.
    fn distance(
        &self,
        _cx: &Context,
        _frozen: Option<&Frozen<'_>>,
        _parameters: [&[f64]; 2],
        [before, after]: [&Observed; 2],
    ) -> Result<f64> {
        let pairs = before.u.iter().zip(&after.u).zip(&self.check_nodes().w);
        let squares = pairs.map(|((a, b), w)| w * (a.sqrt() - b.sqrt()).powi(2));
        Ok(2.0 * (squares.sum::<f64>() / self.reaction.rate.max(f64::MIN_POSITIVE)).sqrt())
    }

    /// 0: nothing moves.
    fn boundary_flux(&self, _cx: &Context, _parameters: &[f64]) -> Result<f64> {
        Ok(0.0)
    }

    fn add_fingerprint(&self, numbers: &mut Numbers) {
        if let Some(begun) = &self.begun {
            begun.labels.nodes.add_to(numbers);
            begun.check.nodes.add_to(numbers);
        }
    }

    fn resume(&mut self, cx: &Context, _saved: &Section, _refinements: u64) -> Result<Minimizer> {
        if self.begun.is_none() {
            return Err(Error::state(
                "a flow of a density is restored on top of its initial density: set it first, as it was in the run \
                 that wrote the snapshot",
            ));
        }
        Ok(cx.minimizer(Method::Dense))
    }

    /// The part of `ln rho_0` in `ln rho`, and the constant.
    fn export(&self, _cx: &Context, parameters: &[f64], out: &mut Exported) -> Result<()> {
        out.add("relaxation".to_owned(), vec![parameters.len()], parameters);
        out.notes.push(("kind", "relaxation".to_owned()));
        Ok(())
    }
}

impl Queries for HellingerFlow {
    fn spec(&self) -> &'static FlowSpec {
        &SPEC
    }

    fn domain(&self) -> &Domain {
        &self.domain
    }

    fn network(&self) -> &Network {
        &self.network
    }

    fn parameters(&self) -> usize {
        2
    }

    fn evaluate(
        &self,
        cx: &Context,
        parameters: &[f64],
        x: &[f64],
        u: &mut [f64],
        grad: Option<&mut [f64]>,
    ) -> Result<()> {
        self.begun()?.evaluate(cx, now(parameters)?, x, u, grad)
    }

    fn rate_of_change(&self, cx: &Context, parameters: &[f64], x: &[f64]) -> Result<Vec<f64>> {
        self.begun()?.rates(cx, now(parameters)?, self.reaction, x)
    }

    fn fields(&self) -> &'static [FieldSpec] {
        FieldSpec::OF_DENSITY
    }

    fn energy_densities(
        &self,
        cx: &Context,
        _parameters: &[f64],
        (x, rho, _): (&[f64], &[f64], &[f64]),
    ) -> Result<Vec<Vec<f64>>> {
        // There are no interactions.
        let none = Measure {
            d: self.domain.dimension(),
            t: cx.time,
            y: &[],
            w: &[],
            rho: &[],
        };
        self.terms.densities(&cx.pool, &none, (x, rho, &[]))
    }

    /// Of the density over its mass.
    fn masses(&self, _cx: &Context, parameters: &[f64]) -> Result<Option<Masses>> {
        let labels = &self.begun()?.labels;
        let mut rho = labels.density(now(parameters)?);
        let mut w = crate::flow::observed::masses(&labels.nodes, &rho);
        let mass: f64 = w.iter().sum();
        w.iter_mut().for_each(|w| *w /= mass);
        rho.iter_mut().for_each(|r| *r /= mass);
        Ok(Some(Masses {
            x: labels.nodes.x.clone(),
            w,
            rho,
        }))
    }

    fn lagrangian(&self) -> Result<&dyn Lagrangian> {
        Err(Error::state(
            "option `flow` is wfr, whose mass is born and dies on its way; accepted for trajectories is wasserstein",
        ))
    }

    fn sample(&self, cx: &Context, state: &State) -> Result<Nodes> {
        let masses = self.masses(cx, &state.parameters)?;
        let masses = masses.ok_or_else(|| Error::internal("a density has no masses"))?;
        Ok(Nodes {
            x: masses.x,
            w: masses.w,
            rho: masses.rho,
            ..Nodes::default()
        })
    }
}
