//! The Wasserstein gradient flow by potentials, on a line, in the plane and in space: the unknown of a step
//! is the first variation `p = dF/drho` at its end, from which the density and the map that leads to it
//! follow.
//!
//! With `F(rho) = int H(rho) + V rho + rho (W * rho)/2` the density is `rho = h^-1(p - V - W * rho)`,
//! h = H', and a mass at c goes to the y with `y = c - tau grad p(y)`. No map of what happened since the
//! beginning is kept: a step costs what the density of now takes. Masses, positions of one step and
//! potentials are in the parameters of a state.

mod basis;
mod begun;
mod carried;
mod checkpoint;
mod choice;
mod evaluation;
mod features;
mod flow;
mod following;
mod initial;
mod minimization;
mod mollified;
mod newton;
mod pressure;
mod queries;
mod rate;
mod region;
mod site;
mod spline;
mod start;
#[cfg(test)]
mod tests;

pub(super) use begun::Begun;
pub(super) use choice::{is_quadratic, suits};
pub(super) use features::Jet;
pub(super) use flow::Named;
pub use flow::{DualFlow, SPEC};
pub(super) use site::{network, region};
pub(super) use start::project;

use super::observed::masses;
use super::transport::{Local, Measure, Order, Pairs, Terms};
use crate::error::{Error, Result};
use crate::parallel::Pool;
use crate::quadrature::Nodes;
use pressure::Pressure;
use site::Site;
use std::borrow::Cow;

/// The part of `df/drho` of the densities that depend on the position that may change with rho: they are to
/// be `V rho`.
const LINEAR: f64 = 1e-7;

/// The functional, as a step sees it.
#[derive(Clone)]
pub(super) struct Dual {
    dimension: usize,
    /// Densities that depend on the position: linear in rho.
    placed: Terms,
    /// All terms, for their interactions.
    all: Terms,
    pressure: Pressure,
    reference: f64,
}

/// A potential, the density that belongs to it at the nodes of a site, and where the masses at those nodes
/// have gone.
#[derive(Clone, Debug)]
pub(super) struct Potential {
    /// Coefficients of the features.
    pub coefficients: Vec<f64>,
    /// `[n][d]`
    pub y: Vec<f64>,
    /// `[n]`
    pub rho: Vec<f64>,
}

impl Dual {
    /// The functional of these terms about a reference density; `None` if they have no internal energy that
    /// grows with the density, or one that depends on the position. `rounding` is that of [`Pressure`].
    ///
    /// # Errors
    /// Errors of the energies.
    pub fn new(
        (pool, time): (&Pool, f64),
        all: &Terms,
        (x, d): (&[f64], usize),
        reference: f64,
        rounding: f64,
    ) -> Result<Option<Self>> {
        let (placed, free) = (all.placed(true), all.placed(false));
        if free.use_time() || all.use_slope() {
            return Ok(None);
        }
        let Some(pressure) = Pressure::new(pool, &free, d, reference, rounding)? else {
            return Ok(None);
        };
        let dual = Self {
            dimension: d,
            placed,
            all: all.clone(),
            pressure,
            reference,
        };
        Ok(dual.linear_external(pool, time, x)?.map(|_| dual))
    }

    /// V at points, `[n][d]`; `None` if the densities that depend on the position are not `V rho` there.
    fn linear_external(&self, pool: &Pool, time: f64, x: &[f64]) -> Result<Option<Vec<f64>>> {
        let low = self.external_at(pool, time, x, 0.1 * self.reference)?;
        let high = self.external_at(pool, time, x, self.reference)?;
        let size = high.iter().fold(0.0_f64, |most, v| most.max(v.abs()));
        let mut pairs = low.iter().zip(&high);
        let linear = pairs.all(|(a, b)| (a - b).abs() <= LINEAR * size);
        Ok(linear.then_some(high))
    }

    /// Whether V depends on time.
    pub fn uses_time(&self) -> bool {
        self.placed.use_time()
    }

    /// V at nodes at a time: the values that are known, where it does not depend on time.
    ///
    /// # Errors
    /// [`Plugin`](crate::ErrorKind::Plugin) if an energy is not linear in rho at that time, and errors of
    /// the energies.
    pub fn external_now<'a>(
        &self,
        pool: &Pool,
        time: f64,
        x: &[f64],
        known: &'a [f64],
    ) -> Result<Cow<'a, [f64]>> {
        if !self.uses_time() {
            return Ok(Cow::Borrowed(known));
        }
        let external = self.linear_external(pool, time, x)?;
        external.map(Cow::Owned).ok_or_else(|| {
            Error::plugin(format!(
                "an energy that depends on x is not linear in rho at t = {time}, which a flow of potentials \
                 takes; accepted for others is `transport` = map"
            ))
        })
    }

    pub fn pressure(&self) -> &Pressure {
        &self.pressure
    }

    /// `rho h'(rho)` at the reference density: mass diffuses as fast.
    pub fn diffusivity(&self) -> f64 {
        let (rho, rate) = self.pressure.density(self.pressure.value(self.reference));
        rho / rate
    }

    pub fn interacts(&self) -> bool {
        self.all.interact()
    }

    /// V at points, `[n][d]`.
    ///
    /// # Errors
    /// Errors of the energies.
    pub fn external(&self, pool: &Pool, time: f64, x: &[f64]) -> Result<Vec<f64>> {
        self.external_at(pool, time, x, self.reference)
    }

    fn external_at(&self, pool: &Pool, time: f64, x: &[f64], rho: f64) -> Result<Vec<f64>> {
        Ok(self.placed_at(pool, (time, x), rho, Order::Density)?.f_u)
    }

    fn placed_at(
        &self,
        pool: &Pool,
        (t, x): (f64, &[f64]),
        rho: f64,
        order: Order,
    ) -> Result<Local> {
        let rho = vec![rho; x.len() / self.dimension];
        let points = Measure {
            d: self.dimension,
            t,
            y: x,
            w: &[],
            rho: &rho,
        };
        let mut local = Local::default();
        self.placed.local(pool, &points, order, &mut local)?;
        Ok(local)
    }

    /// `grad V` at points, both `[n][d]`.
    ///
    /// # Errors
    /// Errors of the energies.
    pub fn external_slope(&self, pool: &Pool, time: f64, x: &[f64]) -> Result<Vec<f64>> {
        let points = (time, x);
        let mut slope = self
            .placed_at(pool, points, self.reference, Order::Force)?
            .f_x;
        slope.iter_mut().for_each(|s| *s /= self.reference);
        Ok(slope)
    }

    /// `W * rho` at points, `[n][d]`, with its gradient, of a density at the nodes of a site.
    ///
    /// # Errors
    /// Errors of the energies.
    fn interaction(
        &self,
        (pool, t): (&Pool, f64),
        site: &Site,
        rho: &[f64],
        x: &[f64],
    ) -> Result<Pairs> {
        let w = masses(&site.nodes, rho);
        let measure = Measure {
            d: self.dimension,
            t,
            y: &site.nodes.x,
            w: &w,
            rho,
        };
        let mut pairs = Pairs::default();
        self.all.pairs_in_cells(pool, &measure, x, &mut pairs)?;
        Ok(pairs)
    }

    /// `V + W * rho` at points of a site, its nodes or the independent ones, where V is known.
    ///
    /// # Errors
    /// Errors of the energies.
    pub fn outer(
        &self,
        at: (&Pool, f64),
        site: &Site,
        rho: &[f64],
        (nodes, external): (&Nodes, &[f64]),
    ) -> Result<Vec<f64>> {
        let mut outer = external.to_vec();
        if self.interacts() {
            let pairs = self.interaction(at, site, rho, &nodes.x)?;
            outer
                .iter_mut()
                .zip(&pairs.potential)
                .for_each(|(o, p)| *o += p);
        }
        Ok(outer)
    }
}
