//! What a state has before the parameters of the network: the coefficients of a lift, or what multipliers hold u by.

use super::L2;
use super::held::Held;
use super::walls::Walls;
use crate::error::{Error, Result};
use crate::flow::{Context, Moment};
use crate::movement;
use std::ops::Range;
use std::sync::Arc;

/// Where in a state what is before the parameters of the network is.
pub(super) struct Places {
    /// Coefficients of a lift, or what holds u on walls.
    pub walls: Range<usize>,
    /// What holds it between bounds.
    pub bounds: Range<usize>,
    /// What holds its integrals.
    pub integrals: Range<usize>,
}

impl L2 {
    /// Sets the walls, on which the field has given values.
    pub fn set_walls(&mut self, walls: Walls) {
        self.walls = Some(Arc::new(walls));
    }

    /// The walls, if there are any.
    #[must_use]
    pub fn walls(&self) -> Option<&Walls> {
        self.walls.as_deref()
    }

    /// Sets the walls on which multipliers hold the field to given values.
    pub(super) fn set_held(&mut self, held: Held) {
        self.held = Some(Arc::new(held));
    }

    /// These walls, if there are any.
    pub(super) fn held(&self) -> Option<&Arc<Held>> {
        self.held.as_ref()
    }

    /// Whether a side has a given value.
    #[must_use]
    pub fn has_value_on(&self, side: i32) -> bool {
        self.walls().is_some_and(|walls| walls.has(side))
            || self.held.as_ref().is_some_and(|held| held.has(side))
    }

    /// How many parameters, the first of a state, are those of its values on walls, and what else holds it.
    #[must_use]
    pub fn on_walls(&self) -> usize {
        self.places().integrals.end
    }

    /// Where they are.
    pub(super) fn places(&self) -> Places {
        let walls = self.walls.as_ref().map_or(0, |walls| walls.coefficients());
        let walls = walls + self.held.as_ref().map_or(0, |held| held.coefficients());
        let bounds = self.bounds.as_ref();
        let bounds = walls + bounds.map_or(0, |bounds| bounds.coefficients());
        Places {
            walls: 0..walls,
            bounds: walls..bounds,
            integrals: bounds..bounds + self.integrals.coefficients(),
        }
    }

    /// Whether multipliers hold something.
    pub(super) fn has_multipliers(&self) -> bool {
        self.held.is_some() || self.bounds.is_some() || !self.integrals.none_held()
    }

    /// Whether they hold u between bounds or its integrals, or functions of some are energies.
    pub(super) fn has_constraints(&self) -> bool {
        self.bounds.is_some() || !self.integrals.is_empty()
    }

    /// These parameters of a state that no step has led to. Collective.
    ///
    /// # Errors
    /// Errors of the functions that give the values.
    pub fn begin_on_walls(&self, cx: &Context, time: f64) -> Result<Vec<f64>> {
        let mut numbers = match (&self.walls, &self.held) {
            (Some(walls), _) => walls.at(cx.ranks(), time)?,
            (None, Some(held)) => held.begin(cx, time)?,
            (None, None) => Vec::new(),
        };
        if let Some(bounds) = &self.bounds {
            numbers.extend(bounds.begin());
        }
        numbers.extend(self.integrals.begin());
        Ok(numbers)
    }

    /// A state of the same field `before` the nodes of its bounds were others: what holds it there is not known.
    pub(super) fn at_other_bounds(&self, before: &Self, state: &[f64]) -> Vec<f64> {
        let Places {
            walls, integrals, ..
        } = before.places();
        let bounds = self.bounds.as_ref().map(|bounds| bounds.begin());
        let bounds = bounds.unwrap_or_default();
        [&state[walls], &bounds, &state[integrals.start..]].concat()
    }

    /// The parameters that stay as they are in a stage: those of the values on walls, and those that
    /// are frozen. Collective.
    ///
    /// # Errors
    /// Errors of the functions that give the values.
    pub fn still(&self, cx: &Context, before: &[f64], at: &Moment) -> Result<Vec<f64>> {
        let mut still = before[..self.on_walls() + self.frozen()].to_vec();
        if let Some(walls) = &self.walls {
            let values = walls.in_stage(cx, at)?;
            still[..values.len()].copy_from_slice(&values);
        }
        if let Some(held) = &self.held {
            let values = held.in_stage(cx, at)?;
            still[held.coefficients() - values.len()..held.coefficients()].copy_from_slice(&values);
        }
        Ok(still)
    }
}

/// What a stage of a step has of numbers that are given as functions of time: what the movement scheme makes of
/// those `at` some times in the step.
///
/// # Errors
/// Those of `at`.
pub(super) fn in_stage(
    cx: &Context,
    moment: &Moment,
    count: usize,
    at: impl Fn(f64) -> Result<Vec<f64>>,
) -> Result<Vec<f64>> {
    let mut all = vec![0.0; count];
    let weights = cx.movement().stage_weights();
    let weights = weights.get(moment.stage);
    let weights = weights.ok_or_else(|| Error::internal("a movement scheme has no such stage"))?;
    for (weight, part) in weights.iter().zip(movement::SAMPLES) {
        if *weight == 0.0 {
            continue;
        }
        let values = at(moment.begin + part * moment.tau)?;
        let pairs = all.iter_mut().zip(values);
        pairs.for_each(|(sum, value)| *sum += weight * value);
    }
    Ok(all)
}
