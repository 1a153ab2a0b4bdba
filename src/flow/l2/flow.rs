//! The flow of a field, as the solver sees it.

use super::capacity::Capacity;
use super::{
    EXACTNESS, EXACTNESS_OF_WAVES, FEATURES, L2Flow, LATTICE, MISSED, UNITS, WAVES, host, nodes,
};
use crate::domain::Shape;
use crate::energy::{Mobility, Term};
use crate::error::Result;
use crate::export::Exported;
use crate::field::Normalized;
use crate::fingerprint::Numbers;
use crate::flow::observed::total;
use crate::flow::rules::Region;
use crate::flow::{
    Beginning, Centre, Context, Flow, Frozen, HostDomain, Minimized, Moment, Observed, Posed,
    Queries, REST, State, Turn, distance_at, export, minimize_holding,
};
use crate::initial::Initial;
use crate::minimize::{Minimizer, Objective, Stop, Watch};
use crate::objective::Metric;
use crate::quadrature::{Nodes, Stream, generator};
use crate::section::Section;

impl Flow for L2Flow {
    fn boxed_clone(&self) -> Box<dyn Flow> {
        Box::new(self.clone())
    }

    fn region(&self) -> Region {
        match self.domain.shape() {
            _ if self.given.nodes => Region::Nodes,
            Shape::Cut(_) => Region::Cut,
            _ => self.region_of_sides(),
        }
    }

    fn frozen(&self) -> usize {
        self.functional.on_walls() + self.functional.frozen()
    }

    fn still(&self, cx: &Context, before: &[f64], at: &Moment) -> Result<Vec<f64>> {
        self.functional.still(cx, before, at)
    }

    fn carried(&self, before: &[f64], after: &[f64]) -> Option<Vec<f64>> {
        let given = self.functional.on_walls();
        let held = self.functional.has_multipliers();
        let moved = held || before[..given] != after[..given];
        moved.then(|| [&after[..given], &before[given..]].concat())
    }

    fn add_term(&mut self, term: Term) -> Result<()> {
        self.check_hessian(&term)?;
        self.functional.add_term(term)
    }

    fn term_names(&self) -> Vec<&str> {
        self.functional.names().collect()
    }

    fn is_convex(&self) -> bool {
        self.non_local.is_none() && self.functional.is_convex()
    }

    fn energies(&self, cx: &Context, observed: &Observed) -> Result<Vec<f64>> {
        let boundary = self.boundary.as_ref();
        self.functional
            .energies(&cx.pool, cx.time, &self.check, boundary, observed)
    }

    fn start(
        &mut self,
        cx: &Context,
        initial: Initial<'_>,
        watch: &mut Watch<'_>,
    ) -> Result<Beginning> {
        let (flow, beginning) = self.fitted(cx, initial, watch)?;
        *self = flow;
        Ok(beginning)
    }

    fn resized(
        &self,
        cx: &Context,
        before: &Context,
        state: Option<&mut State>,
        watch: &mut Watch<'_>,
    ) -> Result<Box<dyn Flow>> {
        Ok(Box::new(self.of_other_size(cx, before, state, watch)?))
    }

    fn check_splits(&self) -> Result<()> {
        host::check_splits(self.given)?;
        self.check_unposed("the communicator")
    }

    fn split(&mut self, cx: &Context) {
        let fixed = std::mem::take(&mut self.fixed);
        self.fixed = fixed.into_iter().map(|nodes| cx.own(nodes)).collect();
        self.check = cx.own(std::mem::take(&mut self.check));
        self.boundary = self.boundary.as_ref().map(|b| cx.own_boundary(b));
    }

    /// Fixed nodes, or nodes drawn anew by the rule's own nature, denser after a violation where
    /// they are not the host's.
    fn nodes(&self, cx: &Context, turn: Turn) -> Result<Nodes> {
        let set = turn.step.checked_rem(self.fixed.len() as u64).unwrap_or(0) as usize;
        match self.fixed.get(set) {
            Some(nodes) if turn.attempt == 0 || self.given.nodes => Ok(nodes.clone()),
            _ => {
                let mut rng = generator(cx.seed(), Stream::Nodes, turn.step, turn.attempt);
                let rule = self.quadrature.refined(turn.attempt).turned(set);
                let posed = (&self.energies_beside_rule(), &*cx.settings);
                let nodes = cx.own(nodes::nodes_of(&rule, &self.domain, posed, &mut rng)?);
                Ok(self.beside_boundary(nodes))
            }
        }
    }

    fn values(&self, cx: &Context, x: &[f64], parameters: &[f64]) -> Result<Vec<f64>> {
        self.functional.values(&cx.pool, x, parameters)
    }

    fn stage<'a>(&'a self, posed: &Posed<'a>) -> Result<Box<dyn Objective + 'a>> {
        let objective = self.functional.stage(posed, self.form)?;
        self.with_integrals(posed, objective)
    }

    fn minimize_stage(
        &self,
        posed: &Posed<'_>,
        guesses: Vec<Vec<f64>>,
        minimizer: &mut Minimizer,
        stop: &Stop,
        watch: &mut Watch<'_>,
    ) -> Result<Minimized> {
        if let Some(metric) = &self.non_local {
            return metric.minimize(self, posed, guesses, stop, watch);
        }
        if self.functional.has_multipliers() {
            return self.minimize_held(posed, guesses, minimizer, (stop, watch));
        }
        let still = self.still(posed.cx, posed.before, &posed.moment)?;
        minimize_holding(self, posed, still, guesses, (minimizer, stop, watch))
    }

    fn holding(&self, cx: &Context, of: (&[f64], f64), observed: &Observed) -> Result<f64> {
        self.functional.of_hold(cx, of, (&self.check, observed))
    }

    fn bound_error(&self, cx: &Context, observed: &Observed) -> Result<f64> {
        self.beyond_bounds(cx, observed)
    }

    fn integral_error(&self, cx: &Context, parameters: &[f64], observed: &Observed) -> Result<f64> {
        self.off_integrals(cx, parameters, observed)
    }

    fn keeps_matrices(&self) -> bool {
        let moves = |mobility: &Mobility| !mobility.depends().is_of_position();
        !self.functional.has_constraints() && !self.mobility().is_some_and(moves)
    }

    fn wall_error(&self, cx: &Context, parameters: &[f64], observed: &Observed) -> Result<f64> {
        self.miss_on_walls(cx, parameters, observed)
    }

    fn sampling_noise(&self) -> f64 {
        match (self.form, self.quadrature.random()) {
            (None, Some(nodes)) if !self.given.nodes => {
                let moving = (self.parameters() - self.frozen()) / self.components();
                0.01 * moving as f64 / nodes as f64
            }
            _ => 0.0,
        }
    }

    fn exactness(&self) -> f64 {
        match self.functional.outputs_only() {
            true if self.waves.is_some() => EXACTNESS_OF_WAVES,
            true => EXACTNESS,
            false => 1.0,
        }
    }

    fn check_nodes(&self) -> &Nodes {
        &self.check
    }

    fn observe(&self, cx: &Context, parameters: &[f64]) -> Result<Observed> {
        let boundary = self.boundary.as_ref();
        self.functional
            .observe(&cx.pool, &self.check, boundary, parameters)
    }

    fn observe_stage(
        &self,
        cx: &Context,
        parameters: &[f64],
        centre: &Centre,
    ) -> Result<(Observed, f64)> {
        let observed = self.observe(cx, parameters)?;
        if self.non_local.is_some() {
            return Ok((observed, f64::NAN));
        }
        let functional = &self.functional;
        let residual = functional.residual(cx, &self.check, parameters, &observed, centre)?;
        Ok((observed, residual))
    }

    fn metric(&self) -> &dyn Metric {
        self.functional.metric()
    }

    fn distance(
        &self,
        cx: &Context,
        frozen: Option<&Frozen<'_>>,
        parameters: [&[f64]; 2],
        [before, after]: [&Observed; 2],
    ) -> Result<f64> {
        match &self.non_local {
            Some(metric) => metric.distance(self, cx, frozen, parameters),
            None => distance_at(self, cx, frozen, [before, after]),
        }
    }

    fn mobility(&self) -> Option<&Mobility> {
        self.functional.mobility()
    }

    fn weights(&self, cx: &Context, nodes: &Nodes, of: &Frozen<'_>) -> Result<Option<Vec<f64>>> {
        self.functional.weights(cx, nodes, of)
    }

    fn rest(&self, cx: &Context, _observed: &Observed) -> Result<f64> {
        if let Some(metric) = &self.non_local {
            return metric.rest(self);
        }
        let volume = total(cx.ranks(), self.check.w.iter().sum())?;
        let least = REST * self.functional.units().size;
        Ok(0.5 * least * least * volume)
    }

    fn energy_noise(&self, cx: &Context, before: &Observed, after: &Observed) -> Result<f64> {
        match self.given.nodes || self.domain.dimension() <= nodes::DETERMINISTIC_CHECK {
            true => Ok(0.0),
            false => {
                let boundary = self.boundary.as_ref();
                self.functional
                    .noise(cx, &self.check, boundary, before, after)
            }
        }
    }

    fn boundary_flux(&self, cx: &Context, parameters: &[f64]) -> Result<f64> {
        self.boundary.as_ref().map_or(Ok(f64::NAN), |boundary| {
            self.functional.boundary_flux(cx, boundary, parameters)
        })
    }

    fn after_step(&mut self, cx: &Context, state: &mut State, _refinements: u64) -> Result<()> {
        match self.waves.is_some() {
            true => self.take_more_waves(cx, state),
            false => self.enrich(cx, state),
        }
    }

    fn host_domain(&mut self, _what: &str) -> Result<&mut dyn HostDomain> {
        Ok(self)
    }

    fn add_fingerprint(&self, numbers: &mut Numbers) {
        self.fixed.iter().for_each(|nodes| nodes.add_to(numbers));
        if let Some(walls) = self.functional.walls() {
            let sides: Vec<f64> = walls.sides().map(|side| side as f64).collect();
            numbers.add_common(&sides);
        }
        if let Some(held) = self.functional.held() {
            let sides: Vec<f64> = held.sides().map(f64::from).collect();
            let nodes = held.nodes();
            numbers.add_common(&sides);
            for list in [&nodes.x, &nodes.w] {
                numbers.add(list);
            }
        }
        if let Some(bounds) = &self.functional.bounds {
            let [lower, upper] = bounds.between();
            let nodes = bounds.nodes();
            for list in [&nodes.x, &nodes.w, lower, upper] {
                numbers.add(list);
            }
        }
        if self.functional.has_constraints() {
            numbers.add_common(&self.functional.integrals.values());
        }
        if let Some(mobility) = self.functional.mobility() {
            let depends = mobility.depends();
            let flags = [depends.value, depends.time].map(|flag| f64::from(u8::from(flag)));
            numbers.add_common(&flags);
        }
        self.check.add_to(numbers);
        if let Some(boundary) = &self.boundary {
            for list in [&boundary.x, &boundary.normal, &boundary.w] {
                numbers.add(list);
            }
            if self.given.boundary {
                let sides: Vec<f64> = boundary.side.iter().map(|side| f64::from(*side)).collect();
                numbers.add(&sides);
            }
        }
    }

    fn add_problem(&self, numbers: &mut Numbers) {
        let functional = &self.functional;
        let walls = functional.walls();
        let walls = walls.map_or_else(Vec::new, |it| it.sides().map(|side| side as f64).collect());
        let held = functional.held();
        let held = held.map_or_else(Vec::new, |it| it.sides().map(f64::from).collect());
        let flag = |is: bool| f64::from(u8::from(is));
        numbers.add(&walls);
        numbers.add(&held);
        numbers.add(&[flag(functional.bounds.is_some())]);
        numbers.add(&functional.integrals.values());
        match functional.mobility() {
            Some(mobility) => {
                let depends = mobility.depends();
                numbers.add(&[depends.value, depends.time].map(flag));
            }
            None => numbers.add(&[]),
        }
    }

    fn other_nodes(&self) -> &'static str {
        "the nodes differ from those of the run that wrote the snapshot: set the nodes, the boundary, the \
         inside function, the values on the boundary, the mobility, bounds and held integrals first, as they were then"
    }

    fn save(&self, into: &mut Section) {
        let Normalized { offset, size } = self.functional.units();
        let offsets = &offset[..self.components()];
        into.set_list(UNITS, [offsets, &[size]].concat());
        if self.functional.outputs_only() {
            into.set_counts(FEATURES, [self.features() as u64]);
            if let Some(lattice) = &self.lattice {
                into.set_counts(LATTICE, lattice.spacings().iter().map(|n| *n as u64));
            }
            if let Some(waves) = &self.waves {
                into.set_counts(WAVES, waves.harmonics().iter().map(|n| *n as u64));
            }
            into.set_list(MISSED, [self.missed]);
        }
    }

    fn resume(&mut self, cx: &Context, saved: &Section, _refinements: u64) -> Result<Minimizer> {
        self.take(cx, Capacity::saved(cx, &self.domain, saved)?)?;
        // The first snapshots have none: u was the network.
        let units = match saved.has(UNITS) {
            true => {
                let list = saved.get_list(UNITS)?;
                let c = self.components();
                let (Some(size), true) = (list.last(), list.len() == 1 + c) else {
                    let given = format!("a list of {}", list.len());
                    return Err(saved.refused(UNITS, &given, &format!("a list of {}", 1 + c)));
                };
                let mut units = Normalized {
                    size: *size,
                    ..Normalized::NONE
                };
                units.offset[..c].copy_from_slice(&list[..c]);
                units
            }
            false => Normalized::NONE,
        };
        self.functional.set_units(units);
        if saved.has(MISSED) {
            [self.missed] = saved.get_numbers(MISSED)?;
        }
        Ok(self.minimizer.clone())
    }

    fn export(&self, _cx: &Context, parameters: &[f64], out: &mut Exported) -> Result<()> {
        let Normalized { offset, size } = self.functional.units();
        let (values, parameters) = parameters.split_at(self.functional.on_walls());
        let values = &values[self.functional.places().walls];
        if let Some(walls) = self.functional.walls() {
            export::add_network(out, "", self.network(), parameters);
            walls.export(values, size, out);
            return Ok(());
        }
        let mut parameters = parameters.to_vec();
        self.network()
            .rescale_outputs(&mut parameters, &offset, size);
        export::add_network(out, "", self.network(), &parameters);
        out.notes.push(("kind", "field".to_owned()));
        Ok(())
    }
}
