//! Features `tanh(w . x + b)`: of their values alone, as their slopes are `w (1 - tanh^2)`, so that a third
//! or less is read of what all channels take.

use super::array::Array;
use crate::error::Result;
use crate::field::kernels::{At, CHUNK, Rows};
use crate::field::{Activation, Network};
use crate::vector_units::vectorized;

/// The dimensions that it is for.
const MOST: usize = 3;

/// Features whose sums are taken together.
const TOGETHER: usize = 4;

/// `tanh`, `[chunks][features][n]`, and the slopes of the arguments. Behind the features comes a
/// constant among the parameters.
#[derive(Debug)]
pub(super) struct Planes {
    dimension: usize,
    /// `[features][d]`.
    slopes: Vec<f64>,
    data: Vec<f64>,
}

impl Planes {
    /// Whether the features of a network are of this kind.
    pub fn suit(network: &Network) -> bool {
        network.widths().len() == 3
            && network.activation() == Activation::Tanh
            && network.embedding().is_affine()
            && network.dimension() <= MOST
    }

    /// How many numbers it holds.
    pub fn size(at: &At<'_>, count: usize) -> usize {
        at.len() * count.saturating_sub(1)
    }

    pub fn new(at: &At<'_>, mut data: Vec<f64>) -> Result<Self> {
        let d = at.network.dimension();
        let (weights, biases) = at.network.first_layer(at.parameters);
        let (origin, scale) = at.network.embedding().axes();
        let entries = weights.iter().zip(scale.iter().cycle());
        let slopes: Vec<f64> = entries.map(|(w, scale)| w * scale).collect();
        let whole = (CHUNK * biases.len()).max(1);
        let tasks = data.chunks_mut(whole).zip(at.x.chunks(CHUNK * d));
        at.pool.try_for_each(tasks, |(values, x)| {
            let n = x.len() / d;
            let planes = weights.chunks_exact(d).zip(biases);
            for ((w, b), values) in planes.zip(values.chunks_exact_mut(n)) {
                for (value, x) in values.iter_mut().zip(x.chunks_exact(d)) {
                    let axes = x.iter().zip(origin).zip(scale).zip(w);
                    *value = axes.fold(*b, |sum, (((x, o), s), w)| w.mul_add((x - o) * s, sum));
                }
                let (mut first, mut second) = ([0.0; CHUNK], [0.0; CHUNK]);
                Activation::Tanh.apply(values, &mut first[..n], &mut second[..n]);
            }
            Ok(())
        })?;
        Ok(Self {
            dimension: d,
            slopes,
            data,
        })
    }

    fn features(&self) -> usize {
        self.slopes.len() / self.dimension
    }

    fn chunk(&self, chunk: usize) -> Chunk<'_> {
        let whole = CHUNK * self.features();
        let values = &self.data[chunk * whole..self.data.len().min((chunk + 1) * whole)];
        Chunk {
            n: values.len() / self.features(),
            dimension: self.dimension,
            values,
            slopes: &self.slopes,
        }
    }
}

impl Array for Planes {
    fn len(&self) -> usize {
        self.data.len()
    }

    fn add_combination(&self, chunk: usize, c: &[f64], sums: &mut [f64]) {
        add_combination(self.chunk(chunk), c, sums);
    }

    fn add_products(&self, chunk: usize, seed: &[f64], out: &mut [f64]) {
        add_products(self.chunk(chunk), seed, out);
    }

    fn write_rows(&self, chunk: usize, of: &Rows<'_>, out: &mut [f64], stride: usize) {
        write_rows(
            self.chunk(chunk),
            (of.rows, of.shape.size()),
            of.coefficients,
            out,
            stride,
        );
    }
}

/// The features at a chunk.
#[derive(Clone, Copy)]
struct Chunk<'a> {
    n: usize,
    dimension: usize,
    /// `[features][n]`.
    values: &'a [f64],
    /// `[features][d]`.
    slopes: &'a [f64],
}

vectorized! {
    fn add_combination(of: Chunk<'_>, c: &[f64], sums: &mut [f64]) {
        let with_slopes = sums.len() > of.n;
        match of.dimension {
            _ if !with_slopes => combination::<0>(of, c, sums),
            1 => combination::<1>(of, c, sums),
            2 => combination::<2>(of, c, sums),
            _ => combination::<3>(of, c, sums),
        }
    }
}

/// Sums of the values and, where `D` is not 0, of the slopes along `D` axes.
#[inline(always)]
fn combination<const D: usize>(of: Chunk<'_>, c: &[f64], sums: &mut [f64]) {
    let Chunk { n, dimension, .. } = of;
    let (value, slope) = sums.split_at_mut(n);
    let features = of.values.len() / n;
    if let Some(constant) = c.get(features) {
        value.iter_mut().for_each(|sum| *sum += constant);
    }
    let mut axes = slope.chunks_exact_mut(n);
    let mut slopes: [&mut [f64]; D] = std::array::from_fn(|_| axes.next().unwrap_or_default());
    let groups = of
        .values
        .chunks(TOGETHER * n)
        .zip(c[..features].chunks(TOGETHER));
    for ((values, c), w) in groups.zip(of.slopes.chunks(TOGETHER * dimension)) {
        let mut factors = [[0.0; TOGETHER]; D];
        for (at, (c, w)) in c.iter().zip(w.chunks_exact(dimension)).enumerate() {
            let axes = factors.iter_mut().zip(w);
            axes.for_each(|(factors, w)| factors[at] = c * w);
        }
        if let ([a, b, e, f], [p, q, r, s]) = (c, &quarters(values, n)) {
            let (p, q, r, s, value) = (&p[..n], &q[..n], &r[..n], &s[..n], &mut value[..n]);
            for i in 0..n {
                let low = a.mul_add(p[i], b * q[i]);
                let high = e.mul_add(r[i], f * s[i]);
                value[i] += low + high;
            }
            // An axis after the other: loops over all at once are slower.
            for (slope, [a, b, e, f]) in slopes.iter_mut().zip(&factors) {
                let slope = &mut slope[..n];
                for i in 0..n {
                    let low = a.mul_add(1.0 - p[i] * p[i], b * (1.0 - q[i] * q[i]));
                    let high = e.mul_add(1.0 - r[i] * r[i], f * (1.0 - s[i] * s[i]));
                    slope[i] += low + high;
                }
            }
            continue;
        }
        for (at, (values, c)) in values.chunks_exact(n).zip(c).enumerate() {
            for (i, t) in values.iter().enumerate() {
                value[i] = c.mul_add(*t, value[i]);
                for (slope, factors) in slopes.iter_mut().zip(&factors) {
                    slope[i] = factors[at].mul_add(1.0 - t * t, slope[i]);
                }
            }
        }
    }
}

/// Four runs of n numbers each; empty ones if there are fewer.
#[inline(always)]
fn quarters(values: &[f64], n: usize) -> [&[f64]; TOGETHER] {
    let mut runs = values.chunks_exact(n);
    std::array::from_fn(|_| runs.next().unwrap_or_default())
}

vectorized! {
    fn add_products(of: Chunk<'_>, seed: &[f64], out: &mut [f64]) {
        let with_slopes = seed.len() > of.n;
        match of.dimension {
            _ if !with_slopes => products::<0>(of, seed, out),
            1 => products::<1>(of, seed, out),
            2 => products::<2>(of, seed, out),
            _ => products::<3>(of, seed, out),
        }
    }
}

/// Numbers that are summed side by side.
const LANES: usize = 8;

/// Products of the values and, where `D` is not 0, of the slopes along `D` axes.
#[inline(always)]
fn products<const D: usize>(of: Chunk<'_>, seed: &[f64], out: &mut [f64]) {
    let Chunk { n, dimension, .. } = of;
    let (of_value, of_slope) = seed.split_at(n);
    let features = of.values.len() / n;
    if let Some(constant) = out.get_mut(features) {
        *constant += of_value.iter().sum::<f64>();
    }
    let planes = of
        .values
        .chunks_exact(n)
        .zip(of.slopes.chunks_exact(dimension));
    for (out, (values, w)) in out.iter_mut().zip(planes) {
        let mut sums = [0.0; LANES];
        let mut slopes = [[0.0; LANES]; D];
        let whole = n - n % LANES;
        for first in (0..whole).step_by(LANES) {
            let t = &values[first..first + LANES];
            let e = &of_value[first..first + LANES];
            let mut rise = [0.0; LANES];
            for lane in 0..LANES {
                sums[lane] = t[lane].mul_add(e[lane], sums[lane]);
                rise[lane] = 1.0 - t[lane] * t[lane];
            }
            for (axis, slopes) in slopes.iter_mut().enumerate() {
                let e = &of_slope[axis * n + first..axis * n + first + LANES];
                for lane in 0..LANES {
                    slopes[lane] = rise[lane].mul_add(e[lane], slopes[lane]);
                }
            }
        }
        for i in whole..n {
            sums[0] = values[i].mul_add(of_value[i], sums[0]);
            for (axis, slopes) in slopes.iter_mut().enumerate() {
                let rise = 1.0 - values[i] * values[i];
                slopes[0] = rise.mul_add(of_slope[axis * n + i], slopes[0]);
            }
        }
        let total = |lanes: &[f64; LANES]| {
            let [a, b, c, d, e, f, g, h] = lanes;
            ((a + b) + (c + d)) + ((e + f) + (g + h))
        };
        let along = slopes.iter().zip(w);
        *out += along.fold(total(&sums), |sum, (slopes, w)| {
            w.mul_add(total(slopes), sum)
        });
    }
}

vectorized! {
    fn write_rows(
        of: Chunk<'_>,
        block: (usize, usize),
        coefficients: &[f64],
        out: &mut [f64],
        stride: usize,
    ) {
        let Chunk { n, dimension, .. } = of;
        let (rows, size) = block;
        // The coefficients of a row by channels.
        let mut columns = [[0.0; CHUNK]; 1 + MOST];
        for row in 0..rows {
            for (channel, column) in columns.iter_mut().enumerate().take(size) {
                let own = coefficients.iter().skip(row * size + channel).step_by(rows * size);
                column.iter_mut().zip(own).for_each(|(c, a)| *c = *a);
            }
            let (column, along) = columns.split_at(1);
            let column = &column[0][..n];
            let used = |column: &&[f64; CHUNK]| column[..n].iter().any(|a| *a != 0.0);
            let axes = if size > 1 { dimension } else { 0 };
            let steep = along[..axes].iter().any(|column| used(&column));
            let planes = of.values.chunks_exact(n).zip(of.slopes.chunks_exact(dimension));
            let mut each = out.chunks_mut(stride);
            for ((t, w), out) in planes.zip(&mut each) {
                let out = &mut out[row * n..(row + 1) * n];
                if !steep {
                    for ((out, t), a) in out.iter_mut().zip(t).zip(column) {
                        *out = a * t;
                    }
                    continue;
                }
                let mut slope = [0.0; CHUNK];
                for (along, w) in along[..axes].iter().zip(w) {
                    slope.iter_mut().zip(along).for_each(|(s, a)| *s = a.mul_add(*w, *s));
                }
                for (((out, t), a), s) in out.iter_mut().zip(t).zip(column).zip(&slope) {
                    *out = a.mul_add(*t, s * (1.0 - t * t));
                }
            }
            if let Some(out) = each.next() {
                out[row * n..(row + 1) * n].copy_from_slice(column);
            }
        }
    }
}
