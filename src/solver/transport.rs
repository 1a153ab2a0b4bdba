//! Flows in Wasserstein space: the start from a density, and what can be asked of the transport map.

use super::{Minimizer, Solver, State, check_length, check_shape, count, real_or};
use crate::domain::{Domain, Shape};
use crate::error::{Error, ErrorKind, Result};
use crate::flow::transport::Map;
use crate::flow::{Flow, Transport};
use crate::initial::profile::Profile;
use crate::minimize::{Form, Method};
use crate::network::{Activation, Embedding};
use crate::options::Options;
use crate::quadrature::{Nodes, Quadrature, Stream, check_size, generator};
use crate::report::{FitReport, StepReport};
use std::sync::Arc;
use std::time::Instant;

/// Up to this dimension labels are Gauss nodes where the option does not say otherwise.
const GAUSS: usize = 4;

/// Gauss labels along an axis, at least, by dimension.
const LEAST: [usize; GAUSS] = [64, 24, 12, 8];

/// Rows of the model of a stage for each label.
fn rows_per_label(form: Option<Form>, d: usize) -> usize {
    match form {
        None => d + d * d,
        Some(_) => d,
    }
}

/// The rule of the labels for a map with so many parameters.
pub(super) fn label_rule(options: &Options, d: usize, parameters: usize) -> Result<Quadrature> {
    let name = options.text("quadrature")?;
    let asked = count(options, "nodes")?;
    let gauss = name == "gauss" || (name == "auto" && d <= GAUSS);
    let least = match LEAST.get(d - 1).filter(|_| gauss) {
        Some(per_axis) => per_axis.pow(d as u32),
        None => 1000,
    };
    // A label gives d equations at least; with fewer of them than about twice the parameters the map
    // can lower the objective by oscillating between the labels.
    let nodes = match asked {
        0 => (2 * parameters).div_ceil(d).max(least),
        asked => asked,
    };
    check_size("nodes", nodes as f64, d)?;
    match name.as_str() {
        _ if gauss => {
            let per_axis = (nodes as f64).powf(1.0 / d as f64).ceil() as usize;
            check_size("nodes", (per_axis as f64).powi(d as i32), d)?;
            Ok(Quadrature::Gauss { per_axis })
        }
        "stratified" | "monte-carlo" => Ok(Quadrature::MonteCarlo { nodes }),
        _ => Ok(Quadrature::Sobol { nodes }),
    }
}

/// How steps are posed where the labels' score is known. On any finite set of labels the weak form can
/// be lowered below its minimum, by a map that is steep at the labels and flat between them; the strong
/// form's residual vanishes wherever the labels are.
pub(super) fn form(options: &Options) -> Result<Option<Form>> {
    match options.text("form")?.as_str() {
        "residual" => Err(Error::option(
            "option `form` is residual; with `flow` = wasserstein accepted are auto, weak and \
             galerkin",
        )),
        "weak" => Ok(None),
        _ => Ok(Some(Form::Galerkin)),
    }
}

/// The map of the options for labels of this mean and scale.
pub(super) fn map(
    options: &Options,
    domain: &Domain,
    mean: &[f64],
    scale: Vec<f64>,
) -> Result<Map> {
    let activation = options.text("activation")?;
    let activation = Activation::named(&activation)
        .ok_or_else(|| Error::option(format!("there is no activation `{activation}`")))?;
    let hidden = options.integers("hidden")?;
    let hidden = hidden.iter().map(|w| usize::try_from(*w).unwrap_or(1));
    if matches!(domain.shape(), Shape::Space) {
        return Ok(Map::of_space(mean, scale, activation, hidden));
    }
    let harmonics = count(options, "harmonics")?;
    let embedding = Embedding::named(&options.text("embedding")?, harmonics, domain)?;
    Ok(Map::of_box(domain, embedding, activation, hidden))
}

/// The mean and the standard deviation of a measure along each axis.
fn moments(labels: &Nodes, d: usize) -> (Vec<f64>, Vec<f64>) {
    let mut mean = vec![0.0; d];
    let mut square = vec![0.0; d];
    for (x, w) in labels.x.chunks_exact(d).zip(&labels.w) {
        for (axis, x) in x.iter().enumerate() {
            mean[axis] += w * x;
            square[axis] += w * x * x;
        }
    }
    let pairs = square.iter().zip(&mean);
    let scale = pairs.map(|(s, m)| (s - m * m).max(0.0).sqrt().max(f64::MIN_POSITIVE.sqrt()));
    let scale = scale.collect();
    (mean, scale)
}

impl Solver {
    /// Starts from a density, with the identity for a map.
    pub(super) fn start(&mut self, profile: Arc<dyn Profile>) -> Result<()> {
        let start = Instant::now();
        let flow = self.transport()?;
        let d = self.domain.dimension();
        if profile.dimension() != d {
            return Err(Error::argument(format!(
                "rho_0 is a density in dimension {}; option `dimension` is {d}",
                profile.dimension()
            )));
        }
        let mut rng = generator(self.seed, Stream::Nodes, 0, 0);
        let labels = profile.labels(&self.quadrature, &mut rng)?;
        if !matches!(self.domain.shape(), Shape::Space) {
            self.check_inside(&labels.x)?;
        }
        let (mean, scale) = moments(&labels, d);
        let map = map(&self.options, &self.domain, &mean, scale)?;
        let form = match form(&self.options)? {
            Some(_) if labels.score.is_empty() => {
                if self.options.text("form")? != "auto" {
                    return Err(Error::argument(
                        "option `form` is galerkin, which needs the score grad ln rho_0 of the \
                         particles; accepted are particles with it, or `form` = weak",
                    ));
                }
                None
            }
            form => form,
        };
        let rows = labels.len() * rows_per_label(form, d);
        let parameters = map.network().parameters();
        if rows < parameters {
            return Err(Error::argument(format!(
                "{} labels give {rows} equations for the {parameters} parameters of the map; \
                 accepted are at least as many: give more or a smaller `hidden`",
                labels.len()
            )));
        }
        let least = count(&self.options, "check_nodes")?;
        let rule = match &self.quadrature {
            // Gauss rules of even and odd order share no node but the centre.
            Quadrature::Gauss { per_axis } => Quadrature::Gauss {
                per_axis: match d {
                    1 | 2 => (per_axis + per_axis / 2) | 1,
                    _ => per_axis + 1,
                },
            },
            _ => Quadrature::Sobol { nodes: least },
        };
        let mut rng = generator(self.seed, Stream::Check, 0, 0);
        let check = profile.labels(&rule, &mut rng)?;
        let method = Method::named(&self.options.text("linear_solver")?, parameters, rows)?;
        let mut minimizer = Minimizer::new(&self.options, method)?;
        if let Minimizer::GaussNewton(it) = &mut minimizer {
            let tolerance = real_or(&self.options, "tolerance", self.movement.tolerance)?;
            it.restart_near(tolerance);
        }
        let mut rng = generator(self.seed, Stream::Weights, 0, 0);
        let state = State {
            parameters: map.identity(&mut rng),
            past: Vec::new(),
            minimizer,
            step: 0,
            time: 0.0,
            fit: FitReport {
                relative_error: 0.0,
                iterations: 0,
                seconds: start.elapsed().as_secs_f64(),
            },
            report: StepReport::default(),
        };
        let flow = flow.with_map(map);
        self.flow = Flow::Map(flow);
        self.fixed = match self.quadrature.random() {
            Some(_) if !profile.is_fixed() => Vec::new(),
            _ => vec![labels],
        };
        self.form = form;
        self.check = check;
        self.profile = Some(profile);
        self.state = Some(state);
        Ok(())
    }

    /// The transport map at labels `x` (`[n][d]`): where the mass that began there is now, `y`
    /// (`[n][d]`).
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) of an L2 flow or without initial condition, and
    /// [`Argument`](crate::ErrorKind::Argument) if shapes do not fit or a position is not finite.
    pub fn push_forward(&self, x: &[f64], y: &mut [f64]) -> Result<()> {
        let state = self.state()?;
        check_shape("x", x, y.len())?;
        check_length("x", x.len() % self.domain.dimension(), 0)?;
        let labels = Nodes {
            x: x.to_vec(),
            w: vec![0.0; x.len() / self.domain.dimension()],
            rho: vec![1.0; x.len() / self.domain.dimension()],
            ..Nodes::default()
        };
        let observed = self
            .transport()?
            .observe(&self.pool, &labels, &state.parameters)?;
        y.copy_from_slice(&observed.u);
        Ok(())
    }

    /// The density at points `y` (`[n][d]`), through the labels that the map takes there; NaN where
    /// none is found.
    pub(super) fn density(&self, y: &[f64], rho: &mut [f64]) -> Result<()> {
        let state = self.state()?;
        let flow = self.transport()?;
        let profile = self.profile()?;
        let labels = &self.check;
        let images = flow.observe(&self.pool, labels, &state.parameters)?.u;
        let found = flow.preimages(&self.pool, &state.parameters, labels, &images, y)?;
        profile.density(&found.x, rho)?;
        for (rho, jacobian) in rho.iter_mut().zip(&found.jacobian) {
            // Beyond the support there is no mass, wherever the search ended.
            if *rho > 0.0 {
                *rho /= jacobian;
            }
        }
        Ok(())
    }

    /// The mean (`[d]`) and the covariance (`[d][d]`) of the density.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) of an L2 flow or without initial condition.
    pub fn moments(&self) -> Result<(Vec<f64>, Vec<f64>)> {
        let state = self.state()?;
        let d = self.domain.dimension();
        let labels = &self.check;
        let observed = self
            .transport()?
            .observe(&self.pool, labels, &state.parameters)?;
        let mut mean = vec![0.0; d];
        let mut covariance = vec![0.0; d * d];
        for (x, w) in observed.u.chunks_exact(d).zip(&labels.w) {
            mean.iter_mut().zip(x).for_each(|(m, x)| *m += w * x);
        }
        for (x, w) in observed.u.chunks_exact(d).zip(&labels.w) {
            for i in 0..d {
                for j in 0..d {
                    covariance[i * d + j] += w * (x[i] - mean[i]) * (x[j] - mean[j]);
                }
            }
        }
        Ok((mean, covariance))
    }

    /// `int rho ln rho`, minus the differential entropy.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) of an L2 flow or without initial condition.
    pub fn entropy(&self) -> Result<f64> {
        let state = self.state()?;
        let labels = &self.check;
        let observed = self
            .transport()?
            .observe(&self.pool, labels, &state.parameters)?;
        let points = labels.w.iter().zip(&observed.rho);
        Ok(points.map(|(w, rho)| w * rho.ln()).sum())
    }

    pub(super) fn transport(&self) -> Result<&Transport> {
        match &self.flow {
            Flow::Map(flow) => Ok(flow),
            Flow::L2(_) => Err(Error::state(
                "option `flow` is l2, which has no transport map; accepted is wasserstein",
            )),
            Flow::W2gn(_) => Err(Error::state(
                "option `transport` is w2gn, which has no transport map of labels; accepted is map",
            )),
        }
    }

    fn profile(&self) -> Result<&Arc<dyn Profile>> {
        self.profile
            .as_ref()
            .ok_or_else(|| Error::new(ErrorKind::State, "there is no initial condition yet"))
    }
}
