//! Waves at nodes that lie on a grid: sums over them are products of a matrix for each axis.

use super::{Basis, MOST_AXES, Waves};
use crate::error::Result;
use crate::field::Embedding;
use crate::linear_algebra::product;
use crate::parallel::Pool;
use faer::{Accum, MatMut, MatRef};

/// Places of a grid for each node, up to which nodes count as those of one.
const SPARSE: usize = 4;

/// Rows of a grid, and of coefficients, that one task takes: as many as products of matrices like.
const ROWS: usize = 48;

/// Points that lie anywhere of one task.
const POINTS: usize = 64;

/// The functions of an axis at its coordinates, `[points][functions]`, and their derivatives.
#[derive(Debug)]
struct Table {
    points: usize,
    functions: usize,
    values: Vec<f64>,
    slopes: Vec<f64>,
}

/// Products of waves at the nodes of a grid.
#[derive(Debug)]
pub struct OnGrid {
    dimension: usize,
    axes: [Table; MOST_AXES],
    /// The place of each node in the grid, the last axis running fastest; `None` where they are all of it in order.
    places: Option<Vec<usize>>,
}

impl OnGrid {
    /// Products of waves at nodes x, `[n][d]`, of which an affine embedding makes coordinates from -1 to 1; `None` where
    /// they lie on no grid.
    #[must_use]
    pub fn new(waves: &Waves, basis: Basis, embedding: &Embedding, x: &[f64]) -> Option<Self> {
        let d = embedding.dimension();
        let n = x.len() / d;
        let table = |axis: usize, coordinates: &[f64]| {
            Table::new(waves, (axis, basis), embedding, coordinates)
        };
        if let Some(coordinates) = whole_grid(x, d) {
            let [rows, columns] = &coordinates;
            return Some(Self {
                dimension: d,
                axes: [table(0, rows), table(1, columns)],
                places: None,
            });
        }
        let along = |axis: usize| {
            let mut all: Vec<f64> = x.iter().skip(axis).step_by(d).copied().collect();
            if axis >= d {
                all = vec![0.0];
            }
            all.sort_unstable_by(f64::total_cmp);
            all.dedup();
            all
        };
        let coordinates: [Vec<f64>; MOST_AXES] = std::array::from_fn(along);
        let [rows, columns] = coordinates.each_ref().map(Vec::len);
        if rows * columns > SPARSE * n.max(1) {
            return None;
        }
        let find = |axis: usize, x: &f64| {
            let found = coordinates[axis].binary_search_by(|at| at.total_cmp(x));
            found.unwrap_or(0)
        };
        let place = |x: &[f64]| match x {
            [x, y] => find(0, x) * columns + find(1, y),
            [x, ..] => find(0, x),
            [] => 0,
        };
        let places: Vec<usize> = x.chunks_exact(d).map(place).collect();
        let whole =
            places.len() == rows * columns && places.iter().enumerate().all(|(i, p)| i == *p);
        Some(Self {
            dimension: d,
            axes: std::array::from_fn(|axis| table(axis, &coordinates[axis])),
            places: (!whole).then_some(places),
        })
    }

    /// Writes the values of a sum of products with these coefficients, `[n]`, and where wanted its derivatives,
    /// `[n][d]`.
    ///
    /// # Errors
    /// Errors of the threads.
    pub fn sum(
        &self,
        pool: &Pool,
        products: &[f64],
        value: &mut [f64],
        slope: Option<&mut [f64]>,
    ) -> Result<()> {
        let [rows, columns] = &self.axes;
        let size = rows.points * columns.points;
        let wanted = match &slope {
            Some(_) => 1 + self.dimension,
            None => 1,
        };
        let mut channels = vec![0.0; wanted * size];
        let of = MatRef::from_row_major_slice(products, rows.functions, columns.functions);
        let mut parts: Vec<Vec<&mut [f64]>> = Vec::new();
        parts.resize_with(rows.points.div_ceil(ROWS), Vec::new);
        for channel in channels.chunks_exact_mut(size.max(1)) {
            let blocks = channel.chunks_mut(ROWS * columns.points);
            parts
                .iter_mut()
                .zip(blocks)
                .for_each(|(part, block)| part.push(block));
        }
        pool.try_for_each(parts.into_iter().enumerate(), |(block, channels)| {
            let count = ROWS.min(rows.points - block * ROWS);
            let made = |left: &[f64]| {
                let left = &left[block * ROWS * rows.functions..][..count * rows.functions];
                let mut out = vec![0.0; count * columns.functions];
                let to = MatMut::from_row_major_slice_mut(&mut out, count, columns.functions);
                let left = MatRef::from_row_major_slice(left, count, rows.functions);
                product(to, Accum::Replace, left, of, 1.0);
                out
            };
            let spread = |part: &[f64], right: &[f64], out: &mut [f64]| {
                let out = MatMut::from_row_major_slice_mut(out, count, columns.points);
                let part = MatRef::from_row_major_slice(part, count, columns.functions);
                let right = MatRef::from_row_major_slice(right, columns.points, columns.functions);
                product(out, Accum::Replace, part, right.transpose(), 1.0);
            };
            let part = made(&rows.values);
            for (channel, out) in channels.into_iter().enumerate() {
                match channel {
                    0 => spread(&part, &columns.values, out),
                    1 => spread(&made(&rows.slopes), &columns.values, out),
                    _ => spread(&part, &columns.slopes, out),
                }
            }
            Ok(())
        })?;
        let of_node = |node: usize| self.places.as_ref().map_or(node, |places| places[node]);
        value
            .iter_mut()
            .enumerate()
            .for_each(|(node, v)| *v = channels[of_node(node)]);
        let Some(slope) = slope else {
            return Ok(());
        };
        for (node, slope) in slope.chunks_exact_mut(self.dimension).enumerate() {
            let place = of_node(node);
            let each = slope.iter_mut().enumerate();
            each.for_each(|(axis, s)| *s = channels[(1 + axis) * size + place]);
        }
        Ok(())
    }

    /// The transpose of [`sum`](Self::sum): `sum_q a_q phi(x_q) + b_q . grad phi(x_q)` of each product phi, with seeds a,
    /// `[n]`, and b, `[n][d]`, or none.
    ///
    /// # Errors
    /// Errors of the threads.
    pub fn against(&self, pool: &Pool, value: &[f64], slope: &[f64]) -> Result<Vec<f64>> {
        let [rows, columns] = &self.axes;
        let size = rows.points * columns.points;
        let channels = if slope.is_empty() {
            1
        } else {
            1 + self.dimension
        };
        let mut seeds = vec![0.0; channels * size];
        let of_node = |node: usize| self.places.as_ref().map_or(node, |places| places[node]);
        for (node, v) in value.iter().enumerate() {
            seeds[of_node(node)] += v;
        }
        for (node, slope) in slope.chunks_exact(self.dimension).enumerate() {
            let place = of_node(node);
            let each = slope.iter().enumerate();
            each.for_each(|(axis, s)| seeds[(1 + axis) * size + place] += s);
        }
        // Along the second axis first: of values, and of slopes along it, then of slopes along the first.
        let width = columns.functions;
        let mut of_values = vec![0.0; rows.points * width];
        let mut of_slopes = vec![0.0; if channels > 1 { rows.points * width } else { 0 }];
        let along = |seeds: &[f64], right: &[f64], block: usize, into: Accum, out: &mut [f64]| {
            let count = out.len() / width;
            let seeds = &seeds[block * ROWS * columns.points..][..count * columns.points];
            let seeds = MatRef::from_row_major_slice(seeds, count, columns.points);
            let right = MatRef::from_row_major_slice(right, columns.points, width);
            let out = MatMut::from_row_major_slice_mut(out, count, width);
            product(out, into, seeds, right, 1.0);
        };
        let channel = |index: usize| &seeds[index * size..(index + 1) * size];
        let mut blocks_of_slopes = of_slopes.chunks_mut(ROWS * width);
        let blocks = of_values.chunks_mut(ROWS * width);
        let tasks = blocks.map(|values| (values, blocks_of_slopes.next()));
        let tasks: Vec<_> = tasks.enumerate().collect();
        pool.try_for_each(tasks, |(block, (values, slopes))| {
            along(channel(0), &columns.values, block, Accum::Replace, values);
            if channels > 2 {
                along(channel(2), &columns.slopes, block, Accum::Add, values);
            }
            if let Some(slopes) = slopes {
                along(channel(1), &columns.values, block, Accum::Replace, slopes);
            }
            Ok(())
        })?;
        let mut out = vec![0.0; rows.functions * width];
        let tasks = out.chunks_mut(ROWS * width).enumerate();
        pool.try_for_each(tasks, |(block, out)| {
            let count = out.len() / width;
            let mut add = |left: &[f64], right: &[f64]| {
                let left = MatRef::from_row_major_slice(left, rows.points, rows.functions);
                let left = left.subcols(block * ROWS, count).transpose();
                let right = MatRef::from_row_major_slice(right, rows.points, width);
                let out = MatMut::from_row_major_slice_mut(out, count, width);
                product(out, Accum::Add, left, right, 1.0);
            };
            add(&rows.values, &of_values);
            if !of_slopes.is_empty() {
                add(&rows.slopes, &of_slopes);
            }
            Ok(())
        })?;
        Ok(out)
    }
}

/// The coordinates along each axis of points that are all of a grid, the last axis running fastest.
fn whole_grid(x: &[f64], d: usize) -> Option<[Vec<f64>; MOST_AXES]> {
    if d == 1 {
        return Some([x.to_vec(), vec![0.0]]);
    }
    let first = x.first()?;
    let points = || x.chunks_exact(2);
    let columns: Vec<f64> = points()
        .take_while(|x| x[0] == *first)
        .map(|x| x[1])
        .collect();
    let rows: Vec<f64> = points().step_by(columns.len()).map(|x| x[0]).collect();
    let is_whole = rows.len() * columns.len() == x.len() / 2
        && points().enumerate().all(|(node, x)| {
            x[0] == rows[node / columns.len()] && x[1] == columns[node % columns.len()]
        });
    is_whole.then_some([rows, columns])
}

impl Table {
    fn new(
        waves: &Waves,
        (axis, basis): (usize, Basis),
        embedding: &Embedding,
        coordinates: &[f64],
    ) -> Self {
        let (origins, scales) = embedding.axes();
        let functions = waves.functions(axis, basis);
        let harmonics = waves.of_axis(axis);
        let mut values = vec![0.0; coordinates.len() * functions];
        let mut slopes = values.clone();
        let rows = values
            .chunks_exact_mut(functions)
            .zip(slopes.chunks_exact_mut(functions));
        for ((values, slopes), x) in rows.zip(coordinates) {
            values[0] = 1.0;
            if harmonics == 0 {
                continue;
            }
            let (origin, scale) = (origins[axis], scales[axis]);
            let t = (x - origin) * scale + 1.0;
            for k in 1..=harmonics {
                let rate = waves.rate(axis) * k as f64;
                let (sin, cos) = (rate * t).sin_cos();
                let rate = rate * scale;
                if let Some(at) = waves.place(axis, k, false, basis) {
                    (values[at], slopes[at]) = (cos, -rate * sin);
                }
                if let Some(at) = waves.place(axis, k, true, basis) {
                    (values[at], slopes[at]) = (sin, rate * cos);
                }
            }
        }
        Self {
            points: coordinates.len(),
            functions,
            values,
            slopes,
        }
    }
}

/// Writes values, `[n]`, and where wanted derivatives, `[n][d]`, of a sum of products at points that lie anywhere.
///
/// # Errors
/// Errors of the threads.
pub(in crate::field) fn scattered(
    pool: &Pool,
    (waves, basis, embedding): (&Waves, Basis, &Embedding),
    products: &[f64],
    x: &[f64],
    value: &mut [f64],
    slope: Option<&mut [f64]>,
) -> Result<()> {
    let d = embedding.dimension();
    let mut slopes = slope.map(|s| s.chunks_mut(POINTS * d));
    let tasks = x.chunks(POINTS * d).zip(value.chunks_mut(POINTS));
    let tasks = tasks.map(|task| (task, slopes.as_mut().and_then(Iterator::next)));
    let tasks: Vec<_> = tasks.collect();
    pool.try_for_each(tasks, |((x, value), slope)| {
        let along = |axis: usize| -> Vec<f64> {
            match axis < d {
                true => x.iter().skip(axis).step_by(d).copied().collect(),
                false => vec![0.0; value.len()],
            }
        };
        let table = |axis| Table::new(waves, (axis, basis), embedding, &along(axis));
        let [rows, columns]: [Table; MOST_AXES] = std::array::from_fn(table);
        let n = value.len();
        let of = MatRef::from_row_major_slice(products, rows.functions, columns.functions);
        let made = |left: &[f64]| {
            let mut out = vec![0.0; n * columns.functions];
            let to = MatMut::from_row_major_slice_mut(&mut out, n, columns.functions);
            let left = MatRef::from_row_major_slice(left, n, rows.functions);
            product(to, Accum::Replace, left, of, 1.0);
            out
        };
        let sums = |part: &[f64], right: &[f64]| -> Vec<f64> {
            let rows = part.chunks_exact(columns.functions);
            let pairs = rows.zip(right.chunks_exact(columns.functions));
            pairs
                .map(|(a, b)| crate::linear_algebra::dot(a, b))
                .collect()
        };
        let part = made(&rows.values);
        value.copy_from_slice(&sums(&part, &columns.values));
        let Some(slope) = slope else {
            return Ok(());
        };
        for axis in 0..d {
            let along = match axis {
                0 => sums(&made(&rows.slopes), &columns.values),
                _ => sums(&part, &columns.slopes),
            };
            let places = slope.iter_mut().skip(axis).step_by(d);
            places.zip(along).for_each(|(place, s)| *place = s);
        }
        Ok(())
    })
}
