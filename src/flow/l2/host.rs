//! Domain and quadrature given by the host: a region, nodes, a boundary.

use super::capacity::{Capacity, NODES};
use super::nodes::Integration;
use super::{GivenByHost, L2Flow, minimizer};
use crate::domain::{BoundaryValue, Bounds, Inside, Shape};
use crate::energy::{Mobility, Outer, Term};
use crate::error::{Error, Result};
use crate::field::EmbeddingChoice;
use crate::flow::rules::{self, Region};
use crate::flow::{Context, HostDomain, Queries};
use crate::options::{Options, Settings};
use crate::quadrature::{self, Boundary, Given, Stream, generator};
use std::sync::Arc;

/// What is accepted in the place of what is of a scalar.
const WITH_ONE: &str = "with them is 1";
const BY_PENALTY: &str = "for several components are energies on the boundary, such as a penalty \
    (`mov_solver_add_boundary_energy`)";

/// Refuses ranks that come after what the host gave.
pub(super) fn check_splits(given: GivenByHost) -> Result<()> {
    if given.nodes || given.boundary {
        return Err(Error::state(
            "the communicator comes after the nodes or the boundary of the host; accepted is \
             before, and once",
        ));
    }
    Ok(())
}

impl L2Flow {
    /// Refuses for several components what is of a scalar u.
    fn check_scalar(&self, what: &str, accepted: &str) -> Result<()> {
        match self.components() {
            1 => Ok(()),
            c => Err(Error::state(format!(
                "option `components` is {c}, and {what} are those of a scalar u; accepted {accepted}"
            ))),
        }
    }

    /// Options, settings and network with an embedding that knows nothing of the box's faces.
    pub(super) fn without_box(
        &self,
        cx: &Context,
        region: Region,
    ) -> Result<(Options, Settings, Capacity)> {
        let mut options = (*cx.options).clone();
        if cx.automatic_embedding {
            options.set("embedding", EmbeddingChoice::Auto.name())?;
        }
        let options = rules::settle(&options, region)?;
        let settings = Settings::parse(&options)?;
        let capacity = Capacity::new(&settings, &self.domain, None)?;
        Ok((options, settings, capacity))
    }
}

impl HostDomain for L2Flow {
    fn set_inside(&mut self, cx: &mut Context, inside: Arc<Inside>) -> Result<()> {
        if matches!(self.domain.shape(), Shape::Ball) {
            return Err(Error::option(
                "option `domain` is ball, and an inside function cuts a box; accepted is `domain` = box",
            ));
        }
        self.check_unposed("the inside function")?;
        let (options, settings, capacity) = self.without_box(cx, Region::Cut)?;
        let mut domain = self.domain.cut(inside);
        let mut rng = generator(cx.seed(), Stream::Check, 0, 1);
        quadrature::measure(&mut domain, &mut rng)?;
        let of = (&capacity, self.non_local.as_deref());
        let rule = Integration::new(&settings, &domain, of, self.functional.on_boundary())?;
        if !self.given.nodes {
            let (d, nodes) = (domain.dimension(), rule.quadrature.len(&domain));
            self.minimizer = minimizer(cx, capacity.trained(), None, d, nodes)?;
        }
        self.quadrature = rule.quadrature;
        if self.given.nodes {
            domain.set_volume(self.domain.volume());
        } else {
            self.fixed = rule.fixed.into_iter().map(|n| cx.own(n)).collect();
            self.check = cx.own(rule.check);
        }
        if !self.given.boundary {
            self.boundary = Some(cx.own_boundary(&rule.boundary));
        }
        self.domain = domain;
        (cx.options, cx.settings) = (Arc::new(options), Arc::new(settings));
        self.functional
            .set_network(capacity.network, capacity.outputs_only);
        self.form = None;
        Ok(())
    }

    fn set_nodes(
        &mut self,
        cx: &mut Context,
        x: &[f64],
        w: &[f64],
        check: Option<(&[f64], &[f64])>,
    ) -> Result<()> {
        self.check_unposed("the nodes")?;
        let (options, settings, capacity) = self.without_box(cx, Region::Nodes)?;
        let d = self.domain.dimension();
        let ranks = cx.pool.ranks();
        let checks = ranks.counts(check.map_or(0, |(_, w)| w.len()))?;
        let check = check.or_else(|| checks.iter().any(|n| *n > 0).then_some((&[], &[])));
        let given = Given::new(ranks, &self.domain, (x, w), check)?;
        let volume = given.nodes.w.iter().sum();
        let mut total = [given.nodes.len() as f64, w.len() as f64, volume];
        ranks.sum(Ok(()), &mut total)?;
        let [nodes, n, volume] = total;
        let capacity = capacity.for_points(&settings, &self.domain, (nodes as usize, NODES))?;
        let rows = nodes * (settings.problem.components * (1 + d)) as f64;
        if rows < capacity.trained() as f64 {
            return Err(Error::argument(format!(
                "`n` = {n} nodes give {rows} equations for the {} parameters of the network; \
                 accepted are at least as many: give more nodes or a smaller `hidden`",
                capacity.trained()
            )));
        }
        self.minimizer =
            ranks.settle(minimizer(cx, capacity.trained(), None, d, nodes as usize))?;
        // Of a ball and of a cut box the boundary is known.
        if self.domain.is_box() && !self.given.boundary {
            self.boundary = None;
        }
        self.given.nodes = true;
        self.domain.set_volume(volume);
        self.fixed = vec![given.nodes];
        self.check = given.check;
        (cx.options, cx.settings) = (Arc::new(options), Arc::new(settings));
        self.functional
            .set_network(capacity.network, capacity.outputs_only);
        self.form = None;
        Ok(())
    }

    fn set_boundary(
        &mut self,
        cx: &Context,
        x: &[f64],
        normal: &[f64],
        w: &[f64],
        side: &[i32],
    ) -> Result<()> {
        self.check_unposed("the boundary")?;
        let ranks = cx.pool.ranks();
        let boundary = Boundary::given(ranks, &self.domain, x, normal, w, side);
        self.boundary = Some(ranks.settle(boundary)?);
        self.given.boundary = true;
        Ok(())
    }

    fn add_boundary_term(&mut self, cx: &mut Context, term: Term, side: Option<i32>) -> Result<()> {
        self.add_on_side(cx, term, side)
    }

    fn set_boundary_value(
        &mut self,
        cx: &mut Context,
        side: Option<i32>,
        value: &BoundaryValue,
    ) -> Result<()> {
        self.check_scalar("values on the boundary", BY_PENALTY)?;
        self.set_value_on_side(cx, side, value)
    }

    fn set_mobility(&mut self, cx: &mut Context, mobility: Mobility) -> Result<()> {
        self.check_scalar("mobilities", WITH_ONE)?;
        self.take_mobility(cx, mobility)
    }

    fn set_bounds(&mut self, cx: &mut Context, bounds: Bounds) -> Result<()> {
        self.check_scalar("bounds", WITH_ONE)?;
        self.check_local("bounds")?;
        self.check_without_hessian("bounds of u")?;
        self.bound(cx, bounds)
    }

    fn hold_integral(&mut self, cx: &mut Context, of: Option<Term>, value: f64) -> Result<()> {
        self.check_scalar("integrals that are held", WITH_ONE)?;
        self.check_local("integrals that are held, as the mean is already")?;
        self.hold(cx, of.as_ref(), value)
    }

    fn add_outer(&mut self, cx: &mut Context, of: Term, phi: Outer) -> Result<()> {
        self.check_scalar("functions of integrals", WITH_ONE)?;
        self.check_local("functions of integrals")?;
        Self::add_outer(self, cx, &of, phi)
    }
}
