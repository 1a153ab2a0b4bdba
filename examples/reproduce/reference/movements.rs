//! The movement schemes with every minimisation exact.

use super::{Equation, Space};
use movimento::movement::Movement;

/// Relative change of the coefficients at which a stage is solved.
const SOLVED: f64 = 1e-14;

/// Iterations after which a stage is given up.
const PATIENCE: usize = 200;

/// The field after so many steps; `None` if a stage cannot be solved because tau
/// is too large for its fixed point.
pub fn movements(
    space: &impl Space,
    equation: &Equation,
    movement: &Movement,
    start: &[f64],
    tau: f64,
    steps: u64,
) -> Option<Vec<f64>> {
    let rates: Vec<f64> = space
        .eigenvalues()
        .iter()
        .map(|l| equation.kappa * l)
        .collect();
    (0..steps).try_fold(start.to_vec(), |field, _| {
        step(space, equation, &rates, movement, field, tau)
    })
}

/// One step; `rates` are the eigenvalues of `-kappa Laplacian`.
fn step(
    space: &impl Space,
    equation: &Equation,
    rates: &[f64],
    movement: &Movement,
    field: Vec<f64>,
    tau: f64,
) -> Option<Vec<f64>> {
    let mut stages = vec![field];
    for row in movement.stages {
        let strength: f64 = row.iter().sum();
        let centre: Vec<f64> = (0..rates.len())
            .map(|k| row.iter().zip(&stages).map(|(g, u)| g * u[k]).sum::<f64>() / strength)
            .collect();
        let guess = stages.last()?.clone();
        stages.push(stage(
            space,
            equation,
            rates,
            &centre,
            strength / tau,
            guess,
        )?);
    }
    stages.pop()
}

/// Solves `(u - c) s - kappa Laplacian u + eps^-2 (u^3 - u) = 0` by the fixed point of
/// `(s + rates + a) u = s c + a u - eps^-2 (u^3 - u)`: with a in the middle of the reaction's slopes
/// for u in [-1, 1] each iteration divides the error by `1 + 2 s eps^2 / 3` at least.
fn stage(
    space: &impl Space,
    equation: &Equation,
    rates: &[f64],
    centre: &[f64],
    s: f64,
    mut field: Vec<f64>,
) -> Option<Vec<f64>> {
    let a = 0.5 * equation.well;
    for _ in 0..PATIENCE {
        let reaction = space.pointwise(&field, |u| equation.react(u));
        let (mut change, mut size) = (0.0, 0.0);
        for (k, u) in field.iter_mut().enumerate() {
            let next = (s * centre[k] + a * *u + reaction[k]) / (s + rates[k] + a);
            change += (next - *u).powi(2);
            size += next.powi(2);
            *u = next;
        }
        if change <= SOLVED.powi(2) * size {
            return Some(field);
        }
        if !size.is_finite() {
            break;
        }
    }
    None
}
