//! Flows in Wasserstein space by a transport map: labels of the initial density, and new ones when the map
//! has deformed too much.

use super::{GivenByHost, Minimizer, Origin, Relabelled, Solver, State, count, real_or};
use crate::domain::{Domain, Shape};
use crate::error::{Error, Result};
use crate::flow::transport::Map;
use crate::flow::{Flow, Transport};
use crate::initial::profile::Profile;
use crate::minimize::{Form, Method};
use crate::movement;
use crate::network::{Activation, Embedding};
use crate::options::Options;
use crate::parallel::Pool;
use crate::quadrature::{Nodes, Quadrature, Stream, TURNS, check_size, generator};
use crate::report::{FitReport, StepReport};
use std::sync::Arc;
use std::time::Instant;

/// Up to this dimension labels are Gauss nodes where the option does not say otherwise.
const GAUSS: usize = 4;

/// Gauss labels along an axis, at least, by dimension.
const LEAST: [usize; GAUSS] = [64, 24, 12, 8];

/// Least squares of the residual weigh what a map does over a short distance by a power of that distance, and
/// so damp more of it than the other forms: a tenth of the tolerance takes its place, down to this one, below
/// which directions that labels hardly see drift.
const LEAST_SEEN: f64 = 1e-5;

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

/// Refuses options that a map has no use for.
pub(super) fn check(options: &Options) -> Result<()> {
    let precision = options.text("precision")?;
    if precision != "double" {
        return Err(Error::option(format!(
            "option `precision` is {precision}; with `flow` = wasserstein accepted is double"
        )));
    }
    let smoothing = options.real("initial_smoothing")?;
    if smoothing > 0.0 {
        return Err(Error::option(format!(
            "option `initial_smoothing` is {smoothing}; with `flow` = wasserstein accepted is 0"
        )));
    }
    Ok(())
}

/// How steps are posed where the labels' score is known. On any finite set of labels the weak form can
/// be lowered below its minimum, by a map that is steep at the labels and flat between them; Galerkin's
/// strong form does not see such a map, and least squares of the residual avoid it. Theirs is the work of d + 1
/// times as many labels, which random ones, that are new in each step, are not worth.
pub(super) fn form(options: &Options, rule: &Quadrature) -> Result<Option<Form>> {
    match options.text("form")?.as_str() {
        "weak" => Ok(None),
        "residual" => Ok(Some(Form::LeastSquares)),
        "auto" if rule.random().is_none() => Ok(Some(Form::LeastSquares)),
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
    let space = matches!(domain.shape(), Shape::Space);
    // The affine part of a map of space is beside the network; a map of a box has none.
    let suited: &[usize] = match (domain.dimension() <= GAUSS, space) {
        (false, _) => &[16],
        // More units than the line needs drift between labels at rest.
        (true, true) if domain.dimension() == 1 => &[8, 8],
        (true, true) => &[12, 12],
        (true, false) => &[16, 16],
    };
    let hidden = options.widths(suited)?;
    if space {
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

/// What a flow begins with on the labels of a density.
struct Beginning {
    flow: Flow,
    form: Option<Form>,
    fixed: Vec<Nodes>,
    /// The independent labels, all of them.
    labels: Nodes,
    /// Of the identity.
    parameters: Vec<f64>,
    minimizer: Minimizer,
}

impl Solver {
    /// A solver in Wasserstein space. Labels, and the map's scale, come with the initial density.
    pub(super) fn of_map(options: Options, domain: Domain, seed: u64) -> Result<Self> {
        check(&options)?;
        let d = domain.dimension();
        let map = map(&options, &domain, &vec![0.0; d], vec![1.0; d])?;
        let parameters = map.network().parameters();
        let quadrature = label_rule(&options, d, parameters)?;
        let method = Method::named(&options.text("linear_solver")?, parameters, usize::MAX)?;
        Ok(Self {
            fixed: Vec::new(),
            given: GivenByHost::default(),
            automatic_embedding: false,
            check: Nodes::default(),
            labels: Nodes::default(),
            boundary: None,
            pool: Arc::new(Pool::new(count(&options, "threads")?)?),
            flow: Flow::Map(Transport::new(map)),
            profile: None,
            origin: None,
            relabelled: Vec::new(),
            energies: Vec::new(),
            movement: movement::named(&options.text("movement")?)?,
            tau: options.real("tau")?,
            minimizer: Minimizer::new(&options, method)?,
            precision: super::precision::of(&options)?,
            form: form(&options, &quadrature)?,
            quadrature,
            options,
            domain,
            seed,
            state: None,
            observer: None,
        })
    }

    /// Starts from a density, with the identity for a map.
    pub(super) fn start(&mut self, profile: Arc<dyn Profile>) -> Result<()> {
        let start = Instant::now();
        let d = self.domain.dimension();
        if profile.dimension() != d {
            return Err(Error::argument(format!(
                "rho_0 is a density in dimension {}; option `dimension` is {d}",
                profile.dimension()
            )));
        }
        let ranks = self.pool.ranks();
        let beginning = ranks.settle(self.begin(&*profile, 0))?;
        let state = State {
            parameters: beginning.parameters.clone(),
            past: Vec::new(),
            minimizer: beginning.minimizer.clone(),
            linearized: None,
            step: 0,
            time: 0.0,
            refined: 0,
            fit: FitReport {
                relative_error: 0.0,
                iterations: 0,
                seconds: start.elapsed().as_secs_f64(),
            },
            report: StepReport::default(),
            observed: None,
        };
        self.commit(beginning, Arc::clone(&profile), state);
        self.relabelled.clear();
        self.origin = Some(Origin {
            profile,
            fingerprint: self.nodes_fingerprint(),
        });
        Ok(())
    }

    fn commit(&mut self, beginning: Beginning, profile: Arc<dyn Profile>, state: State) {
        self.flow = beginning.flow;
        self.form = beginning.form;
        self.fixed = beginning.fixed;
        self.check = self.own(beginning.labels.clone());
        self.labels = beginning.labels;
        self.profile = Some(profile);
        self.state = Some(state);
    }

    /// Labels of a density, and the identity on them.
    fn begin(&self, profile: &dyn Profile, step: u64) -> Result<Beginning> {
        let flow = self.transport()?;
        let d = self.domain.dimension();
        let mut rng = generator(self.seed, Stream::Nodes, step, 0);
        let labels = profile.labels(&self.quadrature, &mut rng)?;
        if !matches!(self.domain.shape(), Shape::Space) {
            self.check_inside(&labels.x)?;
        }
        let (mean, scale) = moments(&labels, d);
        let map = map(&self.options, &self.domain, &mean, scale)?;
        let form = match form(&self.options, &self.quadrature)? {
            Some(_) if labels.score.is_empty() => {
                if self.options.text("form")? != "auto" {
                    return Err(Error::argument(format!(
                        "option `form` is {}, which needs the score grad ln rho_0 of the \
                         particles; accepted are particles with it, or `form` = weak",
                        self.options.text("form")?
                    )));
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
        let independent = self.independent_labels(profile, step, 0)?;
        let method = Method::named(&self.options.text("linear_solver")?, parameters, rows)?;
        let mut minimizer = Minimizer::new(&self.options, method)?;
        if let Minimizer::GaussNewton(it) = &mut minimizer {
            let tolerance = real_or(&self.options, "tolerance", self.movement.tolerance)?;
            it.restart_near(match form {
                Some(Form::LeastSquares) => tolerance.min((0.1 * tolerance).max(LEAST_SEEN)),
                _ => tolerance,
            });
        }
        let mut rng = generator(self.seed, Stream::Weights, step, 0);
        let mut parameters = map.identity(&mut rng);
        self.pool.ranks().agree(Ok(()), &mut parameters)?;
        let fixed = match &self.quadrature {
            _ if profile.is_fixed() => vec![self.own(labels)],
            // A map can fold finely between labels, step after step, which labels at other places
            // reveal. Beyond the plane a few more along each axis cost several times the work.
            Quadrature::Gauss { .. } if d <= 2 => {
                let mut turns = vec![self.own(labels)];
                for turn in 1..TURNS {
                    let labels = profile.labels(&self.quadrature.turned(turn), &mut rng)?;
                    turns.push(self.own(labels));
                }
                turns
            }
            Quadrature::Gauss { .. } => vec![self.own(labels)],
            _ => Vec::new(),
        };
        Ok(Beginning {
            flow: Flow::Map(flow.with_map(map)),
            form,
            fixed,
            labels: independent,
            parameters,
            minimizer,
        })
    }

    /// Independent labels, as much denser as those of the steps are after so many refinements.
    pub(super) fn independent_labels(
        &self,
        profile: &dyn Profile,
        step: u64,
        refined: u64,
    ) -> Result<Nodes> {
        let rule = match self.quadrature.refined(refined) {
            // Gauss rules of even and odd order share no node but the centre.
            Quadrature::Gauss { per_axis } => Quadrature::Gauss {
                per_axis: match self.domain.dimension() {
                    1 | 2 => (per_axis + per_axis / 2) | 1,
                    _ => per_axis + 1,
                },
            },
            _ => Quadrature::Sobol {
                nodes: count(&self.options, "check_nodes")?,
            },
        };
        let mut rng = generator(self.seed, Stream::Check, step, 0);
        profile.labels(&rule, &mut rng)
    }

    /// Takes where the labels are for new labels once the map has deformed their surroundings by the factor
    /// of the option `relabel`, and goes on from the identity: maps are composed, and no mass is lost.
    pub(super) fn relabel(&mut self) -> Result<()> {
        let most = self.options.real("relabel")?;
        let (Flow::Map(_), Some(state)) = (&self.flow, &self.state) else {
            return Ok(());
        };
        if most == 0.0 {
            return Ok(());
        }
        let now = self.observed(state)?;
        let jacobians = self.check.rho.iter().zip(&now.rho).map(|(a, b)| a / b);
        let (least, largest) = jacobians.fold((f64::INFINITY, 0.0_f64), |(least, largest), j| {
            (least.min(j), largest.max(j))
        });
        let ranks = self.pool.ranks();
        let mut extremes = [-least, largest];
        ranks.max(Ok(()), &mut extremes)?;
        let (least, largest) = (-extremes[0], extremes[1]);
        if largest <= most * least {
            return Ok(());
        }
        log::info!(
            "relabelled at t = {:e}: J from {least:.1e} to {largest:.1e}",
            state.time
        );
        self.take_labels()
    }

    /// Takes where the labels are for new labels.
    pub(super) fn take_labels(&mut self) -> Result<()> {
        let state = self.state()?;
        let relabelled = Relabelled {
            map: self.transport()?.map().clone(),
            parameters: Arc::new(state.parameters.clone()),
            step: state.step,
        };
        let renewed = self.pushed().and_then(|pushed| {
            let profile: Arc<dyn Profile> = Arc::new(pushed);
            Ok((self.begin(&*profile, state.step)?, profile))
        });
        let (beginning, profile) = self.pool.ranks().settle(renewed)?;
        let state = State {
            parameters: beginning.parameters.clone(),
            past: Vec::new(),
            minimizer: beginning.minimizer.clone(),
            linearized: None,
            observed: None,
            ..state.clone()
        };
        self.commit(beginning, profile, state);
        self.relabelled.push(relabelled);
        self.refine_check()
    }
}
