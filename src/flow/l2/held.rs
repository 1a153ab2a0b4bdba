//! Walls on which u is held to given values by multipliers, where no lift has them: on nodes of the host, cut
//! boxes, and balls in three dimensions and more.
//!
//! A state carries before its other parameters what the last stage was held by: the conductivity that the penalty
//! is made of, below 0 before the first step, and at each node on the walls the multiplier and the value g. They
//! are those of all ranks, each of which has a part of the nodes.

use super::hold::Hold;
use super::on_walls::in_stage;
use crate::domain::{BoundaryValue, Domain};
use crate::error::{Error, ErrorKind, Result};
use crate::field::CHUNK;
use crate::flow::{Context, Moment};
use crate::quadrature::Boundary;
use std::ops::Range;

/// The penalty in units of what the flux through a wall changes by when u does there: each round of multipliers
/// leaves about the inverse of it of what u misses.
const STIFFNESS: f64 = 100.0;

/// The least width of a layer at a wall, relative to the domain, over which movements count as conductivity.
const LAYER: f64 = 1e-2;

/// The conductivity of a state before its first step.
const UNKNOWN: f64 = -1.0;

/// The walls, and the nodes on them.
#[derive(Clone)]
pub struct Held {
    values: Vec<(Option<i32>, BoundaryValue)>,
    /// This rank's nodes.
    nodes: Boundary,
    /// Where they are among those of all ranks.
    own: Range<usize>,
    all: usize,
    /// The length of the domain.
    length: f64,
}

impl Held {
    /// No walls yet, of a domain.
    pub(super) fn new(domain: &Domain) -> Self {
        Self {
            values: Vec::new(),
            nodes: Boundary::default(),
            own: 0..0,
            all: 0,
            length: domain.sides().fold(f64::INFINITY, f64::min),
        }
    }

    /// These walls and one more, or all.
    ///
    /// # Errors
    /// [`Argument`](ErrorKind::Argument) if there is one already.
    pub(super) fn and(mut self, side: Option<i32>, value: &BoundaryValue) -> Result<Self> {
        let meets =
            |(other, _): &&(Option<i32>, _)| side.is_none() || other.is_none() || *other == side;
        if let Some((other, _)) = self.values.iter().find(meets) {
            let named = other
                .or(side)
                .map_or("the whole boundary".to_owned(), |side| {
                    format!("side {side}")
                });
            return Err(Error::argument(format!(
                "argument `side`: {named} has a value already; accepted is one for each"
            )));
        }
        self.values.push((side, value.clone()));
        Ok(self)
    }

    /// Takes those nodes of a boundary that are on the walls: all ranks' if all have made them alike, or this
    /// rank's own. Collective.
    ///
    /// # Errors
    /// Errors of the other ranks, and as for [`at`](Self::at).
    pub(super) fn on(mut self, cx: &Context, boundary: &Boundary, alike: bool) -> Result<Self> {
        let nodes = boundary.on(|side| self.has(side));
        if alike {
            self.own = cx.ranks().part(nodes.w.len(), CHUNK);
            self.all = nodes.w.len();
            self.nodes = nodes.part(self.own.clone());
        } else {
            let counts = cx.ranks().counts(nodes.w.len())?;
            let first = counts.iter().take(cx.ranks().rank()).sum();
            self.own = first..first + nodes.w.len();
            self.all = counts.iter().sum();
            self.nodes = nodes;
        }
        self.at(cx, 0.0)?;
        Ok(self)
    }

    /// Whether a side is one of the walls.
    pub(super) fn has(&self, side: i32) -> bool {
        self.value_on(side).is_some()
    }

    /// The sides that have values; none of the whole boundary.
    pub(super) fn sides(&self) -> impl Iterator<Item = i32> + '_ {
        self.values.iter().filter_map(|(side, _)| *side)
    }

    fn value_on(&self, side: i32) -> Option<&BoundaryValue> {
        let mut values = self.values.iter();
        let of = values.find(|(own, _)| own.is_none_or(|own| own == side));
        of.map(|(_, value)| value)
    }

    /// This rank's nodes on the walls.
    pub(super) const fn nodes(&self) -> &Boundary {
        &self.nodes
    }

    /// The nodes of all ranks.
    pub(super) const fn count(&self) -> usize {
        self.all
    }

    /// How many numbers of a state say what u is held by.
    pub(super) const fn coefficients(&self) -> usize {
        1 + 2 * self.all
    }

    /// Of these numbers, the conductivity, the multipliers and the values.
    pub(super) fn parts<'p>(&self, state: &'p [f64]) -> (f64, &'p [f64], &'p [f64]) {
        let (multipliers, g) = state[1..self.coefficients()].split_at(self.all);
        (state[0], multipliers, g)
    }

    /// Of an array of all ranks' nodes this rank's part.
    pub(super) fn own_of<'p>(&self, all: &'p [f64]) -> &'p [f64] {
        &all[self.own.clone()]
    }

    /// Whether the conductivity and the multipliers of a state are not known yet.
    pub(super) fn is_unknown(conductivity: f64) -> bool {
        conductivity < 0.0
    }

    /// The numbers of a state that no step has led to. Collective.
    ///
    /// # Errors
    /// As for [`at`](Self::at).
    pub(super) fn begin(&self, cx: &Context, time: f64) -> Result<Vec<f64>> {
        let mut numbers = vec![0.0; 1 + self.all];
        numbers[0] = UNKNOWN;
        numbers.extend(self.at(cx, time)?);
        Ok(numbers)
    }

    /// g at the nodes of all ranks at a time. Collective.
    ///
    /// # Errors
    /// What the functions return, and [`NotFinite`](ErrorKind::NotFinite).
    pub(super) fn at(&self, cx: &Context, time: f64) -> Result<Vec<f64>> {
        let own = cx.ranks().settle(self.values(&self.nodes, time))?;
        cx.ranks().gather(&own)
    }

    /// g at the nodes of all ranks in a stage of a step. Collective.
    ///
    /// # Errors
    /// As for [`at`](Self::at).
    pub(super) fn in_stage(&self, cx: &Context, moment: &Moment) -> Result<Vec<f64>> {
        in_stage(cx, moment, self.all, |time| self.at(cx, time))
    }

    /// g at nodes on the walls, of which those on one side follow each other.
    ///
    /// # Errors
    /// As for [`at`](Self::at).
    pub(super) fn values(&self, nodes: &Boundary, time: f64) -> Result<Vec<f64>> {
        let n = nodes.w.len();
        let d = nodes.x.len() / n.max(1);
        let mut g = vec![f64::NAN; n];
        let mut start = 0;
        for run in nodes.side.chunk_by(|a, b| a == b) {
            let (side, part) = (run[0], start..start + run.len());
            start = part.end;
            let named = |e: Error| e.context(format_args!("the value on side {side}"));
            match self.value_on(side) {
                Some(BoundaryValue::Constant(value)) => g[part].fill(*value),
                Some(BoundaryValue::Function(f)) => {
                    let x = &nodes.x[part.start * d..part.end * d];
                    f(time, x, &mut g[part]).map_err(named)?;
                }
                None => return Err(Error::internal("a node is on no wall")),
            }
        }
        let Some(at) = g.iter().position(|value| !value.is_finite()) else {
            return Ok(g);
        };
        Err(Error::new(
            ErrorKind::NotFinite,
            format!(
                "the value on side {} is {} at x = {:?}, t = {time}; accepted are finite values",
                nodes.side[at],
                g[at],
                &nodes.x[at * d..(at + 1) * d]
            ),
        ))
    }

    /// The penalty c of a stage of this strength `S / tau`: of the size of what the flux changes by with u on the
    /// wall, `kappa / L` at rest and `sqrt(kappa S / tau)` in a short step.
    pub(super) fn penalty(&self, conductivity: f64, strength: f64) -> f64 {
        let layer = LAYER * self.length;
        let kappa = conductivity.max(0.0) + strength * layer * layer;
        STIFFNESS * (kappa / self.length + (kappa * strength).sqrt())
    }

    /// What a stage of a state is held by; the nodes on the walls are the last of its own.
    pub(super) fn hold<'p>(&self, state: &'p [f64], strength: f64, nodes: usize) -> Hold<'p> {
        let (conductivity, multipliers, g) = self.parts(state);
        Hold {
            first: nodes - self.own.len(),
            penalty: self.penalty(conductivity, strength),
            multipliers: self.own_of(multipliers),
            lower: self.own_of(g),
            upper: self.own_of(g),
        }
    }

    /// The root mean square over the walls of what the values of a state are off a number. Collective.
    pub(super) fn spread(&self, cx: &Context, state: &[f64], from: f64) -> Result<f64> {
        let g = self.own_of(self.parts(state).2);
        let w = &self.nodes.w;
        let squares = g.iter().zip(w).map(|(g, w)| w * (g - from) * (g - from));
        let mut sums = [squares.sum(), w.iter().sum()];
        cx.ranks().sum(Ok(()), &mut sums)?;
        let [square, area] = sums;
        Ok((square / area).sqrt())
    }
}
