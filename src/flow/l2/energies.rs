//! The energies of the terms of the functional, and their densities.

use super::L2;
use super::functional::Place;
use crate::energy::{Batch, Derivatives, EnergyDensity, evaluate_sum};
use crate::error::{Error, Result};
use crate::field::JetsRef;
use crate::flow::Observed;
use crate::linear_algebra::dot;
use crate::parallel::Pool;
use crate::quadrature::{Boundary, Nodes};
use std::sync::Arc;

impl L2 {
    /// The energy of each term at a time.
    ///
    /// # Errors
    /// Errors of the energies.
    pub fn energies(
        &self,
        pool: &Pool,
        time: f64,
        nodes: &Nodes,
        boundary: Option<&Boundary>,
        observed: &Observed,
    ) -> Result<Vec<f64>> {
        let own = || -> Result<Vec<f64>> {
            let f = self.densities_in_domain(time, (&nodes.x, observed_jets(observed)))?;
            let inside: Vec<f64> = f.iter().map(|f| dot(&nodes.w, f)).collect();
            let on = self
                .on_boundary()
                .energies(time, boundary, &observed.on_boundary)?;
            self.in_order(inside, on, vec![0.0; self.count_of_outer()])
        };
        let own = own();
        let mut all = vec![0.0; self.names.len()];
        if let Ok(own) = &own {
            all.copy_from_slice(own);
        }
        pool.ranks().sum(own.map(drop), &mut all)?;
        if self.integrals.have_energies() {
            let measured = self
                .integrals
                .measure_at((pool, time), nodes, &observed.u)?;
            let outer = self.integrals.outer(&measured)?;
            let all = all.iter_mut().zip(&self.places);
            let of_outer = all.filter(|(_, place)| matches!(place, Place::Outer));
            of_outer
                .zip(outer)
                .for_each(|((energy, _), [value, ..])| *energy = value);
        }
        Ok(all)
    }

    /// How many energies are functions of integrals.
    fn count_of_outer(&self) -> usize {
        let places = self.places.iter();
        places.filter(|place| matches!(place, Place::Outer)).count()
    }

    /// What belongs to the terms in the domain, to those on its boundary and to functions of integrals, in the order in
    /// which they were added.
    fn in_order<T>(&self, domain: Vec<T>, boundary: Vec<T>, outer: Vec<T>) -> Result<Vec<T>> {
        let (mut domain, mut boundary) = (domain.into_iter(), boundary.into_iter());
        let mut outer = outer.into_iter();
        let next = |place: &Place| match place {
            Place::Domain => domain.next(),
            Place::Boundary => boundary.next(),
            Place::Outer => outer.next(),
        };
        let all: Option<Vec<T>> = self.places.iter().map(next).collect();
        all.ok_or_else(|| Error::internal("a term has no energy"))
    }

    /// The density of each term's energy at a time and points x of the domain with jets of u: 0 of those on
    /// the boundary and of functions of integrals.
    ///
    /// # Errors
    /// Errors of the energies.
    pub fn densities_at(&self, time: f64, points: (&[f64], JetsRef<'_>)) -> Result<Vec<Vec<f64>>> {
        let n = points.1.value.len() / self.components();
        let none = vec![vec![0.0; n]; self.on_boundary().len()];
        let of_outer = vec![vec![0.0; n]; self.count_of_outer()];
        self.in_order(self.densities_in_domain(time, points)?, none, of_outer)
    }

    /// The density of each term in the domain.
    pub(super) fn densities_in_domain(
        &self,
        t: f64,
        (x, jets): (&[f64], JetsRef<'_>),
    ) -> Result<Vec<Vec<f64>>> {
        let (c, d) = (self.components(), self.field().dimension());
        let batch = Batch {
            c,
            d,
            t,
            x,
            u: jets.value,
            p: jets.slope,
            h: jets.hessian,
        };
        let at = |density: &Arc<dyn EnergyDensity>| {
            let mut f = vec![0.0; batch.n()];
            let mut wanted = Derivatives {
                f: Some(&mut f),
                ..Derivatives::default()
            };
            evaluate_sum(std::slice::from_ref(density), &batch, &mut wanted)?;
            Ok(f)
        };
        self.densities().iter().map(at).collect()
    }
}

/// What densities depend on of what was observed.
pub(super) fn observed_jets(observed: &Observed) -> JetsRef<'_> {
    JetsRef {
        value: &observed.u,
        slope: &observed.p,
        hessian: &observed.h,
        ..JetsRef::default()
    }
}
