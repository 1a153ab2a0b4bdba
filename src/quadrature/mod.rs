//! Nodes and weights of the integrals over the domain.

mod gauss;
mod monte_carlo;

use crate::domain::Domain;
use crate::error::{Error, Result};
use crate::options::Options;
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Quadrature nodes and weights.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Nodes {
    /// Positions, `[n][d]`.
    pub x: Vec<f64>,
    /// Weights, `[n]`; they sum to the volume.
    pub w: Vec<f64>,
}

impl Nodes {
    /// How many nodes there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.w.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.w.is_empty()
    }
}

/// What random numbers are drawn for: each purpose and step has a stream of its own, so that a
/// run can go on from (seed, step) alone.
#[derive(Clone, Copy, Debug)]
pub enum Stream {
    /// Initial weights.
    Weights,
    /// Nodes of the fit or of a step.
    Nodes,
    /// Independent nodes.
    Check,
    /// Directions of the fit.
    Directions,
}

/// A generator for one purpose at one step and try.
pub fn generator(seed: u64, stream: Stream, step: u64, attempt: u64) -> impl RngExt {
    // Three rounds of a 64-bit mixer (its seeding is SplitMix64) keep near-by inputs apart.
    let mut state = seed;
    for word in [stream as u64, step, attempt] {
        state = Xoshiro256PlusPlus::seed_from_u64(state ^ word.wrapping_mul(0x9e37_79b9_7f4a_7c15))
            .random();
    }
    Xoshiro256PlusPlus::seed_from_u64(state)
}

/// A rule for choosing nodes.
#[derive(Clone, Debug)]
pub enum Quadrature {
    /// Tensor Gauss-Legendre nodes, this many per axis.
    Gauss {
        /// Nodes per axis.
        per_axis: usize,
    },
    /// Independent uniform nodes, drawn anew whenever asked.
    MonteCarlo {
        /// Nodes.
        nodes: usize,
    },
}

/// The most coordinates, nodes times dimension, that are accepted: 1.6 GB of them.
const MAX_COORDINATES: f64 = 2e8;

/// Refuses more nodes than can be held, naming the option that asks for them.
pub(crate) fn check_size(option: &str, nodes: f64, dimension: usize) -> Result<()> {
    let most = (MAX_COORDINATES / dimension as f64).floor();
    if nodes <= most {
        Ok(())
    } else {
        Err(Error::option(format!(
            "option `{option}` asks for {nodes:.1e} nodes in dimension {dimension}; accepted are up \
             to {most:.1e} (tensor Gauss nodes multiply with the dimension, monte-carlo does not)"
        )))
    }
}

impl Quadrature {
    /// The rule of the options `quadrature` and `nodes` for a network with so many parameters.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option) if the tensor grid would be too large.
    pub fn from_options(options: &Options, dimension: usize, parameters: usize) -> Result<Self> {
        let asked = usize::try_from(options.integer("nodes")?).unwrap_or(0);
        // A node gives 1 + d rows. With fewer nodes than about the parameters, a network can lower
        // the objective by oscillating between the nodes.
        let nodes = if asked == 0 {
            (parameters + parameters / 4).max(400)
        } else {
            asked
        };
        check_size("nodes", nodes as f64, dimension)?;
        match options.text("quadrature")?.as_str() {
            "monte-carlo" => Ok(Self::MonteCarlo { nodes }),
            "auto" if dimension > 3 => Ok(Self::MonteCarlo {
                nodes: if asked == 0 { 2 * nodes } else { nodes },
            }),
            _ => Self::gauss(nodes, dimension),
        }
    }

    /// Tensor Gauss nodes, at least `nodes` of them.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option) if there would be too many to hold.
    pub(crate) fn gauss(nodes: usize, dimension: usize) -> Result<Self> {
        let per_axis = (nodes as f64).powf(1.0 / dimension as f64).ceil().max(2.0);
        check_size("quadrature", per_axis.powf(dimension as f64), dimension)?;
        Ok(Self::Gauss {
            per_axis: per_axis as usize,
        })
    }

    /// A rule of the same kind with another number of nodes.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option), naming `option`, if there would be too many to hold.
    pub(crate) fn resized(&self, option: &str, nodes: usize, dimension: usize) -> Result<Self> {
        check_size(option, nodes as f64, dimension)?;
        match self {
            Self::Gauss { .. } => Self::gauss(nodes, dimension),
            Self::MonteCarlo { .. } => Ok(Self::MonteCarlo { nodes }),
        }
    }

    /// How many nodes there will be in dimension d.
    #[must_use]
    pub fn len(&self, dimension: usize) -> usize {
        match self {
            Self::Gauss { per_axis } => per_axis.saturating_pow(dimension as u32),
            Self::MonteCarlo { nodes } => *nodes,
        }
    }

    /// The rule for another try: more Gauss nodes; random ones are fresh anyway.
    #[must_use]
    pub fn refined(&self, attempt: u64) -> Self {
        match self {
            Self::Gauss { per_axis } => Self::Gauss {
                per_axis: per_axis + per_axis / 4 * attempt as usize,
            },
            Self::MonteCarlo { nodes } => Self::MonteCarlo { nodes: *nodes },
        }
    }

    /// A rule of the same kind whose nodes are not those of this one: for checks.
    #[must_use]
    pub fn independent(&self, least: usize, dimension: usize) -> Self {
        match self {
            Self::Gauss { per_axis } => {
                let least = (least as f64).powf(1.0 / dimension as f64).ceil() as usize;
                // Neighbouring Gauss rules of even and odd order share no node but perhaps the
                // centre; one more than a third above keeps the check the finer of the two.
                let finer = (per_axis + per_axis / 3).max(least) | 1;
                Self::Gauss {
                    per_axis: if finer == *per_axis { finer + 2 } else { finer },
                }
            }
            Self::MonteCarlo { .. } => Self::MonteCarlo { nodes: least },
        }
    }

    /// The nodes on the domain.
    ///
    /// # Errors
    /// [`Internal`](crate::ErrorKind::Internal) if the one-dimensional rule cannot be computed.
    pub fn nodes(&self, domain: &Domain, rng: &mut impl RngExt) -> Result<Nodes> {
        match self {
            Self::Gauss { per_axis } => gauss::tensor(domain, *per_axis),
            Self::MonteCarlo { nodes } => Ok(monte_carlo::uniform(domain, *nodes, rng)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domain(d: i64) -> Domain {
        let mut options = Options::new();
        options.set("dimension", d).unwrap();
        options.set("lower", vec![-1.0]).unwrap();
        options.set("upper", vec![2.0]).unwrap();
        Domain::from_options(&options).unwrap()
    }

    #[test]
    fn gauss_integrates_polynomials_exactly() {
        for d in 1..=3 {
            let domain = domain(d);
            let nodes = Quadrature::Gauss { per_axis: 4 }
                .nodes(&domain, &mut generator(1, Stream::Nodes, 0, 0))
                .unwrap();
            let sum: f64 = nodes
                .x
                .chunks_exact(d as usize)
                .zip(&nodes.w)
                .map(|(x, w)| w * x.iter().map(|x| x.powi(7)).product::<f64>())
                .sum();
            let exact = ((2.0_f64.powi(8) - 1.0) / 8.0).powi(d as i32);
            assert!((sum / exact - 1.0).abs() < 1e-12);
            assert!((nodes.w.iter().sum::<f64>() / domain.volume() - 1.0).abs() < 1e-13);
        }
    }

    #[test]
    fn independent_rules_share_no_nodes() {
        let domain = domain(1);
        for per_axis in 2..80 {
            let rule = Quadrature::Gauss { per_axis };
            let mut rng = generator(1, Stream::Nodes, 0, 0);
            let mine = rule.nodes(&domain, &mut rng).unwrap();
            let other = rule.independent(10, 1).nodes(&domain, &mut rng).unwrap();
            let shared =
                |x: &f64| (x - 0.5).abs() > 1e-9 && mine.x.iter().any(|y| (x - y).abs() < 1e-12);
            assert!(!other.x.iter().any(shared), "{per_axis}");
        }
    }

    #[test]
    fn streams_differ_and_repeat() {
        let draw = |stream, step| generator(3, stream, step, 0).random::<u64>();
        assert_eq!(draw(Stream::Nodes, 5), draw(Stream::Nodes, 5));
        assert_ne!(draw(Stream::Nodes, 5), draw(Stream::Nodes, 6));
        assert_ne!(draw(Stream::Nodes, 5), draw(Stream::Check, 5));
    }
}
