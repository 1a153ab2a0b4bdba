//! Movement schemes: the coefficients with which a time step is made of minimisations.
//!
//! Stage m minimises `F(u) + sum_i g_mi / (2 tau) d(u, U_i)^2` over i < m with `U_0 = u_k`; the
//! last stage is `u_{k+1}`. In a Hilbert space this is one movement toward the centre
//! `c = sum g_i U_i / S` with the step `tau / S`, `S = sum g_i`. Coefficients: Zaitzeff, Esedoglu
//! and Garikipati, "Variational extrapolation of implicit schemes for general gradient flows".
//!
//! Where F depends on time, stage m takes it at `t_k + c_m tau`, `c_m = (1 + sum g_mi c_i) / S` with
//! `c_0 = 0`: what the scheme itself makes of `t' = 1`. In a Hilbert space the stages are those of a
//! diagonally implicit Runge-Kutta method with these abscissae, so that `F(t, u)` is stepped as the
//! autonomous flow of `(t, u)` is, to the same order (Hairer, Norsett and Wanner, "Solving Ordinary
//! Differential Equations I", section II.2). They are 1 for euler, `1/5, 11/20, 1` for second; the
//! last is 1 for each.

use crate::error::{Error, Result};

/// A movement scheme.
#[derive(Debug, PartialEq)]
pub struct Movement {
    /// The choice of the option `movement`.
    pub name: &'static str,
    /// Its order in tau.
    pub order: u32,
    /// The default of the option `tolerance`: well below the scheme's own error of a step.
    pub tolerance: f64,
    /// The default of the option `step_accept`: the part of its motion that a stage may miss.
    pub accept: f64,
    /// The default of the option `fit_tolerance`: well below the scheme's own error of a run.
    pub fit_tolerance: f64,
    /// Row m holds the coefficients of `U_0 ... U_m`.
    pub stages: &'static [&'static [f64]],
}

impl Movement {
    /// The abscissae `c_m` of the stages: stage m of a step from t takes F at `t + c_m tau`.
    #[must_use]
    pub fn abscissae(&self) -> Vec<f64> {
        let mut all = vec![0.0];
        for row in self.stages {
            let strength: f64 = row.iter().sum();
            let before: f64 = row.iter().zip(&all).map(|(g, c)| g * c).sum();
            all.push((1.0 + before) / strength);
        }
        // Of a scheme of any order, but for rounding.
        if let Some(last) = all.last_mut() {
            *last = 1.0;
        }
        all.split_off(1)
    }

    /// What each stage takes of a function of time that is given, by its values at [`SAMPLES`]: what the scheme
    /// makes of `u' = g'(t)`, and at the end g itself. With g at the stages' own times the last stages would be
    /// off by the second order of the first, and a scheme of third order would show 2.3 (M. H. Carpenter,
    /// D. Gottlieb, S. Abarbanel and W.-S. Don, SIAM J. Sci. Comput. 16 (1995) 1241).
    #[must_use]
    pub fn stage_weights(&self) -> Vec<[f64; SAMPLES.len()]> {
        let mut weights = vec![[1.0, 0.0, 0.0, 0.0]];
        for (row, time) in self.stages.iter().zip(self.abscissae()) {
            let strength: f64 = row.iter().sum();
            let mut stage = derivative(time);
            for (g, earlier) in row.iter().zip(&weights) {
                let parts = stage.iter_mut().zip(earlier);
                parts.for_each(|(sum, part)| *sum += g * part);
            }
            weights.push(stage.map(|sum| sum / strength));
        }
        if let Some(last) = weights.last_mut() {
            *last = [0.0, 0.0, 0.0, 1.0];
        }
        weights.split_off(1)
    }
}

/// Where in a step a function of time that is given is looked at.
pub const SAMPLES: [f64; 4] = [0.0, 1.0 / 3.0, 2.0 / 3.0, 1.0];

/// The weights of values at [`SAMPLES`] in the derivative of their cubic at a time.
fn derivative(time: f64) -> [f64; SAMPLES.len()] {
    std::array::from_fn(|q| {
        let others = || (0..SAMPLES.len()).filter(move |r| *r != q);
        let term = |r: usize| {
            let factors = others().filter(|p| *p != r);
            let factors = factors.map(|p| (time - SAMPLES[p]) / (SAMPLES[q] - SAMPLES[p]));
            factors.product::<f64>() / (SAMPLES[q] - SAMPLES[r])
        };
        others().map(term).sum()
    })
}

/// The schemes.
pub static TABLE: &[Movement] = &[
    Movement {
        name: "euler",
        order: 1,
        tolerance: 5e-3,
        accept: 1e-1,
        fit_tolerance: 5e-5,
        stages: &[&[1.0]],
    },
    Movement {
        name: "second",
        order: 2,
        tolerance: 1e-4,
        accept: 3e-2,
        fit_tolerance: 3e-6,
        stages: &[&[5.0], &[-2.0, 6.0], &[-2.0, 3.0 / 14.0, 44.0 / 7.0]],
    },
    Movement {
        name: "third",
        order: 3,
        tolerance: 1e-5,
        accept: 1e-2,
        fit_tolerance: 1e-6,
        stages: &[
            &[67.0 / 6.0],
            &[-15.0 / 2.0, 136.0 / 7.0],
            &[-21.0 / 20.0, -19.0 / 4.0, 587.0 / 42.0],
            &[9.0 / 5.0, 1.0 / 21.0, -47.0 / 6.0, 69.0 / 5.0],
            &[
                31.0 / 5.0,
                -43.0 / 6.0,
                -4.0 / 3.0,
                13.0 / 8.0,
                242.0 / 21.0,
            ],
            &[
                -17.0 / 6.0,
                75.0 / 16.0,
                2.457_734_051_176_268_4,
                -11.551_685_916_988_829,
                6.680_120_669_078_247_5,
                11.945_523_703_185_575,
            ],
        ],
    },
];

/// The names of the schemes.
pub const WORDS: &[&str] = &[TABLE[0].name, TABLE[1].name, TABLE[2].name];

/// The scheme of this name.
///
/// # Errors
/// [`Option`](crate::ErrorKind::Option) if there is none.
pub fn named(name: &str) -> Result<&'static Movement> {
    TABLE
        .iter()
        .find(|m| m.name == name)
        .ok_or_else(|| Error::option(format!("there is no movement scheme `{name}`")))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The scheme on the nonlinear scalar flow `u' = s(t) - u^3` until t = 1, each stage solved by
    /// Newton.
    fn run(movement: &Movement, steps: u32, start: f64, source: fn(f64) -> f64) -> f64 {
        let tau = 1.0 / f64::from(steps);
        let mut u = start;
        for step in 0..steps {
            let mut stages = vec![u];
            for (row, c) in movement.stages.iter().zip(movement.abscissae()) {
                let s = source((f64::from(step) + c) * tau);
                let strength: f64 = row.iter().sum();
                let centre = row.iter().zip(&stages).map(|(g, u)| g * u).sum::<f64>() / strength;
                let mut v = centre;
                for _ in 0..50 {
                    let residual = v.powi(3) - s + strength / tau * (v - centre);
                    v -= residual / (3.0 * v * v + strength / tau);
                }
                stages.push(v);
            }
            u = *stages.last().unwrap();
        }
        u
    }

    #[test]
    fn the_last_stage_is_at_the_end_of_the_step() {
        for movement in TABLE {
            let times = movement.abscissae();
            assert_eq!(times.len(), movement.stages.len());
            assert!(
                (times.last().unwrap() - 1.0).abs() < 1e-13,
                "{}",
                movement.name
            );
        }
    }

    /// Of `g = t` it takes the stage's time, and of `g = t^2` what the scheme makes of it.
    #[test]
    fn stages_take_of_a_given_function_what_the_scheme_makes_of_it() {
        for movement in TABLE {
            let (times, all) = (movement.abscissae(), movement.stage_weights());
            let mut squares = vec![0.0];
            for (stage, (row, time)) in movement.stages.iter().zip(&times).enumerate() {
                let strength: f64 = row.iter().sum();
                let pull: f64 = row.iter().zip(&squares).map(|(g, u)| g * u).sum();
                squares.push((2.0 * time + pull) / strength);
                let of = |power: i32| -> f64 {
                    let pairs = all[stage].iter().zip(SAMPLES);
                    pairs.map(|(w, s)| w * s.powi(power)).sum()
                };
                assert!((of(0) - 1.0).abs() < 1e-12 && (of(1) - time).abs() < 1e-12);
                let last = stage + 1 == times.len();
                let square = if last { 1.0 } else { squares[stage + 1] };
                assert!((of(2) - square).abs() < 1e-12, "{} {stage}", movement.name);
            }
        }
    }

    #[test]
    fn orders_on_a_nonlinear_flow() {
        // u = (u_0^-2 + 2 t)^(-1/2)
        let exact = (1.3_f64.powi(-2) + 2.0).powf(-0.5);
        for movement in TABLE {
            let error = |steps| (run(movement, steps, 1.3, |_| 0.0) - exact).abs();
            let order = (error(16) / error(32)).log2();
            let expected = f64::from(movement.order);
            assert!(
                (order - expected).abs() < 0.15,
                "{}: order {order}",
                movement.name
            );
        }
    }

    /// `u = 3/2 + cos 2t`, of a flow whose energy depends on time.
    #[test]
    fn orders_where_the_energy_depends_on_time() {
        let exact = |t: f64| 1.5 + (2.0 * t).cos();
        let source = |t: f64| (1.5 + (2.0 * t).cos()).powi(3) - 2.0 * (2.0 * t).sin();
        for movement in TABLE {
            let error = |steps| (run(movement, steps, exact(0.0), source) - exact(1.0)).abs();
            let order = (error(512) / error(1024)).log2();
            let expected = f64::from(movement.order);
            assert!(
                (order - expected).abs() < 0.25,
                "{}: order {order}",
                movement.name
            );
        }
    }

    /// The conditions of order 2 and 3 of the Runge-Kutta method that the stages are, whose nodes are
    /// the abscissae.
    #[test]
    fn abscissae_are_those_of_the_order_conditions() {
        for movement in TABLE {
            let c = movement.abscissae();
            let mut rows: Vec<Vec<f64>> = Vec::new();
            for (m, row) in movement.stages.iter().enumerate() {
                let strength: f64 = row.iter().sum();
                let mut next = vec![0.0; movement.stages.len()];
                for (g, before) in row.iter().skip(1).zip(&rows) {
                    let sums = next.iter_mut().zip(before);
                    sums.for_each(|(n, b)| *n += g / strength * b);
                }
                next[m] += 1.0 / strength;
                let sum: f64 = next.iter().sum();
                assert!((sum - c[m]).abs() < 1e-12, "{}: {sum}", movement.name);
                rows.push(next);
            }
            let weights = rows.last().unwrap();
            let mean = |values: &dyn Fn(usize) -> f64| -> f64 {
                weights.iter().enumerate().map(|(m, b)| b * values(m)).sum()
            };
            let inner = |m: usize| -> f64 { rows[m].iter().zip(&c).map(|(a, c)| a * c).sum() };
            let conditions = [
                (2, mean(&|m| c[m]), 1.0 / 2.0),
                (3, mean(&|m| c[m] * c[m]), 1.0 / 3.0),
                (3, mean(&inner), 1.0 / 6.0),
            ];
            for (order, found, exact) in conditions {
                let holds = (found - exact).abs() < 1e-12;
                assert_eq!(holds, order <= movement.order, "{}: {found}", movement.name);
            }
        }
    }
}
