//! The initial condition: gathering u_0, fitting the network to it, measuring the fit.

use super::L2Flow;
use super::fit::{Fit, Target};
use super::nodes::DETERMINISTIC_CHECK;
use crate::arguments::{check_length, check_points};
use crate::domain::Domain;
use crate::error::{Error, ErrorKind, Result};
use crate::field::CHUNK;
use crate::flow::{Beginning, Context, Flow, Turn};
use crate::initial::{self, Field, Initial, Smoothed, closed_form};
use crate::minimize::{Minimizer, Stop, Watch};
use crate::objective::{Pointwise, over_lanes};
use crate::options::Settings;
use crate::quadrature::{Nodes, Quadrature, Stream, generator};
use crate::report::FitReport;
use rand::RngExt;
use std::time::Instant;

/// One point in so many is held out to measure the fit of values at given points.
const HOLD_OUT: usize = 8;

/// Initial weights that are tried until one leads to an acceptable fit.
const STARTS: u64 = 3;

/// Samples of u_0 to fit, and others to measure the fit on.
struct Data {
    nodes: Nodes,
    target: Target,
    has_gradient: bool,
    check: Nodes,
    check_values: Vec<f64>,
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
    /// Fits the network to u_0.
    pub(super) fn fit(
        &self,
        cx: &Context,
        initial: Initial<'_>,
        watch: &mut Watch<'_>,
    ) -> Result<Beginning> {
        let start = Instant::now();
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
        let mut best = self.minimize_fit(cx, &data, 0, watch)?;
        for attempt in 1..STARTS {
            if best.fit.relative_error <= accept {
                break;
            }
            let other = self.minimize_fit(cx, &data, attempt, watch)?;
            let iterations = best.fit.iterations + other.fit.iterations;
            if other.fit.relative_error < best.fit.relative_error {
                best = other;
            }
            best.fit.iterations = iterations;
        }
        best.fit.seconds = start.elapsed().as_secs_f64();
        if best.fit.relative_error <= accept {
            log::info!(
                "initial fit: relative error {:.2e} after {} iterations",
                best.fit.relative_error,
                best.fit.iterations
            );
            Ok(best)
        } else {
            Err(Error::new(
                ErrorKind::NotConverged,
                format!(
                    "the initial fit has relative error {:.1e} on independent points after {} \
                     iterations; option `fit_accept` is {accept:e}: use a wider `hidden`, more \
                     `harmonics` or a larger `fit_max_iterations`",
                    best.fit.relative_error, best.fit.iterations
                ),
            ))
        }
    }

    /// Nodes of the fit: the host's, or those of the rule of the option `fit_nodes`.
    fn fit_nodes(&self, cx: &Context) -> Result<Nodes> {
        if self.given.nodes || cx.settings.discretization.fit_nodes.is_none() {
            return self.nodes(cx, Turn::default());
        }
        let mut rng = generator(cx.seed(), Stream::Nodes, 0, 0);
        let rule = fit_rule(&cx.settings, &self.quadrature, &self.domain)?;
        Ok(cx.own(rule.nodes(&self.domain, &mut rng)?))
    }

    /// u_0 on the fit's nodes and on the independent ones.
    fn sample(&self, cx: &Context, field: &mut Field<'_>, has_gradient: bool) -> Result<Data> {
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
        let (field, has_gradient): (&mut Field<'_>, bool) = match &smoothed {
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
        let rows = (n - checks) * if grad.is_some() { 1 + d } else { 1 } as f64;
        let parameters = self.network().parameters();
        if rows < parameters as f64 {
            return Err(Error::argument(format!(
                "`n` = {n} points give {rows} equations for the {parameters} parameters of the \
                 network; accepted are at least as many: give more points or a smaller `hidden`"
            )));
        }
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

    /// One fit, from the initial weights of this attempt.
    fn minimize_fit(
        &self,
        cx: &Context,
        data: &Data,
        attempt: u64,
        watch: &mut Watch<'_>,
    ) -> Result<Beginning> {
        let (field, ranks) = (self.functional.field(), cx.ranks());
        let mut rng = generator(cx.seed(), Stream::Weights, 0, attempt);
        let mut parameters = field.network().initialize(&mut rng);
        ranks.agree(Ok(()), &mut parameters)?;
        let directions = self.directions(cx, data)?;
        let fit = data.target.fit(gradient_weight(cx, data)?, &directions);
        let squares = |values: &[f64]| values.iter().map(|v| v * v).sum::<f64>();
        let [volume, nodes, values, slopes] = ranks.sum_over(data.nodes.len(), CHUNK, |lane| {
            let target = fit.part(lane.clone());
            let w = &data.nodes.w[lane];
            let (u, grad) = (squares(target.u), squares(target.grad));
            [w.iter().sum(), w.len() as f64, u, grad]
        })?;
        // The nodes' weights are near enough to even for a stopping rule.
        let norm = volume / nodes.max(1.0) * (values + fit.beta * slopes);
        let mut minimizer = self.minimizer.clone();
        let (max_iterations, gain) = match minimizer {
            Minimizer::GaussNewton(_) => (cx.settings.fit.fit_max_iterations, 1e-6),
            Minimizer::Adam(_) => (cx.settings.adam.adam_fit_iterations, 0.0),
        };
        let stop = Stop {
            gain,
            value: 0.5 * cx.fit_tolerance().powi(2) * norm.max(f64::MIN_POSITIVE),
            max_iterations,
        };
        let mut watch = |iteration, value: f64| {
            watch(
                iteration,
                (2.0 * value / norm.max(f64::MIN_POSITIVE)).sqrt(),
            )
        };
        let (pool, nodes, precision) = (&cx.pool, data.nodes.view(), cx.precision());
        let mut objective = over_lanes(pool, nodes.len(), field.parameters(), |lane| {
            let own = Box::new(fit.part(lane.clone()));
            let own = Pointwise::new(field, pool, nodes.part(lane), own).in_precision(precision);
            Ok(Box::new(own))
        })?;
        let outcome =
            minimizer.minimize(&mut *objective, &mut parameters, None, &stop, &mut watch)?;
        drop(objective);
        if let Minimizer::GaussNewton(it) = &mut minimizer {
            it.restart_near(cx.tolerance());
        }
        let relative_error = self.fit_error(cx, data, &parameters)?;
        Ok(Beginning {
            parameters,
            minimizer,
            fit: FitReport {
                relative_error,
                iterations: outcome.iterations,
                seconds: 0.0,
            },
        })
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

    fn fit_error(&self, cx: &Context, data: &Data, parameters: &[f64]) -> Result<f64> {
        let mut u = vec![0.0; data.check.len()];
        let field = self.functional.field();
        field.evaluate(&cx.pool, parameters, &data.check.x, &mut u, None);
        let (mut error, mut norm) = (0.0, 0.0);
        for ((w, u), exact) in data.check.w.iter().zip(&u).zip(&data.check_values) {
            error += w * (u - exact) * (u - exact);
            norm += w * exact * exact;
        }
        let mut sums = [error, norm];
        cx.ranks().sum(Ok(()), &mut sums)?;
        let [error, norm] = sums;
        Ok(if norm > 0.0 {
            (error / norm).sqrt()
        } else {
            error.sqrt()
        })
    }
}

/// A squared length that makes gradients weigh about as much as values: values of u_0 vary
/// over `|u - mean| / |grad u|`.
fn gradient_weight(cx: &Context, data: &Data) -> Result<f64> {
    let ranks = cx.ranks();
    let (target, n) = (data.target.fit(0.0, &[]), data.nodes.len());
    let [sum, n_all] = ranks.sum_over(n, CHUNK, |lane| {
        let u = target.part(lane).u;
        [u.iter().sum(), u.len() as f64]
    })?;
    let mean = sum / n_all.max(1.0);
    let [spread, slope] = ranks.sum_over(n, CHUNK, |lane| {
        let Fit { u, grad, .. } = target.part(lane);
        let spread = u.iter().map(|u| (u - mean) * (u - mean)).sum();
        [spread, grad.iter().map(|g| g * g).sum()]
    })?;
    Ok(if slope > 0.0 { spread / slope } else { 0.0 })
}
