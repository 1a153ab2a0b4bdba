//! A stage of a step as an integrand: the movement, the densities of the terms, and what is on the boundary.

use super::L2;
use super::hold::Hold;
use crate::differences;
use crate::energy::{Batch, Derivatives, EnergyDensity, evaluate_sum};
use crate::error::Result;
use crate::flow::REST;
use crate::objective::{Equation, Integrand, MovementTerm};
use std::ops::Range;
use std::sync::Arc;

/// The integrand of one stage, `S m/(2 tau) (u - c)^2 + f(t, x, u, grad u, Hess u)`, and on the boundary b(t, x, u) and
/// what holds u to given values.
pub(super) struct Stage<'a> {
    pub flow: &'a L2,
    pub time: f64,
    /// The side of each node; empty if all are in the domain.
    pub sides: &'a [i32],
    /// Nodes that are in the domain: those before the others.
    pub inside: usize,
    /// What holds u on walls, whose nodes come after those of energies,
    pub held: Option<Hold<'a>>,
    /// and between bounds, whose nodes are the last.
    pub bounds: Option<Hold<'a>>,
    pub movement: MovementTerm<'a>,
}

impl Stage<'_> {
    fn in_domain(
        &self,
        nodes: Range<usize>,
        batch: &Batch<'_>,
        wanted: &mut Derivatives<'_>,
    ) -> Result<()> {
        evaluate_sum(self.flow.densities(), batch, wanted)?;
        self.movement.add_to(
            nodes,
            batch.u,
            wanted.f.as_deref_mut(),
            wanted.f_u.as_deref_mut(),
            wanted.f_uu.as_deref_mut(),
        );
        Ok(())
    }
}

impl Integrand for Stage<'_> {
    fn evaluate(
        &self,
        nodes: Range<usize>,
        batch: &Batch<'_>,
        wanted: &mut Derivatives<'_>,
    ) -> Result<()> {
        if nodes.end <= self.inside {
            return self.in_domain(nodes, batch, wanted);
        }
        // In the domain, on the boundary, on the walls and at the bounds, whose nodes come one after the other.
        let widths = (batch.c, batch.d);
        let until = |end: usize| end.clamp(nodes.start, nodes.end) - nodes.start;
        let inside = until(self.inside);
        let first =
            |hold: &Option<Hold<'_>>, next| hold.as_ref().map_or(next, |hold| until(hold.first));
        let bounds = first(&self.bounds, batch.n());
        let walls = first(&self.held, bounds);
        if inside > 0 {
            let wanted = &mut wanted.part(&(0..inside), widths);
            self.in_domain(nodes.start..self.inside, &batch.part(0..inside), wanted)?;
        }
        let on = inside..walls;
        let sides = &self.sides[nodes.start + on.start..nodes.start + on.end];
        let energies = self.flow.on_boundary();
        energies.evaluate(
            sides,
            &batch.part(on.clone()),
            &mut wanted.part(&on, widths),
        )?;
        for (hold, on) in [(self.held, walls..bounds), (self.bounds, bounds..batch.n())] {
            if let Some(hold) = hold.filter(|_| !on.is_empty()) {
                let wanted = &mut wanted.part(&on, widths);
                hold.evaluate(nodes.start + on.start, &batch.part(on), wanted);
            }
        }
        Ok(())
    }

    fn time(&self) -> f64 {
        self.time
    }

    fn uses_hessian(&self) -> bool {
        self.flow.uses_hessian()
    }

    fn caller_thread_only(&self) -> bool {
        let densities = self.flow.densities();
        densities.iter().any(|d| d.traits().caller_thread_only)
            || self.flow.on_boundary().caller_thread_only()
    }

    fn scale(&self, node: usize, u: &[f64]) -> f64 {
        if node >= self.inside {
            return 0.0;
        }
        let least = REST * self.flow.units().size;
        let least = self.movement.weight(node) * least * least;
        0.5 * self.movement.strength() * (self.movement.square(node, u) + least)
    }
}

impl Equation for Stage<'_> {
    fn strength(&self) -> f64 {
        self.movement.strength()
    }

    fn weight(&self, node: usize) -> f64 {
        self.movement.weight(node)
    }

    fn explicit_divergence(
        &self,
        _nodes: Range<usize>,
        batch: &Batch<'_>,
    ) -> Result<Option<Vec<f64>>> {
        explicit_divergence(self.flow.densities(), batch)
    }
}

/// `sum_k d2f / dp_ik dx_k`, `[n][c]`, by central differences of the terms' own f_p in x, u and p held fixed;
/// `None` if no term depends on both x and p.
fn explicit_divergence(
    densities: &[Arc<dyn EnergyDensity>],
    batch: &Batch<'_>,
) -> Result<Option<Vec<f64>>> {
    let both = |d: &&Arc<dyn EnergyDensity>| d.traits().uses_gradient && d.traits().uses_position;
    let mixed: Vec<_> = densities.iter().filter(both).cloned().collect();
    if mixed.is_empty() {
        return Ok(None);
    }
    let d = batch.d;
    let mut divergence = vec![0.0; batch.u.len()];
    let mut f_p = vec![0.0; batch.p.len()];
    for axis in 0..d {
        for side in differences::sides(differences::positions(batch.x)) {
            let mut x = batch.x.to_vec();
            x.iter_mut().skip(axis).step_by(d).for_each(|x| *x += side);
            let mut wanted = Derivatives {
                f_p: Some(&mut f_p),
                ..Derivatives::default()
            };
            evaluate_sum(&mixed, &Batch { x: &x, ..*batch }, &mut wanted)?;
            let component = f_p.iter().skip(axis).step_by(d);
            for (sum, f) in divergence.iter_mut().zip(component) {
                *sum += differences::share(*f, side);
            }
        }
    }
    Ok(Some(divergence))
}
