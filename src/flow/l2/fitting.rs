//! The initial condition: fitting the network to samples of u_0, and measuring the fit.

use super::L2Flow;
use super::fit_data::{Data, distance_from, gradient_weight, relative_error, units};
use super::nodes::DETERMINISTIC_CHECK;
use super::rounds::Rounds;
use crate::error::{Error, Result};
use crate::field::{AtNodes, CHUNK, Channels, Field, Jets, Normalized};
use crate::flow::{Beginning, Context, Flow, Queries};
use crate::initial::{Initial, closed_form};
use crate::minimize::{GaussNewton, Minimizer, Stop, Watch};
use crate::objective::{OfOutputs, Pointwise, over_lanes};
use crate::quadrature::{Stream, generator};
use crate::report::FitReport;
use rand::RngExt;

/// Initial weights that are tried until one leads to an acceptable fit.
const STARTS: u64 = 3;

/// Where a fit begins.
pub(super) struct Start<'a> {
    pub parameters: Vec<f64>,
    pub minimizer: Minimizer,
    /// Where to keep the minimiser with the matrix of this objective, which one of the same nodes left.
    pub prepared: Option<&'a mut Option<GaussNewton>>,
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
        let (mut beginning, units) = fit?;
        self.functional.set_units(units);
        if self.functional.held().is_some() {
            let (cx, state) = (&cx.at(time), &beginning.parameters);
            let observed = self.observe(cx, state)?;
            beginning.fit.wall_error = self.miss_on_walls(cx, state, &observed)?;
        }
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
            Initial::Named(name) if self.components() > 1 => {
                return Err(Error::option(format!(
                    "the initial condition `{name}` is a scalar, but option `components` is {}; accepted are a \
                     function or values of so many components",
                    self.components()
                )));
            }
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
        let values = self.functional.begin_on_walls(cx, time)?;
        let mut units = units(cx, &data, |offset| match self.functional.held() {
            Some(held) => held.spread(cx, &values, offset),
            None => Ok(0.0),
        })?;
        if let Some(walls) = self.functional.walls() {
            let lift = walls.ansatz(&values, 1.0);
            let distance = distance_from(cx, &data, |x| lift.lift(x))?;
            units.size = units.size.max(distance);
        }
        let field = self.functional.with_values(&values, units);
        let field = &*field;
        let drawn = |attempt| self.drawn(cx, field, attempt);
        if let Some(waves) = &self.waves
            && let Some(mut fitted) = self.projected(cx, waves, (field, units), &data)?
        {
            fitted.parameters.splice(0..0, values);
            return Ok((fitted, units));
        }
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
        if let Some(metric) = &self.non_local {
            let of = (field, units);
            metric.project(self, cx, of, &mut best.parameters)?;
            best.fit.relative_error = self.fit_error(cx, of, &data, &best.parameters)?;
        }
        best.parameters.splice(0..0, values);
        Ok((best, units))
    }

    /// The initial weights of this attempt.
    fn drawn(&self, cx: &Context, field: &Field, attempt: u64) -> Result<Start<'static>> {
        let mut rng = generator(cx.seed(), Stream::Weights, 0, attempt);
        let outputs_only = self.functional.outputs_only();
        let network = field.network();
        let mut parameters = match (outputs_only, &self.lattice, &self.waves) {
            (true, Some(lattice), _) => network.lattice_features(lattice),
            (true, None, Some(waves)) => network.wave_features(waves),
            (true, None, None) => network.random_features(&mut rng),
            (false, ..) => network.initialize(&mut rng),
        };
        cx.ranks().agree(Ok(()), &mut parameters)?;
        let minimizer = match outputs_only {
            true => self.linear_minimizer(),
            false => self.minimizer.clone(),
        };
        Ok(Start {
            parameters,
            minimizer,
            prepared: None,
        })
    }

    /// The minimiser of linear combinations of features.
    pub(super) fn linear_minimizer(&self) -> Minimizer {
        let mut minimizer = self.minimizer.clone();
        if let Minimizer::GaussNewton(it) = &mut minimizer {
            it.restart_linear();
        }
        minimizer
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
                ..FitReport::default()
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
        relative_error(cx, data, units, &misfit)
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
        let mut u = vec![0.0; x.len() / self.domain.dimension() * self.components()];
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
