//! Value and gradient of a sum over nodes in one pass: each chunk goes through the network, the sum
//! and back while it is in cache, and nothing is computed twice.

use super::{
    At, Channels, Cut, Fused, JetShape, Jets, Linearization, NodeSum, Real, Recording,
    ScalarNetwork, Weights, recording::CpuRecording,
};
use crate::error::Result;
use std::ops::Range;

/// Parameters that one task sums over the shares.
const SLICE: usize = 4096;

/// Buffers of the pass; R is the precision of the network, sums over nodes are in `f64`.
#[derive(Default)]
pub(super) struct FusedPass<R> {
    weights: Weights<R>,
    lanes: Vec<Lane<R>>,
    whole: Whole,
}

/// Buffers for networks that are no scalars: passes over all nodes one after the other.
#[derive(Default)]
struct Whole {
    recording: CpuRecording,
    jets: Jets,
    seeds: Jets,
}

/// One share of the nodes, with a gradient of its own.
#[derive(Default)]
struct Lane<R> {
    linear: Linearization<R>,
    gradient: Vec<R>,
    /// Jets at the chunk's nodes, and derivatives of the sum in them.
    jets: Jets,
    seeds: Jets,
    scratch: Vec<f64>,
    sums: [f64; 2],
}

impl<R: Real> Fused for FusedPass<R> {
    fn gradient(
        &mut self,
        at: &At<'_>,
        sum: &dyn NodeSum,
        gradient: &mut [f64],
    ) -> Result<[f64; 2]> {
        match at.network.as_scalar() {
            Some(network) => self.over_shares(network, at, sum, gradient),
            None => self.whole.gradient(at, sum, gradient),
        }
    }
}

impl Whole {
    fn gradient(
        &mut self,
        at: &At<'_>,
        sum: &dyn NodeSum,
        gradient: &mut [f64],
    ) -> Result<[f64; 2]> {
        let (mut sums, n) = ([0.0; 2], at.len());
        self.recording.record(at, &mut self.jets)?;
        self.seeds.resize(n, at.shape(Channels::First));
        if n > 0 {
            let (jets, seeds) = (&mut self.jets, &mut self.seeds);
            sum.add(0..n, jets, seeds, &mut Vec::new(), &mut sums)?;
        }
        self.recording.pullback(at, &self.seeds, gradient)?;
        Ok(sums)
    }
}

impl<R: Real> FusedPass<R> {
    fn over_shares(
        &mut self,
        network: ScalarNetwork<'_>,
        at: &At<'_>,
        sum: &dyn NodeSum,
        gradient: &mut [f64],
    ) -> Result<[f64; 2]> {
        let cut = Cut::of::<R>(&network, at.len());
        self.weights.set(&network, at.parameters);
        self.lanes.resize_with(cut.shares(), Lane::default);
        let pool = at.pool;
        let weights = &self.weights;
        let gradient_len = at.parameters.len();
        let clear = |lane: &mut Lane<R>| {
            lane.gradient.clear();
            lane.gradient.resize(gradient_len, R::ZERO);
            lane.sums = [0.0; 2];
        };
        if sum.caller_thread_only() {
            self.lanes.iter_mut().for_each(clear);
            for index in 0..cut.chunks() {
                pool.try_for_each(self.lanes.iter_mut().enumerate(), |(k, lane)| {
                    lane.forward(network, at, weights, cut.chunk(k, index));
                    Ok(())
                })?;
                for (k, lane) in self.lanes.iter_mut().enumerate() {
                    lane.add(sum, cut.chunk(k, index))?;
                }
                pool.try_for_each(self.lanes.iter_mut(), |lane| {
                    lane.back(network, weights);
                    Ok(())
                })?;
            }
        } else {
            pool.try_for_each(self.lanes.iter_mut().enumerate(), |(k, lane)| {
                clear(lane);
                for index in 0..cut.chunks() {
                    lane.forward(network, at, weights, cut.chunk(k, index));
                    lane.add(sum, cut.chunk(k, index))?;
                    lane.back(network, weights);
                }
                Ok(())
            })?;
        }
        let lanes = &self.lanes;
        pool.try_for_each(
            gradient.chunks_mut(SLICE).enumerate(),
            |(slice, gradient)| {
                gradient.fill(0.0);
                let first = slice * SLICE;
                for lane in lanes {
                    let partial = &lane.gradient[first..first + gradient.len()];
                    for (g, p) in gradient.iter_mut().zip(partial) {
                        *g += p.wide();
                    }
                }
                Ok(())
            },
        )?;
        let add = |[a, b]: [f64; 2], lane: &Lane<R>| [a + lane.sums[0], b + lane.sums[1]];
        Ok(lanes.iter().fold([0.0; 2], add))
    }
}

impl<R: Real> Lane<R> {
    /// u and grad u at some nodes.
    fn forward(
        &mut self,
        network: ScalarNetwork<'_>,
        at: &At<'_>,
        weights: &Weights<R>,
        nodes: Range<usize>,
    ) {
        let shape = JetShape {
            dimension: network.dimension(),
            components: 1,
            channels: Channels::First,
        };
        self.jets.resize(nodes.len(), shape);
        self.seeds.resize(nodes.len(), shape);
        if nodes.is_empty() {
            return;
        }
        self.linear.set(network, weights, at.part(nodes).x);
        let Jets { value, slope, .. } = &mut self.jets;
        self.linear.copy_to(value, Some(slope));
    }

    /// Adds these nodes to the sums.
    fn add(&mut self, sum: &dyn NodeSum, nodes: Range<usize>) -> Result<()> {
        if nodes.is_empty() {
            return Ok(());
        }
        let Self {
            jets,
            seeds,
            scratch,
            sums,
            ..
        } = self;
        sum.add(nodes, jets, seeds, scratch, sums)
    }

    /// Adds these nodes to the gradient.
    fn back(&mut self, network: ScalarNetwork<'_>, weights: &Weights<R>) {
        let Jets { value, slope, .. } = &self.seeds;
        if value.is_empty() {
            return;
        }
        self.linear
            .apply_transpose(network, weights, value, slope, &mut self.gradient);
    }
}
