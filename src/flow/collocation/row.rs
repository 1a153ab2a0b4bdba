//! The equation of a label, linearised: its residual and its derivatives in the coefficients of the
//! potential, once where the label goes is eliminated.

use super::features::{ExternalAt, Features, Jet, Units, add, inner};
use super::functional::Functional;
use super::small;

/// What is first added to the diagonal of a matrix that is not positive definite.
const LIFT: f64 = 0.1;

/// Beyond it a matrix that is lifted holds no numbers.
const MOST_LIFTED: f64 = 1e12;

/// A label in a stage.
#[derive(Clone, Copy, Debug)]
pub(super) struct Label<'a> {
    /// The proximal centre, `[d]`.
    pub centre: &'a [f64],
    /// `ln rho` there.
    pub logarithm: f64,
    /// Where the label is now, `[d]`.
    pub y: &'a [f64],
    pub external: ExternalAt<'a>,
}

/// The equation of a label, at a potential.
#[derive(Clone, Debug, Default)]
pub(super) struct Equation {
    /// Of the density, in logarithms.
    pub residual: f64,
    /// `ln det A`, `A = I + tau D^2 p`.
    pub determinant: f64,
    /// `ln rho` of the potential.
    pub logarithm: f64,
    /// Whether A had to be lifted to be positive definite.
    pub folds: bool,
    /// `grad p`, `[d]`.
    pub slope: Vec<f64>,
    /// `y + tau grad p(y) - c`, `[d]`.
    pub missed: Vec<f64>,
    /// `A^-1`, `[d][d]`.
    pub inverse: Vec<f64>,
}

/// Room for the equation of one label after another.
#[derive(Clone, Debug, Default)]
pub(super) struct Room {
    units: Units,
    jet: Jet,
    lower: Vec<f64>,
    squares: Vec<f64>,
    vector: Vec<f64>,
    part: Vec<f64>,
}

/// What the equations of a stage have in common.
#[derive(Clone, Copy)]
pub(super) struct Shared<'a> {
    pub functional: &'a Functional,
    pub features: &'a Features,
    pub coefficients: &'a [f64],
    pub tau: f64,
}

impl Shared<'_> {
    /// The equation of a label; `None` where it is no number.
    pub fn equation(&self, label: &Label<'_>, room: &mut Room) -> Option<Equation> {
        let (features, tau) = (self.features, self.tau);
        let d = features.dimension();
        let Room {
            units, jet, lower, ..
        } = room;
        features.units(label.y, units);
        features.jet(label.y, self.coefficients, &label.external, units, jet);
        let axes = label.y.iter().zip(&jet.gradient).zip(label.centre);
        let missed = axes.map(|((y, g), c)| y + tau * g - c).collect();
        let mut lift = 0.0;
        loop {
            lower.clear();
            lower.extend(jet.hessian.iter().map(|h| tau * h));
            (0..d).for_each(|a| lower[a * d + a] += 1.0 + lift);
            if small::cholesky(lower, d) {
                break;
            }
            lift = 4.0 * lift + LIFT;
            if lift > MOST_LIFTED {
                return None;
            }
        }
        let mut inverse = vec![0.0; d * d];
        small::inverse(lower, d, &mut inverse);
        let determinant = small::logarithm(lower, d);
        let logarithm = self.functional.logarithm(jet.value, label.external.value);
        let residual = label.logarithm + determinant - logarithm;
        residual.is_finite().then(|| Equation {
            residual,
            determinant,
            logarithm,
            folds: lift > 0.0,
            slope: jet.gradient.clone(),
            missed,
            inverse,
        })
    }

    /// Derivatives of the residual in the coefficients into `row`, `[len]`, once the label goes where the
    /// potential takes it; returns the residual there.
    pub fn linearize(
        &self,
        label: &Label<'_>,
        equation: &Equation,
        room: &mut Room,
        row: &mut [f64],
    ) -> f64 {
        let Self { features, tau, .. } = *self;
        let (d, n, k) = (
            features.dimension(),
            features.planes(),
            self.functional.diffusivity,
        );
        let external = &label.external;
        let Room {
            units,
            squares,
            vector,
            part,
            ..
        } = room;
        features.units(label.y, units);
        // v^T A^-1 v of each plane.
        squares.clear();
        squares.resize(n, 0.0);
        for a in 0..d {
            for b in 0..=a {
                let entry = equation.inverse[a * d + b] * if a == b { 1.0 } else { 2.0 };
                let pairs = features.along(a).iter().zip(features.along(b));
                let sums = squares.iter_mut().zip(pairs);
                sums.for_each(|(s, (v, w))| *s += entry * v * w);
            }
        }
        // tau tr(A^-1 D^2 f) of all features.
        let (planes, others) = row.split_at_mut(n);
        let terms = planes.iter_mut().zip(squares.iter()).zip(&units.second);
        terms.for_each(|((p, square), second)| *p = tau * second * square);
        others.fill(0.0);
        let mut next = others.iter_mut().skip(1 + d);
        for i in 0..d {
            for (j, entry) in (i..d).zip(&mut next) {
                let both = equation.inverse[i * d + j] + equation.inverse[j * d + i];
                *entry = tau * both / (features.scale[i] * features.scale[j]);
            }
        }
        if let Some(entry) = next.next() {
            *entry = tau * inner(&equation.inverse, external.hessian);
        }
        // The third derivative of f = tanh is -2 f' (1 - 3 f^2); times coefficient and square.
        let activations = units.value.iter().zip(&units.first);
        let products = squares.iter_mut().zip(self.coefficients).zip(activations);
        products.for_each(|((s, c), (f, first))| *s *= -2.0 * c * first * (1.0 - 3.0 * f * f));
        // How the residual changes as the label moves, by A^-1.
        let pull = (0..d).map(|a| {
            let third = tau * inner(squares, features.along(a));
            third - (equation.slope[a] - external.gradient[a]) / k
        });
        let pull: Vec<f64> = pull.collect();
        vector.resize(d, 0.0);
        small::apply(&equation.inverse, &pull, vector);
        part.resize(row.len(), 0.0);
        features.values(label.y, external, units, part);
        add(row, -1.0 / k, part);
        features.derivatives(label.y, vector, external, units, part);
        add(row, -tau, part);
        equation.residual - inner(vector, &equation.missed)
    }

    /// Where a label goes from where it is if the coefficients are these, a change, `[d]`.
    pub fn motion(&self, label: &Label<'_>, equation: &Equation, room: &mut Room) -> Vec<f64> {
        let Room {
            units, jet, vector, ..
        } = room;
        self.features.units(label.y, units);
        let external = &label.external;
        self.features
            .jet(label.y, self.coefficients, external, units, jet);
        let line = equation.missed.iter().zip(&jet.gradient);
        vector.clear();
        vector.extend(line.map(|(r, g)| -(r + self.tau * g)));
        let mut out = vec![0.0; vector.len()];
        small::apply(&equation.inverse, vector, &mut out);
        out
    }
}
