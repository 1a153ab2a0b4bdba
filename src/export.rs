//! Networks taken out of a solver: arrays with names, and notes by which others evaluate them.
//!
//! # Arrays (float64)
//! | name | shape | content |
//! |---|---|---|
//! | `layers.k.weight`, `layers.k.bias` | (outputs, inputs), (outputs) | of layer k, from the first hidden one to the output |
//! | `embedding.origin`, `embedding.scale` | (d) | `t = (x - origin) * scale` on each axis |
//! | `skip.weight` | (d, features) | of a map with hidden layers: from the features straight to the output |
//! | `frame.scale` | (d) | of a map of R^d: s |
//! | `frame.lower`, `frame.upper` | (d) | of a map of a box, and of a field with given values on the boundary: its corners |
//! | `walls.side`, `walls.count` | (k) | of such a field: the sides with values, and the number of coefficients of each |
//! | `walls.values`, `walls.size` | (sum of counts), (1) | its coefficients, side after side, and s |
//! | `integral` | (1) | of a density of w2gn |
//!
//! A map that was composed when labels were taken anew has the arrays of each part behind `maps.k.`, the first
//! to be applied first; so has a map of one part.
//!
//! # Evaluation
//! Features y of x, axis after axis: with the note `embedding` = affine `t`; with quadratic `t, t^2 / 2`; with cosine
//! `cos(k t)`, k = 1 to `harmonics`; with fourier `sin(k t), cos(k t)` for each k; with mixed that of each axis is in
//! `embedding_axes`. Hidden layers are `s(W y + b)` with s of the note `activation` (tanh, sin, cos, softplus
//! `ln(1 + e^z)`, elu `z` above 0 and `e^z - 1` below, exp `e^z`), the last one is
//! `W y + b`, to which a skip adds its weight times the features. This is N(x), and by the note `kind`
//! - `field`: u = N;
//! - `walled-field`, `walled-field-of-ball`: `u = g + s b N`, b the product over the axes of `4 t (1 - t)` where both
//!   ends have values, t where the lower one has and `1 - t` where the upper one has, t from 0 to 1, or
//!   `1 - r^2 / R^2` in the ball; g the Boolean sum of the sides' Chebyshev polynomials, or the harmonic function of
//!   the circle's waves, as `src/field/ansatz/lift.rs` has it; one coefficient is a constant;
//! - `map`: `X_i = x_i + s_i N_i`, with `s_i` of `frame.scale`, or on a box `sin(r (x_i - lower_i)) / r`,
//!   `r = pi / (upper_i - lower_i)`; parts are applied one after the other to the labels of rho_0;
//! - `density`: `softplus(N) / integral`.

use crate::atomic_file;
use crate::error::{Error, Result};
use crate::section::Section;
use safetensors::Dtype;
use safetensors::tensor::TensorView;
use std::collections::HashMap;
use std::path::Path;

/// A network as arrays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exported {
    /// The arrays.
    pub arrays: Vec<Array>,
    /// The notes: text by key.
    pub notes: Vec<(&'static str, String)>,
}

/// An array, row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// Words with dots between them.
    pub name: String,
    /// Entries along each axis.
    pub shape: Vec<usize>,
    /// The entries.
    pub values: Vec<f64>,
}

impl Exported {
    /// Adds an array.
    pub fn add(&mut self, name: String, shape: Vec<usize>, values: &[f64]) {
        let values = values.to_vec();
        self.arrays.push(Array {
            name,
            shape,
            values,
        });
    }

    /// Saves arrays and notes, with `_` for the dots in names of arrays.
    pub fn save(&self, into: &mut Section) {
        for (key, note) in &self.notes {
            into.set_text(key, note.as_str());
        }
        for array in &self.arrays {
            let name = array.name.replace('.', "_");
            into.set_array(&name, &array.shape, array.values.as_slice());
        }
    }

    /// Writes the network as safetensors, whose metadata are the notes. The file appears under its name
    /// when all of it is on the disk.
    ///
    /// # Errors
    /// [`File`](crate::ErrorKind::File), naming the file.
    pub fn write(&self, path: &Path) -> Result<()> {
        let failed = |why: &dyn std::fmt::Display| {
            Error::file(format!(
                "cannot write the network to `{}`: {why}",
                path.display()
            ))
        };
        let bytes = self.safetensors().map_err(|error| failed(&error))?;
        atomic_file::replace(path, &bytes).map_err(|error| failed(&error))
    }

    /// The bytes of the safetensors file.
    fn safetensors(&self) -> Result<Vec<u8>, safetensors::SafeTensorError> {
        let bytes: Vec<Vec<u8>> = self
            .arrays
            .iter()
            .map(|array| array.values.iter().flat_map(|v| v.to_le_bytes()).collect())
            .collect();
        let mut views = Vec::with_capacity(bytes.len());
        for (array, bytes) in self.arrays.iter().zip(&bytes) {
            let view = TensorView::new(Dtype::F64, array.shape.clone(), bytes)?;
            views.push((array.name.as_str(), view));
        }
        let notes = self.notes.iter();
        let notes: HashMap<String, String> = notes
            .map(|(key, note)| ((*key).to_owned(), note.clone()))
            .collect();
        safetensors::serialize(views, Some(notes))
    }
}
