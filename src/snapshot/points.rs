//! Points at which a snapshot shows fields: fixed ones, or masses that a transport map carries along.

use super::field::Field;

/// Points of a snapshot.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Points {
    /// Positions, `[n][d]`.
    pub position: Vec<f64>,
    /// A number for each that it keeps through the series, `[n]`.
    pub ids: Vec<i64>,
    /// The axes of R^d that VTK shows, one to three.
    pub axes: Vec<usize>,
    /// Fields at the points.
    pub fields: Vec<Field>,
}

impl Points {
    /// Number of points.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }
}

/// The points that a snapshot shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum PointSelection {
    /// Masses of a transport map, as many as the option `snapshot_particles` says; else none.
    #[default]
    Automatic,
    /// These, `[n][d]`; a transport map carries them along.
    Given(Vec<f64>),
}
