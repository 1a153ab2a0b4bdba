//! Gradient flows `du/dt = -grad F(u)` by the deep minimizing movement scheme (Park, Kim, Son and
//! Hwang): each step solves `argmin F(u) + d(u, u_k)^2 / (2 tau)` over a neural network.
//!
//! ```no_run
//! use movimento::{Energy, Initial, Options, Solver};
//!
//! let mut options = Options::new();
//! options.set("lower", vec![-std::f64::consts::FRAC_PI_4])?;
//! options.set("upper", vec![std::f64::consts::FRAC_PI_4])?;
//! options.set("tau", 0.005)?;
//! let mut solver = Solver::new(&options)?;
//! let mut energy = Energy::plugin("dirichlet")?;
//! energy.set("kappa", &[0.1])?;
//! solver.add_energy(&energy)?;
//! solver.set_initial(Initial::Named("heat-2d"))?;
//! solver.step_to(0.2)?;
//! let mut u = [0.0];
//! solver.evaluate(&[0.1, 0.3], &mut u, None)?;
//! # Ok::<(), movimento::Error>(())
//! ```
//!
//! # Map
//! Dependencies run downward.
//!
//! | module | what it is |
//! |---|---|
//! | [`capi`] | the C interface: handles, status codes, checks; no mathematics |
//! | [`export`] | networks as arrays that others evaluate, and as safetensors |
//! | [`snapshot`] | HDF5 files of a solver's state, and series of them |
//! | [`Solver`] | one step: movement scheme, flow and minimiser, with the guards around them |
//! | [`movement`], [`initial`], [`report`], [`progress`] | schemes as data; where u_0 comes from; what a step tells |
//! | [`flow`] | what moves, and how far it is between two states |
//! | [`objective`] | what a stage minimises, at nodes: weak and strong forms, fits, Gauss-Newton models |
//! | [`minimize`] | Gauss-Newton and Adam: they know parameters and objectives only |
//! | [`energy`] | terms of F: plugins, callbacks, Rust code |
//! | [`field`] | networks and what is made of them: values and derivatives at nodes, and the kernels behind |
//! | [`section`] | named numbers, arrays and texts, as which every part saves its state |
//! | `allocator` | memory that lasts where the system has none |
//! | `atomic_file` | files that appear whole or not at all |
//! | `fingerprint` | of numbers and files, to tell whether they are still the same |
//! | [`quadrature`], [`domain`], [`options`] | nodes and weights; boxes, balls and cut boxes; key/value options |
//! | `linear_algebra` | matrix products, factors and substitutions |
//! | `vector_units` | the vector units in use, which can be forced for debugging |
//! | [`parallel`], [`communicator`] | the threads of a solver; the ranks that share its nodes |

mod allocator;
mod arguments;
mod atomic_file;
pub mod capi;
pub mod communicator;
mod differences;
pub mod domain;
pub mod energy;
mod error;
pub mod export;
pub mod field;
pub mod fingerprint;
pub mod flow;
pub mod initial;
mod linear_algebra;
pub mod minimize;
pub mod movement;
pub mod objective;
pub mod options;
pub mod parallel;
pub mod progress;
pub mod quadrature;
pub mod report;
pub mod section;
pub mod snapshot;
mod solver;
mod vector_units;
mod words;

#[doc(hidden)]
pub use allocator::bytes_held;
pub use domain::Domain;
pub use energy::Energy;
pub use error::{Error, ErrorKind, Result};
pub use flow::{HandOver, NewField, OfPresent};
pub use initial::Initial;
pub use options::{Options, Settings};
pub use report::{FitReport, HandOverReport, StepReport};
pub use solver::{
    Checkpoint, Ended, Event, EventFunction, Measured, Moments, SavedState, Solver, Until, Wanted,
};
