//! Potential energies `F(u) = int V(x) u dx`: `potential-quadratic`, `potential-double-well` and
//! `potential-cosine`.
//!
//! ```text
//! potential-quadratic     V = 1/2 (x - c)^T A (x - c)         grad V = A (x - c)
//! potential-double-well   V = sum_i a/4 (x_i^2 - b^2)^2       dV/dx_i = a x_i (x_i^2 - b^2)
//! potential-cosine        V = sum_i a cos(k_i x_i + phase_i)  dV/dx_i = -a k_i sin(k_i x_i +
//! phase_i)
//! f = V(x) u    f_u = V    f_x = u grad V    f_p and all second derivatives 0
//! ```
//!
//! # Flows
//!
//! * In W2: drift down the potential, `u_t = div(u grad V)`; together with the energy `entropy`
//!   the Fokker-Planck equation `u_t = Laplacian u + div(u grad V)` with the equilibrium
//!   `exp(-V)`.
//! * In L2: the source `u_t = -V(x)`.
//!
//! # Parameters
//!
//! | energy | name | default | range | meaning |
//! |---|---|---|---|---|
//! | `potential-quadratic` | `a` | 1 | | `A`: 1 number, `d` (diagonal) or `d*d` (rows) |
//! | | `center` | 0 | | `c`: 1 or `d` numbers |
//! | `potential-double-well` | `a` | 1 | > 0 | height |
//! | | `b` | 1 | >= 0 | the wells are at `x_i = b` and `x_i = -b` |
//! | `potential-cosine` | `a` | 1 | | amplitude |
//! | | `k` | 1 | | wave number: 1 or `d` numbers |
//! | | `phase` | 0 | | phase: 1 or `d` numbers |
//!
//! All are linear in `u`, and so convex in `(u, p)` whatever the shape of `V`. Other potentials
//! are a callback of the host, or a plugin of one's own.

mod cosine;
mod double_well;
mod linear;
mod quadratic;

pub use cosine::Cosine;
pub use double_well::DoubleWell;
pub use quadratic::Quadratic;

use movimento_plugin::Entry;

/// The entry of this plugin.
pub static PLUGIN: Entry = movimento_plugin::plugin_entry!(Quadratic, DoubleWell, Cosine);

#[cfg(feature = "export")]
movimento_plugin::export_plugin!(Quadratic, DoubleWell, Cosine);
