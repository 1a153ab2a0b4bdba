//! Every option the library knows: name, type, default, range and one line of help.

use super::Kind;

/// One option.
#[derive(Debug)]
pub struct Spec {
    /// The key, such as `tau`.
    pub name: &'static str,
    /// Type, default and range.
    pub kind: Kind,
    /// One line: what it is, its unit, what 0 means where 0 is special.
    pub help: &'static str,
}

const fn real(name: &'static str, default: f64, min: f64, max: f64, help: &'static str) -> Spec {
    Spec {
        name,
        kind: Kind::Real { default, min, max },
        help,
    }
}

const fn integer(name: &'static str, default: i64, min: i64, max: i64, help: &'static str) -> Spec {
    Spec {
        name,
        kind: Kind::Integer { default, min, max },
        help,
    }
}

const fn text(name: &'static str, choices: &'static [&'static str], help: &'static str) -> Spec {
    Spec {
        name,
        kind: Kind::Text { choices },
        help,
    }
}

/// The table. For texts the first choice is the default.
pub static TABLE: &[Spec] = &[
    // The problem.
    integer(
        "dimension",
        2,
        1,
        64,
        "dimension d of the domain; `lower` and `upper` have 1 or d entries",
    ),
    Spec {
        name: "lower",
        kind: Kind::Reals {
            default: &[0.0],
            min: -1e12,
            max: 1e12,
        },
        help: "lower corner of the box, one number for every axis or d numbers, in the user's unit of length",
    },
    Spec {
        name: "upper",
        kind: Kind::Reals {
            default: &[1.0],
            min: -1e12,
            max: 1e12,
        },
        help: "upper corner of the box, one number for every axis or d numbers; above `lower` on each axis",
    },
    text(
        "domain",
        &["box", "ball", "space"],
        "the domain: the box of `lower` and `upper`, or with `flow` = l2 the ball inscribed in it, whose sides must be equal; with `flow` = wasserstein also space, all of R^d, of which the box is what snapshots show. In L2 a host can cut the box further or hand over its own nodes",
    ),
    text(
        "flow",
        &["l2", "wasserstein"],
        "the space whose gradient flow is followed: l2 is L2(Omega), of a field u; wasserstein is that of densities of mass 1, whose flow is followed by a transport map",
    ),
    text(
        "transport",
        &["map", "w2gn"],
        "with `flow` = wasserstein, what a step is made with: map is a transport map of labels; w2gn is the paper's density network with a pair of convex potentials for the distance, on random points of a box, and takes `movement` = euler and `minimizer` = adam only",
    ),
    text(
        "movement",
        &["euler", "second", "third"],
        "order of the movement scheme in tau: euler is De Giorgi's minimizing movement (1 stage), second has 3 stages, third 6",
    ),
    real(
        "tau",
        0.01,
        1e-12,
        1e6,
        "time step, in the user's unit of time",
    ),
    real(
        "step_tolerance",
        0.0,
        0.0,
        1.0,
        "error allowed in a time step, relative to the L2 norm of u: the step is taken whole and in two halves, and repeated with a shorter one if they differ by more; `tau` is then the first to be tried. 0 takes every step with `tau`",
    ),
    real(
        "tau_min",
        1e-12,
        1e-300,
        1e6,
        "with `step_tolerance`, a step that would have to be shorter than this fails",
    ),
    real(
        "tau_max",
        0.0,
        0.0,
        1e6,
        "with `step_tolerance`, the longest time step; 0 does not limit it",
    ),
    // The network.
    Spec {
        name: "hidden",
        kind: Kind::Integers {
            default: &[0],
            min: 1,
            max: 4096,
        },
        help: "widths of the hidden layers of the network, 1 to 16 of them; a single 0 chooses what suits the flow: 24, 24, 24 for a field or a density, and for a transport map 8, 8 on the line, 12, 12 on space, 16, 16 on a box, and 16 beyond d = 4",
    },
    text(
        "activation",
        &["tanh", "sin", "cos", "softplus", "elu"],
        "activation function of the hidden layers",
    ),
    text(
        "embedding",
        &["auto", "neumann", "periodic", "none"],
        "what the network sees of x: auto is neumann on a box and none on any other domain, which accepts none only; neumann makes the normal derivative vanish on the box, periodic makes u periodic, none leaves x (the natural boundary condition emerges from the minimisation)",
    ),
    integer(
        "harmonics",
        2,
        1,
        64,
        "harmonics per axis of the embeddings neumann and periodic",
    ),
    // Quadrature.
    text(
        "quadrature",
        &["auto", "gauss", "sobol", "stratified", "monte-carlo"],
        "nodes of the integrals: gauss (tensor on a box, polar on a ball, along lines on a cut box, the last two up to d = 3), or random nodes drawn anew at each step: sobol (Owen-scrambled), stratified (one in each cell of a grid up to d = 3, Latin hypercube beyond), monte-carlo (independent); auto is gauss up to d = 3 and sobol beyond",
    ),
    integer(
        "nodes",
        0,
        0,
        100_000_000,
        "quadrature nodes (gauss and stratified take the next n^d, sobol up to an eighth more, and on a cut box the number is approximate); 0 chooses enough for the network not to alias; steps of a map that turns out rough between Gauss labels take up to 16 times as many",
    ),
    integer(
        "fit_nodes",
        0,
        0,
        100_000_000,
        "quadrature nodes on which the initial condition is fitted; 0 takes as many as `nodes`",
    ),
    real(
        "relabel",
        100.0,
        0.0,
        1e300,
        "with `flow` = wasserstein: once the determinant of the map's derivative varies by more than this factor over the labels, where they are becomes their label, and the maps are composed; 0 never does so",
    ),
    real(
        "initial_smoothing",
        0.0,
        0.0,
        1e12,
        "for initial conditions with jumps: u_0 is smoothed over this length s before the fit, a wave q keeping 1 - (q s)^6/48 of its height; choose what the flow smooths in its first step; 0 leaves u_0; up to d = 3",
    ),
    integer(
        "check_nodes",
        1000,
        10,
        10_000_000,
        "independent nodes on which the energy inequality and the residual of each step are checked",
    ),
    text(
        "form",
        &["auto", "weak", "residual", "galerkin"],
        "how a step is posed: weak minimises its objective on the nodes; residual minimises the square of its Euler-Lagrange residual there, and galerkin makes the residual orthogonal to the network's tangents, both free of sampling noise but blind to the boundary flux; auto is residual on random nodes when the embedding makes the flux vanish, else weak; with `flow` = wasserstein it is residual on Gauss labels, galerkin on random ones, and weak for particles without score",
    ),
    // The minimiser.
    text(
        "minimizer",
        &["gauss-newton", "adam"],
        "gauss-newton is damped least squares; adam is the first-order method of the paper",
    ),
    text(
        "precision",
        &["double", "single"],
        "precision of the network while Adam minimises: single takes half the time and keeps about six digits of each gradient; parameters, energies and sums stay in double. Gauss-Newton needs double",
    ),
    text(
        "linear_solver",
        &["auto", "dense", "sample", "krylov"],
        "how gauss-newton solves its linear systems: dense with a matrix of the size of the parameters, sample with one of the size of the rows (1 + d a node, 1 in strong form), krylov by preconditioned conjugate gradients without a matrix; auto chooses by the sizes",
    ),
    real(
        "tolerance",
        0.0,
        0.0,
        1.0,
        "a stage of a step is converged when what is left to gain in its objective is below tolerance^2 times its movement term S d^2/(2 tau); 0 chooses by the order of the movement scheme: 5e-3, 1e-4, 1e-5",
    ),
    integer(
        "max_iterations",
        50,
        1,
        1_000_000,
        "Gauss-Newton iterations allowed for one step",
    ),
    real(
        "step_accept",
        0.0,
        0.0,
        1.0,
        "a stage that `max_iterations` ends short of `tolerance` is accepted when what is left to gain is below step_accept^2 times its movement term, as where the network cannot follow what the flow soon smooths; 0 refuses it",
    ),
    real(
        "fit_tolerance",
        0.0,
        0.0,
        1.0,
        "relative error, of values and gradients together, at which fitting the initial condition stops; 0 chooses by the order of the movement scheme: 5e-5, 3e-6, 1e-6",
    ),
    integer(
        "fit_max_iterations",
        300,
        1,
        1_000_000,
        "Gauss-Newton iterations allowed for fitting the initial condition; the best fit found is kept",
    ),
    real(
        "fit_accept",
        1e-2,
        1e-14,
        1e300,
        "an initial fit whose relative L2 error on independent nodes is larger than this is refused",
    ),
    real(
        "adam_learning_rate",
        0.0,
        0.0,
        10.0,
        "learning rate of Adam; 0 takes 1e-3, and 2e-4 with `transport` = w2gn",
    ),
    integer(
        "adam_iterations",
        1000,
        1,
        1_000_000_000,
        "Adam iterations for one step",
    ),
    integer(
        "adam_fit_iterations",
        20_000,
        1,
        1_000_000_000,
        "Adam iterations for fitting the initial condition; with `transport` = w2gn the fit is by Gauss-Newton",
    ),
    real(
        "lambda",
        1.0,
        0.0,
        1e9,
        "with `transport` = w2gn, the weight of the term that makes the two potentials conjugate; below 1/2 they diverge",
    ),
    Spec {
        name: "potential_hidden",
        kind: Kind::Integers {
            default: &[32, 32],
            min: 1,
            max: 4096,
        },
        help: "with `transport` = w2gn, widths of the hidden layers of the potentials",
    },
    integer(
        "potential_iterations",
        12,
        1,
        1_000_000,
        "with `transport` = w2gn, updates of the potentials in each iteration of Adam",
    ),
    integer(
        "potential_nodes",
        0,
        0,
        100_000_000,
        "with `transport` = w2gn, points of an update of the potentials; 0 takes a quarter of `nodes`",
    ),
    real(
        "potential_learning_rate",
        2e-4,
        1e-12,
        10.0,
        "with `transport` = w2gn, learning rate of Adam for the potentials, in units of half a side of the box",
    ),
    // Running.
    integer(
        "seed",
        1,
        0,
        i64::MAX,
        "seed of the initial weights and of every random node; the same seed gives the same bits",
    ),
    integer(
        "threads",
        0,
        0,
        1024,
        "threads of this solver; 0 takes what the process may use. The result does not depend on it",
    ),
    // Snapshots.
    integer(
        "snapshot_resolution",
        65,
        0,
        8193,
        "grid points per axis of the fields in a snapshot; 0 leaves the grid out",
    ),
    Spec {
        name: "snapshot_lower",
        kind: Kind::Reals {
            default: &[],
            min: -1e12,
            max: 1e12,
        },
        help: "lower corner of the grid in snapshots, one number for every axis or d numbers; not set, it is that of the box of `lower` and `upper`, and with `domain` = space, where these are left alone, five standard deviations below the mean of the first density that is written",
    },
    Spec {
        name: "snapshot_upper",
        kind: Kind::Reals {
            default: &[],
            min: -1e12,
            max: 1e12,
        },
        help: "upper corner of the grid in snapshots, as `snapshot_lower`",
    },
    Spec {
        name: "snapshot_axes",
        kind: Kind::Integers {
            default: &[],
            min: 0,
            max: 63,
        },
        help: "the axes of R^d, counted from 0, that snapshots show as x, y and z, one to three of them; not set, all of them up to d = 3, and beyond the first two on a grid and the first three of points",
    },
    Spec {
        name: "snapshot_point",
        kind: Kind::Reals {
            default: &[],
            min: -1e12,
            max: 1e12,
        },
        help: "a point that the grid in snapshots goes through, one number for every axis or d numbers, where `snapshot_axes` are not all; not set, the centre of the grid's box",
    },
    integer(
        "snapshot_particles",
        1000,
        0,
        100_000_000,
        "with `flow` = wasserstein and `transport` = map, masses that snapshots follow, about; of a flow that began with particles all of them; 0 follows none",
    ),
    text(
        "snapshot_precision",
        &["double", "single"],
        "precision of fields and positions in snapshots; coordinates, figures and what a restart needs stay in double",
    ),
    integer(
        "snapshot_compression",
        0,
        0,
        9,
        "level of deflate, after a shuffle of bytes, of fields and positions in snapshots; 0 does not compress",
    ),
    real(
        "snapshot_index_seconds",
        1.0,
        0.0,
        1e9,
        "the index of a series of snapshots is rewritten after so many seconds at the earliest, later where it would take more than a fiftieth of the time, and when the writer is closed",
    ),
    text(
        "snapshot_existing",
        &["continue", "truncate", "empty"],
        "what a writer does with snapshots that are in its folder: continue goes on after them and refuses those of a time that the solver has not reached; truncate deletes those; empty refuses any",
    ),
];
