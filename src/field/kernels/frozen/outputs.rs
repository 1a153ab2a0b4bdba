//! Outputs that share their features: the array of one, read for each.
//!
//! The parameters of c outputs of F features are weights `[c][F]` and then biases `[c]`; the array is of the
//! weights `[F]` and the bias of one. Second derivatives are those of a scalar.

use super::array::Array;
use super::general::pairs;
use crate::field::kernels::Rows;
use crate::field::kernels::chunks::{chunk_of, nodes_first};
use crate::field::kernels::{At, chunks};
use crate::field::{Channels, JetShape, JetsMut, JetsRef};

/// The weights and the bias of an output.
fn own(outputs: &[f64], i: usize, c: usize) -> Vec<f64> {
    let features = outputs.len() / c - 1;
    let mut own = Vec::with_capacity(features + 1);
    own.extend_from_slice(&outputs[i * features..(i + 1) * features]);
    own.push(outputs[c * features + i]);
    own
}

/// Adds to the entries of an output in an array like the parameters.
fn add_own(outputs: &mut [f64], i: usize, c: usize, own: &[f64]) {
    let features = outputs.len() / c - 1;
    let weights = &mut outputs[i * features..(i + 1) * features];
    weights.iter_mut().zip(own).for_each(|(o, w)| *o += w);
    outputs[c * features + i] += own[features];
}

/// The jets of one output have this shape where those of all have the other.
const fn of_one(shape: JetShape) -> JetShape {
    JetShape {
        components: 1,
        ..shape
    }
}

/// Channels of second derivatives: pairs of axes, as these are symmetric.
const fn packed(shape: JetShape) -> usize {
    match shape.channels {
        Channels::Hessian => shape.dimension * (shape.dimension + 1) / 2,
        _ => 0,
    }
}

/// Appends channels, `[pairs][n]`, of coefficients of second derivatives, `[n][d][d]`.
fn pack(of: &[f64], d: usize, out: &mut Vec<f64>) {
    for (i, j) in pairs(d) {
        out.extend(of.chunks_exact(d * d).map(|of| match i == j {
            true => of[i * d + i],
            false => of[i * d + j] + of[j * d + i],
        }));
    }
}

/// Writes second derivatives, `[n][d][d]`, of channels, `[pairs][n]`.
fn unpack(channels: &[f64], d: usize, out: &mut [f64]) {
    let n = out.len() / (d * d);
    for ((i, j), channel) in pairs(d).zip(channels.chunks_exact(n.max(1))) {
        for (out, value) in out.chunks_exact_mut(d * d).zip(channel) {
            out[i * d + j] = *value;
            out[j * d + i] = *value;
        }
    }
}

/// Writes the jets of linear combinations at a chunk of n points.
pub(super) fn combine(
    array: &dyn Array,
    chunk: usize,
    (outputs, n): (&[f64], usize),
    shape: JetShape,
    jets: &mut JetsMut<'_>,
) {
    let c = shape.components;
    let d = shape.dimension;
    let one = of_one(shape);
    let mut sums = vec![0.0; (one.size() - one.hessian() + packed(shape)) * n];
    if c == 1 {
        array.add_combination(chunk, outputs, &mut sums);
        let (first, second) = sums.split_at(sums.len() - packed(shape) * n);
        nodes_first(first, shape, jets.reborrow());
        if shape.hessian() > 0 {
            unpack(second, d, jets.hessian);
        }
        return;
    }
    for i in 0..c {
        sums.fill(0.0);
        array.add_combination(chunk, &own(outputs, i, c), &mut sums);
        let (value, slopes) = sums.split_at(n);
        let places = jets.value.iter_mut().skip(i).step_by(c);
        places.zip(value).for_each(|(place, v)| *place = *v);
        if jets.slope.is_empty() {
            continue;
        }
        for (axis, along) in slopes.chunks_exact(n).enumerate() {
            let places = jets.slope.iter_mut().skip(i * d + axis).step_by(c * d);
            places.zip(along).for_each(|(place, v)| *place = *v);
        }
    }
}

/// Adds to `out`, one for each parameter, its channels times those of the seeds at a chunk.
pub(super) fn add_products(
    array: &dyn Array,
    at: &At<'_>,
    chunk: usize,
    seeds: JetsRef<'_>,
    out: &mut [f64],
) {
    let c = at.network.outputs();
    let mut seed = Vec::with_capacity(seeds.value.len() + seeds.slope.len());
    if c == 1 {
        chunks::channels_first(at, seeds, &mut seed);
        if !seeds.hessian.is_empty() {
            pack(seeds.hessian, at.network.dimension(), &mut seed);
        }
        array.add_products(chunk, &seed, out);
        return;
    }
    let d = at.network.dimension();
    let mut own = vec![0.0; out.len() / c];
    for i in 0..c {
        seed.clear();
        seed.extend(seeds.value.iter().skip(i).step_by(c));
        if !seeds.slope.is_empty() {
            for axis in 0..d {
                seed.extend(seeds.slope.iter().skip(i * d + axis).step_by(c * d));
            }
        }
        own.fill(0.0);
        array.add_products(chunk, &seed, &mut own);
        add_own(out, i, c, &own);
    }
}

/// Writes the rows of a chunk, see [`Array::write_rows`].
pub(super) fn write_rows(
    array: &dyn Array,
    at: &At<'_>,
    chunk: usize,
    of: &Rows<'_>,
    out: &mut [f64],
    stride: usize,
) {
    let c = at.network.outputs();
    if c == 1 && of.shape.hessian() > 0 {
        let (d, size) = (of.shape.dimension, of.shape.size());
        let mut coefficients = Vec::with_capacity(of.coefficients.len());
        for row in of.coefficients.chunks_exact(size) {
            let (first, second) = row.split_at(1 + d);
            coefficients.extend_from_slice(first);
            pack(second, d, &mut coefficients);
        }
        let packed = Rows {
            coefficients: &coefficients,
            ..*of
        };
        array.write_rows(chunk, &packed, out, stride);
        return;
    }
    if c == 1 {
        array.write_rows(chunk, of, out, stride);
        return;
    }
    let n = chunk_of(at.len(), chunk).len();
    let features = (at.parameters.len() - at.network.outputs_start()) / c - 1;
    let (size, d) = (of.shape.size(), of.shape.dimension);
    let with_slopes = of.shape.channels >= Channels::First;
    let shape = of_one(of.shape);
    let mut coefficients = Vec::with_capacity(n * of.rows * shape.size());
    let mut biases = Vec::with_capacity(c * of.rows * n);
    for i in 0..c {
        coefficients.clear();
        for row in of.coefficients.chunks_exact(size) {
            coefficients.push(row[i]);
            if with_slopes {
                let first = c + i * d;
                coefficients.extend_from_slice(&row[first..first + d]);
            }
        }
        let one = Rows {
            shape,
            coefficients: &coefficients,
            ..*of
        };
        // The row of the bias comes after those of the weights, where those of the next output begin.
        array.write_rows(chunk, &one, &mut out[i * features * stride..], stride);
        let bias = (i + 1) * features * stride;
        biases.extend_from_slice(&out[bias..bias + of.rows * n]);
    }
    let places = out[c * features * stride..].chunks_mut(stride);
    for (place, bias) in places.zip(biases.chunks_exact(of.rows * n)) {
        place[..of.rows * n].copy_from_slice(bias);
    }
}
