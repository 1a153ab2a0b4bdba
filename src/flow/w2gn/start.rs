//! The fit of the density's network to the initial density, and the rules for points.

use super::{Fit, Training, W2gnFlow};
use crate::domain::Domain;
use crate::error::{Error, ErrorKind, Result};
use crate::flow::{Beginning, Context, Flow, Queries};
use crate::initial::profile::Profile;
use crate::minimize::{GaussNewton, Stop, Watch};
use crate::objective::Pointwise;
use crate::quadrature::{Nodes, Quadrature, QuadratureChoice, Stream, check_size, generator};
use crate::report::FitReport;
use std::num::NonZeroUsize;
use std::time::Instant;

/// Points of an iteration where the option does not say otherwise.
pub(super) const POINTS: usize = 1024;

/// Of how many points of an iteration an update of the potentials takes one, where the option does not say
/// otherwise. Measured on Gaussians in the plane: after as many updates 1024 points leave them no better
/// than 256, and 128 half as good.
const SHARE: usize = 4;

/// Height of the function that the network is fitted to, beside which softplus bends. Measured on a step of the
/// porous medium: with 4 the error is 1.3 times as large.
const HEIGHT: f64 = 1.0;

/// The equations of the fit for each parameter.
const ROWS: usize = 4;

/// Up to this dimension the nodes of the fit and of the checks are Gauss nodes.
const GAUSS: usize = 3;

/// So many points as an option asks for, or else of the default.
pub(super) fn rule(
    choice: QuadratureChoice,
    d: usize,
    (option, asked): (&str, Option<NonZeroUsize>),
    default: usize,
) -> Result<Quadrature> {
    let nodes = asked.map_or(default, NonZeroUsize::get);
    check_size(option, nodes as f64, d)?;
    match choice {
        QuadratureChoice::MonteCarlo => Ok(Quadrature::MonteCarlo { nodes }),
        QuadratureChoice::Stratified => Ok(Quadrature::Stratified { nodes }),
        _ => Quadrature::sobol(nodes, d),
    }
}

/// Nodes that no step draws: Gauss nodes where they are few.
pub(super) fn fixed(domain: &Domain, least: usize, seed: u64, stream: Stream) -> Result<Nodes> {
    let rule = match domain.dimension() {
        d if d > GAUSS => Quadrature::sobol(least, d)?,
        _ => Quadrature::gauss(least, domain)?,
    };
    rule.nodes(domain, &mut generator(seed, stream, 0, 0))
}

/// Training of the steps by the options, on points of this rule.
pub(super) fn training(cx: &Context, quadrature: &Quadrature, d: usize) -> Result<Training> {
    let (choice, potentials) = (
        cx.settings.discretization.quadrature,
        &cx.settings.potentials,
    );
    let share = quadrature.random().unwrap_or(POINTS).div_ceil(SHARE);
    let asked = ("potential_nodes", potentials.potential_nodes);
    Ok(Training {
        iterations: cx.settings.adam.adam_iterations,
        potential_iterations: potentials.potential_iterations,
        potential_rule: rule(choice, d, asked, share)?,
        potential_hidden: potentials.potential_hidden.clone(),
        potential_learning_rate: potentials.potential_learning_rate,
        lambda: potentials.lambda,
        seed: cx.seed(),
    })
}

impl W2gnFlow {
    /// Fits the network to a density. The fit is no part of the paper's method but what it starts from,
    /// and a least squares problem, so it is left to Gauss-Newton.
    pub(super) fn fit(
        &self,
        cx: &Context,
        profile: &dyn Profile,
        watch: &mut Watch<'_>,
    ) -> Result<Beginning> {
        let start = Instant::now();
        let d = self.domain.dimension();
        profile.check_dimension(d)?;
        let network = self.network();
        let size = network.parameters();
        let asked = cx.settings.discretization.fit_nodes;
        let rows = asked.map_or(ROWS * size, NonZeroUsize::get);
        let nodes = fixed(&self.domain, rows, cx.seed(), Stream::Nodes)?;
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
        let stop = Stop {
            gain: 1e-6,
            slow: 0.0,
            value: 0.5 * cx.fit_tolerance().powi(2) * norm,
            max_iterations: cx.settings.fit.fit_max_iterations,
        };
        let method = cx.method(size, 2 * nodes.len())?;
        let mut parameters = network.initialize(&mut generator(cx.seed(), Stream::Weights, 0, 0));
        let mut watch = |iteration, value: f64| watch(iteration, (2.0 * value / norm).sqrt());
        let mut objective = Pointwise::new(
            self.functional.field(),
            &cx.pool,
            nodes.view(),
            Box::new(fit),
        );
        let outcome = GaussNewton::new(method).minimize(
            &mut objective,
            &mut parameters,
            None,
            &stop,
            &mut watch,
        )?;
        let parameters = self.functional.state(parameters);
        let relative_error = self.start_error(cx, profile, &parameters)?;
        let accept = cx.settings.fit.fit_accept;
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
        Ok(Beginning {
            parameters,
            minimizer: self.minimizer.clone(),
            fit: FitReport {
                relative_error,
                iterations: outcome.iterations,
                seconds: start.elapsed().as_secs_f64(),
                ..FitReport::default()
            },
        })
    }

    /// The relative error of the fit on the independent nodes.
    fn start_error(&self, cx: &Context, profile: &dyn Profile, parameters: &[f64]) -> Result<f64> {
        let nodes = &self.check;
        let mut exact = vec![0.0; nodes.len()];
        profile.density(&nodes.x, &mut exact, None)?;
        let points = nodes.w.iter().zip(&exact);
        let mass: f64 = points.map(|(w, v)| w * v).sum();
        let u = self.observe(cx, parameters)?.u;
        let (mut error, mut norm) = (0.0, 0.0);
        for ((w, u), v) in nodes.w.iter().zip(&u).zip(&exact) {
            error += w * (u - v / mass).powi(2);
            norm += w * (v / mass).powi(2);
        }
        Ok((error / norm).sqrt())
    }
}
