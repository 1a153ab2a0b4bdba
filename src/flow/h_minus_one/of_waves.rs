//! A stage of a step of a field of waves, `F(u) + S/(2 tau) |u - c|^2`, by Newton's method over the potential psi that
//! drives it, `u = c + K psi` with the stiffness K of the mobility, in which the norm is `psi . K psi`: K is not
//! inverted, and may vanish somewhere.

use super::spectrum::{Spectrum, Stiffness};
use crate::error::{Error, Result};
use crate::flow::Context;
use crate::linear_algebra::{Limit, System, add, conjugate_gradients, dot};
use crate::minimize::{Outcome, Stop, Watch};
use crate::objective::{Densities, Integrand, Order};
use crate::quadrature::NodesView;

/// The part of what a Newton step gains that conjugate gradients may leave, and their products.
const PART: f64 = 1e-2;
const PRODUCTS: usize = 300;

/// The part of what a stage may leave to gain that those may.
const ENOUGH: f64 = 0.1;

/// Times that a step is halved, and the part of the gain that the slope predicts it has to make.
const HALVINGS: u32 = 12;
const GAINED: f64 = 1e-4;

/// Gains below this part of the value drown in rounding, and steps end where what is left to gain no longer falls
/// to this part of what was left before.
const ROUNDING: f64 = 1e-13;
const FALLS: f64 = 0.5;

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
    parts: Vec<f64>,
    value: f64,
    movement: f64,
    densities: Densities,
}

/// A potential, with the value there and its derivatives.
struct Point {
    psi: Vec<f64>,
    parts: Vec<f64>,
    value: f64,
    movement: f64,
    gradient: Vec<f64>,
    densities: Densities,
}

/// The parts that a stage led to.
pub(super) struct Solved {
    pub parts: Vec<f64>,
    pub outcome: Outcome,
    /// What tolerances are relative to.
    pub scale: f64,
}

impl Stage<'_> {
    /// Minimises the stage from the best of several parts. Collective.
    ///
    /// # Errors
    /// Errors of the energies and of `watch`, and [`NotFinite`](crate::ErrorKind::NotFinite) if there are no
    /// derivatives.
    pub fn solve(
        &self,
        guesses: Vec<Vec<f64>>,
        stop: &Stop,
        watch: &mut Watch<'_>,
    ) -> Result<Solved> {
        let mut now = self.best(guesses)?;
        let (mut iterations, mut before) = (0, f64::INFINITY);
        loop {
            let scale = now.movement + self.strength * self.rest;
            let (step, gap) = self.newton(&now, ENOUGH * stop.gain * scale)?;
            let decrement = -dot(&step, &now.gradient);
            let rounding = ROUNDING * now.value.abs();
            let stalled = gap <= rounding && gap >= FALLS * before;
            let enough = (stop.gain * scale).max(if stalled { rounding } else { 0.0 });
            before = gap;
            watch(iterations, now.value)?;
            let outcome = Outcome {
                value: now.value,
                gap,
                enough,
                iterations,
                converged: gap <= enough,
            };
            let next = match outcome.converged || iterations >= stop.max_iterations {
                true => None,
                false => self.along(&now, &step, decrement, rounding)?,
            };
            let Some(next) = next else {
                return Ok(Solved {
                    parts: now.parts,
                    outcome,
                    scale,
                });
            };
            now = next;
            iterations += 1;
        }
    }

    fn best(&self, guesses: Vec<Vec<f64>>) -> Result<Point> {
        let mut best: Option<(f64, Vec<f64>)> = None;
        let mut refused = None;
        for parts in guesses {
            let change: Vec<f64> = parts.iter().zip(&self.centre).map(|(u, c)| u - c).collect();
            let psi = self.spectrum.potential(self.stiffness, &change)?;
            match self.value(&psi, Order::Value) {
                Ok(Value { value, .. })
                    if best.as_ref().is_none_or(|(least, _)| value < *least) =>
                {
                    best = Some((value, psi));
                }
                Ok(_) => {}
                Err(e) if e.kind().is_of_the_step() => refused = Some(e),
                Err(e) => return Err(e),
            }
        }
        match best {
            Some((_, psi)) => self.at(psi),
            None => Err(refused.unwrap_or_else(|| Error::internal("a stage has no guess"))),
        }
    }

    /// The value of the stage at a potential.
    fn value(&self, psi: &[f64], order: Order) -> Result<Value> {
        let (spectrum, x, w) = (self.spectrum, self.nodes.x, self.nodes.w);
        let change = spectrum.driven(self.stiffness, psi)?;
        let parts: Vec<f64> = change
            .iter()
            .zip(&self.centre)
            .map(|(v, c)| v + c)
            .collect();
        let jets = spectrum.jets(self.mean, &parts)?;
        let mut densities = Densities::default();
        let at = (&jets, spectrum.shape());
        let pool = &self.cx.pool;
        let evaluated = densities.evaluate(pool, self.functional, x, at, order);
        let mut energy = [w.iter().zip(&densities.f).map(|(w, f)| w * f).sum()];
        self.cx.ranks().sum(evaluated, &mut energy)?;
        let [energy] = energy;
        let movement = 0.5 * self.strength * dot(psi, &change);
        let value: f64 = energy + movement;
        match value.is_finite() {
            true => Ok(Value {
                parts,
                value,
                movement,
                densities,
            }),
            false => Err(Error::not_finite(
                "the energy of a step is not a number; take a smaller `tau`",
            )),
        }
    }

    /// The stage at a potential.
    fn at(&self, psi: Vec<f64>) -> Result<Point> {
        let (spectrum, w) = (self.spectrum, self.nodes.w);
        let Value {
            parts,
            value,
            movement,
            densities,
        } = self.value(&psi, Order::Second)?;
        let mut slopes =
            spectrum.against(&weighted(w, &densities.f_u), &weighted(w, &densities.f_p))?;
        add(&mut slopes, self.strength, &psi);
        slopes[0] = 0.0;
        let gradient = spectrum.driven(self.stiffness, &slopes)?;
        Ok(Point {
            psi,
            parts,
            value,
            movement,
            gradient,
            densities,
        })
    }

    /// The Newton step, and what is left to gain.
    fn newton(&self, now: &Point, enough: f64) -> Result<(Vec<f64>, f64)> {
        let mut system = Curvature::new(self, &now.densities)?;
        let limit = Limit {
            enough,
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
        let decrement = -dot(&step, &now.gradient);
        let left = match solved.products {
            Some(_) => 0.0,
            None => solved.left,
        };
        match decrement.is_finite() {
            true => Ok((step, 0.5 * decrement + left)),
            false => Err(Error::not_finite(
                "the derivatives of a step are not numbers; take a smaller `tau`",
            )),
        }
    }

    /// Goes along a step as far as the value falls; `None` where it does not.
    fn along(
        &self,
        now: &Point,
        step: &[f64],
        decrement: f64,
        rounding: f64,
    ) -> Result<Option<Point>> {
        let mut length = 1.0;
        for _ in 0..HALVINGS {
            let line = now.psi.iter().zip(step);
            match self.at(line.map(|(c, s)| c + length * s).collect()) {
                Ok(next) if next.value <= now.value - GAINED * length * decrement + rounding => {
                    return Ok(Some(next));
                }
                Err(e) if !e.kind().is_of_the_step() => return Err(e),
                _ => {}
            }
            length *= 0.5;
        }
        Ok(None)
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

/// Entries `[n][..]`, times the weights of their nodes.
pub(super) fn weighted(w: &[f64], f: &[f64]) -> Vec<f64> {
    let each = (f.len() / w.len().max(1)).max(1);
    f.iter().enumerate().map(|(k, f)| w[k / each] * f).collect()
}
