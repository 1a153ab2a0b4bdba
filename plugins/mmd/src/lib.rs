//! Maximum mean discrepancy with the kernel of Riesz, `-|x - y|`, to a target that is known by points, `mmd`: half
//! the energy distance.
//!
//! ```text
//! F(u) = int V u dx - 1/2 int int |x - y| u(x) u(y) dx dy,   V(x) = 1/m sum_j |x - y_j|
//! ```
//!
//! Up to a constant it is `1/2 int int -|x - y| d(u - nu)(x) d(u - nu)(y)`, nu the mean of the points' masses,
//! and least at u = nu.
//!
//! # Flows
//!
//! * In W2: mass is drawn to the points and repelled by itself. On a line the quantiles Q(s) obey
//!   `dQ/dt = 2 (s - F_nu(Q))` with the distribution function of the target.
//! * In L2 the library refuses it, as all interactions.
//!
//! # Parameters
//!
//! | name | default | meaning |
//! |---|---|---|
//! | `target` | 0 | the points, m d numbers, point after point; 1 number c is the point (c, ..., c) |
//!
//! Where `x = y`, and at a point of the target, gradients are 0, the only direction-free choice.

use movimento_plugin::candle_core::{self, Device, Tensor};
use movimento_plugin::{
    Arguments, Descriptor, Energy, Entry, Error, First, FirstForm, Functional, PairForm,
    PairKernel, PairValues, Pairs, Parameter, Points, Result, Sample, Second, SecondForm,
};

/// The entry of this plugin.
pub static PLUGIN: Entry = movimento_plugin::plugin_entry!(Mmd);

#[cfg(feature = "export")]
movimento_plugin::export_plugin!(Mmd);

/// Distances to points, and between the masses with the other sign.
#[derive(Debug, Clone)]
pub struct Mmd {
    d: usize,
    /// `[m][d]`
    target: Vec<f64>,
}

impl Energy for Mmd {
    const DESCRIPTOR: Descriptor =
        Descriptor::new(c"mmd", c"Maximum mean discrepancy, kernel of Riesz")
            .version(c"1.0.0")
            .formula(c"V(x) u, V = mean |x - y_j|; W = -|x - y|")
            .references(
                c"Szekely, Rizzo, Energy statistics: a class of statistics based on distances, \
                  J. Statist. Plann. Inference 143 (2013) 1249-1272, doi:10.1016/j.jspi.2013.03.018\n\
                  Hertrich, Graef, Beinert, Steidl, Wasserstein steepest descent flows of \
                  discrepancies with Riesz kernels, J. Math. Anal. Appl. 531 (2024) 127829, \
                  doi:10.1016/j.jmaa.2023.127829",
            )
            .uses_position()
            .convex()
            .parameters(&[Parameter::array(
                c"target",
                0.0,
                c"points of the target, m d numbers",
            )]);

    fn create(arguments: &Arguments) -> Result<Self> {
        let (given, d) = (arguments.array("target")?, arguments.dimension());
        let target = match given {
            [all] => vec![*all; d],
            points if !points.is_empty() && points.len() % d == 0 => points.to_vec(),
            _ => {
                return Err(Error::fatal(format!(
                    "parameter 'target' has {} numbers; accepted in dimension {d} are 1 or a multiple of {d}",
                    given.len()
                )));
            }
        };
        Ok(Self { d, target })
    }
}

impl Functional for Mmd {
    const FIRST: Option<FirstForm<Self>> = Some(Self::first);
    const SECOND: Option<SecondForm<Self>> = Some(Self::second);

    fn density(&self, s: &Sample) -> candle_core::Result<Tensor> {
        let points = self.target.len() / self.d;
        let target = Tensor::from_slice(&self.target, (1, points, self.d), &Device::Cpu)?;
        let apart = s.x.unsqueeze(1)?.broadcast_sub(&target)?;
        let distances = apart.sqr()?.sum(2)?.sqrt()?;
        distances.mean(1)? * &s.u
    }
}

impl PairKernel for Mmd {
    const GRADIENT: Option<PairForm<Self>> = Some(Self::repulsion);

    /// Coinciding points are evaluated at a distance of 1 and masked: the derivative of a root at 0 would be NaN,
    /// and stay NaN under a mask.
    fn kernel(&self, x: &Tensor, y: &Tensor) -> candle_core::Result<Tensor> {
        let square = (x - y)?.sqr()?.sum(1)?;
        let coincide = square.eq(0.0)?;
        let apart = coincide.where_cond(&square.ones_like()?, &square)?;
        coincide.where_cond(&square.zeros_like()?, &apart.sqrt()?.neg()?)
    }
}

/// `|x - y|`; with `slope` its gradient in x times a factor is added to it.
fn distance(x: &[f64], y: &[f64], slope: Option<(&mut [f64], f64)>) -> f64 {
    let square: f64 = x.iter().zip(y).map(|(x, y)| (x - y) * (x - y)).sum();
    let distance = square.sqrt();
    if let (Some((slope, factor)), true) = (slope, distance > 0.0) {
        let pairs = slope.iter_mut().zip(x.iter().zip(y));
        pairs.for_each(|(s, (x, y))| *s += factor * (x - y) / distance);
    }
    distance
}

impl Mmd {
    /// V at a point, and with `slope` its gradient times a factor.
    fn potential(&self, x: &[f64], mut slope: Option<(&mut [f64], f64)>) -> f64 {
        let points = self.target.chunks_exact(self.d);
        let part = 1.0 / points.len() as f64;
        let distances = points.map(|y| {
            let slope = slope.as_mut().map(|(s, factor)| (&mut **s, part * *factor));
            distance(x, y, slope)
        });
        part * distances.sum::<f64>()
    }

    fn first(&self, at: &Points<'_>, out: &mut First<'_>) -> Result<()> {
        let positions = || at.x.chunks_exact(at.d);
        if let Some(f) = &mut out.f {
            for ((f, u), x) in f.iter_mut().zip(at.u).zip(positions()) {
                *f = self.potential(x, None) * u;
            }
        }
        if let Some(f_u) = &mut out.f_u {
            for (f_u, x) in f_u.iter_mut().zip(positions()) {
                *f_u = self.potential(x, None);
            }
        }
        if let Some(f_x) = &mut out.f_x {
            for ((f_x, u), x) in f_x.chunks_exact_mut(at.d).zip(at.u).zip(positions()) {
                self.potential(x, Some((f_x, *u)));
            }
        }
        Ok(())
    }

    /// Linear in u: the zeros that the outputs arrive with are the second derivatives.
    fn second(&self, _: &Points<'_>, _: &mut Second<'_>) -> Result<()> {
        Ok(())
    }

    fn repulsion(&self, at: &Pairs<'_>, out: &mut PairValues<'_>) -> Result<()> {
        let pairs = || at.x.chunks_exact(at.d).zip(at.y.chunks_exact(at.d));
        if let Some(w) = &mut out.w {
            for (w, (x, y)) in w.iter_mut().zip(pairs()) {
                *w = -distance(x, y, None);
            }
        }
        if let Some(w_x) = &mut out.w_x {
            for (w_x, (x, y)) in w_x.chunks_exact_mut(at.d).zip(pairs()) {
                distance(x, y, Some((w_x, -1.0)));
            }
        }
        Ok(())
    }
}
