//! Given values on parts of the boundary, which the field has exactly: it is a lift that has them and a network
//! times a bubble. A state carries the lift's coefficients before its other parameters, so that it is known
//! without asking anew for values, and those of a stage are what the movement scheme makes of them.

use super::on_walls::in_stage;
use crate::communicator::Ranks;
use crate::domain::{BoundaryValue, Domain, Shape};
use crate::error::{Error, ErrorKind, Result};
use crate::export::Exported;
use crate::field::ansatz::lift::{self, Lift, Wall};
use crate::field::{Bubble, Walled};
use crate::flow::{Context, Moment};
use std::ops::Range;
use std::sync::Arc;

/// How far the values of two sides may differ where they meet, and those of one that has to have the same
/// everywhere, relative to the largest.
const SAME: f64 = 1e-6;

/// The largest part of a side's values that polynomials or waves may miss.
const ROUGH: f64 = 1e-2;

/// The walls of a domain.
#[derive(Clone)]
pub struct Walls {
    domain: Domain,
    walls: Vec<One>,
    bubble: Arc<Bubble>,
    /// Axes that have no sides.
    periodic: usize,
}

#[derive(Clone)]
struct One {
    side: usize,
    wall: Wall,
    value: BoundaryValue,
}

impl Walls {
    /// The walls of a domain and one on another side, or on all sides without one.
    pub(super) fn with(
        before: Option<&Self>,
        domain: &Domain,
        periodic: &[usize],
        side: Option<usize>,
        value: &BoundaryValue,
    ) -> Result<Self> {
        let sides = match (side, domain.shape()) {
            (Some(side), _) => side..side + 1,
            (None, Shape::Ball) => 0..1,
            (None, _) => 0..2 * domain.dimension(),
        };
        let mut walls = before.map_or_else(Vec::new, |before| before.walls.clone());
        for side in sides.filter(|side| !periodic.contains(&(side / 2))) {
            if walls.iter().any(|one: &One| one.side == side) {
                return Err(Error::argument(format!(
                    "argument `side`: side {side} has a value already; accepted is one for each"
                )));
            }
            let wall = match (value, domain.shape()) {
                (BoundaryValue::Constant(_), _) => Wall::constant(domain.lower().to_vec()),
                (_, Shape::Ball) => Wall::of_ball(domain),
                _ => Wall::of_box(domain, side),
            };
            let value = value.clone();
            walls.push(One { side, wall, value });
        }
        walls.sort_by_key(|one| one.side);
        let is_wall = |side| walls.iter().any(|one| one.side == side);
        let bubble = Arc::new(Bubble::new(domain, is_wall));
        let made = Self {
            domain: domain.clone(),
            walls,
            bubble,
            periodic: periodic.len(),
        };
        made.own_at(0.0).map(|_| made)
    }

    /// Whether a value varies along the sphere of a ball on which a lift has one alone, at a time.
    ///
    /// # Errors
    /// What the function returns, and [`NotFinite`](ErrorKind::NotFinite).
    pub(super) fn varies_around_ball(
        domain: &Domain,
        value: &BoundaryValue,
        time: f64,
    ) -> Result<bool> {
        let (Shape::Ball, BoundaryValue::Function(_)) = (domain.shape(), value) else {
            return Ok(false);
        };
        let one = One {
            side: 0,
            wall: Wall::of_ball(domain),
            value: value.clone(),
        };
        Ok(one.wall.count() == 1 && varies(&one.asked(domain, time)?))
    }

    /// Whether a side is a wall.
    pub(super) fn has(&self, side: i32) -> bool {
        self.walls.iter().any(|one| one.side as i32 == side)
    }

    /// Whether all of the boundary is.
    pub(super) fn are_all(&self) -> bool {
        match self.domain.shape() {
            Shape::Ball => true,
            _ => self.walls.len() == 2 * (self.domain.dimension() - self.periodic),
        }
    }

    /// The sides that are walls.
    pub(super) fn sides(&self) -> impl Iterator<Item = usize> + '_ {
        self.walls.iter().map(|one| one.side)
    }

    /// How many coefficients a lift has.
    pub(super) fn coefficients(&self) -> usize {
        self.walls.iter().map(|one| one.wall.count()).sum()
    }

    /// The coefficients of the values at a time, on all ranks those of the first. Collective.
    ///
    /// # Errors
    /// What the functions return, [`NotFinite`](ErrorKind::NotFinite), and
    /// [`Argument`](ErrorKind::Argument) where sides contradict each other or no lift has such values.
    pub(super) fn at(&self, ranks: &Ranks, time: f64) -> Result<Vec<f64>> {
        let (own, mut all) = match self.own_at(time) {
            Ok(all) => (Ok(()), all),
            Err(error) => (Err(error), vec![0.0; self.coefficients()]),
        };
        ranks.agree(own, &mut all)?;
        Ok(all)
    }

    /// The coefficients that a stage of a step has. Collective.
    ///
    /// # Errors
    /// As for [`at`](Self::at).
    pub(super) fn in_stage(&self, cx: &Context, moment: &Moment) -> Result<Vec<f64>> {
        in_stage(cx, moment, self.coefficients(), |time| {
            self.at(cx.ranks(), time)
        })
    }

    fn own_at(&self, time: f64) -> Result<Vec<f64>> {
        let mut all = Vec::with_capacity(self.coefficients());
        let mut largest = 0.0_f64;
        for one in &self.walls {
            let values = one.values(&self.domain, time)?;
            largest = values.iter().fold(largest, |most, v| most.max(v.abs()));
            all.extend(one.wall.coefficients(&values));
        }
        self.check_roughness(&all, time)?;
        self.check_meetings(&all, time, largest)?;
        Ok(all)
    }

    fn check_roughness(&self, all: &[f64], time: f64) -> Result<()> {
        for (one, part) in self.walls.iter().zip(self.parts()) {
            let missed = one.wall.roughness(&all[part]);
            if missed > ROUGH {
                return Err(Error::argument(format!(
                    "the value on side {} at t = {time} varies faster than the {} polynomials or waves that \
                     stand for it; accepted are functions of x of which they miss less than 1 %, smooth ones",
                    one.side,
                    one.wall.count()
                )));
            }
        }
        Ok(())
    }

    /// Refuses values of two sides that differ where they meet.
    fn check_meetings(&self, all: &[f64], time: f64, largest: f64) -> Result<()> {
        let d = self.domain.dimension();
        if !self.domain.is_box() {
            return Ok(());
        }
        let lifts: Vec<Lift> = (0..self.walls.len())
            .map(|index| self.lift_of(all, index..index + 1))
            .collect();
        for (i, one) in self.walls.iter().enumerate() {
            for (j, other) in self.walls.iter().enumerate().skip(i + 1) {
                let opposite = one.side / 2 == other.side / 2;
                if opposite && d <= lift::MOST {
                    continue;
                }
                for x in self.common_points([one.side, other.side]) {
                    let [a, b] = [&lifts[i], &lifts[j]].map(|lift| lift.jet(&x).value);
                    if (a - b).abs() <= SAME * largest {
                        continue;
                    }
                    let (one, other) = (one.side, other.side);
                    return Err(Error::argument(match d <= lift::MOST {
                        true => format!(
                            "the values on sides {one} and {other} contradict each other where they meet, at \
                             x = {x:?}, t = {time}: they are {a} and {b}; accepted are values that agree there"
                        ),
                        false => format!(
                            "the values on sides {one} and {other} are {a} and {b}; beyond dimension {} accepted \
                             is one value for all sides",
                            lift::MOST
                        ),
                    }));
                }
            }
        }
        Ok(())
    }

    /// Points on two sides of a box.
    fn common_points(&self, sides: [usize; 2]) -> Vec<Vec<f64>> {
        let corners = [self.domain.lower(), self.domain.upper()];
        let points = (0..=4_u32).map(|part| {
            let t = 0.25 * f64::from(part);
            let along = corners[0].iter().zip(corners[1]);
            let mut x: Vec<f64> = along.map(|(lo, hi)| lo * (1.0 - t) + hi * t).collect();
            for side in sides {
                x[side / 2] = corners[side % 2][side / 2];
            }
            x
        });
        points.collect()
    }

    /// The ranges of the coefficients of each.
    fn parts(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        self.walls.iter().scan(0, |start, one| {
            let part = *start..*start + one.wall.count();
            *start = part.end;
            Some(part)
        })
    }

    fn lift_of(&self, all: &[f64], which: Range<usize>) -> Lift {
        let each = self.walls.iter().zip(self.parts());
        let each = each.skip(which.start).take(which.len());
        let each = each.map(|(one, part)| (one.side, &one.wall, &all[part]));
        Lift::new(&self.domain, each)
    }

    /// Adds what stands between the network and u.
    pub(super) fn export(&self, coefficients: &[f64], size: f64, out: &mut Exported) {
        let (sides, counts): (Vec<f64>, Vec<f64>) = self
            .walls
            .iter()
            .map(|one| (one.side as f64, one.wall.count() as f64))
            .unzip();
        let n = self.walls.len();
        out.add("walls.side".to_owned(), vec![n], &sides);
        out.add("walls.count".to_owned(), vec![n], &counts);
        out.add(
            "walls.values".to_owned(),
            vec![coefficients.len()],
            coefficients,
        );
        out.add("walls.size".to_owned(), vec![1], &[size]);
        for (name, corner) in [
            ("lower", self.domain.lower()),
            ("upper", self.domain.upper()),
        ] {
            out.add(format!("frame.{name}"), vec![corner.len()], corner);
        }
        let kind = if self.domain.is_box() {
            "walled-field"
        } else {
            "walled-field-of-ball"
        };
        out.notes.push(("kind", kind.to_owned()));
    }

    /// The ansatz with these coefficients, of a field whose distance from its lift has this size.
    pub(super) fn ansatz(&self, coefficients: &[f64], size: f64) -> Walled {
        let lift = self.lift_of(coefficients, 0..self.walls.len());
        Walled::new(lift, Arc::clone(&self.bubble), size)
    }
}

impl One {
    /// The values at the wall's points, as the function gives them.
    fn asked(&self, domain: &Domain, time: f64) -> Result<Vec<f64>> {
        let d = domain.dimension();
        let n = self.wall.x.len() / d;
        let named = |e: Error| e.context(format_args!("the value on side {}", self.side));
        let mut values = vec![f64::NAN; n];
        match &self.value {
            BoundaryValue::Constant(value) => values.fill(*value),
            BoundaryValue::Function(g) => g(time, &self.wall.x, &mut values).map_err(named)?,
        }
        if let Some(at) = values.iter().position(|value| !value.is_finite()) {
            return Err(Error::new(
                ErrorKind::NotFinite,
                format!(
                    "the value on side {} is {} at x = {:?}, t = {time}; accepted are finite values",
                    self.side,
                    values[at],
                    &self.wall.x[at * d..(at + 1) * d]
                ),
            ));
        }
        Ok(values)
    }

    /// The values at the wall's points.
    fn values(&self, domain: &Domain, time: f64) -> Result<Vec<f64>> {
        let (values, d) = (self.asked(domain, time)?, domain.dimension());
        if self.wall.count() == 1 && varies(&values) {
            return Err(Error::argument(format!(
                "the value on side {} varies along it, on a {} of dimension {d}; accepted there are functions of \
                 t alone: values vary along the walls of boxes up to dimension {} and of discs",
                self.side,
                if domain.is_box() { "box" } else { "ball" },
                lift::MOST
            )));
        }
        Ok(values)
    }
}

/// Whether values of a wall that has to have the same everywhere differ.
fn varies(values: &[f64]) -> bool {
    let largest = values.iter().fold(0.0_f64, |most, v| most.max(v.abs()));
    let differs = |value: &f64| (value - values[0]).abs() > SAME * largest;
    values.iter().any(differs)
}
