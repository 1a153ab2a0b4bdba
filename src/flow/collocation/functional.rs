//! The functional `int k rho ln rho + V rho`, and V with its derivatives at points.

use super::asked::{External, Wanted, shifts};
use crate::error::Result;
use crate::flow::dual::Dual;
use crate::flow::transport::Terms;
use crate::parallel::Pool;

/// Points at which V is asked for at once.
const POINTS: usize = 2048;

/// The functional, as a step sees it.
#[derive(Clone)]
pub(in crate::flow) struct Functional {
    dual: Dual,
    /// k
    pub diffusivity: f64,
    /// `dF/drho - V` where rho is 1.
    offset: f64,
}

impl Functional {
    /// That of these terms, seen at points x and about a reference density; `None` if they are none such.
    ///
    /// # Errors
    /// Errors of the energies.
    pub fn new(
        (pool, time): (&Pool, f64),
        terms: &Terms,
        (x, d): (&[f64], usize),
        reference: f64,
    ) -> Result<Option<Self>> {
        if terms.interact() {
            return Ok(None);
        }
        let Some(dual) = Dual::new((pool, time), terms, (x, d), reference, 1.0)? else {
            return Ok(None);
        };
        let Some(diffusivity) = dual.pressure().logarithmic() else {
            return Ok(None);
        };
        let offset = dual.pressure().value(reference) - diffusivity * reference.ln();
        Ok(Some(Self {
            dual,
            diffusivity,
            offset,
        }))
    }

    /// `ln rho` where the potential is p.
    pub fn logarithm(&self, p: f64, v: f64) -> f64 {
        (p - v - self.offset) / self.diffusivity
    }

    /// The potential where the density has this logarithm.
    pub fn potential(&self, logarithm: f64, v: f64) -> f64 {
        self.diffusivity * logarithm + v + self.offset
    }

    /// Whether V depends on time.
    pub fn uses_time(&self) -> bool {
        self.dual.uses_time()
    }

    /// Refuses an energy that is not `V rho` at this time.
    ///
    /// # Errors
    /// [`Plugin`](crate::ErrorKind::Plugin), and errors of the energies.
    pub fn check(&self, pool: &Pool, time: f64, x: &[f64]) -> Result<()> {
        self.dual.external_now(pool, time, x, &[]).map(drop)
    }

    /// V at points, `[n][d]`.
    ///
    /// # Errors
    /// Errors of the energies.
    pub fn value(&self, pool: &Pool, time: f64, x: &[f64]) -> Result<Vec<f64>> {
        self.dual.external(pool, time, x)
    }

    /// `grad V` at points, both `[n][d]`.
    ///
    /// # Errors
    /// Errors of the energies.
    pub fn slope(&self, pool: &Pool, time: f64, x: &[f64]) -> Result<Vec<f64>> {
        self.dual.external_slope(pool, time, x)
    }

    /// V with derivatives at points, `[n][d]`, by differences over `step` along each axis.
    ///
    /// # Errors
    /// Errors of the energies.
    pub(super) fn jets(
        &self,
        (pool, time): (&Pool, f64),
        x: &[f64],
        step: &[f64],
        wanted: Wanted,
    ) -> Result<External> {
        let d = step.len();
        let n = x.len() / d;
        let mut out = External::of(vec![0.0; n], n * d);
        let shifts = shifts(d, wanted);
        let group = (POINTS / shifts.len()).max(1);
        for first in (0..n).step_by(group) {
            let here = first..(first + group).min(n);
            let moved = x[here.start * d..here.end * d]
                .chunks_exact(d)
                .flat_map(|x| {
                    shifts.iter().flat_map(move |shift| {
                        let axes = x.iter().zip(step).enumerate();
                        axes.map(move |(a, (x, h))| x + h * f64::from(shift.along(a)))
                    })
                });
            let moved: Vec<f64> = moved.collect();
            let values = self.dual.external(pool, time, &moved)?;
            for (i, v) in here.zip(values.chunks_exact(shifts.len())) {
                out.value[i] = v[0];
                out.take(i, v, step, wanted);
            }
        }
        Ok(out)
    }
}
