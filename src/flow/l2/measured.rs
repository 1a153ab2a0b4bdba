//! What is measured of a field at points: values, the residual, the flux through the boundary.

use super::L2;
use crate::energy::{Batch, Derivatives, evaluate_sum};
use crate::error::Result;
use crate::field::{AtNodes, CHUNK, Channels, Jets};
use crate::flow::observed::total;
use crate::flow::{Centre, Context, Observed};
use crate::linear_algebra::dot;
use crate::objective::{Equation, residual_at};
use crate::parallel::Pool;
use crate::quadrature::{Boundary, Nodes};

impl L2 {
    /// u and grad u at nodes, and u at those on the boundary where something is posed on it.
    ///
    /// # Errors
    /// Failures of the kernels.
    pub fn observe(
        &self,
        pool: &Pool,
        nodes: &Nodes,
        boundary: Option<&Boundary>,
        parameters: &[f64],
    ) -> Result<Observed> {
        let c = self.components();
        let mut u = vec![0.0; nodes.len() * c];
        let mut p = vec![0.0; nodes.x.len() * c];
        let mut h = Vec::new();
        if self.uses_hessian() {
            h.resize(nodes.x.len() * self.field().dimension() * c, 0.0);
        }
        let second = Some(&mut *h).filter(|h| !h.is_empty());
        self.by_lanes(pool, &nodes.x, parameters, (&mut u, Some(&mut p), second))?;
        let held = self.held.as_ref();
        let boundary = boundary.filter(|_| !self.on_boundary().is_empty() || held.is_some());
        let on_boundary = boundary.map(|boundary| self.values(pool, &boundary.x, parameters));
        Ok(Observed {
            u,
            p,
            h,
            rho: Vec::new(),
            rho_slope: Vec::new(),
            on_boundary: on_boundary.transpose()?.unwrap_or_default(),
            at_bounds: match &self.bounds {
                Some(bounds) => self.values(pool, &bounds.nodes().x, parameters)?,
                None => Vec::new(),
            },
            on_walls: match held {
                Some(held) => self.values(pool, &held.nodes().x, parameters)?,
                None => Vec::new(),
            },
        })
    }

    /// The norm of the Euler-Lagrange residual of a stage in the dual of the metric, see
    /// [`Residual`](crate::objective::Residual); NaN where the energies depend on second derivatives, as it has fourth
    /// ones then.
    ///
    /// # Errors
    /// Errors of the energies.
    pub fn residual(
        &self,
        cx: &Context,
        nodes: &Nodes,
        state: &[f64],
        observed: &Observed,
        centre: &Centre,
    ) -> Result<f64> {
        if self.uses_hessian() {
            return Ok(f64::NAN);
        }
        let jets = Jets {
            value: observed.u.clone(),
            slope: observed.p.clone(),
            ..Jets::default()
        };
        let pool = &cx.pool;
        let stage = self.integrand(cx.time, nodes.view(), &[], centre, 0..nodes.len())?;
        let (field, parameters) = self.in_state(state);
        let field = AtNodes::new(field, pool, nodes.x.as_slice());
        let mut r = residual_at(&stage, &field, &nodes.x, parameters, &jets)?;
        self.hold_residual(cx, state, (nodes, &observed.u), (&stage, &mut r))?;
        let squares = r.chunks_exact(self.components()).map(|r| dot(r, r));
        let squares = nodes.w.iter().zip(squares).enumerate();
        let square = squares
            .map(|(node, (w, r))| w * r / stage.weight(node))
            .sum();
        Ok(total(pool.ranks(), square)?.sqrt())
    }

    /// The root mean square over the boundary of what the natural condition makes vanish, `f_p . n + b_u`: the
    /// flux where there is no energy on it. NaN where the energies depend on second derivatives.
    ///
    /// # Errors
    /// Errors of the energies.
    pub fn boundary_flux(
        &self,
        cx: &Context,
        boundary: &Boundary,
        parameters: &[f64],
    ) -> Result<f64> {
        if self.uses_hessian() {
            return Ok(f64::NAN);
        }
        let (d, pool) = (self.field().dimension(), &cx.pool);
        let (u, _, f_p) = self.first_derivatives(cx, &boundary.x, parameters)?;
        let b_u = self.on_boundary().slopes(cx.time, boundary, &u)?;
        let c = self.components();
        let normals = f_p.chunks_exact(c * d).zip(boundary.normal.chunks_exact(d));
        let squares = normals.zip(b_u.chunks_exact(c)).map(|((f, n), b_u)| {
            let components = f.chunks_exact(d).zip(b_u);
            components
                .map(|(f, b_u)| (dot(f, n) + b_u).powi(2))
                .sum::<f64>()
        });
        // On walls there is no natural condition.
        let natural = |side: &i32| !self.has_value_on(*side);
        let w = boundary.side.iter().zip(&boundary.w);
        let w = w.map(|(side, w)| if natural(side) { *w } else { 0.0 });
        let mut sums = [0.0; 2];
        for (w, square) in w.zip(squares) {
            sums[0] += w * square;
            sums[1] += w;
        }
        pool.ranks().sum(Ok(()), &mut sums)?;
        let [sum, area] = sums;
        Ok((sum / area).sqrt())
    }

    /// u and, when wanted, grad u and Hess u, this of random features alone. The last bits of a value depend on
    /// which others are computed along with it: those of a lane, which are the same on every number of ranks.
    pub(super) fn by_lanes(
        &self,
        pool: &Pool,
        x: &[f64],
        parameters: &[f64],
        (u, mut p, mut h): (&mut [f64], Option<&mut [f64]>, Option<&mut [f64]>),
    ) -> Result<()> {
        let (c, d) = (self.components(), self.field().dimension());
        let (field, parameters) = self.in_state(parameters);
        for lane in pool.ranks().lanes(u.len() / c, CHUNK) {
            let rows = |width: usize| lane.start * width..lane.end * width;
            let p = p.as_deref_mut().and_then(|p| p.get_mut(rows(c * d)));
            let h = h.as_deref_mut().and_then(|h| h.get_mut(rows(c * d * d)));
            let (Some(x), Some(u)) = (x.get(rows(d)), u.get_mut(rows(c))) else {
                continue;
            };
            if !self.outputs_only() {
                field.evaluate(pool, parameters, x, u, p);
                continue;
            }
            // What the layers before make of nodes is kept.
            let mut jets = Jets::default();
            let channels = match (&p, &h) {
                (_, Some(_)) => Channels::Hessian,
                (Some(_), None) => Channels::First,
                (None, None) => Channels::Value,
            };
            AtNodes::new(&*field, pool, x).jets(parameters, channels, &mut jets)?;
            u.copy_from_slice(&jets.value);
            if let Some(p) = p {
                p.copy_from_slice(&jets.slope);
            }
            if let Some(h) = h {
                h.copy_from_slice(&jets.hessian);
            }
        }
        Ok(())
    }

    /// u and grad u.
    pub(super) fn jets(&self, pool: &Pool, x: &[f64], parameters: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let c = self.components();
        let mut u = vec![0.0; x.len() / self.field().dimension() * c];
        let mut p = vec![0.0; x.len() * c];
        let (field, parameters) = self.in_state(parameters);
        field.evaluate(pool, parameters, x, &mut u, Some(&mut p));
        (u, p)
    }

    /// u, f_u and f_p of the sum of the terms.
    fn first_derivatives(
        &self,
        cx: &Context,
        x: &[f64],
        parameters: &[f64],
    ) -> Result<(Vec<f64>, Vec<f64>, Vec<f64>)> {
        let (u, p) = self.jets(&cx.pool, x, parameters);
        let batch = Batch {
            c: self.components(),
            d: self.field().dimension(),
            t: cx.time,
            x,
            u: &u,
            p: &p,
            h: &[],
        };
        let (mut f_u, mut f_p) = (vec![0.0; u.len()], vec![0.0; p.len()]);
        let mut wanted = Derivatives {
            f_u: Some(&mut f_u),
            f_p: Some(&mut f_p),
            ..Derivatives::default()
        };
        evaluate_sum(self.densities(), &batch, &mut wanted)?;
        Ok((u, f_u, f_p))
    }
}
