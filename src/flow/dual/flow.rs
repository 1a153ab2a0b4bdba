//! The flow of potentials, as the solver sees it.

use super::carried::Masses as Moving;
use super::features::Features;
use super::newton::Stage;
use super::site::{SIZES, Site, region};
use super::start::{self, Fitted};
use super::{Dual, Potential};
use crate::domain::Domain;
use crate::energy::Term;
use crate::error::{Error, ErrorKind, Result};
use crate::export::Exported;
use crate::field::Network;
use crate::fingerprint::Numbers;
use crate::flow::transport::{Measure, Terms};
use crate::flow::{
    Beginning, Centre, Context, FieldSpec, Flow, FlowSpec, Lagrangian, Masses, Minimized, Observed,
    Posed, REST, State, Turn,
};
use crate::initial::Initial;
use crate::initial::profile::Profile;
use crate::minimize::{Method, Minimizer, Objective, Stop, Watch};
use crate::quadrature::{Nodes, Quadrature, Stream, generator};
use crate::report::FitReport;
use crate::section::Section;
use std::time::Instant;

/// The row of the registry.
pub static SPEC: FlowSpec = FlowSpec {
    name: "wasserstein",
    transport: "dual",
    initial: "a density of mass 1",
    create: |cx, domain| Ok(Box::new(DualFlow::new(cx, domain, Terms::default())?)),
};

static FIELDS: [FieldSpec; 5] = [
    FieldSpec::DENSITY,
    FieldSpec::VALUE,
    FieldSpec::GRADIENT,
    FieldSpec::ENERGY_DENSITY,
    FieldSpec::ENERGY_DENSITIES,
];

/// Masses, relative to the largest of a node, below which a step does not carry them.
const KEPT: f64 = 1e-8;

/// The part of the mass that independent nodes may see too much or too little of.
const ROUGH: f64 = 1e-3;

/// Points by which quantiles are found.
const SAMPLE: usize = 1 << 14;

/// The Wasserstein gradient flow by potentials.
#[derive(Clone)]
pub struct DualFlow {
    domain: Domain,
    terms: Terms,
    /// Once there is an initial density.
    begun: Option<Begun>,
    /// The network before that, and no nodes.
    network: Network,
    none: Nodes,
}

#[derive(Clone)]
struct Begun {
    dual: Dual,
    site: Site,
    /// Times that features were drawn.
    draws: u64,
}

impl DualFlow {
    /// The flow of these terms.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option) if the options of the network do not fit.
    pub fn new(cx: &Context, domain: Domain, terms: Terms) -> Result<Self> {
        let d = domain.dimension();
        if d > SIZES.len() {
            return Err(Error::internal("potentials are for up to three dimensions"));
        }
        Ok(Self {
            network: cx.settings.network.of_field(&domain)?,
            domain,
            terms,
            begun: None,
            none: Nodes::default(),
        })
    }

    fn begun(&self) -> Result<&Begun> {
        let begun = self.begun.as_ref();
        begun.ok_or_else(|| Error::state("there is no initial condition yet"))
    }

    fn begin_with(
        &self,
        cx: &Context,
        profile: &dyn Profile,
        watch: &mut Watch<'_>,
    ) -> Result<Fitted> {
        let d = self.domain.dimension();
        if profile.dimension() != d {
            return Err(Error::argument(format!(
                "rho_0 is a density in dimension {}; option `dimension` is {d}",
                profile.dimension()
            )));
        }
        if self.terms.names().next().is_none() {
            return Err(Error::state(
                "there is no energy yet; with `transport` = dual energies are added before the initial \
                 condition",
            ));
        }
        let Some(region) = start::region_of(&self.domain, profile)? else {
            return Err(Error::argument(
                "rho_0 vanishes at all of its labels; accepted are densities with mass there",
            ));
        };
        let fitted = start::begin(cx, &self.terms, profile, (&self.domain, &region), watch)?;
        let fitted = fitted.ok_or_else(|| {
            Error::option(
                "option `transport` is dual, which takes functionals int H(rho) + V rho + interactions \
                 with a convex H; accepted for others is map",
            )
        })?;
        let accept = cx.settings.fit.fit_accept;
        if fitted.error > accept {
            return Err(Error::new(
                ErrorKind::NotConverged,
                format!(
                    "the potential of rho_0 has the relative error {:.1e} on independent points; option \
                     `fit_accept` is {accept:e}: smooth rho_0, or take `transport` = map",
                    fitted.error
                ),
            ));
        }
        Ok(fitted)
    }

    /// The parameters of a state: the hidden layer, coefficients, positions and densities.
    fn parameters_of(&self, site: &Site, state: &Potential) -> Vec<f64> {
        let mut all = site.basis.features.hidden();
        for part in [&state.coefficients, &state.y, &state.rho] {
            all.extend_from_slice(part);
        }
        all
    }

    /// The potential that is in the parameters.
    fn potential(&self, site: &Site, parameters: &[f64]) -> Potential {
        let (d, n) = (site.dimension(), site.nodes.len());
        let (_, rest) = parameters.split_at(site.network.outputs_start());
        let (coefficients, rest) = rest.split_at(site.basis.features.len());
        let (y, rho) = rest.split_at(n * d);
        Potential {
            coefficients: coefficients.to_vec(),
            y: y.to_vec(),
            rho: rho.iter().map(|r| r.max(0.0)).collect(),
        }
    }
}

impl Flow for DualFlow {
    fn spec(&self) -> &'static FlowSpec {
        &SPEC
    }

    fn boxed_clone(&self) -> Box<dyn Flow> {
        Box::new(self.clone())
    }

    fn domain(&self) -> &Domain {
        &self.domain
    }

    fn network(&self) -> &Network {
        self.begun
            .as_ref()
            .map_or(&self.network, |begun| &begun.site.network)
    }

    fn parameters(&self) -> usize {
        self.begun.as_ref().map_or(0, |Begun { site, .. }| {
            let (n, d) = (site.nodes.len(), site.dimension());
            site.network.outputs_start() + site.basis.features.len() + n * (d + 1)
        })
    }

    fn add_term(&mut self, term: Term) -> Result<()> {
        if self.begun.is_some() {
            return Err(Error::state(
                "with `transport` = dual energies are added before the initial condition",
            ));
        }
        self.terms.add(term)
    }

    fn term_names(&self) -> Vec<&str> {
        self.terms.names().collect()
    }

    fn suited(&self, cx: &Context, initial: &Initial<'_>) -> Result<Option<Box<dyn Flow>>> {
        if cx.settings.problem.transport == SPEC.transport
            || super::suits(cx, &self.domain, &self.terms, initial)?
        {
            return Ok(None);
        }
        let domain = self.domain.clone();
        let other = crate::flow::transport::TransportFlow::of(cx, domain, self.terms.clone())?;
        Ok(Some(Box::new(other)))
    }

    fn energies(&self, cx: &Context, observed: &Observed) -> Result<Vec<f64>> {
        let Begun { site, .. } = self.begun()?;
        let rho: Vec<f64> = observed
            .u
            .iter()
            .map(|r| r.max(f64::MIN_POSITIVE))
            .collect();
        let w: Vec<f64> = site.check.w.iter().zip(&rho).map(|(w, r)| w * r).collect();
        let measure = Measure {
            d: site.dimension(),
            y: &site.check.x,
            w: &w,
            rho: &rho,
        };
        self.terms.energies(&cx.pool, &measure)
    }

    fn start(
        &mut self,
        cx: &Context,
        initial: Initial<'_>,
        watch: &mut Watch<'_>,
    ) -> Result<Beginning> {
        let Initial::Density(profile) = initial else {
            return Err(self.no_use_for("a function or values as initial condition"));
        };
        let start = Instant::now();
        let fitted = self.begin_with(cx, &*profile, watch)?;
        let parameters = self.parameters_of(&fitted.site, &fitted.state);
        self.begun = Some(Begun {
            dual: fitted.dual,
            site: fitted.site,
            draws: SIZES[0].len() as u64,
        });
        Ok(Beginning {
            parameters,
            minimizer: cx.minimizer(Method::Dense),
            fit: FitReport {
                relative_error: fitted.error,
                iterations: fitted.iterations,
                seconds: start.elapsed().as_secs_f64(),
            },
        })
    }

    fn check_splits(&self) -> Result<()> {
        Err(Error::option(
            "option `transport` is dual, whose steps one rank takes; with a communicator accepted is map",
        ))
    }

    fn nodes(&self, _cx: &Context, _turn: Turn) -> Result<Nodes> {
        Ok(self.begun()?.site.nodes.clone())
    }

    /// Where the masses at the nodes have gone.
    fn values(&self, _cx: &Context, _x: &[f64], parameters: &[f64]) -> Result<Vec<f64>> {
        Ok(self.potential(&self.begun()?.site, parameters).y)
    }

    /// `sum g_i Y_i / S`, the positions of the masses that are at the nodes in the beginning.
    fn centre(
        &self,
        _cx: &Context,
        _nodes: &Nodes,
        parts: &[(f64, &[f64])],
        tau: f64,
    ) -> Result<Centre> {
        let site = &self.begun()?.site;
        let total: f64 = parts.iter().map(|(g, _)| g).sum();
        let mut values = vec![0.0; site.nodes.x.len()];
        for (i, (g, parameters)) in parts.iter().enumerate() {
            let y = match i {
                0 => site.nodes.x.clone(),
                _ => self.potential(site, parameters).y,
            };
            let pairs = values.iter_mut().zip(&y);
            pairs.for_each(|(v, y)| *v += g / total * y);
        }
        Ok(Centre {
            values,
            strength: total / tau,
        })
    }

    fn stage<'a>(&'a self, _posed: &Posed<'a>) -> Result<Box<dyn Objective + 'a>> {
        Err(Error::internal("a potential is found by its dual"))
    }

    fn minimize_stage(
        &self,
        posed: &Posed<'_>,
        guesses: Vec<Vec<f64>>,
        _minimizer: &mut Minimizer,
        stop: &Stop,
        watch: &mut Watch<'_>,
    ) -> Result<Minimized> {
        let Begun { dual, site, .. } = self.begun()?;
        let Posed { cx, centre, .. } = *posed;
        let before = self.potential(site, posed.before);
        let points = site.nodes.w.iter().zip(&before.rho);
        let mut mass: Vec<f64> = points.map(|(w, r)| w * r).collect();
        let most = mass.iter().fold(0.0_f64, |a, b| a.max(*b));
        let all: f64 = mass.iter().sum();
        mass.iter_mut()
            .filter(|m| **m < KEPT * most)
            .for_each(|m| *m = 0.0);
        let kept: f64 = mass.iter().sum();
        mass.iter_mut().for_each(|m| *m *= all / kept);
        let stage = Stage {
            pool: &cx.pool,
            dual,
            site,
            masses: Moving {
                centre: &centre.values,
                mass: &mass,
                tau: 1.0 / centre.strength,
            },
            strength: centre.strength,
            rest: self.rest_of(site, &before.rho),
        };
        // The stage before: where there is hardly any mass a line through earlier ones leads astray.
        let Some(before) = guesses.first() else {
            return Err(Error::internal("a stage has no guess"));
        };
        let mut guess = self.potential(site, before);
        guess.y.clone_from(&centre.values);
        let (state, outcome, scale) = stage.solve(guess, stop, watch)?;
        Ok(Minimized {
            parameters: self.parameters_of(site, &state),
            outcome,
            scale,
        })
    }

    fn check_nodes(&self) -> &Nodes {
        self.begun.as_ref().map_or(&self.none, |it| &it.site.check)
    }

    fn observe(&self, cx: &Context, parameters: &[f64]) -> Result<Observed> {
        let Begun { dual, site, .. } = self.begun()?;
        let state = self.potential(site, parameters);
        Ok(Observed {
            u: site.check_density(&cx.pool, dual, &state)?,
            ..Observed::default()
        })
    }

    fn observe_stage(
        &self,
        cx: &Context,
        parameters: &[f64],
        _centre: &Centre,
    ) -> Result<(Observed, f64)> {
        Ok((self.observe(cx, parameters)?, f64::NAN))
    }

    fn distance(
        &self,
        _cx: &Context,
        parameters: &[f64],
        _after: &Observed,
        _before: &Observed,
    ) -> Result<f64> {
        let Begun { site, .. } = self.begun()?;
        let state = self.potential(site, parameters);
        let d = site.dimension();
        let points = state.y.chunks_exact(d).zip(site.nodes.x.chunks_exact(d));
        let squares =
            points.map(|(y, x)| y.iter().zip(x).map(|(y, x)| (y - x) * (y - x)).sum::<f64>());
        let masses = site.nodes.w.iter().zip(&state.rho).map(|(w, r)| w * r);
        Ok(squares.zip(masses).map(|(s, m)| s * m).sum::<f64>().sqrt())
    }

    fn rest(&self, _cx: &Context, observed: &Observed) -> Result<f64> {
        let Begun { site, .. } = self.begun()?;
        Ok(self.variance(&site.check, &observed.u) * 0.5 * REST * REST)
    }

    /// 0: no mass goes through the faces of a box, and space has none.
    fn boundary_flux(&self, _cx: &Context, _parameters: &[f64]) -> Result<f64> {
        Ok(0.0)
    }

    /// Moves to another region when the mass has, and to a larger size when nodes turn out too few.
    fn after_step(&mut self, cx: &Context, state: &mut State, _before: u64) -> Result<()> {
        let Begun { dual, site, draws } = self.begun()?;
        let potential = self.potential(site, &state.parameters);
        let mut sizes = SIZES[site.dimension() - 1].as_slice();
        let larger = sizes
            .iter()
            .position(|size| size.per_axis > site.size.per_axis);
        let rough = (state.report.mass - 1.0).abs() > ROUGH;
        match larger {
            Some(larger) if rough => sizes = &sizes[larger..],
            _ if site.is_left(&self.domain, &potential.rho)? => {}
            _ => return Ok(()),
        }
        let needed = super::region::around(&self.domain, &site.nodes.x, &potential.rho)?;
        let needed = needed.unwrap_or_else(|| site.region.clone());
        let variance = 2.0 * dual.diffusivity() * state.report.tau;
        let region = super::region::widened(&self.domain, &needed, variance)?;
        let before = (dual, site, &potential);
        let fitted = start::move_to(cx, before, (&self.domain, &region), sizes, *draws)?;
        let Some(fitted) = fitted else {
            return Ok(());
        };
        log::info!(
            "step {}: the potential is that of {:?} to {:?} from here on",
            state.step,
            region.lower(),
            region.upper()
        );
        let parameters = self.parameters_of(&fitted.site, &fitted.state);
        self.begun = Some(Begun {
            dual: fitted.dual,
            site: fitted.site,
            draws: draws + SIZES[0].len() as u64,
        });
        state.reparametrize(parameters, cx.minimizer(Method::Dense));
        Ok(())
    }

    fn evaluate(
        &self,
        cx: &Context,
        parameters: &[f64],
        x: &[f64],
        u: &mut [f64],
        grad: Option<&mut [f64]>,
    ) -> Result<()> {
        let Begun { dual, site, .. } = self.begun()?;
        let state = self.potential(site, parameters);
        let found = site.evaluate(&cx.pool, dual, &state, x, grad.is_some())?;
        u.copy_from_slice(&found.rho);
        if let Some(grad) = grad {
            grad.copy_from_slice(&found.slope);
        }
        Ok(())
    }

    fn fields(&self) -> &'static [FieldSpec] {
        &FIELDS
    }

    fn energy_densities(
        &self,
        cx: &Context,
        parameters: &[f64],
        (x, rho, _): (&[f64], &[f64], &[f64]),
    ) -> Result<Vec<Vec<f64>>> {
        let Begun { site, .. } = self.begun()?;
        let state = self.potential(site, parameters);
        let points = site.nodes.w.iter().zip(&state.rho);
        let w: Vec<f64> = points.map(|(w, r)| w * r).collect();
        let whole = Measure {
            d: site.dimension(),
            y: &site.nodes.x,
            w: &w,
            rho: &state.rho,
        };
        self.terms.densities(&cx.pool, &whole, (x, rho))
    }

    fn masses(&self, cx: &Context, parameters: &[f64]) -> Result<Option<Masses>> {
        let Begun { site, .. } = self.begun()?;
        let rho = self.observe(cx, parameters)?.u;
        let rho: Vec<f64> = rho.into_iter().map(|r| r.max(f64::MIN_POSITIVE)).collect();
        Ok(Some(Masses {
            x: site.check.x.clone(),
            w: site.check.w.iter().zip(&rho).map(|(w, r)| w * r).collect(),
            rho,
        }))
    }

    fn lagrangian(&self) -> Result<&dyn Lagrangian> {
        Err(Error::state(
            "option `transport` is dual, or the library's choice of it, which keeps no transport map of \
             labels; accepted is map",
        ))
    }

    fn sample(&self, cx: &Context, state: &State) -> Result<Nodes> {
        let Begun { dual, site, .. } = self.begun()?;
        let d = site.dimension();
        let rule = match d {
            1 => Quadrature::Gauss {
                per_axis: SAMPLE / 8,
            },
            _ => Quadrature::sobol(SAMPLE, d)?,
        };
        let mut nodes = rule.nodes(&site.region, &mut generator(cx.seed(), Stream::Check, 0, 0))?;
        let potential = self.potential(site, &state.parameters);
        let found = site.evaluate(&cx.pool, dual, &potential, &nodes.x, false)?;
        nodes
            .w
            .iter_mut()
            .zip(&found.rho)
            .for_each(|(w, r)| *w *= r);
        let mass: f64 = nodes.w.iter().sum();
        nodes.w.iter_mut().for_each(|w| *w /= mass);
        nodes.rho = found.rho;
        Ok(nodes)
    }

    fn add_fingerprint(&self, numbers: &mut Numbers) {
        if let Some(Begun { site, .. }) = &self.begun {
            site.nodes.add_to(numbers);
            site.check.add_to(numbers);
        }
    }

    fn save(&self, into: &mut Section) {
        if let Some(Begun { site, draws, dual }) = &self.begun {
            let features = &site.basis.features;
            into.set_list("region_lower", site.region.lower().to_vec());
            into.set_list("region_upper", site.region.upper().to_vec());
            into.set_list("hidden_layer", features.hidden());
            into.set_list("basis_weights", site.weights.clone());
            into.set_f64("reference_density", dual.reference);
            into.set_f64("top", site.top);
            into.set_u64("draws", *draws);
            into.set_u64("per_axis", site.size.per_axis as u64);
        }
    }

    fn resume(&mut self, cx: &Context, saved: &Section, _refinements: u64) -> Result<Minimizer> {
        if self.begun.is_none() {
            return Err(Error::state(
                "a flow of potentials is restored on top of its initial density: set it first, as it was in \
                 the run that wrote the snapshot",
            ));
        }
        let d = self.domain.dimension();
        let corner = |name: &str| -> Result<Vec<f64>> {
            let given = saved.get_list(name)?;
            if given.len() == d {
                return Ok(given.to_vec());
            }
            Err(saved.refused(name, &format!("{} numbers", given.len()), &format!("{d}")))
        };
        let box_now = region(corner("region_lower")?, corner("region_upper")?)?;
        let per_axis = saved.get_u64("per_axis")?;
        let sizes = SIZES[d - 1].iter();
        let size = sizes.clone().find(|size| size.per_axis as u64 == per_axis);
        let Some(size) = size else {
            let known: Vec<String> = sizes.map(|size| size.per_axis.to_string()).collect();
            return Err(saved.refused("per_axis", &per_axis.to_string(), &known.join(", ")));
        };
        let both = Site::nodes(&self.domain, &box_now, *size)?;
        let weights = saved.get_list("basis_weights")?;
        if weights.len() != both[0].len() {
            let accepted = both[0].len().to_string();
            return Err(saved.refused("basis_weights", &weights.len().to_string(), &accepted));
        }
        let hidden = saved.get_list("hidden_layer")?;
        if hidden.len() % (d + 1) != 0 {
            let accepted = format!("a multiple of {}", d + 1);
            return Err(saved.refused("hidden_layer", &hidden.len().to_string(), &accepted));
        }
        let features = Features::of(hidden, box_now.lower(), box_now.upper());
        let reference = saved.get_f64("reference_density")?;
        let nodes = (both[0].x.as_slice(), d);
        let dual = Dual::new(&cx.pool, &self.terms, nodes, reference, size.rounding())?;
        let dual =
            dual.ok_or_else(|| Error::state("the energies are not those of the snapshot"))?;
        let top = saved.get_f64("top")?;
        let given = match top.is_nan() {
            true => None,
            false => Some(Site::spline(cx, &dual, &box_now, top)?),
        };
        let features = features.with(given);
        let mut site = Site::of(cx, &dual, box_now, *size, both, weights.to_vec(), features)?;
        site.top = top;
        self.begun = Some(Begun {
            dual,
            site,
            draws: saved.get_u64("draws")?,
        });
        Ok(cx.minimizer(Method::Dense))
    }

    fn export(&self, _cx: &Context, parameters: &[f64], out: &mut Exported) -> Result<()> {
        let site = &self.begun()?.site;
        crate::flow::export::add_network(out, "", &site.network, parameters);
        let state = self.potential(site, parameters);
        let (_, quadratic) = state
            .coefficients
            .split_at(site.basis.features.planes() + 1);
        out.add("quadratic".to_owned(), vec![quadratic.len()], quadratic);
        out.notes.push(("kind", "potential".to_owned()));
        Ok(())
    }
}

impl DualFlow {
    fn rest_of(&self, site: &Site, rho: &[f64]) -> f64 {
        0.5 * REST * REST * self.variance(&site.nodes, rho)
    }

    /// The sum of the variances of the coordinates.
    fn variance(&self, nodes: &Nodes, rho: &[f64]) -> f64 {
        let d = self.domain.dimension();
        let masses: Vec<f64> = nodes.w.iter().zip(rho).map(|(w, r)| w * r).collect();
        let moment = |axis: usize, power: i32| -> f64 {
            let along = nodes.x.iter().skip(axis).step_by(d);
            along.zip(&masses).map(|(x, m)| m * x.powi(power)).sum()
        };
        let variance = |axis| {
            let mean = moment(axis, 1);
            let along = nodes.x.iter().skip(axis).step_by(d);
            along
                .zip(&masses)
                .map(|(x, m)| m * (x - mean) * (x - mean))
                .sum::<f64>()
        };
        (0..d).map(variance).sum()
    }
}
