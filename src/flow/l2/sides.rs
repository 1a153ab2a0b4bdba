//! What is posed on the boundary, side by side.

use super::L2Flow;
use super::boundary::BoundaryEnergies;
use super::form;
use super::walls::Walls;
use crate::domain::{BoundaryValue, Shape};
use crate::energy::Term;
use crate::error::{Error, Result};
use crate::flow::rules::Region;
use crate::flow::{Context, Flow};
use crate::quadrature::Nodes;
use std::sync::Arc;

impl L2Flow {
    /// Refuses what changes the boundary once something is posed on it.
    pub(super) fn check_unposed(&self, what: &str) -> Result<()> {
        if self.functional.on_boundary().is_empty() && self.functional.walls().is_none() {
            return Ok(());
        }
        Err(Error::state(format!(
            "{what} comes after an energy or a value on the boundary; accepted is before"
        )))
    }

    /// What the rules on options know of the sides.
    pub(super) fn region_of_sides(&self) -> Region {
        match self.functional.walls() {
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
        let domain = match self.domain.shape() {
            _ if self.given.nodes => "nodes of the host",
            _ if self.given.boundary => "a boundary of the host",
            Shape::Cut(_) => "a cut box",
            _ => "",
        };
        if !domain.is_empty() {
            return Err(Error::state(format!(
                "a value on the boundary is asked for on {domain}; accepted are boxes and balls of the option \
                 `domain`, whose field has it exactly. Elsewhere an energy on the boundary holds u near g: \
                 `mov_solver_add_boundary_energy` with b = c (u - g)^2 / 2 leaves an error of about the flux / c"
            )));
        }
        self.check_side(cx, side)?;
        if let Some(side) = side.filter(|side| self.functional.on_boundary().are_named(*side)) {
            return Err(Error::argument(format!(
                "argument `side`: side {side} has an energy; accepted is a value or energies"
            )));
        }
        let mut flow = self.clone();
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
        if let (Some(side), Some(walls)) = (side, self.functional.walls())
            && walls.has(side)
        {
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
            capacity = capacity.for_points(&settings, &self.domain, nodes)?;
        }
        let mut posed = cx.clone();
        (posed.options, posed.settings) = (Arc::new(options), Arc::new(settings));
        self.form = match self.region() {
            Region::Nodes | Region::Cut => None,
            region => form::of(&posed.settings, &self.quadrature, region == Region::Sealed),
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
    /// domains of the options, the nodes as they are.
    pub(super) fn beside_boundary_of_host(&self, nodes: Nodes) -> Nodes {
        let energies = self.functional.on_boundary();
        match &self.boundary {
            Some(boundary) if self.given.boundary || self.given.nodes => nodes
                .without_boundary()
                .with_boundary(&boundary.on(|side| energies.cover(side))),
            _ => nodes,
        }
    }
}
