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
    let mut moved = vec![0.0; here.x.len()];
    solver.push_forward(&here.x, &mut moved)?;
    let there = other.labels(&rule, &mut rng)?;
    // The mean of ln(rho / other) at samples of rho, less that at samples of the other density.
    let mut sum = 0.0;
    for (y, w, sign) in [(&moved, &here.w, 1.0), (&there.x, &there.w, -1.0)] {
        let (mut ours, mut theirs) = (vec![0.0; w.len()], vec![0.0; w.len()]);
        solver.evaluate(y, &mut ours, None)?;
        other.density(y, &mut theirs, None)?;
        let ratios = ours.iter().zip(&theirs).map(|(a, b)| (a / b).ln());
        sum += sign * ratios.zip(w).map(|(ratio, w)| w * ratio).sum::<f64>();
    }
    Ok(sum)
}
