//! What each experiment is: its problem, the paper's setting and figure, the goal.

use movimento::options::Value;

/// One experiment whose solution is a closed form.
pub struct Case {
    pub name: &'static str,
    pub what: &'static str,
    pub paper: &'static str,
    pub goal: &'static str,
    /// The closed form that is the initial condition.
    pub initial: &'static str,
    /// Energy plugin and its parameter kappa.
    pub energy: &'static str,
    pub kappa: f64,
    /// The domain is `[-half_width, half_width]^d`.
    pub half_width: f64,
    pub dimension: i64,
    pub tau: f64,
    pub steps: u64,
    /// Library options besides those above, where the defaults do not fit the case.
    pub options: fn() -> Vec<(&'static str, Value)>,
    /// What the paper used with Adam.
    pub adam: fn() -> Vec<(&'static str, Value)>,
}

impl Case {
    /// The rate at which the flow damps a mode with `|q|^2 = q2`.
    pub fn rate(&self, q2: f64) -> f64 {
        match self.energy {
            "dirichlet" => self.kappa * q2,
            _ => self.kappa,
        }
    }
}

pub static CASES: &[Case] = &[
    Case {
        name: "toy",
        what: "F = kappa/2 int u^2 on [-pi, pi], u_0 = sin x (section 4, motivating example)",
        paper: "plot only: (u_{k+1} - u_k)/tau and -grad F(u_{k+1}) look alike",
        goal: "the two sides differ by 1e-5 at most",
        initial: "sine",
        energy: "quadratic",
        kappa: 1.0,
        half_width: std::f64::consts::PI,
        dimension: 1,
        tau: 0.01,
        steps: 40,
        // The sine has a slope at the ends, so no cosines; the tolerances are those of the goal.
        options: || {
            vec![
                ("embedding", "none".into()),
                ("hidden", vec![12_i64, 12].into()),
                ("tolerance", 1e-8.into()),
                ("fit_tolerance", 1e-7.into()),
            ]
        },
        adam: || {
            vec![
                ("hidden", vec![256_i64, 256].into()),
                ("nodes", 1_000_i64.into()),
                ("adam_fit_iterations", 4_000_i64.into()),
                ("adam_iterations", 100_i64.into()),
            ]
        },
    },
    Case {
        name: "heat-2d",
        what: "heat equation, kappa = 0.1 on [-pi/4, pi/4]^2, four modes (section 4.1.1)",
        paper: "3.15e-3 at t = 0.2",
        goal: "1.2e-3 (the Euler scheme's own error is 1.13e-3)",
        initial: "heat-2d",
        energy: "dirichlet",
        kappa: 0.1,
        half_width: std::f64::consts::FRAC_PI_4,
        dimension: 2,
        tau: 0.005,
        steps: 40,
        options: Vec::new,
        adam: || {
            vec![
                ("hidden", vec![256_i64, 256].into()),
                ("embedding", "none".into()),
                ("quadrature", "monte-carlo".into()),
                ("nodes", 10_000_i64.into()),
                ("adam_learning_rate", 1e-3.into()),
                // The paper does not say how many; these take about an hour on two cores.
                ("adam_fit_iterations", 4_000_i64.into()),
                ("adam_iterations", 100_i64.into()),
                ("fit_accept", 1.0.into()),
            ]
        },
    },
];
