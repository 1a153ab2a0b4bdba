//! Energies on the boundary, `sum_k int b_k(t, x, u) ds`, each over a side or over all of it.

use crate::energy::{Batch, Derivatives, EnergyDensity, Term, evaluate_sum};
use crate::error::{Error, Result};
use crate::linear_algebra::dot;
use crate::quadrature::Boundary;
use movimento_abi::{LOCAL_1, SYSTEM_1};
use std::ops::Range;
use std::sync::Arc;

/// The energies.
#[derive(Clone, Default)]
pub struct BoundaryEnergies {
    terms: Vec<BoundaryEnergy>,
}

#[derive(Clone)]
struct BoundaryEnergy {
    /// The side; `None` is all of them.
    side: Option<i32>,
    density: Arc<dyn EnergyDensity>,
}

impl BoundaryEnergy {
    fn covers(&self, side: i32) -> bool {
        self.side.is_none_or(|own| own == side)
    }
}

impl BoundaryEnergies {
    /// Adds a term on a side, or on all.
    pub(super) fn add(&mut self, term: &Term, side: Option<i32>) -> Result<()> {
        term.require_only("the boundary", &[LOCAL_1, SYSTEM_1])?;
        let Some(density) = &term.local else {
            return Err(Error::plugin(format!(
                "the energy `{}` is no integral of a density (capability movimento.local/1); on the boundary \
                 accepted are densities b(x, u)",
                term.name
            )));
        };
        if density.traits().uses_gradient {
            return Err(Error::plugin(format!(
                "the energy `{}` uses p = grad u; on the boundary accepted are densities b(x, u)",
                term.name
            )));
        }
        self.terms.push(BoundaryEnergy {
            side,
            density: Arc::clone(density),
        });
        Ok(())
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.terms.len()
    }

    /// Whether every one is known to be convex.
    pub(super) fn is_convex(&self) -> bool {
        self.terms.iter().all(|term| term.density.traits().convex)
    }

    /// Whether the thread that called the solver alone may evaluate them.
    pub(super) fn caller_thread_only(&self) -> bool {
        let mut terms = self.terms.iter();
        terms.any(|term| term.density.traits().caller_thread_only)
    }

    /// Whether there is one on this side alone.
    pub(super) fn are_named(&self, side: i32) -> bool {
        self.terms.iter().any(|term| term.side == Some(side))
    }

    /// Whether there is one on this side.
    pub(super) fn cover(&self, side: i32) -> bool {
        self.terms.iter().any(|term| term.covers(side))
    }

    /// Fills what is wanted at nodes on these sides with the sum of those that are on the side of each.
    ///
    /// # Errors
    /// Errors of the energies.
    pub(super) fn evaluate(
        &self,
        sides: &[i32],
        batch: &Batch<'_>,
        wanted: &mut Derivatives<'_>,
    ) -> Result<()> {
        for run in runs(sides) {
            let covering = self
                .terms
                .iter()
                .filter(|term| term.covers(sides[run.start]));
            let densities: Vec<_> = covering.map(|term| Arc::clone(&term.density)).collect();
            let wanted = &mut wanted.part(&run, (batch.c, batch.d));
            evaluate_sum(&densities, &batch.part(run), wanted)?;
        }
        Ok(())
    }

    /// The energy of each at nodes of the boundary with u there, `[n][c]`.
    ///
    /// # Errors
    /// Errors of the energies.
    pub(super) fn energies(
        &self,
        time: f64,
        boundary: Option<&Boundary>,
        u: &[f64],
    ) -> Result<Vec<f64>> {
        let densities = self.densities(time, boundary, u)?;
        let w = boundary.map_or(&[][..], |boundary| &boundary.w);
        Ok(densities.iter().map(|b| dot(w, b)).collect())
    }

    /// The density of each at nodes of the boundary with u there, `[n][c]`: 0 on the sides where it is not.
    ///
    /// # Errors
    /// Errors of the energies.
    pub(super) fn densities(
        &self,
        time: f64,
        boundary: Option<&Boundary>,
        u: &[f64],
    ) -> Result<Vec<Vec<f64>>> {
        let n = boundary.map_or(0, |boundary| boundary.w.len());
        let mut all = vec![vec![0.0; n]; self.terms.len()];
        let Some(boundary) = boundary else {
            return match self.is_empty() {
                true => Ok(all),
                false => Err(Error::internal(
                    "energies are on a boundary that is not known",
                )),
            };
        };
        if u.is_empty() {
            return Ok(all);
        }
        let p = vec![0.0; boundary.x.len() * (u.len() / n)];
        let batch = batch(time, boundary, u, &p);
        for (term, b) in self.terms.iter().zip(&mut all) {
            for run in runs(&boundary.side) {
                if !term.covers(boundary.side[run.start]) {
                    continue;
                }
                let mut wanted = Derivatives {
                    f: Some(&mut b[run.clone()]),
                    ..Derivatives::default()
                };
                term.density.evaluate(&batch.part(run), &mut wanted)?;
            }
        }
        Ok(all)
    }

    /// `b_u` of their sum at nodes of the boundary with u there, both `[n][c]`.
    ///
    /// # Errors
    /// Errors of the energies.
    pub(super) fn slopes(&self, time: f64, boundary: &Boundary, u: &[f64]) -> Result<Vec<f64>> {
        let mut b_u = vec![0.0; u.len()];
        if self.is_empty() || u.is_empty() {
            return Ok(b_u);
        }
        let p = vec![0.0; boundary.x.len() * (u.len() / boundary.w.len())];
        let mut wanted = Derivatives {
            f_u: Some(&mut b_u),
            ..Derivatives::default()
        };
        self.evaluate(&boundary.side, &batch(time, boundary, u, &p), &mut wanted)?;
        Ok(b_u)
    }
}

fn batch<'a>(t: f64, boundary: &'a Boundary, u: &'a [f64], p: &'a [f64]) -> Batch<'a> {
    Batch {
        c: (u.len() / boundary.w.len().max(1)).max(1),
        d: boundary.x.len() / boundary.w.len().max(1),
        t,
        x: &boundary.x,
        u,
        p,
        h: &[],
    }
}

/// The ranges of nodes on one side.
fn runs(sides: &[i32]) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut start = 0;
    sides.chunk_by(|a, b| a == b).map(move |run| {
        let range = start..start + run.len();
        start = range.end;
        range
    })
}
