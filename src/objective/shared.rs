//! An objective that is a sum over lanes of nodes, on this rank and on others.

use crate::communicator::fold;
use crate::error::{Error, Result};
use crate::field::CHUNK;
use crate::minimize::{Model, Objective, finite};
use crate::parallel::Pool;
use std::ops::Range;

/// The objective that `build` makes of ranges of `nodes` nodes, taken over all ranks' nodes: of the
/// whole range where this rank is alone, else the sum over the lanes of all ranks.
///
/// # Errors
/// Errors of `build`.
pub fn over_lanes<'a>(
    pool: &'a Pool,
    nodes: usize,
    parameters: usize,
    build: impl Fn(Range<usize>) -> Result<Box<dyn Objective + 'a>>,
) -> Result<Box<dyn Objective + 'a>> {
    let ranks = pool.ranks();
    if ranks.are_alone() {
        return build(0..nodes);
    }
    let lanes = ranks.lanes(nodes, CHUNK).into_iter().map(build);
    let lanes = lanes.collect::<Result<_>>()?;
    Ok(Box::new(Shared::new(lanes, pool, parameters)))
}

/// The sum of the objectives of all lanes of all ranks.
pub struct Shared<'a> {
    lanes: Vec<Box<dyn Objective + 'a>>,
    pool: &'a Pool,
    parameters: usize,
    scale: f64,
    motion: f64,
    /// Whether a step overshot.
    overshot: bool,
}

impl<'a> Shared<'a> {
    /// The sum of these objectives, of so many parameters, and those of the pool's other ranks.
    #[must_use]
    pub const fn new(
        lanes: Vec<Box<dyn Objective + 'a>>,
        pool: &'a Pool,
        parameters: usize,
    ) -> Self {
        Self {
            lanes,
            pool,
            parameters,
            scale: 0.0,
            motion: 0.0,
            overshot: false,
        }
    }

    /// Sums value, scale, motion and gradient, of which `work` gives those of a lane.
    fn sum(
        &mut self,
        gradient: &mut [f64],
        mut work: impl FnMut(&mut dyn Objective, &mut [f64]) -> Result<f64>,
    ) -> Result<f64> {
        let mut all = vec![0.0; 3 + gradient.len()];
        let lanes = &mut self.lanes;
        let own = fold(0..lanes.len(), &mut all, &mut |lane, out| {
            let objective = lanes.get_mut(lane).ok_or_else(none)?;
            if let [value, scale, motion, gradient @ ..] = out {
                *value = work(&mut **objective, gradient)?;
                *scale = objective.scale();
                *motion = objective.motion().unwrap_or(0.0);
            }
            Ok(())
        });
        self.pool.ranks().sum(own, &mut all)?;
        let [value, scale, motion, sum @ ..] = all.as_slice() else {
            return Err(none());
        };
        gradient.copy_from_slice(sum);
        self.scale = *scale;
        self.motion = *motion;
        finite(*value)
    }
}

fn none() -> Error {
    Error::internal("there is no such lane")
}

impl Objective for Shared<'_> {
    fn value(&mut self, parameters: &[f64]) -> Result<f64> {
        self.sum(&mut [], |lane, _| lane.value(parameters))
    }

    fn gradient(&mut self, parameters: &[f64], gradient: &mut [f64]) -> Result<f64> {
        self.sum(gradient, |lane, gradient| {
            lane.gradient(parameters, gradient)
        })
    }

    fn linearize(&mut self, parameters: &[f64], gradient: &mut [f64]) -> Result<f64> {
        self.sum(gradient, |lane, gradient| {
            lane.linearize(parameters, gradient)
        })
    }

    fn linear(&mut self) -> Box<dyn Model + '_> {
        let lanes = self.lanes.iter_mut().map(|lane| lane.linear());
        Box::new(SharedModel {
            lanes: lanes.collect(),
            pool: self.pool,
            parameters: self.parameters,
        })
    }

    fn scale(&self) -> f64 {
        self.scale
    }

    fn motion(&self) -> Option<f64> {
        // A rank may have no lanes, but then the others' have no motion either: maps are one lane a
        // rank.
        let told = !self.lanes.is_empty() && self.lanes.iter().all(|lane| lane.motion().is_some());
        told.then_some(self.motion)
    }

    /// Whether or not there are lanes on this rank: all do the same then.
    fn overshot(&mut self) -> bool {
        self.lanes.iter_mut().for_each(|lane| {
            lane.overshot();
        });
        !std::mem::replace(&mut self.overshot, true)
    }
}

/// The sum of the models of all lanes.
struct SharedModel<'a> {
    lanes: Vec<Box<dyn Model + 'a>>,
    pool: &'a Pool,
    parameters: usize,
}

impl SharedModel<'_> {
    fn sum(
        &mut self,
        out: &mut [f64],
        mut work: impl FnMut(&mut dyn Model, &mut [f64]) -> Result<()>,
    ) -> Result<()> {
        let lanes = &mut self.lanes;
        let own = fold(0..lanes.len(), out, &mut |lane, out| {
            work(&mut **lanes.get_mut(lane).ok_or_else(none)?, out)
        });
        self.pool.ranks().sum(own, out)
    }
}

impl Model for SharedModel<'_> {
    fn pool(&self) -> &Pool {
        self.pool
    }

    fn parameters(&self) -> usize {
        self.parameters
    }

    fn nodes(&self) -> usize {
        self.lanes.iter().map(|lane| lane.nodes()).sum()
    }

    fn rows_per_node(&self) -> usize {
        let rows = self.lanes.iter().map(|lane| lane.rows_per_node());
        rows.max().unwrap_or(1)
    }

    fn chunk(&self) -> usize {
        CHUNK
    }

    fn lanes(&self) -> &[Box<dyn Model + '_>] {
        &self.lanes
    }

    fn rows(&self, _nodes: Range<usize>, _out: &mut [f64], _stride: usize) {}

    fn turns(&self) -> bool {
        self.lanes.iter().any(|lane| lane.turns())
    }

    fn product(&mut self, v: &[f64], out: &mut [f64]) -> Result<()> {
        self.sum(out, |lane, out| lane.product(v, out))
    }

    fn product_work(&self) -> f64 {
        self.lanes.iter().map(|lane| lane.product_work()).sum()
    }

    fn geodesic_acceleration(
        &mut self,
        parameters: &[f64],
        step: &[f64],
        out: &mut [f64],
    ) -> Result<()> {
        self.sum(out, |lane, out| {
            lane.geodesic_acceleration(parameters, step, out)
        })
    }
}
