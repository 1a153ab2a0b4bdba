//! Initial conditions with a name, and the exact solutions that go with them.

use crate::error::{Error, Result};

/// `u_0 = constant + sum_j A_j prod_k cos(q_jk x_k)`: on a box `[-pi/4, pi/4]^d` with each q a
/// multiple of 4 every term is an eigenfunction of the Laplacian with vanishing flux (the paper's
/// equation 4.3).
#[derive(Clone, Copy, Debug)]
pub struct CosineSum {
    /// The key.
    pub name: &'static str,
    /// One line of help.
    pub help: &'static str,
    /// The dimension it is for.
    pub dimension: usize,
    /// The mean.
    pub constant: f64,
    /// The modes.
    pub modes: &'static [Mode],
}

/// `amplitude * prod cos(q x_axis + phase)` over `(axis, q)` in `factors`.
#[derive(Clone, Copy, Debug)]
pub struct Mode {
    /// A.
    pub amplitude: f64,
    /// The axes it varies along, each with its wave number.
    pub factors: &'static [(usize, f64)],
    /// Added to each argument; `-pi/2` makes sines.
    pub phase: f64,
}

const fn mode(amplitude: f64, factors: &'static [(usize, f64)]) -> Mode {
    Mode {
        amplitude,
        factors,
        phase: 0.0,
    }
}

/// The closed forms.
pub static TABLE: &[CosineSum] = &[
    CosineSum {
        name: "sine",
        help: "sin x: the paper's motivating example (section 4)",
        dimension: 1,
        constant: 0.0,
        modes: &[Mode {
            amplitude: 1.0,
            factors: &[(0, 1.0)],
            phase: -std::f64::consts::FRAC_PI_2,
        }],
    },
    CosineSum {
        name: "heat-2d",
        help: "4 - 0.5 cos 4x + 0.6 cos 4y + cos 8x cos 4y + cos 8x cos 8y: section 4.1.1 of the paper",
        dimension: 2,
        constant: 4.0,
        modes: &[
            mode(-0.5, &[(0, 4.0)]),
            mode(0.6, &[(1, 4.0)]),
            mode(1.0, &[(0, 8.0), (1, 4.0)]),
            mode(1.0, &[(0, 8.0), (1, 8.0)]),
        ],
    },
    CosineSum {
        name: "heat-8d",
        help: "seven modes in dimension 8: section 4.1.1 of the paper",
        dimension: 8,
        constant: 1.0,
        modes: &[
            mode(-0.2, &[(1, 8.0)]),
            mode(2.0, &[(3, 4.0)]),
            mode(-1.0, &[(5, 4.0)]),
            mode(1.0, &[(7, 4.0)]),
            mode(2.0, &[(0, 4.0), (2, 4.0), (7, 4.0)]),
            mode(2.0, &[(1, 4.0), (4, 4.0), (6, 4.0)]),
        ],
    },
];

/// The closed form of this name.
///
/// # Errors
/// [`Argument`](crate::ErrorKind::Argument) if there is none, or if it is for another dimension.
pub fn named(name: &str, dimension: usize) -> Result<&'static CosineSum> {
    let found = TABLE.iter().find(|form| form.name == name).ok_or_else(|| {
        let known: Vec<_> = TABLE.iter().map(|form| form.name).collect();
        Error::argument(format!(
            "there is no closed form `{name}`; there are {}",
            known.join(", ")
        ))
    })?;
    if found.dimension == dimension {
        Ok(found)
    } else {
        Err(Error::argument(format!(
            "the closed form `{name}` is for dimension {}; option `dimension` is {dimension}",
            found.dimension
        )))
    }
}

impl CosineSum {
    /// `constant + sum_j decay(|q_j|^2) A_j prod cos` at one point, and its gradient when wanted.
    pub fn evaluate(
        &self,
        x: &[f64],
        decay: impl Fn(f64) -> f64,
        mut grad: Option<&mut [f64]>,
    ) -> f64 {
        if let Some(grad) = grad.as_deref_mut() {
            grad.fill(0.0);
        }
        let mut u = self.constant;
        for mode in self.modes {
            let amplitude = mode.amplitude * decay(mode.eigenvalue());
            let argument = |&(axis, q): &(usize, f64)| q * x[axis] + mode.phase;
            u += amplitude
                * mode
                    .factors
                    .iter()
                    .map(|f| argument(f).cos())
                    .product::<f64>();
            let Some(grad) = grad.as_deref_mut() else {
                continue;
            };
            for (which, factor) in mode.factors.iter().enumerate() {
                let others: f64 = mode
                    .factors
                    .iter()
                    .enumerate()
                    .filter(|(other, _)| *other != which)
                    .map(|(_, f)| argument(f).cos())
                    .product();
                if let Some(g) = grad.get_mut(factor.0) {
                    *g -= amplitude * factor.1 * argument(factor).sin() * others;
                }
            }
        }
        u
    }
}

impl Mode {
    /// `|q|^2`, the eigenvalue of minus the Laplacian.
    #[must_use]
    pub fn eigenvalue(&self) -> f64 {
        self.factors.iter().map(|(_, q)| q * q).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gradients_and_eigenvalues_agree_with_differences() {
        for form in TABLE {
            let d = form.dimension;
            let x: Vec<f64> = (0..d).map(|i| 0.31 - 0.17 * i as f64).collect();
            let mut grad = vec![0.0; d];
            let decay = |q2: f64| 1.0 / (1.0 + q2);
            let u = form.evaluate(&x, decay, Some(&mut grad));
            let mut laplacian = 0.0;
            for axis in 0..d {
                let at = |h: f64| {
                    let mut x = x.clone();
                    x[axis] += h;
                    form.evaluate(&x, decay, None)
                };
                let h = 1e-4;
                assert!((grad[axis] - (at(h) - at(-h)) / (2.0 * h)).abs() < 1e-5);
                laplacian += (at(h) - 2.0 * u + at(-h)) / (h * h);
            }
            let exact = form.evaluate(&x, |q2| -q2 / (1.0 + q2), None) - form.constant;
            assert!((laplacian - exact).abs() < 1e-4, "{}", form.name);
        }
    }

    #[test]
    fn refusals_name_what_there_is() {
        let error = named("heat-3d", 3).unwrap_err();
        assert!(error.message().contains("heat-2d"));
        assert!(
            named("heat-8d", 2)
                .unwrap_err()
                .message()
                .contains("dimension 8")
        );
    }
}
