//! Energies of fields with interfaces: `cahn-hilliard`, `cahn-hilliard-logarithmic` and `total-variation`.
//!
//! ```text
//! cahn-hilliard              f = eps^2/2 |p|^2 + scale (u - a)^2 (u - b)^2
//! cahn-hilliard-logarithmic  f = eps^2/2 |p|^2 + theta/2 ((1 + u) ln(1 + u) + (1 - u) ln(1 - u))
//!                                + theta_c/2 (1 - u^2)
//! total-variation            f = lambda sqrt(|p|^2 + delta^2)
//! ```
//!
//! # Flows
//!
//! * In H^-1: Cahn-Hilliard's equation `u_t = Laplacian(W'(u) - eps^2 Laplacian u)` for the first two.
//! * In L2: Allen-Cahn's `u_t = eps^2 Laplacian u - W'(u)` for them; total variation flow
//!   `u_t = lambda div(grad u / sqrt(|grad u|^2 + delta^2))` for the third, and with the energy `quadratic` of
//!   u and a source the denoising of Rudin, Osher and Fatemi.
//!
//! # Parameters
//!
//! | energy | name | default | range | meaning |
//! |---|---|---|---|---|
//! | `cahn-hilliard` | `eps` | 0.1 | > 0 | the interfaces are about `sqrt(2) eps` wide for the defaults |
//! | | `scale` | 0.25 | > 0 | height of the wells' barrier, times 16 over `(b - a)^4` |
//! | | `a`, `b` | -1, 1 | a < b | the wells |
//! | `cahn-hilliard-logarithmic` | `eps` | 0.1 | > 0 | |
//! | | `theta` | 0.5 | > 0 | temperature |
//! | | `theta_c` | 1 | > 0 | critical temperature: below it there are two phases |
//! | `total-variation` | `lambda` | 1 | > 0 | weight |
//! | | `delta` | 0.01 | > 0 | slope below which it is smooth |
//!
//! `cahn-hilliard-logarithmic` is an energy of `-1 < u < 1`: other values are refused with a recoverable status,
//! and a shorter step may avoid them.

mod cahn_hilliard;
mod logarithmic;
mod slope;
mod total_variation;

pub use cahn_hilliard::CahnHilliard;
pub use logarithmic::Logarithmic;
pub use total_variation::TotalVariation;

use movimento_plugin::Entry;

/// The entry of this plugin.
pub static PLUGIN: Entry =
    movimento_plugin::plugin_entry!(CahnHilliard, Logarithmic, TotalVariation);

#[cfg(feature = "export")]
movimento_plugin::export_plugin!(CahnHilliard, Logarithmic, TotalVariation);
