//! The tensor grid on which a snapshot shows fields.

use crate::domain::{Domain, Shape};
use crate::error::{Error, Result};
use crate::options::SnapshotSettings;
use crate::solver::{Moments, Solver};
use std::num::NonZeroUsize;
use std::ops::Range;

/// Names of the axes of a grid, the first first.
const NAMES: [&str; 3] = ["x", "y", "z"];

/// Half the automatic box of a density on R^d, in standard deviations.
const DEVIATIONS: f64 = 5.0;

/// Points that are evaluated at once, which bounds the memory that their coordinates take.
pub(super) const CHUNK: usize = 1 << 14;

/// One axis of a grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// `x`, `y` or `z`.
    pub name: &'static str,
    /// Which coordinate of R^d it is, from 0.
    pub index: usize,
    /// The coordinates, equally spaced, both ends of the box included.
    pub coordinates: Vec<f64>,
}

impl Axis {
    fn new(
        name: &'static str,
        index: usize,
        (lower, upper): (f64, f64),
        resolution: usize,
    ) -> Self {
        let cells = resolution.max(2) - 1;
        // Each point from both ends: exact at the ends and symmetric between them.
        let coordinates = (0..=cells).map(|i| {
            let t = i as f64 / cells as f64;
            lower * (1.0 - t) + upper * t
        });
        Self {
            name,
            index,
            coordinates: coordinates.collect(),
        }
    }
}

/// A tensor grid of one to three axes of a box in R^d; the other coordinates are those of a point.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    axes: Vec<Axis>,
    /// A point of R^d on the grid; what is not on an axis stays at it.
    origin: Vec<f64>,
}

impl Grid {
    /// The grid of a box with `resolution` points for each axis, at least 2: of all of it up to d = 3, and of
    /// the plane of the first two axes through the centre beyond.
    #[must_use]
    pub fn of_box(domain: &Domain, resolution: usize) -> Self {
        let d = domain.dimension();
        let axes: Vec<usize> = (0..if d > NAMES.len() { 2 } else { d }).collect();
        Self::new(
            domain.lower(),
            domain.upper(),
            &axes,
            &domain.centre(),
            resolution,
        )
    }

    /// The grid of the options `snapshot_resolution`, `snapshot_axes`, `snapshot_point`, `snapshot_lower` and
    /// `snapshot_upper`, in the box `lower` to `upper` where they do not say otherwise; none with a
    /// resolution of 0.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option) if they do not fit the dimension or each other.
    pub fn from_settings(
        settings: &SnapshotSettings,
        lower: &[f64],
        upper: &[f64],
    ) -> Result<Option<Self>> {
        let d = lower.len();
        let resolution = match settings.snapshot_resolution.map(NonZeroUsize::get) {
            None => return Ok(None),
            Some(1) => {
                return Err(Error::option(
                    "option `snapshot_resolution` is 1; accepted are 0, for no grid, and 2 to 8193",
                ));
            }
            Some(asked) => asked,
        };
        let each = |name: &str, given: &[f64], automatic: &[f64]| -> Result<Vec<f64>> {
            match given {
                [] => Ok(automatic.to_vec()),
                [one] => Ok(vec![*one; d]),
                all if all.len() == d => Ok(all.to_vec()),
                all => Err(Error::option(format!(
                    "option `{name}` has {} entries; accepted is 1 or `dimension` = {d}",
                    all.len()
                ))),
            }
        };
        let (lower, upper) = (
            each("snapshot_lower", &settings.snapshot_lower, lower)?,
            each("snapshot_upper", &settings.snapshot_upper, upper)?,
        );
        for (axis, (lo, hi)) in lower.iter().zip(&upper).enumerate() {
            if lo >= hi {
                return Err(Error::option(format!(
                    "snapshots would show {lo} to {hi} on axis {axis}; accepted is \
                     `snapshot_upper` > `snapshot_lower`"
                )));
            }
        }
        let corners = lower.iter().zip(&upper);
        let centre: Vec<f64> = corners.map(|(lo, hi)| 0.5 * lo + 0.5 * hi).collect();
        let point = each("snapshot_point", &settings.snapshot_point, &centre)?;
        let axes = axes(&settings.snapshot_axes, d, 2)?;
        Ok(Some(Self::new(&lower, &upper, &axes, &point, resolution)))
    }

    fn new(lower: &[f64], upper: &[f64], axes: &[usize], point: &[f64], resolution: usize) -> Self {
        let side = |axis: usize| (lower[axis], upper[axis]);
        let axes = NAMES.iter().zip(axes);
        Self {
            axes: axes
                .map(|(name, axis)| Axis::new(name, *axis, side(*axis), resolution))
                .collect(),
            origin: point.to_vec(),
        }
    }

    /// A grid that was seen before: which coordinates its axes are, and where they have points.
    pub(super) fn again(axes: &[(usize, Vec<f64>)], origin: &[f64]) -> Self {
        let axes = NAMES
            .iter()
            .zip(axes)
            .map(|(name, (index, coordinates))| Axis {
                name,
                index: *index,
                coordinates: coordinates.clone(),
            });
        Self {
            axes: axes.collect(),
            origin: origin.to_vec(),
        }
    }

    /// The axes, x first.
    #[must_use]
    pub fn axes(&self) -> &[Axis] {
        &self.axes
    }

    /// A point of R^d, `[d]`: a slice keeps the coordinates that it has no axis for.
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
        let mut values = self.room(1)?;
        self.visit(|points, x| match values.get_mut(points) {
            Some(u) => field(x, u),
            None => Ok(()),
        })?;
        Ok(values)
    }

    /// Room for a field of so many components.
    pub(super) fn room(&self, components: usize) -> Result<Vec<f64>> {
        let len = self.len();
        let total = len.saturating_mul(components);
        let mut values = Vec::new();
        values.try_reserve_exact(total).map_err(|_| {
            Error::memory(format!(
                "a snapshot of {len} grid points does not fit into memory; \
                 lower the option `snapshot_resolution`"
            ))
        })?;
        values.resize(total, 0.0);
        Ok(values)
    }

    /// Calls `look` with ranges of points and their positions (`[n][d]`), in order.
    pub(super) fn visit(
        &self,
        mut look: impl FnMut(Range<usize>, &[f64]) -> Result<()>,
    ) -> Result<()> {
        let (len, d) = (self.len(), self.origin.len());
        let mut x = Vec::with_capacity(CHUNK.min(len).saturating_mul(d));
        // The next point's place on each axis.
        let mut place = vec![0; self.axes.len()];
        for start in (0..len).step_by(CHUNK) {
            let range = start..len.min(start + CHUNK);
            x.clear();
            for _ in range.clone() {
                let point = x.len();
                x.extend_from_slice(&self.origin);
                for (axis, place) in self.axes.iter().zip(&place) {
                    x[point + axis.index] = axis.coordinates[*place];
                }
                for (axis, place) in self.axes.iter().zip(&mut place) {
                    *place += 1;
                    if *place < axis.coordinates.len() {
                        break;
                    }
                    *place = 0;
                }
            }
            look(range, &x)?;
        }
        Ok(())
    }
}

/// The grid on which snapshots show a solver first: in the box of the options `snapshot_lower` and
/// `snapshot_upper`, else in that of the domain, and where that is all of space and its box was left
/// alone, about the mass. `None` with a resolution of 0.
pub(super) fn of_solver(
    solver: &Solver,
    settings: &SnapshotSettings,
    moments: Option<&Moments>,
) -> Result<Option<Grid>> {
    let domain = solver.domain();
    match moments {
        Some(moments) if is_unbounded(domain) => {
            let variances = moments.covariance.iter().step_by(domain.dimension() + 1);
            let sides = variances.map(|variance| {
                let side = DEVIATIONS * variance.max(0.0).sqrt();
                // Mass at one place has no width of its own.
                if side > 0.0 { side } else { 1.0 }
            });
            let sides = moments.mean.iter().zip(sides);
            let (lower, upper): (Vec<_>, Vec<_>) =
                sides.map(|(mean, side)| (mean - side, mean + side)).unzip();
            Grid::from_settings(settings, &lower, &upper)
        }
        _ => Grid::from_settings(settings, domain.lower(), domain.upper()),
    }
}

/// The grid on which snapshots would show a solver, as the settings say.
///
/// # Errors
/// [`Option`](crate::ErrorKind::Option) if the settings do not fit or leave the grid out,
/// [`State`](crate::ErrorKind::State) without initial condition where the box is about the mass, and
/// of a flow that began with particles.
pub fn grid(solver: &Solver, settings: &SnapshotSettings) -> Result<Grid> {
    if !solver.is_known_everywhere() {
        return Err(Error::state(
            "a flow that began with particles knows its density at them only; accepted are points",
        ));
    }
    let moments = match is_unbounded(solver.domain()) {
        true => solver.measure()?.moments,
        false => None,
    };
    of_solver(solver, settings, moments.as_ref())?.ok_or_else(|| {
        Error::option("option `snapshot_resolution` is 0, for no grid; accepted are 2 to 8193")
    })
}

/// Whether the domain is all of space, and its box was left alone.
fn is_unbounded(domain: &Domain) -> bool {
    let untouched =
        domain.lower().iter().all(|x| *x == 0.0) && domain.upper().iter().all(|x| *x == 1.0);
    matches!(domain.shape(), Shape::Space) && untouched
}

/// The axes of R^d of the option `snapshot_axes`; all of them up to d = 3, and the first `beyond` in
/// more dimensions.
pub(super) fn axes(given: &[usize], d: usize, beyond: usize) -> Result<Vec<usize>> {
    if given.is_empty() {
        return Ok((0..if d > NAMES.len() { beyond } else { d }).collect());
    }
    let twice = |(at, axis): (usize, &usize)| given.iter().skip(at + 1).any(|other| other == axis);
    let fits = given.iter().all(|axis| *axis < d);
    if given.len() > NAMES.len() || !fits || given.iter().enumerate().any(twice) {
        return Err(Error::option(format!(
            "option `snapshot_axes` is {given:?}; accepted are one to three different axes from 0 to {}",
            d - 1
        )));
    }
    Ok(given.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Options;
    use crate::domain::DomainChoice;

    fn domain(lower: &[f64], upper: &[f64]) -> Domain {
        Domain::new(DomainChoice::Box, lower.to_vec(), upper.to_vec()).unwrap()
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

    #[test]
    fn a_slice_has_the_axes_and_the_point_of_the_options() {
        let mut options = Options::new();
        options.set("snapshot_axes", vec![3, 1]).unwrap();
        options
            .set("snapshot_point", vec![9.0, 8.0, 7.0, 6.0])
            .unwrap();
        options.set("snapshot_resolution", 2).unwrap();
        let (lower, upper) = ([0.0, 1.0, 2.0, 3.0], [10.0, 11.0, 12.0, 13.0]);
        let parsed = |options: &Options| SnapshotSettings::parse(options).unwrap();
        let grid = Grid::from_settings(&parsed(&options), &lower, &upper)
            .unwrap()
            .unwrap();
        let mut all = Vec::new();
        grid.visit(|_, x| {
            all.extend_from_slice(x);
            Ok(())
        })
        .unwrap();
        let expected = [
            [9.0, 1.0, 7.0, 3.0],
            [9.0, 1.0, 7.0, 13.0],
            [9.0, 11.0, 7.0, 3.0],
            [9.0, 11.0, 7.0, 13.0],
        ];
        assert_eq!(all, expected.concat());
        for (name, refused) in [("snapshot_axes", vec![0, 4]), ("snapshot_axes", vec![2, 2])] {
            let mut options = options.clone();
            options.set(name, refused).unwrap();
            let error = Grid::from_settings(&parsed(&options), &lower, &upper).unwrap_err();
            assert!(error.message().contains("from 0 to 3"), "{error}");
        }
    }
}
