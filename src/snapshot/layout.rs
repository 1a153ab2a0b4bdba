//! The layout of files: which objects they have besides the fields.
//!
//! A field is `/NAME`: real (nz, ny, nx), `u[k][j][i] = u(x_i, y_j, z_k)` with x fastest; in 2-D
//! (ny, nx), in 1-D (nx); with components (nz, ny, nx, c); attributes `long_name`, `units`, and
//! beyond three dimensions `slice_point`. At points it is `/points/NAME`, real (n) or (n, c). A field
//! with components that are no vector in R^d has the dimension scale `NAME_component` beside it.
//!
//! All other objects stand in [`OBJECTS`], and figures in the group `/series`. No field can have the
//! name of one of them, whether it is on a grid or at points.

use super::series;
use crate::error::{Error, Result};

/// An object of a file that is no field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Object {
    /// Path in the file.
    pub path: &'static str,
    /// Type and shape.
    pub shape: &'static str,
    /// Its content.
    pub content: &'static str,
    /// Which part of a file it belongs to.
    pub part: Part,
}

/// A part of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Fields, where they are shown, and figures: in snapshots, indices and packed series.
    Fields,
    /// Snapshots and figures that an index lists.
    Index,
    /// A section of the solver's state, in snapshots only.
    State,
}

macro_rules! layout {
    ($($part:ident $path:literal $(as $constant:ident)?, $shape:literal, $content:literal;)*) => {
        $($(pub(super) const $constant: &str = $path;)?)*

        /// Objects of snapshots, indices and packed series besides the fields. Where there is more
        /// than one snapshot, `t`, fields, positions and figures have an axis of time before the
        /// others.
        ///
        /// | part | object | type and shape | content |
        /// |---|---|---|---|
        $(#[doc = concat!("| ", stringify!($part), " | `", $path, "` | ", $shape, " | ", $content, " |")])*
        pub const OBJECTS: &[Object] = &[
            $(Object { path: $path, shape: $shape, content: $content, part: Part::$part },)*
        ];
    };
}

layout! {
    Fields "/t" as T, "float64 (1)", "time; dimension scale";
    Fields "/x", "float64 (n)",
        "coordinates of the grid's first axis; dimension scale; attribute `coordinate`: which \
         coordinate of R^d";
    Fields "/y", "float64 (n)", "second axis, where there is one";
    Fields "/z", "float64 (n)", "third axis, where there is one";
    Fields "/axis" as AXIS, "int64 (d)", "dimension scale of the components of a vector in R^d";
    Fields "/points" as POINTS, "group",
        "points, and masses that a transport map carries along; attribute `axes`: which VTK \
         shows";
    Fields "/points/position" as POSITION, "real (n, d)", "positions of the points";
    Fields "/points/id" as ID, "int64 (n)",
        "number of each point, the same in every snapshot; dimension scale";
    Fields "/points/mass" as MASS, "real (n)", "masses, where they are known";
    Fields "/VTKHDF" as VTKHDF, "group",
        "VTKHDF 2.0: an image of the grid, or polygonal data of the points where there is no \
         grid";
    Fields "/VTKHDF_points" as VTKHDF_POINTS, "group", "VTKHDF 2.0: the points where there is a grid";
    Fields "/series" as SERIES, "float64 (1, ...)",
        "figures of the step and the state: energy and energy by term, movement distance, \
         residual, mass, ..., in Wasserstein space mean, covariance and entropy";
    Index "/files" as FILES, "group", "of an index: `number` and `seal` of each snapshot, and the `block` by which it is shown";
    State "/energy", "group",
        "`total` float64, `terms` float64 (m): energy, and energy by term in the order they \
         were added; attribute `names`";
    State "/report", "scalars",
        "figures of [`StepReport`](crate::StepReport); absent before there is one";
    State "/fit", "scalars", "figures of [`FitReport`](crate::FitReport)";
    State "/hand_over", "scalars",
        "figures of [`HandOverReport`](crate::HandOverReport); absent before there is one";
    State "/state", "group",
        "`step` int64, `time`, `tau` float64, `parameters` float64 (P): where the solver is; \
         the parameters in the layout of the network";
    State "/options", "group",
        "every option with its value, set or default, but empty lists: numbers as datasets, \
         texts as attributes";
    State "/restart", "group",
        "what a solver needs to go on from here to the same bits, see \
         `src/solver/checkpoint/section.rs`";
    State "/network", "group",
        "the network as arrays, and texts as attributes, see [`crate::export`]";
}

impl Object {
    /// The last part of the path.
    #[must_use]
    pub fn name(&self) -> &'static str {
        name_of(self.path)
    }
}

/// The last part of a path.
pub(super) fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Names of the sections of a solver's state.
pub(super) fn sections() -> impl Iterator<Item = &'static str> {
    let objects = OBJECTS.iter().filter(|object| object.part == Part::State);
    objects.map(Object::name)
}

/// The name of the dimension scale of a field's components.
pub(super) fn component_scale(field: &str) -> String {
    format!("{field}_component")
}

/// Checks the name of a field.
///
/// # Errors
/// [`Argument`](crate::ErrorKind::Argument) if it is not a letter and up to 62 letters, digits and
/// underscores, or is that of one of [`OBJECTS`] or of a figure, beside which readers put the fields.
pub(super) fn check_name(name: &str) -> Result<()> {
    let proper = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic());
    if !(begins && name.len() <= 63 && name.chars().all(proper)) {
        return Err(Error::argument(format!(
            "a field was named `{}`; accepted are a letter and up to 62 letters, digits and underscores",
            name.escape_default()
        )));
    }
    if OBJECTS.iter().any(|object| object.name() == name) {
        let names: Vec<_> = OBJECTS.iter().map(Object::name).collect();
        return Err(Error::argument(format!(
            "a field was named `{name}`, as an object that files have already; accepted are names \
             other than {}",
            names.join(", ")
        )));
    }
    if series::is_figure(name) || is_figure_scale(name) {
        return Err(Error::argument(format!(
            "a field was named `{name}`, as a figure of each step or an axis of one; accepted are names \
             other than {} and entry_0, entry_1, ...",
            series::names().collect::<Vec<_>>().join(", ")
        )));
    }
    Ok(())
}

/// The name of the dimension scale of an axis of a figure, by number.
pub(super) fn figure_scale(number: usize) -> String {
    format!("{FIGURE_SCALE}{number}")
}

const FIGURE_SCALE: &str = "entry_";

fn is_figure_scale(name: &str) -> bool {
    let number = name.strip_prefix(FIGURE_SCALE);
    number.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

/// Checks that no two fields share a name, and that none has that of a dimension scale of another.
/// Each comes with its name and whether its components have a scale of their own.
///
/// # Errors
/// [`Argument`](crate::ErrorKind::Argument), naming both fields.
pub(super) fn check_distinct(fields: &[(&str, bool)]) -> Result<()> {
    for (at, (name, _)) in fields.iter().enumerate() {
        if fields.iter().take(at).any(|(other, _)| other == name) {
            return Err(Error::argument(format!(
                "field `{name}` was added before; accepted are other names"
            )));
        }
        for (other, has_scale) in fields {
            if *has_scale && *name == component_scale(other) {
                return Err(Error::argument(format!(
                    "a field was named `{name}`, which numbers the components of the field `{other}`; \
                     accepted are other names"
                )));
            }
        }
    }
    Ok(())
}
