//! The L2 gradient flow of `F(u) = int f(x, u, grad u) dx`, `u` a network.

use crate::energy::{Batch, Derivatives, EnergyDensity, Term, evaluate_sum};
use crate::error::{Error, Result};
use crate::flow::observed::total;
use crate::flow::{Centre, Observed, Posed, STILL};
use crate::minimize::{Equation, Form, Integrand, Objective, Pointwise, Residual, dot, over_lanes};
use crate::network::{CHUNK, Network, evaluate, evaluate_curved};
use crate::parallel::Pool;
use crate::quadrature::{Boundary, Nodes};
use movimento_abi::LOCAL_1;
use std::ops::Range;
use std::sync::Arc;

/// The functional and the network it is evaluated on.
#[derive(Clone)]
pub struct L2 {
    network: Network,
    names: Vec<String>,
    densities: Vec<Arc<dyn EnergyDensity>>,
}

impl L2 {
    /// The flow of no energy yet.
    #[must_use]
    pub const fn new(network: Network) -> Self {
        Self {
            network,
            names: Vec::new(),
            densities: Vec::new(),
        }
    }

    /// Adds a term.
    ///
    /// # Errors
    /// [`Plugin`](crate::ErrorKind::Plugin) if the term is not the integral of a density alone.
    pub fn add_term(&mut self, term: Term) -> Result<()> {
        let Some(density) = &term.local else {
            return Err(Error::plugin(format!(
                "the L2 flow needs energies that are integrals of a density (capability \
                 movimento.local/1), which `{}` does not offer",
                term.name
            )));
        };
        term.require_only("the L2 flow", &[LOCAL_1])?;
        self.densities.push(Arc::clone(density));
        self.names.push(term.name);
        Ok(())
    }

    /// The terms' names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// Replaces the network.
    pub fn set_network(&mut self, network: Network) {
        self.network = network;
    }

    /// The network.
    #[must_use]
    pub const fn network(&self) -> &Network {
        &self.network
    }

    /// Whether every term is known to be convex.
    #[must_use]
    pub fn is_convex(&self) -> bool {
        self.densities.iter().all(|d| d.traits().convex)
    }

    /// u at positions `x`, `[n][d]`.
    #[must_use]
    pub fn values(&self, pool: &Pool, x: &[f64], parameters: &[f64]) -> Vec<f64> {
        let mut u = vec![0.0; x.len() / self.network.dimension()];
        self.by_lanes(pool, x, parameters, &mut u, None);
        u
    }

    /// The objective of a stage, `S/(2 tau) int (u - c)^2 + F(u)`, in this form; `None` is the weak one.
    #[must_use]
    pub fn stage<'a>(&'a self, posed: &Posed<'a>, form: Option<Form>) -> Box<dyn Objective + 'a> {
        let Posed {
            cx, nodes, centre, ..
        } = *posed;
        let (pool, precision) = (&*cx.pool, cx.precision());
        let network = &self.network;
        over_lanes(pool, nodes.len(), network.parameters(), |lane| {
            let nodes = nodes.view().part(lane.clone());
            let stage = Box::new(Stage {
                flow: self,
                centre: &centre.values[lane],
                strength: centre.strength,
            });
            match form {
                None => {
                    Box::new(Pointwise::new(network, pool, nodes, stage).in_precision(precision))
                }
                Some(form) => Box::new(Residual::new(network, pool, nodes, stage, form)),
            }
        })
    }

    /// u and grad u at nodes.
    #[must_use]
    pub fn observe(&self, pool: &Pool, nodes: &Nodes, parameters: &[f64]) -> Observed {
        let mut u = vec![0.0; nodes.len()];
        let mut p = vec![0.0; nodes.x.len()];
        self.by_lanes(pool, &nodes.x, parameters, &mut u, Some(&mut p));
        Observed {
            u,
            p,
            rho: Vec::new(),
        }
    }

    /// The energy of each term.
    ///
    /// # Errors
    /// Errors of the energies.
    pub fn energies(&self, pool: &Pool, nodes: &Nodes, observed: &Observed) -> Result<Vec<f64>> {
        let densities = self.densities_at((&nodes.x, &observed.u, &observed.p));
        let mut all = vec![0.0; self.densities.len()];
        for (energy, f) in all.iter_mut().zip(densities.iter().flatten()) {
            *energy = dot(&nodes.w, f);
        }
        pool.ranks().sum(densities.map(drop), &mut all)?;
        Ok(all)
    }

    /// The density of each term's energy at points x with u and grad u.
    ///
    /// # Errors
    /// Errors of the energies.
    pub fn densities_at(&self, (x, u, p): (&[f64], &[f64], &[f64])) -> Result<Vec<Vec<f64>>> {
        let d = self.network.dimension();
        let batch = Batch { d, x, u, p };
        let at = |density: &Arc<dyn EnergyDensity>| {
            let mut f = vec![0.0; u.len()];
            let mut wanted = Derivatives {
                f: Some(&mut f),
                ..Derivatives::default()
            };
            evaluate_sum(std::slice::from_ref(density), &batch, &mut wanted)?;
            Ok(f)
        };
        self.densities.iter().map(at).collect()
    }

    fn batch<'a>(&self, nodes: &'a Nodes, observed: &'a Observed) -> Batch<'a> {
        Batch {
            d: self.network.dimension(),
            x: &nodes.x,
            u: &observed.u,
            p: &observed.p,
        }
    }

    /// The L2 norm of the Euler-Lagrange residual
    /// `(u - c) S/tau + f_u - f_pp : Hess u - f_pu . grad u - tr f_px`.
    ///
    /// # Errors
    /// Errors of the energies.
    pub fn residual(
        &self,
        pool: &Pool,
        nodes: &Nodes,
        parameters: &[f64],
        observed: &Observed,
        centre: &Centre,
    ) -> Result<f64> {
        let (n, d) = (nodes.len(), self.network.dimension());
        let batch = self.batch(nodes, observed);
        let (mut f_u, mut f_up) = (vec![0.0; n], vec![0.0; n * d]);
        let mut f_pp = vec![0.0; n * d * d];
        let mut wanted = Derivatives {
            f_u: Some(&mut f_u),
            f_up: Some(&mut f_up),
            f_pp: Some(&mut f_pp),
            ..Derivatives::default()
        };
        evaluate_sum(&self.densities, &batch, &mut wanted)?;
        let mut divergence = vec![0.0; n];
        evaluate_curved(
            &self.network,
            pool,
            parameters,
            &nodes.x,
            &f_pp,
            &mut divergence,
        );
        let slopes = f_up.chunks_exact(d).zip(observed.p.chunks_exact(d));
        for (sum, (f_up, p)) in divergence.iter_mut().zip(slopes) {
            *sum += dot(f_up, p);
        }
        if let Some(explicit) = explicit_divergence(&self.densities, &batch)? {
            divergence
                .iter_mut()
                .zip(&explicit)
                .for_each(|(sum, e)| *sum += e);
        }
        let moved = observed.u.iter().zip(&centre.values);
        let terms = moved.zip(f_u.iter().zip(&divergence)).zip(&nodes.w);
        let squares = terms.map(|(((u, c), (f_u, div)), w)| {
            let r = centre.strength * (u - c) + f_u - div;
            w * r * r
        });
        Ok(total(pool.ranks(), squares.sum())?.sqrt())
    }

    /// The root mean square of the flux `f_p . n` over the boundary.
    ///
    /// # Errors
    /// Errors of the energies.
    pub fn boundary_flux(
        &self,
        pool: &Pool,
        boundary: &Boundary,
        parameters: &[f64],
    ) -> Result<f64> {
        let d = self.network.dimension();
        let (_, _, f_p) = self.first_derivatives(pool, &boundary.x, parameters)?;
        let normals = f_p.chunks_exact(d).zip(boundary.normal.chunks_exact(d));
        let squares = normals.map(|(f, n)| dot(f, n).powi(2));
        let sum: f64 = boundary.w.iter().zip(squares).map(|(w, s)| w * s).sum();
        let mut sums = [sum, boundary.w.iter().sum()];
        pool.ranks().sum(Ok(()), &mut sums)?;
        let [sum, area] = sums;
        Ok((sum / area).sqrt())
    }

    /// u and, when wanted, grad u. The last bits of a value depend on which others are computed along with
    /// it: those of a lane, which are the same on every number of ranks.
    fn by_lanes(
        &self,
        pool: &Pool,
        x: &[f64],
        parameters: &[f64],
        u: &mut [f64],
        mut p: Option<&mut [f64]>,
    ) {
        let d = self.network.dimension();
        for lane in pool.ranks().lanes(u.len(), CHUNK) {
            let slopes = lane.start * d..lane.end * d;
            let p = p.as_deref_mut().and_then(|p| p.get_mut(slopes.clone()));
            if let (Some(x), Some(u)) = (x.get(slopes), u.get_mut(lane)) {
                evaluate(&self.network, pool, parameters, x, u, p);
            }
        }
    }

    /// u and grad u.
    fn jets(&self, pool: &Pool, x: &[f64], parameters: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let mut u = vec![0.0; x.len() / self.network.dimension()];
        let mut p = vec![0.0; x.len()];
        evaluate(&self.network, pool, parameters, x, &mut u, Some(&mut p));
        (u, p)
    }

    /// u, f_u and f_p of the sum of the terms.
    fn first_derivatives(
        &self,
        pool: &Pool,
        x: &[f64],
        parameters: &[f64],
    ) -> Result<(Vec<f64>, Vec<f64>, Vec<f64>)> {
        let (u, p) = self.jets(pool, x, parameters);
        let batch = Batch {
            d: self.network.dimension(),
            x,
            u: &u,
            p: &p,
        };
        let (mut f_u, mut f_p) = (vec![0.0; u.len()], vec![0.0; p.len()]);
        let mut wanted = Derivatives {
            f_u: Some(&mut f_u),
            f_p: Some(&mut f_p),
            ..Derivatives::default()
        };
        evaluate_sum(&self.densities, &batch, &mut wanted)?;
        Ok((u, f_u, f_p))
    }
}

/// The integrand of one stage, `S/(2 tau) (u - c)^2 + f(x, u, grad u)`.
struct Stage<'a> {
    flow: &'a L2,
    /// c at the nodes, `[n]`.
    centre: &'a [f64],
    /// `S / tau`.
    strength: f64,
}

impl Integrand for Stage<'_> {
    fn evaluate(
        &self,
        nodes: Range<usize>,
        batch: &Batch<'_>,
        wanted: &mut Derivatives<'_>,
    ) -> Result<()> {
        evaluate_sum(&self.flow.densities, batch, wanted)?;
        let strength = self.strength;
        let moved = || {
            batch
                .u
                .iter()
                .zip(&self.centre[nodes.clone()])
                .map(|(u, c)| u - c)
        };
        if let Some(f) = &mut wanted.f {
            f.iter_mut()
                .zip(moved())
                .for_each(|(f, v)| *f += 0.5 * strength * v * v);
        }
        if let Some(f_u) = &mut wanted.f_u {
            f_u.iter_mut()
                .zip(moved())
                .for_each(|(f, v)| *f += strength * v);
        }
        if let Some(f_uu) = &mut wanted.f_uu {
            f_uu.iter_mut().for_each(|f| *f += strength);
        }
        Ok(())
    }

    fn caller_thread_only(&self) -> bool {
        self.flow
            .densities
            .iter()
            .any(|d| d.traits().caller_thread_only)
    }

    fn scale(&self, node: usize, u: f64) -> f64 {
        let moved = u - self.centre[node];
        let least = STILL * u;
        0.5 * self.strength * (moved * moved + least * least)
    }
}

impl Equation for Stage<'_> {
    fn strength(&self) -> f64 {
        self.strength
    }

    fn explicit_divergence(
        &self,
        _nodes: Range<usize>,
        batch: &Batch<'_>,
    ) -> Result<Option<Vec<f64>>> {
        explicit_divergence(&self.flow.densities, batch)
    }
}

/// `sum_i d2f / dp_i dx_i` by central differences of the terms' own f_p in x, u and p held fixed;
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
    let size = batch.x.iter().fold(0.0_f64, |s, x| s.max(x.abs()));
    let h = f64::EPSILON.cbrt() * size.max(f64::MIN_POSITIVE);
    let mut divergence = vec![0.0; batch.n()];
    let mut f_p = vec![0.0; batch.x.len()];
    for axis in 0..d {
        for side in [h, -h] {
            let mut x = batch.x.to_vec();
            x.iter_mut().skip(axis).step_by(d).for_each(|x| *x += side);
            let mut wanted = Derivatives {
                f_p: Some(&mut f_p),
                ..Derivatives::default()
            };
            evaluate_sum(&mixed, &Batch { x: &x, ..*batch }, &mut wanted)?;
            let component = f_p.iter().skip(axis).step_by(d);
            for (sum, f) in divergence.iter_mut().zip(component) {
                *sum += f / (2.0 * side);
            }
        }
    }
    Ok(Some(divergence))
}
