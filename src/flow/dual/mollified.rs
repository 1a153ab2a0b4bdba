//! A density that jumps, convolved with a Gaussian: potentials hold no jumps, and a flow that diffuses has
//! none a part of a step later. The kernel for fields (`initial_smoothing`) has negative parts, of which a
//! potential, a logarithm, takes none.

use super::site::Site;
use crate::domain::{Domain, Shape};
use crate::error::Result;
use crate::initial::profile::Profile;
use crate::linear_algebra::dot;
use crate::quadrature::Nodes;

/// Points of the density for each node along an axis, by dimension: jumps are seen to a part of a node.
const POINTS: [usize; 3] = [64, 12, 4];

/// What a jump is of the largest density, and the part of a change over two points that is one over one.
const JUMP: f64 = 0.02;
const SAME: f64 = 0.85;

/// A density on a grid in a region.
pub(super) struct Grid {
    /// `[m]` along each axis.
    axes: Vec<Nodes>,
    /// `[m]...[m]`, the last axis runs fastest.
    values: Vec<f64>,
    /// Sides of the region that are walls of the domain, which reflect.
    walls: Vec<[Option<f64>; 2]>,
}

impl Grid {
    /// A density in a region that holds its support, of mass 1 by its own points.
    ///
    /// # Errors
    /// Errors of the density.
    pub fn new(
        profile: &dyn Profile,
        (domain, region): (&Domain, &Domain),
        per_axis: usize,
    ) -> Result<Self> {
        let d = region.dimension();
        let count = POINTS[d - 1] * per_axis;
        let sides = || region.lower().iter().zip(region.upper());
        let axes: Vec<Nodes> = sides()
            .map(|(l, u)| Site::midpoints(*l, *u, count))
            .collect();
        let grid = Site::product(&axes);
        let mut values = vec![0.0; grid.len()];
        profile.density(&grid.x, &mut values, None)?;
        let mass = dot(&grid.w, &values);
        values.iter_mut().for_each(|v| *v /= mass);
        let bounded = !matches!(domain.shape(), Shape::Space);
        let faces = domain.lower().iter().zip(domain.upper());
        let walls = sides().zip(faces).map(|((l, u), (first, last))| {
            [
                (bounded && l <= first).then_some(*l),
                (bounded && u >= last).then_some(*u),
            ]
        });
        Ok(Self {
            walls: walls.collect(),
            axes,
            values,
        })
    }

    /// Whether the density jumps: from point to point along an axis it changes by as much as over twice the
    /// way, while what is continuous changes by less and less.
    pub fn jumps(&self) -> bool {
        let most = self.values.iter().fold(0.0_f64, |a, b| a.max(*b));
        let mut stride = self.values.len();
        self.axes.iter().any(|axis| {
            stride /= axis.len();
            let change = |way: usize| {
                let ahead = self.values.iter().skip(way * stride);
                let along = self.values.iter().zip(ahead).enumerate();
                let inside = along.filter(|(i, _)| i / stride % axis.len() + way < axis.len());
                inside.fold(0.0_f64, |most, (_, (a, b))| most.max((a - b).abs()))
            };
            let (near, far) = (change(1), change(2));
            near > JUMP * most && near > SAME * far
        })
    }

    /// Its convolution with a Gaussian of this standard deviation at the tensor product of nodes along axes.
    pub fn convolved(&self, deviation: f64, axes: &[Nodes]) -> Vec<f64> {
        let along = self.axes.iter().zip(&self.walls).zip(axes);
        along.fold(self.values.clone(), |values, ((from, walls), to)| {
            contracted(&values, &kernel(deviation, from, walls, to), from.len())
        })
    }
}

/// Weights of the points of an axis at nodes, `[nodes][points]`.
fn kernel(deviation: f64, from: &Nodes, walls: &[Option<f64>; 2], to: &Nodes) -> Vec<f64> {
    let gaussian = |way: f64| (-0.5 * (way / deviation).powi(2)).exp();
    let height = (std::f64::consts::TAU.sqrt() * deviation).recip();
    let mut kernel = Vec::with_capacity(from.len() * to.len());
    for x in &to.x {
        kernel.extend(from.x.iter().zip(&from.w).map(|(y, w)| {
            let images = walls
                .iter()
                .flatten()
                .map(|wall| gaussian(x - (2.0 * wall - y)));
            w * height * (gaussian(x - y) + images.sum::<f64>())
        }));
    }
    kernel
}

/// The product with a matrix `[n][m]` along the first axis of values `[m][...]`, which becomes the last.
fn contracted(values: &[f64], matrix: &[f64], m: usize) -> Vec<f64> {
    let rest = values.len() / m;
    let n = matrix.len() / m;
    let mut out = vec![0.0; rest * n];
    for (i, row) in matrix.chunks_exact(m).enumerate() {
        for (part, values) in row.iter().zip(values.chunks_exact(rest)) {
            if *part != 0.0 {
                let into = out.iter_mut().skip(i).step_by(n);
                into.zip(values).for_each(|(o, v)| *o += part * v);
            }
        }
    }
    out
}
