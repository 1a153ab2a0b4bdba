//! Benchmarks in L2.

use super::BASE;
use super::boundaries::{
    cold, moving_wall, moving_wall_ball, moving_wall_ball_energies, moving_wall_l_shape,
    poisson_disk, poisson_disk_energies, poisson_wall, poisson_wall_energies, robin,
};
use super::cahn_hilliard;
use super::front;
use super::held::{self, KeptVolume};
use super::hellinger;
use super::periodic::{allen_cahn_of_pinns, teng_allen_cahn, teng_heat};
use super::rest::{self, Rest};
use super::spinodal;
use super::spreading::{self, Spreading};
use super::swift_hohenberg::{self, Stripes};
use super::systems::{Fields, Turning, director_energies, two_fields_energies};
use crate::case::{Case, Metric, Published, Settings};
use crate::problem::{Flow, Start};
use std::f64::consts::{FRAC_PI_2, PI};

fn in_h_minus_one() -> Settings {
    vec![("flow", "h-1".into()), ("embedding", "periodic".into())]
}

fn periodic() -> Settings {
    vec![("embedding", "periodic".into())]
}

/// Two components on the unit square.
fn pair_on_unit_square() -> Settings {
    vec![
        ("components", 2_i64.into()),
        ("lower", vec![0.0, 0.0].into()),
        ("upper", vec![1.0, 1.0].into()),
    ]
}

/// `-Laplacian u = pi^2 sum_k cos(pi x_k)` on `[-1, 1]^d` as where the heat equation with this source rests.
const POISSON: Case = Case {
    what: "Poisson's equation with Neumann conditions as the rest of a flow: -Laplacian u = pi^2 sum cos(pi x_k) on [-1, 1]^d from u_0 = 0",
    flow: Flow::Sum(rest::energies),
    scheme: "euler",
    tau: 0.5,
    steps: 10,
    ..BASE
};

/// The heat equation with `u_n + u = 0` on the boundary.
const ROBIN: Case = Case {
    what: "heat equation on [-1/2, 1/2]^d with u_n + u = 0 on the boundary, the lowest mode, to t = 1",
    goal: "1e-5 (d = 1) and 1e-4 (d = 3)",
    flow: Flow::Heat { kappa: 1.0 },
    half_width: 0.5,
    scheme: "third",
    tau: 0.05,
    steps: 20,
    ..BASE
};

const EVNN: &str = "EVNN (energetic variational neural network), from its log";

const fn by_evnn(error: f64) -> Option<Published> {
    Some(Published { error, by: EVNN })
}

pub static CASES: &[Case] = &[
    Case {
        name: "teng-heat",
        what: "heat equation, kappa = 0.1, periodic on [-pi, pi]^2, to t = 4 from 64 random waves with |k|^2 <= 205 (a draw of ours)",
        published: Some(Published {
            error: 1.6e-6,
            by: "TENG-Heun, Chen et al., ICML 2024, from its own draw (quoted from memory)",
        }),
        flow: Flow::Heat { kappa: 0.1 },
        start: Start::Made(|| Ok(Box::new(teng_heat()))),
        half_width: PI,
        tau: 0.05,
        steps: 80,
        options: periodic,
        ..BASE
    },
    Case {
        name: "teng-allen-cahn",
        what: "u_t = 0.005 Laplacian u + u - u^3 with the rest as in teng-heat",
        published: Some(Published {
            error: 6e-6,
            by: "TENG-Heun, Chen et al., ICML 2024, from its own draw (quoted from memory)",
        }),
        flow: Flow::AllenCahn {
            kappa: 0.005,
            eps: 1.0,
        },
        start: Start::Made(|| Ok(Box::new(teng_allen_cahn()))),
        half_width: PI,
        tau: 0.05,
        steps: 80,
        options: periodic,
        ..BASE
    },
    Case {
        name: "allen-cahn-pinn",
        what: "u_t = 1e-4 u_xx + 5 u - 5 u^3, periodic on [-1, 1], u_0 = x^2 cos(pi x), to t = 1: the standard of physics-informed networks",
        published: Some(Published {
            error: 1.88e-6,
            by: "vRBA with SSBroyden, 2,011 parameters (at second hand); jaxpi has 5.84e-4",
        }),
        metric: Metric::SpaceTime,
        scheme: "third",
        flow: Flow::AllenCahn {
            kappa: 1e-4,
            // eps^-2 = 5
            eps: 0.447_213_595_499_958,
        },
        start: Start::Made(|| Ok(Box::new(allen_cahn_of_pinns()))),
        dimension: 1,
        tau: 0.02,
        steps: 50,
        options: periodic,
        ..BASE
    },
    Case {
        name: "poisson-4",
        published: by_evnn(1.75e-2),
        dimension: 4,
        start: Start::Made(|| Ok(Box::new(Rest { dimension: 4 }))),
        ..POISSON
    },
    Case {
        name: "poisson-8",
        published: by_evnn(2.23e-2),
        dimension: 8,
        start: Start::Made(|| Ok(Box::new(Rest { dimension: 8 }))),
        ..POISSON
    },
    Case {
        name: "poisson-16",
        published: by_evnn(3.62e-2),
        dimension: 16,
        start: Start::Made(|| Ok(Box::new(Rest { dimension: 16 }))),
        ..POISSON
    },
    Case {
        name: "poisson-32",
        published: by_evnn(7.84e-2),
        dimension: 32,
        start: Start::Made(|| Ok(Box::new(Rest { dimension: 32 }))),
        ..POISSON
    },
    Case {
        name: "heat-robin",
        goals: [None, Some(1e-5), Some(1e-5)],
        dimension: 1,
        start: Start::Made(|| Ok(Box::new(robin(1)))),
        ..ROBIN
    },
    Case {
        name: "heat-robin-3d",
        // Of the second order in these steps exact minimisation leaves 4e-3.
        goals: [None, None, Some(1e-4)],
        dimension: 3,
        start: Start::Made(|| Ok(Box::new(robin(3)))),
        tau: 0.031_25,
        steps: 32,
        ..ROBIN
    },
    Case {
        name: "heat-dirichlet",
        what: "heat equation on [-1, 1]^2 with u = 0 on the boundary, the lowest mode, to t = 1",
        goal: "5e-4",
        published: by_evnn(3e-1),
        goals: [None, Some(5e-4), Some(5e-4)],
        flow: Flow::Heat { kappa: 1.0 },
        start: Start::Made(|| Ok(Box::new(cold()))),
        tau: 0.01,
        steps: 100,
        ..BASE
    },
    Case {
        name: "poisson-wall",
        what: "-Laplacian u = 2 cos x cos y on [-pi/2, pi/2]^2 with u = 0 on the boundary, as the rest of a flow from 0",
        goal: "1e-4",
        published: by_evnn(9.5e-3),
        goals: [Some(1e-4); 3],
        flow: Flow::Sum(poisson_wall_energies),
        start: Start::Made(|| Ok(Box::new(poisson_wall()))),
        half_width: FRAC_PI_2,
        tau: 2.0,
        ..POISSON
    },
    Case {
        name: "poisson-disk",
        what: "-Laplacian u = 1 in the unit disc with u = 0 on the circle, as the rest of a flow from 0",
        goal: "1e-4",
        published: by_evnn(2.2e-3),
        goals: [Some(1e-4); 3],
        flow: Flow::Sum(poisson_disk_energies),
        start: Start::Made(|| Ok(Box::new(poisson_disk()))),
        options: || vec![("domain", "ball".into())],
        tau: 2.0,
        ..POISSON
    },
    Case {
        name: "moving-wall",
        what: "u_t = Laplacian u + 1 on [-1, 1]^2 with values on the boundary that decay and grow (manufactured), to t = 1",
        goal: "1e-4",
        goals: [None, Some(1e-4), Some(1e-4)],
        flow: Flow::Sum(poisson_disk_energies),
        start: Start::Made(|| Ok(Box::new(moving_wall()))),
        tau: 0.02,
        steps: 50,
        ..BASE
    },
    Case {
        name: "moving-wall-lshape",
        what: "the same on an L-shape of three of its quarters, by nodes of the host, to t = 1",
        goal: "1e-4",
        goals: [None, Some(1e-4), Some(1e-4)],
        flow: Flow::Sum(poisson_disk_energies),
        start: Start::Made(|| Ok(Box::new(moving_wall_l_shape()))),
        tau: 0.02,
        steps: 50,
        ..BASE
    },
    Case {
        name: "moving-wall-disk",
        what: "the same equation in the unit disc with values on the circle that vary along it and in time (manufactured), to t = 1",
        goal: "1e-3",
        goals: [None, Some(1e-3), Some(1e-3)],
        flow: Flow::Sum(poisson_disk_energies),
        start: Start::Made(|| Ok(Box::new(moving_wall()))),
        options: || vec![("domain", "ball".into())],
        tau: 0.02,
        steps: 50,
        ..BASE
    },
    Case {
        name: "moving-wall-ball",
        what: "u_t = Laplacian u + S(t, x) in the unit ball with a value on the sphere that goes up and down (manufactured), to t = 1",
        goal: "1e-3",
        goals: [None, Some(1e-3), Some(1e-3)],
        flow: Flow::Sum(moving_wall_ball_energies),
        start: Start::Made(|| Ok(Box::new(moving_wall_ball()))),
        options: || vec![("domain", "ball".into())],
        dimension: 3,
        tau: 0.02,
        steps: 50,
        ..BASE
    },
    Case {
        name: "bm7a",
        what: "Allen-Cahn with a manufactured source on [0, 1] x [0, 1/2], periodic in x: a front with ripples that move, to t = 8 (PFHub's benchmark 7a)",
        goal: "1e-3",
        metric: Metric::AbsoluteL2,
        goals: [None, Some(1e-3), Some(1e-3)],
        flow: Flow::Sum(front::energies),
        start: Start::Made(|| Ok(Box::new(front::start()))),
        options: || {
            vec![
                ("lower", vec![0.0, 0.0].into()),
                ("upper", vec![1.0, 0.5].into()),
                ("periodic_axes", vec![0_i64].into()),
            ]
        },
        tau: 0.25,
        steps: 32,
        ..BASE
    },
    Case {
        name: "linear-cahn-hilliard",
        what: "the flow in H^-1 of int 0.05 |grad u|^2 - 0.15 u^2, whose long waves grow, periodic on [-pi, pi]^2, to t = 1",
        goal: "1e-5",
        goals: [None, Some(1e-5), Some(1e-5)],
        scheme: "third",
        flow: Flow::Sum(cahn_hilliard::linear_energies),
        start: Start::Made(|| Ok(Box::new(cahn_hilliard::linear()))),
        options: in_h_minus_one,
        half_width: PI,
        tau: 0.02,
        steps: 50,
        ..BASE
    },
    Case {
        name: "seven-circles",
        what: "Cahn-Hilliard, eps = 0.1, periodic on [0, 2 pi]^2: seven circles until two of them have vanished, at t = 6.3463 and 26.009",
        goal: "1e-2 of both times and of the energy at t = 1",
        metric: Metric::Events,
        goals: [None, Some(1e-2), Some(1e-2)],
        flow: Flow::Sum(cahn_hilliard::circles_energies),
        start: Start::Made(|| Ok(Box::new(cahn_hilliard::Circles::new()))),
        options: || {
            let mut all = in_h_minus_one();
            all.push(("lower", vec![0.0, 0.0].into()));
            all.push(("upper", vec![2.0 * PI, 2.0 * PI].into()));
            all
        },
        tau: 0.1,
        steps: 265,
        ..BASE
    },
    Case {
        name: "bm1",
        what: "spinodal decomposition, PFHub's first benchmark, without flux through the sides of [0, 200]^2: the energy over time, by 45 adaptive steps to about t = 450",
        goal: "1e-2 of the energies",
        metric: Metric::Events,
        goals: [None, Some(1e-2), Some(1e-2)],
        flow: Flow::Sum(spinodal::energies),
        start: Start::Made(|| Ok(Box::new(spinodal::Decomposed::new()))),
        options: || {
            vec![
                ("flow", "h-1".into()),
                ("lower", vec![0.0, 0.0].into()),
                ("upper", vec![spinodal::SIDE, spinodal::SIDE].into()),
                ("step_tolerance", 1e-4.into()),
            ]
        },
        tau: 0.5,
        steps: 45,
        ..BASE
    },
    Case {
        name: "obstacle",
        what: "a membrane on [-1, 1] under a load of 8, held at 1 at its ends and above 0 between them, as the rest of a flow from 1",
        goal: "1e-3",
        goals: [Some(1e-3); 3],
        flow: Flow::Sum(held::membrane),
        start: Start::Made(|| Ok(Box::new(held::obstacle()))),
        dimension: 1,
        ..POISSON
    },
    Case {
        name: "volume-constraint",
        what: "Allen-Cahn on [-1, 1]^2, int |grad u|^2/2 + 25 (u^2 - 1)^2, u = -1 on the boundary and the mean of u held at pi/8 - 1, from an ellipse to a disc at rest, t = 1; the energies of EVNN are 32.25 and 28.02, by a penalty",
        goal: "1e-2",
        metric: Metric::Energies,
        goals: [Some(1e-2); 3],
        flow: Flow::Sum(held::phases),
        start: Start::Made(|| Ok(Box::new(KeptVolume { steps: 100 }))),
        scheme: "euler",
        tau: 0.01,
        steps: 100,
        ..BASE
    },
    Case {
        name: "hellinger",
        what: "the Hellinger flow of KL(rho | pi) from a Gaussian to a mixture of two in the plane, to t = 1, by u = 2 sqrt(rho) in L2 with its mass held",
        goal: "1e-3",
        goals: [None, Some(1e-3), Some(1e-3)],
        flow: Flow::Sum(hellinger::divergence),
        start: Start::Made(|| Ok(Box::new(hellinger::Reacting))),
        half_width: hellinger::HALF,
        tau: 0.05,
        steps: 20,
        ..BASE
    },
    Case {
        name: "two-fields",
        what: "two coupled fields on [0, 1]^2, F = int 0.1 |grad u|^2/2 + 0.02 |grad v|^2/2 + 5 (u - v)^2/2, from u = cos(pi x) cos(pi y), v = 0 to t = 1",
        goal: "1e-5",
        // The error of second order is its own: 1.7e-5 with tau = 0.02, 4.5e-6 with 0.01.
        goals: [None, None, Some(1e-5)],
        scheme: "third",
        flow: Flow::Sum(two_fields_energies),
        start: Start::Made(|| Ok(Box::new(Fields))),
        options: pair_on_unit_square,
        tau: 0.05,
        steps: 20,
        ..BASE
    },
    Case {
        name: "director",
        what: "harmonic-map heat flow of n in the plane on [0, 1]^2 by the penalty (|n|^2 - 1)^2/(4 delta^2), delta = 1e-3, from the angle cos(pi x) cos(pi y)/2 to t = 0.05, against |n| = 1 with the angle's heat equation",
        goal: "1e-5",
        goals: [None, Some(1e-5), Some(1e-5)],
        flow: Flow::Sum(director_energies),
        start: Start::Made(|| Ok(Box::new(Turning))),
        options: pair_on_unit_square,
        tau: 0.0025,
        steps: 20,
        ..BASE
    },
    Case {
        name: "swift-hohenberg",
        what: "Swift-Hohenberg, u_t = 0.3 u - (1 + d_xx)^2 u - u^3, periodic on [0, 16 pi] from three waves to t = 50: stripes",
        goal: "1e-4 of the energies at t = 10 and 50 and of u(0) at the end",
        metric: Metric::Events,
        goals: [None, Some(1e-4), Some(1e-4)],
        flow: Flow::Sum(swift_hohenberg::energies),
        start: Start::Made(|| Ok(Box::new(Stripes))),
        options: || {
            vec![
                ("embedding", "periodic".into()),
                ("lower", vec![0.0].into()),
                ("upper", vec![16.0 * PI].into()),
            ]
        },
        dimension: 1,
        tau: 0.25,
        steps: 200,
        ..BASE
    },
    Case {
        name: "p-laplacian",
        what: "u_t = div(|grad u|^2 grad u), p = 4, on [-4, 4]^2 from its source solution at t = 1 to t = 2: a front that moves",
        flow: Flow::Sum(spreading::energies),
        start: Start::Made(|| Ok(Box::new(Spreading::default()))),
        half_width: 4.0,
        tau: 0.02,
        steps: 50,
        ..BASE
    },
];
