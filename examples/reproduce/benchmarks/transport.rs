//! Benchmarks in Wasserstein space.

use super::BASE;
use super::discrepancy::{self, Discrepancy};
use super::mixture;
use super::moments::{KellerSegel, Trapped, trap};
use super::reborn::{self, Reborn, Relaxing};
use crate::case::{Case, Metric, Published, Settings};
use crate::problem::{Flow, Start, term};
use crate::wasserstein::{Film, Gaussian, Source, fokker_planck, paper_potential};
use std::f64::consts::PI;

fn space() -> Settings {
    vec![("flow", "wasserstein".into()), ("domain", "space".into())]
}

/// `c_0 = 0.1` in Barenblatt's solution for m = 4 in the plane has the mass `3 pi/4 0.1^(4/3) 64/3`; of mass 1
/// all times are as many times its cube.
const SLOWER: f64 = 12.700_170_928_3;

const RELAXATION: Case = Case {
    metric: Metric::SymmetricKl,
    half_width: 7.0,
    tau: 0.1,
    steps: 40,
    options: space,
    ..BASE
};

const fn by_mokrov(error: f64) -> Option<Published> {
    Some(Published {
        error,
        by: "Mokrov et al. 2021, input convex networks, from its repository",
    })
}

pub static CASES: &[Case] = &[
    Case {
        name: "mmd",
        what: "maximum mean discrepancy with the kernel of Riesz on a line to 1000 even points of [0, 1], from mass that is even on [0.2, 0.4], to t = 1",
        goal: "1e-3 in every quantile",
        metric: Metric::Quantiles,
        flow: Flow::Terms(discrepancy::energies),
        start: Start::Made(|| Ok(Box::new(Discrepancy))),
        options: || {
            vec![
                ("flow", "wasserstein".into()),
                ("lower", vec![0.0].into()),
                ("upper", vec![1.0].into()),
            ]
        },
        dimension: 1,
        tau: 0.05,
        steps: 20,
        ..BASE
    },
    Case {
        name: "wfr",
        what: "a Gaussian on the way to another in the plane, whose mass is moved, born and dies, to t = 1",
        goal: "1e-4 in mean, covariance and mass",
        metric: Metric::Moments,
        flow: Flow::Terms(reborn::energies),
        start: Start::Made(|| Ok(Box::new(Reborn))),
        half_width: 4.0,
        tau: 0.01,
        steps: 100,
        options: || vec![("flow", "wfr".into()), ("domain", "space".into())],
        ..BASE
    },
    Case {
        name: "hellinger-8",
        what: "the Hellinger flow of KL(rho | pi) from a Gaussian to a mixture of two in eight dimensions, to t = 1",
        goal: "1e-3",
        goals: [None, Some(1e-3), None],
        flow: Flow::Terms(reborn::divergence),
        start: Start::Made(|| Ok(Box::new(Relaxing))),
        half_width: 3.0,
        dimension: 8,
        tau: 0.05,
        steps: 20,
        options: || {
            vec![
                ("flow", "wfr".into()),
                ("domain", "space".into()),
                ("transport_weight", 0.0.into()),
                ("total_mass", "held".into()),
            ]
        },
        ..BASE
    },
    Case {
        name: "thin-film",
        what: "the thin-film equation on a line from Smyth and Hill's source solution at 0.1, to t = 0.2",
        goal: "1e-3",
        goals: [None, Some(1e-3), None],
        flow: Flow::Terms(|| Ok(vec![term("thin-film", &[])?])),
        start: Start::Made(|| {
            Ok(Box::new(Film {
                dimension: 1,
                start: 0.1,
            }))
        }),
        half_width: 3.0,
        dimension: 1,
        options: space,
        ..BASE
    },
    Case {
        name: "thin-film-2d",
        what: "the same in the plane",
        goal: "1e-3",
        goals: [None, Some(1e-3), None],
        flow: Flow::Terms(|| Ok(vec![term("thin-film", &[])?])),
        start: Start::Made(|| {
            Ok(Box::new(Film {
                dimension: 2,
                start: 0.1,
            }))
        }),
        half_width: 3.0,
        options: space,
        ..BASE
    },
    Case {
        name: "fp-2d-long",
        what: "the Fokker-Planck equation of fp-2d to t = 1 with the longer steps of others",
        published: Some(Published {
            error: 4.1e-2,
            by: "EVNN (energetic variational neural network), from its log",
        }),
        flow: Flow::Terms(|| fokker_planck(&paper_potential(2))),
        start: Start::Made(|| Ok(Box::new(Gaussian::new(paper_potential(2))))),
        half_width: 5.0,
        tau: 0.01,
        steps: 100,
        options: space,
        ..BASE
    },
    Case {
        name: "fp-4d-long",
        what: "the same in four dimensions",
        published: Some(Published {
            error: 0.586,
            by: "EVNN, from its data",
        }),
        flow: Flow::Terms(|| fokker_planck(&paper_potential(4))),
        start: Start::Made(|| Ok(Box::new(Gaussian::new(paper_potential(4))))),
        half_width: 3.5,
        dimension: 4,
        tau: 0.01,
        steps: 100,
        options: space,
        ..BASE
    },
    Case {
        name: "pme-m4",
        what: "porous medium equation, m = 4, in the plane: EVNN's c_0 = 0.1 from t = 0.1 in 100 steps of 0.005, of mass 1 and so in times 12.7 as long",
        flow: Flow::Terms(|| Ok(vec![term("power", &[("m", &[4.0])])?])),
        start: Start::Made(|| {
            Ok(Box::new(Source {
                dimension: 2,
                m: 4.0,
                start: 0.1 * SLOWER,
            }))
        }),
        half_width: 2.0,
        tau: 0.005 * SLOWER,
        steps: 100,
        options: space,
        ..BASE
    },
    Case {
        name: "pme-6d",
        what: "porous medium equation, m = 2, in six dimensions from Barenblatt's solution at 1e-3 to t = 0.025 (Fan et al. 2022)",
        flow: Flow::Terms(|| Ok(vec![term("power", &[("m", &[2.0])])?])),
        start: Start::Made(|| {
            Ok(Box::new(Source {
                dimension: 6,
                m: 2.0,
                start: 1e-3,
            }))
        }),
        half_width: 0.6,
        dimension: 6,
        tau: 5e-4,
        steps: 50,
        options: space,
        ..BASE
    },
    Case {
        name: "moving-trap",
        what: "mass that diffuses at 1/4 in the harmonic trap diag(1, 3) about 3 (cos pi t, sin pi t), to t = 10 (the time-dependent Ornstein-Uhlenbeck process of SCVM)",
        metric: Metric::Moments,
        flow: Flow::Terms(trap),
        start: Start::Made(|| Ok(Box::new(Trapped))),
        half_width: 5.0,
        tau: 0.02,
        steps: 500,
        options: space,
        ..BASE
    },
    Case {
        name: "keller-segel",
        what: "Keller and Segel's equation with half the critical mass, chi = 4 pi, from the standard normal density to t = 1: the second moment grows at the rate 2",
        metric: Metric::MomentSlope,
        flow: Flow::Terms(|| KellerSegel { chi: 4.0 * PI }.energies()),
        start: Start::Made(|| Ok(Box::new(KellerSegel { chi: 4.0 * PI }))),
        half_width: 5.0,
        tau: 0.05,
        steps: 20,
        options: space,
        ..BASE
    },
    Case {
        name: "keller-segel-collapse",
        what: "the same above the critical mass, chi = 12 pi, until shortly before it collapses: the second moment falls at the rate 2",
        metric: Metric::MomentSlope,
        flow: Flow::Terms(|| KellerSegel { chi: 12.0 * PI }.energies()),
        start: Start::Made(|| Ok(Box::new(KellerSegel { chi: 12.0 * PI }))),
        half_width: 5.0,
        tau: 0.01,
        steps: 50,
        options: space,
        ..BASE
    },
    Case {
        name: "mixture-2",
        what: "relaxation from N(0, 16 I) to 5 Gaussians with means drawn evenly from [-5, 5]^2, to t = 4, the divergence from where it rests (Mokrov et al. 2021; a draw of ours)",
        published: by_mokrov(0.062),
        flow: Flow::Terms(mixture::energies::<2>),
        start: Start::Made(mixture::start::<2>),
        ..RELAXATION
    },
    Case {
        name: "mixture-8",
        what: "the same with 8 Gaussians in eight dimensions",
        published: by_mokrov(0.40),
        flow: Flow::Terms(mixture::energies::<8>),
        start: Start::Made(mixture::start::<8>),
        dimension: 8,
        ..RELAXATION
    },
    Case {
        name: "mixture-32",
        what: "the same with 10 Gaussians in [-3, 3]^32, to t = 3 (Fan et al. 2022)",
        flow: Flow::Terms(mixture::energies::<32>),
        start: Start::Made(mixture::start::<32>),
        dimension: 32,
        steps: 30,
        ..RELAXATION
    },
    Case {
        name: "mixture-128",
        what: "the same with 10 Gaussians in [-1.5, 1.5]^128, to t = 3 (Fan et al. 2022)",
        flow: Flow::Terms(mixture::energies::<128>),
        start: Start::Made(mixture::start::<128>),
        dimension: 128,
        steps: 30,
        ..RELAXATION
    },
];
