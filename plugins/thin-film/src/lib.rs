//! Energies of the gradient of a density: `thin-film` and `fisher-information`.
//!
//! ```text
//! thin-film            f = sigma/2 |p|^2 + g/2 u^2
//! fisher-information   f = c |p|^2 / u
//! ```
//!
//! # Flows
//!
//! * In Wasserstein space: the thin-film equation `u_t = -sigma div(u grad Laplacian u) + g div(u grad u)` of a film
//!   of height u that wets, with surface tension sigma and gravity g, whose source solution is Smyth and Hill's;
//!   and the equation of Derrida, Lebowitz, Speer and Spohn, or quantum drift and diffusion,
//!   `u_t = -4 c div(u grad(Laplacian sqrt(u) / sqrt(u)))`.
//! * In L2: `u_t = sigma Laplacian u - g u` for the first.
//!
//! # Parameters
//!
//! | energy | name | default | range | meaning |
//! |---|---|---|---|---|
//! | `thin-film` | `sigma` | 1 | > 0 | surface tension |
//! | | `g` | 0 | | gravity; below 0 the film hangs |
//! | `fisher-information` | `c` | 1 | > 0 | weight |
//!
//! `fisher-information` is an energy of `u >= 0`: other values are refused with a recoverable status, and a shorter
//! step may avoid them.

mod fisher;
mod thin_film;

pub use fisher::FisherInformation;
pub use thin_film::ThinFilm;

use movimento_plugin::Entry;

/// The entry of this plugin.
pub static PLUGIN: Entry = movimento_plugin::plugin_entry!(ThinFilm, FisherInformation);

#[cfg(feature = "export")]
movimento_plugin::export_plugin!(ThinFilm, FisherInformation);
