//! How far a density is from another, where no grid holds them: by samples of either.

use movimento::initial::profile::Profile;
use movimento::quadrature::Quadrature;
use movimento::{Result, Solver};
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

/// Samples of the divergence, and a seed that none of the solver's streams starts from.
const SAMPLES: usize = 10_000;
const SAMPLE_SEED: u64 = 0x6b6c;

/// `KL(rho | other) + KL(other | rho)` of the solver's density, which began as `start`.
pub fn symmetric_divergence(
    solver: &Solver,
    start: &dyn Profile,
    other: &dyn Profile,
) -> Result<f64> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(SAMPLE_SEED);
    let rule = Quadrature::MonteCarlo { nodes: SAMPLES };
    let here = start.labels(&rule, &mut rng)?;
    let there = other.labels(&rule, &mut rng)?;
    let ratios = |y: &[f64]| -> Result<Vec<f64>> {
        let (ours, theirs) = (ours(solver, y)?, density(other, y)?);
        Ok(ours
            .iter()
            .zip(&theirs)
            .map(|(a, b)| (a / b).ln())
            .collect())
    };
    let mut moved = vec![0.0; here.x.len()];
    if solver.push_forward(&here.x, &mut moved).is_err() {
        return by_importance(solver, start, other, [&here.x, &there.x]);
    }
    // The mean of ln(rho / other) at samples of rho, less that at samples of the other density.
    let mut sum = 0.0;
    for (y, w, sign) in [(&moved, &here.w, 1.0), (&there.x, &there.w, -1.0)] {
        let products = ratios(y)?.into_iter().zip(w).map(|(ratio, w)| w * ratio);
        sum += sign * products.sum::<f64>();
    }
    Ok(sum)
}

/// The same of a density that has no samples: by those of the start and of the other, half of each.
fn by_importance(
    solver: &Solver,
    start: &dyn Profile,
    other: &dyn Profile,
    samples: [&Vec<f64>; 2],
) -> Result<f64> {
    let y = samples.map(Vec::as_slice).concat();
    let (ours, theirs, first) = (ours(solver, &y)?, density(other, &y)?, density(start, &y)?);
    let each = ours.iter().zip(&theirs).zip(&first);
    let sum = each.map(|((a, b), c)| {
        // (a - b) ln(a / b), of which nothing is left where both vanish.
        let excess = a - b;
        if excess == 0.0 {
            0.0
        } else {
            excess * (a / b).ln() / (0.5 * (b + c))
        }
    });
    Ok(sum.sum::<f64>() / ours.len() as f64)
}

fn ours(solver: &Solver, y: &[f64]) -> Result<Vec<f64>> {
    let mut rho = vec![0.0; y.len() / solver.domain().dimension()];
    solver.evaluate(y, &mut rho, None)?;
    Ok(rho)
}

fn density(of: &dyn Profile, y: &[f64]) -> Result<Vec<f64>> {
    let mut rho = vec![0.0; y.len() / of.dimension()];
    of.density(y, &mut rho, None)?;
    Ok(rho)
}
