//! Nodes and weights of the integrals over the domain and over its boundary.

mod ball;
mod boundary;
mod choice;
mod cut;
mod gauss;
mod given;
mod midpoints;
mod monte_carlo;
mod nodes;
mod sobol;
mod stratified;
mod weighted;

pub(crate) use boundary::BESIDE;
pub use boundary::{Boundary, INSIDE};
pub use choice::QuadratureChoice;
pub(crate) use given::Given;
pub use nodes::{Nodes, NodesView};
pub(crate) use weighted::{bump, gaussian, normal};

use crate::arguments::require_room;
use crate::domain::{Domain, Shape};
use crate::error::{Error, ErrorKind, Result};
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use std::num::NonZeroUsize;

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
    /// Nodes of the iterations of a step.
    Iterations,
    /// Initial weights of the potentials of a Wasserstein distance.
    Potentials,
}

/// A generator for one purpose at one step and try.
#[must_use]
pub fn generator(seed: u64, stream: Stream, step: u64, attempt: u64) -> Xoshiro256PlusPlus {
    // Three rounds of a 64-bit mixer (its seeding is SplitMix64) keep near-by inputs apart.
    let mut state = seed;
    for word in [stream as u64, step, attempt] {
        state = Xoshiro256PlusPlus::seed_from_u64(state ^ word.wrapping_mul(0x9e37_79b9_7f4a_7c15))
            .random();
    }
    Xoshiro256PlusPlus::seed_from_u64(state)
}

/// Sets of Gauss nodes that steps take in turn.
pub(crate) const TURNS: usize = 3;

/// A rule for choosing nodes. All but Gauss are random: drawn anew whenever asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Quadrature {
    /// Gauss-Legendre nodes: a tensor product on a box, polar on a ball, and on a cut box along
    /// lines between the crossings of the boundary. This many would lie along each side of the box.
    Gauss {
        /// Nodes per axis.
        per_axis: usize,
    },
    /// Gauss-Legendre nodes in a box, of each axis a number of its own.
    Grid {
        /// Nodes along each axis.
        per_axis: Vec<usize>,
    },
    /// The midpoints of equal cells of a box, so many along each axis: of waves of the box the integrals are exact.
    Midpoints {
        /// Nodes along each axis.
        per_axis: Vec<usize>,
    },
    /// Scrambled Sobol nodes.
    Sobol {
        /// Nodes, about so many on a cut box.
        nodes: usize,
    },
    /// One node in each cell of a grid up to three dimensions, a Latin hypercube beyond.
    Stratified {
        /// Nodes, about so many on a cut box.
        nodes: usize,
    },
    /// Independent uniform nodes.
    MonteCarlo {
        /// Nodes, about so many on a cut box.
        nodes: usize,
    },
}

/// The most coordinates, nodes times dimension, that are accepted: 1.6 GB of them.
const MAX_COORDINATES: f64 = 2e8;

/// Up to this dimension Gauss nodes are the automatic choice, and the only ones on cut boxes.
pub(crate) const GAUSS: usize = 3;

/// Points by which the volume of a cut box is measured beyond [`GAUSS`] dimensions.
const VOLUME_POINTS: usize = 1 << 18;

/// The smallest part of its box that a cut box may fill: random nodes are drawn in the box.
const LEAST_PART: f64 = 1e-4;

/// Refuses more nodes than can be held, naming the option that asks for them.
pub(crate) fn check_size(option: &str, nodes: f64, dimension: usize) -> Result<()> {
    let most = (MAX_COORDINATES / dimension as f64).floor();
    if nodes <= most {
        Ok(())
    } else {
        Err(Error::option(format!(
            "option `{option}` asks for {nodes:.1e} nodes in dimension {dimension}; accepted are up \
             to {most:.1e} (Gauss nodes multiply with the dimension, random ones do not)"
        )))
    }
}

impl Quadrature {
    /// The rule that is chosen, of so many nodes or of enough for a network with so many parameters.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option) if there would be too many nodes.
    pub fn new(
        choice: QuadratureChoice,
        nodes: Option<NonZeroUsize>,
        domain: &Domain,
        parameters: usize,
    ) -> Result<Self> {
        let d = domain.dimension();
        let spread = choice == QuadratureChoice::Auto && d > GAUSS;
        // A node gives 1 + d rows. With fewer nodes than about the parameters, a network can lower
        // the objective by oscillating between the nodes. Random ones also carry noise.
        let nodes = match nodes {
            Some(nodes) => nodes.get(),
            // Without an embedding the boundary condition emerges, and with it steep layers.
            None if spread || !domain.is_box() => 2 * (parameters + parameters / 4).max(400),
            None => (parameters + parameters / 4).max(if d == 1 { 400 } else { 1024 }),
        };
        check_size("nodes", nodes as f64, d)?;
        match choice {
            QuadratureChoice::MonteCarlo => Ok(Self::MonteCarlo { nodes }),
            QuadratureChoice::Stratified => Ok(Self::Stratified {
                nodes: stratified::round_up(nodes, d),
            }),
            QuadratureChoice::Sobol => Self::sobol(nodes, d),
            QuadratureChoice::Auto if spread => Self::sobol(nodes, d),
            QuadratureChoice::Auto | QuadratureChoice::Gauss => Self::gauss(nodes, domain),
        }
    }

    /// Gauss nodes, about `nodes` of them and on a box at least so many.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option) if there would be too many to hold, and
    /// [`Internal`](crate::ErrorKind::Internal) on a ball or cut box beyond [`GAUSS`] dimensions.
    pub(crate) fn gauss(nodes: usize, domain: &Domain) -> Result<Self> {
        let d = domain.dimension();
        if d > GAUSS && !domain.is_box() {
            return Err(Error::new(
                ErrorKind::Internal,
                format!("Gauss nodes are asked for on a ball or cut box of dimension {d}"),
            ));
        }
        let in_box = nodes as f64 * domain.box_volume() / domain.volume();
        let per_axis = (in_box.powf(1.0 / d as f64) - 1e-9).ceil().max(2.0);
        check_size("quadrature", per_axis.powf(d as f64), d)?;
        let per_axis = per_axis as usize;
        // Even on cut boxes, where the rules for checks are told apart by being odd.
        let odd = matches!(domain.shape(), Shape::Cut(_)) && per_axis % 2 == 1;
        Ok(Self::Gauss {
            per_axis: per_axis + usize::from(odd),
        })
    }

    /// Scrambled Sobol nodes, at least `nodes` of them.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option) if the sequence does not reach this dimension.
    pub(crate) fn sobol(nodes: usize, dimension: usize) -> Result<Self> {
        if ball::coordinates(dimension) > sobol::DIMENSIONS {
            return Err(Error::option(format!(
                "option `quadrature` is sobol in dimension {dimension}; accepted are up to {}: use stratified or monte-carlo",
                sobol::DIMENSIONS - 2
            )));
        }
        Ok(Self::Sobol {
            nodes: sobol::round_up(nodes),
        })
    }

    /// A rule of the same kind with another number of nodes.
    ///
    /// # Errors
    /// [`Option`](crate::ErrorKind::Option), naming `option`, if there would be too many to hold.
    pub(crate) fn resized(&self, option: &str, nodes: usize, domain: &Domain) -> Result<Self> {
        let d = domain.dimension();
        check_size(option, nodes as f64, d)?;
        match self {
            Self::Gauss { .. } => Self::gauss(nodes, domain),
            Self::Grid { per_axis } => {
                let per_axis = self.times(per_axis, nodes, domain);
                Ok(Self::Grid { per_axis })
            }
            Self::Midpoints { per_axis } => {
                let per_axis = self.times(per_axis, nodes, domain);
                Ok(Self::Midpoints { per_axis })
            }
            Self::Sobol { .. } => Self::sobol(nodes, d),
            Self::Stratified { .. } => Ok(Self::Stratified {
                nodes: stratified::round_up(nodes, d),
            }),
            Self::MonteCarlo { .. } => Ok(Self::MonteCarlo { nodes }),
        }
    }

    /// As many times the nodes along each axis as make so many in all.
    fn times(&self, per_axis: &[usize], nodes: usize, domain: &Domain) -> Vec<usize> {
        let d = domain.dimension() as f64;
        let times = (nodes as f64 / self.len(domain) as f64).powf(1.0 / d);
        let each = |n: &usize| (times * *n as f64).ceil() as usize;
        per_axis.iter().map(each).collect()
    }

    /// The number of nodes of a random rule.
    #[must_use]
    pub const fn random(&self) -> Option<usize> {
        match self {
            Self::Gauss { .. } | Self::Grid { .. } | Self::Midpoints { .. } => None,
            Self::Sobol { nodes } | Self::Stratified { nodes } | Self::MonteCarlo { nodes } => {
                Some(*nodes)
            }
        }
    }

    /// How many nodes there will be on a domain, about.
    #[must_use]
    pub fn len(&self, domain: &Domain) -> usize {
        match self {
            Self::Gauss { per_axis } => {
                let in_box = (*per_axis as f64).powi(domain.dimension() as i32);
                (in_box * domain.volume() / domain.box_volume()).ceil() as usize
            }
            Self::Grid { per_axis } | Self::Midpoints { per_axis } => per_axis.iter().product(),
            Self::Sobol { nodes } | Self::Stratified { nodes } | Self::MonteCarlo { nodes } => {
                *nodes
            }
        }
    }

    /// The rules that the steps use in turn; none if nodes are drawn anew. In the plane and beyond, and on a
    /// line without an embedding that meets the boundary condition, a network can put layers between fixed
    /// nodes, step after step, which nodes at other places reveal.
    #[must_use]
    pub(crate) fn turns(&self, domain: &Domain) -> Vec<Self> {
        match self {
            Self::Gauss { .. } if domain.is_box() && domain.dimension() == 1 => vec![self.clone()],
            Self::Gauss { .. } => (0..TURNS).map(|turn| self.turned(turn)).collect(),
            Self::Grid { .. } | Self::Midpoints { .. } => vec![self.clone()],
            _ => Vec::new(),
        }
    }

    /// The rule for another try: more Gauss nodes; random ones are fresh anyway.
    #[must_use]
    pub fn refined(&self, attempt: u64) -> Self {
        match self {
            Self::Gauss { per_axis } => Self::Gauss {
                // By an even number, see `gauss`.
                per_axis: per_axis + per_axis.div_ceil(8) * 2 * attempt as usize,
            },
            Self::Grid { per_axis } => Self::Grid {
                per_axis: denser(per_axis, attempt),
            },
            Self::Midpoints { per_axis } => Self::Midpoints {
                per_axis: denser(per_axis, attempt),
            },
            random => random.clone(),
        }
    }

    /// The rule that a step takes in its turn, so that steps in succession share no node.
    #[must_use]
    pub fn turned(&self, turn: usize) -> Self {
        match self {
            Self::Gauss { per_axis } => Self::Gauss {
                // All even, see `gauss`.
                per_axis: per_axis + 2 * turn,
            },
            random => random.clone(),
        }
    }

    /// A rule of the same kind whose nodes are not those of this one, about `least` or more: for
    /// checks.
    #[must_use]
    pub fn independent(&self, least: usize, domain: &Domain) -> Self {
        match self {
            Self::Gauss { per_axis } => {
                let d = domain.dimension();
                let in_box = least as f64 * domain.box_volume() / domain.volume();
                let least = in_box.powf(1.0 / d as f64).ceil() as usize;
                // Neighbouring Gauss rules of even and odd order share no node but perhaps the
                // centre; one more than a third above keeps the check the finer of the two.
                let finer = (per_axis + per_axis / 3).max(least) | 1;
                Self::Gauss {
                    per_axis: if finer == *per_axis { finer + 2 } else { finer },
                }
            }
            Self::Grid { per_axis } => Self::Grid {
                per_axis: finer(per_axis),
            },
            Self::Midpoints { per_axis } => Self::Midpoints {
                per_axis: finer(per_axis),
            },
            Self::Sobol { .. } => Self::Sobol { nodes: least },
            Self::Stratified { .. } => Self::Stratified { nodes: least },
            Self::MonteCarlo { .. } => Self::MonteCarlo { nodes: least },
        }
    }

    /// The nodes on a domain.
    ///
    /// # Errors
    /// Those of the function that cuts it, and [`Argument`](crate::ErrorKind::Argument) if it keeps
    /// no point.
    pub fn nodes(&self, domain: &Domain, rng: &mut impl RngExt) -> Result<Nodes> {
        require_room(self.len(domain), domain.dimension())?;
        let per_axis = match self {
            Self::Gauss { per_axis } => *per_axis,
            Self::Grid { per_axis } => {
                return gauss::grid(domain.lower(), domain.upper(), per_axis);
            }
            Self::Midpoints { per_axis } => {
                return Ok(midpoints::grid(domain.lower(), domain.upper(), per_axis));
            }
            Self::Sobol { nodes } | Self::Stratified { nodes } | Self::MonteCarlo { nodes } => {
                return self.random_nodes(*nodes, domain, rng);
            }
        };
        match domain.shape() {
            Shape::Box | Shape::Space => gauss::tensor(domain.lower(), domain.upper(), per_axis),
            Shape::Ball => ball::polar(domain, per_axis),
            Shape::Cut(_) => cut::nodes(domain, per_axis),
        }
    }

    fn random_nodes(&self, n: usize, domain: &Domain, rng: &mut impl RngExt) -> Result<Nodes> {
        let d = domain.dimension();
        let x = match domain.shape() {
            Shape::Box | Shape::Space => scaled(domain, self.points(n, d, rng)),
            Shape::Ball => {
                let points = self.points(n, ball::coordinates(d), rng);
                ball::from_cube(domain, &points)
            }
            Shape::Cut(_) => {
                let in_box = n as f64 * domain.box_volume() / domain.volume();
                check_size("nodes", in_box, d)?;
                let x = scaled(domain, self.points(in_box.ceil() as usize, d, rng));
                kept(domain, &x)?
            }
        };
        let n = x.len() / d;
        Ok(Nodes {
            x,
            w: vec![domain.volume() / n as f64; n],
            ..Nodes::default()
        })
    }

    /// Random points of the unit cube.
    fn points(&self, n: usize, d: usize, rng: &mut impl RngExt) -> Vec<f64> {
        match self {
            Self::Sobol { .. } => sobol::points(n, d, rng),
            Self::Stratified { .. } => stratified::points(n, d, rng),
            _ => monte_carlo::points(n, d, rng),
        }
    }
}

/// Nodes along each axis for another try.
fn denser(per_axis: &[usize], attempt: u64) -> Vec<usize> {
    let more = |n: &usize| n + n.div_ceil(8) * 2 * attempt as usize;
    per_axis.iter().map(more).collect()
}

/// An odd number of nodes along each axis, a third more than these.
fn finer(per_axis: &[usize]) -> Vec<usize> {
    let finer = |n: &usize| (n + n / 3) | 1;
    let other = |n: &usize| finer(n) + if finer(n) == *n { 2 } else { 0 };
    per_axis.iter().map(other).collect()
}

/// Points of the unit cube on the box.
fn scaled(domain: &Domain, mut points: Vec<f64>) -> Vec<f64> {
    for point in points.chunks_exact_mut(domain.dimension()) {
        let corners = domain.lower().iter().zip(domain.upper());
        for (x, (lo, hi)) in point.iter_mut().zip(corners) {
            *x = lo + (hi - lo) * *x;
        }
    }
    points
}

/// The positions that are in the domain, at least one.
fn kept(domain: &Domain, x: &[f64]) -> Result<Vec<f64>> {
    let d = domain.dimension();
    let mut inside = vec![false; x.len() / d];
    domain.contains(x, &mut inside)?;
    let pairs = x.chunks_exact(d).zip(inside);
    let kept: Vec<f64> = pairs
        .filter(|(_, inside)| *inside)
        .flat_map(|(x, _)| x.iter().copied())
        .collect();
    if kept.is_empty() {
        return Err(cut::empty());
    }
    Ok(kept)
}

/// Measures the volume of a cut box: by Gauss nodes up to three dimensions, by the part of the
/// points of a Sobol sequence beyond.
///
/// # Errors
/// [`Argument`](crate::ErrorKind::Argument) if the domain is empty or fills too little of its box, and
/// those of the function that cuts it.
pub(crate) fn measure(domain: &mut Domain, rng: &mut impl RngExt) -> Result<()> {
    let (d, whole) = (domain.dimension(), domain.box_volume());
    let volume = if d <= GAUSS {
        let per_axis = [512, 96, 24][d - 1];
        cut::nodes(domain, per_axis)?.w.iter().sum()
    } else {
        let x = scaled(domain, sobol::points(VOLUME_POINTS, d, rng));
        let inside = kept(domain, &x)?.len() as f64;
        whole * inside / x.len() as f64
    };
    if volume < LEAST_PART * whole {
        return Err(Error::argument(format!(
            "the inside function keeps a part of {:.1e} of the box; accepted is at least \
             {LEAST_PART:e}: let `lower` and `upper` enclose the region closely",
            volume / whole
        )));
    }
    domain.set_volume(volume);
    Ok(())
}

#[cfg(test)]
mod tests;
