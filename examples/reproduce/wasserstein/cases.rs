//! The experiments in Wasserstein space.

use super::gaussian::identity;
use super::{Bistable, Cosine, Gaussian, Quadratic, Sheets, Source, random_quadratic};
use crate::case::{Case, Metric, PAPER, Published, Settings};
use crate::problem::{Flow, Start, term};
use crate::reference::DoubleWell;
use movimento::{Energy, Result};
use std::f64::consts::PI;

/// Diffusion in the potential.
pub fn fokker_planck(problem: &Quadratic) -> Result<Vec<Energy>> {
    let (a, c) = (&problem.stiffness, &problem.centre);
    Ok(vec![
        term("entropy", &[])?,
        term("potential-quadratic", &[("a", a), ("center", c)])?,
    ])
}

/// Sections 4.2.4 and 4.2.5: the inverse of the covariance (5/8, -3/8; -3/8, 5/8).
pub fn paper_potential(d: usize) -> Quadratic {
    let mut stiffness = identity(d);
    (stiffness[0], stiffness[1]) = (2.5, 1.5);
    (stiffness[d], stiffness[d + 1]) = (1.5, 2.5);
    let mut centre = vec![0.0; d];
    (centre[0], centre[1]) = (1.0 / 3.0, 1.0 / 3.0);
    Quadratic {
        stiffness,
        centre,
        mean: vec![0.0; d],
        covariance: identity(d),
    }
}

/// A covariance that does not commute with the potential's.
fn rotating() -> Quadratic {
    Quadratic {
        stiffness: vec![2.5, 1.5, 1.5, 2.5],
        centre: vec![1.0 / 3.0, -1.0 / 3.0],
        mean: vec![0.0, 0.0],
        covariance: vec![1.0, 0.0, 0.0, 0.25],
    }
}

const SEED: u64 = 1;

/// Attraction `kappa/2 |x - y|^2`: toward the mean, which stays.
const KAPPA: f64 = 2.0;

fn attraction() -> Quadratic {
    Quadratic {
        stiffness: vec![KAPPA, 0.0, 0.0, KAPPA],
        centre: vec![0.3, -0.2],
        mean: vec![0.3, -0.2],
        covariance: vec![1.0, 0.3, 0.3, 0.5],
    }
}

fn space() -> Settings {
    vec![("flow", "wasserstein".into()), ("domain", "space".into())]
}

const WELL: (f64, f64) = (4.0, 1.0);

const BASE: Case = Case {
    name: "",
    what: "",
    paper: "not in the paper",
    goal: "",
    published: None,
    metric: Metric::L2,
    goals: [None; 3],
    scheme: "euler",
    flow: Flow::Terms(|| Ok(Vec::new())),
    start: Start::Made(|| Ok(Box::new(Cosine))),
    half_width: 1.0,
    dimension: 2,
    tau: 0.005,
    steps: 60,
    marks: &[],
    options: Vec::new,
    adam: Vec::new,
};

const fn by_fan(error: f64) -> Option<Published> {
    Some(Published {
        error,
        by: "Fan et al. 2022, variational Wasserstein gradient flow",
    })
}

pub static CASES: &[Case] = &[
    Case {
        name: "w2-heat-2d",
        what: "heat equation as the flow of the entropy on [-pi, pi]^2 (section 4.2.1)",
        paper: "no number",
        goal: "2e-4 by second at t = 0.2",
        goals: [None, Some(2e-4), None],
        flow: Flow::Terms(|| Ok(vec![term("entropy", &[])?])),
        start: Start::Made(|| Ok(Box::new(Cosine))),
        half_width: PI,
        steps: 40,
        // By itself the library takes potentials, which end at 1e-5.
        options: || vec![("flow", "wasserstein".into()), ("transport", "map".into())],
        ..BASE
    },
    Case {
        name: "pme-1d",
        what: "porous medium equation, m = 2, from Barenblatt's solution at 0.1 (section 4.2.2)",
        paper: "plots only",
        goal: "1e-5 by second",
        goals: [None, Some(1e-5), None],
        flow: Flow::Terms(|| Ok(vec![term("power", &[("m", &[2.0])])?])),
        start: Start::Made(|| {
            Ok(Box::new(Source {
                dimension: 1,
                m: 2.0,
                start: 0.1,
            }))
        }),
        half_width: 3.0,
        dimension: 1,
        options: space,
        ..BASE
    },
    Case {
        name: "pme-2d",
        what: "the same in two dimensions (section 4.2.3)",
        paper: "plots only",
        goal: "1e-5 by second",
        goals: [None, Some(1e-5), None],
        flow: Flow::Terms(|| Ok(vec![term("power", &[("m", &[2.0])])?])),
        start: Start::Made(|| {
            Ok(Box::new(Source {
                dimension: 2,
                m: 2.0,
                start: 0.1,
            }))
        }),
        half_width: 3.0,
        options: space,
        ..BASE
    },
    Case {
        name: "pme-3d",
        what: "the same in three dimensions",
        goal: "1e-4 by second",
        goals: [None, Some(1e-4), None],
        flow: Flow::Terms(|| Ok(vec![term("power", &[("m", &[2.0])])?])),
        start: Start::Made(|| {
            Ok(Box::new(Source {
                dimension: 3,
                m: 2.0,
                start: 0.1,
            }))
        }),
        half_width: 2.0,
        dimension: 3,
        options: space,
        ..BASE
    },
    Case {
        name: "fp-2d",
        what: "Fokker-Planck equation with a quadratic potential from the standard normal density (section 4.2.4)",
        paper: "below 1e-2, averaged over time",
        goal: "1e-4 by second",
        published: Some(Published {
            error: 1e-2,
            by: PAPER,
        }),
        goals: [None, Some(1e-4), None],
        flow: Flow::Terms(|| fokker_planck(&paper_potential(2))),
        start: Start::Made(|| Ok(Box::new(Gaussian::new(paper_potential(2))))),
        half_width: 5.0,
        steps: 21,
        options: space,
        ..BASE
    },
    Case {
        name: "fp-4d",
        what: "the same in four dimensions (section 4.2.5)",
        paper: "plots only",
        goal: "1e-4 by second",
        goals: [None, Some(1e-4), None],
        flow: Flow::Terms(|| fokker_planck(&paper_potential(4))),
        start: Start::Made(|| Ok(Box::new(Gaussian::new(paper_potential(4))))),
        half_width: 3.5,
        dimension: 4,
        options: space,
        ..BASE
    },
    Case {
        name: "ou-rotating",
        what: "Ornstein-Uhlenbeck with covariances that do not commute: the axes turn",
        goal: "2e-5 by second",
        goals: [None, Some(2e-5), None],
        flow: Flow::Terms(|| fokker_planck(&rotating())),
        start: Start::Made(|| Ok(Box::new(Gaussian::new(rotating())))),
        half_width: 4.0,
        options: space,
        ..BASE
    },
    Case {
        name: "ou-12",
        what: "Ornstein-Uhlenbeck in 12 dimensions, random stiffness, to t = 0.9",
        paper: "symmetric KL 2.9e-3 (Fan et al. 2022)",
        published: by_fan(2.9e-3),
        metric: Metric::SymmetricKl,
        goal: "symmetric KL 1e-3",
        flow: Flow::Terms(|| fokker_planck(&random_quadratic(12, SEED))),
        start: Start::Made(|| Ok(Box::new(Gaussian::new(random_quadratic(12, SEED))))),
        half_width: 1.0,
        dimension: 12,
        steps: 180,
        options: space,
        ..BASE
    },
    Case {
        name: "ou-32",
        what: "the same in 32 dimensions",
        paper: "symmetric KL 8.7e-3 (Fan et al. 2022)",
        published: by_fan(8.7e-3),
        metric: Metric::SymmetricKl,
        goal: "symmetric KL 5e-3",
        flow: Flow::Terms(|| fokker_planck(&random_quadratic(32, SEED))),
        start: Start::Made(|| Ok(Box::new(Gaussian::new(random_quadratic(32, SEED))))),
        half_width: 1.0,
        dimension: 32,
        steps: 180,
        options: space,
        ..BASE
    },
    Case {
        name: "aggregation",
        what: "quadratic attraction and diffusion from a Gaussian",
        goal: "1e-4 by second",
        goals: [None, Some(1e-4), None],
        flow: Flow::Terms(|| {
            Ok(vec![
                term("entropy", &[])?,
                term("interaction-quadratic", &[("kappa", &[KAPPA])])?,
            ])
        }),
        start: Start::Made(|| Ok(Box::new(Gaussian::new(attraction())))),
        half_width: 4.0,
        options: space,
        ..BASE
    },
    Case {
        name: "aggregation-power",
        what: "attraction and repulsion of power laws in one dimension, W = r^2/2 - r, toward rest",
        goal: "1e-3 by second at t = 3",
        goals: [None, Some(1e-3), None],
        flow: Flow::Terms(|| {
            let powers: [(&str, &[f64]); 2] = [("a", &[2.0]), ("b", &[1.0])];
            Ok(vec![term("interaction-power", &powers)?])
        }),
        start: Start::Made(|| Ok(Box::new(Sheets::new()?))),
        half_width: 1.5,
        dimension: 1,
        tau: 0.05,
        options: space,
        ..BASE
    },
    Case {
        name: "double-well-fp",
        what: "diffusion in a double well, against finite volumes",
        goal: "1e-3 by second",
        goals: [None, Some(1e-3), None],
        flow: Flow::Terms(|| {
            Ok(vec![
                term("entropy", &[])?,
                term(
                    "potential-double-well",
                    &[("a", &[WELL.0]), ("b", &[WELL.1])],
                )?,
            ])
        }),
        start: Start::Made(|| {
            Ok(Box::new(Bistable(DoubleWell {
                a: WELL.0,
                b: WELL.1,
                mean: 0.2,
                variance: 0.25,
            })))
        }),
        half_width: 2.5,
        dimension: 1,
        options: space,
        ..BASE
    },
];
