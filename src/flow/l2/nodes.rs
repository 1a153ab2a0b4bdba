//! Nodes of the integrals: the rule of the options, the host's region or its own nodes.

use super::NonLocal;
use super::boundary::BoundaryEnergies;
use super::capacity::Capacity;
use crate::domain::Domain;
use crate::error::Result;
use crate::options::Settings;
use crate::quadrature::{Boundary, Nodes, Quadrature, Stream, check_size, generator};
use rand::RngExt;

/// Up to this dimension the independent nodes are Gauss nodes, beyond it random.
pub(super) const DETERMINISTIC_CHECK: usize = 3;

/// The rule of the options on a domain, and what it does not draw anew at each step.
pub(super) struct Integration {
    pub quadrature: Quadrature,
    pub fixed: Vec<Nodes>,
    pub check: Nodes,
    pub boundary: Boundary,
}

impl Integration {
    pub(super) fn new(
        settings: &Settings,
        domain: &Domain,
        (capacity, metric): (&Capacity, Option<&dyn NonLocal>),
        energies: &BoundaryEnergies,
    ) -> Result<Self> {
        let asked = &settings.discretization;
        let quadrature = match capacity.rule() {
            Some(rule) => match asked.nodes {
                Some(nodes) => rule.resized("nodes", nodes.get(), domain)?,
                None => rule,
            },
            None => Quadrature::new(
                asked.quadrature,
                asked.nodes,
                domain,
                capacity.in_nodes(domain, metric),
            )?,
        };
        let least = asked.check_nodes;
        let d = domain.dimension();
        check_size("check_nodes", least as f64, d)?;
        let mut rng = generator(settings.run.seed, Stream::Check, 0, 0);
        let check = if capacity.rule().is_some() {
            quadrature.independent(least, domain)
        } else if d <= DETERMINISTIC_CHECK {
            Quadrature::gauss(quadrature.len(domain), domain)?.independent(least, domain)
        } else {
            Quadrature::sobol(least, d)?
        };
        let mut sets = quadrature.turns(domain);
        // Random features are no finer than the nodes, and what they are there is kept.
        if capacity.outputs_only {
            sets.truncate(1);
        }
        let sets = sets
            .iter()
            .map(|rule| nodes_of(rule, domain, (energies, settings), &mut rng));
        let fixed = sets.collect::<Result<_>>()?;
        Ok(Self {
            fixed,
            check: check.nodes(domain, &mut rng)?,
            boundary: Boundary::of(domain, least, &mut rng)?.on(has_sides(settings, domain)),
            quadrature,
        })
    }
}

/// The nodes of a rule in the domain, and after them those on the sides that have energies.
pub(super) fn nodes_of(
    rule: &Quadrature,
    domain: &Domain,
    (energies, settings): (&BoundaryEnergies, &Settings),
    rng: &mut impl RngExt,
) -> Result<Nodes> {
    let nodes = rule.nodes(domain, rng)?;
    if energies.is_empty() {
        return Ok(nodes);
    }
    let boundary = Boundary::along(rule, domain, rng)?;
    let is_side = has_sides(settings, domain);
    Ok(nodes.with_boundary(&boundary.on(|side| is_side(side) && energies.cover(side))))
}

/// Whether a side is one where u ends: along periodic axes of a box there are none.
fn has_sides<'a>(settings: &'a Settings, domain: &'a Domain) -> impl Fn(i32) -> bool + 'a {
    let periodic = &settings.network.periodic_axes;
    move |side| !domain.is_box() || !periodic.iter().any(|axis| *axis as i32 == side / 2)
}
