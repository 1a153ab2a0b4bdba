//! The initial condition: gathering u_0, fitting the network to it, measuring the fit.

use super::L2Flow;
use super::fit::{Fit, Target};
use super::nodes::DETERMINISTIC_CHECK;
use super::rounds::Rounds;
use crate::arguments::{check_length, check_points};
use crate::domain::Domain;
use crate::error::{Error, Result};
use crate::field::{AtNodes, CHUNK, Channels, Field, Jets, Normalized};
use crate::flow::{Beginning, Context, Flow, Turn};
use crate::initial::{self, Initial, Smoothed, closed_form};
use crate::minimize::{GaussNewton, Minimizer, Stop, Watch};
use crate::objective::{OfOutputs, Pointwise, over_lanes};
use crate::options::Settings;
use crate::quadrature::{Nodes, Quadrature, Stream, generator};
use crate::report::FitReport;
use rand::RngExt;

/// One point in so many is held out to measure the fit of values at given points.
const HOLD_OUT: usize = 8;

/// The least standard deviation of u_0, relative to its mean, that is a variation.
const LEAST_VARIATION: f64 = 1e-12;

/// Initial weights that are tried until one leads to an acceptable fit.
const STARTS: u64 = 3;

/// Samples of u_0 to fit, and others to measure the fit on.
#[derive(Default)]
pub(super) struct Data {
    pub nodes: Nodes,
    pub target: Target,
    pub has_gradient: bool,
    pub check: Nodes,
    pub check_values: Vec<f64>,
}

/// Where a fit begins.
pub(super) struct Start<'a> {
    pub parameters: Vec<f64>,
    pub minimizer: Minimizer,
    /// Where to keep the minimiser with the matrix of this objective, which one of the same nodes left.
    pub prepared: Option<&'a mut Option<GaussNewton>>,
}

/// The rule of the nodes on which u_0 is fitted.
pub(super) fn fit_rule(
    settings: &Settings,
    rule: &Quadrature,
    domain: &Domain,
) -> Result<Quadrature> {
    match settings.discretization.fit_nodes {
        None => Ok(rule.clone()),
        Some(nodes) => rule.resized("fit_nodes", nodes.get(), domain),
    }
}

impl L2Flow {
    /// Fits the network to u_0 at a time, in units of u_0's own, which are those of the flow from then on.
    pub(super) fn fit(
        &mut self,
        cx: &Context,
        initial: Initial<'_>,
        time: f64,
        watch: &mut Watch<'_>,
    ) -> Result<Beginning> {
        let fit = cx
            .ranks()
            .settle(self.fit_in_units(cx, initial, time, watch));
        let (beginning, units) = fit?;
        self.functional.set_units(units);
        Ok(beginning)
    }

    fn fit_in_units(
        &self,
        cx: &Context,
        initial: Initial<'_>,
        time: f64,
        watch: &mut Watch<'_>,
    ) -> Result<(Beginning, Normalized)> {
        let data = match initial {
            Initial::Named(name) => {
                let form = closed_form::named(name, self.domain.dimension())?;
                let d = form.dimension;
                let mut field = |x: &[f64], u: &mut [f64], mut grad: Option<&mut [f64]>| {
                    for (node, (x, u)) in x.chunks_exact(d).zip(u).enumerate() {
                        let grad = grad
                            .as_mut()
                            .and_then(|g| g.get_mut(node * d..(node + 1) * d));
                        *u = form.evaluate(x, |_| 1.0, grad);
                    }
                    Ok(())
                };
                self.sample(cx, &mut field, true)?
            }
            Initial::Function {
                field,
                has_gradient,
            } => self.sample(cx, field, has_gradient)?,
            Initial::Density(_) => return Err(self.no_use_for("a density of mass 1")),
            Initial::Values { x, u, grad } => {
                if cx.settings.discretization.initial_smoothing.is_some() {
                    return Err(Error::option(
                        "option `initial_smoothing` needs u_0 as a function; for values at points \
                         accepted is 0",
                    ));
                }
                self.hold_out(cx, x, u, grad)?
            }
        };
        let accept = cx.settings.fit.fit_accept;
        let mut units = units(cx, &data)?;
        let walls = self.functional.walls();
        let values = walls.map(|walls| walls.at(cx.ranks(), time)).transpose()?;
        let values = values.unwrap_or_default();
        if let Some(walls) = walls {
            let lift = walls.ansatz(&values, 1.0);
            let distance = distance_from(cx, &data, |x| lift.lift(x))?;
            units.size = units.size.max(distance);
        }
        let field = self.functional.with_values(&values, units);
        let field = &*field;
        let drawn = |attempt| self.drawn(cx, field, attempt);
        let mut best = self.minimize_fit(cx, (field, units), &data, drawn(0)?, watch)?;
        // Other random features are as good as these.
        let starts = match self.functional.outputs_only() {
            true => 1,
            false => STARTS,
        };
        for attempt in 1..starts {
            if best.fit.relative_error <= accept {
                break;
            }
            let start = drawn(attempt)?;
            let other = self.minimize_fit(cx, (field, units), &data, start, watch)?;
            let iterations = best.fit.iterations + other.fit.iterations;
            if other.fit.relative_error < best.fit.relative_error {
                best = other;
            }
            best.fit.iterations = iterations;
        }
        best.parameters.splice(0..0, values);
        Ok((best, units))
    }

    /// Nodes of the fit: the host's, or those of the rule of the option `fit_nodes`.
    fn fit_nodes(&self, cx: &Context) -> Result<Nodes> {
        if self.given.nodes || cx.settings.discretization.fit_nodes.is_none() {
            return Ok(self.nodes(cx, Turn::default())?.of_the_domain());
        }
        let mut rng = generator(cx.seed(), Stream::Nodes, 0, 0);
        let rule = fit_rule(&cx.settings, &self.quadrature, &self.domain)?;
        Ok(cx.own(rule.nodes(&self.domain, &mut rng)?))
    }

    /// u_0 on the fit's nodes and on the independent ones.
    fn sample(
        &self,
        cx: &Context,
        field: &mut initial::Field<'_>,
        has_gradient: bool,
    ) -> Result<Data> {
        let d = self.domain.dimension();
        let nodes = self.fit_nodes(cx)?;
        let width = cx.settings.discretization.initial_smoothing;
        let smoothed = width.map(|width| Smoothed::new(&self.domain, width, field));
        let smoothed = smoothed.transpose()?;
        let mut smooth = |x: &[f64], u: &mut [f64], grad: Option<&mut [f64]>| {
            if let Some(smoothed) = &smoothed {
                smoothed.evaluate(x, u, grad);
            }
            Ok(())
        };
        let (field, has_gradient): (&mut initial::Field<'_>, bool) = match &smoothed {
            Some(_) => (&mut smooth, true),
            None => (field, has_gradient),
        };
        let mut target = Target {
            u: vec![0.0; nodes.len()],
            grad: vec![0.0; if has_gradient { nodes.len() * d } else { 0 }],
        };
        // Of few nodes a rank may have none.
        if !nodes.is_empty() {
            let grad = has_gradient.then_some(target.grad.as_mut_slice());
            field(&nodes.x, &mut target.u, grad)?;
        }
        initial::check_values("u_0", &target.u, &nodes.x, d)?;
        initial::check_values("grad u_0", &target.grad, &nodes.x, d)?;
        let check = self.check.clone();
        let mut check_values = vec![0.0; check.len()];
        if !check.is_empty() {
            field(&check.x, &mut check_values, None)?;
        }
        initial::check_values("u_0", &check_values, &check.x, d)?;
        Ok(Data {
            nodes,
            target,
            has_gradient,
            check,
            check_values,
        })
    }

    /// Values at given points, some of them held out; each rank has its own.
    fn hold_out(&self, cx: &Context, x: &[f64], u: &[f64], grad: Option<&[f64]>) -> Result<Data> {
        let d = self.domain.dimension();
        let n = check_points("x", x, d)?;
        check_length("u", u.len(), n)?;
        check_points("u", u, 1)?;
        if let Some(grad) = grad {
            check_length("grad", grad.len(), x.len())?;
            check_points("grad", grad, d)?;
        }
        self.domain.check_inside(x)?;
        let held_out = u.len() / HOLD_OUT;
        let mut total = [u.len() as f64, held_out as f64];
        cx.ranks().sum(Ok(()), &mut total)?;
        let [n, checks] = total;
        self.check_equations(
            n,
            (n - checks) * if grad.is_some() { 1 + d } else { 1 } as f64,
        )?;
        let mut data = Data {
            nodes: Nodes::default(),
            target: Target::default(),
            has_gradient: grad.is_some(),
            check: Nodes::default(),
            check_values: Vec::new(),
        };
        for (index, (x, u)) in x.chunks_exact(d).zip(u).enumerate() {
            if index % HOLD_OUT == HOLD_OUT - 1 {
                data.check.x.extend_from_slice(x);
                data.check_values.push(*u);
            } else {
                data.nodes.x.extend_from_slice(x);
                data.target.u.push(*u);
                if let Some(grad) = grad {
                    data.target
                        .grad
                        .extend_from_slice(&grad[index * d..(index + 1) * d]);
                }
            }
        }
        let volume = self.domain.volume();
        let even = |own: usize, all: f64| vec![volume / all.max(1.0); own];
        data.nodes.w = even(data.target.u.len(), n - checks);
        data.check.w = even(data.check_values.len(), checks);
        Ok(data)
    }

    /// Refuses `n` points of the host that give fewer equations than there are parameters.
    pub(super) fn check_equations(&self, n: f64, equations: f64) -> Result<()> {
        let parameters = self.parameters() - self.frozen();
        if equations >= parameters as f64 {
            return Ok(());
        }
        Err(Error::argument(format!(
            "`n` = {n} points give {equations} equations for the {parameters} parameters of the \
             network; accepted are at least as many: give more points or a smaller `hidden`"
        )))
    }

    /// The initial weights of this attempt.
    fn drawn(&self, cx: &Context, field: &Field, attempt: u64) -> Result<Start<'static>> {
        let mut rng = generator(cx.seed(), Stream::Weights, 0, attempt);
        let outputs_only = self.functional.outputs_only();
        let mut parameters = match outputs_only {
            true => field.network().random_features(&mut rng),
            false => field.network().initialize(&mut rng),
        };
        cx.ranks().agree(Ok(()), &mut parameters)?;
        let mut minimizer = self.minimizer.clone();
        if let (Minimizer::GaussNewton(it), true) = (&mut minimizer, outputs_only) {
            it.restart_linear();
        }
        Ok(Start {
            parameters,
            minimizer,
            prepared: None,
        })
    }

    /// One fit, to the tolerance of fits.
    pub(super) fn minimize_fit(
        &self,
        cx: &Context,
        of: (&Field, Normalized),
        data: &Data,
        start: Start<'_>,
        watch: &mut Watch<'_>,
    ) -> Result<Beginning> {
        self.minimize_fit_to(cx, of, data, start, (0.0, u64::MAX), watch)
    }

    /// One fit, to a tolerance if it is above that of fits, and in so many iterations if they are fewer.
    pub(super) fn minimize_fit_to(
        &self,
        cx: &Context,
        (field, units): (&Field, Normalized),
        data: &Data,
        start: Start<'_>,
        (tolerance, most): (f64, u64),
        watch: &mut Watch<'_>,
    ) -> Result<Beginning> {
        let tolerance = self.fit_tolerance(cx).max(tolerance);
        let ranks = cx.ranks();
        let outputs_only = self.functional.outputs_only();
        let Start {
            mut parameters,
            mut minimizer,
            prepared,
        } = start;
        let directions = self.directions(cx, data)?;
        let fit = data
            .target
            .fit(gradient_weight(cx, units, data)?, &directions);
        let squares = |values: &[f64]| values.iter().map(|v| v * v).sum::<f64>();
        let [volume, nodes, slopes] = ranks.sum_over(data.nodes.len(), CHUNK, |lane| {
            let target = fit.part(lane.clone());
            let w = &data.nodes.w[lane];
            [w.iter().sum(), w.len() as f64, squares(target.grad)]
        })?;
        // The nodes' weights are near enough to even for a stopping rule.
        let slopes = fit.beta * slopes / nodes.max(1.0);
        let norm = volume * (units.size * units.size + slopes);
        let (max_iterations, gain) = match minimizer {
            Minimizer::GaussNewton(_) => (cx.settings.fit.fit_max_iterations, 1e-6),
            Minimizer::Adam(_) => (cx.settings.adam.adam_fit_iterations, 0.0),
        };
        let stop = Stop {
            gain,
            slow: 0.0,
            value: 0.5 * tolerance.powi(2) * norm.max(f64::MIN_POSITIVE),
            max_iterations: most.min(max_iterations),
        };
        let mut watch = |iteration, value: f64| {
            watch(
                iteration,
                (2.0 * value / norm.max(f64::MIN_POSITIVE)).sqrt(),
            )
        };
        let (pool, nodes, precision) = (&cx.pool, data.nodes.view(), cx.precision());
        let frozen = self.functional.frozen();
        let mut moved = parameters.split_off(frozen);
        let all = [&*parameters, &*moved].concat();
        let mut objective = over_lanes(pool, nodes.len(), moved.len(), |lane| {
            let own = Box::new(fit.part(lane.clone()));
            let own = Pointwise::new(field, pool, nodes.part(lane), own).in_precision(precision);
            Ok(match frozen {
                0 => Box::new(own),
                _ => Box::new(OfOutputs::new(Box::new(own), &all, frozen)),
            })
        })?;
        if let (Minimizer::GaussNewton(it), Some(prepared)) = (&mut minimizer, prepared) {
            match prepared {
                Some(prepared) => (**it).clone_from(prepared),
                None => {
                    it.prepare(&mut *objective, &moved)?;
                    *prepared = Some((**it).clone());
                }
            }
        }
        let mut rounds = Rounds::new(&stop, norm);
        let mut relative_error;
        loop {
            let stop = rounds.next(&minimizer);
            let mut watch = |iteration, value| watch(rounds.iterations + iteration, value);
            let outcome =
                minimizer.minimize(&mut *objective, &mut moved, None, &stop, &mut watch)?;
            let all = [&*parameters, &*moved].concat();
            relative_error = self.fit_error(cx, (field, units), data, &all)?;
            if rounds.is_over(&outcome, relative_error, &moved) {
                break;
            }
        }
        drop(objective);
        if let Some((error, best)) = rounds.best(relative_error) {
            (relative_error, moved) = (error, best);
        }
        parameters.append(&mut moved);
        if let Minimizer::GaussNewton(it) = &mut minimizer {
            match outputs_only {
                true => it.restart_linear(),
                false => it.restart_near(cx.tolerance()),
            }
        }
        Ok(Beginning {
            parameters,
            minimizer,
            fit: FitReport {
                relative_error,
                iterations: rounds.iterations,
                seconds: 0.0,
            },
        })
    }

    /// The error of a fit at the independent points, relative to the size of u_0.
    pub(super) fn fit_error(
        &self,
        cx: &Context,
        (field, units): (&Field, Normalized),
        data: &Data,
        parameters: &[f64],
    ) -> Result<f64> {
        let u = self.values_of(cx, field, &data.check.x, parameters)?;
        let pairs = u.iter().zip(&data.check_values);
        let misfit: Vec<f64> = pairs.map(|(u, exact)| u - exact).collect();
        Ok(root_mean_square(cx, &data.check, &misfit)? / units.size)
    }

    /// A field of this network at points; what random features are there is kept.
    fn values_of(
        &self,
        cx: &Context,
        field: &Field,
        x: &[f64],
        parameters: &[f64],
    ) -> Result<Vec<f64>> {
        if self.functional.outputs_only() {
            let mut jets = Jets::default();
            let at = AtNodes::new(field, &cx.pool, x);
            at.jets(parameters, Channels::Value, &mut jets)?;
            return Ok(jets.value);
        }
        let mut u = vec![0.0; x.len() / self.domain.dimension()];
        field.evaluate(&cx.pool, parameters, x, &mut u, None);
        Ok(u)
    }

    /// The tolerance of the fit: that of the option, or the library's own to the part that steps have.
    fn fit_tolerance(&self, cx: &Context) -> f64 {
        match cx.settings.fit.fit_tolerance {
            Some(tolerance) => tolerance,
            None => self.exactness() * cx.fit_tolerance(),
        }
    }

    /// A random direction at each node where whole gradients would make most of the equations.
    fn directions(&self, cx: &Context, data: &Data) -> Result<Vec<f64>> {
        if !data.has_gradient || self.domain.dimension() <= DETERMINISTIC_CHECK {
            return Ok(Vec::new());
        }
        let ranks = cx.ranks();
        let counts = ranks.counts(data.nodes.x.len())?;
        let before = counts.iter().take(ranks.rank()).sum();
        let mut rng = generator(cx.seed(), Stream::Directions, 0, 0);
        let signs = std::iter::repeat_with(|| if rng.random::<bool>() { 1.0 } else { -1.0 });
        Ok(signs.skip(before).take(data.nodes.x.len()).collect())
    }
}

/// The root mean square of values at weighted points.
pub(super) fn root_mean_square(cx: &Context, nodes: &Nodes, values: &[f64]) -> Result<f64> {
    let squares = nodes.w.iter().zip(values).map(|(w, v)| w * v * v);
    let mut sums = [squares.sum(), nodes.w.iter().sum()];
    cx.ranks().sum(Ok(()), &mut sums)?;
    let [square, volume] = sums;
    Ok((square / volume).sqrt())
}

/// The mean of u_0 at the nodes of the fit, and its standard deviation there; of a constant its
/// magnitude.
pub(super) fn units(cx: &Context, data: &Data) -> Result<Normalized> {
    let (target, n) = (data.target.fit(0.0, &[]), data.nodes.len());
    let [sum, count] = cx.ranks().sum_over(n, CHUNK, |lane| {
        let u = target.part(lane).u;
        [u.iter().sum(), u.len() as f64]
    })?;
    let offset = sum / count.max(1.0);
    let [spread] = cx.ranks().sum_over(n, CHUNK, |lane| {
        let u = target.part(lane).u;
        [u.iter().map(|u| (u - offset) * (u - offset)).sum()]
    })?;
    let deviation = (spread / count.max(1.0)).sqrt();
    // A variation that is rounding is none.
    let size = match deviation {
        it if it > LEAST_VARIATION * offset.abs() => it,
        _ if offset != 0.0 => offset.abs(),
        _ => 1.0,
    };
    Ok(Normalized { offset, size })
}

/// The root mean square of what u_0 is off a lift at the nodes of the fit.
fn distance_from(cx: &Context, data: &Data, lift: impl Fn(&[f64]) -> f64) -> Result<f64> {
    let (target, n) = (&data.target.u, data.nodes.len());
    let d = data.nodes.x.len() / n.max(1);
    let [sum, count] = cx.ranks().sum_over(n, CHUNK, |lane| {
        let points = data.nodes.x[lane.start * d..lane.end * d].chunks_exact(d);
        let pairs = points.zip(&target[lane.clone()]);
        [
            pairs.map(|(x, u)| (u - lift(x)).powi(2)).sum(),
            lane.len() as f64,
        ]
    })?;
    Ok((sum / count.max(1.0)).sqrt())
}

/// A squared length that makes gradients weigh about as much as values: values of u_0 vary
/// over `size / |grad u|`.
fn gradient_weight(cx: &Context, units: Normalized, data: &Data) -> Result<f64> {
    let (target, n) = (data.target.fit(0.0, &[]), data.nodes.len());
    let [slope, count] = cx.ranks().sum_over(n, CHUNK, |lane| {
        let Fit { u, grad, .. } = target.part(lane);
        [grad.iter().map(|g| g * g).sum(), u.len() as f64]
    })?;
    let square = units.size * units.size;
    Ok(if slope > 0.0 {
        square * count / slope
    } else {
        0.0
    })
}
