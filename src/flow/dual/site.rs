//! The box where the mass is, with its nodes and the features of the potential there.

use super::Dual;
use super::basis::{Basis, choose};
use super::features::{Features, Jet, Units};
use super::spline::Spline;
use crate::domain::{Domain, DomainChoice, Shape};
use crate::error::Result;
use crate::field::{Activation, CHUNK, Network};
use crate::flow::Context;
use crate::parallel::Pool;
use crate::quadrature::{Nodes, Quadrature, Stream, generator};
use std::sync::Arc;

/// Random planes that features are chosen from, features that are taken at most, and nodes along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::flow) struct Size {
    pub planes: usize,
    pub features: usize,
    pub per_axis: usize,
}

/// Sizes by dimension: where the first does not hold the density, the next is tried.
pub(super) static SIZES: [[Size; 3]; 3] = [
    [
        size(150, 100, 160),
        size(300, 200, 320),
        size(600, 400, 640),
    ],
    [size(400, 260, 36), size(1000, 500, 48), size(1600, 800, 60)],
    [size(600, 350, 16), size(1200, 600, 20), size(2000, 900, 24)],
];

const fn size(planes: usize, features: usize, per_axis: usize) -> Size {
    Size {
        planes,
        features,
        per_axis,
    }
}

impl Size {
    /// The part of h over which a kink at rho = 0 is rounded: nodes see nothing finer.
    pub fn rounding(self) -> f64 {
        1.0 / self.per_axis as f64
    }
}

/// The weight of a node without mass, relative to that where the density is largest.
const FLOOR: f64 = 1e-6;

/// The power of the density that weighs nodes: its logarithm is wanted in the tails too.
const POWER: f64 = 0.5;

/// Grid points along an axis of the external potential as a feature, by dimension, and the density,
/// relative to its largest, up to which it is as it is.
const GRID: [usize; 3] = [1024, 192, 48];
const SEEN: f64 = 1e-4;

/// How many times as many Gauss nodes there are on a line, in tenths: they lie farther apart in the middle by
/// half of pi.
const CLOSER: usize = 16;

/// Independent nodes along an axis beyond those of a step: an odd number more, which share none with them.
const MORE: usize = 7;

/// A box with nodes and features.
#[derive(Clone, Debug)]
pub(in crate::flow) struct Site {
    pub region: Domain,
    pub size: Size,
    pub nodes: Nodes,
    /// Nodes that no step trains on.
    pub check: Nodes,
    /// What the basis is orthonormal with, `[n]`.
    pub weights: Vec<f64>,
    pub network: Network,
    pub basis: Arc<Basis>,
    /// Above this external potential its feature rises as a logarithm, where it is one.
    pub top: Option<f64>,
    /// The external potential V at the nodes and at the independent ones, when they were taken.
    pub external: Vec<f64>,
    pub external_check: Vec<f64>,
}

impl Site {
    /// The nodes of a size in a region of a domain, and the independent ones: evenly spaced along axes
    /// where the density vanishes at both ends, which is as exact as can be for what is smooth, and else
    /// Gauss nodes.
    ///
    /// # Errors
    /// Errors of the rule.
    pub fn nodes(domain: &Domain, region: &Domain, size: Size) -> Result<[Nodes; 2]> {
        Ok(Self::axes(domain, region, size)?.map(|axes| Self::product(&axes)))
    }

    /// The same nodes along each axis.
    ///
    /// # Errors
    /// As for [`nodes`](Self::nodes).
    pub fn axes(domain: &Domain, region: &Domain, size: Size) -> Result<[Vec<Nodes>; 2]> {
        let bounded = !matches!(domain.shape(), Shape::Space);
        let of = |per_axis: usize| {
            let sides = region.lower().iter().zip(region.upper());
            let faces = domain.lower().iter().zip(domain.upper());
            let axes = sides.zip(faces).map(|((l, u), (first, last))| {
                if bounded && (l <= first || u >= last) {
                    let per_axis = match region.dimension() {
                        1 => per_axis * CLOSER / 10,
                        _ => per_axis,
                    };
                    let rule = Quadrature::Gauss { per_axis };
                    let axis = self::region(vec![*l], vec![*u])?;
                    return rule.nodes(&axis, &mut generator(0, Stream::Nodes, 0, 0));
                }
                Ok(Self::midpoints(*l, *u, per_axis))
            });
            axes.collect::<Result<Vec<_>>>()
        };
        Ok([of(size.per_axis)?, of(size.per_axis + MORE)?])
    }

    /// The nodes of the midpoint rule on an axis.
    pub fn midpoints(lower: f64, upper: f64, count: usize) -> Nodes {
        let h = (upper - lower) / count as f64;
        Nodes {
            x: (0..count).map(|i| lower + h * (i as f64 + 0.5)).collect(),
            w: vec![h; count],
            ..Nodes::default()
        }
    }

    /// The tensor product of nodes along axes, the last of which runs fastest.
    pub fn product(axes: &[Nodes]) -> Nodes {
        let mut all = Nodes {
            w: vec![1.0],
            ..Nodes::default()
        };
        for (done, axis) in axes.iter().enumerate() {
            let mut next = Nodes::default();
            for (i, w) in all.w.iter().enumerate() {
                for (x, weight) in axis.x.iter().zip(&axis.w) {
                    next.x.extend_from_slice(&all.x[i * done..(i + 1) * done]);
                    next.x.push(*x);
                    next.w.push(w * weight);
                }
            }
            all = next;
        }
        all
    }

    /// Features for a density at those nodes.
    ///
    /// # Errors
    /// Errors of the energies and of the threads.
    pub fn new(
        cx: &Context,
        dual: &Dual,
        region: Domain,
        size: Size,
        [nodes, check]: [Nodes; 2],
        rho: &[f64],
        draw: u64,
    ) -> Result<Self> {
        let most = rho.iter().fold(f64::MIN_POSITIVE, |a, b| a.max(*b));
        let points = nodes.w.iter().zip(rho);
        let weights: Vec<f64> = points
            .map(|(w, r)| w * ((r / most).max(0.0).powf(POWER) + FLOOR))
            .collect();
        let wide = network(cx, &region, size.planes)?;
        let drawn = wide.random_features(&mut generator(cx.seed(), Stream::Weights, draw, 0));
        let all = Features::of(
            &drawn[..wide.outputs_start()],
            region.lower(),
            region.upper(),
        );
        let top = Self::top(cx, dual, &nodes, rho)?;
        let all = all.with(Self::given(cx, dual, &region, top)?);
        let features = choose(&cx.pool, &all, &nodes, &weights, size.features)?;
        Self::of(
            cx,
            dual,
            region,
            size,
            [nodes, check],
            weights,
            (features, top),
        )
    }

    /// The largest external potential where there is mass to speak of, if it is no polynomial and stays as
    /// it is.
    fn top(cx: &Context, dual: &Dual, nodes: &Nodes, rho: &[f64]) -> Result<Option<f64>> {
        if dual.uses_time() {
            return Ok(None);
        }
        let values = dual.external(&cx.pool, cx.time, &nodes.x)?;
        if super::choice::is_quadratic(&nodes.x, dual.dimension, &values) {
            return Ok(None);
        }
        let most = rho.iter().fold(0.0_f64, |a, b| a.max(*b));
        let seen = values.iter().zip(rho).filter(|(_, r)| **r > SEEN * most);
        Ok(Some(
            seen.fold(f64::NEG_INFINITY, |top, (v, _)| top.max(*v)),
        ))
    }

    /// The external potential as a feature, which rises as a logarithm above `top`, if there is one: what
    /// drives the mass has its edges where the potential has them.
    ///
    /// # Errors
    /// Errors of the energies.
    pub fn given(
        cx: &Context,
        dual: &Dual,
        region: &Domain,
        top: Option<f64>,
    ) -> Result<Option<Arc<Spline>>> {
        let Some(top) = top else {
            return Ok(None);
        };
        let (lower, upper) = (region.lower(), region.upper());
        let per_axis = GRID[region.dimension() - 1];
        let mut values = dual.external(&cx.pool, cx.time, &Spline::grid(lower, upper, per_axis))?;
        let bottom = values.iter().fold(f64::INFINITY, |a, b| a.min(*b));
        let size = (top - bottom).max(f64::MIN_POSITIVE);
        for v in &mut values {
            let part = (*v - bottom) / size;
            *v = if part > 1.0 { 1.0 + part.ln() } else { part };
        }
        let spline = Spline::through(&values, lower, upper, per_axis);
        Ok(Some(Arc::new(spline)))
    }

    /// A site with these features, and the top of the external potential among them.
    ///
    /// # Errors
    /// As for [`new`](Self::new).
    pub fn of(
        cx: &Context,
        dual: &Dual,
        region: Domain,
        size: Size,
        [nodes, check]: [Nodes; 2],
        weights: Vec<f64>,
        (features, top): (Features, Option<f64>),
    ) -> Result<Self> {
        Ok(Self {
            network: network(cx, &region, features.planes())?,
            external: dual.external(&cx.pool, cx.time, &nodes.x)?,
            external_check: dual.external(&cx.pool, cx.time, &check.x)?,
            basis: Arc::new(Basis::new(&cx.pool, features, &nodes, &weights)?),
            region,
            size,
            nodes,
            check,
            weights,
            top,
        })
    }

    pub fn dimension(&self) -> usize {
        self.region.dimension()
    }

    /// A potential at the nodes.
    ///
    /// # Errors
    /// Errors of the threads.
    pub fn potential_at_nodes(&self, pool: &Pool, coefficients: &[f64]) -> Result<Vec<f64>> {
        let jets = self.jets(pool, coefficients, &self.nodes.x)?;
        Ok(jets.iter().map(|jet| jet.value).collect())
    }

    /// A potential at points x, `[n][d]`.
    ///
    /// # Errors
    /// Errors of the threads.
    pub fn jets(&self, pool: &Pool, coefficients: &[f64], x: &[f64]) -> Result<Vec<Jet>> {
        let d = self.dimension();
        let mut jets = vec![Jet::default(); x.len() / d];
        let tasks = x.chunks(CHUNK * d).zip(jets.chunks_mut(CHUNK));
        pool.try_for_each(tasks, |(x, jets)| {
            let mut units = Units::default();
            for (x, jet) in x.chunks_exact(d).zip(jets) {
                *jet = self.basis.features.jet(x, coefficients, &mut units);
            }
            Ok(())
        })?;
        Ok(jets)
    }
}

/// A network of one hidden layer on a region.
///
/// # Errors
/// [`Option`](crate::ErrorKind::Option) if it does not fit the memory.
pub(in crate::flow) fn network(cx: &Context, region: &Domain, planes: usize) -> Result<Network> {
    let settings = &cx.settings.network;
    let embedding = settings.plain_embedding(region);
    Network::try_new(embedding, Activation::Tanh, region.dimension(), [planes])
}

/// The box of these corners.
///
/// # Errors
/// [`Option`](crate::ErrorKind::Option) if an axis is empty.
pub(in crate::flow) fn region(lower: Vec<f64>, upper: Vec<f64>) -> Result<Domain> {
    Domain::new(DomainChoice::Box, lower, upper)
}
