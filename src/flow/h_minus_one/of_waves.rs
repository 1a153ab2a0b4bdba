//! A stage of a step of a field of waves, `F(u) + S/(2 tau) |u - c|^2`, by Newton's method over the potential psi that
//! drives it, `u = c + K psi` with the stiffness K of the mobility, in which the norm is `psi . K psi`: K is not
//! inverted, and may vanish somewhere.

use super::newton::{Point, Problem, finite, finite_slope, weighted};
use super::spectrum::{Spectrum, Stiffness};
use crate::error::Result;
use crate::flow::Context;
use crate::linear_algebra::{Limit, System, add, conjugate_gradients, dot};
use crate::objective::{Densities, Integrand, Order};
use crate::quadrature::NodesView;

/// The part of what a Newton step gains that conjugate gradients may leave, and their products.
const PART: f64 = 1e-2;
const PRODUCTS: usize = 300;

/// The part of what a stage may leave to gain that those may.
const ENOUGH: f64 = 0.1;

/// A stage, posed at nodes.
pub(super) struct Stage<'a> {
    pub cx: &'a Context,
    pub spectrum: &'a Spectrum<'a>,
    pub nodes: NodesView<'a>,
    /// f of the functional.
    pub functional: &'a dyn Integrand,
    /// The mean of u.
    pub mean: f64,
    /// K.
    pub stiffness: &'a Stiffness,
    /// The parts of c.
    pub centre: Vec<f64>,
    /// `S / tau`.
    pub strength: f64,
    /// Half the square of a motion that tolerances are at least relative to.
    pub rest: f64,
}

/// The value at a potential, and what the densities are there.
struct Value {
    value: f64,
    movement: f64,
    densities: Densities,
}

impl Stage<'_> {
    /// The potential of these parts, which a guess has.
    ///
    /// # Errors
    /// Errors of the threads and of the other ranks.
    pub fn potential(&self, parts: &[f64]) -> Result<Vec<f64>> {
        let change: Vec<f64> = parts.iter().zip(&self.centre).map(|(u, c)| u - c).collect();
        self.spectrum.potential(self.stiffness, &change)
    }

    /// The change that a potential drives, and the parts that it leads to.
    ///
    /// # Errors
    /// As for [`potential`](Self::potential).
    pub fn driven(&self, psi: &[f64]) -> Result<[Vec<f64>; 2]> {
        let change = self.spectrum.driven(self.stiffness, psi)?;
        let parts = change.iter().zip(&self.centre).map(|(v, c)| v + c);
        let parts = parts.collect();
        Ok([change, parts])
    }

    /// The value of the stage at a potential.
    fn evaluated(&self, psi: &[f64], order: Order) -> Result<Value> {
        let (spectrum, x, w) = (self.spectrum, self.nodes.x, self.nodes.w);
        let [change, parts] = self.driven(psi)?;
        let jets = spectrum.jets(self.mean, &parts)?;
        let mut densities = Densities::default();
        let at = (&jets, spectrum.shape());
        let pool = &self.cx.pool;
        let evaluated = densities.evaluate(pool, self.functional, x, at, order);
        let mut energy = [w.iter().zip(&densities.f).map(|(w, f)| w * f).sum()];
        self.cx.ranks().sum(evaluated, &mut energy)?;
        let [energy] = energy;
        let movement = 0.5 * self.strength * dot(psi, &change);
        Ok(Value {
            value: finite(energy + movement)?,
            movement,
            densities,
        })
    }
}

impl Problem for Stage<'_> {
    fn value(&self, psi: &[f64]) -> Result<f64> {
        Ok(self.evaluated(psi, Order::Value)?.value)
    }

    fn at(&self, psi: Vec<f64>) -> Result<Point> {
        let (spectrum, w) = (self.spectrum, self.nodes.w);
        let Value {
            value,
            movement,
            densities,
        } = self.evaluated(&psi, Order::Second)?;
        let mut slopes =
            spectrum.against(&weighted(w, &densities.f_u), &weighted(w, &densities.f_p))?;
        add(&mut slopes, self.strength, &psi);
        slopes[0] = 0.0;
        let gradient = spectrum.driven(self.stiffness, &slopes)?;
        Ok(Point {
            unknowns: psi,
            value,
            movement,
            gradient,
            densities,
        })
    }

    fn newton(&mut self, now: &Point, enough: f64) -> Result<(Vec<f64>, f64)> {
        let mut system = Curvature::new(self, &now.densities)?;
        let limit = Limit {
            enough: ENOUGH * enough,
            part: PART,
            products: PRODUCTS,
        };
        let solved = conjugate_gradients(&mut system, &now.gradient, &limit)?;
        let mut step = solved.step;
        if step.iter().all(|s| *s == 0.0) {
            // The way down where the curvature is negative along it.
            step = now.gradient.iter().map(|g| -g).collect();
            system.precondition(&mut step)?;
        }
        let left = match solved.products {
            Some(_) => 0.0,
            None => solved.left,
        };
        let decrement = finite_slope(&step, &now.gradient)?;
        Ok((step, 0.5 * decrement + left))
    }

    fn rest(&self) -> f64 {
        self.strength * self.rest
    }
}

/// The second derivative of a stage in psi, `K (F'' + S/tau K^-1) K`.
struct Curvature<'a> {
    stage: &'a Stage<'a>,
    /// Second derivatives of the density times the weights of the nodes; mixed ones and those in slopes where they
    /// are not the same multiple of the unit matrix at every node.
    uu: Vec<f64>,
    up: Vec<f64>,
    pp: Vec<f64>,
    /// That multiple.
    even: f64,
    /// What the inverse is taken for.
    diagonal: Vec<f64>,
}

impl<'a> Curvature<'a> {
    fn new(stage: &'a Stage<'a>, densities: &Densities) -> Result<Self> {
        let (w, spectrum) = (stage.nodes.w, stage.spectrum);
        let ranks = stage.cx.ranks();
        let d = spectrum.shape().dimension;
        let n = w.len();
        let trace = |pp: &[f64]| pp.iter().step_by(d + 1).sum::<f64>() / d as f64;
        let matrices = || densities.f_pp.chunks_exact(d * d);
        let nodes = w.iter().zip(&densities.f_uu).zip(matrices());
        let mut sums = nodes.fold([0.0; 3], |[volume, uu, pp], ((w, f), m)| {
            [volume + w, uu + w * f, pp + w * trace(m)]
        });
        ranks.sum(Ok(()), &mut sums)?;
        let [volume, uu, pp] = sums;
        let (mean_uu, mean_pp) = ((uu / volume).max(0.0), (pp / volume).max(0.0));
        let off = matrices().flat_map(|m| m.iter().enumerate());
        let off = off.map(|(k, f)| {
            let wanted = if k % (d + 1) == 0 { pp / volume } else { 0.0 };
            (f - wanted).abs()
        });
        let mixed = densities
            .f_up
            .iter()
            .fold(0.0_f64, |most, f| most.max(f.abs()));
        let mut largest = [off.fold(mixed, f64::max)];
        ranks.max(Ok(()), &mut largest)?;
        let is_even = largest[0] <= 1e-13 * mean_pp;
        let s = stage.strength;
        let stiffness = spectrum.mean_stiffness(stage.stiffness);
        let diagonal = stiffness.iter().zip(spectrum.eigenvalues());
        let diagonal = diagonal.map(|(k, l)| k * ((mean_uu + mean_pp * l) * k + s));
        Ok(Self {
            stage,
            uu: weighted(w, &densities.f_uu),
            up: if is_even {
                Vec::new()
            } else {
                weighted(w, &densities.f_up)
            },
            pp: if is_even {
                Vec::new()
            } else {
                weighted(w, &densities.f_pp)
            },
            even: if is_even && n > 0 { pp / volume } else { 0.0 },
            diagonal: diagonal.collect(),
        })
    }

    /// F'' times a change.
    fn of_change(&self, v: &[f64]) -> Result<Vec<f64>> {
        let spectrum = self.stage.spectrum;
        if self.pp.is_empty() {
            let values = spectrum.values(v)?;
            let seeds: Vec<f64> = values.iter().zip(&self.uu).map(|(v, f)| f * v).collect();
            let mut out = spectrum.against(&seeds, &[])?;
            let pairs = out.iter_mut().zip(v).zip(spectrum.eigenvalues());
            pairs.for_each(|((out, v), l)| *out += self.even * l * v);
            return Ok(out);
        }
        let d = spectrum.shape().dimension;
        let mut jets = spectrum.jets(0.0, v)?;
        let nodes = jets.value.iter_mut().zip(jets.slope.chunks_exact_mut(d));
        let of = self.up.chunks_exact(d).zip(self.pp.chunks_exact(d * d));
        let mut image = vec![0.0; d];
        for ((v, p), (uu, (up, pp))) in nodes.zip(self.uu.iter().zip(of)) {
            let rows = image.iter_mut().zip(up).zip(pp.chunks_exact(d));
            rows.for_each(|((out, up), pp)| *out = up * *v + dot(pp, p));
            *v = uu * *v + dot(up, p);
            p.copy_from_slice(&image);
        }
        spectrum.against(&jets.value, &jets.slope)
    }
}

impl System for Curvature<'_> {
    fn product(&mut self, v: &[f64], out: &mut [f64]) -> Result<()> {
        let Stage {
            spectrum,
            stiffness,
            strength,
            ..
        } = self.stage;
        let change = spectrum.driven(stiffness, v)?;
        let mut slopes = self.of_change(&change)?;
        add(&mut slopes, *strength, v);
        slopes[0] = 0.0;
        out.copy_from_slice(&spectrum.driven(stiffness, &slopes)?);
        Ok(())
    }

    fn precondition(&mut self, z: &mut [f64]) -> Result<()> {
        for (z, k) in z.iter_mut().zip(&self.diagonal) {
            *z = if *k > 0.0 { *z / k } else { 0.0 };
        }
        Ok(())
    }
}
