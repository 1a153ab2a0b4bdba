//! Bounds between which multipliers hold u, at nodes of their own.
//!
//! A state carries for them the stiffness that the penalty is made of, below 0 before the first step, and at each
//! node the multiplier: those of all ranks, each of which has a part of the nodes. Nodes are the same in all steps,
//! so that multipliers go on from one to the next.

use super::L2;
use super::hold::Hold;
use crate::domain::{Bounds, Domain};
use crate::energy::{Batch, Derivatives, evaluate_sum};
use crate::error::Result;
use crate::field::CHUNK;
use crate::flow::Context;
use crate::quadrature::{BESIDE, Boundary, Nodes};
use std::f64::consts::PI;
use std::ops::Range;

/// The penalty in units of what the derivative of a stage changes by when u does over the domain: each round of
/// multipliers leaves about the inverse of it of what u misses.
const STIFFNESS: f64 = 100.0;

/// Waves over the domain whose stiffness counts.
const WAVES: f64 = 2.0;

/// The stiffness of a state before its first step.
const UNKNOWN: f64 = -1.0;

/// The bounds, and the nodes at which they hold.
#[derive(Clone)]
pub struct Bounded {
    bounds: Bounds,
    /// This rank's nodes, as those that come after the others of a stage.
    nodes: Boundary,
    /// Bounds there.
    own_between: [Vec<f64>; 2],
    /// Where they are among those of all ranks.
    own: Range<usize>,
    all: usize,
    /// Bounds at the independent nodes.
    check: [Vec<f64>; 2],
    /// The length of the domain.
    length: f64,
}

impl Bounded {
    /// The bounds at nodes of a domain, all ranks' if all have made them `alike`, or this rank's own, and at
    /// independent ones. Collective.
    ///
    /// # Errors
    /// Errors of the bounds.
    pub(super) fn new(
        cx: &Context,
        (bounds, domain): (Bounds, &Domain),
        (nodes, alike): (&Nodes, bool),
        check: &Nodes,
    ) -> Result<Self> {
        let n = nodes.inside();
        let d = domain.dimension();
        let (own, all) = match alike {
            true => (cx.ranks().part(n, CHUNK), n),
            false => {
                let counts = cx.ranks().counts(n)?;
                let first: usize = counts.iter().take(cx.ranks().rank()).sum();
                (first..first + n, counts.iter().sum())
            }
        };
        let part = if alike { own.clone() } else { 0..n };
        let count = part.len();
        let own_nodes = Boundary {
            x: nodes.x[part.start * d..part.end * d].to_vec(),
            normal: Vec::new(),
            w: nodes.w[part].to_vec(),
            side: vec![BESIDE; count],
        };
        let both = || {
            let between = bounds.at(count, &own_nodes.x)?;
            Ok((between, bounds.at(check.len(), &check.x)?))
        };
        let (own_between, check) = cx.ranks().settle(both())?;
        Ok(Self {
            bounds,
            nodes: own_nodes,
            own_between,
            own,
            all,
            check,
            length: domain.sides().fold(f64::INFINITY, f64::min),
        })
    }

    /// The bounds as they were given.
    pub(super) const fn bounds(&self) -> &Bounds {
        &self.bounds
    }

    /// This rank's nodes.
    pub(super) const fn nodes(&self) -> &Boundary {
        &self.nodes
    }

    /// Bounds at this rank's nodes.
    pub(super) const fn between(&self) -> &[Vec<f64>; 2] {
        &self.own_between
    }

    /// Bounds at this rank's independent nodes.
    pub(super) const fn at_check(&self) -> &[Vec<f64>; 2] {
        &self.check
    }

    /// How many numbers of a state say what u is held by.
    pub(super) const fn coefficients(&self) -> usize {
        1 + self.all
    }

    /// These numbers before the first step.
    pub(super) fn begin(&self) -> Vec<f64> {
        let mut numbers = vec![0.0; self.coefficients()];
        numbers[0] = UNKNOWN;
        numbers
    }

    /// Whether the stiffness is not known yet.
    pub(super) fn is_unknown(stiffness: f64) -> bool {
        stiffness < 0.0
    }

    /// Of an array of all ranks' nodes this rank's part.
    pub(super) fn own_of<'p>(&self, all: &'p [f64]) -> &'p [f64] {
        &all[self.own.clone()]
    }

    /// What a stage of this strength `S / tau` is held by, of these numbers of a state; the nodes are the last of its
    /// own.
    pub(super) fn hold<'p>(&'p self, numbers: &'p [f64], strength: f64, nodes: usize) -> Hold<'p> {
        let [lower, upper] = &self.own_between;
        Hold {
            first: nodes - self.own.len(),
            penalty: STIFFNESS * (strength + numbers[0].max(0.0)),
            multipliers: self.own_of(&numbers[1..]),
            lower,
            upper,
        }
    }

    /// The largest violation by u at this rank's nodes and at its independent ones.
    pub(super) fn violation(&self, u: &[f64], u_check: &[f64]) -> f64 {
        let most = |u: &[f64], [lower, upper]: &[Vec<f64>; 2]| {
            let nodes = u.iter().zip(lower.iter().zip(upper));
            let beyond = nodes.map(|(u, (lo, hi))| (lo - u).max(u - hi));
            beyond.fold(0.0_f64, f64::max)
        };
        most(u, &self.own_between).max(most(u_check, &self.check))
    }

    /// What `F` resists a change of u with, over the domain: `kappa k^2 + |f_uu|` of means in a state. Collective.
    pub(super) fn stiffness(&self, cx: &Context, flow: &L2, state: &[f64]) -> Result<f64> {
        let own = flow.second_means(cx, &self.nodes, state);
        let own = cx.ranks().settle(own);
        let mut sums = own?;
        cx.ranks().sum(Ok(()), &mut sums)?;
        let [kappa, f_uu, volume] = sums;
        let wave = WAVES * PI / self.length;
        Ok((kappa * wave * wave + f_uu) / volume)
    }
}

impl L2 {
    /// The integrals of `tr f_pp / d`, `|f_uu|` and 1 over this rank's nodes.
    fn second_means(&self, cx: &Context, nodes: &Boundary, state: &[f64]) -> Result<[f64; 3]> {
        let (u, p) = self.jets(&cx.pool, &nodes.x, state);
        if u.is_empty() {
            return Ok([0.0; 3]);
        }
        let d = nodes.x.len() / u.len();
        let batch = Batch {
            c: 1,
            d,
            t: cx.time,
            x: &nodes.x,
            u: &u,
            p: &p,
            h: &[],
        };
        let (mut f_uu, mut f_pp) = (vec![0.0; u.len()], vec![0.0; p.len() * d]);
        let mut wanted = Derivatives {
            f_uu: Some(&mut f_uu),
            f_pp: Some(&mut f_pp),
            ..Derivatives::default()
        };
        evaluate_sum(self.densities(), &batch, &mut wanted)?;
        let mut sums = [0.0; 3];
        for ((f_uu, f_pp), w) in f_uu.iter().zip(f_pp.chunks_exact(d * d)).zip(&nodes.w) {
            let trace: f64 = f_pp.iter().step_by(d + 1).sum();
            sums[0] += w * (trace / d as f64).max(0.0);
            sums[1] += w * f_uu.abs();
            sums[2] += w;
        }
        Ok(sums)
    }
}
