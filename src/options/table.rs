//! Every option the library knows: name, the type that it is read as, type, default and range, and
//! one line of help. The row of an option is all that declares it: the field of its group's
//! settings has its name.

use super::read::{ExistingSnapshots, Hidden, RestartChoice, StoredPrecision, TotalMass, groups};
use super::{Kind, Spec};
use crate::domain::DomainChoice;
use crate::field::Precision;
use crate::field::{Activation, EmbeddingChoice, TrainingChoice};
use crate::minimize::{LinearSolverChoice, MinimizerChoice};
use crate::movement::{self, Movement};
use crate::objective::FormChoice;
use crate::quadrature::QuadratureChoice;
use std::num::NonZeroUsize;

const fn real(default: f64, min: f64, max: f64) -> Kind {
    Kind::Real { default, min, max }
}

const fn integer(default: i64, min: i64, max: i64) -> Kind {
    Kind::Integer { default, min, max }
}

const fn text(choices: &'static [&'static str]) -> Kind {
    Kind::Text { choices }
}

const fn reals(default: &'static [f64], min: f64, max: f64) -> Kind {
    Kind::Reals { default, min, max }
}

const fn integers(default: &'static [i64], min: i64, max: i64) -> Kind {
    Kind::Integers { default, min, max }
}

// For texts the first choice is the default.
groups! {
    /// The problem: in which space, and on which domain.
    ProblemSettings {
        dimension: usize = integer(2, 1, 256),
            "dimension d of the domain; `lower` and `upper` have 1 or d entries";
        lower: Vec<f64> = reals(&[0.0], -1e12, 1e12),
            "lower corner of the box, one number for every axis or d numbers, in the user's unit \
            of length";
        upper: Vec<f64> = reals(&[1.0], -1e12, 1e12),
            "upper corner of the box, one number for every axis or d numbers; above `lower` on \
            each axis";
        components: usize = integer(1, 1, 16),
            "with `flow` = l2, components c of the field u; with several, energies are those of \
            systems, and initial conditions and values at points have c numbers at each";
        domain: DomainChoice = text(DomainChoice::WORDS),
            "the domain: the box of `lower` and `upper`, or with `flow` = l2 the ball inscribed \
            in it, whose sides must be equal; with `flow` = wasserstein also space, all of R^d, \
            of which the box is what snapshots show. In L2 a host can cut the box further or hand \
            over its own nodes";
        flow: &'static str = text(&["l2", "wasserstein", "h-1", "wfr"]),
            "the space whose gradient flow is followed: l2 is L2(Omega), of a field u; \
            wasserstein is that of densities of mass 1 (see `transport`); h-1 is H^-1(Omega), of a field \
            u whose mean stays, as in Cahn-Hilliard's equation, up to three dimensions; wfr is the space of densities \
            whose mass is moved, born and dies (Wasserstein, Fisher and Rao), see `transport_weight`";
        transport: &'static str = text(&["auto", "map", "dual", "collocation", "w2gn"]),
            "with `flow` = wasserstein, what a step is made with: map is a transport map of \
            labels; dual, up to three dimensions, is the potential that drives the density, found by \
            the dual of the step, with features and nodes of its own; collocation, in space of up to \
            sixteen dimensions, is that potential, found by its equation at labels; auto, with \
            `hidden`, `nodes` and `relabel` as they are, takes dual up to the plane and collocation \
            in space beyond for what is not one Gaussian or Barenblatt profile in a potential of \
            second degree, and else map; w2gn is the paper's \
            density network with a pair of convex potentials for the distance, on random points of \
            a box, and takes `movement` = euler and `minimizer` = adam only";
    }

    /// The weights of what moves mass, and of its birth and death.
    ReactionSettings {
        transport_weight: f64 = real(1.0, 0.0, 1e12),
            "with `flow` = wfr, the weight alpha of transport in rho_t = alpha div(rho grad dF/drho) - \
            beta rho (dF/drho - lambda), up to three dimensions; 0 leaves birth and death alone, the \
            Hellinger flow, in any dimension, of energies int k rho ln rho + V rho";
        birth_death_weight: f64 = real(1.0, 0.0, 1e12),
            "with `flow` = wfr, the weight beta of birth and death";
        total_mass: TotalMass = text(TotalMass::WORDS),
            "with `flow` = wfr, what the mass does: free leaves it to birth and death, lambda = 0; held \
            keeps it, with the mean of dF/drho for lambda";
    }

    /// The time steps.
    TimeSettings {
        movement: &'static Movement = text(movement::WORDS),
            "order of the movement scheme in tau: euler is De Giorgi's minimizing movement (1 \
            stage), second has 3 stages, third 6";
        tau: f64 = real(0.01, 1e-15, 1e15),
            "time step, in the user's unit of time";
        step_tolerance: Option<f64> = real(0.0, 0.0, 1.0),
            "error allowed in a time step, relative to the L2 norm of u: the step is taken whole \
            and in two halves, and repeated with a shorter one if they differ by more; `tau` is \
            then the first to be tried. 0 takes every step with `tau`";
        tau_min: f64 = real(1e-12, 1e-300, 1e15),
            "with `step_tolerance`, a step that would have to be shorter than this fails; where `tau` is \
            shorter, a millionth of that";
        tau_max: Option<f64> = real(0.0, 0.0, 1e15),
            "with `step_tolerance`, the longest time step; 0 does not limit it";
    }

    /// The network.
    NetworkSettings {
        hidden: Hidden = integers(&[0], 1, 4096),
            "widths of the hidden layers of the network, 1 to 16 of them; a single 0 chooses what \
            suits the flow: for a field up to d = 3 as many random features as u_0 takes, see \
            `training`, and 24, 24, 24 beyond or for a density; for a transport map 8, 8 on the \
            line, 12, 12 on space, 16, 16 on a box, and 16 beyond d = 4";
        training: TrainingChoice = text(TrainingChoice::WORDS),
            "with `flow` = l2, the parameters that are minimised: all, or outputs, those of the \
            output layer behind one hidden layer of random features, in which every step is a \
            problem as convex as the energy; auto is outputs up to d = 3 where `hidden` and the \
            ways of a network (`form`, `quadrature`, `minimizer`) are left to the library, else all";
        activation: Activation = text(Activation::WORDS),
            "activation function of the hidden layers";
        embedding: EmbeddingChoice = text(EmbeddingChoice::WORDS),
            "what the network sees of x: auto is neumann on a box and none with random features \
            (see `training`) and on any other domain, which accepts none only; neumann makes the normal derivative vanish on the box, \
            periodic makes u periodic, none leaves x (the natural boundary condition emerges from \
            the minimisation)";
        harmonics: usize = integer(2, 1, 64),
            "harmonics per axis of the embeddings neumann and periodic";
        periodic_axes: Vec<usize> = integers(&[], 0, 255),
            "with `flow` = l2 on a box, axes counted from 0 along which u is periodic, while the other sides have \
            conditions of their own; not set, none, or with `embedding` = periodic all";
    }

    /// The nodes and labels of the integrals, and what is posed on them.
    DiscretizationSettings {
        quadrature: QuadratureChoice = text(QuadratureChoice::WORDS),
            "nodes of the integrals: gauss (tensor on a box, polar on a ball, along lines on a \
            cut box, the last two up to d = 3), or random nodes drawn anew at each step: sobol \
            (Owen-scrambled), stratified (one in each cell of a grid up to d = 3, Latin hypercube \
            beyond), monte-carlo (independent); auto is gauss up to d = 3 and sobol beyond";
        nodes: Option<NonZeroUsize> = integer(0, 0, 100_000_000),
            "quadrature nodes (gauss and stratified take the next n^d, sobol up to an eighth \
            more, and on a cut box the number is approximate); 0 chooses enough for the network \
            not to alias; steps of a map that turns out rough between Gauss labels take up to 16 \
            times as many";
        fit_nodes: Option<NonZeroUsize> = integer(0, 0, 100_000_000),
            "quadrature nodes on which the initial condition is fitted; 0 takes as many as \
            `nodes`";
        relabel: Option<f64> = real(100.0, 0.0, 1e300),
            "with `flow` = wasserstein: once the determinant of the map's derivative varies by \
            more than this factor over the labels, where they are becomes their label, and the \
            maps are composed; 0 never does so";
        initial_smoothing: Option<f64> = real(0.0, 0.0, 1e12),
            "for initial conditions with jumps: u_0 is smoothed over this length s before the \
            fit, a wave q keeping 1 - (q s)^6/48 of its height; choose what the flow smooths in \
            its first step; 0 leaves u_0; up to d = 3";
        check_nodes: usize = integer(1000, 10, 10_000_000),
            "independent nodes on which the energy inequality and the residual of each step are \
            checked";
        form: FormChoice = text(FormChoice::WORDS),
            "how a step is posed: weak minimises its objective on the nodes; residual minimises \
            the square of its Euler-Lagrange residual there, and galerkin makes the residual \
            orthogonal to the network's tangents, both free of sampling noise but blind to the \
            boundary flux; auto is residual on random nodes when the embedding makes the flux \
            vanish, else weak; with `flow` = wasserstein it is residual on Gauss labels, galerkin \
            on random ones, and weak for particles without score";
    }

    /// The minimiser of the steps.
    MinimizerSettings {
        minimizer: MinimizerChoice = text(MinimizerChoice::WORDS),
            "gauss-newton is damped least squares; adam is the first-order method of the paper";
        precision: Precision = text(Precision::WORDS),
            "precision of the network while Adam minimises: single takes half the time and keeps \
            about six digits of each gradient; parameters, energies and sums stay in double. \
            Gauss-Newton needs double";
        linear_solver: LinearSolverChoice = text(LinearSolverChoice::WORDS),
            "how gauss-newton solves its linear systems: dense with a matrix of the size of the \
            parameters, sample with one of the size of the rows (1 + d a node, 1 in strong form), \
            krylov by preconditioned conjugate gradients without a matrix; auto chooses by the \
            sizes";
        tolerance: Option<f64> = real(0.0, 0.0, 1.0),
            "a stage of a step is converged when what is left to gain in its objective is below \
            tolerance^2 times its movement term S d^2/(2 tau); 0 chooses by the order of the \
            movement scheme: 5e-3, 1e-4, 1e-5, and of random features, where it costs little, \
            a hundredth of these";
        max_iterations: u64 = integer(50, 1, 1_000_000),
            "Gauss-Newton iterations allowed for one step";
        effort: f64 = real(10.0, 1.0, 1e9),
            "a step that fails is tried with other nodes, as a whole and in parts, until it has taken \
            about so many times the iterations of the last good step; then it is refused";
        step_accept: Option<f64> = real(0.0, 0.0, 1.0),
            "a stage that comes no nearer to `tolerance` is accepted when what is left to gain is \
            below step_accept^2 times its movement term, as where the network cannot follow what \
            the flow soon smooths; 0 chooses by the order of the movement scheme: 1e-1, 3e-2, \
            1e-2";
    }

    /// The fit of the initial condition.
    FitSettings {
        fit_tolerance: Option<f64> = real(0.0, 0.0, 1.0),
            "relative error, of values and gradients together, at which fitting the initial \
            condition stops; 0 chooses by the order of the movement scheme: 5e-5, 3e-6, 1e-6";
        fit_max_iterations: u64 = integer(300, 1, 1_000_000),
            "Gauss-Newton iterations allowed for fitting the initial condition; the best fit \
            found is kept";
        fit_accept: f64 = real(1e-2, 1e-14, 1e300),
            "an initial fit whose relative L2 error on independent nodes is larger than this is \
            refused; of random features of a field 30 times this where an energy depends on grad u, \
            whose flow smooths what they miss, and no gradient of u_0 is given, and of potentials 3 times this";
    }

    /// Adam, where it is the minimiser.
    AdamSettings {
        adam_learning_rate: Option<f64> = real(0.0, 0.0, 10.0),
            "learning rate of Adam; 0 takes 1e-3, and 2e-4 with `transport` = w2gn";
        adam_iterations: u64 = integer(1000, 1, 1_000_000_000),
            "Adam iterations for one step";
        adam_fit_iterations: u64 = integer(20_000, 1, 1_000_000_000),
            "Adam iterations for fitting the initial condition; with `transport` = w2gn the fit \
            is by Gauss-Newton";
    }

    /// The pair of convex potentials, whose transport is followed.
    PotentialsSettings {
        lambda: f64 = real(1.0, 0.0, 1e9),
            "with `transport` = w2gn, the weight of the term that makes the two potentials \
            conjugate; below 1/2 they diverge";
        potential_hidden: Vec<usize> = integers(&[32, 32], 1, 4096),
            "with `transport` = w2gn, widths of the hidden layers of the potentials";
        potential_iterations: u64 = integer(12, 1, 1_000_000),
            "with `transport` = w2gn, updates of the potentials in each iteration of Adam";
        potential_nodes: Option<NonZeroUsize> = integer(0, 0, 100_000_000),
            "with `transport` = w2gn, points of an update of the potentials; 0 takes a quarter of \
            `nodes`";
        potential_learning_rate: f64 = real(2e-4, 1e-12, 10.0),
            "with `transport` = w2gn, learning rate of Adam for the potentials, in units of half \
            a side of the box";
    }

    /// The run.
    RunSettings {
        seed: u64 = integer(1, 0, i64::MAX),
            "seed of the initial weights and of every random node; the same seed gives the same \
            bits";
        threads: Option<NonZeroUsize> = integer(0, 0, 1024),
            "threads of this solver; 0 takes what the process may use. The result does not depend \
            on it";
        restart: RestartChoice = text(RestartChoice::WORDS),
            "what a restart from a snapshot asks for: exact is all that the bits of the run depend on; \
            portable goes on with another build of a plugin, version of the library, processor, number of \
            ranks, nodes, and other options of steps, nodes, minimiser and fits, says what differs in the \
            log and in the snapshots that follow, and refuses another problem or network";
    }

    /// The snapshots.
    SnapshotSettings {
        snapshot_resolution: Option<NonZeroUsize> = integer(65, 0, 8193),
            "grid points per axis of the fields in a snapshot; 0 leaves the grid out";
        snapshot_lower: Vec<f64> = reals(&[], -1e12, 1e12),
            "lower corner of the grid in snapshots, one number for every axis or d numbers; not \
            set, it is that of the box of `lower` and `upper`, and with `domain` = space, where \
            these are left alone, five standard deviations below the mean of the first density \
            that is written";
        snapshot_upper: Vec<f64> = reals(&[], -1e12, 1e12),
            "upper corner of the grid in snapshots, as `snapshot_lower`";
        snapshot_axes: Vec<usize> = integers(&[], 0, 255),
            "the axes of R^d, counted from 0, that snapshots show as x, y and z, one to three of \
            them; not set, all of them up to d = 3, and beyond the first two on a grid and the \
            first three of points";
        snapshot_point: Vec<f64> = reals(&[], -1e12, 1e12),
            "a point that the grid in snapshots goes through, one number for every axis or d \
            numbers, where `snapshot_axes` are not all; not set, the centre of the grid's box";
        snapshot_particles: Option<NonZeroUsize> = integer(1000, 0, 100_000_000),
            "with `flow` = wasserstein and `transport` = map, masses that snapshots follow, \
            about; of a flow that began with particles all of them; 0 follows none";
        snapshot_precision: StoredPrecision = text(StoredPrecision::WORDS),
            "precision of fields and positions in snapshots; coordinates, figures and what a \
            restart needs stay in double";
        snapshot_compression: u8 = integer(0, 0, 9),
            "level of deflate, after a shuffle of bytes, of fields and positions in snapshots; 0 \
            does not compress";
        snapshot_index_seconds: f64 = real(1.0, 0.0, 1e9),
            "the index of a series of snapshots is rewritten after so many seconds at the \
            earliest, later where it would take more than a fiftieth of the time, and when the \
            writer is closed";
        snapshot_block: usize = integer(256, 0, 1_000_000),
            "how many older snapshots of a series are copied together into a block, out of which the index \
            shows their fields: a reader keeps each file open that it shows a part of, and HDF5 shows NaN for \
            those that it may open no longer. The last so many stay by themselves, and it takes as much \
            room again as the fields of the others do; 0 and 1 make no blocks";
        snapshot_existing: ExistingSnapshots = text(ExistingSnapshots::WORDS),
            "what a writer does with snapshots that are in its folder: continue goes on after \
            them and refuses those of a time that the solver has not reached; truncate deletes \
            those; empty refuses any";
    }
}

#[cfg(test)]
mod tests {
    use xxhash_rust::xxh3::xxh3_64;

    /// Bindings, manuals and graphical front ends are made from the description.
    #[test]
    fn the_description_of_the_options_is_as_it_was() {
        assert_eq!(
            xxh3_64(super::super::describe().as_bytes()),
            0x9596_b7a7_1840_d89d
        );
    }
}
