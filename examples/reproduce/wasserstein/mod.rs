//! Exact solutions of flows in Wasserstein space.

mod barenblatt;
mod bistable;
mod cases;
mod divergence;
mod film;
mod gaussian;
mod heat;
mod sheets;

pub use barenblatt::Source;
pub use bistable::Bistable;
pub use cases::{CASES, fokker_planck, paper_potential};
pub use divergence::symmetric_divergence;
pub use film::Film;
pub use gaussian::{Gaussian, Quadratic, identity, random_quadratic};
pub use heat::Cosine;
pub use sheets::Sheets;
