//! A field at nodes: its jets, and products with their derivatives in the parameters.

use super::ansatz::{self, Points};
use super::kernels::{At, CHUNK, Fused, NodeSum, Precision, Recording, Rows};
use super::{Blocks, Channels, Field, JetShape, Jets, JetsMut};
use crate::differences;
use crate::error::Result;
use crate::parallel::Pool;
use std::borrow::Cow;
use std::ops::Range;

/// A field at nodes x. The products are those at the parameters of the last
/// [`record`](Self::record).
pub struct AtNodes<'a> {
    field: Cow<'a, Field>,
    pool: &'a Pool,
    x: Cow<'a, [f64]>,
    /// Place of the last record: parameters, and the matrices A of the second-order channel,
    /// `[n][d][d]`, if there is one.
    parameters: Vec<f64>,
    curvature: Vec<f64>,
    recording: Box<dyn Recording>,
    fused: Box<dyn Fused>,
}

impl<'a> AtNodes<'a> {
    /// The field at nodes x, `[n][d]`.
    #[must_use]
    pub fn new(
        field: impl Into<Cow<'a, Field>>,
        pool: &'a Pool,
        x: impl Into<Cow<'a, [f64]>>,
    ) -> Self {
        let field = field.into();
        Self {
            pool,
            x: x.into(),
            parameters: Vec::new(),
            curvature: Vec::new(),
            recording: field.kernels().recording(),
            fused: field.kernels().fused(Precision::Double),
            field,
        }
    }

    /// Sets the precision of [`sum_gradient`](Self::sum_gradient).
    #[must_use]
    pub fn in_precision(mut self, precision: Precision) -> Self {
        self.fused = self.field.kernels().fused(precision);
        self
    }

    /// The field.
    #[must_use]
    pub fn field(&self) -> &Field {
        &self.field
    }

    /// The threads of the solver.
    #[must_use]
    pub const fn pool(&self) -> &'a Pool {
        self.pool
    }

    /// Number of nodes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.x.len() / self.field.dimension()
    }

    /// Whether there are no nodes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.x.is_empty()
    }

    /// The shape of jets with these channels.
    #[must_use]
    pub fn shape(&self, channels: Channels) -> JetShape {
        self.field.shape(channels)
    }

    /// Writes jets of these channels, with nothing kept for later.
    ///
    /// # Errors
    /// Failures of the kernels, here and below.
    pub fn jets(&self, parameters: &[f64], channels: Channels, jets: &mut Jets) -> Result<()> {
        self.jets_with(parameters, &[], channels, jets)
    }

    /// Writes jets with the second-order channel of symmetric matrices A, `[n][d][d]`, with nothing
    /// kept for later.
    ///
    /// # Errors
    /// As for [`jets`](Self::jets).
    pub fn curved_jets(&self, parameters: &[f64], a: &[f64], jets: &mut Jets) -> Result<()> {
        self.jets_with(parameters, a, channels_with(a), jets)
    }

    /// Writes jets, kept for the products: with the second-order channel of symmetric matrices A,
    /// `[n][d][d]`, or without if there are none.
    ///
    /// # Errors
    /// As for [`jets`](Self::jets).
    pub fn record(&mut self, parameters: &[f64], a: &[f64], jets: &mut Jets) -> Result<()> {
        self.parameters.clear();
        self.parameters.extend_from_slice(parameters);
        self.curvature.clear();
        self.curvature.extend_from_slice(a);
        let at = At {
            pool: self.pool,
            network: self.field.network(),
            parameters: &self.parameters,
            x: &self.x,
            curvature: &self.curvature,
        };
        self.recording.record(&at, jets)?;
        self.compose(&self.curvature, true, jets)
    }

    /// Writes jets with all second derivatives, kept for the products.
    ///
    /// # Errors
    /// As for [`jets`](Self::jets), and [`Internal`](crate::ErrorKind::Internal) of networks that are not frozen.
    pub fn record_hessian(&mut self, parameters: &[f64], jets: &mut Jets) -> Result<()> {
        self.parameters.clear();
        self.parameters.extend_from_slice(parameters);
        self.curvature.clear();
        let at = At {
            pool: self.pool,
            network: self.field.network(),
            parameters: &self.parameters,
            x: &self.x,
            curvature: &[],
        };
        self.recording.record_hessian(&at, jets)?;
        self.compose(&[], true, jets)
    }

    /// Overwrites `gradient` with the derivative of `sum_q s_q . jet_q` in the parameters; the last
    /// channels may have no seeds.
    ///
    /// # Errors
    /// As for [`jets`](Self::jets).
    pub fn pullback(&self, seeds: &Jets, gradient: &mut [f64]) -> Result<()> {
        if self.field.ansatz().is_identity() {
            return self.recording.pullback(&self.here(), seeds, gradient);
        }
        let mut seeds = seeds.clone();
        let shape = self.shape(seeds.channels());
        self.each_run(&self.curvature, shape, &mut seeds, |points, seeds| {
            ansatz::pull_back(self.field.ansatz(), points, shape, seeds);
        })?;
        self.recording.pullback(&self.here(), &seeds, gradient)
    }

    /// Writes the derivative of the jets along a change of the parameters.
    ///
    /// # Errors
    /// As for [`jets`](Self::jets).
    pub fn pushforward(&self, direction: &[f64], channels: Channels, out: &mut Jets) -> Result<()> {
        if channels == Channels::Curved {
            out.reset(self.len(), self.shape(channels));
            let mut jets = Jets::default();
            let step = differences::parameters_along(&self.parameters, direction);
            for side in differences::sides(step) {
                let moved = moved(&self.parameters, side, direction);
                self.curved_jets(&moved, &self.curvature, &mut jets)?;
                out.add(differences::share(1.0, side), &jets);
            }
            return Ok(());
        }
        self.recording
            .pushforward(&self.here(), direction, channels, out)?;
        self.compose(&[], false, out)
    }

    /// Overwrites `out` with `J^T L L^T J v`, for conjugate gradients.
    ///
    /// # Errors
    /// As for [`jets`](Self::jets).
    pub fn product(&self, v: &[f64], blocks: &Blocks, out: &mut [f64]) -> Result<()> {
        let shape = blocks.shape();
        if shape.channels == Channels::Curved {
            let mut jets = Jets::default();
            self.pushforward(v, shape.channels, &mut jets)?;
            blocks.apply(0, &mut jets.as_mut());
            return self.pullback(&jets, out);
        }
        let (ansatz, d) = (self.field.ansatz(), shape.dimension);
        let apply = |nodes: Range<usize>, jets: &mut JetsMut<'_>| {
            if ansatz.is_identity() {
                blocks.apply(nodes.start, jets);
                return;
            }
            let points = Points {
                x: &self.x[nodes.start * d..nodes.end * d],
                curvature: &[],
            };
            ansatz::compose(ansatz, points, shape, false, jets);
            blocks.apply(nodes.start, jets);
            ansatz::pull_back(ansatz, points, shape, jets);
        };
        self.recording
            .product(&self.here(), v, shape.channels, &apply, out)
    }

    /// Writes the second derivative of the jets along `step` from `parameters`, from differences
    /// over a part of it.
    ///
    /// # Errors
    /// As for [`jets`](Self::jets).
    pub fn second_along(
        &self,
        parameters: &[f64],
        step: &[f64],
        part: f64,
        channels: Channels,
        out: &mut Jets,
    ) -> Result<()> {
        let mut jets = Jets::default();
        out.reset(self.len(), self.shape(channels));
        for (shift, weight) in [(-part, 1.0), (0.0, -2.0), (part, 1.0)] {
            let moved = moved(parameters, shift, step);
            self.jets_with(&moved, &self.curvature, channels, &mut jets)?;
            out.add(weight / (part * part), &jets);
        }
        Ok(())
    }

    /// Writes rows `L_q^T J_q` of a range of nodes that begins with a chunk of [`CHUNK`], in the
    /// order of [`Recording::rows`], for the parameters from the `first`, which begins a layer.
    pub fn rows(
        &self,
        nodes: Range<usize>,
        blocks: &Blocks,
        first: usize,
        out: &mut [f64],
        stride: usize,
    ) {
        let mut coefficients = blocks.of(nodes.clone());
        let (rows, shape) = (blocks.rows(), blocks.shape());
        if !self.field.ansatz().is_identity() {
            let block = rows * shape.size();
            let at = self.here().part(nodes.clone());
            for (node, block) in coefficients.to_mut().chunks_exact_mut(block).enumerate() {
                let at = at.part(node..node + 1);
                let points = Points {
                    x: at.x,
                    curvature: at.curvature,
                };
                for row in block.chunks_exact_mut(shape.size()) {
                    let (value, rest) = row.split_at_mut(shape.components);
                    let (slope, rest) = rest.split_at_mut(shape.slope());
                    let (curved, hessian) = rest.split_at_mut(shape.curved());
                    let mut seeds = JetsMut {
                        value,
                        slope,
                        curved,
                        hessian,
                    };
                    ansatz::pull_back(self.field.ansatz(), points, shape, &mut seeds);
                }
            }
        }
        let of = Rows {
            rows,
            first,
            shape,
            coefficients: &coefficients,
        };
        self.recording.rows(&self.here(), nodes, of, out, stride);
    }

    /// Writes the derivative of `s . jet` in the position of each node, `[n][d]`, with the seeds
    /// that `seed` writes for a range of nodes.
    ///
    /// # Errors
    /// As for [`jets`](Self::jets).
    pub fn position_gradient(
        &self,
        seed: impl Fn(Range<usize>, JetsMut<'_>) + Sync,
        out: &mut Vec<f64>,
    ) -> Result<()> {
        let shape = self.shape(Channels::First);
        let (ansatz, d) = (self.field.ansatz(), shape.dimension);
        out.resize(self.x.len(), 0.0);
        self.recording.position_gradient(
            &self.here(),
            &|nodes: Range<usize>, outputs, mut seeds, out| {
                let x = &self.x[nodes.start * d..nodes.end * d];
                seed(nodes, seeds.reborrow());
                if !ansatz.is_identity() {
                    ansatz::position_gradient(ansatz, x, shape, outputs, seeds.as_ref(), out);
                    let points = Points { x, curvature: &[] };
                    ansatz::pull_back(ansatz, points, shape, &mut seeds);
                }
            },
            out,
        )
    }

    /// Value and gradient of a sum over the nodes of a function of the jets without second-order
    /// channel, in one pass.
    ///
    /// # Errors
    /// Errors of the sum.
    pub fn sum_gradient(
        &mut self,
        parameters: &[f64],
        sum: &dyn NodeSum,
        gradient: &mut [f64],
    ) -> Result<[f64; 2]> {
        let at = At {
            pool: self.pool,
            network: self.field.network(),
            parameters,
            x: &self.x,
            curvature: &[],
        };
        if self.field.ansatz().is_identity() {
            return self.fused.gradient(&at, sum, gradient);
        }
        let sum = Composed {
            field: &self.field,
            x: &self.x,
            sum,
        };
        self.fused.gradient(&at, &sum, gradient)
    }

    /// Floating-point work of a pushforward and a pullback, in products of one large matrix.
    #[must_use]
    pub fn product_work(&self, channels: Channels) -> f64 {
        self.recording.product_work(&self.here(), channels)
    }

    /// The place of the last record.
    fn here(&self) -> At<'_> {
        At {
            pool: self.pool,
            network: self.field.network(),
            parameters: &self.parameters,
            x: &self.x,
            curvature: &self.curvature,
        }
    }

    fn jets_with(
        &self,
        parameters: &[f64],
        curvature: &[f64],
        channels: Channels,
        jets: &mut Jets,
    ) -> Result<()> {
        let at = At {
            parameters,
            curvature,
            ..self.here()
        };
        self.recording.jets(&at, channels, jets)?;
        self.compose(curvature, true, jets)
    }

    /// Makes jets of u from those of N.
    fn compose(&self, curvature: &[f64], lift: bool, jets: &mut Jets) -> Result<()> {
        if self.field.ansatz().is_identity() {
            return Ok(());
        }
        let shape = self.shape(jets.channels());
        self.each_run(curvature, shape, jets, |points, jets| {
            ansatz::compose(self.field.ansatz(), points, shape, lift, jets);
        })
    }

    /// Calls `work` with the points and jets of every chunk.
    fn each_run(
        &self,
        curvature: &[f64],
        shape: JetShape,
        jets: &mut Jets,
        work: impl Fn(Points<'_>, &mut JetsMut<'_>) + Sync,
    ) -> Result<()> {
        let d = shape.dimension;
        let mut matrices = curvature.chunks(CHUNK * d * d);
        let tasks = self.x.chunks(CHUNK * d).zip(jets.runs_mut(CHUNK, shape));
        let tasks = tasks.map(|(x, jets)| (x, matrices.next().unwrap_or(&[]), jets));
        self.pool.try_for_each(tasks, |(x, curvature, mut jets)| {
            work(Points { x, curvature }, &mut jets);
            Ok(())
        })
    }
}

/// A sum over nodes as a function of the outputs N.
struct Composed<'a> {
    field: &'a Field,
    x: &'a [f64],
    sum: &'a dyn NodeSum,
}

impl NodeSum for Composed<'_> {
    fn add(
        &self,
        nodes: Range<usize>,
        jets: &mut Jets,
        seeds: &mut Jets,
        scratch: &mut Vec<f64>,
        sums: &mut [f64; 2],
    ) -> Result<()> {
        let (ansatz, shape) = (self.field.ansatz(), self.field.shape(Channels::First));
        let points = Points {
            x: &self.x[nodes.start * shape.dimension..nodes.end * shape.dimension],
            curvature: &[],
        };
        ansatz::compose(ansatz, points, shape, true, &mut jets.as_mut());
        self.sum.add(nodes, jets, seeds, scratch, sums)?;
        ansatz::pull_back(ansatz, points, shape, &mut seeds.as_mut());
        Ok(())
    }

    fn caller_thread_only(&self) -> bool {
        self.sum.caller_thread_only()
    }
}

const fn channels_with(a: &[f64]) -> Channels {
    if a.is_empty() {
        Channels::First
    } else {
        Channels::Curved
    }
}

/// `parameters + shift direction`.
fn moved(parameters: &[f64], shift: f64, direction: &[f64]) -> Vec<f64> {
    let line = parameters.iter().zip(direction);
    line.map(|(p, v)| p + shift * v).collect()
}

#[cfg(test)]
mod tests;
