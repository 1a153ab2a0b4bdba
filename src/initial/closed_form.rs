//! Initial conditions and exact solutions with a name.

/// The names.
pub static NAMES: &[&str] = &[];
