//! The initial condition: gathering u_0, fitting the network to it, measuring the fit.

use super::nodes::DETERMINISTIC_CHECK;
use super::{Minimizer, Solver, State, check_shape, count, notify, real_or};
use crate::domain::Domain;
use crate::error::{Error, ErrorKind, Result};
use crate::flow::{Fit, Target};
use crate::initial::{Field, Initial, Smoothed, closed_form};
use crate::minimize::{Pointwise, Stop, over_lanes};
use crate::network::{CHUNK, evaluate};
use crate::options::Options;
use crate::progress::Progress;
use crate::quadrature::{Nodes, Quadrature, Stream, generator};
use crate::report::{FitReport, StepReport};
use rand::RngExt;
use std::time::Instant;

/// One point in so many is held out to measure the fit of values at given points.
const HOLD_OUT: usize = 8;

/// Initial weights that are tried until one leads to an acceptable fit.
const STARTS: u64 = 3;

/// What to fit and what to measure the fit on.
struct Data {
    nodes: Nodes,
    target: Target,
    has_gradient: bool,
    check: Nodes,
    check_values: Vec<f64>,
}

/// The rule of the nodes on which u_0 is fitted.
pub(super) fn fit_rule(
    options: &Options,
    rule: &Quadrature,
    domain: &Domain,
) -> Result<Quadrature> {
    match count(options, "fit_nodes")? {
        0 => Ok(rule.clone()),
        nodes => rule.resized("fit_nodes", nodes, domain),
    }
}

impl Solver {
    pub(super) fn fit(&mut self, initial: Initial<'_>) -> Result<State> {
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
                self.sample(&mut field, true)?
            }
            Initial::Function {
                field,
                has_gradient,
            } => self.sample(field, has_gradient)?,
            Initial::Density(_) => {
                return Err(Error::argument(
                    "a density of mass 1 was given as initial condition; with `flow` = l2 accepted \
                     are a function, values or a closed form",
                ));
            }
            Initial::Values { x, u, grad } => {
                if self.options.real("initial_smoothing")? > 0.0 {
                    return Err(Error::option(
                        "option `initial_smoothing` needs u_0 as a function; for values at points \
                         accepted is 0",
                    ));
                }
                self.split(x, u, grad)?
            }
        };
        let accept = self.options.real("fit_accept")?;
        let mut state = self.minimize_fit(&data, 0)?;
        for attempt in 1..STARTS {
            if state.fit.relative_error <= accept {
                break;
            }
            let other = self.minimize_fit(&data, attempt)?;
            let iterations = state.fit.iterations + other.fit.iterations;
            if other.fit.relative_error < state.fit.relative_error {
                state = other;
            }
            state.fit.iterations = iterations;
        }
        state.fit.seconds = start.elapsed().as_secs_f64();
        if state.fit.relative_error <= accept {
            log::info!(
                "initial fit: relative error {:.2e} after {} iterations",
                state.fit.relative_error,
                state.fit.iterations
            );
            Ok(state)
        } else {
            Err(Error::new(
                ErrorKind::NotConverged,
                format!(
                    "the initial fit has relative error {:.1e} on independent points after {} \
                     iterations; option `fit_accept` is {accept:e}: use a wider `hidden`, more \
                     `harmonics` or a larger `fit_max_iterations`",
                    state.fit.relative_error, state.fit.iterations
                ),
            ))
        }
    }

    /// u_0 on the fit's nodes and on the independent ones.
    fn sample(&self, field: &mut Field<'_>, has_gradient: bool) -> Result<Data> {
        let d = self.domain.dimension();
        let nodes = self.fit_nodes()?;
        let width = self.options.real("initial_smoothing")?;
        let smoothed = match width {
            0.0 => None,
            _ => Some(Smoothed::new(&self.domain, width, field)?),
        };
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
        check_shape("u_0", &target.u, nodes.len())?;
        check_shape("grad u_0", &target.grad, target.grad.len())?;
        let check = self.check.clone();
        let mut check_values = vec![0.0; check.len()];
        if !check.is_empty() {
            field(&check.x, &mut check_values, None)?;
        }
        check_shape("u_0", &check_values, check.len())?;
        Ok(Data {
            nodes,
            target,
            has_gradient,
            check,
            check_values,
        })
    }

    /// Values at given points, some of them held out; each rank has its own.
    fn split(&self, x: &[f64], u: &[f64], grad: Option<&[f64]>) -> Result<Data> {
        let d = self.domain.dimension();
        check_shape("x", x, u.len() * d)?;
        check_shape("u", u, u.len())?;
        if let Some(grad) = grad {
            check_shape("grad", grad, x.len())?;
        }
        self.check_inside(x)?;
        let held_out = u.len() / HOLD_OUT;
        let mut total = [u.len() as f64, held_out as f64];
        self.pool.ranks().sum(Ok(()), &mut total)?;
        let [n, checks] = total;
        let rows = (n - checks) * if grad.is_some() { 1 + d } else { 1 } as f64;
        let parameters = self.flow.network().parameters();
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

    pub(super) fn check_inside(&self, x: &[f64]) -> Result<()> {
        let d = self.domain.dimension();
        let sides = || {
            self.domain
                .lower()
                .iter()
                .zip(self.domain.upper())
                .enumerate()
        };
        for (point, x) in x.chunks_exact(d).enumerate() {
            for ((axis, (lower, upper)), x) in sides().zip(x) {
                let slack = 1e-9 * (upper - lower);
                if *x < lower - slack || *x > upper + slack {
                    return Err(Error::argument(format!(
                        "`x` has {x} on axis {axis} of point {point}; accepted is {lower} to {upper}"
                    )));
                }
            }
        }
        Ok(())
    }

    /// One fit, from the initial weights of this attempt.
    fn minimize_fit(&mut self, data: &Data, attempt: u64) -> Result<State> {
        let (network, ranks) = (self.flow.network(), self.pool.ranks());
        let mut rng = generator(self.seed, Stream::Weights, 0, attempt);
        let mut parameters = network.initialize(&mut rng);
        ranks.agree(Ok(()), &mut parameters)?;
        let directions = self.directions(data)?;
        let fit = data.target.fit(self.gradient_weight(data)?, &directions);
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
        let (iterations, gain) = match minimizer {
            Minimizer::GaussNewton(_) => ("fit_max_iterations", 1e-6),
            Minimizer::Adam(_) => ("adam_fit_iterations", 0.0),
        };
        let automatic = self.movement.fit_tolerance;
        let tolerance = real_or(&self.options, "fit_tolerance", automatic)?;
        let stop = Stop {
            gain,
            value: 0.5 * tolerance.powi(2) * norm.max(f64::MIN_POSITIVE),
            max_iterations: count(&self.options, iterations)? as u64,
        };
        let observer = &mut self.observer;
        let mut watch = |iteration, value: f64| {
            let progress = Progress {
                fitting: true,
                step: 0,
                time: 0.0,
                iteration,
                objective: (2.0 * value / norm.max(f64::MIN_POSITIVE)).sqrt(),
            };
            notify(observer, &progress)
        };
        let (pool, nodes, precision) = (&self.pool, data.nodes.view(), self.precision);
        let mut objective = over_lanes(pool, nodes.len(), network.parameters(), |lane| {
            let own = Box::new(fit.part(lane.clone()));
            Box::new(Pointwise::new(network, pool, nodes.part(lane), own).in_precision(precision))
        });
        let outcome = minimizer.minimize(&mut *objective, &mut parameters, &stop, &mut watch)?;
        drop(objective);
        if let Minimizer::GaussNewton(it) = &mut minimizer {
            let tolerance = real_or(&self.options, "tolerance", self.movement.tolerance)?;
            it.restart_near(tolerance);
        }
        let relative_error = self.fit_error(data, &parameters)?;
        Ok(State {
            parameters,
            past: Vec::new(),
            minimizer,
            linearized: None,
            step: 0,
            time: 0.0,
            refined: 0,
            fit: FitReport {
                relative_error,
                iterations: outcome.iterations,
                seconds: 0.0,
            },
            report: StepReport::default(),
            observed: None,
        })
    }

    /// A random direction at each node where whole gradients would make most of the equations.
    fn directions(&self, data: &Data) -> Result<Vec<f64>> {
        if !data.has_gradient || self.domain.dimension() <= DETERMINISTIC_CHECK {
            return Ok(Vec::new());
        }
        let ranks = self.pool.ranks();
        let counts = ranks.counts(data.nodes.x.len())?;
        let before = counts.iter().take(ranks.rank()).sum();
        let mut rng = generator(self.seed, Stream::Directions, 0, 0);
        let signs = std::iter::repeat_with(|| if rng.random::<bool>() { 1.0 } else { -1.0 });
        Ok(signs.skip(before).take(data.nodes.x.len()).collect())
    }

    /// A squared length that makes gradients weigh about as much as values: values of u_0 vary
    /// over `|u - mean| / |grad u|`.
    fn gradient_weight(&self, data: &Data) -> Result<f64> {
        let ranks = self.pool.ranks();
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

    fn fit_error(&self, data: &Data, parameters: &[f64]) -> Result<f64> {
        let mut u = vec![0.0; data.check.len()];
        evaluate(
            self.flow.network(),
            &self.pool,
            parameters,
            &data.check.x,
            &mut u,
            None,
        );
        let (mut error, mut norm) = (0.0, 0.0);
        for ((w, u), exact) in data.check.w.iter().zip(&u).zip(&data.check_values) {
            error += w * (u - exact) * (u - exact);
            norm += w * exact * exact;
        }
        let mut sums = [error, norm];
        self.pool.ranks().sum(Ok(()), &mut sums)?;
        let [error, norm] = sums;
        Ok(if norm > 0.0 {
            (error / norm).sqrt()
        } else {
            error.sqrt()
        })
    }
}
