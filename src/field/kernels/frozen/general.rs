//! All channels as they are: 8 bytes are read for 2 operations.

use super::array::Array;
use crate::error::Result;
use crate::field::kernels::chunks::chunk_of;
use crate::field::kernels::{At, CHUNK, Kernels, Rows, cpu::Cpu};
use crate::field::{Channels, Jets};
use crate::vector_units::vectorized;

/// `[chunks][parameters][channels][n]`: for each chunk of n points and each parameter of the output
/// layer the derivative of every channel in it.
#[derive(Debug)]
pub(super) struct General {
    count: usize,
    /// 1 + d, and pairs of axes.
    channels: usize,
    data: Vec<f64>,
}

impl General {
    /// How many numbers it holds.
    pub fn size(at: &At<'_>, count: usize, hessian: bool) -> usize {
        at.len() * Self::channels(at, hessian) * count
    }

    fn channels(at: &At<'_>, hessian: bool) -> usize {
        let d = at.network.dimension();
        1 + d + if hessian { d * (d + 1) / 2 } else { 0 }
    }

    pub fn new(
        at: &At<'_>,
        (first, count, hessian): (usize, usize, bool),
        mut data: Vec<f64>,
    ) -> Result<Self> {
        let channels = Self::channels(at, hessian);
        let mut made = Self {
            count,
            channels,
            data: Vec::new(),
        };
        made.fill_first(at, first, &mut data)?;
        if hessian {
            made.fill_second(at, first, &mut data)?;
        }
        made.data = data;
        Ok(made)
    }

    /// Fills in values and slopes.
    fn fill_first(&self, at: &At<'_>, first: usize, data: &mut [f64]) -> Result<()> {
        let whole = CHUNK * self.channels * self.count;
        let chunks = data.chunks_mut(whole);
        each_chunk(at, (first, self.count), chunks, |(n, stride), rows, out| {
            let places = out.chunks_exact_mut(n * self.channels);
            for (place, row) in places.zip(rows.chunks_exact(stride)) {
                place[..stride].copy_from_slice(row);
            }
            Ok(())
        })
    }

    /// Fills in second derivatives, of a pair of axes after the other: `A : Hess` with an A that picks it.
    fn fill_second(&self, at: &At<'_>, first: usize, data: &mut [f64]) -> Result<()> {
        let (d, count) = (at.network.dimension(), self.count);
        let shape = at.shape(Channels::Curved);
        let mut unit = vec![0.0; CHUNK * shape.size()];
        unit.iter_mut()
            .skip(1 + d)
            .step_by(shape.size())
            .for_each(|v| *v = 1.0);
        for (pair, (i, j)) in pairs(d).enumerate() {
            let mut a = vec![0.0; at.len() * d * d];
            for a in a.chunks_exact_mut(d * d) {
                a[i * d + j] += 0.5;
                a[j * d + i] += 0.5;
            }
            let at = At {
                curvature: &a,
                ..*at
            };
            let mut recording = Cpu.recording();
            recording.record(&at, &mut Jets::default())?;
            let whole = CHUNK * self.channels * count;
            let chunks = data.chunks_mut(whole).enumerate();
            at.pool.try_for_each(chunks, |(chunk, out)| {
                let nodes = chunk_of(at.len(), chunk);
                let n = nodes.len();
                let of = Rows {
                    rows: 1,
                    first,
                    shape,
                    coefficients: &unit[..n * shape.size()],
                };
                let mut rows = vec![0.0; count * n];
                recording.rows(&at, nodes, of, &mut rows, n);
                let places = out.chunks_exact_mut(n * self.channels);
                for (place, row) in places.zip(rows.chunks_exact(n)) {
                    place[(1 + d + pair) * n..][..n].copy_from_slice(row);
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    fn chunk(&self, chunk: usize) -> &[f64] {
        let whole = CHUNK * self.channels * self.count;
        &self.data[chunk * whole..self.data.len().min((chunk + 1) * whole)]
    }
}

/// Calls `put` for each chunk of n points with the derivatives of values and slopes in `count` parameters of the output
/// layer from the `first`, `[count][1 + d][n]` with a stride of a parameter, and the place that is the chunk's.
pub(super) fn each_chunk<P: Send>(
    at: &At<'_>,
    (first, count): (usize, usize),
    places: impl Iterator<Item = P> + Send,
    put: impl Fn((usize, usize), &[f64], P) -> Result<()> + Sync,
) -> Result<()> {
    let shape = at.shape(Channels::First);
    let channels = shape.size();
    let mut recording = Cpu.recording();
    recording.record(at, &mut Jets::default())?;
    // The rows of a unit matrix at each point are the channels.
    let mut unit = vec![0.0; CHUNK * channels * channels];
    for point in unit.chunks_exact_mut(channels * channels) {
        let diagonal = point.iter_mut().step_by(channels + 1);
        diagonal.for_each(|v| *v = 1.0);
    }
    at.pool.try_for_each(places.enumerate(), |(chunk, place)| {
        let nodes = chunk_of(at.len(), chunk);
        let (n, stride) = (nodes.len(), nodes.len() * channels);
        let of = Rows {
            rows: channels,
            first,
            shape,
            coefficients: &unit[..n * channels * channels],
        };
        let mut rows = vec![0.0; count * stride];
        recording.rows(at, nodes, of, &mut rows, stride);
        put((n, stride), &rows, place)
    })
}

/// Pairs of axes, `j <= i`, in the order of the channels of second derivatives.
pub(super) fn pairs(d: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..d).flat_map(|i| (0..=i).map(move |j| (i, j)))
}

impl Array for General {
    fn len(&self) -> usize {
        self.data.len()
    }

    fn add_combination(&self, chunk: usize, c: &[f64], sums: &mut [f64]) {
        let size = self.chunk(chunk).len() / self.count;
        add_combination(self.chunk(chunk), (c, size), sums);
    }

    fn add_products(&self, chunk: usize, seed: &[f64], out: &mut [f64]) {
        let size = self.chunk(chunk).len() / self.count;
        add_products(self.chunk(chunk), (seed, size), out);
    }

    fn write_rows(&self, chunk: usize, of: &Rows<'_>, out: &mut [f64], stride: usize) {
        let n = self.chunk(chunk).len() / (self.channels * self.count);
        write_rows(
            self.chunk(chunk),
            (n, self.channels),
            (of.rows, of.coefficients.len() / (n * of.rows).max(1)),
            of.coefficients,
            out,
            stride,
        );
    }
}

vectorized! {
    /// `sums += sum_p c_p phi_p`.
    pub(super) fn add_combination(phi: &[f64], of: (&[f64], usize), sums: &mut [f64]) {
        let (c, size) = of;
        let mut quads = phi.chunks_exact(4 * size);
        let mut factors = c.chunks_exact(4);
        for (phi, c) in (&mut quads).zip(&mut factors) {
            let (p, rest) = phi.split_at(size);
            let (q, rest) = rest.split_at(size);
            let (r, s) = rest.split_at(size);
            for ((((sum, p), q), r), s) in sums.iter_mut().zip(p).zip(q).zip(r).zip(s) {
                let low = c[0].mul_add(*p, c[1] * q);
                let high = c[2].mul_add(*r, c[3] * s);
                *sum += low + high;
            }
        }
        let rest = quads.remainder().chunks_exact(size).zip(factors.remainder());
        for (phi, c) in rest {
            sums.iter_mut().zip(phi).for_each(|(sum, phi)| *sum = c.mul_add(*phi, *sum));
        }
    }
}

vectorized! {
    /// `out_p += phi_p . seed`.
    pub(super) fn add_products(phi: &[f64], of: (&[f64], usize), out: &mut [f64]) {
        let (seed, size) = of;
        for (out, phi) in out.iter_mut().zip(phi.chunks_exact(size)) {
            let phi = &phi[..seed.len()];
            let mut sums = [[0.0_f64; 8]; 4];
            let (mut a, mut b) = (phi.chunks_exact(32), seed.chunks_exact(32));
            for (a, b) in (&mut a).zip(&mut b) {
                let parts = a.chunks_exact(8).zip(b.chunks_exact(8));
                for (sums, (a, b)) in sums.iter_mut().zip(parts) {
                    for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
                        *sum = a.mul_add(*b, *sum);
                    }
                }
            }
            let rest = a.remainder().iter().zip(b.remainder());
            let mut total = rest.fold(0.0, |sum, (a, b)| a.mul_add(*b, sum));
            let [p, q, r, s] = sums;
            for (((p, q), r), s) in p.iter().zip(q).zip(r).zip(s) {
                total += (p + q) + (r + s);
            }
            *out += total;
        }
    }
}

vectorized! {
    /// Writes combinations of channels, with coefficients `[n][rows][size]`, of which there may be
    /// fewer than channels: row r of point q of parameter p goes to `out[p stride + r n + q]`.
    pub(super) fn write_rows(
        phi: &[f64],
        points: (usize, usize),
        block: (usize, usize),
        coefficients: &[f64],
        out: &mut [f64],
        stride: usize,
    ) {
        let (n, channels) = points;
        let (rows, size) = block;
        let mut column = [0.0; CHUNK];
        for row in 0..rows {
            let mut begun = false;
            for channel in 0..size.min(channels) {
                let own = coefficients.iter().skip(row * size + channel).step_by(rows * size);
                column.iter_mut().zip(own).for_each(|(c, a)| *c = *a);
                let column = &column[..n];
                let is_last = channel + 1 == size.min(channels);
                if column.iter().all(|a| *a == 0.0) && (begun || !is_last) {
                    continue;
                }
                let each = phi.chunks_exact(channels * n).zip(out.chunks_mut(stride));
                for (phi, out) in each {
                    let phi = &phi[channel * n..(channel + 1) * n];
                    let out = &mut out[row * n..(row + 1) * n];
                    if begun {
                        for ((out, phi), a) in out.iter_mut().zip(phi).zip(column) {
                            *out = a.mul_add(*phi, *out);
                        }
                    } else {
                        for ((out, phi), a) in out.iter_mut().zip(phi).zip(column) {
                            *out = a * phi;
                        }
                    }
                }
                begun = true;
            }
        }
    }
}
