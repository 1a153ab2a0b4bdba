//! The flow of potentials, as the solver sees it.

use super::begun::Begun;
use super::initial;
use super::site::SIZES;
use super::start::Fitted;
use crate::domain::Domain;
use crate::energy::Term;
use crate::error::{Error, ErrorKind, Result};
use crate::export::Exported;
use crate::field::Network;
use crate::fingerprint::Numbers;
use crate::flow::observed::masses;
use crate::flow::transport::{Measure, Terms};
use crate::flow::{
    Beginning, Centre, Context, Flow, FlowSpec, Frozen, Minimized, Observed, Posed, Queries, State,
    Turn,
};
use crate::initial::Initial;
use crate::initial::profile::Profile;
use crate::minimize::{Method, Minimizer, Objective, Stop, Watch};
use crate::quadrature::Nodes;
use crate::report::FitReport;
use crate::section::Section;
use std::time::Instant;

/// The row of the registry.
pub static SPEC: FlowSpec = FlowSpec {
    name: "wasserstein",
    transport: "dual",
    initial: "a density of mass 1",
    create: |cx, domain| Ok(Box::new(DualFlow::new(cx, domain, Terms::default())?)),
};

/// How many times the option `fit_accept` a density that bends where it vanishes may be off: a step moves its
/// edges by more.
const BENDS: f64 = 3.0;

/// The part of the tolerance to which stages are solved.
const EXACTNESS: f64 = 1e-2;

/// What messages call a flow of potentials.
#[derive(Clone, Copy)]
pub(in crate::flow) struct Named {
    pub spec: &'static FlowSpec,
    /// The option that chose it.
    pub chosen_by: &'static str,
    /// The same, after "with".
    pub with: &'static str,
}

/// The Wasserstein gradient flow by potentials.
#[derive(Clone)]
pub struct DualFlow {
    pub(super) domain: Domain,
    pub(super) terms: Terms,
    pub(super) named: Named,
    /// Once there is an initial density.
    pub(super) begun: Option<Begun>,
    /// The network before that, and no nodes.
    pub(super) network: Network,
    none: Nodes,
}

impl DualFlow {
    /// The flow of these terms.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option) if the options of the network do not fit.
    pub fn new(cx: &Context, domain: Domain, terms: Terms) -> Result<Self> {
        let d = domain.dimension();
        if d > SIZES.len() {
            return Err(Error::internal("potentials are for up to three dimensions"));
        }
        Ok(Self {
            network: cx.settings.network.of_field(&domain)?,
            domain,
            terms,
            named: Named {
                spec: &SPEC,
                chosen_by: "option `transport` is dual",
                with: "`transport` = dual",
            },
            begun: None,
            none: Nodes::default(),
        })
    }

    /// The flow as a part of another, which messages are to name.
    #[must_use]
    pub(in crate::flow) fn named(mut self, named: Named) -> Self {
        self.named = named;
        self
    }

    /// What there is once there is an initial density.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) before that.
    pub(in crate::flow) fn begun(&self) -> Result<&Begun> {
        let begun = self.begun.as_ref();
        begun.ok_or_else(|| Error::state("there is no initial condition yet; set one first"))
    }

    fn begin_with(
        &self,
        cx: &Context,
        profile: &dyn Profile,
        watch: &mut Watch<'_>,
    ) -> Result<(Fitted, f64)> {
        profile.check_dimension(self.domain.dimension())?;
        if self.terms.names().next().is_none() {
            return Err(Error::state(format!(
                "there is no energy yet; with {} energies are added before the initial condition",
                self.named.with
            )));
        }
        let Some(region) = initial::region_of(&self.domain, profile)? else {
            return Err(Error::argument(
                "rho_0 vanishes at all of its labels; accepted are densities with mass there",
            ));
        };
        let fitted = initial::begin(cx, &self.terms, profile, (&self.domain, &region), watch)?;
        let (fitted, error) = fitted.ok_or_else(|| {
            Error::option(format!(
                "{}, which takes functionals int H(rho) + V rho + interactions with a convex H that does not \
                 depend on time; accepted for others is `flow` = wasserstein with `transport` = map",
                self.named.chosen_by
            ))
        })?;
        let accept = cx.settings.fit.fit_accept;
        if fitted.error > BENDS * accept {
            return Err(Error::new(
                ErrorKind::NotConverged,
                format!(
                    "the potential of rho_0 has the relative error {:.1e} on independent points, where {BENDS} times \
                     option `fit_accept` is {:e}: smooth rho_0 where it jumps or bends",
                    fitted.error,
                    BENDS * accept
                ),
            ));
        }
        Ok((fitted, error))
    }
}

impl Flow for DualFlow {
    fn boxed_clone(&self) -> Box<dyn Flow> {
        Box::new(self.clone())
    }

    fn add_term(&mut self, term: Term) -> Result<()> {
        if self.begun.is_some() {
            return Err(Error::state(format!(
                "with {} energies are added before the initial condition; add them to a solver that has none yet",
                self.named.with
            )));
        }
        self.terms.add(term)
    }

    fn term_names(&self) -> Vec<&str> {
        self.terms.names().collect()
    }

    fn terms(&self) -> Option<&Terms> {
        Some(&self.terms)
    }

    fn energies(&self, cx: &Context, observed: &Observed) -> Result<Vec<f64>> {
        let Begun { site, .. } = self.begun()?;
        let rho: Vec<f64> = observed
            .u
            .iter()
            .map(|r| r.max(f64::MIN_POSITIVE))
            .collect();
        let w = masses(&site.check, &rho);
        let measure = Measure {
            d: site.dimension(),
            t: cx.time,
            y: &site.check.x,
            w: &w,
            rho: &rho,
        };
        self.terms.energies(&cx.pool, &measure)
    }

    fn start(
        &mut self,
        cx: &Context,
        initial: Initial<'_>,
        watch: &mut Watch<'_>,
    ) -> Result<Beginning> {
        let Initial::Density(profile) = initial else {
            return Err(self.no_use_for("a function or values as initial condition"));
        };
        let start = Instant::now();
        let (fitted, error) = self.begin_with(cx, &*profile, watch)?;
        let begun = Begun {
            dual: fitted.dual,
            site: fitted.site,
            draws: SIZES[0].len() as u64,
        };
        let parameters = begun.parameters(&fitted.state);
        self.begun = Some(begun);
        Ok(Beginning {
            parameters,
            minimizer: cx.minimizer(Method::Dense),
            fit: FitReport {
                relative_error: error,
                iterations: fitted.iterations,
                seconds: start.elapsed().as_secs_f64(),
                ..FitReport::default()
            },
        })
    }

    fn check_splits(&self) -> Result<()> {
        Err(Error::option(format!(
            "{}, whose steps one rank takes; with a communicator accepted is `flow` = wasserstein with \
             `transport` = map",
            self.named.chosen_by
        )))
    }

    fn nodes(&self, _cx: &Context, _turn: Turn) -> Result<Nodes> {
        Ok(self.begun()?.site.nodes.clone())
    }

    /// Where the masses at the nodes have gone.
    fn values(&self, _cx: &Context, _x: &[f64], parameters: &[f64]) -> Result<Vec<f64>> {
        Ok(self.begun()?.potential(parameters).y)
    }

    /// `sum g_i Y_i / S`, the positions of the masses that are at the nodes in the beginning.
    fn centre(
        &self,
        _cx: &Context,
        _nodes: &Nodes,
        parts: &[(f64, &[f64])],
        tau: f64,
    ) -> Result<Centre> {
        let begun = self.begun()?;
        let total: f64 = parts.iter().map(|(g, _)| g).sum();
        let mut values = vec![0.0; begun.site.nodes.x.len()];
        for (i, (g, parameters)) in parts.iter().enumerate() {
            let y = match i {
                0 => begun.site.nodes.x.clone(),
                _ => begun.potential(parameters).y,
            };
            let pairs = values.iter_mut().zip(&y);
            pairs.for_each(|(v, y)| *v += g / total * y);
        }
        Ok(Centre {
            values,
            strength: total / tau,
            weights: None,
        })
    }

    fn stage<'a>(&'a self, _posed: &Posed<'a>) -> Result<Box<dyn Objective + 'a>> {
        Err(Error::internal("a potential is found by its dual"))
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
        self.begun()?
            .minimize(&self.domain, posed, before, stop, watch)
    }

    /// One more iteration of Newton's method squares what is left.
    fn exactness(&self) -> f64 {
        EXACTNESS
    }

    /// 0: there are no others.
    fn retries(&self) -> u64 {
        0
    }

    fn check_nodes(&self) -> &Nodes {
        self.begun.as_ref().map_or(&self.none, |it| &it.site.check)
    }

    fn observe(&self, cx: &Context, parameters: &[f64]) -> Result<Observed> {
        let begun = self.begun()?;
        let Begun { dual, site, .. } = begun;
        let state = begun.potential(parameters);
        Ok(Observed {
            u: site.check_density((&cx.pool, cx.time), dual, &state)?,
            ..Observed::default()
        })
    }

    fn observe_stage(
        &self,
        cx: &Context,
        parameters: &[f64],
        _centre: &Centre,
    ) -> Result<(Observed, f64)> {
        Ok((self.observe(cx, parameters)?, f64::NAN))
    }

    fn distance(
        &self,
        _cx: &Context,
        _frozen: Option<&Frozen<'_>>,
        [before, after]: [&[f64]; 2],
        _observed: [&Observed; 2],
    ) -> Result<f64> {
        Ok(self.begun()?.moved(before, after).sqrt())
    }

    fn rest(&self, _cx: &Context, observed: &Observed) -> Result<f64> {
        let begun = self.begun()?;
        Ok(begun.rest(&begun.site.check, &observed.u))
    }

    /// 0: no mass goes through the faces of a box, and space has none.
    fn boundary_flux(&self, _cx: &Context, _parameters: &[f64]) -> Result<f64> {
        Ok(0.0)
    }

    fn after_step(&mut self, cx: &Context, state: &mut State, _before: u64) -> Result<()> {
        self.follow(cx, state, 1.0)
    }

    fn add_fingerprint(&self, numbers: &mut Numbers) {
        if let Some(Begun { site, .. }) = &self.begun {
            site.nodes.add_to(numbers);
            site.check.add_to(numbers);
        }
    }

    fn save(&self, into: &mut Section) {
        if let Some(begun) = &self.begun {
            begun.save(into);
        }
    }

    fn resume(&mut self, cx: &Context, saved: &Section, _refinements: u64) -> Result<Minimizer> {
        if self.begun.is_none() {
            return Err(Error::state(
                "a flow of potentials is restored on top of its initial density: set it first, as it was in \
                 the run that wrote the snapshot",
            ));
        }
        self.begun = Some(Begun::load(cx, (&self.domain, &self.terms), saved)?);
        Ok(cx.minimizer(Method::Dense))
    }

    fn export(&self, _cx: &Context, parameters: &[f64], out: &mut Exported) -> Result<()> {
        let begun = self.begun()?;
        let site = &begun.site;
        crate::flow::export::add_network(out, "", &site.network, parameters);
        let state = begun.potential(parameters);
        let (_, quadratic) = state
            .coefficients
            .split_at(site.basis.features.planes() + 1);
        out.add("quadratic".to_owned(), vec![quadratic.len()], quadratic);
        out.notes.push(("kind", "potential".to_owned()));
        Ok(())
    }
}
