//! The flow of transport maps: its labels, and what the solver asks of it.

use super::labels::{self, Labels};
use super::refinement::{can_refine, is_rough};
use super::{Map, Pushed, Terms, Transport};
use crate::domain::Domain;
use crate::energy::Term;
use crate::error::{Error, Result};
use crate::export::Exported;
use crate::fingerprint::{Fingerprint, Numbers};
use crate::flow::{
    Beginning, Centre, Context, Flow, FlowSpec, Observed, Posed, Queries, REST, State, Turn,
};
use crate::initial::Initial;
use crate::initial::profile::Profile;
use crate::minimize::{Minimizer, Objective, Outcome, Watch};
use crate::objective::{Form, Metric, OfOutputs, Shared};
use crate::options::RestartChoice;
use crate::quadrature::{Nodes, Quadrature};
use crate::report::{FitReport, StepReport};
use crate::section::Section;
use std::sync::Arc;
use std::time::Instant;

/// The row of the registry.
pub static SPEC: FlowSpec = FlowSpec {
    name: "wasserstein",
    transport: "map",
    initial: "a density of mass 1",
    create: |cx, domain| Ok(Box::new(TransportFlow::new(cx, domain)?)),
};

/// The Wasserstein gradient flow of a transport map, with its labels.
#[derive(Clone)]
pub struct TransportFlow {
    pub(super) domain: Domain,
    pub(super) functional: Transport,
    pub(super) quadrature: Quadrature,
    /// The labels, once there is an initial density.
    pub(super) labels: Option<Labels>,
    /// The density that it started from.
    pub(super) origin: Option<Origin>,
    /// The times that labels were taken anew since.
    pub(super) relabelled: Vec<Relabelled>,
    /// No independent labels, before there is an initial density.
    none: Nodes,
}

/// The density that a flow of maps started from.
#[derive(Clone)]
pub(super) struct Origin {
    profile: Arc<dyn Profile>,
    /// Fingerprint of its labels.
    fingerprint: Fingerprint,
    /// Mean and scale of its labels along each axis.
    frame: Vec<f64>,
}

/// By how much means and scales may differ, relative to the scale, in a portable restart: maps are known in their terms.
const SAME_FRAME: f64 = 1e-6;

impl Origin {
    /// Whether a snapshot is of the same density on these labels or, if the restart is portable, on others.
    fn is_that_of(&self, saved: &Section, is_portable: bool) -> Result<bool> {
        if Fingerprint::load(saved, "origin")? == self.fingerprint {
            return Ok(true);
        }
        if !is_portable || !saved.has("origin_frame") {
            return Ok(false);
        }
        let theirs = saved.get_list("origin_frame")?;
        let (_, scales) = self.frame.split_at(self.frame.len() / 2);
        let near = |((ours, theirs), scale): ((&f64, &f64), &f64)| {
            (ours - theirs).abs() <= SAME_FRAME * scale
        };
        let pairs = self.frame.iter().zip(theirs).zip(scales.iter().cycle());
        Ok(theirs.len() == self.frame.len() && pairs.into_iter().all(near))
    }
}

/// A map that was composed with later ones.
#[derive(Clone)]
pub(super) struct Relabelled {
    pub map: Map,
    pub parameters: Arc<Vec<f64>>,
    /// Steps taken then.
    pub step: u64,
}

impl TransportFlow {
    /// The flow of the options, of no energy yet. Labels, and the map's scale, come with the
    /// initial density.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option) if options do not fit together.
    pub fn new(cx: &Context, domain: Domain) -> Result<Self> {
        let settings = &cx.settings;
        let d = domain.dimension();
        let map = labels::map(
            &settings.network,
            &domain,
            (&vec![0.0; d], vec![1.0; d]),
            false,
        );
        let parameters = map.network().parameters();
        let quadrature = labels::label_rule(&settings.discretization, d, parameters)?;
        labels::minimizer(cx, parameters, usize::MAX)?;
        Ok(Self {
            domain,
            functional: Transport::new(map),
            quadrature,
            labels: None,
            origin: None,
            relabelled: Vec::new(),
            none: Nodes::default(),
        })
    }

    /// The flow of the options, of these terms.
    ///
    /// # Errors
    /// As for [`new`](Self::new).
    pub(in crate::flow) fn of(cx: &Context, domain: Domain, terms: Terms) -> Result<Self> {
        let mut flow = Self::new(cx, domain)?;
        flow.functional.set_terms(terms);
        Ok(flow)
    }

    /// The labels.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) without initial condition.
    pub(super) fn labels(&self) -> Result<&Labels> {
        self.labels
            .as_ref()
            .ok_or_else(|| Error::state("there is no initial condition yet; set one first"))
    }

    /// The form of the steps; `None` is the weak one.
    fn form(&self) -> Option<Form> {
        let labels = self.labels.as_ref();
        labels
            .filter(|_| !self.functional.terms().use_slope())
            .and_then(|labels| labels.form)
    }

    /// Starts from a density, with the identity for a map.
    fn begin_with(&mut self, cx: &Context, profile: Arc<dyn Profile>) -> Result<Beginning> {
        let start = Instant::now();
        let d = self.domain.dimension();
        profile.check_dimension(d)?;
        let rule = cx.ranks().settle(self.sufficient_rule(cx, &*profile))?;
        let before = std::mem::replace(&mut self.quadrature, rule);
        let fresh = cx.ranks().settle(self.fresh(cx, Arc::clone(&profile), 0));
        let fresh = fresh.inspect_err(|_| self.quadrature = before)?;
        let frame = fresh.frame.clone();
        let (parameters, minimizer) = self.commit(fresh);
        self.relabelled.clear();
        self.origin = Some(Origin {
            profile,
            fingerprint: crate::flow::fingerprint(self, cx.ranks())?,
            frame,
        });
        Ok(Beginning {
            parameters,
            minimizer,
            fit: FitReport {
                relative_error: 0.0,
                iterations: 0,
                seconds: start.elapsed().as_secs_f64(),
                ..FitReport::default()
            },
        })
    }

    /// Takes over labels and the map on them; returns the identity's parameters, and a minimiser.
    pub(super) fn commit(&mut self, fresh: labels::Fresh) -> (Vec<f64>, Minimizer) {
        self.functional = fresh.functional;
        self.labels = Some(fresh.labels);
        (fresh.parameters, fresh.minimizer)
    }

    /// The density as it is now.
    pub(super) fn pushed(&self, cx: &Context, parameters: &[f64]) -> Result<Pushed> {
        let labels = self.labels()?;
        Pushed::new(
            &self.functional,
            parameters.to_vec(),
            Arc::clone(&labels.profile),
            labels.independent.clone(),
            Arc::clone(&cx.pool),
        )
    }
}

impl Flow for TransportFlow {
    fn boxed_clone(&self) -> Box<dyn Flow> {
        Box::new(self.clone())
    }

    /// The hidden layers of a map that carries slopes.
    fn frozen(&self) -> usize {
        match self.functional.terms().use_slope() && self.labels.is_some() {
            true => self.network().outputs_start(),
            false => 0,
        }
    }

    fn add_term(&mut self, term: Term) -> Result<()> {
        let carries = self.functional.terms().use_slope();
        if self.labels.is_some() && term.uses_slope() && !carries {
            return Err(Error::state(format!(
                "the energy `{}` depends on grad rho, and is added after the initial condition; accepted is before",
                term.name
            )));
        }
        self.functional.add_term(term)
    }

    fn term_names(&self) -> Vec<&str> {
        self.functional.names().collect()
    }

    fn terms(&self) -> Option<&Terms> {
        Some(self.functional.terms())
    }

    fn energies(&self, cx: &Context, observed: &Observed) -> Result<Vec<f64>> {
        self.functional.energies(cx, self.check_nodes(), observed)
    }

    fn start(
        &mut self,
        cx: &Context,
        initial: Initial<'_>,
        _watch: &mut Watch<'_>,
    ) -> Result<Beginning> {
        match initial {
            Initial::Density(profile) => self.begin_with(cx, profile),
            _ => Err(self.no_use_for("a function or values as initial condition")),
        }
    }

    fn nodes(&self, cx: &Context, turn: Turn) -> Result<Nodes> {
        self.labels()?.of_step(cx, &self.quadrature, turn)
    }

    fn values(&self, cx: &Context, x: &[f64], parameters: &[f64]) -> Result<Vec<f64>> {
        Ok(self.functional.positions(&cx.pool, x, parameters))
    }

    fn stage<'a>(&'a self, posed: &Posed<'a>) -> Result<Box<dyn Objective + 'a>> {
        let own: Box<dyn Objective> = Box::new(self.functional.stage(posed, self.form())?);
        let frozen = self.frozen();
        let own = match frozen {
            0 => own,
            _ => Box::new(OfOutputs::new(own, posed.before, frozen)),
        };
        if posed.cx.ranks().are_alone() {
            return Ok(own);
        }
        // One lane a rank: nothing is fitted there, and rounding does not grow.
        let parameters = self.network().parameters() - frozen;
        Ok(Box::new(Shared::new(vec![own], &posed.cx.pool, parameters)))
    }

    fn sampling_noise(&self) -> f64 {
        match (self.form(), self.quadrature.random()) {
            (None, Some(nodes)) => 0.01 * self.network().parameters() as f64 / nodes as f64,
            _ => 0.0,
        }
    }

    fn check_nodes(&self) -> &Nodes {
        self.labels.as_ref().map_or(&self.none, |it| &it.check)
    }

    fn observe(&self, cx: &Context, parameters: &[f64]) -> Result<Observed> {
        self.functional
            .observe(&cx.pool, self.check_nodes(), parameters)
    }

    fn observe_stage(
        &self,
        cx: &Context,
        parameters: &[f64],
        centre: &Centre,
    ) -> Result<(Observed, f64)> {
        let nodes = self.check_nodes();
        let (observed, residual) = self
            .functional
            .observe_stage(cx, nodes, parameters, centre)?;
        self.check_walls(cx, &observed.u, &nodes.w)?;
        Ok((observed, residual))
    }

    fn metric(&self) -> &dyn Metric {
        self.functional.metric()
    }

    fn rest(&self, _cx: &Context, _observed: &Observed) -> Result<f64> {
        Ok(0.5 * REST * REST * self.functional.map().extent())
    }

    /// 0: a map takes the faces of a box onto themselves, and space has none.
    fn boundary_flux(&self, _cx: &Context, _parameters: &[f64]) -> Result<f64> {
        Ok(0.0)
    }

    fn can_refine(&self, refinements: u64) -> bool {
        let d = self.domain.dimension();
        self.labels.as_ref().is_some_and(|labels| {
            labels.form.is_some()
                && !labels.profile.is_fixed()
                && can_refine(&self.quadrature, d, refinements)
        })
    }

    fn is_underresolved(
        &self,
        step: &StepReport,
        strength: f64,
        rest: f64,
        last: &Outcome,
    ) -> bool {
        is_rough(step, strength, rest, last)
    }

    fn after_step(&mut self, cx: &Context, state: &mut State, before: u64) -> Result<()> {
        if state.refinements > before {
            self.refine_check(cx, state)?;
        }
        self.relabel(cx, state)
    }

    fn add_fingerprint(&self, numbers: &mut Numbers) {
        if let Some(labels) = &self.labels {
            labels.fixed.iter().for_each(|nodes| nodes.add_to(numbers));
        }
        self.check_nodes().add_to(numbers);
    }

    fn other_nodes(&self) -> &'static str {
        "the labels come out with other bits than in the run that wrote the snapshot"
    }

    fn save(&self, into: &mut Section) {
        if let Some(origin) = &self.origin {
            origin.fingerprint.save(into, "origin");
            into.set_list("origin_frame", origin.frame.clone());
        }
        if let Some(first) = self.relabelled.first() {
            let all = self.relabelled.iter();
            let parameters = all.clone().flat_map(|it| it.parameters.iter().copied());
            let shape = [all.len(), first.parameters.len()];
            into.set_array("relabelled", &shape, parameters.collect::<Vec<_>>());
            into.set_counts("relabelled_step", all.map(|it| it.step));
        }
    }

    /// Starts from rho_0, and takes the labels anew as often as it was done.
    fn resume(&mut self, cx: &Context, saved: &Section, refinements: u64) -> Result<Minimizer> {
        let Some(origin) = &self.origin else {
            return Err(Error::state(
                "a flow of transport maps is restored on top of its initial density: set it first, as it \
                 was in the run that wrote the snapshot",
            ));
        };
        let is_portable = cx.settings.run.restart == RestartChoice::Portable;
        if !origin.is_that_of(saved, is_portable)? {
            return Err(Error::argument(
                "the initial density or the particles differ from those of the run that wrote the \
                 snapshot; accepted are the same",
            ));
        }
        let profile = Arc::clone(&origin.profile);
        let mut state = State::new(self.begin_with(cx, profile)?);
        let (mut steps, mut maps) = (Vec::new(), [].as_slice());
        if saved.has("relabelled") {
            let ([count, size], all) = saved.get_array("relabelled")?;
            let expected = self.network().parameters();
            steps = saved.get_counts("relabelled_step")?;
            if size != expected || steps.len() != count {
                let given = format!("[{count}, {size}] with {} steps", steps.len());
                let accepted = format!("[k, {expected}] with k steps");
                return Err(saved.refused("relabelled", &given, &accepted));
            }
            maps = all;
        }
        for (parameters, step) in maps.chunks_exact(self.network().parameters()).zip(steps) {
            state.parameters = parameters.to_vec();
            state.step = step;
            self.take_labels(cx, &mut state)?;
        }
        state.refinements = refinements;
        self.refine_check(cx, &mut state)?;
        Ok(state.minimizer)
    }

    fn export(&self, _cx: &Context, parameters: &[f64], out: &mut Exported) -> Result<()> {
        let before = self.relabelled.iter();
        let before = before.map(|it| (&it.map, it.parameters.as_slice()));
        let all = before.chain([(self.functional.map(), parameters)]);
        let mut count = 0;
        for (map, parameters) in all {
            crate::flow::export::add_map(out, &format!("maps.{count}."), map, parameters);
            count += 1;
        }
        out.notes.push(("maps", count.to_string()));
        out.notes.push(("kind", "map".to_owned()));
        Ok(())
    }
}
