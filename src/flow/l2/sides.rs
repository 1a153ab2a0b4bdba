//! What is posed on the boundary, side by side.

use super::L2Flow;
use super::boundary::BoundaryEnergies;
use super::capacity::NODES;
use super::held::Held;
use super::walls::Walls;
use crate::domain::{BoundaryValue, Shape};
use crate::energy::Term;
use crate::error::{Error, Result};
use crate::flow::rules::Region;
use crate::flow::{Context, Flow};
use crate::quadrature::{Boundary, Nodes, Stream, generator};
use std::sync::Arc;

impl L2Flow {
    /// Refuses what changes the boundary once something is posed on it.
    pub(super) fn check_unposed(&self, what: &str) -> Result<()> {
        let functional = &self.functional;
        if functional.has_constraints() {
            return Err(Error::state(format!(
                "{what} comes after bounds or integrals that are held; accepted is before"
            )));
        }
        let values = functional.walls().is_some() || functional.held().is_some();
        if functional.on_boundary().is_empty() && !values {
            return Ok(());
        }
        Err(Error::state(format!(
            "{what} comes after an energy or a value on the boundary; accepted is before"
        )))
    }

    /// What the rules on options know of the sides.
    pub(super) fn region_of_sides(&self) -> Region {
        match self.functional.walls() {
            _ if self.functional.held().is_some() => Region::Sided,
            Some(walls) if walls.are_all() => Region::Sealed,
            None if !self.domain.is_box() || self.functional.on_boundary().is_empty() => {
                Region::OfOptions
            }
            _ => Region::Sided,
        }
    }

    /// Gives u a value on a side, or on all.
    pub(super) fn set_value_on_side(
        &mut self,
        cx: &mut Context,
        side: Option<i32>,
        value: &BoundaryValue,
    ) -> Result<()> {
        self.check_local("values on the boundary")?;
        self.check_side(cx, side)?;
        if let Some(side) = side.filter(|side| self.functional.on_boundary().are_named(*side)) {
            return Err(Error::argument(format!(
                "argument `side`: side {side} has an energy; accepted is a value or energies"
            )));
        }
        let mut flow = self.clone();
        if self.needs_multipliers(cx, value)? {
            self.check_without_hessian("values on the boundary that no lift has")?;
            flow.functional.set_held(self.held_on(cx, side, value)?);
            flow.pose(cx)?;
            *self = flow;
            return Ok(());
        }
        let side = side.and_then(|side| usize::try_from(side).ok());
        let before = self.functional.walls();
        let periodic = &cx.settings.network.periodic_axes;
        let walls = cx
            .ranks()
            .settle(Walls::with(before, &self.domain, periodic, side, value))?;
        flow.functional.set_walls(walls);
        flow.pose(cx)?;
        *self = flow;
        Ok(())
    }

    /// Adds an energy on a side, or on all.
    pub(super) fn add_on_side(
        &mut self,
        cx: &mut Context,
        term: Term,
        side: Option<i32>,
    ) -> Result<()> {
        self.check_side(cx, side)?;
        if let Some(side) = side.filter(|side| self.functional.has_value_on(*side)) {
            return Err(Error::argument(format!(
                "argument `side`: side {side} has a value; accepted is a value or energies"
            )));
        }
        let mut flow = self.clone();
        flow.functional.add_boundary_term(term, side)?;
        flow.pose(cx)?;
        *self = flow;
        Ok(())
    }

    /// Whether no lift has a value: on the host's mesh and on cut boxes, and on balls where it varies along the
    /// sphere beyond the plane, at time 0 or after a step. Collective.
    fn needs_multipliers(&self, cx: &Context, value: &BoundaryValue) -> Result<bool> {
        let of_host = self.given.nodes || self.given.boundary;
        if of_host || matches!(self.domain.shape(), Shape::Cut(_)) {
            return Ok(true);
        }
        let varies = |time| Walls::varies_around_ball(&self.domain, value, time);
        // A function may know no later time yet.
        let later = || varies(cx.settings.time.tau).unwrap_or(false);
        let varies = varies(0.0).map(|now| now || later());
        cx.ranks().agree_whether(varies)
    }

    /// The walls that multipliers hold, with one more.
    fn held_on(&self, cx: &Context, side: Option<i32>, value: &BoundaryValue) -> Result<Held> {
        let before = self.functional.held();
        let before = before.map_or_else(|| Held::new(&self.domain), |held| Held::clone(held));
        let held = before.and(side, value)?;
        if let Some(boundary) = self
            .boundary
            .as_ref()
            .filter(|_| self.given.nodes || self.given.boundary)
        {
            return held.on(cx, boundary, false);
        }
        let mut rng = generator(cx.seed(), Stream::Check, 0, 2);
        let along = Boundary::along_walls(&self.quadrature, &self.domain, &mut rng);
        held.on(cx, &cx.ranks().settle(along)?, true)
    }

    /// Refuses a side that there is not.
    fn check_side(&self, cx: &Context, side: Option<i32>) -> Result<()> {
        if let Some(axis) = side.and_then(|side| usize::try_from(side / 2).ok())
            && !self.given.boundary
            && cx.settings.network.periodic_axes.contains(&axis)
        {
            return Err(Error::argument(format!(
                "argument `side`: axis {axis} is periodic (option `periodic_axes`) and has no sides; accepted are \
                 those of the others"
            )));
        }
        let Some(boundary) = &self.boundary else {
            return Err(Error::state(
                "the nodes are the host's, and their boundary is not known; accepted are energies on it after \
                 `mov_solver_set_boundary` or `mov_solver_set_boundary_sides`",
            ));
        };
        let Some(side) = side else {
            return Ok(());
        };
        let known = match self.domain.shape() {
            _ if self.given.boundary => {
                let own = boundary.side.iter().filter(|of| **of == side).count();
                let all: usize = cx.ranks().counts(own)?.iter().sum();
                match all {
                    0 => "those that `mov_solver_set_boundary_sides` named".to_owned(),
                    _ => return Ok(()),
                }
            }
            Shape::Box if usize::try_from(side).is_ok_and(|at| at < self.sides()) => return Ok(()),
            Shape::Box => format!(
                "0 to {} in dimension {}, 2 k where coordinate k is least and 2 k + 1 where it is largest",
                self.sides() - 1,
                self.domain.dimension()
            ),
            _ => "none of a ball or a cut box".to_owned(),
        };
        Err(Error::argument(format!(
            "argument `side` is {side}; accepted are -1, the whole boundary, and {known}"
        )))
    }

    /// Sides of the box.
    fn sides(&self) -> usize {
        2 * self.domain.dimension()
    }

    /// Makes network, nodes and form anew as what is posed on the boundary asks for.
    fn pose(&mut self, cx: &mut Context) -> Result<()> {
        let (options, settings, mut capacity) = self.without_box(cx, self.region())?;
        if self.given.nodes {
            let nodes = self.nodes_of_host(cx)?;
            capacity = capacity.for_points(&settings, &self.domain, (nodes, NODES))?;
        }
        let mut posed = cx.clone();
        (posed.options, posed.settings) = (Arc::new(options), Arc::new(settings));
        self.form = match self.region() {
            Region::Nodes | Region::Cut => None,
            region => {
                let all = region == Region::Sealed;
                self.form_on(&posed.settings, &self.quadrature, all)
            }
        };
        cx.ranks().settle(self.take(&posed, capacity))?;
        *cx = posed;
        Ok(())
    }

    /// The energies on a boundary whose nodes go with those of the rule; those on the host's have its nodes.
    pub(super) fn energies_beside_rule(&self) -> BoundaryEnergies {
        match self.given.boundary {
            true => BoundaryEnergies::default(),
            false => self.functional.on_boundary().clone(),
        }
    }

    /// Nodes in the domain, and after them the host's on those sides of its boundary that have energies; of the
    /// domains of the options, the nodes as they are. Then those on walls where multipliers hold u, and those of
    /// bounds.
    pub(super) fn beside_boundary(&self, nodes: Nodes) -> Nodes {
        let energies = self.functional.on_boundary();
        let nodes = match &self.boundary {
            Some(boundary) if self.given.boundary || self.given.nodes => nodes
                .without_boundary()
                .with_boundary(&boundary.on(|side| energies.cover(side))),
            _ => nodes,
        };
        let nodes = match self.functional.held() {
            Some(held) => nodes.with_boundary(held.nodes()),
            None => nodes,
        };
        self.beside_bounds(nodes)
    }
}
