//! What a host makes of the present field between two steps.

use crate::error::Result;

/// Fills the last array (`[n][c]`) at positions (`[n][d]`) where u has the values of the second (`[n][c]`).
pub type OfPresent<'a> = dyn FnMut(&[f64], &[f64], &mut [f64]) -> Result<()> + 'a;

/// A field that takes the place of the present u, or what is added to it.
pub struct HandOver<'a> {
    /// Whether it is added.
    pub is_increment: bool,
    /// The field.
    pub field: NewField<'a>,
}

/// A field of the host.
pub enum NewField<'a> {
    /// Values at given points, all weighted alike.
    Values {
        /// Positions, `[n][d]`, inside the domain.
        x: &'a [f64],
        /// Values, `[n][c]`.
        values: &'a [f64],
    },
    /// A function of position and the present u; called on the thread that calls the solver.
    Function(&'a mut OfPresent<'a>),
}

impl HandOver<'_> {
    /// What it is, for messages.
    #[must_use]
    pub const fn noun(&self) -> &'static str {
        match (self.is_increment, &self.field) {
            (false, NewField::Values { .. }) => "a field by values",
            (false, NewField::Function(_)) => "a field by a function",
            (true, NewField::Values { .. }) => "an increment by values",
            (true, NewField::Function(_)) => "an increment by a function",
        }
    }
}
