//! The structure of a section, and where along an axis it changes.

use super::Sections;
use crate::error::Result;

/// Halvings of a bracket: from a cell of the scan to rounding.
pub(super) const HALVINGS: usize = 44;

/// Breaks that are looked for between two neighbouring sections, as powers of two.
const DEPTH: usize = 4;

/// Positions that are too close to be told apart, relative to the side.
pub(super) const SNAP: f64 = 1e-9;

/// Places to be looked at besides those of the regular scan, by axis of the order: the middles of
/// intervals and gaps near by, which find those that are too small for the scan.
pub(super) type Hints = Vec<Vec<f64>>;

/// Shape of a section: two neighbouring sections of one structure have signatures of one
/// length that are close.
#[derive(Clone, Debug, Default)]
pub(super) struct Profile {
    pub panels: Vec<Panel>,
    /// Coordinates relative to the sides.
    pub signature: Vec<f64>,
    pub hints: Hints,
}

/// A part of an axis over which the section keeps its structure.
#[derive(Clone, Debug)]
pub(super) struct Panel {
    pub from: f64,
    pub to: f64,
    pub hints: Hints,
}

/// A place where the structure changes, and the section on its either side.
struct Edge {
    at: f64,
    left: Profile,
    right: Profile,
}

impl Sections<'_> {
    /// Whether the section moves like a square root at this end of a panel: a step four times as
    /// long then moves it twice as far, and otherwise four times.
    pub(super) fn is_steep(&self, at: &[f64], panel: &Panel, end: f64, other: f64) -> Result<bool> {
        let shift = 1e-4 * (other - end);
        let mut signatures = Vec::new();
        for factor in [1.0, 4.0, 16.0] {
            let at = beyond(at, end + factor * shift);
            signatures.push(self.profile(&at, &panel.hints, true)?.signature);
        }
        let moved = |pair: &[Vec<f64>]| match pair {
            [a, b] => distance(a, b),
            _ => 0.0,
        };
        let moves: Vec<f64> = signatures.windows(2).map(moved).collect();
        Ok(match moves.as_slice() {
            [near, far] => *near > 1e-9 && (near.is_infinite() || near > &(0.36 * far)),
            _ => false,
        })
    }

    /// The structure of the section at `at`; `sharp` finds the ends along lines to rounding, and
    /// otherwise to a cell of the scan.
    pub(super) fn profile(&self, at: &[f64], hints: &Hints, sharp: bool) -> Result<Profile> {
        let mut profiles = self.profiles(&[at.to_vec()], hints, sharp)?;
        Ok(profiles.remove(0))
    }

    fn profiles(&self, at: &[Vec<f64>], hints: &Hints, sharp: bool) -> Result<Vec<Profile>> {
        let level = at.first().map_or(0, Vec::len);
        if level + 1 == self.order.len() {
            let ends = self.intervals(at, hint(hints, level), sharp)?;
            return Ok(ends
                .into_iter()
                .map(|ends| self.line_profile(&ends))
                .collect());
        }
        let section = |at: &Vec<f64>| self.section(at, hints, sharp);
        at.iter().map(section).collect()
    }

    fn line_profile(&self, ends: &[f64]) -> Profile {
        let level = self.order.len() - 1;
        let (lower, upper) = self.sides(level);
        let mut hints = vec![Vec::new(); self.order.len()];
        if let Some(hints) = hints.last_mut() {
            *hints = ends.windows(2).map(mean).collect();
        }
        let panel = |pair: &[f64]| match pair {
            [from, to] => Some(Panel {
                from: *from,
                to: *to,
                hints: Hints::new(),
            }),
            _ => None,
        };
        Profile {
            panels: ends.chunks(2).filter_map(panel).collect(),
            signature: ends.iter().map(|e| (e - lower) / (upper - lower)).collect(),
            hints,
        }
    }

    /// The structure of a section of more than one dimension.
    fn section(&self, at: &[f64], hints: &Hints, sharp: bool) -> Result<Profile> {
        let level = at.len();
        let (lower, upper) = self.sides(level);
        let side = upper - lower;
        let cells = self.cells.1;
        // Just inside the faces, where a host may not count a point as inside, and cell middles.
        let mut positions: Vec<f64> = (0..cells)
            .map(|i| lower + side * (i as f64 + 0.5) / cells as f64)
            .chain([lower + 1e-3 * SNAP * side, upper - 1e-3 * SNAP * side])
            .chain(hint(hints, level).iter().copied())
            .collect();
        sort(&mut positions);
        let places: Vec<Vec<f64>> = positions.iter().map(|x| beyond(at, *x)).collect();
        // Breaks are found at the resolution of the scan.
        let profiles = self.profiles(&places, hints, false)?;
        let mut edges = Vec::new();
        if let Some(first) = profiles.first() {
            edges.push(Edge {
                at: lower,
                left: Profile::default(),
                right: first.clone(),
            });
        }
        for (x, profile) in positions.windows(2).zip(profiles.windows(2)) {
            if let ([a, b], [pa, pb]) = (x, profile) {
                self.breaks(at, (*a, pa), (*b, pb), DEPTH, &mut edges)?;
            }
        }
        if let Some(last) = profiles.last() {
            edges.push(Edge {
                at: upper,
                left: last.clone(),
                right: Profile::default(),
            });
        }
        self.panels(at, &edges, side, sharp)
    }

    fn panels(&self, at: &[f64], edges: &[Edge], side: f64, sharp: bool) -> Result<Profile> {
        let level = at.len();
        let (lower, _) = self.sides(level);
        let mut whole = Profile {
            hints: vec![Vec::new(); self.order.len()],
            ..Profile::default()
        };
        for pair in edges.windows(2) {
            let [from, to] = pair else { continue };
            if to.at - from.at < SNAP * side || from.right.signature.is_empty() {
                continue;
            }
            let hints = union(&from.right.hints, &to.left.hints);
            let middle = 0.5 * (from.at + to.at);
            let inner = self.profile(&beyond(at, middle), &hints, sharp)?;
            let ends = [from.at, to.at].map(|x| (x - lower) / side);
            whole.signature.extend(ends);
            whole.signature.extend(&inner.signature);
            whole.hints = union(&whole.hints, &inner.hints);
            if let Some(hints) = whole.hints.get_mut(level) {
                hints.push(middle);
            }
            whole.panels.push(Panel {
                from: from.at,
                to: to.at,
                hints: union(&hints, &inner.hints),
            });
        }
        Ok(whole)
    }

    /// The breaks between two neighbouring sections, in order.
    fn breaks(
        &self,
        at: &[f64],
        a: (f64, &Profile),
        b: (f64, &Profile),
        depth: usize,
        edges: &mut Vec<Edge>,
    ) -> Result<()> {
        let tolerance = 1.5 / self.cells.0 as f64;
        let differ = |p: &Profile, q: &Profile| distance(&p.signature, &q.signature);
        let mut gap = differ(a.1, b.1);
        if depth == 0 || gap <= tolerance {
            return Ok(());
        }
        // The middles of intervals that close are hints only when they are sharp.
        let sharpened = |(x, profile): (f64, &Profile)| -> Result<(f64, Profile)> {
            Ok((x, self.profile(&beyond(at, x), &profile.hints, true)?))
        };
        let (mut left, mut right) = (sharpened(a)?, sharpened(b)?);
        for _ in 0..HALVINGS {
            let x = 0.5 * (left.0 + right.0);
            let hints = union(&left.1.hints, &right.1.hints);
            let middle = self.profile(&beyond(at, x), &hints, true)?;
            let halves = (differ(&left.1, &middle), differ(&middle, &right.1));
            if halves.0 >= halves.1 {
                (gap, right) = (halves.0, (x, middle));
            } else {
                (gap, left) = (halves.1, (x, middle));
            }
            if gap <= tolerance {
                return Ok(()); // it moves fast, but without a jump
            }
        }
        self.breaks(at, a, (left.0, &left.1), depth - 1, edges)?;
        let (after, from) = (right.1.clone(), right.0);
        edges.push(Edge {
            at: 0.5 * (left.0 + right.0),
            left: left.1,
            right: right.1,
        });
        self.breaks(at, (from, &after), b, depth - 1, edges)
    }
}

/// The largest move between two signatures; infinity if they are of different structure.
fn distance(a: &[f64], b: &[f64]) -> f64 {
    if a.len() != b.len() {
        return f64::INFINITY;
    }
    let moves = a.iter().zip(b).map(|(a, b)| (a - b).abs());
    moves.fold(0.0, f64::max)
}

pub(super) fn hint(hints: &Hints, level: usize) -> &[f64] {
    hints.get(level).map_or(&[], Vec::as_slice)
}

fn union(a: &Hints, b: &Hints) -> Hints {
    let levels = a.len().max(b.len());
    let merged = |level| [hint(a, level), hint(b, level)].concat();
    (0..levels).map(merged).collect()
}

pub(super) fn beyond(at: &[f64], x: f64) -> Vec<f64> {
    [at, &[x]].concat()
}

fn mean(pair: &[f64]) -> f64 {
    pair.iter().sum::<f64>() / pair.len() as f64
}

pub(super) fn sort(values: &mut Vec<f64>) {
    values.sort_by(f64::total_cmp);
    values.dedup();
}
