//! Modes: an orthonormal basis of the changes of mean zero that the features of a field can make.
//!
//! A field is a linear combination of features, most of which the others nearly make. In the modes a step has
//! as many unknowns as the nodes can tell apart, all changes keep the mean, and the norm of H^-1 is the inverse
//! of one matrix.

use super::independent::independent;
use super::of_ranks::{cross_gram, gram};
use crate::error::{Error, Result};
use crate::field::{AtNodes, Blocks, CHUNK, Channels, Field, JetShape, Jets, Normalized};
use crate::fingerprint::{Fingerprint, Numbers};
use crate::flow::Context;
use crate::flow::least_squares;
use crate::flow::orthonormal::{mirror, times, weighted};

use crate::linear_algebra::{cholesky, dot, product, solve_lower};
use crate::parallel::Pool;
use crate::quadrature::Nodes;
use faer::{Accum, Mat, MatMut, MatRef};
use std::borrow::Cow;

/// Modes at nodes.
pub(super) struct Modes {
    of: Fingerprint,
    /// Weights of the integral over the domain, `[n]`: 0 of nodes on the boundary.
    w: Vec<f64>,
    /// The volume of the domain, over the nodes of all ranks, and its dimension.
    volume: f64,
    dimension: usize,
    /// Coefficients of the features, `[features][rank]`.
    transform: Mat<f64>,
    /// Means of the features, which are in the units of u.
    means: Vec<f64>,
    units: Normalized,
    /// Values at the nodes, `[n][rank]`, and derivatives, `[n][d][rank]`.
    values: Vec<f64>,
    slopes: Vec<f64>,
    /// `int grad f . grad g`, and the inverse of this matrix.
    stiffness: Mat<f64>,
    inverse: Mat<f64>,
}

/// Second derivatives of a density at nodes, `[f_uu f_up; f_pu f_pp]`, times the weights of these.
pub(super) struct Second {
    /// `[n]`
    pub uu: Vec<f64>,
    /// `[n][d]`
    pub up: Vec<f64>,
    /// `[n][d][d]`
    pub pp: Vec<f64>,
}

/// What the modes of a field at nodes are recognised by.
pub(super) fn fingerprint(
    units: Normalized,
    still: &[f64],
    nodes: &Nodes,
    thorough: bool,
) -> Fingerprint {
    let mut numbers = Numbers::default();
    nodes.add_to(&mut numbers);
    numbers.add(still);
    numbers.add(&[units.offset[0], units.size, f64::from(u8::from(thorough))]);
    numbers.finish()
}

impl Modes {
    /// The modes of a field whose last parameters, behind those that are `still`, are the coefficients of its
    /// features and a constant.
    ///
    /// # Errors
    /// [`Argument`](crate::ErrorKind::Argument) if weights are negative,
    /// [`NotFinite`](crate::ErrorKind::NotFinite) if the features are no numbers, and errors of the threads.
    pub fn new(
        cx: &Context,
        (field, units): (&Field, Normalized),
        (still, nodes): (&[f64], &Nodes),
        thorough: bool,
    ) -> Result<Self> {
        let pool = &cx.pool;
        let w = nodes.clone().of_the_domain().w;
        if w.iter().any(|w| *w < 0.0) {
            return Err(Error::argument(
                "argument `w` has negative weights; with `flow` = h-1 accepted are weights that are not",
            ));
        }
        let made = of_features(cx, field, still, nodes);
        // The last parameter is a constant.
        let len = field.parameters() - still.len() - 1;
        let mut means = vec![0.0; len + 1];
        if let Ok((values, _)) = &made {
            for (row, w) in values.chunks_exact(len).zip(&w) {
                let sums = means.iter_mut().zip(row);
                sums.for_each(|(mean, v)| *mean += w * v);
            }
        }
        means[len] = w.iter().sum();
        let (mut values, slopes) = cx.ranks().sum(made, &mut means)?;
        let volume = means[len];
        means.truncate(len);
        means.iter_mut().for_each(|mean| *mean /= volume);
        for row in values.chunks_exact_mut(len) {
            row.iter_mut().zip(&means).for_each(|(v, mean)| *v -= mean);
        }
        let (transform, values) = independent(pool, (&values, len), &w, thorough)?;
        let rank = transform.ncols();
        let slopes = times(pool, &slopes, &transform)?;
        let stiffness = spread(pool, (&slopes, field.dimension()), &w, rank)?;
        let inverse = inverse(pool, &stiffness)?;
        Ok(Self {
            of: fingerprint(units, still, nodes, thorough),
            w,
            volume,
            dimension: field.dimension(),
            transform,
            means,
            units,
            values,
            slopes,
            stiffness,
            inverse,
        })
    }

    /// Whether they are those of this [`fingerprint`].
    pub fn are(&self, of: Fingerprint) -> bool {
        self.of == of
    }

    /// `int M grad f . grad g` of all pairs, with the inverses of M at the nodes as weights, or M = 1.
    ///
    /// # Errors
    /// Errors of the threads.
    pub fn stiffness(&self, pool: &Pool, weights: Option<&[f64]>) -> Result<Cow<'_, Mat<f64>>> {
        let Some(weights) = weights else {
            return Ok(Cow::Borrowed(&self.stiffness));
        };
        let moving: Vec<f64> = self.w.iter().zip(weights).map(|(w, m)| w / m).collect();
        spread(pool, (&self.slopes, self.dimension), &moving, self.rank()).map(Cow::Owned)
    }

    /// The inverse of [`stiffness`](Self::stiffness): what a movement costs.
    ///
    /// # Errors
    /// As for [`stiffness`](Self::stiffness).
    pub fn metric(&self, pool: &Pool, weights: Option<&[f64]>) -> Result<Cow<'_, Mat<f64>>> {
        match weights {
            None => Ok(Cow::Borrowed(&self.inverse)),
            Some(_) => inverse(pool, &*self.stiffness(pool, weights)?).map(Cow::Owned),
        }
    }

    /// How many features they are made of.
    pub fn features(&self) -> usize {
        self.transform.nrows()
    }

    /// The shape of jets at the nodes.
    pub fn shape(&self) -> JetShape {
        JetShape {
            dimension: self.dimension,
            components: 1,
            channels: Channels::First,
        }
    }

    /// How many there are.
    pub fn rank(&self) -> usize {
        self.transform.ncols()
    }

    /// The part of what varies in a function with these values at the nodes that no mode has. Collective.
    ///
    /// # Errors
    /// Errors of the other ranks.
    pub fn missed(&self, pool: &Pool, values: &[f64]) -> Result<f64> {
        let mean = self.mean(pool, values)?;
        let nodes = self.w.iter().zip(values);
        let mut square = [nodes.map(|(w, v)| w * (v - mean) * (v - mean)).sum()];
        pool.ranks().sum(Ok(()), &mut square)?;
        let [square] = square;
        let parts = self.parts(pool, values)?;
        let left = (square - dot(&parts, &parts)).max(0.0);
        Ok((left / square.max(f64::MIN_POSITIVE)).sqrt())
    }

    /// The mean of a function with these values at the nodes. Collective.
    ///
    /// # Errors
    /// Errors of the other ranks.
    pub fn mean(&self, pool: &Pool, values: &[f64]) -> Result<f64> {
        let mut sum = [dot(&self.w, values)];
        pool.ranks().sum(Ok(()), &mut sum)?;
        Ok(sum[0] / self.volume)
    }

    /// The parts of a function with these values at the nodes. Collective.
    ///
    /// # Errors
    /// Errors of the other ranks.
    pub fn parts(&self, pool: &Pool, values: &[f64]) -> Result<Vec<f64>> {
        let seeds: Vec<f64> = self.w.iter().zip(values).map(|(w, v)| w * v).collect();
        self.against(pool, &seeds, &[])
    }

    /// `sum_q a_q phi(x_q) + b_q . grad phi(x_q)` of each mode phi, over the nodes of all ranks, with seeds a, `[n]`,
    /// and b, `[n][d]`, or none. Collective.
    ///
    /// # Errors
    /// Errors of the other ranks.
    pub fn against(&self, pool: &Pool, values: &[f64], slopes: &[f64]) -> Result<Vec<f64>> {
        let mut out = vec![0.0; self.rank()];
        for (rows, seeds) in [(&self.values, values), (&self.slopes, slopes)] {
            if seeds.is_empty() {
                continue;
            }
            let rows = MatRef::from_row_major_slice(rows, seeds.len(), self.rank());
            let seeds = MatRef::from_column_major_slice(seeds, seeds.len(), 1);
            let out = MatMut::from_column_major_slice_mut(&mut out, self.rank(), 1);
            product(out, Accum::Add, rows.transpose(), seeds, 1.0);
        }
        pool.ranks().sum(Ok(()), &mut out)?;
        Ok(out)
    }

    /// Adds the function of these parts to jets at the nodes.
    pub fn add_to(&self, parts: &[f64], jets: &mut Jets) {
        let parts = MatRef::from_column_major_slice(parts, self.rank(), 1);
        for (rows, sums) in [
            (&self.values, &mut jets.value),
            (&self.slopes, &mut jets.slope),
        ] {
            let n = sums.len();
            let rows = MatRef::from_row_major_slice(rows, n, self.rank());
            let sums = MatMut::from_column_major_slice_mut(sums, n, 1);
            product(sums, Accum::Add, rows, parts, 1.0);
        }
    }

    /// The coefficients of the features, and of the constant behind them, of the function of this mean and these
    /// parts.
    pub fn coefficients(&self, mean: f64, parts: &[f64]) -> Vec<f64> {
        let mut all = self.in_features(parts);
        if let Some(constant) = all.last_mut() {
            *constant += (mean - self.units.offset[0]) / self.units.size;
        }
        all
    }

    /// Adds a constant to the field of these parameters.
    ///
    /// Coefficients are large numbers whose sums are small: their rounding moves the mean.
    pub fn add_constant(&self, constant: f64, parameters: &mut [f64]) {
        if let Some(last) = parameters.last_mut() {
            *last += constant / self.units.size;
        }
    }

    /// What the function of these parts adds to the coefficients.
    pub fn in_features(&self, parts: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; self.means.len()];
        for (mode, part) in parts.iter().enumerate() {
            let column = self.transform.col(mode);
            let sums = out.iter_mut().zip(column.iter());
            sums.for_each(|(out, t)| *out += part * t);
        }
        let mean: f64 = out.iter().zip(&self.means).map(|(c, m)| c * m).sum();
        out.push(-mean / self.units.size);
        out
    }

    /// `int f'' phi v` of each mode phi, v the function of these parts. Collective.
    ///
    /// # Errors
    /// Errors of the other ranks.
    pub fn product(&self, pool: &Pool, f: &Second, parts: &[f64]) -> Result<Vec<f64>> {
        let n = f.uu.len();
        let d = self.dimension;
        let mut v = Jets {
            value: vec![0.0; n],
            slope: vec![0.0; n * d],
            ..Jets::default()
        };
        self.add_to(parts, &mut v);
        let mut seeds = v.clone();
        let points = v.value.iter().zip(v.slope.chunks_exact(d));
        let of = f.up.chunks_exact(d).zip(f.pp.chunks_exact(d * d));
        let out = seeds.value.iter_mut().zip(seeds.slope.chunks_exact_mut(d));
        for (((value, slope), (v, p)), (uu, (up, pp))) in out.zip(points).zip(f.uu.iter().zip(of)) {
            *value = uu * v + dot(up, p);
            let rows = slope.iter_mut().zip(up).zip(pp.chunks_exact(d));
            rows.for_each(|((s, up), pp)| *s = up * v + dot(pp, p));
        }
        self.against(pool, &seeds.value, &seeds.slope)
    }

    /// The lower triangle of `int f'' phi psi` of all pairs.
    ///
    /// # Errors
    /// Errors of the threads.
    pub fn curvature(&self, pool: &Pool, f: &Second) -> Result<Mat<f64>> {
        let Second { uu, up, pp } = f;
        let rank = self.rank();
        let d = self.dimension;
        let mut images = self.values.clone();
        for (row, f) in images.chunks_exact_mut(rank).zip(uu) {
            row.iter_mut().for_each(|v| *v *= f);
        }
        // What all ranks have to know of each other: whether there are mixed derivatives, and one factor.
        let mixed = any(pool, up.iter().any(|f| *f != 0.0))?;
        let even = self.even_on_all(pool, pp, d)?;
        if mixed {
            let slopes = self.slopes.chunks_exact(d * rank).zip(up.chunks_exact(d));
            for (row, (slopes, up)) in images.chunks_exact_mut(rank).zip(slopes) {
                for (slope, f) in slopes.chunks_exact(rank).zip(up) {
                    row.iter_mut().zip(slope).for_each(|(v, s)| *v += f * s);
                }
            }
        }
        let mut sum = cross_gram(pool, &self.values, &images, rank)?;
        if let Some(factor) = even {
            add_lower(&mut sum, factor, &self.stiffness);
            if !mixed {
                return Ok(sum);
            }
        }
        let even = even.is_some();
        let mut images = vec![0.0; self.slopes.len()];
        let nodes = images.chunks_exact_mut(d * rank).enumerate();
        for (node, images) in nodes {
            let slopes = &self.slopes[node * d * rank..(node + 1) * d * rank];
            let value = &self.values[node * rank..(node + 1) * rank];
            for (i, image) in images.chunks_exact_mut(rank).enumerate() {
                let f = up[node * d + i];
                image.iter_mut().zip(value).for_each(|(o, v)| *o = f * v);
                if even {
                    continue;
                }
                for (j, slope) in slopes.chunks_exact(rank).enumerate() {
                    let f = pp[(node * d + i) * d + j];
                    image.iter_mut().zip(slope).for_each(|(o, s)| *o += f * s);
                }
            }
        }
        add_lower(
            &mut sum,
            1.0,
            &cross_gram(pool, &self.slopes, &images, rank)?,
        );
        Ok(sum)
    }

    /// The [factor](Self::even) of all ranks, if they have the same. Collective.
    fn even_on_all(&self, pool: &Pool, pp: &[f64], d: usize) -> Result<Option<f64>> {
        let own = self.even(pp, d);
        let ranks = pool.ranks();
        if ranks.are_alone() {
            return Ok(own);
        }
        // A rank without nodes goes with the others.
        let [low, high] = match own {
            Some(factor) => [-factor, factor],
            None if self.w.is_empty() => [f64::NEG_INFINITY; 2],
            None => [f64::INFINITY; 2],
        };
        let mut ends = [low, high];
        ranks.max(Ok(()), &mut ends)?;
        let [low, high] = ends;
        Ok((high.is_finite() && -low == high).then_some(high))
    }

    /// The factor of `w`, if `f_pp` is the same multiple of the unit matrix at every node.
    fn even(&self, pp: &[f64], d: usize) -> Option<f64> {
        let (first, w) = (pp.first()?, self.w.first()?);
        let factor = first / w;
        let mut entries = pp.chunks_exact(d * d).zip(&self.w);
        let is_even = |(f, w): (&[f64], &f64)| {
            f.iter().enumerate().all(|(k, f)| {
                let wanted = if k % (d + 1) == 0 { factor * w } else { 0.0 };
                (f - wanted).abs() <= 1e-14 * (factor * w).abs()
            })
        };
        entries.all(is_even).then_some(factor)
    }
}

/// Whether it is so on any rank. Collective.
fn any(pool: &Pool, own: bool) -> Result<bool> {
    let mut found = [f64::from(u8::from(own))];
    pool.ranks().max(Ok(()), &mut found)?;
    Ok(found != [0.0])
}

/// `sum += factor A`, of the lower triangles.
pub(super) fn add_lower(sum: &mut Mat<f64>, factor: f64, a: &Mat<f64>) {
    for j in 0..sum.ncols() {
        let columns = sum.col_as_slice_mut(j).iter_mut().zip(a.col_as_slice(j));
        columns.skip(j).for_each(|(s, a)| *s += factor * a);
    }
}

/// `sum_q a_q grad f . grad g` of all pairs of functions with these derivatives at the nodes, `[n][d][rank]`.
fn spread(pool: &Pool, (slopes, d): (&[f64], usize), a: &[f64], rank: usize) -> Result<Mat<f64>> {
    let each: Vec<f64> = a.iter().flat_map(|a| std::iter::repeat_n(*a, d)).collect();
    let mut sums = gram(pool, &weighted(slopes.to_vec(), &each, rank), rank)?;
    mirror(&mut sums);
    Ok(sums)
}

/// The inverse, all of it, of a symmetric matrix of which the lower triangle is read.
fn inverse(pool: &Pool, matrix: &Mat<f64>) -> Result<Mat<f64>> {
    let rank = matrix.nrows();
    let Some(lower) = cholesky(matrix.as_ref()) else {
        return Err(Error::not_finite(
            "the features of a field have no gradients that are numbers",
        ));
    };
    let mut root = Mat::<f64>::identity(rank, rank);
    solve_lower(lower.as_ref(), root.as_mut());
    let rows: Vec<f64> = (0..rank)
        .flat_map(|i| (0..rank).map(move |j| (i, j)))
        .map(|at| root[at])
        .collect();
    let mut inverse = least_squares::gram(pool, &rows, rank)?;
    mirror(&mut inverse);
    Ok(inverse)
}

/// Values of the features at nodes, `[n][features]`, and derivatives, `[n][d][features]`.
fn of_features(
    cx: &Context,
    field: &Field,
    still: &[f64],
    nodes: &Nodes,
) -> Result<(Vec<f64>, Vec<f64>)> {
    let (n, d) = (nodes.len(), field.dimension());
    let mut parameters = still.to_vec();
    parameters.resize(field.parameters(), 0.0);
    // The last parameter is a constant.
    let len = field.parameters() - still.len() - 1;
    let mut at = AtNodes::new(field, &cx.pool, nodes.x.as_slice());
    at.record(&parameters, &[], &mut Jets::default())?;
    let shape = at.shape(Channels::First);
    let size = shape.size();
    let mut unit = Blocks::default();
    unit.reset(n, size, shape);
    for block in unit.iter_mut() {
        block.iter_mut().step_by(size + 1).for_each(|v| *v = 1.0);
    }
    let mut values = vec![0.0; n * len];
    let mut slopes = vec![0.0; n * d * len];
    let tasks = values
        .chunks_mut(CHUNK * len)
        .zip(slopes.chunks_mut(CHUNK * d * len));
    cx.pool
        .try_for_each(tasks.enumerate(), |(chunk, (values, slopes))| {
            let points = values.len() / len;
            let stride = points * size;
            let mut rows = vec![0.0; (len + 1) * stride];
            let nodes = chunk * CHUNK..chunk * CHUNK + points;
            at.rows(nodes, &unit, still.len(), &mut rows, stride);
            for (feature, rows) in rows.chunks_exact(stride).take(len).enumerate() {
                let (value, slope) = rows.split_at(points);
                let places = values.iter_mut().skip(feature).step_by(len);
                places.zip(value).for_each(|(place, v)| *place = *v);
                for (axis, slope) in slope.chunks_exact(points).enumerate() {
                    let places = slopes.iter_mut().skip(axis * len + feature);
                    let places = places.step_by(d * len).zip(slope);
                    places.for_each(|(place, s)| *place = *s);
                }
            }
            Ok(())
        })?;
    Ok((values, slopes))
}
