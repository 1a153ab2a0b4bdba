//! Second derivatives of densities that do not give their own, by central differences of the
//! first derivatives.
//!
//! Second derivatives steer the convergence of a step and not its answer, so the few digits
//! that a difference quotient loses cost an iteration at worst.

use super::hessian_differences::along_h;
use super::steps;
use super::{Batch, Derivatives, EnergyDensity, SuppliedDerivatives, Traits};
use crate::error::Result;

/// Gives a density that knows `f`, `f_u`, `f_p`, `f_h` and `f_x` its second derivatives as well.
#[derive(Clone, Debug)]
pub struct Differences<D> {
    inner: D,
    position: bool,
}

impl<D: EnergyDensity> Differences<D> {
    /// Wraps a density that is then never asked for `f_uu`, `f_up` and `f_pp`.
    pub const fn new(inner: D) -> Self {
        Self {
            inner,
            position: false,
        }
    }

    /// Wraps a density that is then never asked for `f_x` either, which becomes a difference of
    /// `f`.
    pub const fn with_position(inner: D) -> Self {
        Self {
            inner,
            position: true,
        }
    }

    /// Evaluates `f_u` and `f_p` where they are wanted, at `batch` with u or p moved.
    fn first(
        &self,
        batch: &Batch<'_>,
        f_u: Option<&mut [f64]>,
        f_p: Option<&mut [f64]>,
    ) -> Result<()> {
        self.inner.evaluate(
            batch,
            &mut Derivatives {
                f_u,
                f_p,
                ..Derivatives::default()
            },
        )
    }

    /// Takes `f_uu` and `f_up` from a step in each component of u.
    fn along_u(
        &self,
        batch: &Batch<'_>,
        mut f_uu: Option<&mut [f64]>,
        mut f_up: Option<&mut [f64]>,
    ) -> Result<()> {
        let (c, d) = (batch.c, batch.d);
        let sides = || Sides::new(f_uu.is_some(), f_up.is_some(), batch);
        let (mut high, mut low) = (sides(), sides());
        let (mut up, mut down) = (batch.u.to_vec(), batch.u.to_vec());
        for component in 0..c {
            let steps = steps::of_values(column(batch.u, c, component));
            move_axis(&mut up, batch.u, c, component, &steps, 1.0);
            move_axis(&mut down, batch.u, c, component, &steps, -1.0);
            // A density is not asked for at values that are none.
            if column(batch.u, c, component).all(|u| u > 0.0) {
                let lower = down.iter_mut().skip(component).step_by(c);
                let lower = lower.zip(column(batch.u, c, component));
                lower
                    .filter(|(down, _)| **down <= 0.0)
                    .for_each(|(down, u)| *down = u);
            }
            for (u, side) in [(&up, &mut high), (&down, &mut low)] {
                self.first(
                    &Batch { u, ..*batch },
                    side.f_u.as_deref_mut(),
                    side.f_p.as_deref_mut(),
                )?;
            }
            let widths = || column(&up, c, component).zip(column(&down, c, component));
            let widths = || widths().map(|(a, b)| a - b);
            if let (Some(out), Some(high), Some(low)) = (f_uu.as_deref_mut(), &high.f_u, &low.f_u) {
                let rows = high.chunks_exact(c).zip(low.chunks_exact(c)).zip(widths());
                for (matrix, ((high, low), width)) in out.chunks_exact_mut(c * c).zip(rows) {
                    let entries = matrix.iter_mut().skip(component).step_by(c);
                    for (entry, (high, low)) in entries.zip(high.iter().zip(low)) {
                        *entry = (high - low) / width;
                    }
                }
            }
            if let (Some(out), Some(high), Some(low)) = (f_up.as_deref_mut(), &high.f_p, &low.f_p) {
                let size = c * d;
                let rows = high.chunks_exact(size).zip(low.chunks_exact(size));
                let blocks = out.chunks_exact_mut(size).skip(component).step_by(c);
                for (block, ((high, low), width)) in blocks.zip(rows.zip(widths())) {
                    for (entry, (high, low)) in block.iter_mut().zip(high.iter().zip(low)) {
                        *entry = (high - low) / width;
                    }
                }
            }
            move_axis(&mut up, batch.u, c, component, &steps, 0.0);
            move_axis(&mut down, batch.u, c, component, &steps, 0.0);
        }
        if let Some(f_uu) = f_uu {
            f_uu.chunks_exact_mut(c * c)
                .for_each(|matrix| symmetrise(matrix, c));
        }
        Ok(())
    }

    /// Takes `f_pp` from a step along each axis of each component of p.
    fn along_p(&self, batch: &Batch<'_>, f_pp: &mut [f64]) -> Result<()> {
        let (d, size) = (batch.d, batch.c * batch.d);
        let sizes: Vec<f64> = batch
            .p
            .chunks_exact(d)
            .map(|p| p.iter().map(|p| p * p).sum::<f64>().sqrt())
            .collect();
        let all = steps::of_sizes(&sizes);
        let (mut up, mut down) = (batch.p.to_vec(), batch.p.to_vec());
        let (mut high, mut low) = (vec![0.0; batch.p.len()], vec![0.0; batch.p.len()]);
        for axis in 0..size {
            let steps: Vec<f64> = column(&all, batch.c, axis / d).collect();
            move_axis(&mut up, batch.p, size, axis, &steps, 1.0);
            move_axis(&mut down, batch.p, size, axis, &steps, -1.0);
            self.first(&Batch { p: &up, ..*batch }, None, Some(&mut high))?;
            self.first(&Batch { p: &down, ..*batch }, None, Some(&mut low))?;
            let widths = column(&up, size, axis)
                .zip(column(&down, size, axis))
                .map(|(a, b)| a - b);
            let differences = high.chunks_exact(size).zip(low.chunks_exact(size));
            let differences = differences.zip(widths);
            for (matrix, ((high, low), width)) in
                f_pp.chunks_exact_mut(size * size).zip(differences)
            {
                for (row, (high, low)) in matrix.chunks_exact_mut(size).zip(high.iter().zip(low)) {
                    if let Some(entry) = row.get_mut(axis) {
                        *entry = (high - low) / width;
                    }
                }
            }
            move_axis(&mut up, batch.p, size, axis, &steps, 0.0);
            move_axis(&mut down, batch.p, size, axis, &steps, 0.0);
        }
        f_pp.chunks_exact_mut(size * size)
            .for_each(|m| symmetrise(m, size));
        Ok(())
    }

    /// Takes `f_x` from differences of `f` along each axis of x.
    fn along_x(&self, batch: &Batch<'_>, f_x: &mut [f64]) -> Result<()> {
        let d = batch.d;
        let (mut up, mut down) = (batch.x.to_vec(), batch.x.to_vec());
        let (mut high, mut low) = (vec![0.0; batch.n()], vec![0.0; batch.n()]);
        for axis in 0..d {
            let steps = steps::of_positions(column(batch.x, d, axis));
            move_axis(&mut up, batch.x, d, axis, &steps, 1.0);
            move_axis(&mut down, batch.x, d, axis, &steps, -1.0);
            for (x, f) in [(&up, &mut high), (&down, &mut low)] {
                let wanted = &mut Derivatives {
                    f: Some(f),
                    ..Derivatives::default()
                };
                self.inner.evaluate(&Batch { x, ..*batch }, wanted)?;
            }
            let widths = column(&up, d, axis)
                .zip(column(&down, d, axis))
                .map(|(a, b)| a - b);
            let differences = high.iter().zip(&low).zip(widths);
            for (row, ((high, low), width)) in f_x.chunks_exact_mut(d).zip(differences) {
                if let Some(entry) = row.get_mut(axis) {
                    *entry = (high - low) / width;
                }
            }
            move_axis(&mut up, batch.x, d, axis, &steps, 0.0);
            move_axis(&mut down, batch.x, d, axis, &steps, 0.0);
        }
        Ok(())
    }
}

impl<D: EnergyDensity> EnergyDensity for Differences<D> {
    fn traits(&self) -> Traits {
        Traits {
            derivatives: SuppliedDerivatives::All,
            ..self.inner.traits()
        }
    }

    fn components(&self) -> usize {
        self.inner.components()
    }

    fn evaluate(&self, batch: &Batch<'_>, wanted: &mut Derivatives<'_>) -> Result<()> {
        batch.check(wanted)?;
        let mut rest = wanted.reborrow();
        rest.settle_zeros(self.traits());
        if let Some(f_x) = rest.f_x.take_if(|_| self.position) {
            self.along_x(batch, f_x)?;
        }
        let (f_uu, f_up, f_pp) = (rest.f_uu.take(), rest.f_up.take(), rest.f_pp.take());
        if f_uu.is_some() || f_up.is_some() {
            self.along_u(batch, f_uu, f_up)?;
        }
        if let Some(f_pp) = f_pp {
            self.along_p(batch, f_pp)?;
        }
        along_h(&self.inner, batch, &mut rest)?;
        if rest.is_empty() {
            return Ok(());
        }
        self.inner.evaluate(batch, &mut rest)
    }
}

/// Room for the derivatives on a side of a difference.
struct Sides {
    f_u: Option<Vec<f64>>,
    f_p: Option<Vec<f64>>,
}

impl Sides {
    fn new(f_u: bool, f_p: bool, batch: &Batch<'_>) -> Self {
        Self {
            f_u: f_u.then(|| vec![0.0; batch.u.len()]),
            f_p: f_p.then(|| vec![0.0; batch.p.len()]),
        }
    }
}

/// Writes `origin + sign * steps` into column `axis` of the row-major array `moved`.
fn move_axis(moved: &mut [f64], origin: &[f64], d: usize, axis: usize, steps: &[f64], sign: f64) {
    let columns = moved
        .iter_mut()
        .skip(axis)
        .step_by(d)
        .zip(column(origin, d, axis));
    for ((moved, origin), step) in columns.zip(steps) {
        *moved = origin + sign * step;
    }
}

fn column(rows: &[f64], d: usize, axis: usize) -> impl Iterator<Item = f64> + Clone {
    rows.iter().skip(axis).step_by(d).copied()
}

pub(super) fn symmetrise(matrix: &mut [f64], d: usize) {
    for i in 0..d {
        for j in 0..i {
            let (lower, upper) = (i * d + j, j * d + i);
            if let (Some(a), Some(b)) = (matrix.get(lower).copied(), matrix.get(upper).copied()) {
                let mean = 0.5 * (a + b);
                for at in [lower, upper] {
                    if let Some(entry) = matrix.get_mut(at) {
                        *entry = mean;
                    }
                }
            }
        }
    }
}
