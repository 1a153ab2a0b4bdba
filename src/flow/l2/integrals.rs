//! Integrals of a field, `int g(t, x, u) dx`: those that are held at given values, its mean too, and those of which
//! functions are energies.
//!
//! A state carries for each that is held the penalty and the multiplier of the last stage. The integrals are those over
//! the independent nodes, by which the library measures mass and energy: after the rounds of multipliers a stage ends
//! with a move along their own gradients, by which they have their values to rounding.

use crate::energy::{Batch, Derivatives, EnergyDensity, Outer, Term, evaluate_sum};
use crate::error::{Error, Result};
use crate::flow::Context;
use crate::linear_algebra::dot;
use crate::objective::Integrand;
use crate::parallel::Pool;
use crate::quadrature::Nodes;
use movimento_abi::LOCAL_1;
use std::ops::Range;
use std::sync::Arc;

/// The penalty of a stage in units of what the movement alone resists a change of the integral with.
const STIFFNESS: f64 = 1e4;

/// The penalty of a state before its first step.
const UNKNOWN: f64 = -1.0;

/// The integrals that are held, and those of energies.
#[derive(Clone, Default)]
pub struct Integrals {
    pub(super) held: Vec<HeldIntegral>,
    pub(super) energies: Vec<(Of, Outer)>,
    /// The volume of the independent nodes of all ranks.
    volume: f64,
}

/// One that is held.
#[derive(Clone)]
pub(super) struct HeldIntegral {
    of: Of,
    pub(super) value: f64,
}

/// What is integrated.
#[derive(Clone)]
pub(super) enum Of {
    /// u, for its mean.
    Mean,
    /// A density.
    Density(Arc<dyn EnergyDensity>),
}

impl HeldIntegral {
    /// The mean of u.
    pub(super) fn of_mean(value: f64) -> Result<Self> {
        let of = Of::Mean;
        finite(value).map(|value| Self { of, value })
    }

    /// The integral of a density of t, x and u.
    pub(super) fn of_density(term: &Term, value: f64) -> Result<Self> {
        let of = Of::new(term)?;
        finite(value).map(|value| Self { of, value })
    }
}

impl Of {
    /// The density of a term, one of t, x and u.
    pub(super) fn new(term: &Term) -> Result<Self> {
        term.require_only("an integral", &[LOCAL_1])?;
        let density = term.local.as_ref().filter(|d| !d.traits().uses_gradient);
        let Some(density) = density else {
            return Err(Error::plugin(format!(
                "the energy `{}` is no integral of a density g(t, x, u); of an integral that is held, or of \
                 which a function is an energy, accepted are those without p = grad u",
                term.name
            )));
        };
        Ok(Self::Density(Arc::clone(density)))
    }
}

fn finite(value: f64) -> Result<f64> {
    if value.is_finite() {
        return Ok(value);
    }
    Err(Error::argument(format!(
        "argument `value` is {value}; accepted is a finite number"
    )))
}

impl Integrals {
    /// These and one more.
    ///
    /// # Errors
    /// [`Argument`](crate::ErrorKind::Argument) if the mean is held already.
    pub(super) fn and(mut self, one: HeldIntegral) -> Result<Self> {
        let is_mean = |one: &HeldIntegral| matches!(one.of, Of::Mean);
        if is_mean(&one) && self.held.iter().any(is_mean) {
            return Err(Error::argument(
                "the mean of u is held already; accepted is one value of it",
            ));
        }
        self.held.push(one);
        Ok(self)
    }

    /// These and a function of one as an energy.
    pub(super) fn and_energy(mut self, of: Of, phi: Outer) -> Self {
        self.energies.push((of, phi));
        self
    }

    /// The same on other independent nodes. Collective.
    ///
    /// # Errors
    /// Errors of the other ranks.
    pub(super) fn on(mut self, cx: &Context, check: &Nodes) -> Result<Self> {
        let mut volume = [check.w.iter().sum()];
        cx.ranks().sum(Ok(()), &mut volume)?;
        [self.volume] = volume;
        Ok(self)
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.held.is_empty() && self.energies.is_empty()
    }

    /// Whether none are held.
    #[must_use]
    pub const fn none_held(&self) -> bool {
        self.held.is_empty()
    }

    /// Whether functions of some are energies.
    #[must_use]
    pub const fn have_energies(&self) -> bool {
        !self.energies.is_empty()
    }

    /// All that is integrated, first what is held.
    fn of(&self, one: usize) -> &Of {
        match self.held.get(one) {
            Some(held) => &held.of,
            None => &self.energies[one - self.held.len()].0,
        }
    }

    /// How many there are.
    const fn count(&self) -> usize {
        self.held.len() + self.energies.len()
    }

    /// phi and its derivatives of each that is an energy.
    ///
    /// # Errors
    /// Errors of the functions.
    pub(super) fn outer(&self, measured: &[[f64; 3]]) -> Result<Vec<[f64; 3]>> {
        let of = measured.iter().skip(self.held.len());
        let each = self.energies.iter().zip(of);
        each.map(|((_, phi), [integral, ..])| phi.at(*integral))
            .collect()
    }

    /// How many numbers of a state say what u is held by.
    pub(super) const fn coefficients(&self) -> usize {
        2 * self.held.len()
    }

    /// These numbers before the first step.
    pub(super) fn begin(&self) -> Vec<f64> {
        [UNKNOWN, 0.0].repeat(self.held.len())
    }

    /// The values at which they are held.
    pub(super) fn values(&self) -> Vec<f64> {
        self.held.iter().map(|one| one.value).collect()
    }

    pub(super) fn integrand(&self, one: usize, time: f64) -> Weighed<'_> {
        let (densities, factor) = match self.of(one) {
            Of::Mean => (&[][..], self.volume.recip()),
            Of::Density(density) => (std::slice::from_ref(density), 1.0),
        };
        Weighed {
            densities,
            factor,
            time,
        }
    }

    /// The integrals, `int (dg/du)^2` and `int |g|` of each at a time, for u at nodes. Collective.
    ///
    /// # Errors
    /// Errors of the densities.
    pub(super) fn measure(&self, cx: &Context, nodes: &Nodes, u: &[f64]) -> Result<Vec<[f64; 3]>> {
        self.measure_at((&cx.pool, cx.time), nodes, u)
    }

    /// The same with these threads and ranks at this time.
    pub(super) fn measure_at(
        &self,
        (pool, time): (&Pool, f64),
        nodes: &Nodes,
        u: &[f64],
    ) -> Result<Vec<[f64; 3]>> {
        let n = nodes.inside();
        let d = nodes.x.len() / nodes.len().max(1);
        let (x, w, u) = (&nodes.x[..n * d], &nodes.w[..n], &u[..n]);
        let p = vec![0.0; x.len()];
        let batch = Batch {
            c: 1,
            d,
            t: time,
            x,
            u,
            p: &p,
            h: &[],
        };
        let own = |one: usize| -> Result<[f64; 3]> {
            let (mut f, mut f_u) = (vec![0.0; n], vec![0.0; n]);
            let mut wanted = Derivatives {
                f: Some(&mut f),
                f_u: Some(&mut f_u),
                ..Derivatives::default()
            };
            if n > 0 {
                let integrand = self.integrand(one, time);
                integrand.evaluate(0..n, &batch, &mut wanted)?;
            }
            let squares = f_u.iter().zip(w).map(|(g, w)| w * g * g);
            let sizes = f.iter().zip(w).map(|(g, w)| w * g.abs());
            Ok([dot(&f, w), squares.sum(), sizes.sum()])
        };
        let own: Result<Vec<_>> = (0..self.count()).map(own).collect();
        let mut all = pool.ranks().settle(own)?.concat();
        pool.ranks().sum(Ok(()), &mut all)?;
        let each = all.chunks_exact(3);
        Ok(each.map(|one| [one[0], one[1], one[2]]).collect())
    }

    /// `dg/du` of each at points x (`[n][d]`) where the field is u, `[n]`.
    ///
    /// # Errors
    /// Errors of the densities.
    pub(super) fn slopes(&self, time: f64, x: &[f64], u: &[f64]) -> Result<Vec<Vec<f64>>> {
        let n = u.len();
        let p = vec![0.0; x.len()];
        let batch = Batch {
            c: 1,
            d: x.len() / n.max(1),
            t: time,
            x,
            u,
            p: &p,
            h: &[],
        };
        let of = |one: usize| {
            let mut f_u = vec![0.0; n];
            let mut wanted = Derivatives {
                f_u: Some(&mut f_u),
                ..Derivatives::default()
            };
            if n > 0 {
                self.integrand(one, time)
                    .evaluate(0..n, &batch, &mut wanted)?;
            }
            Ok(f_u)
        };
        (0..self.count()).map(of).collect()
    }

    /// What the integrals `measured` are off their values, in units of their sizes.
    pub(super) fn misses(&self, measured: &[[f64; 3]]) -> Vec<f64> {
        let each = self.held.iter().zip(measured);
        let relative = |(one, [integral, _, size]): (&HeldIntegral, &[f64; 3])| {
            let size = size.max(one.value.abs()).max(f64::MIN_POSITIVE);
            (integral - one.value) / size
        };
        each.map(relative).collect()
    }

    /// Penalties for a stage of this strength, and the multipliers as they are, in the place of these numbers.
    pub(super) fn set_penalties(&self, numbers: &mut [f64], measured: &[[f64; 3]], strength: f64) {
        for (numbers, [_, square, _]) in numbers.chunks_exact_mut(2).zip(measured) {
            numbers[0] = STIFFNESS * strength / square.max(f64::MIN_POSITIVE);
        }
    }

    /// The multipliers that follow on those of these numbers.
    pub(super) fn update(&self, numbers: &mut [f64], measured: &[[f64; 3]]) {
        let each = numbers.chunks_exact_mut(2).zip(&self.held).zip(measured);
        for ((numbers, one), [integral, ..]) in each {
            numbers[1] -= numbers[0] * (integral - one.value);
        }
    }

    /// What the functional of a stage has of them with these numbers.
    pub(super) fn energy(&self, numbers: &[f64], measured: &[[f64; 3]]) -> f64 {
        let each = numbers.chunks_exact(2).zip(&self.held).zip(measured);
        each.map(|((numbers, one), [integral, ..])| {
            let [value, ..] = augmented(numbers, one.value, *integral);
            value
        })
        .sum()
    }
}

/// `c/2 (I - A)^2 - lambda (I - A)` and its derivatives.
pub(super) fn augmented(numbers: &[f64], value: f64, integral: f64) -> [f64; 3] {
    let (c, multiplier, miss) = (numbers[0], numbers[1], integral - value);
    [
        (0.5 * c * miss - multiplier) * miss,
        c * miss - multiplier,
        c,
    ]
}

/// The sum of densities, or u, times a factor.
#[derive(Clone, Copy)]
pub(super) struct Weighed<'a> {
    densities: &'a [Arc<dyn EnergyDensity>],
    factor: f64,
    time: f64,
}

impl Integrand for Weighed<'_> {
    fn evaluate(
        &self,
        _nodes: Range<usize>,
        batch: &Batch<'_>,
        wanted: &mut Derivatives<'_>,
    ) -> Result<()> {
        if !self.densities.is_empty() {
            evaluate_sum(self.densities, batch, wanted)?;
            wanted.each(|array| array.iter_mut().for_each(|v| *v *= self.factor));
            return Ok(());
        }
        wanted.each(|array| array.fill(0.0));
        if let Some(f) = &mut wanted.f {
            let pairs = f.iter_mut().zip(batch.u);
            pairs.for_each(|(f, u)| *f = self.factor * u);
        }
        if let Some(f_u) = &mut wanted.f_u {
            f_u.fill(self.factor);
        }
        Ok(())
    }

    fn time(&self) -> f64 {
        self.time
    }

    fn caller_thread_only(&self) -> bool {
        let mut densities = self.densities.iter();
        densities.any(|d| d.traits().caller_thread_only)
    }

    fn scale(&self, _node: usize, _u: &[f64]) -> f64 {
        0.0
    }
}
