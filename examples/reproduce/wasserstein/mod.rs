//! Exact solutions of flows in Wasserstein space.

mod barenblatt;
mod bistable;
mod cases;
mod gaussian;
mod heat;
mod sheets;

pub use barenblatt::Source;
pub use bistable::Bistable;
pub use cases::CASES;
pub use gaussian::{Gaussian, Quadratic, random_quadratic};
pub use heat::Cosine;
pub use sheets::Sheets;
