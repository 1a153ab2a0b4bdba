//! Labels of a density, and the map and the minimiser that suit them.

use super::{Map, Pushed, Transport, TransportFlow, sloped};
use crate::domain::{Domain, Shape};
use crate::error::{Error, Result};
use crate::flow::{Context, Turn};
use crate::initial::profile::Profile;
use crate::minimize::Minimizer;
use crate::objective::{Form, FormChoice};
use crate::options::{DiscretizationSettings, NetworkSettings};
use crate::quadrature::{
    Nodes, Quadrature, QuadratureChoice, Stream, TURNS, check_size, generator,
};
use std::num::NonZeroUsize;
use std::sync::Arc;

/// Up to this dimension labels are Gauss nodes where the option does not say otherwise.
const GAUSS: usize = 4;

/// Gauss labels along an axis, at least, by dimension.
const LEAST: [usize; GAUSS] = [64, 24, 12, 8];

/// Least squares of the residual weigh what a map does over a short distance by a power of that
/// distance, and so damp more of it than the other forms: a tenth of the tolerance takes its place,
/// down to this one, below which directions that labels hardly see drift.
const LEAST_SEEN: f64 = 1e-5;

/// Labels along an axis, relative to those of the rule, of a density that vanishes in most of the box.
const MOST_DENSER: usize = 8;

/// Rows of the model of a stage for each label.
fn rows_per_label(form: Option<Form>, d: usize) -> usize {
    match form {
        None => d + d * d,
        Some(_) => d,
    }
}

/// The rule of the labels for a map with so many parameters.
pub(super) fn label_rule(
    settings: &DiscretizationSettings,
    d: usize,
    parameters: usize,
) -> Result<Quadrature> {
    let choice = settings.quadrature;
    let gauss = match choice {
        QuadratureChoice::Auto => d <= GAUSS,
        choice => choice == QuadratureChoice::Gauss,
    };
    let least = match LEAST.get(d - 1).filter(|_| gauss) {
        Some(per_axis) => per_axis.pow(d as u32),
        None => 1000,
    };
    // A label gives d equations at least; with fewer of them than about twice the parameters the
    // map can lower the objective by oscillating between the labels.
    let suited = (2 * parameters).div_ceil(d).max(least);
    let nodes = settings.nodes.map_or(suited, NonZeroUsize::get);
    check_size("nodes", nodes as f64, d)?;
    match choice {
        _ if gauss => {
            let per_axis = (nodes as f64).powf(1.0 / d as f64).ceil() as usize;
            check_size("nodes", (per_axis as f64).powi(d as i32), d)?;
            Ok(Quadrature::Gauss { per_axis })
        }
        QuadratureChoice::Stratified | QuadratureChoice::MonteCarlo => {
            Ok(Quadrature::MonteCarlo { nodes })
        }
        _ => Ok(Quadrature::Sobol { nodes }),
    }
}

/// Returns the form of the steps where the labels' score is known. On any finite set of labels the
/// weak form can be lowered below its minimum, by a map that is steep at the labels and flat between them;
/// Galerkin's strong form does not see such a map, and least squares of the residual avoid it.
/// Theirs is the work of d + 1 times as many labels, which random ones, that are new in each step,
/// are not worth.
pub(super) fn form(choice: FormChoice, rule: &Quadrature) -> Option<Form> {
    match choice {
        FormChoice::Weak => None,
        FormChoice::Residual => Some(Form::LeastSquares),
        FormChoice::Auto if rule.random().is_none() => Some(Form::LeastSquares),
        FormChoice::Auto | FormChoice::Galerkin => Some(Form::Galerkin),
    }
}

/// The map of the options for labels of this mean and scale: one that carries slopes of the density where energies
/// depend on them.
pub(super) fn map(
    settings: &NetworkSettings,
    domain: &Domain,
    (mean, scale): (&[f64], Vec<f64>),
    carries_slopes: bool,
) -> Map {
    let (suited, scale) = match carries_slopes {
        true => (sloped::units(domain.dimension()), sloped::scaled(scale)),
        false => (suited(domain), scale),
    };
    let (activation, hidden) = (settings.activation, settings.hidden.or(suited));
    if matches!(domain.shape(), Shape::Space) {
        return Map::of_space(mean, scale, activation, hidden);
    }
    Map::of_box(domain, settings.embedding(domain), activation, hidden)
}

/// The widths of the hidden layers of a map.
fn suited(domain: &Domain) -> &'static [usize] {
    let space = matches!(domain.shape(), Shape::Space);
    // The affine part of a map of space is beside the network; a map of a box has none.
    match (domain.dimension() <= GAUSS, space) {
        (false, _) => &[16],
        // More units than the line needs drift between labels at rest.
        (true, true) if domain.dimension() == 1 => &[8, 8],
        (true, true) => &[12, 12],
        (true, false) => &[16, 16],
    }
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

/// Labels of a density, on this rank and on all.
#[derive(Clone)]
pub(super) struct Labels {
    /// The density that they are a sample of.
    pub profile: Arc<dyn Profile>,
    /// The form of the steps on them; `None` is the weak one.
    pub form: Option<Form>,
    /// About how many a step has, on all ranks.
    pub count: usize,
    /// Sets of labels that the steps use in turn where they are not random; this rank's own.
    pub fixed: Vec<Nodes>,
    /// Independent labels; this rank's own.
    pub check: Nodes,
    /// The independent labels of all ranks, by which a map is looked up.
    pub independent: Nodes,
}

impl Labels {
    /// Labels of a step: in turn, or drawn anew by the rule, denser with each attempt.
    pub fn of_step(&self, cx: &Context, rule: &Quadrature, turn: Turn) -> Result<Nodes> {
        let set = turn.step.checked_rem(self.fixed.len() as u64).unwrap_or(0) as usize;
        match self.fixed.get(set) {
            Some(nodes) if turn.attempt == 0 => Ok(nodes.clone()),
            _ => {
                let mut rng = generator(cx.seed(), Stream::Nodes, turn.step, turn.attempt);
                let rule = rule.refined(turn.attempt).turned(set);
                Ok(cx.own(self.profile.labels(&rule, &mut rng)?))
            }
        }
    }
}

/// Labels of a density, and the identity on them.
pub(super) struct Fresh {
    pub functional: Transport,
    pub labels: Labels,
    /// Parameters of the identity.
    pub parameters: Vec<f64>,
    pub minimizer: Minimizer,
    /// Mean and scale of the labels along each axis, in which the map is known.
    pub frame: Vec<f64>,
}

/// The minimiser of the options for a map on so many rows.
pub(super) fn minimizer(cx: &Context, parameters: usize, rows: usize) -> Result<Minimizer> {
    Ok(cx.minimizer(cx.method(parameters, rows)?))
}

impl TransportFlow {
    /// Labels of a density, and the identity on them.
    pub(super) fn fresh(
        &self,
        cx: &Context,
        profile: Arc<dyn Profile>,
        step: u64,
    ) -> Result<Fresh> {
        let settings = &cx.settings;
        let d = self.domain.dimension();
        let mut rng = generator(cx.seed(), Stream::Nodes, step, 0);
        let labels = profile.labels(&self.quadrature, &mut rng)?;
        if !matches!(self.domain.shape(), Shape::Space) {
            self.domain.check_inside(&labels.x)?;
        }
        let asked = settings.discretization.form;
        let form = match form(asked, &self.quadrature) {
            _ if self.functional.terms().use_slope() => {
                sloped::check(asked, d)?;
                None
            }
            Some(_) if labels.score.is_empty() => {
                if asked != FormChoice::Auto {
                    return Err(Error::argument(format!(
                        "option `form` is {}, which needs the score grad ln rho_0 of the \
                         particles; accepted are particles with it, or `form` = weak",
                        asked.name()
                    )));
                }
                None
            }
            form => form,
        };
        let independent = self.independent_labels(cx, &*profile, step, 0)?;
        let (mean, scale) = moments(&labels, d);
        let frame = [mean.as_slice(), &scale].concat();
        let slopes = self.functional.terms().use_slope();
        let map = map(&settings.network, &self.domain, (&mean, scale), slopes);
        let mut rng_of_weights = generator(cx.seed(), Stream::Weights, step, 0);
        let mut parameters = match slopes {
            true => map.features(&mut rng_of_weights),
            false => map.identity(&mut rng_of_weights),
        };
        cx.ranks().agree(Ok(()), &mut parameters)?;
        let count = labels.len();
        let minimizer = self.minimizer_on(cx, &map, form, count)?;
        let fixed = match &self.quadrature {
            _ if profile.is_fixed() => vec![cx.own(labels)],
            // A map can fold finely between labels, step after step, which labels at other places
            // reveal. Beyond the plane a few more along each axis cost several times the work.
            Quadrature::Gauss { .. } if d <= 2 => {
                let mut turns = vec![cx.own(labels)];
                for turn in 1..TURNS {
                    let labels = profile.labels(&self.quadrature.turned(turn), &mut rng)?;
                    turns.push(cx.own(labels));
                }
                turns
            }
            Quadrature::Gauss { .. } => vec![cx.own(labels)],
            _ => Vec::new(),
        };
        Ok(Fresh {
            functional: self.functional.with_map(map),
            labels: Labels {
                profile,
                form,
                count,
                fixed,
                check: cx.own(independent.clone()),
                independent,
            },
            parameters,
            minimizer,
            frame,
        })
    }

    /// The rule of the options, or where they leave the number of labels to the library and a density
    /// that vanishes in a part of the box takes too few of them, a denser one.
    pub(super) fn sufficient_rule(
        &self,
        cx: &Context,
        profile: &dyn Profile,
    ) -> Result<Quadrature> {
        let settings = &cx.settings.discretization;
        let d = self.domain.dimension();
        // Of the options' map, whichever there is now: a restart finds the same labels.
        let plain = map(
            &cx.settings.network,
            &self.domain,
            (&vec![0.0; d], vec![1.0; d]),
            false,
        );
        let parameters = plain.network().parameters();
        let rule = match self.functional.terms().use_slope() {
            true => sloped::rule(settings, d)?,
            false => label_rule(settings, d, parameters)?,
        };
        let Quadrature::Gauss { per_axis } = rule else {
            return Ok(rule);
        };
        if settings.nodes.is_some() || profile.is_fixed() {
            return Ok(rule);
        }
        let enough = (2 * parameters).div_ceil(d);
        let mut dense = rule;
        for denser in 2..=MOST_DENSER {
            let mut rng = generator(cx.seed(), Stream::Nodes, 0, 0);
            if profile.labels(&dense, &mut rng)?.len() >= enough {
                break;
            }
            let per_axis = per_axis * denser;
            check_size("nodes", (per_axis as f64).powi(d as i32), d)?;
            dense = Quadrature::Gauss { per_axis };
        }
        Ok(dense)
    }

    /// The labels where a map of these parameters has carried them, and on them the identity, with
    /// the hidden layers of that map: what it was made of suits the next one.
    pub(super) fn carried(
        &self,
        cx: &Context,
        pushed: Pushed,
        parameters: &[f64],
    ) -> Result<Fresh> {
        let before = self.labels()?;
        let d = self.domain.dimension();
        let push = |nodes: &Nodes| pushed.push(nodes);
        let fixed: Vec<Nodes> = before.fixed.iter().map(push).collect::<Result<_>>()?;
        let independent = push(&before.independent)?;
        let check = cx.own(independent.clone());
        let (mean, scale) = moments(&independent, d);
        let slopes = self.functional.terms().use_slope();
        let map = map(&cx.settings.network, &self.domain, (&mean, scale), slopes);
        let mut parameters = parameters.to_vec();
        map.network().clear_outputs(&mut parameters);
        Ok(Fresh {
            minimizer: self.minimizer_on(cx, &map, before.form, before.count)?,
            functional: self.functional.with_map(map),
            labels: Labels {
                profile: Arc::new(pushed),
                form: before.form,
                count: before.count,
                fixed,
                check,
                independent,
            },
            parameters,
            frame: Vec::new(),
        })
    }

    /// The minimiser of steps of this map on so many labels.
    fn minimizer_on(
        &self,
        cx: &Context,
        map: &Map,
        form: Option<Form>,
        labels: usize,
    ) -> Result<Minimizer> {
        let rows = labels * rows_per_label(form, self.domain.dimension());
        let still = match self.functional.terms().use_slope() {
            true => map.network().outputs_start(),
            false => 0,
        };
        let parameters = map.network().parameters() - still;
        if rows < parameters {
            return Err(Error::argument(format!(
                "{labels} labels give {rows} equations for the {parameters} parameters of the map; \
                 accepted are at least as many: give more or a smaller `hidden`"
            )));
        }
        let mut minimizer = minimizer(cx, parameters, rows)?;
        if let Minimizer::GaussNewton(it) = &mut minimizer {
            let tolerance = cx.tolerance();
            it.restart_near(match form {
                Some(Form::LeastSquares) => tolerance.min((0.1 * tolerance).max(LEAST_SEEN)),
                _ => tolerance,
            });
        }
        Ok(minimizer)
    }

    /// Independent labels, as much denser as those of the steps are after so many refinements.
    pub(super) fn independent_labels(
        &self,
        cx: &Context,
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
                nodes: cx.settings.discretization.check_nodes,
            },
        };
        let mut rng = generator(cx.seed(), Stream::Check, step, 0);
        profile.labels(&rule, &mut rng)
    }
}
