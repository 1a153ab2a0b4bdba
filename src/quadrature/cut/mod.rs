//! Lines and sections through a region that is known by its inside function alone.
//!
//! The region is cut by lines along the last axis of an order of the axes; along a line it is a
//! list of intervals, whose ends are found by a scan and by bisection. Where the intervals appear,
//! vanish, merge, split or jump as the line moves, an integral over the region is not smooth: these
//! places, the breaks, are found by bisection on the structure of the section, axis by axis, and
//! between them the panels of a composite rule are laid. At a break where the ends move like a
//! square root (a boundary that touches the section, such as a circle's rightmost point) the panel is
//! mapped so that the integrand is smooth again.

mod boundary;
mod intervals;
mod profile;

pub(super) use boundary::boundary;

use super::Nodes;
use super::gauss::Rules;
use crate::domain::Domain;
use crate::error::{Error, Result};
use profile::{Hints, beyond, hint};

/// How far apart nodes are, relative to a side. Rules with odd and even numbers of nodes share none.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spacing {
    per_axis: f64,
    odd: bool,
}

impl Spacing {
    fn of_sides(per_axis: usize) -> Self {
        Self {
            per_axis: per_axis.max(1) as f64,
            odd: per_axis % 2 == 1,
        }
    }

    fn of(self, side: f64) -> f64 {
        side / self.per_axis
    }
}

/// A line along the last axis of the order.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// Its coordinates on the other axes, in the order.
    pub at: Vec<f64>,
    /// The weight of the rule over the other axes.
    pub weight: f64,
    /// Where it enters and leaves the region, in turns.
    pub ends: Vec<f64>,
}

/// A region seen along an order of the axes.
pub(super) struct Sections<'a> {
    domain: &'a Domain,
    order: Vec<usize>,
    /// Cells of the scan along a line, and of that of the sections.
    cells: (usize, usize),
}

impl<'a> Sections<'a> {
    /// The lines along `axis`.
    pub(super) fn along(domain: &'a Domain, axis: usize) -> Self {
        let d = domain.dimension();
        let others = (0..d).filter(|other| *other != axis);
        Self {
            domain,
            order: others.chain([axis]).collect(),
            cells: match d {
                1 => (4096, 0),
                2 => (256, 128),
                3 => (96, 48),
                _ => (64, 0),
            },
        }
    }

    /// The axes, that of the lines last.
    pub(super) fn order(&self) -> &[usize] {
        &self.order
    }

    /// The axis of the lines.
    pub(super) fn innermost(&self) -> usize {
        self.order[self.order.len() - 1]
    }

    /// The position whose coordinates are `at`, in the order.
    pub(super) fn push_position(&self, at: &[f64], x: &mut Vec<f64>) {
        let start = x.len();
        x.resize(start + self.order.len(), 0.0);
        for (axis, value) in self.order.iter().zip(at) {
            x[start + axis] = *value;
        }
    }

    fn sides(&self, level: usize) -> (f64, f64) {
        let axis = self.order[level];
        (self.domain.lower()[axis], self.domain.upper()[axis])
    }

    /// The lines of a composite Gauss rule over the other axes with about this spacing, relative
    /// to the sides, and an odd number of nodes on each panel or an even one.
    pub(super) fn lines(&self, spacing: Spacing, rule: &mut Rules) -> Result<Vec<Line>> {
        let mut lines = Vec::new();
        let hints = vec![Vec::new(); self.order.len()];
        self.collect(&[], 1.0, &hints, spacing, rule, &mut lines)?;
        Ok(lines)
    }

    /// Fills in where these lines cross the region.
    pub(super) fn cross(&self, lines: &mut [Line]) -> Result<()> {
        let at: Vec<Vec<f64>> = lines.iter().map(|line| line.at.clone()).collect();
        let ends = self.intervals(&at, &[], true)?;
        for (line, ends) in lines.iter_mut().zip(ends) {
            line.ends = ends;
        }
        Ok(())
    }

    fn collect(
        &self,
        at: &[f64],
        weight: f64,
        hints: &Hints,
        spacing: Spacing,
        rule: &mut Rules,
        lines: &mut Vec<Line>,
    ) -> Result<()> {
        let level = at.len();
        let last = self.order.len() - 1;
        if level == last {
            let ends = self.intervals(&[at.to_vec()], hint(hints, level), true)?;
            lines.extend(ends.into_iter().map(|ends| Line {
                at: at.to_vec(),
                weight,
                ends,
            }));
            return Ok(());
        }
        let (lower, upper) = self.sides(level);
        for panel in self.profile(at, hints, true)?.panels {
            let steep = [
                self.is_steep(at, &panel, panel.from, panel.to)?,
                self.is_steep(at, &panel, panel.to, panel.from)?,
            ];
            let nodes = rule.panel(
                panel.from,
                panel.to,
                spacing.of(upper - lower),
                spacing.odd,
                steep,
            )?;
            if level + 1 == last {
                // All lines of a panel at once: the inside function likes large batches.
                let places: Vec<Vec<f64>> = nodes.iter().map(|(x, _)| beyond(at, *x)).collect();
                let ends = self.intervals(&places, hint(&panel.hints, last), true)?;
                for ((at, (_, w)), ends) in places.into_iter().zip(nodes).zip(ends) {
                    let weight = weight * w;
                    lines.push(Line { at, weight, ends });
                }
            } else {
                for (x, w) in nodes {
                    let at = beyond(at, x);
                    self.collect(&at, weight * w, &panel.hints, spacing, rule, lines)?;
                }
            }
        }
        Ok(())
    }
}

/// The nodes of a rule on a cut box with about this many nodes along a side: Gauss nodes on the
/// intervals of each line.
pub(super) fn nodes(domain: &Domain, per_axis: usize) -> Result<Nodes> {
    let last = domain.dimension().saturating_sub(1);
    let sections = Sections::along(domain, last);
    let spacing = Spacing::of_sides(per_axis);
    let mut rules = Rules::default();
    let lines = sections.lines(spacing, &mut rules)?;
    let side = domain.upper()[last] - domain.lower()[last];
    let mut nodes = Nodes::default();
    for line in &lines {
        for pair in line.ends.chunks(2) {
            let [from, to] = pair else { continue };
            for (x, w) in rules.panel(*from, *to, spacing.of(side), spacing.odd, [false; 2])? {
                sections.push_position(&beyond(&line.at, x), &mut nodes.x);
                nodes.w.push(line.weight * w);
            }
        }
    }
    if nodes.is_empty() {
        return Err(empty());
    }
    Ok(nodes)
}

/// The error of a region without a point.
pub(super) fn empty() -> Error {
    Error::argument(
        "the inside function kept no point of the box; accepted is a region that a scan of the box \
         can find: look at `lower` and `upper`",
    )
}
