//! Labels that a stage has lost: their map folds over, or they do not get where it takes them.

use super::super::asked::{Asked, Wanted};
use super::super::row::{Equation, Label, Room};
use super::{Point, Stage};
use crate::error::{Error, Result};

/// The way, in units of the scale, by which a label may miss where it goes: one that misses it by more, or whose
/// map folds over, is lost.
const LOST: f64 = 0.1;

impl Stage<'_> {
    /// The part of the masses for which the map folds over.
    pub(super) fn folded(&self, point: &Point) -> f64 {
        self.part(point, |equation| equation.folds)
    }

    /// The part of the masses whose labels are lost.
    pub(super) fn lost(&self, point: &Point) -> f64 {
        self.part(point, |equation| self.is_lost(equation))
    }

    fn part(&self, point: &Point, of: impl Fn(&Equation) -> bool) -> f64 {
        let labels = point.equations.iter().zip(self.masses);
        let mass: f64 = labels.filter(|(e, _)| of(e)).map(|(_, w)| w).sum();
        mass / self.masses.iter().sum::<f64>()
    }

    pub(super) fn is_lost(&self, equation: &Equation) -> bool {
        equation.folds || self.missed(equation) > LOST * LOST
    }

    /// The square of what a label misses of its way, in units of the scale.
    pub(super) fn missed(&self, equation: &Equation) -> f64 {
        let axes = equation.missed.iter().zip(&self.features.scale);
        axes.map(|(m, s)| (m / s) * (m / s)).sum()
    }

    /// Leaves labels that are lost at their centres: elsewhere they say of a density what is not so, and later steps
    /// would take it for true. What maps have made of the density there is not known, and stays.
    pub(super) fn leave_lost(&self, now: &mut Point) -> Result<()> {
        let d = self.step.len();
        let labels = now.equations.iter().enumerate();
        let lost: Vec<usize> = labels
            .filter(|(_, e)| self.is_lost(e))
            .map(|(i, _)| i)
            .collect();
        if lost.is_empty() {
            return Ok(());
        }
        let centres: Vec<f64> = lost
            .iter()
            .flat_map(|i| &self.centre[i * d..(i + 1) * d])
            .copied()
            .collect();
        let wanted = Wanted::of(self.features.external);
        let there = self
            .functional
            .jets((self.pool, self.time), &centres, self.step, wanted)?;
        let asked = Asked::of(&there, &centres, wanted);
        let shared = self.shared(&now.coefficients);
        let mut room = Room::default();
        for (k, i) in lost.iter().enumerate() {
            let label = Label {
                centre: &self.centre[i * d..(i + 1) * d],
                logarithm: self.logarithm[*i],
                y: &centres[k * d..(k + 1) * d],
                external: there.at(k, d),
            };
            let equation = shared.equation(&label, &mut room).ok_or_else(|| {
                Error::not_finite("the potential of a step is not a number; take a smaller `tau`")
            })?;
            let mut inverse = vec![0.0; d * d];
            (0..d).for_each(|a| inverse[a * d + a] = 1.0);
            now.equations[*i] = Equation {
                determinant: 0.0,
                folds: true,
                inverse,
                ..equation
            };
            let axes = i * d..(i + 1) * d;
            now.y[axes.clone()].copy_from_slice(label.y);
            now.asked.replace(*i, &asked, k, d);
        }
        log::debug!("{} labels are lost and stay at their centres", lost.len());
        Ok(())
    }
}
