//! The Wasserstein flow of the paper: which options it takes, and the fit of the density.

use super::{GivenByHost, Minimizer, Solver, State, count, notify, real_or};
use crate::domain::Domain;
use crate::error::{Error, ErrorKind, Result};
use crate::flow::w2gn::{Fit, Training};
use crate::flow::{Flow, W2gn};
use crate::initial::profile::Profile;
use crate::minimize::{GaussNewton, Method, Pointwise, Stop};
use crate::movement;
use crate::network::{Network, evaluate};
use crate::options::Options;
use crate::parallel::Pool;
use crate::progress::Progress;
use crate::quadrature::{Nodes, Quadrature, Stream, check_size, generator};
use crate::report::{FitReport, StepReport};
use std::sync::Arc;
use std::time::Instant;

/// Points of an iteration where the option does not say otherwise.
const POINTS: usize = 1024;

/// Of how many points of an iteration an update of the potentials takes one, where the option does not say
/// otherwise. Measured on Gaussians in the plane: after as many updates 1024 points leave them no better
/// than 256, and 128 half as good.
const SHARE: usize = 4;

/// What the network is fitted to has this height, beside which softplus bends. Measured on a step of the
/// porous medium: with 4 the error is 1.3 times as large.
const HEIGHT: f64 = 1.0;

/// The equations of the fit for each parameter.
const ROWS: usize = 4;

/// Up to this dimension the nodes of the fit and of the checks are Gauss nodes.
const GAUSS: usize = 3;

/// Refuses options that this transport does not take.
fn check(options: &Options) -> Result<()> {
    for (option, accepted) in [
        ("movement", &["euler"][..]),
        ("minimizer", &["adam"]),
        ("domain", &["box"]),
        ("form", &["auto", "weak"]),
        (
            "quadrature",
            &["auto", "sobol", "stratified", "monte-carlo"],
        ),
    ] {
        let given = options.text(option)?;
        if !accepted.contains(&given.as_str()) {
            return Err(Error::option(format!(
                "option `{option}` is {given}; with `transport` = w2gn accepted is {}",
                accepted.join(" or ")
            )));
        }
    }
    let tolerance = options.real("step_tolerance")?;
    if tolerance > 0.0 {
        return Err(Error::option(format!(
            "option `step_tolerance` is {tolerance:e}; with `transport` = w2gn accepted is 0, as its \
             steps are not known so well that their difference would tell"
        )));
    }
    Ok(())
}

/// Whether the options ask for this transport; refused is what has none.
pub(super) fn is_asked_for(options: &Options) -> Result<bool> {
    let asked = options.text("transport")? == "w2gn";
    if asked && options.text("flow")? != "wasserstein" {
        return Err(Error::option(
            "option `transport` is w2gn; with `flow` = l2 accepted is map, the default",
        ));
    }
    Ok(asked)
}

/// So many points of the option `option`, or where it is 0 of the default.
fn rule(options: &Options, d: usize, option: &str, default: usize) -> Result<Quadrature> {
    let nodes = match count(options, option)? {
        0 => default,
        asked => asked,
    };
    check_size(option, nodes as f64, d)?;
    match options.text("quadrature")?.as_str() {
        "monte-carlo" => Ok(Quadrature::MonteCarlo { nodes }),
        "stratified" => Ok(Quadrature::Stratified { nodes }),
        _ => Quadrature::sobol(nodes, d),
    }
}

/// Nodes that no step draws: Gauss nodes where they are few.
fn fixed(domain: &Domain, least: usize, seed: u64, stream: Stream) -> Result<Nodes> {
    let rule = match domain.dimension() {
        d if d > GAUSS => Quadrature::sobol(least, d)?,
        _ => Quadrature::gauss(least, domain)?,
    };
    rule.nodes(domain, &mut generator(seed, stream, 0, 0))
}

impl Solver {
    /// A solver in Wasserstein space whose state is a density.
    pub(super) fn of_density(options: Options, domain: Domain, seed: u64) -> Result<Self> {
        check(&options)?;
        let network = Network::from_options(&options, &domain)?;
        let d = domain.dimension();
        let quadrature = rule(&options, d, "nodes", POINTS)?;
        let share = quadrature.random().unwrap_or(POINTS).div_ceil(SHARE);
        let hidden = options.integers("potential_hidden")?;
        let training = Training {
            iterations: count(&options, "adam_iterations")? as u64,
            potential_iterations: count(&options, "potential_iterations")? as u64,
            potential_rule: rule(&options, d, "potential_nodes", share)?,
            potential_hidden: hidden
                .iter()
                .map(|w| usize::try_from(*w).unwrap_or(1))
                .collect(),
            potential_learning_rate: options.real("potential_learning_rate")?,
            lambda: options.real("lambda")?,
            seed,
        };
        let method = Method::named(&options.text("linear_solver")?, 0, 0)?;
        let flow = W2gn::new(network, &domain, quadrature.clone(), &training);
        let least = count(&options, "check_nodes")?;
        check_size("check_nodes", least as f64, d)?;
        Ok(Self {
            fixed: Vec::new(),
            given: GivenByHost::default(),
            automatic_embedding: false,
            check: fixed(&domain, least, seed, Stream::Check)?,
            labels: Nodes::default(),
            boundary: None,
            pool: Arc::new(Pool::new(count(&options, "threads")?)?),
            flow: Flow::W2gn(Box::new(flow)),
            profile: None,
            origin: None,
            relabelled: Vec::new(),
            energies: Vec::new(),
            movement: movement::named(&options.text("movement")?)?,
            tau: options.real("tau")?,
            minimizer: Minimizer::new(&options, method)?,
            precision: super::precision::of(&options)?,
            form: None,
            quadrature,
            options,
            domain,
            seed,
            state: None,
            observer: None,
        })
    }

    /// Fits the network to a density. The fit is no part of the paper's method but what it starts from,
    /// and a least squares problem, so it is left to Gauss-Newton.
    pub(super) fn start_density(&mut self, profile: &dyn Profile) -> Result<()> {
        let start = Instant::now();
        let d = self.domain.dimension();
        if profile.dimension() != d {
            return Err(Error::argument(format!(
                "rho_0 is a density in dimension {}; option `dimension` is {d}",
                profile.dimension()
            )));
        }
        let Flow::W2gn(flow) = &self.flow else {
            return Err(Error::state("the flow has no network of a density"));
        };
        let network = flow.network();
        let size = network.parameters();
        let rows = match count(&self.options, "fit_nodes")? {
            0 => ROWS * size,
            asked => asked,
        };
        let nodes = fixed(&self.domain, rows, self.seed, Stream::Nodes)?;
        let mut values = vec![0.0; nodes.len()];
        profile.density(&nodes.x, &mut values, None)?;
        let most = values.iter().fold(0.0_f64, |m, v| m.max(*v));
        if !(most > 0.0 && most.is_finite()) {
            return Err(Error::argument(
                "rho_0 vanishes on the box of `lower` and `upper`; accepted are densities with mass \
                 there",
            ));
        }
        values.iter_mut().for_each(|v| *v *= HEIGHT / most);
        let fit = Fit { values: &values };
        let points = nodes.w.iter().zip(&values);
        let norm: f64 = points.map(|(w, v)| w * v * v).sum();
        let tolerance = real_or(&self.options, "fit_tolerance", self.movement.fit_tolerance)?;
        let stop = Stop {
            gain: 1e-6,
            value: 0.5 * tolerance.powi(2) * norm,
            max_iterations: count(&self.options, "fit_max_iterations")? as u64,
        };
        let method = Method::named(&self.options.text("linear_solver")?, size, 2 * nodes.len())?;
        let mut parameters = network.initialize(&mut generator(self.seed, Stream::Weights, 0, 0));
        let observer = &mut self.observer;
        let mut watch = |iteration, value: f64| {
            let progress = Progress {
                fitting: true,
                step: 0,
                time: 0.0,
                iteration,
                objective: (2.0 * value / norm).sqrt(),
            };
            notify(observer, &progress)
        };
        let mut objective = Pointwise::new(network, &self.pool, nodes.view(), Box::new(fit));
        let outcome = GaussNewton::new(method).minimize(
            &mut objective,
            &mut parameters,
            &stop,
            &mut watch,
        )?;
        let parameters = flow.state(parameters);
        let relative_error = self.start_error(profile, &parameters)?;
        let accept = self.options.real("fit_accept")?;
        if relative_error > accept {
            return Err(Error::new(
                ErrorKind::NotConverged,
                format!(
                    "the initial fit has relative error {relative_error:.1e} on independent points \
                     after {} iterations; option `fit_accept` is {accept:e}: use a wider `hidden`, \
                     or a larger `fit_max_iterations`",
                    outcome.iterations
                ),
            ));
        }
        self.state = Some(State {
            parameters,
            past: Vec::new(),
            minimizer: self.minimizer.clone(),
            linearized: None,
            step: 0,
            time: 0.0,
            refined: 0,
            fit: FitReport {
                relative_error,
                iterations: outcome.iterations,
                seconds: start.elapsed().as_secs_f64(),
            },
            report: StepReport::default(),
            observed: None,
        });
        Ok(())
    }

    /// The relative error of the fit on the independent nodes.
    fn start_error(&self, profile: &dyn Profile, parameters: &[f64]) -> Result<f64> {
        let nodes = &self.check;
        let mut exact = vec![0.0; nodes.len()];
        profile.density(&nodes.x, &mut exact, None)?;
        let points = nodes.w.iter().zip(&exact);
        let mass: f64 = points.map(|(w, v)| w * v).sum();
        let u = self.flow.observe(&self.pool, nodes, parameters)?.u;
        let (mut error, mut norm) = (0.0, 0.0);
        for ((w, u), v) in nodes.w.iter().zip(&u).zip(&exact) {
            error += w * (u - v / mass).powi(2);
            norm += w * (v / mass).powi(2);
        }
        Ok((error / norm).sqrt())
    }

    /// The density at positions `x` (`[n][d]`), and its gradient where wanted.
    pub(super) fn density_value(
        &self,
        x: &[f64],
        u: &mut [f64],
        grad: Option<&mut [f64]>,
    ) -> Result<()> {
        let state = self.state()?;
        let Flow::W2gn(flow) = &self.flow else {
            return Err(Error::state("the flow has no network of a density"));
        };
        let density = flow.density(&self.pool, &self.check, &state.parameters, x)?;
        if let Some(grad) = grad {
            let size = flow.network().parameters().min(state.parameters.len());
            let (network, parameters) = (flow.network(), state.parameters.split_at(size).0);
            evaluate(network, &self.pool, parameters, x, u, Some(grad));
            let d = self.domain.dimension();
            for ((grad, z), density) in grad.chunks_exact_mut(d).zip(&*u).zip(&density) {
                // With s = ln(1 + e^z) the slope of the density is s'/s times its value.
                let softplus = z.max(0.0) + (-z.abs()).exp().ln_1p();
                let sigmoid = 1.0 / (1.0 + (-z).exp());
                let scale = density * sigmoid / softplus.max(f64::MIN_POSITIVE);
                grad.iter_mut().for_each(|g| *g *= scale);
            }
        }
        u.copy_from_slice(&density);
        Ok(())
    }
}
