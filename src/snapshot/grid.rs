//! The tensor grid on which a snapshot shows a field.

use crate::domain::Domain;
use crate::error::{Error, Result};

/// Names of the axes of a grid, the first first.
const NAMES: [&str; 3] = ["x", "y", "z"];

/// Points that are evaluated at once, which bounds the memory that their coordinates take.
const CHUNK: usize = 1 << 14;

/// One axis of a grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// `x`, `y` or `z`.
    pub name: &'static str,
    /// The coordinates, equally spaced, both ends of the box included.
    pub coordinates: Vec<f64>,
}

impl Axis {
    fn new(name: &'static str, lower: f64, upper: f64, resolution: usize) -> Self {
        let cells = resolution.max(2) - 1;
        // Each point from both ends: exact at the ends and symmetric between them.
        let coordinates = (0..=cells).map(|i| {
            let t = i as f64 / cells as f64;
            lower * (1.0 - t) + upper * t
        });
        Self {
            name,
            coordinates: coordinates.collect(),
        }
    }

    /// The first coordinate.
    pub(super) fn first(&self) -> f64 {
        self.coordinates.first().copied().unwrap_or_default()
    }

    /// The distance of neighbours.
    pub(super) fn spacing(&self) -> f64 {
        let last = self.coordinates.last().copied().unwrap_or_default();
        (last - self.first()) / (self.coordinates.len().max(2) - 1) as f64
    }
}

/// A tensor grid of a box of up to three dimensions, or of a plane through the centre of a box of
/// more.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    axes: Vec<Axis>,
    /// A point of R^d on the grid's plane; what is not on an axis stays at it.
    origin: Vec<f64>,
}

impl Grid {
    /// The grid of a box with `resolution` points for each axis, at least 2.
    #[must_use]
    pub fn of_box(domain: &Domain, resolution: usize) -> Self {
        let d = domain.dimension();
        let shown = if d > NAMES.len() { 2 } else { d };
        let sides = || domain.lower().iter().zip(domain.upper());
        let axes = NAMES.iter().zip(sides()).take(shown);
        Self {
            axes: axes
                .map(|(name, (lower, upper))| Axis::new(name, *lower, *upper, resolution))
                .collect(),
            origin: sides()
                .map(|(lower, upper)| 0.5 * lower + 0.5 * upper)
                .collect(),
        }
    }

    /// The axes, x first.
    #[must_use]
    pub fn axes(&self) -> &[Axis] {
        &self.axes
    }

    /// The centre of the box, `[d]`: a slice keeps the coordinates that it has no axis for.
    #[must_use]
    pub fn origin(&self) -> &[f64] {
        &self.origin
    }

    /// Whether this is a plane in a box of more dimensions.
    #[must_use]
    pub fn is_slice(&self) -> bool {
        self.axes.len() < self.origin.len()
    }

    /// The number of points; the largest number there is if it cannot be counted.
    #[must_use]
    pub fn len(&self) -> usize {
        let sizes = self.axes.iter().map(|axis| axis.coordinates.len());
        sizes.fold(1, usize::saturating_mul)
    }

    /// Whether there is no point, which no grid of a box is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The shape of a field, row-major: (nz, ny, nx).
    #[must_use]
    pub fn shape(&self) -> Vec<usize> {
        let sizes = self.axes.iter().map(|axis| axis.coordinates.len());
        sizes.rev().collect()
    }

    /// The values of a field at the grid's points, the first axis fastest. `field` fills `u`
    /// (`[n]`) at positions `x` (`[n][d]`), some thousands of points at a time.
    ///
    /// # Errors
    /// [`Memory`](crate::ErrorKind::Memory) if the values do not fit into memory, and what `field`
    /// raises.
    pub fn sample(
        &self,
        mut field: impl FnMut(&[f64], &mut [f64]) -> Result<()>,
    ) -> Result<Vec<f64>> {
        let len = self.len();
        let mut values = Vec::new();
        values.try_reserve_exact(len).map_err(|_| {
            Error::memory(format!(
                "a snapshot of {len} grid points does not fit into memory; \
                 lower the option `snapshot_resolution`"
            ))
        })?;
        values.resize(len, 0.0);
        let mut x = Vec::with_capacity(CHUNK.min(len).saturating_mul(self.origin.len()));
        for (chunk, u) in values.chunks_mut(CHUNK).enumerate() {
            x.clear();
            for point in 0..u.len() {
                self.push_point(chunk * CHUNK + point, &mut x);
            }
            field(&x, u)?;
        }
        Ok(values)
    }

    fn push_point(&self, index: usize, x: &mut Vec<f64>) {
        let mut rest = index;
        for axis in &self.axes {
            let n = axis.coordinates.len();
            x.extend(axis.coordinates.get(rest % n));
            rest /= n;
        }
        x.extend(self.origin.iter().skip(self.axes.len()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Options;

    fn domain(lower: &[f64], upper: &[f64]) -> Domain {
        let mut options = Options::new();
        options.set("dimension", lower.len() as i64).unwrap();
        options.set("lower", lower).unwrap();
        options.set("upper", upper).unwrap();
        Domain::from_options(&options).unwrap()
    }

    #[test]
    fn x_is_fastest_and_the_ends_are_exact() {
        let grid = Grid::of_box(&domain(&[-0.1, 2.0, 7.0], &[0.3, 3.0, 9.0]), 3);
        let points = grid
            .sample(|x, u| {
                for (x, u) in x.chunks(3).zip(u) {
                    *u = 100.0 * x[0] + 10.0 * x[1] + x[2];
                }
                Ok(())
            })
            .unwrap();
        assert_eq!(grid.shape(), [3, 3, 3]);
        let x = &grid.axes()[0].coordinates;
        assert_eq!((x[0], x[2]), (-0.1, 0.3));
        assert!((x[1] - 0.1).abs() < 1e-15);
        // One step in x, one in y, one in z.
        let step = |i: usize| points[i] - points[0];
        assert!((step(1) - 20.0).abs() < 1e-12);
        assert!((step(3) - 5.0).abs() < 1e-12);
        assert!((step(9) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn more_than_one_chunk_is_sampled_in_order() {
        let grid = Grid::of_box(&domain(&[0.0, 0.0], &[1.0, 1.0]), 200);
        let mut calls = 0;
        let values = grid
            .sample(|x, u| {
                calls += 1;
                for (x, u) in x.chunks(2).zip(u) {
                    *u = x[0] + 1000.0 * x[1];
                }
                Ok(())
            })
            .unwrap();
        assert_eq!(calls, 3);
        assert!(
            values
                .windows(2)
                .all(|pair| pair[0] < pair[1] || pair[0] % 1000.0 > 0.9)
        );
        assert_eq!(values.last(), Some(&1001.0));
    }

    #[test]
    fn many_dimensions_are_shown_on_the_central_plane() {
        let grid = Grid::of_box(&domain(&[0.0; 5], &[2.0; 5]), 4);
        assert!(grid.is_slice());
        assert_eq!(grid.shape(), [4, 4]);
        let rest = grid.sample(|x, u| {
            for (x, u) in x.chunks(5).zip(u) {
                *u = x[2] * x[3] * x[4];
            }
            Ok(())
        });
        assert_eq!(rest.unwrap(), [1.0; 16]);
    }

    #[test]
    fn a_grid_beyond_memory_is_refused() {
        let grid = Grid::of_box(&domain(&[0.0; 3], &[1.0; 3]), 1 << 21);
        let error = grid.sample(|_, _| Ok(())).unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::Memory);
        assert!(error.message().contains("snapshot_resolution"), "{error}");
    }
}
