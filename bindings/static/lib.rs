//! The C interface in an archive with all that it needs, of which `scripts/static-library` makes one that
//! shows nothing else.

pub use movimento::capi::*;
