//! The gradient flow in H^-1 of a field u, `u_t = Laplace dF/du`, which keeps the mean of u: Cahn-Hilliard's
//! equation where F is Ginzburg and Landau's energy.
//!
//! It is the flow of a [field](super::l2) with another metric, `|v|^2 = int |grad psi|^2`, `-Laplace psi = v`,
//! whose psi has no flux through the boundary: natural conditions, or periodic ones.
//!
//! | file | what it has |
//! |---|---|
//! | `modes` | a basis of the changes that keep the mean |
//! | `independent`, `of_ranks` | which features make it, at the nodes of all ranks |
//! | `newton` | Newton's method for a stage of a step |
//! | `stage` | a stage of a step in modes |
//! | `waves`, `spectrum`, `of_waves` | the same of waves of a box, which are orthogonal |

mod independent;
mod modes;
mod newton;
mod of_ranks;
mod of_waves;
mod spectrum;
mod stage;
mod waves;

use super::factor::Factor;
use super::l2::{L2Flow, NonLocal};
use super::{Centre, Context, Flow, FlowSpec, Frozen, Minimized, Moment, Posed, REST, Turn};
use crate::error::{Error, Result};
use crate::field::{AtNodes, Channels, Field, Jets, Normalized};
use crate::flow::Queries;
use crate::linear_algebra::dot;
use crate::minimize::{Stop, Watch};
use crate::objective::{Densities, Order};
use crate::quadrature::Nodes;
use modes::Modes;
use stage::{Stage, derivative, image};
use std::fmt::{self, Debug, Formatter};
use std::sync::{Arc, Mutex, PoisonError};

/// The row of the registry.
pub static SPEC: FlowSpec = FlowSpec {
    name: "h-1",
    transport: "map",
    initial: "a function, values or a closed form",
    create: |cx, domain| {
        let metric: Box<dyn NonLocal> = Box::new(HMinusOne::default());
        Ok(Box::new(L2Flow::in_metric(cx, domain, Some(metric))?))
    },
};

/// Nodes for each feature: modes are as fine as features can make them.
const NODES: usize = 5;

/// Modes that are kept.
const KEPT: usize = 2;

/// The part of what varies in a field that is none of its modes by rounding, and the part of u_0 that a step should
/// be able to make.
const ROUNDING: f64 = 1e-6;
const MATTERS: f64 = 1e-4;

/// The metric of H^-1 for changes of mean zero.
#[derive(Default)]
pub struct HMinusOne {
    /// The modes of the nodes and the features that were asked for last.
    kept: Mutex<Vec<Arc<Modes>>>,
    /// The last factor of a step.
    factor: Mutex<Option<OfStep>>,
}

/// A factor, and the step whose stages it serves: of an earlier one nothing is taken, so that a restart makes the
/// same.
struct OfStep {
    turn: Turn,
    tau: f64,
    begin: f64,
    factor: Option<Factor>,
}

impl HMinusOne {
    /// The factor that a stage may begin with.
    fn known(&self, posed: &Posed<'_>) -> OfStep {
        let mut kept = self.factor.lock().unwrap_or_else(PoisonError::into_inner);
        let Moment { begin, tau, stage } = posed.moment;
        let of = |it: &OfStep| (it.turn, it.tau, it.begin) == (posed.turn, tau, begin);
        kept.take()
            .filter(|it| stage > 0 && of(it))
            .unwrap_or(OfStep {
                turn: posed.turn,
                tau,
                begin,
                factor: None,
            })
    }

    /// The modes of a field in these units, whose first parameters stay as they are, at nodes.
    fn modes(
        &self,
        cx: &Context,
        of: (&Field, Normalized),
        (still, nodes): (&[f64], &Nodes),
        thorough: bool,
    ) -> Result<Arc<Modes>> {
        let fingerprint = modes::fingerprint(of.1, still, nodes, thorough);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = kept.iter().find(|modes| modes.are(fingerprint)) {
            return Ok(Arc::clone(found));
        }
        let made = Arc::new(Modes::new(cx, of, (still, nodes), thorough)?);
        log::debug!("{} modes of {} features", made.rank(), made.features());
        kept.insert(0, Arc::clone(&made));
        kept.truncate(KEPT);
        Ok(made)
    }

    /// The modes that make a field of these parameters but for a part, at nodes, and its values there: those that others hardly make only
    /// where it has any of them, as they bring noise to fields that do without.
    fn modes_for(
        &self,
        flow: &L2Flow,
        cx: &Context,
        of: (&Field, Normalized),
        (parameters, nodes): (&[f64], &Nodes),
        part: f64,
    ) -> Result<(Arc<Modes>, Vec<f64>)> {
        let still = &parameters[..flow.frozen()];
        let modes = self.modes(cx, of, (still, nodes), false)?;
        let mut jets = Jets::default();
        let at = AtNodes::new(of.0, &cx.pool, nodes.x.as_slice());
        at.jets(parameters, Channels::Value, &mut jets)?;
        let modes = match modes.missed(&cx.pool, &jets.value)? > part {
            true => self.modes(cx, of, (still, nodes), true)?,
            false => modes,
        };
        Ok((modes, jets.value))
    }

    /// The modes of a flow's field in a state, at nodes, and its values there.
    fn modes_of(
        &self,
        flow: &L2Flow,
        cx: &Context,
        state: &[f64],
        nodes: &Nodes,
    ) -> Result<(Arc<Modes>, Vec<f64>)> {
        let functional = flow.functional();
        let of = (functional.field(), functional.units());
        self.modes_for(flow, cx, of, (state, nodes), ROUNDING)
    }
}

impl NonLocal for HMinusOne {
    fn boxed_clone(&self) -> Box<dyn NonLocal> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        Box::new(Self {
            kept: Mutex::new(kept.clone()),
            factor: Mutex::default(),
        })
    }

    fn spec(&self) -> &'static FlowSpec {
        &SPEC
    }

    fn nodes_per_feature(&self) -> usize {
        NODES
    }

    fn project(
        &self,
        flow: &L2Flow,
        cx: &Context,
        of: (&Field, Normalized),
        parameters: &mut Vec<f64>,
    ) -> Result<()> {
        if flow.waves().is_some() {
            waves::project(flow, parameters);
            return Ok(());
        }
        let nodes = flow.nodes(cx, Turn::default())?;
        let (modes, u) = self.modes_for(flow, cx, of, (parameters, &nodes), MATTERS)?;
        let (mean, parts) = (modes.mean(&cx.pool, &u)?, modes.parts(&cx.pool, &u)?);
        parameters.truncate(flow.frozen());
        parameters.append(&mut modes.coefficients(mean, &parts));
        Ok(())
    }

    fn minimize(
        &self,
        flow: &L2Flow,
        posed: &Posed<'_>,
        guesses: Vec<Vec<f64>>,
        stop: &Stop,
        watch: &mut Watch<'_>,
    ) -> Result<Minimized> {
        if let Some(waves) = flow.waves() {
            let rest = self.rest(flow)?;
            return waves::minimize(flow, waves, posed, guesses, rest, (stop, watch));
        }
        let Posed {
            cx,
            nodes,
            centre,
            before,
            ..
        } = *posed;
        let (modes, u) = self.modes_of(flow, cx, before, nodes)?;
        let functional = flow.functional();
        let still = at_rest(&centre.values);
        let integrand = functional.without_movement(cx, nodes, &still)?;
        let values = |state: &[f64]| functional.values(&cx.pool, &nodes.x, state);
        let mean = modes.mean(&cx.pool, &u)?;
        let guesses = guesses
            .iter()
            .map(|guess| modes.parts(&cx.pool, &values(guess)?));
        let guesses = guesses.collect::<Result<Vec<_>>>()?;
        let metric = modes.metric(&cx.pool, centre.weights.as_deref())?;
        let mut known = self.known(posed);
        let mut stage = Stage {
            cx,
            modes: &modes,
            nodes: nodes.view(),
            functional: &integrand,
            mean,
            metric: &metric,
            centre: modes.parts(&cx.pool, &centre.values)?,
            strength: centre.strength,
            rest: self.rest(flow)?,
            known: known.factor.take(),
        };
        let solved = newton::minimize(&mut stage, guesses, (stop, watch))?;
        known.factor = stage.known;
        *self.factor.lock().unwrap_or_else(PoisonError::into_inner) = Some(known);
        let mut parameters = before[..flow.frozen()].to_vec();
        parameters.append(&mut modes.coefficients(mean, &solved.unknowns));
        let left = mean - modes.mean(&cx.pool, &values(&parameters)?)?;
        modes.add_constant(left, &mut parameters);
        Ok(Minimized {
            parameters,
            outcome: solved.outcome,
            scale: solved.scale,
        })
    }

    fn distance(
        &self,
        flow: &L2Flow,
        cx: &Context,
        frozen: Option<&Frozen<'_>>,
        [before, after]: [&[f64]; 2],
    ) -> Result<f64> {
        if let Some(waves) = flow.waves() {
            return waves::distance(flow, waves, cx, frozen, [before, after]);
        }
        let nodes = flow.nodes(cx, Turn::default())?;
        let (modes, u) = self.modes_of(flow, cx, after, &nodes)?;
        let functional = flow.functional();
        let then = functional.values(&cx.pool, &nodes.x, before)?;
        let pairs = u.into_iter().zip(then);
        let parts = modes.parts(&cx.pool, &pairs.map(|(a, b)| a - b).collect::<Vec<_>>())?;
        let weights = match frozen {
            Some(of) => functional.weights(cx, &nodes, of)?,
            None => None,
        };
        let metric = modes.metric(&cx.pool, weights.as_deref())?;
        Ok(dot(&parts, &image(&metric, &parts)).sqrt())
    }

    fn rest(&self, flow: &L2Flow) -> Result<f64> {
        // In this norm functions weigh by the lengths of their waves.
        let domain = flow.domain();
        let longest = domain.sides().fold(0.0_f64, f64::max);
        let least = REST * flow.functional().units().size * longest;
        Ok(0.5 * least * least * domain.volume())
    }

    fn rates(
        &self,
        flow: &L2Flow,
        cx: &Context,
        parameters: &[f64],
        x: &[f64],
    ) -> Result<Vec<f64>> {
        if !cx.ranks().are_alone() {
            return Err(on_ranks());
        }
        if let Some(waves) = flow.waves() {
            return waves::rates(flow, waves, cx, parameters, x);
        }
        let nodes = flow.nodes(cx, Turn::default())?;
        let (modes, _) = self.modes_of(flow, cx, parameters, &nodes)?;
        let functional = flow.functional();
        let mut jets = Jets::default();
        let at = AtNodes::new(functional.field(), &cx.pool, nodes.x.as_slice());
        at.jets(parameters, Channels::First, &mut jets)?;
        let still = at_rest(&jets.value);
        let integrand = functional.without_movement(cx, &nodes, &still)?;
        let mut densities = Densities::default();
        let at = (&jets, modes.shape());
        let done = densities.evaluate(&cx.pool, &integrand, &nodes.x, at, Order::First);
        cx.ranks().settle(done)?;
        let slopes = derivative(&cx.pool, &modes, &nodes.w, &densities)?;
        // The parts of the gradient: those of the derivative times int grad f . grad g.
        let of = Frozen {
            time: cx.time,
            parameters,
        };
        let weights = functional.weights(cx, &nodes, &of)?;
        let stiffness = modes.stiffness(&cx.pool, weights.as_deref())?;
        let mut change = modes.in_features(&image(&stiffness, &slopes));
        change.iter_mut().for_each(|c| *c = -*c);
        Ok(evaluated(flow, cx, parameters, &change, x))
    }
}

/// A proximal centre at these values that nothing is pulled to.
fn at_rest(values: &[f64]) -> Centre {
    Centre {
        values: values.to_vec(),
        ..Centre::default()
    }
}

/// The function of these coefficients of the features of a state, at points.
fn evaluated(
    flow: &L2Flow,
    cx: &Context,
    state: &[f64],
    coefficients: &[f64],
    x: &[f64],
) -> Vec<f64> {
    let functional = flow.functional();
    let state = [&state[..flow.frozen()], coefficients].concat();
    let mut values = vec![0.0; x.len() / flow.domain().dimension()];
    let field = functional.field();
    field.evaluate(&cx.pool, &state, x, &mut values, None);
    let [offset, ..] = functional.units().offset;
    values.iter_mut().for_each(|value| *value -= offset);
    values
}

/// The refusal of du/dt on several ranks: looking at a field is no collective call, and what drives it is one of all.
fn on_ranks() -> Error {
    Error::state(
        "with `flow` = h-1 du/dt is not known on several ranks, each of which has a part of the nodes; accepted is one",
    )
}

impl Debug for HMinusOne {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("HMinusOne").finish_non_exhaustive()
    }
}
