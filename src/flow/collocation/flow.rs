//! The flow of potentials at labels, as the solver sees it.

use super::MOST;
use super::begun::Begun;
use super::labelled::{self, Started};
use super::noise;
use crate::domain::{Domain, Shape};
use crate::energy::Term;
use crate::error::{Error, ErrorKind, Result};
use crate::export::Exported;
use crate::field::Network;
use crate::fingerprint::Numbers;
use crate::flow::transport::{Measure, Terms};
use crate::flow::{
    Beginning, Centre, Context, Flow, FlowSpec, Minimized, Observed, Posed, Queries, State, Turn,
};
use crate::initial::Initial;
use crate::minimize::{Method, Minimizer, Objective, Stop, Watch};
use crate::quadrature::Nodes;
use crate::report::FitReport;
use crate::section::Section;
use std::time::Instant;

/// The row of the registry.
pub static SPEC: FlowSpec = FlowSpec {
    name: "wasserstein",
    transport: "collocation",
    initial: "a density of mass 1",
    create: |cx, domain| {
        Ok(Box::new(CollocationFlow::new(
            cx,
            domain,
            Terms::default(),
        )?))
    },
};

/// The part of `fit_accept` by which `ln rho` may be off for each part by which a density may: where there
/// is hardly any mass logarithms are off by more.
const TAILS: f64 = 30.0;

/// The Wasserstein gradient flow by potentials at labels.
#[derive(Clone)]
pub struct CollocationFlow {
    pub(super) domain: Domain,
    pub(super) terms: Terms,
    /// Once there is an initial density.
    pub(super) begun: Option<Begun>,
    /// The network of the potential; before there is an initial density that of the options.
    pub(super) network: Network,
    none: Nodes,
}

impl CollocationFlow {
    /// The flow of these terms.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option) if the options of the network do not fit.
    pub fn new(cx: &Context, domain: Domain, terms: Terms) -> Result<Self> {
        let d = domain.dimension();
        if !matches!(domain.shape(), Shape::Space) || d > MOST {
            return Err(Error::internal(
                "labels are in space of up to sixteen dimensions",
            ));
        }
        Ok(Self {
            network: cx.settings.network.of_field(&domain)?,
            domain,
            terms,
            begun: None,
            none: Nodes::default(),
        })
    }

    pub(super) fn begun(&self) -> Result<&Begun> {
        let begun = self.begun.as_ref();
        begun.ok_or_else(|| Error::state("there is no initial condition yet; set one first"))
    }

    fn begin(&self, cx: &Context, initial: Initial<'_>) -> Result<Started> {
        let Initial::Density(profile) = initial else {
            return Err(self.no_use_for("a function or values as initial condition"));
        };
        profile.check_dimension(self.domain.dimension())?;
        if self.terms.names().next().is_none() {
            return Err(Error::state(
                "there is no energy yet; with `transport` = collocation energies are added before the \
                 initial condition",
            ));
        }
        if profile.is_fixed() {
            return Err(Error::argument(
                "rho_0 is given by particles; with `transport` = collocation accepted are densities that are \
                 known everywhere",
            ));
        }
        let started = labelled::begin(cx, &self.terms, &*profile)?.ok_or_else(|| {
            Error::option(
                "option `transport` is collocation, which takes functionals int k rho ln rho + V rho; \
                 accepted for others is map",
            )
        })?;
        let accept = TAILS * cx.settings.fit.fit_accept;
        if started.error > accept {
            return Err(Error::new(
                ErrorKind::NotConverged,
                format!(
                    "ln rho_0 is off by {:.1e} at independent labels, where {TAILS} times option `fit_accept` \
                     is {accept:e}: smooth rho_0 where it jumps or bends, or take `transport` = map",
                    started.error
                ),
            ));
        }
        Ok(started)
    }
}

impl Flow for CollocationFlow {
    fn boxed_clone(&self) -> Box<dyn Flow> {
        Box::new(self.clone())
    }

    fn add_term(&mut self, term: Term) -> Result<()> {
        if self.begun.is_some() {
            return Err(Error::state(
                "with `transport` = collocation energies are added before the initial condition; add them to a solver that has none yet",
            ));
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
        let measure = Measure {
            d: self.domain.dimension(),
            t: cx.time,
            y: &observed.u,
            w: &observed.p,
            rho: &observed.rho,
        };
        self.terms.energies(&cx.pool, &measure)
    }

    fn start(
        &mut self,
        cx: &Context,
        initial: Initial<'_>,
        _watch: &mut Watch<'_>,
    ) -> Result<Beginning> {
        let start = Instant::now();
        let Started {
            begun,
            cloud,
            error,
        } = self.begin(cx, initial)?;
        self.network = begun.network(cx)?;
        let parameters = begun.parameters(&cloud);
        self.begun = Some(begun);
        Ok(Beginning {
            parameters,
            minimizer: cx.minimizer(Method::Dense),
            fit: FitReport {
                relative_error: error,
                iterations: 1,
                seconds: start.elapsed().as_secs_f64(),
                ..FitReport::default()
            },
        })
    }

    fn check_splits(&self) -> Result<()> {
        Err(Error::option(
            "option `transport` is collocation, whose steps one rank takes; with a communicator accepted is \
             map",
        ))
    }

    fn nodes(&self, _cx: &Context, _turn: Turn) -> Result<Nodes> {
        let begun = self.begun()?;
        Ok(begun.labels.part(0..begun.trained))
    }

    /// Where labels have gone.
    fn values(&self, _cx: &Context, _x: &[f64], parameters: &[f64]) -> Result<Vec<f64>> {
        Ok(self.begun()?.cloud(parameters)?.x)
    }

    /// `sum g_i Y_i / S` of all labels, and its derivatives in the positions at the beginning of the step.
    fn centre(
        &self,
        _cx: &Context,
        _nodes: &Nodes,
        parts: &[(f64, &[f64])],
        tau: f64,
    ) -> Result<Centre> {
        let begun = self.begun()?;
        let (n, d) = (begun.labels.len(), self.domain.dimension());
        let total: f64 = parts.iter().map(|(g, _)| g).sum();
        let mut values = vec![0.0; n * d * (1 + d)];
        let (positions, derivatives) = values.split_at_mut(n * d);
        for (i, (g, parameters)) in parts.iter().enumerate() {
            let part = g / total;
            let cloud = begun.cloud(parameters)?;
            super::features::add(positions, part, &cloud.x);
            if i > 0 {
                if cloud.jacobian.len() != derivatives.len() {
                    return Err(Error::internal(
                        "a stage has no derivatives of its positions",
                    ));
                }
                super::features::add(derivatives, part, &cloud.jacobian);
                continue;
            }
            for matrix in derivatives.chunks_exact_mut(d * d) {
                (0..d).for_each(|a| matrix[a * d + a] += part);
            }
        }
        Ok(Centre {
            values,
            strength: total / tau,
            weights: None,
        })
    }

    fn stage<'a>(&'a self, _posed: &Posed<'a>) -> Result<Box<dyn Objective + 'a>> {
        Err(Error::internal(
            "a potential is found by its equations at labels",
        ))
    }

    fn minimize_stage(
        &self,
        posed: &Posed<'_>,
        guesses: Vec<Vec<f64>>,
        _minimizer: &mut Minimizer,
        stop: &Stop,
        watch: &mut Watch<'_>,
    ) -> Result<Minimized> {
        let Some(before) = guesses.first() else {
            return Err(Error::internal("a stage has no guess"));
        };
        self.begun()?.minimize(posed, before, stop, watch)
    }

    /// 0: there are no others.
    fn retries(&self) -> u64 {
        0
    }

    fn check_nodes(&self) -> &Nodes {
        self.begun.as_ref().map_or(&self.none, |it| &it.check)
    }

    fn observe(&self, _cx: &Context, parameters: &[f64]) -> Result<Observed> {
        let begun = self.begun()?;
        Ok(begun.observed(&begun.cloud(parameters)?))
    }

    fn observe_stage(
        &self,
        cx: &Context,
        parameters: &[f64],
        _centre: &Centre,
    ) -> Result<(Observed, f64)> {
        Ok((self.observe(cx, parameters)?, f64::NAN))
    }

    fn energy_noise(&self, cx: &Context, before: &Observed, after: &Observed) -> Result<f64> {
        noise::of_energy(cx, (&self.terms, self.domain.dimension()), [before, after])
    }

    fn rest(&self, _cx: &Context, observed: &Observed) -> Result<f64> {
        let begun = self.begun()?;
        Ok(begun.rest(&observed.u, &observed.p))
    }

    /// 0: space has no boundary.
    fn boundary_flux(&self, _cx: &Context, _parameters: &[f64]) -> Result<f64> {
        Ok(0.0)
    }

    fn after_step(&mut self, cx: &Context, state: &mut State, _before: u64) -> Result<()> {
        let begun = self.begun()?;
        let mut cloud = begun.cloud(&state.parameters)?;
        cloud.jacobian.clear();
        let followed = begun.follow(cx, &mut cloud)?;
        let begun = followed.unwrap_or_else(|| begun.clone());
        state.reparametrize(begun.parameters(&cloud), cx.minimizer(Method::Dense));
        self.begun = Some(begun);
        Ok(())
    }

    fn add_fingerprint(&self, numbers: &mut Numbers) {
        if let Some(begun) = &self.begun {
            begun.labels.add_to(numbers);
        }
    }

    fn save(&self, into: &mut Section) {
        if let Some(begun) = &self.begun {
            begun.save(into);
        }
    }

    fn resume(&mut self, cx: &Context, saved: &Section, _refinements: u64) -> Result<Minimizer> {
        let Some(begun) = &self.begun else {
            return Err(Error::state(
                "a flow of potentials is restored on top of its initial density: set it first, as it was in \
                 the run that wrote the snapshot",
            ));
        };
        let begun = begun.loaded(saved)?;
        self.network = begun.network(cx)?;
        self.begun = Some(begun);
        Ok(cx.minimizer(Method::Dense))
    }

    fn export(&self, _cx: &Context, parameters: &[f64], out: &mut Exported) -> Result<()> {
        let begun = self.begun()?;
        let (network, others) = parameters.split_at(begun.features.hidden().len());
        let (outputs, others) = others.split_at(begun.features.planes() + 1);
        let network = [network, outputs].concat();
        crate::flow::export::add_network(out, "", &self.network, &network);
        let d = self.domain.dimension();
        let (quadratic, _) = others.split_at(d + d * (d + 1) / 2);
        out.add("quadratic".to_owned(), vec![quadratic.len()], quadratic);
        out.notes.push(("kind", "potential".to_owned()));
        Ok(())
    }
}
