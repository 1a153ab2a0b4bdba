//! Another field from the host between two steps: the change of the present one is fitted, not the field.
//!
//! Of random features this is one linear least squares with the features at hand, whose matrix depends on
//! the points alone and is kept; a whole network is fitted anew from its present parameters.

use super::L2Flow;
use super::fit::Target;
use super::fit_data::{Data, root_mean_square, units};
use super::fitting::Start;
use super::growth::WORTH;
use crate::arguments::{check_length, check_points};
use crate::error::{Error, ErrorKind, Result};
use crate::field::Normalized;
use crate::flow::{Beginning, Context, Eulerian, Flow, HandOver, NewField, Queries, State, Turn};
use crate::initial::{self, Initial};
use crate::minimize::{GaussNewton, Minimizer, Watch};
use crate::quadrature::Nodes;
use crate::report::{FitReport, HandOverReport};
use std::sync::Arc;
use std::time::Instant;

/// One of so many points is held out to measure by, at irregular distances: on a host's grid every
/// eighth may be a whole line.
const HELD_OUT: f64 = 1.0 / 8.0;

/// The golden section, whose multiples are irregular.
const GOLDEN: f64 = 0.618_033_988_749_894_9;

/// The units of u stay while its size is within this ratio of theirs.
const MOST_RATIO: f64 = 2.0;

/// More features are tried again when an error is so many times what they did not lessen.
const WORSE: f64 = 2.0;

/// A whole network is fitted to no less than the error of the initial fit, or this part of the change, and
/// in at most so many iterations.
const OF_CHANGE: f64 = 1e-3;
const ITERATIONS: u64 = 40;

/// The least squares of a hand-over, for the next at the same points.
pub(super) struct Prepared {
    nodes: Nodes,
    /// The features, and the units of u.
    frozen: Vec<f64>,
    size: f64,
    minimizer: GaussNewton,
}

impl Prepared {
    fn is_of(&self, nodes: &Nodes, frozen: &[f64], size: f64) -> bool {
        self.size == size
            && self.nodes.x == nodes.x
            && self.nodes.w == nodes.w
            && self.frozen == frozen
    }
}

/// A new field at nodes and at independent points, where `before` is the present one.
struct Change {
    /// The new field.
    data: Data,
    before: Vec<f64>,
    before_check: Vec<f64>,
}

impl Eulerian for L2Flow {
    fn handed_over(
        &self,
        cx: &Context,
        state: &mut State,
        given: HandOver<'_>,
        watch: &mut Watch<'_>,
    ) -> Result<Box<dyn Flow>> {
        Ok(Box::new(self.taking_over(cx, state, given, watch)?))
    }

    fn with_parameters(&self, state: &mut State, parameters: &[f64]) -> Result<Box<dyn Flow>> {
        state.reparametrize(parameters.to_vec(), self.minimizer.clone());
        Ok(self.boxed_clone())
    }

    fn rates(&self, cx: &Context, parameters: &[f64], x: &[f64]) -> Result<Vec<f64>> {
        match &self.non_local {
            Some(metric) => metric.rates(self, cx, parameters, x),
            None => self.rate_at(cx, parameters, x),
        }
    }
}

impl L2Flow {
    fn taking_over(
        &self,
        cx: &Context,
        state: &mut State,
        mut given: HandOver<'_>,
        watch: &mut Watch<'_>,
    ) -> Result<Self> {
        let start = Instant::now();
        let change = self.gather(cx, state, &mut given);
        let change = cx.ranks().settle(change)?;
        let mut flow = self.clone();
        let (on_walls, parameters) = state.parameters.split_at(self.functional.on_walls());
        let mut parameters = parameters.to_vec();
        let units = self.units_for(cx, &change)?;
        flow.reframe(units, &mut parameters);
        let fitted = match self.functional.outputs_only() {
            true => flow.fit_change(cx, &change, (on_walls, parameters), watch),
            false => {
                let before = state.fit.relative_error;
                flow.fit_warm(cx, &change, (on_walls, parameters), before, watch)
            }
        };
        let mut fitted = cx.ranks().settle(fitted)?;
        fitted.parameters.splice(0..0, on_walls.iter().copied());
        let mut is_anew = !self.functional.outputs_only() || units != self.functional.units();
        let mut in_vain = state.hand_over.in_vain;
        if let Some((grown, other)) =
            self.fit_anew(cx, state, &mut given, &flow, &fitted.fit, watch)?
        {
            let enough = flow.worth(cx, &fitted.fit);
            if other.fit.relative_error <= enough {
                (flow, fitted) = (grown, other);
                (is_anew, in_vain) = (true, 0.0);
                state.refinements = 0;
            } else {
                in_vain = fitted.fit.relative_error;
            }
        }
        let FitReport {
            relative_error,
            iterations,
            ..
        } = fitted.fit;
        let accept = cx.settings.fit.fit_accept;
        if relative_error > accept {
            return Err(self.refused(&given, relative_error, accept));
        }
        let moved = flow.moved(cx, &change)?;
        if is_anew {
            state.reparametrize(fitted.parameters, fitted.minimizer);
        } else {
            // The same combinations of the same features: what was learnt about them still holds.
            state.parameters = fitted.parameters;
            state.observed = None;
        }
        state.hand_over = HandOverReport {
            count: state.hand_over.count + 1,
            step: state.step,
            relative_error,
            change: moved,
            iterations,
            in_vain,
            seconds: start.elapsed().as_secs_f64(),
        };
        log::debug!(
            "hand-over {} at t = {:e}: relative error {relative_error:.2e}, {iterations} iterations",
            state.hand_over.count,
            state.time
        );
        Ok(flow)
    }

    fn refused(&self, given: &HandOver<'_>, error: f64, accept: f64) -> Error {
        let advice = match self.functional.outputs_only() {
            true => "a larger `hidden` with `training` = outputs",
            false => "a wider `hidden` or a larger `fit_max_iterations`",
        };
        Error::new(
            ErrorKind::NotConverged,
            format!(
                "{} is met with relative error {error:.1e} at independent points; option `fit_accept` is \
                 {accept:e}: use {advice}",
                given.noun()
            ),
        )
    }

    /// The new field and the present one, at the host's points or at nodes of the flow's own.
    fn gather(&self, cx: &Context, state: &State, given: &mut HandOver<'_>) -> Result<Change> {
        let (c, d) = (self.components(), self.domain.dimension());
        let present = |x: &[f64]| self.functional.values(&cx.pool, x, &state.parameters);
        let mut change = match &mut given.field {
            NewField::Values { x, values } => {
                let data = self.scattered(cx, x, values)?;
                Change {
                    before: present(&data.nodes.x)?,
                    before_check: present(&data.check.x)?,
                    data,
                }
            }
            NewField::Function(function) => {
                let turn = Turn {
                    step: state.step + 1,
                    attempt: 0,
                };
                let (nodes, check) = (self.nodes(cx, turn)?, self.check.clone());
                let before = present(&nodes.x)?;
                let before_check = present(&check.x)?;
                let mut ask = |nodes: &Nodes, u: &[f64]| -> Result<Vec<f64>> {
                    let mut values = vec![0.0; nodes.len() * c];
                    // Of few nodes a rank may have none.
                    if !nodes.is_empty() {
                        function(&nodes.x, u, &mut values)?;
                    }
                    initial::check_finite("hand-over: the value", &values, &nodes.x, d)?;
                    Ok(values)
                };
                let target = Target {
                    components: c,
                    u: ask(&nodes, &before)?,
                    grad: Vec::new(),
                };
                Change {
                    data: Data {
                        check_values: ask(&check, &before_check)?,
                        target,
                        has_gradient: false,
                        nodes,
                        check,
                    },
                    before,
                    before_check,
                }
            }
        };
        if given.is_increment {
            add(&mut change.data.target.u, &change.before);
            add(&mut change.data.check_values, &change.before_check);
        }
        Ok(change)
    }

    /// Values at points of the host, some of them held out; each rank has its own.
    fn scattered(&self, cx: &Context, x: &[f64], values: &[f64]) -> Result<Data> {
        let (c, d) = (self.components(), self.domain.dimension());
        let n = check_points("x", x, d)?;
        check_length("values", values.len(), n * c)?;
        check_points("values", values, c)?;
        self.domain.check_inside(x)?;
        let mut data = Data::default();
        data.target.components = c;
        for (index, (x, value)) in x.chunks_exact(d).zip(values.chunks_exact(c)).enumerate() {
            if ((index + 1) as f64 * GOLDEN).fract() < HELD_OUT {
                data.check.x.extend_from_slice(x);
                data.check_values.extend_from_slice(value);
            } else {
                data.nodes.x.extend_from_slice(x);
                data.target.u.extend_from_slice(value);
            }
        }
        let own = [data.target.u.len() / c, data.check_values.len() / c];
        let mut total = own.map(|n| n as f64);
        cx.ranks().sum(Ok(()), &mut total)?;
        let [fitted, checks] = total;
        self.check_equations(fitted + checks, fitted * c as f64)?;
        let volume = self.domain.volume();
        data.nodes.w = vec![volume / fitted.max(1.0); own[0]];
        data.check.w = vec![volume / checks.max(1.0); own[1]];
        Ok(data)
    }

    /// The change of the field relative to its size.
    fn moved(&self, cx: &Context, change: &Change) -> Result<f64> {
        let moved = difference(&change.data.check_values, &change.before_check);
        Ok(root_mean_square(cx, &change.data.check, &moved)? / self.functional.units().size)
    }

    /// The units of u: those that it has, unless the new field has outgrown them.
    fn units_for(&self, cx: &Context, change: &Change) -> Result<Normalized> {
        let (had, new) = (
            self.functional.units(),
            units(cx, &change.data, |_| Ok(0.0))?,
        );
        // With values on walls they are those of the distance from a lift.
        if self.functional.walls().is_some() {
            return Ok(had);
        }
        let ratio = new.size / had.size;
        let fits = (MOST_RATIO.recip()..=MOST_RATIO).contains(&ratio)
            && new
                .offset
                .iter()
                .zip(had.offset)
                .all(|(new, had_offset)| (new - had_offset).abs() <= had.size);
        Ok(if fits { had } else { new })
    }

    /// Takes other units of u, in which `parameters` are then those of the same field.
    fn reframe(&mut self, units: Normalized, parameters: &mut [f64]) {
        let had = self.functional.units();
        if units == had {
            return;
        }
        let pairs = had.offset.iter().zip(units.offset);
        let offsets: Vec<f64> = pairs.map(|(had, new)| (had - new) / units.size).collect();
        self.network()
            .rescale_outputs(parameters, &offsets, had.size / units.size);
        self.functional.set_units(units);
    }

    /// The least squares of the change by the features at hand.
    fn fit_change(
        &mut self,
        cx: &Context,
        change: &Change,
        (on_walls, mut parameters): (&[f64], Vec<f64>),
        watch: &mut Watch<'_>,
    ) -> Result<Beginning> {
        let units = Normalized {
            size: self.functional.units().size,
            ..Normalized::NONE
        };
        // A change is 0 on walls.
        let none = vec![0.0; on_walls.len()];
        let field = self.functional.with_values(&none, units).into_owned();
        let (given, frozen) = (&change.data, self.functional.frozen());
        let data = Data {
            target: Target {
                components: self.components(),
                u: difference(&given.target.u, &change.before),
                grad: Vec::new(),
            },
            check_values: difference(&given.check_values, &change.before_check),
            nodes: given.nodes.clone(),
            check: given.check.clone(),
            has_gradient: false,
        };
        let (still, outputs) = parameters.split_at(frozen);
        let kept = self.prepared.clone();
        let kept = kept.filter(|it| it.is_of(&data.nodes, still, units.size));
        // On all ranks or on none.
        let lacking = cx.ranks().counts(usize::from(kept.is_none()))?;
        let kept = kept.filter(|_| lacking.iter().all(|count| *count == 0));
        let is_kept = kept.is_some();
        let mut prepared = kept.map(|it| it.minimizer.clone());
        let mut minimizer = self.minimizer.clone();
        if let Minimizer::GaussNewton(it) = &mut minimizer {
            it.restart_linear();
        }
        let start = Start {
            parameters: [still, &vec![0.0; outputs.len()]].concat(),
            minimizer,
            prepared: Some(&mut prepared),
        };
        let fitted = self.minimize_fit(cx, (&field, units), &data, start, watch)?;
        if let Some(minimizer) = prepared.filter(|_| !is_kept) {
            self.prepared = Some(Arc::new(Prepared {
                frozen: still.to_vec(),
                size: units.size,
                nodes: data.nodes,
                minimizer,
            }));
        }
        add(&mut parameters[frozen..], &fitted.parameters[frozen..]);
        Ok(Beginning {
            parameters,
            ..fitted
        })
    }

    /// The fit of a whole network from its present parameters.
    fn fit_warm(
        &self,
        cx: &Context,
        change: &Change,
        (on_walls, parameters): (&[f64], Vec<f64>),
        before: f64,
        watch: &mut Watch<'_>,
    ) -> Result<Beginning> {
        let mut minimizer = self.minimizer.clone();
        if let Minimizer::GaussNewton(it) = &mut minimizer {
            it.restart_near(cx.tolerance());
        }
        let start = Start {
            parameters,
            minimizer,
            prepared: None,
        };
        let units = self.functional.units();
        let field = &*self.functional.with_values(on_walls, units);
        let moved = self.moved(cx, change)?;
        let ends = (before.max(OF_CHANGE * moved), ITERATIONS);
        self.minimize_fit_to(cx, (field, units), &change.data, start, ends, watch)
    }

    /// A fit of the new field by more features, or by a network with other weights, where that is called
    /// for.
    fn fit_anew(
        &self,
        cx: &Context,
        state: &State,
        given: &mut HandOver<'_>,
        flow: &Self,
        fitted: &FitReport,
        watch: &mut Watch<'_>,
    ) -> Result<Option<(Self, Beginning)>> {
        let error = fitted.relative_error;
        let is_increment = given.is_increment;
        let values;
        let mut field;
        let mut initial = match &mut given.field {
            NewField::Values { x, values: of } => {
                let mut u = of.to_vec();
                if is_increment {
                    add(
                        &mut u,
                        &self.functional.values(&cx.pool, x, &state.parameters)?,
                    );
                }
                values = u;
                Initial::Values {
                    x,
                    u: &values,
                    grad: None,
                }
            }
            NewField::Function(function) => {
                field = |x: &[f64], u: &mut [f64], _: Option<&mut [f64]>| -> Result<()> {
                    let before = self.functional.values(&cx.pool, x, &state.parameters)?;
                    function(x, &before, u)?;
                    if is_increment {
                        add(u, &before);
                    }
                    Ok(())
                };
                Initial::Function {
                    field: &mut field,
                    has_gradient: false,
                }
            }
        };
        let other = if self.functional.outputs_only() {
            let tried = WORSE * state.hand_over.in_vain;
            match error > flow.good_enough(cx, true).max(tried) {
                true => flow.grown(cx, &initial)?,
                false => None,
            }
        } else {
            (error > cx.settings.fit.fit_accept).then(|| flow.clone())
        };
        let Some(mut other) = other else {
            return Ok(None);
        };
        let fitted = other.fit(cx, initial.again(), cx.time, watch)?;
        Ok(Some((other, fitted)))
    }

    /// The error of a fit anew that makes up for what it costs: any that is less, of a fit that is refused.
    fn worth(&self, cx: &Context, fitted: &FitReport) -> f64 {
        let error = fitted.relative_error;
        if error > cx.settings.fit.fit_accept {
            error
        } else {
            error / WORTH
        }
    }
}

fn difference(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

fn add(to: &mut [f64], other: &[f64]) {
    to.iter_mut().zip(other).for_each(|(a, b)| *a += b);
}
