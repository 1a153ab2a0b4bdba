//! The method of multipliers by which a stage holds u to given values on walls, between bounds, and its integrals to
//! their values (M. R. Hestenes, "Multiplier and gradient methods", J. Optim. Theory Appl. 4 (1969) 303).
//!
//! A stage minimises its functional and, on walls, `int c/2 (u - g)^2 - lambda (u - g) ds`. At the minimum the
//! flux is `f_p . n = lambda - c (u - g)`: it becomes the next lambda, and u misses g by a small part of what it
//! did, round after round. A penalty alone, lambda = 0, would miss g by the flux / c, and one that is large
//! enough for that to be small would leave few digits to the rest of the functional. Between bounds it is the same
//! with what u misses the interval by, see [`Hold`](super::hold::Hold), and of an integral the same of one number.

use super::bounds::Bounded;
use super::held::Held;
use super::{L2, L2Flow};
use crate::energy::{Batch, Derivatives, evaluate_sum};
use crate::error::{Error, Result};
use crate::flow::observed::total;
use crate::flow::{Context, Flow, Minimized, Observed, Posed, minimize_holding};
use crate::linear_algebra::dot;
use crate::minimize::{Minimizer, Stop, Watch};
use crate::quadrature::{Boundary, Nodes};

/// The part of the tolerance of steps by which u may miss what it is held to, relative to its variation.
const CLOSE: f64 = 1e-2;

/// The part of its size by which an integral may miss its value before it is moved to it.
const CLOSE_INTEGRAL: f64 = 1e-9;

/// Rounds of a stage: with bounds more, as each finds anew where u touches them.
const ROUNDS: usize = 8;
const ROUNDS_OF_BOUNDS: usize = 16;

/// A round that leaves more than this part of what u misses is the last: the network can do no better.
const SLOW: f64 = 0.5;

/// The conductivity or stiffness that a penalty is made of stays while the present one is within this ratio of it.
const MOST_RATIO: f64 = 4.0;

/// What a round misses of what it holds.
struct Missed {
    /// In units of what is close enough.
    most: f64,
    /// What stays in the next round: the multipliers that follow.
    next: Vec<f64>,
}

impl L2Flow {
    /// Minimises a stage in rounds, until u is where it is held.
    pub(super) fn minimize_held(
        &self,
        posed: &Posed<'_>,
        mut guesses: Vec<Vec<f64>>,
        minimizer: &mut Minimizer,
        (stop, watch): (&Stop, &mut Watch<'_>),
    ) -> Result<Minimized> {
        let cx = posed.cx;
        let mut still = self.held_first(posed, &guesses, minimizer)?;
        let accept = cx.step_accept().powi(2);
        let mut iterations = 0;
        let mut best: Option<(f64, Minimized)> = None;
        let rounds = match self.functional.bounds {
            Some(_) => ROUNDS_OF_BOUNDS,
            None => ROUNDS,
        };
        for round in 1..=rounds {
            let left = Stop {
                max_iterations: stop.max_iterations - iterations,
                ..*stop
            };
            let before = iterations;
            let mut on = |iteration, value| watch(before + iteration, value);
            let by = (&mut *minimizer, &left, &mut on as &mut Watch<'_>);
            let next = match (
                minimize_holding(self, posed, still.clone(), guesses, by),
                &best,
            ) {
                // What the round before has come to is a step too.
                (Err(error), Some(_)) if error.kind().is_of_the_step() => break,
                (next, _) => next?,
            };
            iterations += next.outcome.iterations;
            let missed = self.missed(posed, &still, &next.parameters)?;
            log::trace!("round {round}: u misses {:e} of what is close", missed.most);
            let least = best.as_ref().map_or(f64::INFINITY, |(least, _)| *least);
            // What comes slowly to its minimum may be accepted as it is.
            let is_minimum = next.outcome.converged || next.outcome.gap <= accept * next.scale;
            let is_worse = missed.most >= least || !is_minimum;
            if best.is_some() && is_worse {
                break;
            }
            let is_last = is_worse || missed.most <= 1.0 || missed.most > SLOW * least;
            guesses = vec![next.parameters.clone()];
            best = Some((missed.most, next));
            if is_last || iterations >= stop.max_iterations {
                break;
            }
            still = missed.next;
        }
        let (_, mut done) = best.ok_or_else(|| Error::internal("a stage has no rounds"))?;
        done.outcome.iterations = iterations;
        self.meet_integrals(cx, &mut done.parameters)?;
        Ok(done)
    }

    /// What stays in the first round of a stage: the multipliers go on from those of the stage before, or along
    /// their change in the same stage of the last step. Those of the first step are the flux of u_0 on walls, and
    /// none else.
    fn held_first(
        &self,
        posed: &Posed<'_>,
        guesses: &[Vec<f64>],
        minimizer: &mut Minimizer,
    ) -> Result<Vec<f64>> {
        let (cx, functional) = (posed.cx, &self.functional);
        let mut still = self.still(cx, posed.before, &posed.moment)?;
        let Some(last) = guesses.first() else {
            return Err(Error::internal("a stage has no guess"));
        };
        let places = functional.places();
        // What multipliers have before the values that are given.
        let walls = functional.held().map(|held| 0..1 + held.count());
        let bounds = Some(places.bounds.clone()).filter(|place| !place.is_empty());
        for place in [walls, bounds].into_iter().flatten() {
            still[place.clone()].copy_from_slice(&last[place.clone()]);
            // A change of what the penalty is made of is no rate of the multipliers.
            let first = place.start;
            let along = guesses.get(1).filter(|along| along[first] == last[first]);
            if let Some(along) = along {
                let multipliers = first + 1..place.end;
                still[multipliers.clone()].copy_from_slice(&along[multipliers]);
            }
        }
        if posed.moment.stage == 0 {
            self.renew_penalties(posed, (&mut still, last), minimizer)?;
        }
        let integrals = &functional.integrals;
        if !integrals.none_held() {
            let u = functional.values(&cx.pool, &self.check.x, last)?;
            let measured = integrals.measure(cx, &self.check, &u)?;
            let numbers = &mut still[places.integrals.clone()];
            numbers.copy_from_slice(&last[places.integrals]);
            integrals.set_penalties(numbers, &measured, posed.centre.strength);
        }
        Ok(still)
    }

    /// What the penalties on walls and between bounds are made of, anew where it is not known or has changed.
    fn renew_penalties(
        &self,
        posed: &Posed<'_>,
        (still, last): (&mut [f64], &[f64]),
        minimizer: &mut Minimizer,
    ) -> Result<()> {
        let (cx, functional) = (posed.cx, &self.functional);
        let has_changed =
            |now: f64, before: f64| !(MOST_RATIO.recip()..=MOST_RATIO).contains(&(now / before));
        if let Some(held) = functional.held() {
            let (conductivity, flux) = functional.on_held(cx, held, posed.before)?;
            let is_unknown = Held::is_unknown(last[0]);
            if is_unknown {
                still[1..=flux.len()].copy_from_slice(&flux);
            }
            if is_unknown || has_changed(conductivity, last[0]) {
                still[0] = conductivity;
                minimizer.forget_matrix();
            }
        }
        if let Some(bounds) = &functional.bounds {
            let first = functional.places().bounds.start;
            let stiffness = bounds.stiffness(cx, functional, posed.before)?;
            if Bounded::is_unknown(last[first]) || has_changed(stiffness, last[first]) {
                still[first] = stiffness;
                minimizer.forget_matrix();
            }
        }
        Ok(())
    }

    /// What the minimum of a round misses. Collective.
    fn missed(&self, posed: &Posed<'_>, still: &[f64], state: &[f64]) -> Result<Missed> {
        let (cx, functional) = (posed.cx, &self.functional);
        let strength = posed.centre.strength;
        let mut next = still.to_vec();
        let mut most = 0.0_f64;
        let close = CLOSE * cx.tolerance();
        if let Some(held) = functional.held() {
            let w = &held.nodes().w;
            let hold = held.hold(state, strength, w.len());
            let u = functional.values(&cx.pool, &held.nodes().x, state)?;
            let (misses, multipliers) = hold.missed(&u, w);
            let variation = self.variation(cx, [&posed.centre.values, hold.lower])?;
            let missed = largest(cx, misses.into_iter())?;
            most = most.max(missed / (close * variation));
            let all = cx.ranks().gather(&multipliers)?;
            next[1..=all.len()].copy_from_slice(&all);
        }
        let places = functional.places();
        if let Some(bounds) = &functional.bounds {
            let nodes = bounds.nodes();
            let hold = bounds.hold(&state[places.bounds.clone()], strength, nodes.w.len());
            let u = functional.values(&cx.pool, &nodes.x, state)?;
            let (misses, multipliers) = hold.missed(&u, &nodes.w);
            let variation = self.variation(cx, [&posed.centre.values, &[]])?;
            let missed = largest(cx, misses.into_iter())?;
            most = most.max(missed / (close * variation));
            let all = cx.ranks().gather(&multipliers)?;
            next[places.bounds.start + 1..places.bounds.end].copy_from_slice(&all);
        }
        let integrals = &functional.integrals;
        if !integrals.none_held() {
            let u = functional.values(&cx.pool, &self.check.x, state)?;
            let measured = integrals.measure(cx, &self.check, &u)?;
            let misses = integrals.misses(&measured);
            let missed = misses.iter().fold(0.0_f64, |most, m| most.max(m.abs()));
            most = most.max(missed / CLOSE_INTEGRAL);
            integrals.update(&mut next[places.integrals], &measured);
        }
        Ok(Missed { most, next })
    }

    /// What u misses g by at this rank's nodes on the walls; 0 at those without weight.
    fn misses(&self, cx: &Context, held: &Held, state: &[f64], g: &[f64]) -> Result<Vec<f64>> {
        let nodes = held.nodes();
        let u = self.functional.values(&cx.pool, &nodes.x, state)?;
        let misses = u.iter().zip(g).zip(&nodes.w);
        Ok(misses
            .map(|((u, g), w)| if *w > 0.0 { u - g } else { 0.0 })
            .collect())
    }

    /// The variation of u and of what is given, or that of u_0 where it is larger. Collective.
    pub(super) fn variation(&self, cx: &Context, values: [&[f64]; 2]) -> Result<f64> {
        let mut ends = [f64::NEG_INFINITY; 2];
        for value in values.into_iter().flatten() {
            ends = [ends[0].max(*value), ends[1].max(-value)];
        }
        cx.ranks().max(Ok(()), &mut ends)?;
        let [most, least] = ends;
        Ok((most + least).max(self.functional.units().size))
    }

    /// The largest part of its variation by which u misses what is given, at nodes on the walls and at those that
    /// the boundary is measured at; 0 where u has it exactly. Collective.
    pub(super) fn miss_on_walls(
        &self,
        cx: &Context,
        state: &[f64],
        observed: &Observed,
    ) -> Result<f64> {
        let Some(held) = self.functional.held() else {
            return Ok(0.0);
        };
        let g = held.own_of(held.parts(state).2);
        let misses = self.misses(cx, held, state, g)?;
        let (measured, u) = match &self.boundary {
            Some(boundary) => (boundary, &*observed.on_boundary),
            None => (held.nodes(), &[][..]),
        };
        let on: Vec<f64> = measured
            .side
            .iter()
            .zip(u)
            .filter(|(side, _)| held.has(**side))
            .map(|(_, u)| *u)
            .collect();
        let given = held.values(&measured.on(|side| held.has(side)), cx.time);
        let given = cx.ranks().settle(given)?;
        let between = on.iter().zip(&given).map(|(u, g)| u - g);
        let missed = largest(cx, misses.into_iter().chain(between))?;
        Ok(missed / self.variation(cx, [&observed.u, g])?)
    }
}

impl L2 {
    /// The conductivity on walls, a mean of `f_pp`, and at the nodes of all ranks the flux `f_p . n`. Collective.
    fn on_held(&self, cx: &Context, held: &Held, state: &[f64]) -> Result<(f64, Vec<f64>)> {
        let nodes = held.nodes();
        let own = self.conduction(cx, nodes, state);
        let (f_pp, flux) = cx.ranks().settle(own)?;
        let d = self.network().dimension();
        let traces = f_pp.chunks_exact(d * d).zip(&nodes.w);
        let traces = traces.map(|(f_pp, w)| w * f_pp.iter().step_by(d + 1).sum::<f64>());
        let mut sums = [traces.sum(), nodes.w.iter().sum()];
        cx.ranks().sum(Ok(()), &mut sums)?;
        let [trace, area] = sums;
        Ok((
            (trace / (area * d as f64)).max(0.0),
            cx.ranks().gather(&flux)?,
        ))
    }

    /// `f_pp` and `f_p . n` at nodes.
    fn conduction(
        &self,
        cx: &Context,
        nodes: &Boundary,
        state: &[f64],
    ) -> Result<(Vec<f64>, Vec<f64>)> {
        let (u, p) = self.jets(&cx.pool, &nodes.x, state);
        let d = nodes.x.len() / u.len().max(1);
        let batch = Batch {
            c: 1,
            d,
            t: cx.time,
            x: &nodes.x,
            u: &u,
            p: &p,
            h: &[],
        };
        let (mut f_p, mut f_pp) = (vec![0.0; p.len()], vec![0.0; p.len() * d]);
        let mut wanted = Derivatives {
            f_p: Some(&mut f_p),
            f_pp: Some(&mut f_pp),
            ..Derivatives::default()
        };
        if !u.is_empty() {
            evaluate_sum(self.densities(), &batch, &mut wanted)?;
        }
        let pairs = f_p
            .chunks_exact(d.max(1))
            .zip(nodes.normal.chunks_exact(d.max(1)));
        let flux = pairs.map(|(f, n)| dot(f, n)).collect();
        Ok((f_pp, flux))
    }

    /// What the functional of a state's last stage has to hold u, of what is observed at nodes of `check` and its
    /// own. Collective.
    pub(super) fn of_hold(
        &self,
        cx: &Context,
        (state, strength): (&[f64], f64),
        (check, observed): (&Nodes, &Observed),
    ) -> Result<f64> {
        let places = self.places();
        let mut own = 0.0;
        if let Some(held) = self.held() {
            let w = &held.nodes().w;
            let hold = held.hold(state, strength, w.len());
            own += hold.energy(&observed.on_walls, w);
        }
        if let Some(bounds) = &self.bounds {
            let w = &bounds.nodes().w;
            let hold = bounds.hold(&state[places.bounds], strength, w.len());
            own += hold.energy(&observed.at_bounds, w);
        }
        let all = total(cx.ranks(), own)?;
        if self.integrals.none_held() {
            return Ok(all);
        }
        let measured = self.integrals.measure(cx, check, &observed.u)?;
        Ok(all + self.integrals.energy(&state[places.integrals], &measured))
    }
}

/// The largest magnitude of all ranks' numbers.
pub(super) fn largest(cx: &Context, values: impl Iterator<Item = f64>) -> Result<f64> {
    let mut most = [values.fold(0.0_f64, |most, value| most.max(value.abs()))];
    cx.ranks().max(Ok(()), &mut most)?;
    let [most] = most;
    Ok(most)
}
