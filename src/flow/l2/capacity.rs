//! The network of a field and which of its parameters move: where `hidden` is left to the library, up
//! to three dimensions, random features whose combination a step solves for, as many as u_0 takes.

use super::nodes::Integration;
use super::{L2Flow, LATTICE, NonLocal, WAVES, minimizer};
use crate::domain::Domain;
use crate::error::{Error, Result};
use crate::field::{
    Activation, Embedding, EmbeddingChoice, Lattice, Network, TrainingChoice, Waves,
};
use crate::flow::{Context, Flow, Queries};
use crate::options::Settings;
use crate::quadrature::{Nodes, Quadrature};
use crate::section::Section;

/// Random features that a field begins with, on a line, in the plane and in space.
pub(super) const FEATURES: [usize; 3] = [512, 1000, 1500];

/// The fewest features.
const FEWEST: usize = 16;

/// Points of u_0, and nodes of the host, for each feature, at least: the weights of a mesh know less of what
/// features do between its nodes than Gauss weights do.
pub(super) const POINTS: usize = 2;
pub(super) const NODES: usize = 5;

/// Nodes along each axis for each spacing of a lattice: products of its units are resolved where Gauss nodes are
/// farthest apart.
const NODES_PER_SPACING: usize = 2;

/// A network, whether its output layer alone moves, and the lattice of its units if they are local, or the waves
/// that they are.
pub(super) struct Capacity {
    pub network: Network,
    pub outputs_only: bool,
    pub lattice: Option<Lattice>,
    pub waves: Option<Waves>,
}

impl Capacity {
    /// The network of the options, with so many features where their number is left to the library.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option) if it has too many parameters, or more than one hidden
    /// layer where the output layer alone is to move.
    pub fn new(settings: &Settings, domain: &Domain, features: Option<usize>) -> Result<Self> {
        let (asked, c) = (&settings.network, settings.problem.components);
        let outputs_only = asked.training == TrainingChoice::Outputs;
        if !outputs_only {
            return Ok(Self {
                network: asked.of_field(domain)?.with_outputs(c).within_limits()?,
                outputs_only,
                lattice: None,
                waves: None,
            });
        }
        let suited = FEATURES[domain.dimension().min(FEATURES.len()) - 1];
        let hidden = asked.hidden.or(&[features.unwrap_or(suited)]);
        if hidden.len() != 1 {
            return Err(Error::option(format!(
                "option `hidden` has {} entries; with `training` = outputs accepted is 1",
                hidden.len()
            )));
        }
        let (embedding, d) = (asked.embedding(domain), domain.dimension());
        Ok(Self {
            network: Network::new(embedding, asked.activation, d, hidden)
                .with_outputs(c)
                .within_limits()?,
            outputs_only,
            lattice: None,
            waves: None,
        })
    }

    /// The network whose units are those of a lattice.
    ///
    /// # Errors
    /// As for [`new`](Self::new).
    pub fn on_lattice(settings: &Settings, domain: &Domain, lattice: Lattice) -> Result<Self> {
        let embedding = settings.network.embedding(domain).of_lattice(domain);
        let units = lattice.units(&embedding.periodic().collect::<Vec<_>>());
        let network = Network::new(embedding, Activation::Exp, domain.dimension(), [units]);
        Ok(Self {
            network: network
                .with_outputs(settings.problem.components)
                .within_limits()?,
            outputs_only: true,
            lattice: Some(lattice),
            waves: None,
        })
    }

    /// The network whose units are waves of the box.
    ///
    /// # Errors
    /// As for [`new`](Self::new).
    pub fn of_waves(domain: &Domain, waves: Waves) -> Result<Self> {
        let embedding = Embedding::new(EmbeddingChoice::None, 1, domain);
        let d = domain.dimension();
        let network = Network::new(embedding, Activation::Cos, d, [waves.len()]);
        Ok(Self {
            network: network.within_limits()?,
            outputs_only: true,
            lattice: None,
            waves: Some(waves),
        })
    }

    /// The rule of the nodes of a lattice, or of waves.
    pub fn rule(&self) -> Option<Quadrature> {
        if let Some(waves) = &self.waves {
            return Some(super::waves::rule(waves));
        }
        let spacings = self.lattice.as_ref()?.spacings().iter();
        Some(Quadrature::Grid {
            per_axis: spacings.map(|n| NODES_PER_SPACING * n).collect(),
        })
    }

    /// The network of a checkpoint; the first snapshots knew no random features.
    ///
    /// # Errors
    /// [`File`](crate::ErrorKind::File) if what was saved does not fit.
    pub fn saved(cx: &Context, domain: &Domain, saved: &Section) -> Result<Self> {
        if !saved.has(super::FEATURES) {
            return Ok(Self {
                network: cx.settings.network.of_field(domain)?,
                outputs_only: false,
                lattice: None,
                waves: None,
            });
        }
        if saved.has(LATTICE) {
            let spacings = saved.get_counts(LATTICE)?;
            let counts = spacings.iter().map(|n| usize::try_from(*n).ok());
            let counts = counts.collect::<Option<Vec<_>>>().filter(|counts| {
                counts.len() == domain.dimension() && counts.iter().all(|n| *n > 0)
            });
            return match counts {
                Some(counts) => Self::on_lattice(&cx.settings, domain, Lattice::new(counts)),
                None => {
                    let accepted = format!("{} numbers above 0", domain.dimension());
                    Err(saved.refused(LATTICE, &format!("{spacings:?}"), &accepted))
                }
            };
        }
        if saved.has(WAVES) {
            return Self::of_waves(domain, super::waves::saved(cx, domain, saved)?);
        }
        let counts = saved.get_counts(super::FEATURES)?;
        match counts[..] {
            [features] => Self::new(&cx.settings, domain, usize::try_from(features).ok()),
            _ => Err(saved.refused(super::FEATURES, &format!("{counts:?}"), "one number")),
        }
    }

    /// The same with no more features, if their number is the library's choice, than these points make out, so many
    /// for each.
    pub fn for_points(
        self,
        settings: &Settings,
        domain: &Domain,
        (points, each): (usize, usize),
    ) -> Result<Self> {
        let most = (points / each).max(FEWEST);
        if !self.outputs_only
            || settings.network.hidden.given().is_some()
            || self.of_component() <= most
        {
            return Ok(self);
        }
        Self::new(settings, domain, Some(most))
    }

    /// Parameters that move.
    pub fn trained(&self) -> usize {
        match self.outputs_only {
            true => self.network.parameters() - self.network.outputs_start(),
            false => self.network.parameters(),
        }
    }

    /// Parameters that move of one component: features are shared.
    fn of_component(&self) -> usize {
        match self.outputs_only {
            true => self.trained() / self.network.outputs(),
            false => self.trained(),
        }
    }

    /// The parameters of a network of several layers that needs as many nodes: features are finer
    /// than what a network of as many parameters makes, and a metric may need more.
    pub fn in_nodes(&self, domain: &Domain, metric: Option<&dyn NonLocal>) -> usize {
        match metric {
            Some(metric) => metric.nodes_per_feature() * self.of_component(),
            None if self.outputs_only && domain.is_box() => 2 * self.of_component(),
            None => self.of_component(),
        }
    }
}

impl L2Flow {
    /// Replaces the network, and with it the nodes that suit it where they are not the host's.
    pub(super) fn take(&mut self, cx: &Context, capacity: Capacity) -> Result<()> {
        let nodes = if self.given.nodes {
            let fixed = std::mem::take(&mut self.fixed).into_iter();
            self.fixed = fixed.map(|nodes| self.beside_boundary(nodes)).collect();
            self.nodes_of_host(cx)?
        } else {
            let energies = self.energies_beside_rule();
            let of = (&capacity, self.non_local.as_deref());
            let rule = Integration::new(&cx.settings, &self.domain, of, &energies)?;
            let fixed = rule.fixed.into_iter().map(|nodes| cx.own(nodes));
            self.fixed = fixed.map(|nodes| self.beside_boundary(nodes)).collect();
            self.check = cx.own(rule.check);
            self.quadrature = rule.quadrature;
            self.quadrature.len(&self.domain)
        };
        self.minimizer = minimizer(
            cx,
            capacity.trained(),
            self.form,
            self.domain.dimension(),
            nodes,
        )?;
        self.functional
            .set_network(capacity.network, capacity.outputs_only);
        self.lattice = capacity.lattice;
        self.waves = capacity.waves;
        self.constrain_anew(cx)
    }

    /// Features of the network: all that moves but a constant, of each component.
    pub(super) fn features(&self) -> usize {
        (self.parameters() - self.frozen()) / self.components() - 1
    }

    /// How many nodes of the host there are on all ranks. Collective.
    pub(super) fn nodes_of_host(&self, cx: &Context) -> Result<usize> {
        let own = self.fixed.iter().map(Nodes::inside).sum();
        Ok(cx.ranks().counts(own)?.iter().sum())
    }
}
