//! In what two series differ, in words.

use super::{FieldFrame, Frame};

impl Frame {
    /// In what another frame differs, for a message.
    pub fn difference(&self, other: &Self) -> String {
        let names = |fields: &[FieldFrame]| {
            let names = fields.iter().map(|field| {
                if field.described.units.is_empty() {
                    format!("{}[{}]", field.name, field.components)
                } else {
                    format!(
                        "{}[{}] in {}",
                        field.name, field.components, field.described.units
                    )
                }
            });
            names.collect::<Vec<_>>().join(", ")
        };
        let grid = |frame: &Self| match &frame.grid {
            Some(grid) => {
                let sizes: Vec<_> = grid
                    .axes
                    .iter()
                    .map(|a| a.coordinates.len().to_string())
                    .collect();
                format!(
                    "a grid of {} with {}",
                    sizes.join(" x "),
                    names(&grid.fields)
                )
            }
            None => "no grid".to_owned(),
        };
        let points = |frame: &Self| match &frame.points {
            Some(points) => format!("{} points with {}", points.ids.len(), names(&points.fields)),
            None => "no points".to_owned(),
        };
        let figures = |frame: &Self| {
            let names = frame
                .figures
                .iter()
                .map(|it| format!("{} ({})", it.name, it.help));
            names.collect::<Vec<_>>().join(", ")
        };
        let storage = |frame: &Self| {
            let precision = if frame.single { "single" } else { "double" };
            format!("{precision} precision, compression {}", frame.compression)
        };
        let pairs = [
            (self.d.to_string(), other.d.to_string(), "dimension"),
            (grid(self), grid(other), "grid"),
            (points(self), points(other), "points"),
            (figures(self), figures(other), "figures"),
            (storage(self), storage(other), "storage"),
        ];
        match pairs.iter().find(|(a, b, _)| a != b) {
            Some((a, b, what)) => format!("{what}: {a} before, and {b} now"),
            None => "coordinates, long names or units differ".to_owned(),
        }
    }
}
