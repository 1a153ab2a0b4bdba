//! What each experiment is: its problem, the paper's setting and figure, the goal.

use crate::problem::{Flow, Start};
use crate::{benchmarks, wasserstein};
use movimento::options::Value;
use std::f64::consts::{FRAC_PI_4, PI};

/// Options of the library by their keys.
pub type Settings = Vec<(&'static str, Value)>;

/// A figure of others.
#[derive(Clone, Copy, Debug)]
pub struct Published {
    pub error: f64,
    pub by: &'static str,
}

/// Whom this program is named after.
pub const PAPER: &str = "Park, Kim, Son and Hwang, arXiv:2109.14851";

const fn by_paper(error: f64) -> Option<Published> {
    Some(Published { error, by: PAPER })
}

/// What is called the error of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// In L2 at the end, relative.
    L2,
    /// In L2 at the end, the root of the integral of the square.
    AbsoluteL2,
    /// Relative in L2 over all steps with the start together.
    SpaceTime,
    /// Symmetric Kullback-Leibler divergence at the end.
    SymmetricKl,
    /// Largest error of mean and covariance over the steps.
    Moments,
    /// Largest relative error over the steps of the slope of the second moment since the beginning.
    MomentSlope,
    /// Largest error of quantiles over the steps.
    Quantiles,
    /// Largest relative error of times, energies and values.
    Events,
    /// Largest relative error of the energies that others report, and of the mean over the steps.
    Energies,
    /// Largest relative difference of the two sides of the Euler-Lagrange equation.
    Mismatch,
}

impl Metric {
    pub const fn name(self) -> &'static str {
        match self {
            Self::L2 => "relative L2 at the end",
            Self::AbsoluteL2 => "L2 at the end",
            Self::SpaceTime => "relative L2 over space and time",
            Self::SymmetricKl => "symmetric Kullback-Leibler divergence",
            Self::Moments => "largest error of mean and covariance over all steps",
            Self::MomentSlope => {
                "relative error of the slope of the second moment, largest over all steps"
            }
            Self::Quantiles => "largest error of quantiles over all steps",
            Self::Events => "largest relative error of times, energies and values",
            Self::Energies => {
                "relative error of the energy after the first step and at rest, and error of the mean, largest over all steps"
            }
            Self::Mismatch => "relative mismatch of the Euler-Lagrange equation",
        }
    }
}

/// One experiment.
pub struct Case {
    pub name: &'static str,
    pub what: &'static str,
    pub paper: &'static str,
    pub goal: &'static str,
    /// The smallest figure that others have reported, in the same metric.
    pub published: Option<Published>,
    /// What is called the error.
    pub metric: Metric,
    /// The relative L2 error to reach by euler, second and third.
    pub goals: [Option<f64>; 3],
    /// The movement scheme where the command line names none.
    pub scheme: &'static str,
    pub flow: Flow,
    pub start: Start,
    /// The domain is `[-half_width, half_width]^d`, if the options do not say `lower` and `upper`.
    pub half_width: f64,
    pub dimension: i64,
    pub tau: f64,
    pub steps: u64,
    /// Times on the way at which the error is reported too.
    pub marks: &'static [f64],
    /// Library options besides those above, where the defaults do not fit the case.
    pub options: fn() -> Settings,
    /// What the paper used with Adam.
    pub adam: fn() -> Settings,
}

impl Case {
    /// Whether it is a flow in Wasserstein space.
    pub fn is_transported(&self) -> bool {
        matches!(self.flow, Flow::Terms(_))
    }

    /// Where the box begins and ends along each axis.
    pub fn bounds(&self) -> Vec<[f64; 2]> {
        let options = (self.options)();
        let at = |key: &str, default: f64| {
            let given = options.iter().find(|(name, _)| *name == key);
            match given {
                Some((_, Value::Reals(all))) => all.clone(),
                _ => vec![default; self.dimension as usize],
            }
        };
        let upper = at("upper", self.half_width);
        let sides = at("lower", -self.half_width).into_iter().zip(upper);
        sides.map(|(lower, upper)| [lower, upper]).collect()
    }

    /// The options besides those of the problem that are not left at their defaults.
    pub fn tuned(&self) -> Vec<&'static str> {
        let keys = (self.options)().into_iter().map(|(key, _)| key);
        keys.filter(|key| !PROBLEM.contains(key)).collect()
    }
}

/// Options that a problem is posed by, or asked for with.
const PROBLEM: [&str; 10] = [
    "flow",
    "transport_weight",
    "total_mass",
    "components",
    "domain",
    "embedding",
    "lower",
    "upper",
    "periodic_axes",
    "step_tolerance",
];

/// Every experiment.
pub fn all() -> impl Iterator<Item = &'static Case> {
    let of_the_paper = CASES.iter().chain(wasserstein::CASES);
    of_the_paper.chain(benchmarks::all())
}

static CASES: &[Case] = &[
    Case {
        name: "toy",
        what: "F = kappa/2 int u^2 on [-pi, pi], u_0 = sin x (section 4, motivating example)",
        paper: "plot only: (u_{k+1} - u_k)/tau and -grad F(u_{k+1}) look alike",
        goal: "the two sides differ by 1e-5 at most",
        published: None,
        metric: Metric::Mismatch,
        goals: [None; 3],
        scheme: "euler",
        flow: Flow::Decay { kappa: 1.0 },
        start: Start::Named("sine"),
        half_width: PI,
        dimension: 1,
        tau: 0.01,
        steps: 40,
        marks: &[],
        // The sine has a slope at the ends, so no cosines; the tolerances are those of the goal.
        options: || {
            vec![
                ("embedding", "none".into()),
                ("hidden", vec![12_i64, 12].into()),
                ("tolerance", 1e-8.into()),
                ("fit_tolerance", 1e-7.into()),
            ]
        },
        adam: || paper(&[256, 256], "tanh", 1e-3, 1_000),
    },
    Case {
        name: "heat-2d",
        what: "heat equation, kappa = 0.1 on [-pi/4, pi/4]^2, four modes (section 4.1.1)",
        paper: "3.15e-3 at t = 0.2",
        goal: "1.2e-3 / 1e-5 / 5e-6 by euler / second / third",
        published: by_paper(3.15e-3),
        metric: Metric::L2,
        goals: [Some(1.2e-3), Some(1e-5), Some(5e-6)],
        scheme: "euler",
        flow: Flow::Heat { kappa: 0.1 },
        start: Start::Named("heat-2d"),
        half_width: FRAC_PI_4,
        dimension: 2,
        tau: 0.005,
        steps: 40,
        marks: &[],
        options: Vec::new,
        adam: || paper(&[256, 256], "tanh", 1e-3, 10_000),
    },
    Case {
        name: "heat-8d",
        what: "heat equation, kappa = 0.25 on [-pi/4, pi/4]^8, seven modes (section 4.1.1)",
        paper: "3.67e-2 at t = 0.2",
        goal: "8e-3 / 2e-3 by euler / second",
        published: by_paper(3.67e-2),
        metric: Metric::L2,
        goals: [Some(8e-3), Some(2e-3), None],
        scheme: "euler",
        flow: Flow::Heat { kappa: 0.25 },
        start: Start::Named("heat-8d"),
        half_width: FRAC_PI_4,
        dimension: 8,
        tau: 0.005,
        steps: 40,
        marks: &[],
        options: || {
            vec![
                ("hidden", vec![32_i64, 32].into()),
                ("fit_tolerance", 3e-5.into()),
            ]
        },
        adam: || paper(&[256, 256, 256], "tanh", 1e-5, 50_000),
    },
    Case {
        name: "allen-cahn-torus",
        what: "Allen-Cahn, kappa = 1, eps = 0.25 on [-2, 2]^2, u_0 = 1 where 0.5 < |x| < 1.2, else -1 (section 4.1.2; the paper draws u_0 and gives no formula)",
        paper: "3.76e-2 at t = 0.2",
        goal: "2e-3 by second",
        published: by_paper(3.76e-2),
        metric: Metric::L2,
        goals: [None, Some(2e-3), None],
        scheme: "euler",
        flow: ALLEN_CAHN,
        start: Start::Discs {
            constant: -1.0,
            discs: &[([0.0, 0.0], 1.2, 2.0), ([0.0, 0.0], 0.5, -2.0)],
        },
        half_width: 2.0,
        dimension: 2,
        tau: 0.005,
        steps: 40,
        marks: &[],
        options: Vec::new,
        adam: || paper(&[256, 256], "elu", 1e-3, 10_000),
    },
    Case {
        name: "allen-cahn-points",
        what: "Allen-Cahn as above, u_0 = 1 in the discs of radius 0.4 about (+-0.8, +-0.8), else -1 (section 4.1.2; the paper draws u_0 and gives no formula)",
        paper: "6.69e-2 at t = 0.2",
        goal: "2e-3 by second",
        published: by_paper(6.69e-2),
        metric: Metric::L2,
        goals: [None, Some(2e-3), None],
        scheme: "euler",
        flow: ALLEN_CAHN,
        start: Start::Discs {
            constant: -1.0,
            discs: &[([0.8, 0.8], 0.4, 2.0)],
        },
        half_width: 2.0,
        dimension: 2,
        tau: 0.005,
        steps: 40,
        marks: &[],
        options: Vec::new,
        adam: || paper(&[256, 256], "elu", 1e-3, 10_000),
    },
    Case {
        name: "allen-cahn-random",
        what: "Allen-Cahn as above to t = 5 from a smooth random u_0 of the seed",
        paper: "not in the paper",
        goal: "the energy falls in every step, |u| <= 1, memory stays",
        published: None,
        metric: Metric::L2,
        goals: [None; 3],
        scheme: "euler",
        flow: ALLEN_CAHN,
        start: Start::Random {
            active: 6,
            amplitude: 0.12,
        },
        half_width: 2.0,
        dimension: 2,
        tau: 0.02,
        steps: 250,
        marks: &[0.2, 1.0],
        options: || {
            vec![
                ("hidden", vec![20_i64, 20].into()),
                ("harmonics", 4_i64.into()),
                ("form", "galerkin".into()),
                ("tolerance", 1e-2.into()),
                ("step_accept", 0.3.into()),
            ]
        },
        adam: || paper(&[256, 256], "elu", 1e-3, 10_000),
    },
];

const ALLEN_CAHN: Flow = Flow::AllenCahn {
    kappa: 1.0,
    eps: 0.25,
};

/// The paper's network and nodes. It does not say how many iterations it took: those here take
/// about an hour on two cores in two dimensions.
fn paper(hidden: &[i64], activation: &str, rate: f64, nodes: i64) -> Settings {
    vec![
        ("hidden", hidden.into()),
        ("activation", activation.into()),
        ("embedding", "none".into()),
        ("quadrature", "monte-carlo".into()),
        ("nodes", nodes.into()),
        ("fit_nodes", nodes.into()),
        ("initial_smoothing", 0.0.into()),
        ("form", "weak".into()),
        ("adam_learning_rate", rate.into()),
        ("adam_fit_iterations", 4_000_i64.into()),
        ("adam_iterations", 100_i64.into()),
        ("fit_accept", 1e300.into()),
    ]
}
