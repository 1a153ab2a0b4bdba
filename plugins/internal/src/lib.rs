//! Internal energies `F(u) = int h(u) dx`: `entropy`, `power` and `quadratic`.
//!
//! ```text
//! entropy     h = u ln u          h' = ln u + 1               h'' = 1/u
//! power       h = u^m / (m - 1)   h' = m u^(m-1) / (m - 1)    h'' = m u^(m-2)
//! quadratic   h = kappa/2 u^2     h' = kappa u                h'' = kappa
//! f = h(u)    f_u = h'    f_uu = h''    all others 0
//! ```
//!
//! # Flows
//!
//! * In W2, `u_t = div(u grad h'(u))`: the heat equation `u_t = Laplacian u` for `entropy`, the
//!   porous medium equation `u_t = Laplacian u^m` for `power` (fast diffusion for `m < 1`), and
//!   `u_t = kappa/2 Laplacian u^2` for `quadratic`. Displacement convex in dimension `d` for
//!   `m >= 1 - 1/d` (McCann).
//! * In L2, the pointwise decay `u_t = -h'(u)`; for `quadratic`, `u_t = -kappa u`.
//!
//! # Parameters
//!
//! | energy | name | default | range | meaning |
//! |---|---|---|---|---|
//! | `power` | `m` | 2 | > 0, not 1 | exponent; the limit `m -> 1` is `entropy` up to mass |
//! | `quadratic` | `kappa` | 1 | > 0 | rate |
//!
//! All three are convex: `h'' > 0` on `u > 0` for every admissible `m`, below 1 as well.
//!
//! # Domain
//!
//! `entropy` and `power` are energies of densities. A negative `u` is refused with a
//! recoverable status that names the value and its point; `u = 0` is legal with `h = 0`. There
//! `h'` or `h''` may be infinite, so both are held at their values at `u = 1e-150` below that
//! number. They stay finite, and what the flows form from them, `u h' - h` and `u^2 h''`, has its
//! limit 0 to rounding.

mod entropy;
mod power;
mod quadratic;
mod scalar;

pub use entropy::Entropy;
pub use power::Power;
pub use quadratic::Quadratic;

use movimento_plugin::Entry;

/// The entry of this plugin.
pub static PLUGIN: Entry = movimento_plugin::plugin_entry!(Entropy, Power, Quadratic);

#[cfg(feature = "export")]
movimento_plugin::export_plugin!(Entropy, Power, Quadratic);
