//! The functional of a Wasserstein flow on a measure that is carried by weighted points: pointwise
//! densities `f(y, rho)`, densities `f(y, rho, grad rho)`, and interactions.

use super::local::{Local, Order, evaluate};
use super::measure::{Measure, Whole, integral};
use super::own_cell::own_cells;
use super::pairs::{Pairs, interact};
use super::sloped::{Sloped, Wanted};
use crate::differences;
use crate::energy::{EnergyDensity, PairBatch, PairKernel, Term};
use crate::error::{Error, Result};
use crate::linear_algebra::dot;
use crate::parallel::Pool;
use movimento_abi::{LOCAL_1, PAIR_1};
use std::sync::Arc;

/// The terms of the functional.
#[derive(Clone, Default)]
pub struct Terms {
    names: Vec<String>,
    parts: Vec<TermParts>,
    densities: Vec<Arc<dyn EnergyDensity>>,
    /// Densities that depend on `grad rho`.
    sloped: Vec<Arc<dyn EnergyDensity>>,
    kernels: Vec<Arc<dyn PairKernel>>,
}

/// Parts of a term: places in the lists of densities and of kernels.
#[derive(Clone, Copy, Debug)]
struct TermParts {
    density: Option<usize>,
    sloped: Option<usize>,
    kernel: Option<usize>,
}

impl Terms {
    /// Adds a term: its density, its interaction, or the sum of both.
    ///
    /// # Errors
    /// [`Plugin`](crate::ErrorKind::Plugin) if it is a source, or of tables that no flow in Wasserstein space takes.
    pub fn add(&mut self, term: Term) -> Result<()> {
        term.require_only("a flow in Wasserstein space", &[LOCAL_1, PAIR_1])?;
        if term.is_source {
            return Err(Error::plugin(
                "a source adds mass, which a flow in Wasserstein space keeps; accepted there is the \
                 energy int V(t, x) rho of a potential, as a density",
            ));
        }
        let Term {
            name, local, pair, ..
        } = term;
        if local.is_none() && pair.is_none() {
            return Err(Error::plugin(format!(
                "the energy `{name}` offers neither a density (capability movimento.local/1) nor \
                 an interaction (movimento.pair/1); take one that does",
            )));
        }
        let (local, sloped) = match local {
            Some(density) if density.traits().uses_gradient => (None, Some(density)),
            local => (local, None),
        };
        let (density, kernel) = (self.densities.len(), self.kernels.len());
        self.parts.push(TermParts {
            density: local.as_ref().map(|_| density),
            sloped: sloped.as_ref().map(|_| self.sloped.len()),
            kernel: pair.as_ref().map(|_| kernel),
        });
        self.names.push(name);
        self.densities.extend(local);
        self.sloped.extend(sloped);
        self.kernels.extend(pair);
        Ok(())
    }

    /// The terms' names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The densities that depend on the position, or those that do not; without their names.
    #[must_use]
    pub(in crate::flow) fn placed(&self, uses_position: bool) -> Self {
        let all = self.densities.iter();
        let those = all.filter(|d| d.traits().uses_position == uses_position);
        Self {
            densities: those.cloned().collect(),
            ..Self::default()
        }
    }

    /// Whether a density depends on `grad rho`.
    #[must_use]
    pub const fn use_slope(&self) -> bool {
        !self.sloped.is_empty()
    }

    /// The densities that depend on `grad rho`.
    pub(super) fn sloped(&self) -> &[Arc<dyn EnergyDensity>] {
        &self.sloped
    }

    /// Whether a term depends on time.
    #[must_use]
    pub(in crate::flow) fn use_time(&self) -> bool {
        let mut all = self.densities.iter().chain(&self.sloped);
        let local = all.any(|d| d.traits().uses_time);
        local || self.kernels.iter().any(PairKernel::uses_time)
    }

    /// The kernels of the interactions.
    pub(super) fn kernels(&self) -> &[Arc<dyn PairKernel>] {
        &self.kernels
    }

    /// Whether there are interactions.
    #[must_use]
    pub const fn interact(&self) -> bool {
        !self.kernels.is_empty()
    }

    /// The energy of each term; the measure is that of this rank's masses.
    ///
    /// # Errors
    /// Errors of the energies.
    pub fn energies(&self, pool: &Pool, measure: &Measure<'_>) -> Result<Vec<f64>> {
        self.energies_with(pool, measure, &[])
    }

    /// The energy of each term, with `grad rho` at the masses, `[n][d]`, where one depends on it.
    ///
    /// # Errors
    /// Errors of the energies.
    pub(in crate::flow) fn energies_with(
        &self,
        pool: &Pool,
        measure: &Measure<'_>,
        slope: &[f64],
    ) -> Result<Vec<f64>> {
        let mut all = vec![0.0; self.parts.len()];
        let mut whole = Whole::default();
        if self.interact() {
            whole.gather(pool.ranks(), measure)?;
        }
        let whole = whole.or(pool.ranks(), *measure);
        let own = self.own_energies(pool, (measure, slope), &whole, &mut all);
        pool.ranks().sum(own, &mut all)?;
        Ok(all)
    }

    /// The part of this rank.
    fn own_energies(
        &self,
        pool: &Pool,
        (measure, slope): (&Measure<'_>, &[f64]),
        whole: &Measure<'_>,
        all: &mut [f64],
    ) -> Result<()> {
        for (parts, energy) in self.parts.iter().zip(all) {
            if let Some(index) = parts.density {
                let only = std::slice::from_ref(&self.densities[index]);
                let mut local = Local::default();
                evaluate(pool, only, measure, Order::Value, &mut local)?;
                *energy += integral(measure, &local.f);
            }
            if let Some(index) = parts.sloped {
                let f = self.sloped_values(pool, index, (measure, slope))?;
                *energy += integral(measure, &f);
            }
            if let Some(index) = parts.kernel {
                let only = std::slice::from_ref(&self.kernels[index]);
                let mut pairs = Pairs::default();
                interact(pool, only, whole, measure.y, false, &mut pairs)?;
                *energy += 0.5 * dot(measure.w, &pairs.potential);
                let cells = own_cells(&self.kernels[index], measure)?;
                let masses = measure.w.iter().zip(cells);
                let own = masses.filter_map(|(m, cell)| Some(0.5 * m * m * cell?.value));
                *energy += own.sum::<f64>();
            }
        }
        Ok(())
    }

    /// A density that depends on `grad rho`, `[n]`.
    fn sloped_values(
        &self,
        pool: &Pool,
        index: usize,
        (at, slope): (&Measure<'_>, &[f64]),
    ) -> Result<Vec<f64>> {
        if slope.len() != at.y.len() {
            return Err(Error::internal(
                "grad rho is not known where an energy needs it",
            ));
        }
        let only = std::slice::from_ref(&self.sloped[index]);
        let mut sloped = Sloped::default();
        sloped.evaluate(pool, only, (at, slope), Wanted::Value)?;
        Ok(sloped.f)
    }

    /// The density of each term's energy at points `y` (`[n][d]`) with density `rho` (`[n]`) and its gradient
    /// `p` (`[n][d]`): of an interaction `rho (W * rho) / 2`. 0 where there is no mass, and NaN where rho is.
    ///
    /// # Errors
    /// Errors of the energies.
    pub(in crate::flow) fn densities(
        &self,
        pool: &Pool,
        whole: &Measure<'_>,
        (y, rho, p): (&[f64], &[f64], &[f64]),
    ) -> Result<Vec<Vec<f64>>> {
        // Where there is none, any other density does.
        let some = |r: &f64| if *r > 0.0 { *r } else { 1.0 };
        let some: Vec<f64> = rho.iter().map(some).collect();
        let here = whole.same_at(y, &some);
        let one = |parts: &TermParts| {
            let mut f = vec![0.0; rho.len()];
            if let Some(index) = parts.density {
                let only = std::slice::from_ref(&self.densities[index]);
                let mut local = Local::default();
                evaluate(pool, only, &here, Order::Value, &mut local)?;
                f = local.f;
            }
            if let Some(index) = parts.sloped {
                f = self.sloped_values(pool, index, (&here, p))?;
            }
            if let Some(index) = parts.kernel {
                let only = std::slice::from_ref(&self.kernels[index]);
                let mut pairs = Pairs::default();
                interact(pool, only, whole, y, false, &mut pairs)?;
                let points = f.iter_mut().zip(&pairs.potential).zip(rho);
                points.for_each(|((f, potential), rho)| *f += 0.5 * potential * rho);
            }
            for (f, rho) in f.iter_mut().zip(rho) {
                if rho.is_nan() {
                    *f = f64::NAN;
                } else if *rho <= 0.0 {
                    *f = 0.0;
                }
            }
            Ok(f)
        };
        self.parts.iter().map(one).collect()
    }

    /// The sum of the densities and its derivatives, as far as `order` asks.
    pub(in crate::flow) fn local(
        &self,
        pool: &Pool,
        measure: &Measure<'_>,
        order: Order,
        local: &mut Local,
    ) -> Result<()> {
        evaluate(pool, &self.densities, measure, order, local)
    }

    /// The same at masses, with what singular kernels do in their cells: a density
    /// `m rho omega(m / rho) / 2` in which m goes with each mass.
    pub(super) fn at_masses(
        &self,
        pool: &Pool,
        measure: &Measure<'_>,
        order: Order,
        local: &mut Local,
    ) -> Result<()> {
        self.local(pool, measure, order, local)?;
        local.of_mass.clear();
        local.of_mass.resize(measure.w.len(), 0.0);
        if order == Order::Force {
            return Ok(());
        }
        for kernel in &self.kernels {
            let cells = own_cells(kernel, measure)?.into_iter().enumerate();
            for (at, cell) in cells.filter_map(|(at, cell)| Some((at, cell?))) {
                let (half, rho) = (0.5 * measure.w[at], measure.rho[at]);
                local.f[at] += half * rho * cell.value;
                local.f_u[at] += half * (cell.value - cell.slope);
                local.f_uu[at] += half * cell.slope * (cell.power - 1.0) / rho;
                local.of_mass[at] -= half * cell.slope * (cell.power + 1.0);
            }
        }
        Ok(())
    }

    /// The sum of the interactions with the measure, at points `y`, `[n][d]`.
    pub(in crate::flow) fn pairs(
        &self,
        pool: &Pool,
        measure: &Measure<'_>,
        y: &[f64],
        pairs: &mut Pairs,
    ) -> Result<()> {
        interact(pool, &self.kernels, measure, y, true, pairs)
    }

    /// The same, and where the points are the masses of the measure themselves, whose cells stay as they are, what
    /// singular kernels add to the potential there.
    pub(in crate::flow) fn pairs_in_cells(
        &self,
        pool: &Pool,
        measure: &Measure<'_>,
        y: &[f64],
        pairs: &mut Pairs,
    ) -> Result<()> {
        self.pairs(pool, measure, y, pairs)?;
        if y != measure.y {
            return Ok(());
        }
        for kernel in &self.kernels {
            let cells = own_cells(kernel, measure)?.into_iter().zip(measure.w);
            for (potential, (cell, m)) in pairs.potential.iter_mut().zip(cells) {
                *potential += cell.map_or(0.0, |cell| m * cell.value);
            }
        }
        Ok(())
    }

    /// Whether the force `f_x/rho + grad (W * rho)` on a mass does not vanish everywhere.
    pub(super) fn pull(&self) -> bool {
        self.interact() || self.densities.iter().any(|d| d.traits().uses_position)
    }

    /// The derivative of that force on the masses of a measure, which is a part of the whole, along
    /// `direction` (`[d]`), where rho is held fixed, `[n][d]`; by differences: it steers
    /// convergence, not the answer.
    pub(super) fn force_along(
        &self,
        pool: &Pool,
        measure: &Measure<'_>,
        whole: &Measure<'_>,
        direction: &[f64],
    ) -> Result<Vec<f64>> {
        let d = measure.d;
        let mut along = vec![0.0; measure.y.len()];
        let (mut at, mut pairs) = (Local::default(), Pairs::default());
        for side in differences::sides(differences::positions(measure.y)) {
            let points = measure.y.chunks_exact(d);
            let moved = points.flat_map(|y| y.iter().zip(direction).map(|(y, e)| y + side * e));
            let y: Vec<f64> = moved.collect();
            self.local(
                pool,
                &measure.same_at(&y, measure.rho),
                Order::Force,
                &mut at,
            )?;
            let forces = along.chunks_exact_mut(d).zip(at.f_x.chunks_exact(d));
            for ((along, force), rho) in forces.zip(measure.rho) {
                for (a, f) in along.iter_mut().zip(force) {
                    *a += differences::share(*f, side * rho);
                }
            }
            if self.interact() {
                self.pairs(pool, whole, &y, &mut pairs)?;
                self.remove_own(measure, &y, &mut pairs.gradient)?;
                let forces = along.iter_mut().zip(&pairs.gradient);
                forces.for_each(|(a, f)| *a += differences::share(*f, side));
            }
        }
        Ok(along)
    }

    /// Takes from forces at moved points `y` those of the masses that were there: a mass moves
    /// along with itself.
    pub(super) fn remove_own(
        &self,
        measure: &Measure<'_>,
        y: &[f64],
        forces: &mut [f64],
    ) -> Result<()> {
        let d = measure.d;
        if y.is_empty() {
            return Ok(());
        }
        let batch = PairBatch {
            d,
            t: measure.t,
            x: y,
            y: measure.y,
        };
        let mut own = vec![0.0; y.len()];
        for kernel in &self.kernels {
            kernel.evaluate(&batch, None, Some(&mut own))?;
            let points = forces.chunks_exact_mut(d).zip(own.chunks_exact(d));
            for ((force, own), w) in points.zip(measure.w) {
                force.iter_mut().zip(own).for_each(|(f, g)| *f -= w * g);
            }
        }
        Ok(())
    }

    /// The gradient of the first variation, `grad_y [f_u(y, rho(y)) + (W * rho)(y)] = rho f_uu
    /// grad ln rho + d2f / dy drho + grad W * rho`, `[n][d]`, where the second derivatives and the
    /// score are known; without interactions if there are none in `pairs`.
    ///
    /// # Errors
    /// Errors of the energies.
    pub(super) fn force(
        &self,
        pool: &Pool,
        measure: &Measure<'_>,
        f_uu: &[f64],
        score: &[f64],
        pairs: Option<&Pairs>,
    ) -> Result<Vec<f64>> {
        let d = measure.d;
        let mixed = self.mixed(pool, measure)?;
        let part = |(axis, score): (usize, &f64)| {
            let node = axis / d;
            f_uu[node] * measure.rho[node] * score
                + mixed.as_ref().map_or(0.0, |m| m[axis])
                + pairs.map_or(0.0, |p| p.gradient.get(axis).copied().unwrap_or(0.0))
        };
        Ok(score.iter().enumerate().map(part).collect())
    }

    /// `d2f / dy drho` (`[n][d]`) by differences in rho; none if no density depends on y.
    pub(super) fn mixed(&self, pool: &Pool, measure: &Measure<'_>) -> Result<Option<Vec<f64>>> {
        if !self.densities.iter().any(|d| d.traits().uses_position) {
            return Ok(None);
        }
        let d = measure.d;
        let mut mixed = vec![0.0; measure.y.len()];
        let mut local = Local::default();
        for side in differences::sides(differences::RELATIVE_DENSITY) {
            let rho: Vec<f64> = measure.rho.iter().map(|r| r * (1.0 + side)).collect();
            let there = measure.same_at(measure.y, &rho);
            self.local(pool, &there, Order::Force, &mut local)?;
            let points = mixed.chunks_exact_mut(d).zip(local.f_x.chunks_exact(d));
            for ((m, f_x), rho) in points.zip(measure.rho) {
                for (m, f) in m.iter_mut().zip(f_x) {
                    *m += differences::share(*f, side * rho);
                }
            }
        }
        Ok(Some(mixed))
    }
}
