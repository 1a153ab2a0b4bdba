//! Central differences, `f' = (f(h) - f(-h)) / 2h`, and the steps h that they take.
//!
//! None of them is in the answer of a step: they steer convergence, or measure.

/// The cube root of the rounding unit: with steps of this size, truncation (h^2) and rounding
/// (u / h) of a function that is exact to rounding are of one size.
fn cube_root() -> f64 {
    f64::EPSILON.cbrt()
}

/// Of a relative change of a density, whose derivatives energies may have by differences
/// themselves.
pub(crate) const RELATIVE_DENSITY: f64 = 1e-4;

/// Of a relative change of a density or a length, where the function is exact to rounding but
/// vanishes nearly: a digit more than the cube root is left for it.
pub(crate) const RELATIVE: f64 = 1e-5;

/// Of a relative change of the parameters of a network.
const PARAMETERS: f64 = 1e-6;

/// The two shifts of a central difference.
pub(crate) const fn sides(step: f64) -> [f64; 2] {
    [step, -step]
}

/// The part that the value at a shift adds to the derivative.
pub(crate) const fn share(value: f64, side: f64) -> f64 {
    value / (2.0 * side)
}

/// The step in positions x.
pub(crate) fn positions(x: &[f64]) -> f64 {
    let size = x.iter().fold(0.0_f64, |s, x| s.max(x.abs()));
    cube_root() * size.max(f64::MIN_POSITIVE)
}

/// The step in positions of this size along a field that is at most `longest`.
pub(crate) fn positions_along(size: f64, longest: f64) -> f64 {
    cube_root() * size / longest.max(f64::MIN_POSITIVE)
}

/// The step in parameters along a direction.
pub(crate) fn parameters_along(parameters: &[f64], direction: &[f64]) -> f64 {
    let norm = |v: &[f64]| v.iter().map(|v| v * v).sum::<f64>().sqrt();
    PARAMETERS * (1.0 + norm(parameters)) / norm(direction).max(f64::MIN_POSITIVE)
}
