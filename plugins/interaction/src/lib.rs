//! Interaction energies `F(u) = 1/2 int int W(x - y) u(x) u(y) dx dy`: `interaction-power`,
//! `interaction-gaussian`, `interaction-morse`, `interaction-quadratic` and `interaction-logarithm`.
//!
//! ```text
//! interaction-power      W = r^a / a - r^b / b, r = |x - y|, a > b > -d; r^0 / 0 stands for ln r
//!                        grad_x W = (r^(a-2) - r^(b-2)) (x - y)
//! interaction-gaussian   W = c exp(-r^2 / (2 l^2))
//!                        grad_x W = -W / l^2 (x - y)
//! interaction-morse      W = c_r exp(-r / l_r) - c_a exp(-r / l_a)
//!                        grad_x W = (c_a / l_a exp(-r / l_a) - c_r / l_r exp(-r / l_r)) / r
//!                                   (x - y)
//! interaction-quadratic  W = kappa/2 r^2
//!                        grad_x W = kappa (x - y)
//! interaction-logarithm  W = c ln r
//!                        grad_x W = c / r^2 (x - y)
//! ```
//!
//! # Flows
//!
//! * In W2: the aggregation equation `u_t = div(u grad(W * u))`.
//! * In L2 it would be the nonlocal decay `u_t = -W * u`; the library refuses interactions there.
//!
//! # Parameters
//!
//! | energy | name | default | range | meaning |
//! |---|---|---|---|---|
//! | `interaction-power` | `a` | 4 | > `b` | exponent of the attraction |
//! | | `b` | 2 | > `-d` | exponent of the repulsion; `W` is integrable at the origin |
//! | `interaction-gaussian` | `c` | 1 | | strength; attractive when negative |
//! | | `l` | 1 | > 0 | length |
//! | `interaction-morse` | `c_a`, `l_a` | 0.5, 2 | >= 0, > 0 | attraction: strength and length |
//! | | `c_r`, `l_r` | 1, 0.5 | >= 0, > 0 | repulsion: strength and length |
//! | `interaction-quadratic` | `kappa` | 1 | | strength; attractive when positive |
//! | `interaction-logarithm` | `c` | 1 | | strength; attractive when positive |
//!
//! # Coinciding points
//!
//! At `x = y` the gradient is 0, the only direction-free choice, and `W` is its limit where that
//! is finite. For logarithms and powers with `b <= 0` (or `a <= 0`) the limit is infinite and `W(x, x) = 0` is
//! taken: in the integral the diagonal has measure zero. In a sum over masses the library adds what such a
//! kernel does within the cell that each mass stands for, which it finds from `W` nearby.

mod gaussian;
mod logarithm;
mod morse;
mod power;
mod quadratic;
mod radial;

pub use gaussian::Gaussian;
pub use logarithm::Logarithm;
pub use morse::Morse;
pub use power::Power;
pub use quadratic::Quadratic;

use movimento_plugin::Entry;

/// The entry of this plugin.
pub static PLUGIN: Entry =
    movimento_plugin::plugin_entry!(Power, Gaussian, Morse, Quadratic, Logarithm);

#[cfg(feature = "export")]
movimento_plugin::export_plugin!(Power, Gaussian, Morse, Quadratic, Logarithm);
