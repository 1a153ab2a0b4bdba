//! Where the integrals are taken: the rule of the options, the host's region or its own nodes.

use super::fitting::fit_rule;
use super::{Minimizer, Solver, count, form};
use crate::domain::{Domain, Inside, Shape};
use crate::error::{Error, Result};
use crate::network::Network;
use crate::options::Options;
use crate::quadrature::{self, Boundary, Given, Nodes, Quadrature, Stream, check_size, generator};
use std::sync::Arc;

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
        options: &Options,
        domain: &Domain,
        parameters: usize,
        seed: u64,
    ) -> Result<Self> {
        let quadrature = Quadrature::from_options(options, domain, parameters)?;
        let least = count(options, "check_nodes")?;
        let d = domain.dimension();
        check_size("check_nodes", least as f64, d)?;
        let mut rng = generator(seed, Stream::Check, 0, 0);
        let check = if d <= DETERMINISTIC_CHECK {
            Quadrature::gauss(quadrature.len(domain), domain)?.independent(least, domain)
        } else {
            Quadrature::sobol(least, d)?
        };
        let sets = quadrature.turns(domain);
        let sets = sets.iter().map(|rule| rule.nodes(domain, &mut rng));
        let fixed = sets.collect::<Result<_>>()?;
        Ok(Self {
            fixed,
            check: check.nodes(domain, &mut rng)?,
            boundary: Boundary::of(domain, least, &mut rng)?,
            quadrature,
        })
    }
}

/// The options with the embedding that `auto` stands for; refused are those that fit a box only, on
/// another domain.
pub(super) fn settle(options: &Options, is_box: bool) -> Result<Options> {
    let mut options = options.clone();
    if !is_box && options.real("initial_smoothing")? > 0.0 {
        return Err(Error::option(
            "option `initial_smoothing` continues u_0 beyond the faces of a box; accepted on a ball, a cut box or nodes of the host is 0",
        ));
    }
    match options.text("embedding")?.as_str() {
        "auto" => options.set("embedding", if is_box { "neumann" } else { "none" })?,
        "none" => {}
        other if !is_box => {
            return Err(Error::option(format!(
                "option `embedding` is {other}, which fits the faces of a box; accepted on a ball, a cut box or nodes of the host is none, or auto, which chooses it"
            )));
        }
        _ => {}
    }
    Ok(options)
}

impl Solver {
    /// Keeps of the box only where `inside` says so. Called before
    /// [`set_initial`](Self::set_initial); a second call replaces the first. The function is called
    /// now, at every step with random nodes, and for snapshots, whose points outside become NaN.
    ///
    /// Features below about 1/250 of a side (d = 2; 1/90 for d = 3) may be missed. With nodes of
    /// the host's own the function serves the boundary flux and the snapshots.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) after the initial condition,
    /// [`Option`](crate::ErrorKind::Option) if the domain is a ball or the embedding fits a box only,
    /// [`Argument`](crate::ErrorKind::Argument) if no point or too small a part of the box is inside,
    /// and what the function returns.
    pub fn set_inside(&mut self, inside: Arc<Inside>) -> Result<()> {
        self.check_l2("a region")?;
        self.check_no_initial("the region")?;
        if matches!(self.domain.shape(), Shape::Ball) {
            return Err(Error::option(
                "option `domain` is ball, and an inside function cuts a box; accepted is `domain` = box",
            ));
        }
        let (options, network) = self.without_box()?;
        let mut domain = self.domain.cut(inside);
        let mut rng = generator(self.seed, Stream::Check, 0, 1);
        quadrature::measure(&mut domain, &mut rng)?;
        let parameters = network.parameters();
        let rule = Integration::new(&options, &domain, parameters, self.seed)?;
        if !self.given.nodes {
            let nodes = rule.quadrature.len(&domain);
            self.minimizer = Minimizer::from_options(&options, &network, None, nodes)?;
        }
        self.quadrature = rule.quadrature;
        if self.given.nodes {
            domain.set_volume(self.domain.volume());
        } else {
            self.fixed = rule.fixed.into_iter().map(|n| self.own(n)).collect();
            self.check = self.own(rule.check);
        }
        if !self.given.boundary {
            self.boundary = Some(self.own_boundary(&rule.boundary));
        }
        self.domain = domain;
        self.options = options;
        self.flow.set_network(network);
        self.form = None;
        Ok(())
    }

    /// Takes all integrals with nodes `x` (`[n][d]`) and weights `w` (`[n]`) of the host, such as
    /// those of its mesh, and measures on the nodes `check`, which should be another set; without
    /// one every eighth node is held out, and its weight goes to the seven about it in the order
    /// given. Called before [`set_initial`](Self::set_initial); a second call replaces the first.
    ///
    /// The boundary flux is measured where [`set_boundary`](Self::set_boundary) or
    /// [`set_inside`](Self::set_inside) say where the boundary is, and is NaN otherwise.
    ///
    /// With a communicator a collective call: each rank gives its own nodes, perhaps none.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) after the initial condition,
    /// [`Option`](crate::ErrorKind::Option) if the embedding fits a box only, and
    /// [`Argument`](crate::ErrorKind::Argument) if shapes do not fit, a position lies outside the box, a
    /// weight is negative or not finite, or the nodes are too few for the network.
    pub fn set_nodes(
        &mut self,
        x: &[f64],
        w: &[f64],
        check: Option<(&[f64], &[f64])>,
    ) -> Result<()> {
        self.collectively("set_nodes", |solver| solver.take_nodes(x, w, check))
    }

    fn take_nodes(&mut self, x: &[f64], w: &[f64], check: Option<(&[f64], &[f64])>) -> Result<()> {
        self.check_l2("nodes")?;
        self.check_no_initial("nodes")?;
        let (options, network) = self.without_box()?;
        let d = self.domain.dimension();
        let ranks = self.pool.ranks();
        let checks = ranks.counts(check.map_or(0, |(_, w)| w.len()))?;
        let check = check.or_else(|| checks.iter().any(|n| *n > 0).then_some((&[], &[])));
        let given = Given::new(ranks, &self.domain, (x, w), check)?;
        let volume = given.nodes.w.iter().sum();
        let mut total = [given.nodes.len() as f64, w.len() as f64, volume];
        ranks.sum(Ok(()), &mut total)?;
        let [nodes, n, volume] = total;
        let rows = nodes * (1 + d) as f64;
        if rows < network.parameters() as f64 {
            return Err(Error::argument(format!(
                "`n` = {n} nodes give {rows} equations for the {} parameters of the network; \
                 accepted are at least as many: give more nodes or a smaller `hidden`",
                network.parameters()
            )));
        }
        let minimizer = Minimizer::from_options(&options, &network, None, nodes as usize);
        self.minimizer = ranks.settle(minimizer)?;
        // Of a ball and of a cut box the boundary is known.
        if self.domain.is_box() && !self.given.boundary {
            self.boundary = None;
        }
        self.given.nodes = true;
        self.domain.set_volume(volume);
        self.fixed = vec![given.nodes];
        self.check = given.check;
        self.options = options;
        self.flow.set_network(network);
        self.form = None;
        Ok(())
    }

    /// Measures the boundary flux on nodes of the host: `x` (`[n][d]`), outward unit normals
    /// (`[n][d]`) and weights (`[n]`). Called before [`set_initial`](Self::set_initial). With a
    /// communicator a collective call: each rank gives its own nodes, perhaps none.
    ///
    /// # Errors
    /// [`State`](crate::ErrorKind::State) after the initial condition and
    /// [`Argument`](crate::ErrorKind::Argument) if shapes do not fit, a position lies outside the box, a
    /// weight is negative or not finite, or a normal is not of length 1.
    pub fn set_boundary(&mut self, x: &[f64], normal: &[f64], w: &[f64]) -> Result<()> {
        self.collectively("set_boundary", |solver| {
            solver.check_l2("a boundary")?;
            solver.check_no_initial("the boundary")?;
            let ranks = solver.pool.ranks();
            let boundary = Boundary::given(ranks, &solver.domain, x, normal, w);
            solver.boundary = Some(ranks.settle(boundary)?);
            solver.given.boundary = true;
            Ok(())
        })
    }

    fn check_no_initial(&self, what: &str) -> Result<()> {
        match self.state {
            None => Ok(()),
            Some(_) => Err(Error::state(format!(
                "{what} can be set before the initial condition only"
            ))),
        }
    }

    /// Options and network with an embedding that knows nothing of the box's faces.
    fn without_box(&self) -> Result<(Options, Network)> {
        let mut options = self.options.clone();
        if self.automatic_embedding {
            options.set("embedding", "auto")?;
        }
        let options = settle(&options, false)?;
        // The strong form does not see the boundary, and is refused if it was asked for.
        form::of(&options, &self.quadrature, self.precision)?;
        let network = Network::from_options(&options, &self.domain)?;
        Ok((options, network))
    }

    /// Nodes of the fit (step 0) or of a step: fixed or drawn anew by the rule's own nature, denser
    /// after a violation where they are not the host's.
    pub(super) fn step_nodes(&self, step: u64, attempt: u64) -> Result<Nodes> {
        let turn = step.checked_rem(self.fixed.len() as u64).unwrap_or(0) as usize;
        match self.fixed.get(turn) {
            Some(nodes) if attempt == 0 || self.given.nodes => Ok(nodes.clone()),
            _ => {
                let mut rng = generator(self.seed, Stream::Nodes, step, attempt);
                let rule = self.quadrature.refined(attempt);
                let all = match &self.profile {
                    Some(profile) => profile.labels(&rule.turned(turn), &mut rng),
                    None => rule.nodes(&self.domain, &mut rng),
                };
                Ok(self.own(all?))
            }
        }
    }

    /// Nodes of the fit: the host's, or those of the rule of the option `fit_nodes`.
    pub(super) fn fit_nodes(&self) -> Result<Nodes> {
        if self.given.nodes || count(&self.options, "fit_nodes")? == 0 {
            return self.step_nodes(0, 0);
        }
        let mut rng = generator(self.seed, Stream::Nodes, 0, 0);
        let rule = fit_rule(&self.options, &self.quadrature, &self.domain)?;
        Ok(self.own(rule.nodes(&self.domain, &mut rng)?))
    }

    /// The number of nodes of a step if they are random.
    pub(super) fn random_nodes(&self) -> Option<usize> {
        if self.given.nodes {
            None
        } else {
            self.quadrature.random()
        }
    }
}
