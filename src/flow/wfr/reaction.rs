//! Birth and death of a density with its potential: `rho_t = -beta rho (p - lambda)`, `p = dF/drho`.
//!
//! Of `int k rho ln rho + V rho` the potential fades, `p_t = -k beta p`, which is exact in any space of features. Else
//! `ln rho` is followed at the nodes by the method of Runge and Kutta of fourth order, and the potential of what comes
//! out is fitted.

use crate::error::Result;
use crate::flow::Context;
use crate::flow::dual::{Begun, Jet, Potential, project};
use crate::flow::observed::masses;
use crate::linear_algebra::dot;

/// The part of itself by which `ln rho` relaxes in a step of Runge and Kutta, at most, and the most steps.
const PART: f64 = 0.05;
const MOST: f64 = 1e4;

/// Densities, relative to the largest, below which there is no mass that could grow.
const NOTHING: f64 = 1e-30;

/// The weights of a flow in which mass is moved, born and dies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reaction {
    /// The weight of transport.
    pub transport: f64,
    /// The weight of birth and death.
    pub rate: f64,
    /// Whether the mass stays.
    pub held: bool,
}

impl Reaction {
    /// A density, and its potential, after birth and death over a time from that of the context.
    ///
    /// # Errors
    /// Errors of the energies, and of the fit of a potential.
    pub(super) fn react(
        &self,
        begun: &Begun,
        cx: &Context,
        potential: &Potential,
        span: f64,
    ) -> Result<Potential> {
        if self.rate == 0.0 {
            return Ok(potential.clone());
        }
        let dual = &begun.dual;
        match dual.pressure().logarithmic() {
            Some(rate) if !dual.interacts() && !dual.uses_time() => {
                self.fade((begun, rate), cx, potential, span)
            }
            _ => self.follow_logarithm(begun, cx, potential, span),
        }
    }

    /// `-beta rho (p - lambda)` at points x (`[n][d]`) with densities rho (`[n]`), `[n]`.
    ///
    /// # Errors
    /// Errors of the threads.
    pub(super) fn rates(
        &self,
        Begun { site, .. }: &Begun,
        cx: &Context,
        potential: &Potential,
        (x, rho): (&[f64], &[f64]),
    ) -> Result<Vec<f64>> {
        let mean = match self.held {
            true => {
                let p = site.potential_at_nodes(&cx.pool, &potential.coefficients)?;
                let masses = masses(&site.nodes, &potential.rho);
                dot(&masses, &p) / masses.iter().sum::<f64>()
            }
            false => 0.0,
        };
        let jets = site.jets(&cx.pool, &potential.coefficients, x)?;
        let points = rho.iter().zip(&jets);
        // Where there is no mass none is born.
        let one = |(rho, jet): (&f64, &Jet)| match *rho > 0.0 {
            true => -self.rate * rho * (jet.value - mean),
            false => 0.0,
        };
        Ok(points.map(one).collect())
    }

    /// The potential that fades.
    fn fade(
        &self,
        (begun, rate): (&Begun, f64),
        cx: &Context,
        potential: &Potential,
        span: f64,
    ) -> Result<Potential> {
        let Begun { dual, site, .. } = begun;
        let factor = (-rate * self.rate * span).exp();
        let mut next = potential.clone();
        next.coefficients.iter_mut().for_each(|c| *c *= factor);
        let p = site.potential_at_nodes(&cx.pool, &next.coefficients)?;
        let points = p.iter().zip(&site.external);
        next.rho = points
            .map(|(p, v)| dual.pressure().density(p - v).0)
            .collect();
        if self.held {
            let w = &site.nodes.w;
            let part = dot(w, &potential.rho) / dot(w, &next.rho);
            next.rho.iter_mut().for_each(|r| *r *= part);
            let constant = site.basis.features.planes();
            next.coefficients[constant] += rate * part.ln();
        }
        Ok(next)
    }

    /// The density that is followed at the nodes.
    fn follow_logarithm(
        &self,
        begun: &Begun,
        cx: &Context,
        potential: &Potential,
        span: f64,
    ) -> Result<Potential> {
        let Begun { dual, site, .. } = begun;
        let w = &site.nodes.w;
        let most = potential.rho.iter().fold(0.0_f64, |a, b| a.max(*b));
        let least = NOTHING * most;
        let rates = |logarithm: &[f64], time: f64| -> Result<Vec<f64>> {
            let rho: Vec<f64> = logarithm.iter().map(|l| l.exp()).collect();
            let known = &site.external;
            let external = dual.external_now(&cx.pool, time, &site.nodes.x, known)?;
            let at = (&*cx.pool, time);
            let outer = dual.outer(at, site, &rho, (&site.nodes, &external))?;
            let points = rho.iter().zip(&outer);
            let p: Vec<f64> = points.map(|(r, o)| dual.pressure().value(*r) + o).collect();
            let mean = match self.held {
                true => {
                    let masses: Vec<f64> = w.iter().zip(&rho).map(|(w, r)| w * r).collect();
                    dot(&masses, &p) / masses.iter().sum::<f64>()
                }
                false => 0.0,
            };
            let rate = |(p, r): (&f64, &f64)| match *r > least {
                true => -self.rate * (p - mean),
                false => 0.0,
            };
            Ok(p.iter().zip(&rho).map(rate).collect())
        };
        let (rho, slope) = dual.pressure().density(dual.pressure().value(most));
        let stiffness = self.rate * (rho / slope.max(f64::MIN_POSITIVE)).max(1.0);
        let steps = (stiffness * span / PART).ceil().clamp(1.0, MOST);
        let h = span / steps;
        let mut logarithm: Vec<f64> = potential.rho.iter().map(|r| r.max(least).ln()).collect();
        let moved = |from: &[f64], rates: &[f64], h: f64| -> Vec<f64> {
            from.iter().zip(rates).map(|(l, r)| l + h * r).collect()
        };
        for step in 0..steps as usize {
            let time = cx.time + h * step as f64;
            let first = rates(&logarithm, time)?;
            let second = rates(&moved(&logarithm, &first, 0.5 * h), time + 0.5 * h)?;
            let third = rates(&moved(&logarithm, &second, 0.5 * h), time + 0.5 * h)?;
            let fourth = rates(&moved(&logarithm, &third, h), time + h)?;
            for (i, l) in logarithm.iter_mut().enumerate() {
                *l += h / 6.0 * (first[i] + 2.0 * (second[i] + third[i]) + fourth[i]);
            }
        }
        let mut rho: Vec<f64> = logarithm.iter().map(|l| l.exp()).collect();
        if self.held {
            let part = dot(w, &potential.rho) / dot(w, &rho);
            rho.iter_mut().for_each(|r| *r *= part);
        }
        let cx = cx.at(cx.time + span);
        let external = dual.external_now(&cx.pool, cx.time, &site.nodes.x, &site.external)?;
        let of = (dual, site, &*external);
        let (fitted, _) = project(&cx, of, &rho, &mut |_, _| Ok(()))?;
        Ok(Potential {
            y: potential.y.clone(),
            ..fitted
        })
    }
}
