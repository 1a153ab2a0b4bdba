//! Where lines enter and leave the region.

use super::Sections;
use super::profile::{HALVINGS, SNAP, beyond, sort};
use crate::error::Result;

/// Points that the inside function is asked about at once, at most.
const BATCH: usize = 1 << 16;

impl Sections<'_> {
    /// Where lines enter and leave the region.
    pub(super) fn intervals(
        &self,
        at: &[Vec<f64>],
        hints: &[f64],
        sharp: bool,
    ) -> Result<Vec<Vec<f64>>> {
        let level = self.order.len() - 1;
        let (lower, upper) = self.sides(level);
        let cells = self.cells.0;
        let mut samples: Vec<f64> = (0..=cells)
            .map(|i| {
                let t = i as f64 / cells as f64;
                lower * (1.0 - t) + upper * t
            })
            .chain(hints.iter().copied().filter(|h| lower < *h && *h < upper))
            .collect();
        sort(&mut samples);
        let mut brackets: Vec<Bracket> = Vec::new();
        let per_batch = (BATCH / samples.len()).max(1);
        let mut x = Vec::new();
        for (batch, lines) in at.chunks(per_batch).enumerate() {
            x.clear();
            for line in lines {
                for sample in &samples {
                    self.push_position(&beyond(line, *sample), &mut x);
                }
            }
            let inside = self.inside(&x)?;
            for (line, inside) in inside.chunks_exact(samples.len()).enumerate() {
                let line = batch * per_batch + line;
                let mut before = (lower, false);
                for (x, inside) in samples.iter().zip(inside) {
                    if *inside != before.1 {
                        brackets.push(Bracket {
                            line,
                            from: before.0,
                            to: *x,
                            enters: *inside,
                        });
                    }
                    before = (*x, *inside);
                }
                if before.1 {
                    brackets.push(Bracket {
                        line,
                        from: upper,
                        to: upper,
                        enters: false,
                    });
                }
            }
        }
        for _ in 0..if sharp { HALVINGS } else { 0 } {
            x.clear();
            for bracket in &brackets {
                let line = at.get(bracket.line).map_or(&[][..], Vec::as_slice);
                self.push_position(&beyond(line, bracket.middle()), &mut x);
            }
            for (bracket, inside) in brackets.iter_mut().zip(self.inside(&x)?) {
                bracket.halve(inside);
            }
        }
        let mut ends = vec![Vec::new(); at.len()];
        for bracket in &brackets {
            let near = SNAP * (upper - lower);
            let end = match bracket.middle() {
                x if sharp && x - lower < near => lower,
                x if sharp && upper - x < near => upper,
                x => x,
            };
            if let Some(ends) = ends.get_mut(bracket.line) {
                ends.push(end);
            }
        }
        Ok(ends)
    }

    /// Asks the inside function, some points at a time.
    pub(super) fn inside(&self, x: &[f64]) -> Result<Vec<bool>> {
        let d = self.order.len();
        let mut inside = vec![false; x.len() / d];
        for (x, inside) in x.chunks(BATCH * d).zip(inside.chunks_mut(BATCH)) {
            self.domain.contains(x, inside)?;
        }
        Ok(inside)
    }
}

/// An end of an interval lies between `from` and `to`.
struct Bracket {
    line: usize,
    from: f64,
    to: f64,
    /// Whether the region begins here or ends.
    enters: bool,
}

impl Bracket {
    const fn middle(&self) -> f64 {
        0.5 * (self.from + self.to)
    }

    const fn halve(&mut self, inside: bool) {
        if inside == self.enters {
            self.to = self.middle();
        } else {
            self.from = self.middle();
        }
    }
}
