//! Waves of a box: nothing is kept of them at points, as sums over products on a grid are quick.

use crate::error::Result;
use crate::field::kernels::{At, Rows};
use crate::field::waves::{Basis, OnGrid, Waves, scattered};
use crate::field::{Channels, Jets};

/// The waves of a network, and the grid of points where they lie on one.
pub(super) struct WavesAt {
    waves: Waves,
    grid: Option<OnGrid>,
    /// The first parameter of the output layer.
    pub first: usize,
}

impl WavesAt {
    /// `None` for networks of other features.
    pub fn new(at: &At<'_>) -> Option<Self> {
        if !at.curvature.is_empty() {
            return None;
        }
        let waves = Waves::of(at.network, at.parameters)?;
        let grid = OnGrid::new(&waves, Basis::Full, at.network.embedding(), at.x);
        Some(Self {
            waves,
            grid,
            first: at.network.outputs_start(),
        })
    }

    /// Whether the points lie on a grid.
    pub const fn is_on_grid(&self) -> bool {
        self.grid.is_some()
    }

    /// How many numbers there are to multiply in a sum, about.
    pub fn work(&self, points: usize) -> f64 {
        (points * self.waves.functions(1, Basis::Full)) as f64
    }

    /// Writes values, and where wanted slopes, of a combination.
    ///
    /// # Errors
    /// Errors of the threads.
    pub fn combine(
        &self,
        at: &At<'_>,
        outputs: &[f64],
        value: &mut [f64],
        slope: Option<&mut [f64]>,
    ) -> Result<()> {
        let products = self.waves.to_products(outputs, Basis::Full);
        match &self.grid {
            Some(grid) => grid.sum(at.pool, &products, value, slope),
            None => {
                let of = (&self.waves, Basis::Full, at.network.embedding());
                scattered(at.pool, of, &products, at.x, value, slope)
            }
        }
    }

    /// Writes the jets of a combination.
    ///
    /// # Errors
    /// Errors of the threads.
    pub fn jets(
        &self,
        at: &At<'_>,
        outputs: &[f64],
        channels: Channels,
        jets: &mut Jets,
    ) -> Result<()> {
        jets.resize(at.len(), at.shape(channels));
        let slope = Some(&mut *jets.slope).filter(|slope| !slope.is_empty());
        self.combine(at, outputs, &mut jets.value, slope)
    }

    /// The derivatives of sums over seeds in the parameters of the output layer.
    ///
    /// # Errors
    /// Errors of the threads.
    pub fn pullback(&self, at: &At<'_>, seeds: &Jets) -> Result<Vec<f64>> {
        let products = match &self.grid {
            Some(grid) => grid.against(at.pool, &seeds.value, &seeds.slope)?,
            None => vec![0.0; self.waves.products(Basis::Full)],
        };
        Ok(self.waves.of_units(&products, Basis::Full))
    }

    /// Writes rows of the parameters of the output layer at some points, see [`Rows`].
    pub fn rows(&self, at: &At<'_>, of: &Rows<'_>, out: &mut [f64], stride: usize) {
        let d = at.network.dimension();
        let (weights, biases) = at.network.first_layer(at.parameters);
        let (origin, scale) = at.network.embedding().axes();
        let (n, size) = (at.len(), of.shape.size());
        let mut each = out.chunks_mut(stride);
        let points = || at.x.chunks_exact(d).enumerate();
        for ((w, b), out) in weights.chunks_exact(d).zip(biases).zip(&mut each) {
            for (node, x) in points() {
                let axes = x.iter().zip(origin).zip(scale).zip(w);
                let phase = axes.fold(*b, |sum, (((x, o), s), w)| w.mul_add((x - o) * s, sum));
                let (sin, cos) = phase.sin_cos();
                for row in 0..of.rows {
                    let own = &of.coefficients[(node * of.rows + row) * size..][..size];
                    let along = own.iter().skip(1).zip(w).zip(scale);
                    let slope: f64 = along.map(|((a, w), s)| a * w * s).sum();
                    out[row * n + node] = own[0] * cos - slope * sin;
                }
            }
        }
        if let Some(constant) = each.next() {
            for (node, _) in points() {
                for row in 0..of.rows {
                    constant[row * n + node] = of.coefficients[(node * of.rows + row) * size];
                }
            }
        }
    }
}
