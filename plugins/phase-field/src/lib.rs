//! Energies of fields with interfaces and patterns: `cahn-hilliard`, `cahn-hilliard-logarithmic`, `total-variation`,
//! `swift-hohenberg`, `willmore` and `ginzburg-landau`.
//!
//! ```text
//! cahn-hilliard              f = eps^2/2 |p|^2 + scale (u - a)^2 (u - b)^2
//! cahn-hilliard-logarithmic  f = eps^2/2 |p|^2 + theta/2 ((1 + u) ln(1 + u) + (1 - u) ln(1 - u))
//!                                + theta_c/2 (1 - u^2)
//! total-variation            f = lambda sqrt(|p|^2 + delta^2)
//! swift-hohenberg            f = (k^2 u + Laplacian u)^2/2 - eps/2 u^2 - g/3 u^3 + u^4/4
//! willmore                   f = (eps Laplacian u - (u^3 - u)/eps)^2 / (2 eps)
//! ginzburg-landau            f = kappa/2 |p|^2 + (|u|^2 - 1)^2 / (4 eps^2), u = (Re psi, Im psi)
//! ```
//!
//! # Flows
//!
//! * In H^-1: Cahn-Hilliard's equation `u_t = Laplacian(W'(u) - eps^2 Laplacian u)` for the first two.
//! * In L2: Allen-Cahn's `u_t = eps^2 Laplacian u - W'(u)` for them; total variation flow
//!   `u_t = lambda div(grad u / sqrt(|grad u|^2 + delta^2))` for the third, and with the energy `quadratic` of
//!   u and a source the denoising of Rudin, Osher and Fatemi; `u_t = eps u - (k^2 + Laplacian)^2 u + g u^2 - u^3` for
//!   `swift-hohenberg`, and Willmore's flow of interfaces, both of fourth order; for a field of two components
//!   Ginzburg and Landau's `psi_t = kappa Laplacian psi - (|psi|^2 - 1) psi / eps^2`.
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
//! | `swift-hohenberg` | `eps` | 0.3 | | growth rate of waves of the length 2 pi/k |
//! | | `g` | 0 | | weight of u^2 in the equation |
//! | | `k` | 1 | > 0 | wave number of the pattern |
//! | `willmore` | `eps` | 0.1 | > 0 | length of the interfaces |
//! | `ginzburg-landau` | `kappa` | 1 | > 0 | stiffness |
//! | | `eps` | 0.1 | > 0 | size of the vortices |
//!
//! `cahn-hilliard-logarithmic` is an energy of `-1 < u < 1`: other values are refused with a recoverable status,
//! and a shorter step may avoid them.

mod cahn_hilliard;
mod ginzburg_landau;
mod logarithmic;
mod of_laplacian;
mod slope;
mod swift_hohenberg;
mod total_variation;
mod willmore;

pub use cahn_hilliard::CahnHilliard;
pub use ginzburg_landau::GinzburgLandau;
pub use logarithmic::Logarithmic;
pub use swift_hohenberg::SwiftHohenberg;
pub use total_variation::TotalVariation;
pub use willmore::Willmore;

use movimento_plugin::Entry;

/// The entry of this plugin.
pub static PLUGIN: Entry = movimento_plugin::plugin_entry!(
    CahnHilliard,
    Logarithmic,
    TotalVariation,
    SwiftHohenberg,
    Willmore,
    GinzburgLandau
);

#[cfg(feature = "export")]
movimento_plugin::export_plugin!(
    CahnHilliard,
    Logarithmic,
    TotalVariation,
    SwiftHohenberg,
    Willmore,
    GinzburgLandau
);
